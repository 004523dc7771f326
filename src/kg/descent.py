"""What descends from what: one walk over links, with the rules of descent written down as two small tables.

X descends from Y when a chain of links leads from X to Y and at least one of them is BUILT_ON. Read from X:

    BUILT_ON   that carries something (weights, knowledge, or it is not said what) may be followed by more links;
               one that carries only a design or a part makes a direct row and stands alone before the base
    PART_OF    before the last BUILT_ON only to the family of a size or variant, for what a paper says of one
               version does not hold of another; after it to any family that the name or the lexicon vouches for

and the row says how firmly that holds: `derivative` (every BUILT_ON is stated of the thing itself),
`via-family` (one is stated of its family only, so possible for the member), `member` (no BUILT_ON at all).
A chain never holds a node twice. Nothing else is a link: comparisons, uses and mentions never enter.
"""

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kg.schema import schema

Kind = Literal["derivative", "via-family", "member"]
Direction = Literal["down", "up"]

KINDS: tuple[Kind, ...] = ("derivative", "via-family", "member")
"""From the firmest to the loosest; a node that is several is shown as the first."""

MAX_HOPS = 12
"""Links of a chain, memberships included."""

_INHERITING = ("size", "variant")
_MOST_WAYS = 20_000  # of one search for a chain without return; ends the hopeless ones


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: a node as far as a chain shows it."""

    id: str
    name: str
    type: str
    named: bool = True
    suspect: bool = False  # several papers introduce the name: two things may share it


@dataclass(frozen=True, slots=True)
class Link:
    """An edge that lineage may walk, from what descends to what it descends from."""

    id: str
    subject: End
    relation: str
    object: End
    builds: bool  # BUILT_ON, or DERIVED_FROM between data; else PART_OF
    how: str | None = None
    carries: str | None = None  # None between data: what is derived always carries
    member: str | None = None
    origin: str | None = None
    crossed: bool = False  # of PART_OF: the name or the lexicon vouches for the family
    support: int = 0
    confidence: int = 1000


def as_link(id: str, subject: End, relation: str, object: End, properties: Mapping[str, Any]) -> Link:
    """An edge of the graph as a link, from the properties that the schema gives it."""
    how, origin = properties.get("how"), properties.get("origin")
    return Link(
        id,
        subject,
        relation,
        object,
        builds=relation != "PART_OF",
        how=how,
        carries=(properties.get("carries") or schema().carries(how)) if relation == "BUILT_ON" else None,
        member=properties.get("member"),
        origin=origin,
        crossed=bool(properties.get("crossed")) or origin == "name",
        support=properties.get("support") or 0,
        confidence=properties.get("confidence") or 0,
    )


@dataclass(frozen=True, slots=True)
class Chain:
    """How a node and the base hang together; `links` read from the descendant to its ancestor."""

    kind: Kind
    links: tuple[Link, ...]

    @property
    def support(self) -> int:
        """Papers behind the weakest BUILT_ON of the chain; 0 for a member by name."""
        return min((x.support for x in self.links if x.builds), default=0)

    @property
    def confidence(self) -> int:
        """Per mille of the least certain BUILT_ON of the chain."""
        return min((x.confidence for x in self.links if x.builds), default=1000)

    @property
    def hops(self) -> int:
        """Number of links, memberships included."""
        return len(self.links)


@dataclass(frozen=True, slots=True)
class Terms:
    """Which links count: what must be carried, and how well a statement must be supported."""

    crossed: frozenset[str]  # what a BUILT_ON must carry to be followed further
    shown: frozenset[str] | None = None  # what it must carry to be shown at all; None: anything
    min_support: int = 0
    min_confidence: int = 0

    def step(self, link: Link) -> str:
        """The kind of step that a link is in the tables below; empty where it does not count.

        >>> terms = Terms(crossed=frozenset({"weights"}))
        >>> y, x = End("y", "Y", "Model"), End("x", "X", "Model")
        >>> terms.step(Link("1", x, "BUILT_ON", y, True, carries="weights"))
        'carried'
        >>> terms.step(Link("1", x, "BUILT_ON", y, True, carries="design"))
        'direct'
        >>> terms.step(Link("1", x, "PART_OF", y, False, member="version", crossed=True))
        'version'
        """
        vouched = not link.builds and link.crossed
        if not vouched and (link.support < self.min_support or link.confidence < self.min_confidence):
            return ""
        if not link.builds:
            if not link.crossed:
                return "told"
            return "inherits" if link.member in _INHERITING else "version"
        if link.carries is None or link.carries in self.crossed:
            return "carried"
        return "direct" if self.shown is None or link.carries in self.shown else ""


# Steps: carried, direct (BUILT_ON) · inherits, version (PART_OF, vouched for) · told (PART_OF that only a
# paper states: shown, never followed). A state that has no entry for a step ends there.
_Table = Mapping[str, Mapping[str, str]]

# From the base to its descendants: chains are read backwards.
_DOWN: _Table = {
    "base": {
        "carried": "built",
        "direct": "direct",
        "inherits": "member",
        "version": "member",
        "told": "told",
    },
    "member": {"carried": "built", "direct": "direct", "inherits": "member", "version": "member"},
    "built": {"carried": "built", "inherits": "via"},
    "via": {"carried": "via", "inherits": "via"},
}
# From a descendant to its ancestors: chains are read forwards.
_UP: _Table = {
    "base": {
        "carried": "built",
        "direct": "built closed",
        "inherits": "member",
        "version": "member closed",
        "told": "told",
    },
    "built": {"carried": "built", "inherits": "built family", "version": "built closed"},
    "built family": {"carried": "via", "inherits": "built family", "version": "built closed"},
    "built closed": {"inherits": "built closed", "version": "built closed"},
    "member": {"carried": "via", "inherits": "member", "version": "member closed"},
    "member closed": {"inherits": "member closed", "version": "member closed"},
    "via": {"carried": "via", "inherits": "via family", "version": "via closed"},
    "via family": {"carried": "via", "inherits": "via family", "version": "via closed"},
    "via closed": {"inherits": "via closed", "version": "via closed"},
}
_KIND_OF: Mapping[str, Kind] = {
    "built": "derivative",
    "direct": "derivative",
    "via": "via-family",
    "member": "member",
    "told": "member",
}

_STATES = tuple(dict.fromkeys(s for t in (_DOWN, _UP) for steps in t.values() for s in steps.values()))

Fetch = Callable[[Collection[str]], Iterable[Link]]
"""The links that end (downwards) or start (upwards) at any of these ids."""

_Place = tuple[str, str]  # id of a node, state of the walk there


def walk(base: str, fetch: Fetch, terms: Terms, *, direction: Direction, max_hops: int) -> dict[str, Chain]:
    """The chain of every node that descends from `base` (down) or that `base` descends from (up).

    Of several chains the firmest kind is kept, of these the shortest; of equally short ones the one whose
    links, read from the node found back to `base`, are each the best supported, then the first by name.
    Links are fetched a frontier at a time, each node once; a chain has at most `max_hops` links.
    """
    search = _Search(base, terms, direction, max_hops)
    search.run(fetch)
    return {node: chain for node in search.nodes() if (chain := search.chain(node)) is not None}


class _Search:
    """One breadth-first search over (node, state of the walk)."""

    def __init__(self, base: str, terms: Terms, direction: Direction, max_hops: int) -> None:
        self.base, self.terms, self.max_hops = base, terms, max_hops
        self.down = direction == "down"
        self.table = _DOWN if self.down else _UP
        self.came: dict[_Place, tuple[_Place, Link]] = {}
        self.links: dict[str, list[Link]] = {}  # by the end that is nearer to the base

    def run(self, fetch: Fetch) -> None:
        frontier: list[_Place] = [(self.base, "base")]
        for _ in range(self.max_hops):
            self._load(fetch, frontier)
            ways: dict[_Place, list[tuple[_Place, Link]]] = {}
            for here in frontier:
                for place, link in self._steps(here):
                    if place not in self.came:
                        ways.setdefault(place, []).append((here, link))
            self.came.update((place, min(found, key=self._preference)) for place, found in ways.items())
            frontier = list(ways)
            if not frontier:
                return

    def nodes(self) -> Iterator[str]:
        """The nodes reached, each once."""
        return iter(dict.fromkeys(node for node, _ in self.came))

    def chain(self, node: str) -> Chain | None:
        """The chain to show for a node; None where every chain would visit some node twice."""
        found = [self._chain_to((node, state)) for state in _STATES if (node, state) in self.came]
        if not all(map(_visits_once, found)):
            # Only a member can be led back to itself, through what is built on it.
            found = [c for c in found if _visits_once(c)] + self._chains_without_return(node)
        return min(found, key=_rank, default=None)

    def _load(self, fetch: Fetch, frontier: list[_Place]) -> None:
        wanted = dict.fromkeys(n for n, state in frontier if state in self.table and n not in self.links)
        self.links.update((node, []) for node in wanted)
        for link in fetch(list(wanted)) if wanted else ():
            self.links[self._near(link).id].append(link)

    def _steps(self, here: _Place) -> Iterator[tuple[_Place, Link]]:
        node, state = here
        after = self.table.get(state, {})
        for link in self.links.get(node, ()):
            step, target = self.terms.step(link), self._far(link).id
            if step in after and target not in (self.base, node):
                yield (target, after[step]), link

    def _near(self, link: Link) -> End:
        return link.object if self.down else link.subject

    def _far(self, link: Link) -> End:
        return link.subject if self.down else link.object

    def _preference(self, way: tuple[_Place, Link]) -> tuple[object, ...]:
        (_, state), link = way
        return (-link.support, *_alphabetical(self._near(link)), link.relation, link.id, state)

    def _chain_to(self, place: _Place) -> Chain:
        kind, links = _kind(place[1]), []
        while place[1] != "base":
            place, link = self.came[place]
            links.append(link)
        return Chain(kind, tuple(links if self.down else reversed(links)))

    def _chains_without_return(self, node: str) -> list[Chain]:
        """The shortest chain of each kind that visits no node twice, read upwards, where ways are few."""
        start, goal = (node, self.base) if self.down else (self.base, node)
        found: dict[Kind, Chain] = {}
        ways: list[tuple[str, tuple[Link, ...]]] = [("base", ())]
        for _ in range(self.max_hops):
            ways = [longer for way in ways for longer in self._longer(start, *way)]
            for state, links in ways:
                if links[-1].object.id == goal:
                    found.setdefault(_kind(state), Chain(_kind(state), links))
            if len(ways) > _MOST_WAYS:
                break
        return list(found.values())

    def _longer(
        self, start: str, state: str, links: tuple[Link, ...]
    ) -> Iterator[tuple[str, tuple[Link, ...]]]:
        visited = {start, *(link.object.id for link in links)}
        here = links[-1].object.id if links else start
        for link in self._upwards.get(here, ()):
            step = self.terms.step(link)
            if step in _UP.get(state, {}) and link.object.id not in visited:
                yield _UP[state][step], (*links, link)

    @functools.cached_property
    def _upwards(self) -> dict[str, list[Link]]:
        """All links fetched, by what descends, the best supported first."""
        found: dict[str, list[Link]] = {}
        links = [link for several in self.links.values() for link in several]
        for link in sorted(links, key=lambda x: (-x.support, *_alphabetical(x.object), x.id)):
            found.setdefault(link.subject.id, []).append(link)
        return found


def _kind(state: str) -> Kind:
    return _KIND_OF[state.split()[0]]


def _rank(chain: Chain) -> tuple[object, ...]:
    return (KINDS.index(chain.kind), chain.hops, -chain.support, *(link.id for link in chain.links))


def _visits_once(chain: Chain) -> bool:
    nodes = [chain.links[0].subject.id, *(link.object.id for link in chain.links)]
    return len(set(nodes)) == len(nodes)


def _alphabetical(end: End) -> tuple[str, str]:
    return end.name.casefold(), end.id
