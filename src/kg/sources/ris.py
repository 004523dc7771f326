"""RIS: lines of a tag, two blanks, a hyphen and a value; from TY to ER one reference."""

import re
from collections.abc import Iterator, Mapping

from kg.keys import arxiv_id
from kg.sources.dates import iso
from kg.sources.stream import LONGEST, Row, Source, lines
from kg.types import Reject

_TAG = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)")
_TAG_OF_ONE_BLANK = re.compile(r"([A-Z][A-Z0-9]) - ?(.*)")  # some write so
_FIRST = re.compile(r"TY {1,2}- ?[A-Z]")
_TITLES, _ABSTRACTS, _ADDRESSES = ("TI", "T1", "CT"), ("AB", "N2"), ("UR", "LK", "L2")
_DATES = ("DA", "PY", "Y1")
_BEFORE = 20  # lines that databases put before the first reference


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether a reference begins near the top."""
    head = source.head_text.lstrip()
    if head[:1] in ("{", "[", "<", "@"):
        return False
    return any(map(_FIRST.match, head.split("\n", _BEFORE)[:_BEFORE]))


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row a reference; one without its end ends where the next begins."""
    tagged = _TAG if re.search("^TY  -", source.head_text, re.MULTILINE) else _TAG_OF_ONE_BLANK
    begin, found, last, problem = 0, dict[str, list[str]](), "", Reject("", None, "")
    for number, line in lines(source):
        tag = None if isinstance(line, Reject) else tagged.match(line.lstrip("\ufeff"))
        if tag and tag[1] in ("TY", "ER"):
            if begin:
                yield problem if problem.reason else Row(begin, _fields(found))
            begin = number if tag[1] == "TY" else 0
            found, last, problem = {}, "", Reject("", None, "")
        elif isinstance(line, Reject):
            problem = problem if problem.reason else line
            if not begin:
                yield line
        elif begin and tag:
            last = tag[1]
            found.setdefault(last, []).append(tag[2].strip())
        elif begin and last and line.strip():  # a value may go on over lines
            found[last][-1] += f" {line.strip()}"
            if len(found[last][-1]) > LONGEST:
                problem, last = source.reject(begin, f"a value of more than {LONGEST:,} characters", line), ""
    if begin:
        yield problem if problem.reason else Row(begin, _fields(found))


def _fields(found: Mapping[str, list[str]]) -> dict[str, object]:
    def first(*tags: str) -> str | None:
        return next((value for tag in tags for value in found.get(tag, ()) if value), None)

    addresses = [
        part for tag in _ADDRESSES for value in found.get(tag, ()) for part in value.split(";") if part
    ]
    numbers = (*found.get("AN", ()), *found.get("M1", ()), *found.get("ID", ()), *addresses)
    dates = [date for tag in _DATES for value in found.get(tag, ()) if (date := iso(value))]
    return {
        "id": first("ID"),
        "title": first(*_TITLES),
        "abstract": max((v for tag in _ABSTRACTS for v in found.get(tag, ())), key=len, default=None),
        "published": max(dates, key=len, default=None),  # PY is often a year alone
        "arxiv": next((n for n in numbers if arxiv_id(n)), None),
        "doi": first("DO"),
        "url": next((a.strip() for a in addresses), None),
    }
