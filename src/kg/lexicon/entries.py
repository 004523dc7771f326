"""Entries and the index that finds them by name or alias."""

import functools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from kg.errors import SchemaError

COMPILED = Path(__file__).parent / "compiled.json"

_NOT_A_LETTER = re.compile(r"[^\w+#.]|_")
_LONE_DOT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
_VERSION_V = re.compile(r"(?<=[^\W\d_]{3})v(?=[0-9])")
_POINT_ZERO = re.compile(r"(?<=[0-9])\.0$")


class Entry(NamedTuple):
    """A known name. `context`: a word so ambiguous that it needs a hint such as "dataset" or "model" beside it.

    `case`: surfaces of one word must be written exactly so. `soft`: the type is a leaning that a text may overrule.
    `first`: sizes that make a member of the family's bare name a member of this, its first version ("LLaMA-7B").
    `sizes`: how members of the family write their size where grammar cannot tell: "number" (ResNet-50) or "letter"
    (ViT-L). `family` is the name of another entry, or None; `year` of first publication, or None.
    """

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    family: str | None = None
    year: int | None = None
    context: bool = False
    case: bool = False
    soft: bool = False
    first: tuple[str, ...] = ()
    sizes: str | None = None


class Lexicon:
    """All entries, found by surface in constant time."""

    def __init__(self, entries: tuple[Entry, ...], index: Mapping[str, list[int]], digest: str) -> None:
        self._entries, self._index, self.digest = entries, index, digest

    def entries(self) -> tuple[Entry, ...]:
        """All entries, models first, in the order of the files."""
        return self._entries

    def surfaces(self) -> Iterator[tuple[str, Entry]]:
        """Every name and alias with its entry, for compiling matchers; plurals are not listed."""
        for entry in self._entries:
            yield entry.name, entry
            for alias in entry.aliases:
                yield alias, entry

    def find(self, surface: str, type: str | None = None) -> Entry | None:
        """The entry of a name or alias, of the given type where the surface has several; plain plurals too.

        Case, accents, hyphens, spaces, the v of a version and a final ".0" do not matter; case does, in surfaces of
        one word, for entries that say so.

        >>> lexicon().find("llama2").name, lexicon().find("ViTs").name, lexicon().find("no such thing")
        ('Llama 2', 'ViT', None)
        """
        found = self._lookup(surface, type)
        if found is None and len(surface) > 3 and surface.endswith("s"):
            found = self._lookup(surface[:-1], type)
        return found

    def all(self, surface: str) -> tuple[Entry, ...]:
        """Every entry that has this name or alias: more than one where a name has several types."""
        ids = [*self._index.get("=" + squeezed(surface), ()), *self._index.get(folded(surface), ())]
        return tuple(self._entries[i] for i in dict.fromkeys(ids))

    @functools.cached_property
    def families(self) -> Mapping[str, tuple[Entry, ...]]:
        """Name of each family → its members, in the order of the files."""
        found: dict[str, list[Entry]] = {}
        for entry in self._entries:
            if entry.family:
                found.setdefault(entry.family, []).append(entry)
        return MappingProxyType({name: tuple(members) for name, members in found.items()})

    def named(self, name: str, type: str | None = None) -> Entry | None:
        """The entry whose name, not alias, is just this."""
        return next((e for e in self.all(name) if e.name == name and type in (None, e.type)), None)

    def _lookup(self, surface: str, type: str | None) -> Entry | None:
        found = self.all(surface)
        return next((e for e in found if type in (None, e.type)), None)


@functools.cache
def lexicon() -> Lexicon:
    """The lexicon of this installation."""
    try:
        raw: dict[str, Any] = json.loads(COMPILED.read_text("utf8"))
    except OSError as error:
        raise SchemaError(
            f"Cannot read {COMPILED}: {error.strerror}. Reinstall kg, or in a checkout run: python -m kg.lexicon"
        ) from error
    return Lexicon(tuple(_entry(*row) for row in raw["entries"]), raw["index"], raw["digest"])


def _entry(
    name: str,
    type: str,
    aliases: list[str],
    family: str | None,
    year: int | None,
    flags: str,
    first: list[str],
    sizes: str | None,
) -> Entry:
    c, x, s = "c" in flags, "x" in flags, "s" in flags
    return Entry(name, type, tuple(aliases), family, year, c, x, s, tuple(first), sizes)


def folded(surface: str) -> str:
    """The form in which surfaces are compared: looser than a key, for what is written in several ways.

    >>> folded("SQuAD v2.0") == folded("SQuAD2"), folded("Mask R-CNN") == folded("mask RCNN")
    (True, True)
    >>> folded("Llama 2.7B") == folded("Llama-2-7B")
    False
    """
    text = squeezed(surface).casefold()
    return _POINT_ZERO.sub("", _VERSION_V.sub("", text))


def squeezed(surface: str) -> str:
    """Letters, digits and `+ #` without what stands between them, case kept; points between digits stay."""
    if not surface.isascii():
        decomposed = unicodedata.normalize("NFKD", surface)
        surface = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _LONE_DOT.sub("", _NOT_A_LETTER.sub("", surface))
