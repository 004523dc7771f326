"""Entries and the index that finds them by name or alias, loaded from their compiled form."""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from kg.errors import SchemaError

COMPILED = Path(__file__).parent / "compiled.tsv"
TYPES = ("Model", "Dataset", "Benchmark", "Method", "Task", "Metric")

_NOT_A_LETTER = re.compile(r"[^\w+#.<>=]|_")
_LONE_DOT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
_VERSION_V = re.compile(r"(?<=[^\W\d_]{3})v(?=[0-9])")
_POINT_ZERO = re.compile(r"(?<=[0-9])\.0$")
_SEPARATORS = re.compile(r"[^\w+#.]+|_")
_BEGINS_NAME = re.compile(r"[^\W\d_a-z]|[0-9]|v[0-9]")


class Entry(NamedTuple):
    """A known name. `context`: a word so ambiguous that it needs a hint such as "dataset" or "model" beside it.

    `case`: surfaces of one word with a capital must be written exactly so. `capital`: surfaces of several words need
    a capital, since in small letters they are a phrase. `soft`: the type is a leaning that a text may overrule. `first`: sizes that make a member of the family's bare name a member
    of this, its first version ("LLaMA-7B"). `sizes`: how members of the family write their size where grammar cannot
    tell: "number" (ResNet-50) or "letter" (ViT-L). `family` is the name of another entry, or None; `year` of first
    publication, or None. `versioned`: some known member is a version of it, so that any number behind it makes one.
    """

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    family: str | None = None
    year: int | None = None
    context: bool = False
    case: bool = False
    soft: bool = False
    capital: bool = False
    first: tuple[str, ...] = ()
    sizes: str | None = None
    versioned: bool = False


class Lexicon:
    """All entries, found by surface in constant time; an entry is made when it is first asked for.

    `all(surface)` is every entry that has this name or alias: more than one where a name has several types.
    """

    def __init__(self, rows: list[str], index: Mapping[str, str], digest: str) -> None:
        self._rows, self._index, self.digest = rows, index, digest
        self.own: tuple[Entry, ...] = ()  # those that are not shipped
        self._gone: frozenset[int] = frozenset()
        self._made: list[Entry | None] = [None] * len(rows)
        self.all = functools.lru_cache(maxsize=65536)(self._all)

    def entries(self) -> tuple[Entry, ...]:
        """All entries, models first, in the order of the files."""
        return tuple(self._entry(i) for i in range(len(self._rows)) if i not in self._gone)

    def surfaces(self) -> Iterator[tuple[str, Entry]]:
        """Every name and alias with its entry, for compiling matchers; plurals are not listed."""
        for entry in self.entries():
            yield entry.name, entry
            for alias in entry.aliases:
                yield alias, entry

    def find(self, surface: str, type: str | None = None) -> Entry | None:
        """The entry of a name or alias, of the given type where the surface has several; plain plurals too.

        Case, accents, hyphens, spaces, the v of a version and a final ".0" do not matter. Case does for entries that
        say so, and where words of a phrase would run together: "video clip" is no VideoCLIP.

        >>> lexicon().find("llama2").name, lexicon().find("ViTs").name, lexicon().find("video clip")
        ('Llama 2', 'ViT', None)
        """
        found = self.all(surface)
        if not found and len(surface) > 3 and surface.endswith("s"):
            found = self.all(surface[:-1])
        return next((e for e in found if type in (None, e.type)), None)

    def _all(self, surface: str) -> tuple[Entry, ...]:
        form = folded(surface)
        ids = self._ids("=" + squeezed(surface)) + self._ids(form)
        if surface != surface.lower():
            ids += self._ids("^" + form)
        found = [self._entry(i) for i in dict.fromkeys(ids)]
        joints = _joints(surface) if found else ()
        return tuple(e for e in found if not joints or _may_join(joints, e))

    def named(self, name: str, type: str | None = None) -> Entry | None:
        """The entry whose name, not alias, is just this."""
        return next((e for e in self.all(name) if e.name == name and type in (None, e.type)), None)

    def first_version(self, member: str) -> Entry | None:
        """The first version that a bare family's member of this name belongs to.

        >>> lexicon().first_version("LLaMA-7B").name, lexicon().first_version("LLaMA-70B")
        ('Llama 1', None)
        """
        return next((self._entry(i) for i in self._ids("&" + folded(member))), None)

    def of_forms(self, forms: Iterable[str]) -> list[Entry]:
        """The entries that keys of the index lead to."""
        return [self._entry(i) for i in dict.fromkeys(i for form in forms for i in self._ids(form))]

    def changed(self, gone: Set[Entry], new: Mapping[Entry, Iterable[str]]) -> "Lexicon":
        """This lexicon without some entries and with others, each with its keys of the index."""
        rows = {to_row(entry) for entry in gone}
        dropped = {i for i, row in enumerate(self._rows) if row in rows} | self._gone
        index = dict(self._index)
        for form, ids in self._index.items() if rows else ():
            index[form] = " ".join(i for i in ids.split() if int(i) not in dropped)
        for i, forms in enumerate(new.values(), len(self._rows)):
            for form in forms:
                index[form] = f"{index.get(form, '')} {i}".strip()
        made = Lexicon([*self._rows, *map(to_row, new)], index, self.digest)
        made._gone = frozenset(dropped)
        return made

    @functools.cached_property
    def families(self) -> Mapping[str, tuple[Entry, ...]]:
        """Name of each family → its members, in the order of the files."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries():
            if entry.family:
                found.setdefault(entry.family, []).append(entry)
        return MappingProxyType({name: tuple(members) for name, members in found.items()})

    def _ids(self, form: str) -> list[int]:
        return [int(i) for i in self._index.get(form, "").split()]

    def _entry(self, i: int) -> Entry:
        entry = self._made[i]
        if entry is None:
            entry = self._made[i] = from_row(self._rows[i])
        return entry


_settled: list[Lexicon] = []  # one, once it is known which


def lexicon() -> Lexicon:
    """The lexicon in use: that of this installation, under the user's own files (`kg.lexicon.layers`)."""
    if not _settled:
        from kg.lexicon.layers import in_use

        in_use()
    return _settled[0]


