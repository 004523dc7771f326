"""A text or Markdown file that holds one paper: the title, then the abstract, maybe under a heading of that name.

What follows the abstract (keywords, an introduction, the next heading) is not read, so that the text of a whole
paper, as `pdftotext` writes it, will do.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from kg.sources.stream import BROKEN, HEAD, Row, Source, not_text
from kg.text import one_line
from kg.types import Reject

SUFFIXES = (".txt", ".text", ".md", ".markdown")
_ABOUT = frozenset(("readme", "license", "licence", "changelog", "contributing", "notice", "todo", "index"))
_SHORTEST, _LONGEST = 80, 8000  # characters of an abstract
_LONGEST_TITLE = 300
_FRONT = re.compile(r"---\n(.{1,16384}?)\n(?:---|\.\.\.)\s*(?:\n|$)", re.DOTALL)
_ABSTRACT = re.compile(
    r"(?im)^[ \t#*_>]*(?:abstract|summary)(?:[ \t*_]*(?:[:.—–-]+[ \t*_]*|$)|[ \t]+(?=[A-Z]))"
)
_AFTER = re.compile(
    r"""(?imx)^[ \t]*(?: \#{1,6}[ \t]+\S
      | [*_]*(?:keywords?|index\ terms|ccs\ concepts|acm\ reference)\b
      | [*_]*(?:\d{1,2}|i)?\.?[ \t]*introduction[*_:.]*[ \t]*$ ) | \f"""
)
_SENTENCE = re.compile(r"[a-z0-9)\]%][.!?][\"”’)]?(?:\s|$)")
_CARRIED_ON = re.compile(
    r"(?:[-:,&]|\b(?:a|an|and|as|at|by|for|from|in|into|is|of|on|or|the|to|via|with))$", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:#+\s*|\*\*|__)*(?:title\s*[:.]\s*)?(.*?)[\s*_#]*$", re.IGNORECASE)
_STAMP = re.compile(r"arXiv:\s?(\d{4}\.\d{4,5})(?:v\d+)?\s*\[[\w.-]+\](?:\s+(\d{1,2} [A-Z][a-z]{2} \d{4}))?")
_NUMBER = re.compile(r"\barxiv(?:\.org/abs/|:\s?)([\w.-]+/\d{7}|\d{4}\.\d{4,5})", re.IGNORECASE)
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]*[\w])")
_DATE = re.compile(r"(?im)^[ \t*_-]*(?:date|published|year)[ \t*_]*:[ \t*_]*(.{4,40}?)[ \t*_]*$")


@dataclass(frozen=True, slots=True)
class _Parts:
    title: str
    before: str
    abstract: str
    front: Mapping[str, str]


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether its name says that it is text, and a title and one abstract stand in it."""
    return is_text(source) and _parts(source) is not None


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """The one paper; its number and date are taken from its head, or from the stamp that arXiv prints."""
    parts = _parts(source)
    raw = source.head.decode(source.encoding, BROKEN) if len(source.head) < HEAD else ""
    if problem := not_text(raw, source.encoding):
        yield source.reject(1, problem, parts.title if parts else "")
    elif parts:
        stamp = _STAMP.search(source.head_text)
        number = stamp or _NUMBER.search(parts.before)
        doi, date = _DOI.search(parts.before), _DATE.search(parts.before)
        found = {
            "published": date[1] if date else stamp[2] if stamp else None,
            "arxiv": number[1] if number else None,
            "doi": doi[1] if doi else None,
        }
        given = {name: value for name, value in parts.front.items() if name not in ("title", "abstract")}
        yield Row(
            1,
            {
                **{k: v for k, v in found.items() if v},
                **given,
                "title": parts.title,
                "abstract": parts.abstract,
            },
        )


def is_text(source: Source) -> bool:
    """Whether its name says that it is text, and not text about a folder."""
    name = source.name.lower().removesuffix(".gz").removesuffix(".zst")
    return name.endswith(SUFFIXES) and PurePath(name).stem not in _ABOUT


def _parts(source: Source) -> _Parts | None:
    """Title, what stands between, and abstract; None where there is not one of each."""
    text = source.head_text
    front = _front(text)
    if found := _FRONT.match(text):
        text = text[found.end() :]
    title, rest = _title(text, front.get("title"))
    heads = list(_ABSTRACT.finditer(rest))
    if (given := front.get("abstract", "")).strip():
        before, abstract = "", given
    elif len(heads) > 1:
        return None  # several papers
    elif heads:
        before, abstract = rest[: heads[0].start()], _until_next(rest[heads[0].end() :])
    elif len(source.head) >= HEAD:
        return None
    else:
        before, abstract = _after_authors(_until_next(rest))
    abstract = one_line(re.sub(r"(\w-)\n[ \t]*(?=\w)", r"\1", abstract))
    fits = _SHORTEST <= len(abstract) <= _LONGEST and _SENTENCE.search(abstract)
    return _Parts(title, before, abstract, front) if title and fits else None


def _front(text: str) -> dict[str, str]:
    """The fields of YAML front matter that are text."""
    import yaml

    found = _FRONT.match(text)
    try:
        # knows text, lists and objects only: no dates, no tags, no merging that could blow up
        value = yaml.load(found[1], Loader=yaml.BaseLoader) if found else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    pairs = value.items() if isinstance(value, dict) else ()
    return {k.lower(): v for k, v in pairs if isinstance(k, str) and isinstance(v, str)}


def _title(text: str, given: str | None) -> tuple[str, str]:
    """The title and what comes after it: the first line, with the next where it is plainly carried on."""
    lines = text.lstrip().split("\n")
    title = _plain(lines[0])
    after = 1
    while after < min(4, len(lines)) and lines[after].strip() and _CARRIED_ON.search(title):
        title, after = f"{title} {_plain(lines[after])}", after + 1
    rest = "\n".join(lines[after:])
    if given and given.strip():
        same = one_line(given).casefold() == title.casefold()
        return one_line(given), rest if same else text
    return (title, rest) if title and len(title) <= _LONGEST_TITLE else ("", rest)


def _plain(line: str) -> str:
    found = _LABEL.match(one_line(line))
    return found[1] if found else ""


def _until_next(text: str) -> str:
    """The text before the next heading, keywords or introduction."""
    body = text.lstrip("\n")
    found = _AFTER.search(body, 1)
    return body[: found.start()] if found else body


def _after_authors(text: str) -> tuple[str, str]:
    """What stands before the first paragraph of sentences, such as names and addresses, and the rest."""
    begin = 0
    for paragraph in re.finditer(r"(?:[^\n]*\S[^\n]*\n?)+", text):
        if len(paragraph[0]) >= _SHORTEST and _SENTENCE.search(paragraph[0]):
            begin = paragraph.start()
            break
    else:
        return text, ""
    return text[:begin], text[begin:]
