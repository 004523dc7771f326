"""JSON documents, streamed: an array of objects, the same inside an object, or objects one after the other."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TextIO

from kg.errors import InputError
from kg.sources import fields
from kg.sources.stream import LONGEST, Row, Source, not_text
from kg.types import Reject

# Under which name an object holds the papers: {"papers": [{…}, …]}
_HOLDERS = (
    *("papers", "results", "data", "items", "records", "works", "entries", "documents", "docs"),
    *("articles", "publications", "dailyPapers", "rows", "hits", "notes", "recommendedPapers"),
)
_ARRAY = re.compile(r"\s*\[\s*(?:[{\]]|null\b|$)")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|"', re.DOTALL)
_SCALAR = re.compile(r'[^\s,:\]}{\["]*')
_BETWEEN = re.compile(r"[\s,]*")
_HELD = re.compile(r"\s*:\s*\[\s*[{\]]")
_CHUNK = 1 << 18


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether it begins with an array of objects, an object that holds one, or one over several lines."""
    text = source.head_text.lstrip()
    if not text.startswith("{"):
        return bool(_ARRAY.match(text))
    first, _, rest = text.partition("\n")
    try:
        value = json.loads(first)
    except json.JSONDecodeError as error:
        second = rest.lstrip().partition("\n")[0]
        over_lines = error.pos >= len(first.rstrip()) and not re.match(r'\{\s*"', second.rstrip(",\r"))
        return (bool(second) and over_lines) or _holds_papers(text, mapping)
    except (ValueError, RecursionError):
        return False
    return _holds_papers(text, mapping) and not fields.recognised(value, mapping)


def _holds_papers(text: str, mapping: Mapping[str, str]) -> bool:
    """Whether an object without a title has a field such as `papers` with an array of objects."""
    depth = 0
    for token in _TOKEN.finditer(text):
        name = token[0].strip('"')
        if depth == 1 and name in _HOLDERS and _HELD.match(text, token.end()):
            return True
        if depth == 1 and fields.recognised([name], mapping) and text[token.end() :].lstrip()[:1] == ":":
            return False
        depth += (token[0] in "{[") - (token[0] in "}]")
    return False


def row(source: Source, line: int, text: str) -> Row | Reject:
    """The object that a text holds, or why it holds none."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return source.reject(line, f"broken JSON: {error.msg} at character {error.pos + 1}", text)
    except (ValueError, RecursionError) as error:
        return source.reject(line, f"broken JSON: {error}", text)
    if not isinstance(value, dict):
        return source.reject(line, f"{_kind(value)}, not an object", text)
    return Row(line, value)


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row for each object of the array, or for the objects that stand at the top."""
    window = _Window(source.text())
    while (mark := window.peek()) is not None:
        if mark == "[":
            window.take()
            yield from _array(source, window)
        elif mark == "{":
            window.take()
            yield from _object(source, window, mapping)
        else:
            yield _value(source, window)


def _array(source: Source, window: "_Window") -> Iterator[Row | Reject]:
    found: Row | Reject | None = None
    while (mark := window.peek()) != "]":
        if mark is None:
            if not isinstance(found, Reject):
                yield source.reject(window.line, "the file ends inside its array: it is cut short")
            return
        found = _value(source, window)
        yield found
    window.take()


def _object(source: Source, window: "_Window", mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """An object at the top: the papers that it holds, or itself a paper."""
    line, holds = window.line, False
    parts: dict[str, str] = {}
    while (mark := window.peek()) != "}":
        if mark is None:
            yield source.reject(
                line, "the file ends inside this object: it is cut short", ",".join(parts.values())
            )
            return
        name = window.value() or ""
        if mark != '"' or window.peek() != ":":
            yield source.reject(window.line, "broken JSON: a field without a name", name)
            continue
        window.take()
        name = name.strip('"')
        if window.peek() == "[" and name in _HOLDERS and not fields.recognised(parts, mapping):
            window.take()
            holds = True
            yield from _array(source, window)
        else:
            value = window.value()
            if value is not None:
                parts[name] = f'"{name}":{value}'
    window.take()
    if not holds:
        yield row(source, line, "{" + ",".join(parts.values()) + "}")


def _value(source: Source, window: "_Window") -> Row | Reject:
    line, begin = window.line, window.at
    text = window.value()
    if text is None:
        found: Row | Reject = source.reject(line, "a record that does not end")
    elif problem := not_text(text, source.encoding):
        found = source.reject(line, problem, text)
    else:
        found = row(source, line, text)
    if isinstance(found, Reject) and not window.resume(begin) and window.overfull:
        raise InputError(
            f"{source.name}, line {line}: a record of more than {LONGEST:,} characters, or with an open quote. "
            "Mend it, or write one record a line (JSON Lines), so that the others can be read."
        )
    return found


class _Window:
    """A part of the text and a place in it, moving on; grows to hold one whole value and no more."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._text, self.at, self.line = file, "", 0, 1

    def peek(self) -> str | None:
        """The next mark that is neither blank nor comma; None at the end."""
        while True:
            found = _BETWEEN.match(self._text, self.at)
            self._move(found.end() if found else self.at)
            if self.at < len(self._text):
                self._forget()
                return self._text[self.at]
            if not self._grow():
                return None

    def take(self) -> None:
        """Moves over one mark."""
        self._move(self.at + 1)

    def value(self) -> str | None:
        """Moves over one value and returns its text, not yet parsed; None where the file ends inside it."""
        begin = self.at
        if begin >= len(self._text):
            return None
        end = self._end_of_nested() if self._text[begin] in '{["' else self._end_of_scalar()
        self._move(len(self._text) if end is None else end)
        return None if end is None else self._text[begin : self.at]

    def resume(self, begin: int) -> bool:
        """After a broken record, goes back to the next line that starts as this one did, if there is one."""
        indent = self._text[self._text.rfind("\n", 0, begin) + 1 : begin]
        again = -1 if indent.strip() else self._text.find(f"\n{indent}{{", begin, self.at)
        if again > 0:
            self.line -= self._text.count("\n", again, self.at)
            self.at = again
        return again > 0

    @property
    def overfull(self) -> bool:
        """Whether a value is longer than any record of a paper."""
        return len(self._text) > LONGEST

    def _end_of_nested(self) -> int | None:
        depth, place = 0, self.at
        while True:
            token = _TOKEN.search(self._text, place)
            if token is None or token[0] == '"':  # a string that has not ended yet
                place = token.start() if token else len(self._text)
                if not self._grow():
                    return None
                continue
            depth += (token[0] in "{[") - (token[0] in "}]")
            place = token.end()
            if depth <= 0:
                return place

    def _end_of_scalar(self) -> int:
        while (found := _SCALAR.match(self._text, self.at)) and found.end() == len(self._text):
            if not self._grow():
                break
        return max(found.end() if found else 0, self.at + 1)

    def _grow(self) -> bool:
        more = "" if self.overfull else self._file.read(max(_CHUNK, len(self._text)))
        self._text += more
        return bool(more)

    def _forget(self) -> None:
        if self.at > _CHUNK:  # keeps the indent of the line
            self._text, self.at = self._text[self.at - 200 :], 200

    def _move(self, to: int) -> None:
        self.line += self._text.count("\n", self.at, to)
        self.at = to


def _kind(value: object) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
