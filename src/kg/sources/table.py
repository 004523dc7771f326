"""Tables as text: columns with a heading, apart by commas, tabs, semicolons or bars."""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.sources import fields
from kg.sources.stream import LONGEST, Row, Source, not_text
from kg.types import Reject

_DELIMITERS = "\t,;|"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether the first line names a column of titles."""
    return fields.recognised(heading(source)[1], mapping)


def heading(source: Source) -> tuple[str, list[str]]:
    """The delimiter that parts the first line into most columns, and the names of these."""
    first = source.head_text.lstrip("\n").partition("\n")[0]
    parted = {d: next(csv.reader([first], delimiter=d), []) for d in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: len(parted[d]))
    return best, [name.strip() for name in parted[best]]


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row for each line of the table; a quoted field may hold line ends."""
    delimiter, names = heading(source)
    fields.check(names, mapping, source.name)
    reader = csv.reader(source.text(newline=""), **_dialect(source, delimiter, len(names)))
    previous = csv.field_size_limit(LONGEST)
    try:
        for line, values in _numbered(reader, source):
            if isinstance(values, Reject):
                yield values
            elif problem := _problem(values, names, source):
                yield source.reject(line, problem, delimiter.join(values))
            else:
                yield Row(line, dict(zip(names, map(_unquoted(reader), values), strict=True)))
    finally:
        csv.field_size_limit(previous)


def _numbered(reader: Any, source: Source) -> Iterator[tuple[int, list[str] | Reject]]:
    """The records below the heading, with the line each begins on."""
    heading_read = False
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, source.reject(line, f"broken table: {error}")
            continue
        if heading_read and any(values):
            yield line, values
        heading_read = heading_read or any(values)


def _problem(values: list[str], names: list[str], source: Source) -> str | None:
    if len(values) != len(names):
        return f"{len(values)} fields where the heading has {len(names)}; is a delimiter not quoted?"
    return not_text("".join(values), source.encoding)


def _dialect(source: Source, delimiter: str, columns: int) -> dict[str, Any]:
    """Tabs part fields without quoting where each line has its number of them: a quote is then a quote."""
    whole = source.head_text.split("\n")[:-1]
    plain = delimiter == "\t" and all(line.count("\t") == columns - 1 for line in whole if line)
    return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL}


def _unquoted(reader: Any) -> Any:
    if reader.dialect.quoting != csv.QUOTE_NONE:
        return str
    return lambda value: value[1:-1].replace('""', '"') if _QUOTED.fullmatch(value) else value
