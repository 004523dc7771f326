"""Names of one's own: files in the lexicon's format, layered over the shipped names; the later file wins.

Which layers are in use is a matter of the process: those that `KG_LEXICON` names, or what `use` was given last.
"""

import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kg.errors import SchemaError
from kg.lexicon import entries
from kg.lexicon.curated import Line, alike, forms, index_forms, is_version, read_text
from kg.lexicon.entries import TYPES, Entry, Lexicon, shipped, to_row

VARIABLE = "KG_LEXICON"


class Layer(NamedTuple):
    """A file of names: where it lay, and its text."""

    path: str
    text: str


def read_layers(paths: Iterable[str | os.PathLike[str]]) -> tuple[Layer, ...]:
    """The files as layers, checked; a SchemaError names the file and line to mend."""
    found = []
    for path in map(Path, paths):
        try:
            found.append(Layer(str(path.absolute()), path.read_text("utf8")))
        except (OSError, UnicodeDecodeError) as error:
            raise SchemaError(
                f"Cannot read the lexicon {path}: {error}. Name a file of YAML in UTF-8."
            ) from error
    layered(tuple(found))
    return tuple(found)


def from_environment() -> tuple[Layer, ...]:
    """The layers that KG_LEXICON names, several paths apart as in PATH."""
    return read_layers(p for p in os.environ.get(VARIABLE, "").split(os.pathsep) if p)


_in_use: list[tuple[Layer, ...]] = []  # one, once it is settled


def in_use() -> tuple[Layer, ...]:
    """The layers over the shipped names."""
    if not _in_use:
        use(from_environment())
    return _in_use[0]


def use(layers: Sequence[Layer]) -> None:
    """Reads and resolves names with these layers from now on, in this process and in those it reads with."""
    from kg.lexicon.naming import canonical

    if _in_use != [tuple(layers)]:
        entries.settle(layered(tuple(layers)))
        _in_use[:] = [tuple(layers)]
        canonical.cache_clear()


@contextmanager
def using(layers: Sequence[Layer]) -> Iterator[None]:
    """Uses these layers within the block."""
    before = in_use()
    use(layers)
    try:
        yield
    finally:
        use(before)


@functools.lru_cache(maxsize=4)
def layered(layers: tuple[Layer, ...]) -> Lexicon:
    """The shipped names under these; a SchemaError names the file and line that is wrong."""
    made, digest = shipped(), hashlib.sha256(shipped().digest.encode())
    for layer in layers:
        lines = read_text(layer.text, Path(layer.path).name, None)
        made = _over(made, [line.entry for line in lines])
        for line in lines:
            digest.update(to_row(line.entry).encode("utf8") + b"\n")
            _check_family(line, made)
    if layers:
        made.digest = digest.hexdigest()[:16]
    return made


def _over(below: Lexicon, entries: Sequence[Entry]) -> Lexicon:
    """A lexicon under entries that take their surfaces from all others."""
    gone: set[Entry] = set()
    new: dict[Entry, None] = {}
    renamed: dict[str, str | None] = {}
    for entry in entries:
        for other in _rivals(below, entry):
            gone.add(other)
            mine = set(forms(entry))
            keeps = (entry.name, *entry.aliases)
            if other.name not in keeps and mine.isdisjoint(forms(other._replace(aliases=()))):
                new[_without(other, mine)] = None  # it only had an alias of that name
            elif other.type == entry.type:
                entry = _added_to(entry, other)
                renamed[other.name] = entry.name
            else:
                renamed[other.name] = None
        new[entry] = None
    for name, now in renamed.items():
        for other in below.families.get(name, ()) if now != name else ():
            if other not in gone:
                gone.add(other)
                new[other._replace(family=now, first=other.first if now else ())] = None
    families = {e.family for e in new if e.family and is_version(e)}
    for family in families - {e.name for e in new}:
        if (there := below.named(family)) and not there.versioned and there not in gone:
            gone.add(there)
            new[there._replace(versioned=True)] = None
    made = below.changed(
        gone, {e._replace(versioned=e.versioned or e.name in families): index_forms(e) for e in new}
    )
    own = {e.name for e in entries}
    made.own = tuple(e for e in (*below.own, *new) if e.name in own or e in below.own)
    return made


def _rivals(below: Lexicon, entry: Entry) -> list[Entry]:
    """The entries that a surface of this one led to, but for those that a hint tells apart."""
    found = {e: None for surface in (entry.name, *entry.aliases) for e in below.all(surface)}
    found |= dict.fromkeys(below.of_forms(forms(entry)))
    return [e for e in found if e.type == entry.type or not (entry.context or e.context)]


def _added_to(entry: Entry, other: Entry) -> Entry:
    """An entry with what another one of the same thing says beside."""
    more = [a for a in (other.name, *other.aliases) if a not in (entry.name, *entry.aliases)]
    return entry._replace(
        aliases=(*entry.aliases, *more),
        family=entry.family or other.family,
        year=entry.year or other.year,
        first=entry.first or other.first,
        sizes=entry.sizes or other.sizes,
        versioned=other.versioned,
    )


def _without(entry: Entry, taken: set[str]) -> Entry:
    """An entry without the aliases that lead elsewhere now."""
    kept = (a for a in entry.aliases if taken.isdisjoint(forms(entry._replace(name=a, aliases=()))))
    return entry._replace(aliases=tuple(kept))


def _check_family(line: Line, known: Lexicon) -> None:
    entry: Entry | None = line.entry
    chain = [line.entry.name]
    while entry and entry.family:
        if entry.family in chain:
            raise line.error(f"is in a circle of families: {' < '.join((*chain, entry.family))}")
        above = [e for t in TYPES if alike(t, entry.type) and (e := known.named(entry.family, t))]
        if not above:
            raise line.error(f"has the unknown family {entry.family!r}; add it, or correct the name")
        chain.append(entry.family)
        entry = above[0]
