"""JSON Lines: one object a line."""

from collections.abc import Iterator, Mapping

from kg.sources import json_document
from kg.sources.stream import Row, Source, lines
from kg.types import Reject


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether it begins with an object that ends, or breaks, in its line."""
    return source.head_text.lstrip().startswith("{") and not json_document.recognise(source, mapping)


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row a line; blank lines are skipped, broken ones set aside."""
    for number, line in lines(source):
        if isinstance(line, Reject):
            yield line
        elif line.strip():
            yield json_document.row(source, number, line)
