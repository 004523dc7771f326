"""The elements of an XML document one at a time, each cut out as text and parsed alone.

So memory does not grow with the document, a broken element costs only itself, documents may follow one another,
and no entity that a document declares is ever known to the parser: neither bombs nor files of others can come in.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.sources.stream import LONGEST, Source, not_text
from kg.text import one_line
from kg.types import Reject

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as Tree

_NAME = r"[^\W\d][\w.-]*"
_REST = r"""[^<>"']*+(?:"[^"<]*"[^<>"']*+|'[^'<]*'[^<>"']*+)*+"""
_TAG = re.compile(rf"<(?P<close>/?)(?:{_NAME}:)?(?P<name>{_NAME})(?=[\s/>])(?P<rest>{_REST})>")
_OTHER = re.compile(
    r"""<!--.*?--> | <!\[CDATA\[.*?\]\]> | <\?.*?\?>
      | <!DOCTYPE (?: [^\[>"'] | "[^"]*" | '[^']*' )*+ (?: \[.*?\]\s* )? >""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_UNFINISHED = re.compile(r"<(?:[/\w][^<]*|\?.*|!(?:-(?:-.*)?|\[(?:C.*)?|D.*)?)?\Z", re.DOTALL | re.IGNORECASE)
_PROLOG = re.compile(rf"(?:\s|{_OTHER.pattern})*+", re.VERBOSE | re.DOTALL | re.IGNORECASE)
_SPACE = re.compile(r"""\sxmlns(?::[\w.-]+)?\s*=\s*(?:"[^"<&]*"|'[^'<&]*')""")
_ATTRIBUTE = re.compile(r"""\s([\w.:-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_CHUNK = 1 << 16
_MOST_SPACES = 64  # namespaces that the elements around may declare; more are a trick


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its local name; of one that only frames others, nothing but the attributes."""

    line: int
    name: str
    attributes: dict[str, str]
    tree: "Tree | None" = None

    def find(self, *path: str) -> "Tree | None":
        """The first descendant on a path of local names."""
        return next(iter(self.all(*path)), None)

    def all(self, *path: str) -> "list[Tree]":
        """All descendants on a path of local names, in order."""
        level = [] if self.tree is None else [self.tree]
        for name in path:
            level = [child for tree in level for child in tree if local(child) == name]
        return level

    def text(self, *path: str) -> str:
        """The text of the first descendant on a path, mark-up left out, in one line."""
        return text(self.find(*path))


def local(tree: "Tree") -> str:
    """The name of a node without its namespace."""
    return str(tree.tag).rpartition("}")[2]


def text(tree: "Tree | None") -> str:
    """All text inside a node, in one line."""
    return "" if tree is None else one_line("".join(tree.itertext()))


def root(source: Source) -> tuple[str, str]:
    """The local name of the outermost element and its whole start tag; empty where it is no XML."""
    head = source.head_text
    prolog = _PROLOG.match(head)
    tag = _TAG.match(head, prolog.end()) if prolog else None
    return (tag["name"], tag[0]) if tag and not tag["close"] else ("", "")


def elements(
    source: Source, whole: Collection[str], frames: Collection[str] = ()
) -> Iterator[Element | Reject]:
    """The elements with these local names, in order; those in `frames` come as they open, without content.

    A `whole` element never holds another of its name. One that is broken is set aside.
    """
    cut, depth, broken = _Cut(source), 0, False
    for line, token, tag in _tokens(source):
        if token is None:
            broken = True
            yield source.reject(line, "broken XML: mark-up that does not end")
        elif cut.name:
            opens_again = tag and tag["name"] == cut.name and not tag["close"]
            if opens_again:
                broken = True
                yield source.reject(
                    cut.line, f"broken XML: <{cut.name}> does not end before the next begins", cut.head
                )
                cut.begin(line, cut.name)
            cut.add(token)
            if tag and tag["name"] == cut.name and (tag["close"] or _is_empty(tag)):
                yield cut.end()
        elif tag and tag["name"] in whole and not tag["close"]:
            cut.begin(line, tag["name"])
            cut.add(token)
            if _is_empty(tag):
                yield cut.end()
        elif tag:
            depth += -1 if tag["close"] else not _is_empty(tag)
            cut.declare(tag)
            if tag["name"] in frames and not tag["close"]:
                found = {a: b or c for a, b, c in _ATTRIBUTE.findall(tag["rest"])}
                yield Element(line, tag["name"], found)
    if cut.name:
        yield source.reject(cut.line, f"the file ends inside <{cut.name}>: it is cut short", cut.head)
    elif depth > 0 and not broken:
        yield source.reject(None, "the file ends before its outermost element does: it is cut short")


def _is_empty(tag: "re.Match[str]") -> bool:
    return tag["rest"].endswith("/")


class _Cut:
    """The element that is being cut out, and the namespaces declared around it."""

    def __init__(self, source: Source) -> None:
        self._source, self._spaces = source, dict[str, str]()
        self.name, self.line = "", 0

    def declare(self, tag: "re.Match[str]") -> None:
        for found in _SPACE.findall(tag["rest"]):
            name = found.partition("=")[0].strip()
            if name in self._spaces or len(self._spaces) < _MOST_SPACES:
                self._spaces[name] = found

    def begin(self, line: int, name: str) -> None:
        self.name, self.line, self._parts, self._size = name, line, list[str](), 0

    def add(self, token: str) -> None:
        self._size += len(token)
        if self._size <= LONGEST:
            self._parts.append(token)

    @property
    def head(self) -> str:
        return "".join(self._parts[:9])

    def end(self) -> Element | Reject:
        name, self.name = self.name, ""
        if self._size > LONGEST:
            return self._source.reject(self.line, f"<{name}> has more than {LONGEST:,} characters", self.head)
        return _parsed(self._source, self.line, name, "".join(self._parts), "".join(self._spaces.values()))


def _parsed(source: Source, line: int, name: str, text: str, spaces: str) -> Element | Reject:
    """An element parsed without any declaration of the document but its namespaces."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if problem := not_text(text, source.encoding):
        return source.reject(line, problem, text)
    try:
        tree = fromstring(f"<kg{spaces}>{text}</kg>", forbid_dtd=True)[0]
    except ParseError as error:
        what = str(error).partition(": line")[0]
        return source.reject(line, f"broken XML: {what} (line {line + error.position[0] - 1})", text)
    except (DefusedXmlException, ValueError, IndexError) as error:
        return source.reject(line, f"broken XML: {error}", text)
    return Element(line, name, dict(tree.attrib), tree)


def _tokens(source: Source) -> Iterator[tuple[int, str | None, "re.Match[str] | None"]]:
    """Line, characters, and the match of a tag; None in place of characters where mark-up never ends."""
    file, text, at, line = source.text(), "", 0, 1
    while True:
        mark = text.find("<", at)
        if mark < 0:
            if text[at:]:
                yield line, text[at:], None
                line += text.count("\n", at)
            text, at = file.read(_CHUNK), 0
            if not text:
                return
            continue
        if mark > at:
            yield line, text[at:mark], None
            line += text.count("\n", at, mark)
        tag = _TAG.match(text, mark)
        found = tag or _OTHER.match(text, mark)
        if not found and _UNFINISHED.match(text, mark):
            more = file.read(max(_CHUNK, len(text) - mark)) if len(text) - mark <= LONGEST else ""
            if not more:
                yield line, None, None
                return
            text, at = text[mark:] + more, 0
            continue
        at = found.end() if found else mark + 1
        yield line, text[mark:at], tag
        line += text.count("\n", mark, at)
