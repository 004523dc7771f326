"""What a person's corrections decide about names, as pure functions of a name; and their tables for the SQL.

A thing is (key, kind), as `naming.name_of` says it of a spelling and a type. `same` and `type` lead things to others;
names of one paper ("Zeus (2401.00001)") are (key, kind, paper), which the SQL puts in their place. No entry's place
in the file matters: of several first names that are all said to be the same, the least key is the one that stays.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any, Generic, TypeVar

from kg.curation import Curation, Entry, Name
from kg.errors import CurationError
from kg.keys import arxiv_id, doi
from kg.lexicon import Parent
from kg.names import member, parse
from kg.resolve import naming
from kg.resolve.naming import Naming, kind_of, name_of
from kg.schema import schema
from kg.text import fold, one_line, without_tex
from kg.types import PAPER

T = TypeVar("T")
Thing = tuple[str, str]
"""Key and kind."""

Node = tuple[str, str, str]
"""Key, kind and paper; an empty paper stands for all."""

Row = tuple[Any, ...]

TABLES = {
    "placed": "entry:string paper:string key:string kind:string to_key:string to_kind:string owner:string",
    "parted": "key:string kind:string other:string",
    "renamed": "key:string kind:string owner:string name:string folded:string",
    "settled": "key:string kind:string",
    "forced": "entry:string key:string kind:string type:string",
    "spelling_said": "key:string kind:string spelling:string type:string",
    "corrected": "entry:string key:string kind:string owner:string",
    "family_said": "entry:string key:string kind:string",
    "reference": "entry:string role:string raw:string key:string kind:string owner:string",
    "rejection": "entry:string relation:string has_object:bool paper:string raw_paper:string folded_paper:string",
}
"""What the SQL joins with; an owner or paper that is null is any."""


class Rules:
    """The corrections of one curation, ready to be asked of any name.

    A CurationError names two lines that contradict each other. `used` gathers the texts of entries that led a name
    elsewhere, as names are asked.
    """

    def __init__(self, curation: Curation) -> None:
        self.curation = curation
        self.used: set[str] = set()
        self._seen: set[Thing] = set()
        self._apart: dict[tuple[str, str], str] = {}  # spelling, and the key it would have → its own key
        self._same, self._nodes = _Groups[Thing](), _Groups[Node]()
        self._types: dict[Thing, tuple[Thing, str, Entry]] = {}
        self._roots: dict[Thing, tuple[str, str]] = {}  # thing → spelling and type that name it
        self._forced: dict[Thing, str] = {}
        self._families: dict[Thing, tuple[Thing | None, str, str, Entry]] = {}
        self._parted: dict[tuple[str, str, str], Entry] = {}
        self._first_spelling: dict[Thing, tuple[str, str]] = {}
        if curation.entries:
            self._set_apart()
            self._join()
            self._set_types()
            self._part()
            self._set_families()
            self._join_in_papers()
            self.tables()  # contradictions show at once
            self.used.clear()

    def name_of(self, spelling: str, type: str) -> Naming:
        """What a spelling stands for with the corrections; without any, what `naming.name_of` says."""
        found = self._alone(spelling, type)
        if not self.curation.entries:
            return found
        thing = found.key, found.kind
        self._seen.add(thing)
        to = self._asked(thing)
        return found if to == thing else self._moved(found, to)

    def is_own(self, spelling: str, type: str, named: Naming) -> bool:
        """Whether a spelling by itself, without corrections, leads where it leads."""
        if not self.curation.entries:
            return True
        found = self._alone(spelling, type)
        return (found.key, found.kind) == (named.key, named.kind)

    def follow(self, aliases: Mapping[Thing, Thing]) -> None:
        """Lets families hold of what papers' aliases lead to, now that it is known where they lead."""
        self._families = {
            aliases.get(thing, thing): (parent and aliases.get(parent, parent), name, type, entry)
            for thing, (parent, name, type, entry) in self._families.items()
        }

    @property
    def concerned(self) -> set[Thing]:
        """The things that families are said of."""
        return {t for thing, (parent, *_) in self._families.items() for t in (thing, parent) if t}

    def spelling_of(self, thing: Thing, spelling: str, type: str) -> tuple[str, str]:
        """The spelling and type that a thing's facts are read from: that of the correction that leads there."""
        return self._roots.get(thing, (spelling, type))

    def shown(self, thing: Thing) -> str | None:
        """The first name of those said to be the same; None where nothing is said."""
        return self._roots[thing][0] if thing in self._roots else None

    def fact(self, thing: Thing, spelling: str, type: str) -> Naming:
        """What a thing's name says of it; a type that a person gave is no leaning."""
        found = self._alone(spelling, type)
        forced = self._forced.get(thing)
        return replace(found, type=forced, soft=False) if forced else found

    def families(self, thing: Thing, spelling: str, type: str) -> list[tuple[Parent, str]]:
        """The families of a thing, nearest first, each with its origin: name, or curated."""
        found: list[tuple[Parent, str]] = []
        for parent, origin in self._above(thing, spelling, type, {thing}):
            before = found[-1][0].member if found else parent.member
            kind = "version" if "version" in (before, parent.member) else before
            found.append((replace(parent, member=kind), origin))
        return found

    def alias_refused(self, alias: str, name: str, type: str) -> str | None:
        """The entry that says that an alias is not its name, in words; None where none does."""
        a, n = self.name_of(alias, type), self.name_of(name, type)
        entry = self._parted.get((a.key, n.key, n.kind)) or self._parted.get((n.key, a.key, n.kind))
        return f"curated: {entry.text}" if entry else None

    def entries_on(self, spelling: str, type: str) -> list[Entry]:
        """The entries that have a say in what a name is; for people."""
        thing = self._final(spelling, type)
        found = {e.text: e for e in self.curation.entries if thing in self._concerned(e)}
        return sorted(found.values(), key=lambda e: e.line)

    def tables(self) -> dict[str, list[Row]]:
        """The rows of TABLES, to be asked for when every name was asked."""
        return {name: sorted(set(rows), key=repr) for name, rows in self._tables().items()}

    # Names

    def _alone(self, spelling: str, type: str) -> Naming:
        found = name_of(spelling, type)
        if not self._apart:
            return found
        key = self._apart.get((_exact(spelling), found.key)) or self._apart.get((_loose(spelling), found.key))
        # What the lexicon says holds of the other one.
        return replace(found, key=key, name=None, soft=True) if key else found

    def _final(self, spelling: str, type: str) -> Thing:
        found = self._alone(spelling, type)
        return self._led((found.key, found.kind))[0]

    def _asked(self, thing: Thing) -> Thing:
        to, entries = self._led(thing)
        self.used |= {e.text for e in entries}
        return to

    def _led(self, thing: Thing) -> tuple[Thing, list[Entry]]:
        root = self._same.root(thing)
        entries = list(self._same.entries_of(thing)) if root != thing else []
        if root in self._types:
            target, _, entry = self._types[root]
            entries.append(entry)
            last = self._same.root(target)
            entries += self._same.entries_of(target) if last != target else []
            return last, entries
        return root, entries

    def _moved(self, found: Naming, to: Thing) -> Naming:
        spelling, type = self._roots.get(to, (found.shown, ""))
        target = name_of(spelling, type) if type else found
        return replace(
            found,
            key=to[0],
            kind=to[1],
            traits=target.traits,
            family=target.family,
            name=target.name,
            type=self._forced.get(to, target.type),
            soft=target.soft and to not in self._forced,
        )

    def _types_of(self, name: Name) -> Iterator[str]:
        for t in schema().types.values():
            if t.entity and not t.literal and name.type in (None, t.name):
                yield t.name

    def things(self, name: Name) -> list[Thing]:
        """All that a name as a person writes it may stand for."""
        return list(dict.fromkeys(self._final(name.name, t) for t in self._types_of(name)))

    # Reading the entries, in the order that each step needs

    def _set_apart(self) -> None:
        """Names that differ though grammar or lexicon read them alike: the later ones get keys of their own."""
        for entry in self.curation.of("different"):
            plain = [n for n in entry.names if n and not n.paper]
            for one, other in combinations(plain, 2):
                for type in sorted(set(self._types_of(one)) & set(self._types_of(other))):
                    a, b = name_of(one.name, type), name_of(other.name, type)
                    if (a.key, a.kind) == (b.key, b.kind):
                        form = _exact if _loose(one.name) == _loose(other.name) else _loose
                        if form(one.name) != form(other.name):
                            self._apart[form(other.name), b.key] = f"{b.key}@{one_line(other.name)}"

    def _join(self) -> None:
        for entry in self.curation.of("same"):
            first, *rest = (n for n in entry.names if n)
            for type in [] if first.paper else self._types_of(first):
                found = self._alone(first.name, type)
                root = found.key, found.kind
                self._same.first(root)
                self._name(root, first.name, type)
                for other in (n for n in rest if not n.paper):
                    for t in [type] if first.type is None else self._types_of(other):
                        if other.type in (None, t):
                            b = self._alone(other.name, t)
                            self._same.join(root, (b.key, b.kind), entry)

    def _name(self, thing: Thing, spelling: str, type: str) -> None:
        if thing not in self._roots or (spelling, type) < self._roots[thing]:
            self._roots[thing] = spelling, type

    def _set_types(self) -> None:
        said: dict[Thing, Entry] = {}
        for entry in self.curation.of("type"):
            name, to = entry.names[0], entry.to or ""
            assert name is not None
            for t in self._types_of(name):
                found = self._alone(name.name, t)
                root = self._same.root((found.key, found.kind))
                spelling = self._roots.get(root, (name.name, t))[0]
                key = root[0] if root[1] and kind_of(to) else self._alone(spelling, to).key
                _agree(said, root, entry)
                self._types[root] = (key, kind_of(to)), to, entry
                self._forced[key, kind_of(to)] = to
                self._name((key, kind_of(to)), spelling, to)
        for _, (target, to, _) in list(self._types.items()):
            self._forced[self._same.root(target)] = to

    def _part(self) -> None:
        """Notes the pairs of keys that are said to differ, the later one second."""
        for entry in self.curation.of("different"):
            for one, other in combinations((n for n in entry.names if n and not n.paper), 2):
                for type in sorted(set(self._types_of(one)) & set(self._types_of(other))):
                    a, b = self._final(one.name, type), self._final(other.name, type)
                    if a != b:
                        self._parted[a[0], b[0], b[1]] = entry
                    elif entries := self._same.entries_of(a):
                        raise _contradiction(entry, min(entries, key=lambda e: e.line))

    def _set_families(self) -> None:
        said: dict[Thing, Entry] = {}
        for entry in self.curation.of("family"):
            name = entry.names[0]
            assert name is not None
            above = Name.read(entry.to) if entry.to else None
            for t in self._types_of(name):
                thing = self._final(name.name, t)
                if not thing[1]:
                    continue  # tasks and metrics have no families
                parent = self._final(above.name, above.type or t) if above else None
                if parent is not None and (parent[1] != thing[1] or parent == thing):
                    continue
                _agree(said, thing, entry)
                self._families[thing] = parent, above.name if above else "", t, entry
        for thing, (parent, _, _, entry) in self._families.items():
            chain = [thing]
            while parent is not None:
                if parent in chain:
                    raise entry.error(
                        f"makes a circle of families: {' < '.join(k for k, _ in (*chain, parent))}"
                    )
                chain.append(parent)
                parent = self._families[parent][0] if parent in self._families else None

    def _above(
        self, thing: Thing, spelling: str, type: str, seen: set[Thing]
    ) -> Iterator[tuple[Parent, str]]:
        if thing in self._families:
            parent, name, t, _ = self._families[thing]
            if parent is not None and parent not in seen:
                kind = member(parse(spelling), parse(name))
                shown, t = self.spelling_of(parent, name, t)
                yield Parent(parent[0], shown, kind, True), "curated"
                yield from self._above(parent, shown, t, {*seen, parent})
            return
        for p in naming.families(spelling, type):
            parent = self._asked((p.key, thing[1]))
            if parent in seen or parent[1] != thing[1]:
                continue
            seen = {*seen, parent}
            yield replace(p, key=parent[0], name=self.spelling_of(parent, p.name, type)[0]), "name"
            if parent in self._families:
                yield from self._above(parent, self.spelling_of(parent, p.name, type)[0], type, seen)
                return

    def _join_in_papers(self) -> None:
        for entry in self.curation.of("same"):
            names = [n for n in entry.names if n]
            if any(n.paper for n in names):
                for t in self._types_of(names[0]):
                    root = self._node(names[0], t)
                    self._nodes.first(root)
                    self._first_spelling.setdefault(root[:2], (names[0].name, t))
                    for other in names[1:]:
                        if (other.paper or names[0].paper) and other.type in (None, t, names[0].type):
                            self._nodes.join(root, self._node(other, other.type or t), entry)
        for entry in self.curation.of("different"):
            for one, other in combinations((n for n in entry.names if n), 2):
                for t in sorted(set(self._types_of(one)) & set(self._types_of(other))):
                    c, d = (self._nodes.root(self._node(n, t)) for n in (one, other))
                    if c == d and (entries := self._nodes.entries_of(c)):
                        raise _contradiction(entry, min(entries, key=lambda e: e.line))

    def _node(self, name: Name, type: str) -> Node:
        return (*self._final(name.name, type), name.paper or "")

    # What the SQL needs

    def _concerned(self, entry: Entry) -> list[Thing]:
        names = [n for n in entry.names if n and n.name != PAPER]
        found = [thing for n in names for thing in self.things(n)]
        return found if entry.action != "add" else []

    def _tables(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {name: [] for name in TABLES}
        found["placed"] = list(self._placed())
        found["parted"] = [(a, kind, b) for a, b, kind in self._parted]
        named: dict[Node, Entry] = {}
        for entry in self.curation.of("rename"):
            name = entry.names[0]
            assert name is not None
            for thing in self.things(name):
                _agree(named, (*thing, name.paper or ""), entry)
                found["renamed"].append((*thing, name.paper, entry.to, fold(entry.to or "")))
                found["corrected"].append((entry.text, *thing, name.paper))
        for entry in self.curation.of("same"):
            if len(entry.names) == 1 and entry.names[0]:
                things = self.things(entry.names[0])
                found["settled"] += things
                found["corrected"] += [(entry.text, *thing, None) for thing in things]
            elif entry.text in self.used or self._is_idle(entry):
                things = [t for n in entry.names if n and not n.paper for t in self.things(n)]
                found["corrected"] += [(entry.text, *thing, None) for thing in things]
                found["settled"] += things  # several papers may have coined it, each under a name of its own
        for entry in self.curation.of("type"):
            found["corrected"] += [(entry.text, *thing, None) for thing in self._concerned(entry)]
            found["forced"] += [(entry.text, *thing, entry.to) for thing in self._concerned(entry)]
        found["spelling_said"] = [
            (*thing, *said) for thing, said in {**self._first_spelling, **self._roots}.items()
        ]
        found["corrected"] += [(e.text, *thing, None) for thing, (*_, e) in self._families.items()]
        for entry in self.curation.of("different"):
            plain = [self.things(n) for n in entry.names if n and not n.paper]
            if len(plain) > 1 and sum(any(t in self._seen_things() for t in things) for things in plain) > 1:
                found["corrected"] += [(entry.text, *t, None) for things in plain for t in things]
        found["family_said"] = [
            (entry.text, *thing) for thing, (parent, _, _, entry) in self._families.items() if parent
        ]
        for entry in self.curation.of("reject"):
            found["rejection"].append(_rejection(entry))
            found["reference"] += self._references(entry)
        return found

    def _seen_things(self) -> set[Thing]:
        return {self._led(thing)[0] for thing in self._seen}

    def _is_idle(self, entry: Entry) -> bool:
        """Whether names of a `same` are one thing anyway, and are there."""
        names = [n for n in entry.names if n and not n.paper]
        alone = [
            {(f.key, f.kind) for t in self._types_of(n) for f in [self._alone(n.name, t)]} for n in names
        ]
        return any(one & other & self._seen for one, other in combinations(alone, 2))

    def _placed(self) -> Iterator[Row]:
        for entry in self.curation.of("same", "different"):
            names = [n for n in entry.names if n]
            if not any(n.paper for n in names):
                continue
            everywhere = entry.action == "same" and names[0].paper
            for name in names:
                if not name.paper and not everywhere:
                    continue
                for t in self._types_of(name):
                    node = self._node(name, t)
                    root = self._nodes.root(node)
                    owner = root[2] if self._nodes.entries_of(node) else node[2]
                    yield (entry.text, name.paper or "", *node[:2], *root[:2], owner)

    def _references(self, entry: Entry) -> Iterator[Row]:
        for role, name in zip(("subject", "object"), (*entry.names, None), strict=False):
            if name is None:
                continue
            yield (entry.text, role, str(name), None, None, None)
            yield from ((entry.text, role, None, *thing, name.paper) for thing in self.things(name))


class _Groups(Generic[T]):
    """Things said to be the same, each group under one of those named first, whatever the order of what is said."""

    def __init__(self) -> None:
        self._group: dict[T, set[T]] = {}
        self._entries: dict[T, dict[str, Entry]] = {}
        self._firsts: set[T] = set()
        self._later: set[T] = set()

    def first(self, thing: T) -> None:
        self._firsts.add(thing)

    def join(self, first: T, other: T, entry: Entry) -> None:
        if first == other:
            return
        self._later.add(other)
        group = self._group.get(first, {first}) | self._group.get(other, {other})
        for thing in group:
            self._group[thing] = group
        for thing in (first, other):
            self._entries.setdefault(thing, {})[entry.text] = entry

    def root(self, thing: T) -> T:
        group = self._group.get(thing)
        if group is None:
            return thing
        firsts = (group & self._firsts) - self._later or group & self._firsts
        return min(firsts, key=repr)

    def entries_of(self, thing: T) -> Collection[Entry]:
        """The entries that join a thing with others."""
        return self._entries.get(thing, {}).values()


def check(curation: Curation) -> None:
    """Raises the CurationError of corrections that contradict each other."""
    Rules(curation)


def _agree(said: dict[Any, Entry], thing: Any, entry: Entry) -> None:
    before = said.setdefault(thing, entry)
    if before.to != entry.to:
        raise _contradiction(entry, before)


def _contradiction(one: Entry, other: Entry) -> CurationError:
    first, last = sorted((one, other), key=lambda e: (e.file, e.line))
    return last.error(f"{last.text} contradicts line {first.line}: {first.text}. Delete one of them.")


def _rejection(entry: Entry) -> Row:
    raw = entry.paper
    key = None if raw is None else arxiv_id(raw) or doi(raw) or raw
    has_object = len(entry.names) > 1 and entry.names[1] is not None
    return entry.text, entry.relation, has_object, key, raw, None if raw is None else fold(raw)


def _exact(spelling: str) -> str:
    return "=" + one_line(unicodedata.normalize("NFKC", without_tex(spelling)))


def _loose(spelling: str) -> str:
    return _exact(spelling).casefold().replace("=", "~", 1)
