"""Text copied from the pages of a daily-papers site: titles and abstracts in turn, below a short heading.

Two layouts are about: lines without gaps, where `Subscribe` has run into the first title; and paragraphs with
blank lines between, under a heading of several lines that ends with the day. Several pages may follow one
another in one file, also where the last line of one has run into the heading of the next.
"""

import re
from collections.abc import Iterator, Mapping

from kg.sources.stream import Row, Source, lines
from kg.types import Reject

# The line that both layouts begin with; nothing else on the page marks it as one.
_MARK = re.compile(r"Get trending papers in your email inbox(?: once a day)?!?")
_HEADING = re.compile(
    r"new|subscribe|by ?ak and the research community|daily papers"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}(?:, \d{4})?",
    re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(r"Subscribe(?=\S)")
_LONGEST_TITLE = 300  # titles reach some 200 characters; shorter abstracts end like a sentence
_SENTENCE = re.compile(r"[.!][\"'”’)\]]*$")
_NEW = re.compile(r"(?:^|(?<=[.!?)/]))new$")  # stands above the mark in the second layout


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether the page's first line stands near the top."""
    return any(_MARK.match(line.strip()) for line in source.head_text.split("\n", 10)[:10])


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """Pairs of title and abstract; a title followed by another has no abstract."""
    title: tuple[int, str] | None = None
    abstract: list[str] = []
    for number, line in _body(source):
        if isinstance(line, Reject):
            yield line
        elif title is None:
            if line and _is_title(line):
                title = number, line
            elif line:
                yield source.reject(number, "an abstract without a title", line)
        elif not line:  # the page ends
            last = abstract or [title[1]]
            last[-1] = _NEW.sub("", last[-1])
            if last[-1]:
                yield _row(title, abstract)
            title, abstract = None, []
        elif not abstract and not _is_abstract(line):
            yield _row(title, abstract)
            title = number, line
        elif abstract and _is_title(line):
            yield _row(title, abstract)
            title, abstract = (number, line), []
        else:
            abstract.append(line)  # an abstract may have paragraphs
    if title:
        yield _row(title, abstract)


def _row(title: tuple[int, str], abstract: list[str]) -> Row:
    return Row(title[0], {"title": title[1], "abstract": " ".join(abstract)})


def _is_title(line: str) -> bool:
    return len(line) <= _LONGEST_TITLE


def _is_abstract(line: str) -> bool:
    return len(line) > _LONGEST_TITLE or bool(_SENTENCE.search(line))


def _body(source: Source) -> Iterator[tuple[int, str | Reject]]:
    """The lines that are not blank and not heading; an empty one where a page ends."""
    in_heading = True
    for number, raw in lines(source):
        line = raw if isinstance(raw, Reject) else raw.strip()
        if isinstance(line, Reject):
            yield number, line
            continue
        if mark := _MARK.search(line):
            if rest := line[: mark.start()].strip():
                yield number, rest
            if not in_heading:
                yield number, ""
            line, in_heading = line[mark.end() :].strip(), True
        if in_heading:
            line = "" if _HEADING.fullmatch(line) else _RUN_TOGETHER.sub("", line, count=1)
        if line:
            in_heading = False
            yield number, line
