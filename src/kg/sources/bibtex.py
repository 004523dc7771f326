"""BibTeX and BibLaTeX: entries found one by one, split into fields by bibtexparser, their LaTeX read by pylatexenc.

Offsets hold in the text that comes out, without braces and commands; formulas stay as they are.
"""

import contextlib
import functools
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.sources.dates import in_words, iso
from kg.sources.stream import LONGEST, Row, Source, lines
from kg.text import one_line
from kg.types import Reject

_BLOCK = re.compile(r"\s*@\s*(\w+)\s*[{(]")
_FIRST = re.compile(r"(?:[ \t]*(?:%.*)?\n)*[ \t]*@\s*\w+\s*[{(]")
_NO_PAPER = {
    "proceedings": "a volume of proceedings, not a paper",
    "xdata": "data for other entries, not a paper",
}
_NOT_ENTRIES = frozenset(("comment", "preamble", "string"))
_ARXIV = re.compile(r"arxiv:\s*([\w.-]+/?\d{4}[\w.]*)", re.IGNORECASE)
_PIECE = re.compile(r"""\s*(?:\{(?P<braced>.*)\}|"(?P<quoted>.*)"|(?P<bare>[^\s#"{}]+))\s*""", re.DOTALL)
_LATEX = re.compile(r"[\\{}~]|``|''|--")
_LONGEST_LATEX = 50_000  # characters; no abstract, and reading it takes seconds
_CITED = re.compile(r"[\s~]*\\(?:[Cc]ite[a-z]*|ref|label|footnote)\*?(?:\[[^\[\]]*\])*\{[^{}]*\}")
_THOUSANDS = re.compile(r"(?<=\d)(?:\\,|\{,\})(?=\d{3}(?!\d))")
_PERCENT = re.compile(r"(?<!\\)%")


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether it begins with an entry; comments may stand before it."""
    head = source.head_text
    if _FIRST.match(head):
        return True
    name = source.name.lower().removesuffix(".gz").removesuffix(".zst")
    return name.endswith((".bib", ".bibtex")) and any(map(_BLOCK.match, head.split("\n")))


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row an entry; what `@string` defines holds from there on."""
    strings: dict[str, str] = {}
    for line, block in _blocks(source):
        if isinstance(block, Reject):
            yield block
            continue
        found = _BLOCK.match(block)
        kind = found[1].lower() if found else "comment"
        if kind in _NO_PAPER:
            yield source.reject(line, _NO_PAPER[kind], block)
        elif kind == "string":
            strings |= _strings(block, strings)
        elif kind not in _NOT_ENTRIES:
            yield _entry(source, line, block, strings)


def _blocks(source: Source) -> Iterator[tuple[int, str | Reject]]:
    """The text from each line that begins an entry to the next such line."""
    begin, block, size = 1, list[str](), 0
    problem: Reject | None = None
    for number, line in lines(source):
        if not isinstance(line, Reject) and _BLOCK.match(line):
            if block:
                yield begin, problem or "\n".join(block)
            begin, block, size, problem = number, [], 0, None
        if isinstance(line, Reject):
            problem = problem or line
        else:
            size += len(line) + 1
            if size <= LONGEST:
                block.append(line)
            else:
                problem = problem or source.reject(begin, f"an entry of more than {LONGEST:,} characters")
    if block:
        yield begin, problem or "\n".join(block)
    elif problem:
        yield begin, problem


def _parse(block: str) -> Any:
    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of is set aside here
    return parse_string(block, parse_stack=[])


def _strings(block: str, strings: Mapping[str, str]) -> dict[str, str]:
    return {s.key.lower(): _value(s.value, strings) for s in _parse(block).strings}


def _entry(source: Source, line: int, block: str, strings: Mapping[str, str]) -> Row | Reject:
    library = _parse(block)
    failed = next(iter(library.failed_blocks), None)
    # an entry that has a field twice is kept beside the error, as it stands; the first of the two counts
    entry = next(iter(library.entries), None) or getattr(failed, "ignore_error_block", None)
    if entry is None:
        error = getattr(failed, "error", None)
        reason = getattr(error, "abort_reason", None) or error or "no entry"
        return source.reject(line, f"broken BibTeX: {one_line(str(reason))}", block)
    raw: dict[str, str] = {}
    for field in entry.fields:
        if field.key.lower() in _READ:
            raw.setdefault(field.key.lower(), _value(field.value, strings))
    return Row(line, _fields(entry.key, raw))