def settle(used: Lexicon) -> None:
    """Makes a lexicon the one in use; `kg.lexicon.layers.use` is what to call."""
    _settled[:] = [used]


@functools.cache
def shipped() -> Lexicon:
    """The lexicon of this installation alone."""
    try:
        text = COMPILED.read_text("utf8")
    except OSError as error:
        raise SchemaError(
            f"Cannot read {COMPILED}: {error.strerror}. Reinstall kg, or in a checkout run: python -m kg.lexicon"
        ) from error
    return loaded(text)


def loaded(text: str) -> Lexicon:
    """A lexicon from its compiled form: the digest, one line an entry, an empty line, one line a form of the index."""
    head, _, rest = text.partition("\n")
    entries, _, index = rest.partition("\n\n")
    forms = dict(line.split("\t", 1) for line in index.splitlines())
    return Lexicon(entries.split("\n") if entries else [], forms, head)


def to_row(entry: Entry) -> str:
    """A line of the compiled form."""
    flags = (
        "c" * entry.context
        + "x" * entry.case
        + "s" * entry.soft
        + "p" * entry.capital
        + "v" * entry.versioned
    )
    year, first = str(entry.year or ""), " ".join(entry.first)
    type, sizes = str(TYPES.index(entry.type)), (entry.sizes or "")[:1]
    return "\t".join((entry.name, type, entry.family or "", year, flags, sizes, first, *entry.aliases))


def from_row(row: str) -> Entry:
    """The entry of a line of the compiled form."""
    name, type, family, year, flags, sizes, first, *aliases = row.split("\t")
    return Entry(
        name,
        TYPES[int(type)],
        tuple(aliases),
        family or None,
        int(year) if year else None,
        "c" in flags,
        "x" in flags,
        "s" in flags,
        "p" in flags,
        tuple(first.split()),
        {"n": "number", "l": "letter"}.get(sizes),
        "v" in flags,
    )


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


_Joint = tuple[int, bool]


def _joints(surface: str) -> tuple[_Joint, ...]:
    """Where words of a surface meet, as counts of letters, and whether they may run together there.

    They may before a capital, a digit or a version's v, behind a word that is not all small letters.
    """
    found, count, before = [], 0, ""
    for word in _SEPARATORS.split(surface):
        letters = squeezed(word)
        if letters:
            if count:
                found.append((count, not before.islower() and bool(_BEGINS_NAME.match(letters))))
            count, before = count + len(letters), letters
    return tuple(found)


def _may_join(joints: tuple[_Joint, ...], entry: Entry) -> bool:
    """Whether the entry has a surface with words meeting at the same places, but for those that may run together."""
    needed = {place for place, free in joints if not free}
    return not needed or any(needed <= {p for p, _ in _joints(s)} for s in (entry.name, *entry.aliases))