_READ = frozenset(
    "title subtitle abstract year month day date doi url eprint archiveprefix eprinttype journal journaltitle "
    "note howpublished volume number".split()
)
_IDENTIFIERS = frozenset(("doi", "url", "eprint"))


def _fields(key: str, raw: Mapping[str, str]) -> dict[str, object]:
    texts = {name: _plain(value) for name, value in raw.items() if name not in _IDENTIFIERS}
    title = ": ".join(filter(None, (texts.get("title"), texts.get("subtitle"))))
    return {
        "id": key,
        "title": title,
        "abstract": texts.get("abstract"),
        "published": iso(texts.get("date", "")) or _date(texts),
        "arxiv": _arxiv(raw, texts),
        "doi": _identifier(raw.get("doi", "")),
        "url": _identifier(raw.get("url", "")),
    }


def _date(texts: Mapping[str, str]) -> str | None:
    return in_words(texts.get("year", ""), texts.get("month", ""), texts.get("day", ""))


def _arxiv(raw: Mapping[str, str], texts: Mapping[str, str]) -> str | None:
    """The number at arXiv: in `eprint` unless it says that it is another archive's, or in the words of a note."""
    archive = (raw.get("archiveprefix") or raw.get("eprinttype") or "arxiv").lower()
    if archive == "arxiv" and raw.get("eprint"):
        return _identifier(raw["eprint"])
    for name in ("journal", "journaltitle", "note", "howpublished", "volume", "number"):
        if found := _ARXIV.search(texts.get(name, "")):
            return found[1]
    return None


def _identifier(value: str) -> str:
    """A number or an address: braces and backslashes before marks left out, all else as it is."""
    inside = re.sub(r"\\url\s*\{(.*)\}", r"\1", value)
    return re.sub(r"\\(?=[_%&#~{}$])|[{}]", "", inside).strip()


def _value(value: str, strings: Mapping[str, str]) -> str:
    """The text of a value: pieces in braces or quotes, numbers and names of strings, joined by #."""
    return "".join(_piece(part, strings) for part in _pieces(value))


def _piece(part: str, strings: Mapping[str, str]) -> str:
    found = _PIECE.fullmatch(part)
    if not found:
        return part
    if found["bare"] is not None:
        return strings.get(found["bare"].lower(), found["bare"])
    return found["braced"] if found["braced"] is not None else found["quoted"]


def _pieces(value: str) -> Iterator[str]:
    """A value parted at each # that stands outside braces and quotes."""
    depth, quoted, begin = 0, False, 0
    for mark in re.finditer(r'\\.|[{}"#]', value, re.DOTALL):
        if mark[0] in "{}":
            depth += 1 if mark[0] == "{" else -1
        elif mark[0] == '"' and depth == 0:
            quoted = not quoted
        elif mark[0] == "#" and depth == 0 and not quoted:
            yield value[begin : mark.start()]
            begin = mark.end()
    yield value[begin:]


@functools.lru_cache(1)
def _latex() -> Any:
    """Reads LaTeX as text, formulas as they are."""
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    context = get_default_latex_context_db()
    named = [MacroTextSpec("url", "%s"), MacroTextSpec("href", "%(2)s"), MacroTextSpec("LaTeX", "LaTeX")]
    context.add_context_category("kg", prepend=True, macros=[*named, MacroTextSpec("TeX", "TeX")])
    return LatexNodes2Text(latex_context=context, math_mode="verbatim", keep_comments=True)


def _plain(value: str) -> str:
    """The text of a LaTeX value; where it cannot be read as LaTeX, what is left without braces."""
    if not _LATEX.search(value):
        return one_line(value.replace("\\%", "%"))
    if value.count("{") == value.count("}") and len(value) < _LONGEST_LATEX:
        with contextlib.suppress(Exception):  # whatever the library stumbles over, the text is not lost
            text = _THOUSANDS.sub(",", _CITED.sub("", value))
            return one_line(_latex().latex_to_text(_PERCENT.sub(r"\\%", text)))
    return one_line(re.sub(r"[{}]", "", value))
