"""What a picture of the graph shows: labelled nodes, typed edges, plain attributes, and where and how large they are."""

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kg.descent import MAX_HOPS, End, Link, Terms, as_link, walk
from kg.errors import NotFoundError
from kg.export.places import Place, places
from kg.graph import Graph, Node, Relationship
from kg.schema import schema
from kg.text import storable

Value = str | int | float | bool
Attributes = dict[str, Value]


def _entities(label: str) -> bool:
    return schema().types[label].entity and not schema().types[label].literal


@dataclass(frozen=True, slots=True)
class View:
    """Which labels and relations a picture shows, and whether nodes without an edge are among it."""

    labels: Callable[[str], bool]
    relations: frozenset[str] | None = None  # None: all
    alone: bool = True


LINEAGE = frozenset({"BUILT_ON", "DERIVED_FROM", "PART_OF"})
"""The relations that descent walks."""

VIEWS: dict[str, View] = {
    "entities": View(_entities),
    "lineage": View(_entities, LINEAGE, alone=False),
    "papers": View(lambda label: label == "Paper" or _entities(label)),
    "all": View(lambda label: True),
}
"""Name → what a view shows; the first is the usual one. Sizes stay as attributes of their models."""

# Names that networkx, Gephi or the formats take for something of their own.
_TAKEN = frozenset(
    "id label name type kind key for pid source target weight start end viz color size x y z parents slices "
    "spells interval timestamp timeset".split()
)
_TYPES = {"integer": "integer", "float": "float", "boolean": "boolean"}

# What a picture says of a node beside the properties of the schema, and of an edge.
_NODE_COLUMNS = {"type": "string", "year": "integer", "support": "integer", "descendants": "integer"}
_EDGE_COLUMNS = {"relation": "string", "quote": "string", "paper": "string"}


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge as far as a picture needs it before it is drawn."""

    source: str
    target: str
    relation: str
    support: int
    named: bool  # a name makes it, no paper states it


class Picture:
    """A view of a graph, in order of id, or what lies within so many links of one node of it.

    Edges of less than `min_support` papers, and what only they hold, are out; a family that a name makes stays
    with its members. Rows stream from the tables; ids, ends of edges and one quote per edge are held in memory.
    """

    def __init__(
        self, graph: Graph, view: str, min_support: int = 0, *, around: str | None = None, hops: int = 1
    ) -> None:
        self.graph, self.view, self.min_support = graph, VIEWS[view], min_support
        self.around, self.hops = around, hops

    def nodes(self) -> Iterator[Node]:
        """The nodes shown."""
        for node in self._nodes():
            if self._kept is None or node.id in self._kept:
                yield node

    def edges(self) -> Iterator[Relationship]:
        """The edges between nodes that are shown."""
        for edge in self._edges():
            if self._kept is None or (edge.source in self._kept and edge.target in self._kept):
                yield edge

    def node_columns(self) -> dict[str, str]:
        """Attribute → string, integer, float or boolean, for all nodes of the view, in the order of the schema."""
        labels = [label for label in schema().types if self.view.labels(label)]
        return _NODE_COLUMNS | _columns(schema().node_properties, labels)

    def edge_columns(self) -> dict[str, str]:
        """Attribute → string, integer, float or boolean, for all edges of the view."""
        shows = self.view.labels
        relations = [
            r.name
            for r in schema().relations.values()
            if any(map(shows, r.subject)) and any(map(shows, r.object)) and self._relation(r.name)
        ]
        return _EDGE_COLUMNS | _columns(schema().edge_properties, relations)

    def node_attributes(self, node: Node) -> Attributes:
        """A node's type and properties as plain values; a list is joined by `; `.

        `year` is when it was introduced (a paper: published), `support` how many papers name it, `descendants` how
        many things descend from it, as `kg lineage` counts derivatives.
        """
        own: Attributes = {"type": node.label}
        given = node.properties
        if (year := given.get("introduced_year", given.get("year"))) is not None:
            own["year"] = year
        if (papers := given.get("papers")) is not None:
            own["support"] = papers
        if schema().types[node.label].entity:
            own["descendants"] = self.descendants.get(node.id, 0)
        return own | _attributes(given, schema().node_properties)

    def edge_attributes(self, edge: Relationship) -> Attributes:
        """An edge's relation and properties as plain values, its best quote and the paper that says so."""
        own: Attributes = {"relation": edge.type}
        if edge.id in self._quotes:
            own["quote"], own["paper"] = self._quotes[edge.id][-1], self._quotes[edge.id][-2]
        return own | _attributes(edge.properties, schema().edge_properties)

    def size(self, node: str) -> float:
        """The radius of a node: its area grows with the number of its descendants."""
        return round(4 + 3 * math.sqrt(self.descendants.get(node, 0)), 1)

    @functools.cached_property
    def places(self) -> Mapping[str, Place]:
        """Where each node lies; see `kg.export.places`."""
        sizes = {node.id: self.size(node.id) for node in self.nodes()}
        wires = [w for w in self._wires if w.source in sizes and w.target in sizes]
        return places(sizes, [(w.source, w.target, w.relation in LINEAGE, w.support) for w in wires])

    @functools.cached_property
    def descendants(self) -> Mapping[str, int]:
        """How many derivatives a node has, over the whole graph; nodes without any are left out."""
        below: dict[str, list[Link]] = {}
        for edge in self.graph.relationships():
            if schema().relations[edge.type].structure:
                break  # edges come first
            if edge.type in LINEAGE:
                ends = End(edge.source, "", edge.source_label), End(edge.target, "", edge.target_label)
                below.setdefault(edge.target, []).append(
                    as_link(edge.id, ends[0], edge.type, ends[1], edge.properties)
                )
        terms = Terms(frozenset(schema().crossed), min_support=self.min_support)

        def fetch(ids: Any) -> Iterator[Link]:
            return (link for node in ids for link in below.get(node, ()))

        found = {}
        for base in below:
            chains = walk(base, fetch, terms, direction="down", max_hops=MAX_HOPS).values()
            if count := sum(chain.kind == "derivative" for chain in chains):
                found[base] = count
        return found

    def _relation(self, name: str) -> bool:
        return self.view.relations is None or name in self.view.relations

    def _nodes(self) -> Iterator[Node]:
        for node in self.graph.nodes():
            if self.view.labels(node.label):
                yield node
            elif node.label == "Claim":
                return  # they come last, and are the most

    def _edges(self) -> Iterator[Relationship]:
        shows = self.view.labels
        for edge in self.graph.relationships():
            structure = schema().relations[edge.type].structure
            if structure and not shows("Claim"):
                return  # links of claims come last
            enough = structure or edge.properties.get("support", 0) >= self.min_support
            if (
                (enough or _by_name(edge))
                and self._relation(edge.type)
                and shows(edge.source_label)
                and shows(edge.target_label)
            ):
                yield edge

    @functools.cached_property
    def _wires(self) -> list[Wire]:
        return [
            Wire(e.source, e.target, e.type, e.properties.get("support", 0), _by_name(e))
            for e in self._edges()
        ]

    @functools.cached_property
    def _kept(self) -> frozenset[str] | None:
        """The ids of the nodes shown; None where all that the view's labels have are."""
        if self.view.alone and not self.min_support and self.around is None:
            return None
        kept: set[str] | None = None
        if self.min_support:
            kept = _with_families(self._wires)
        elif not self.view.alone:
            kept = {end for w in self._wires for end in (w.source, w.target)}
        return frozenset(self._near(kept) if self.around is not None else kept or ())

    def _near(self, kept: set[str] | None) -> set[str]:
        """What lies within `hops` links of the centre, whichever way they point."""
        assert self.around is not None
        if not any(node.id == self.around for node in self._nodes()):
            raise NotFoundError(self.around)
        beside: dict[str, list[str]] = {}
        for w in self._wires:
            if kept is None or (w.source in kept and w.target in kept):
                beside.setdefault(w.source, []).append(w.target)
                beside.setdefault(w.target, []).append(w.source)
        found = frontier = {self.around}
        for _ in range(self.hops):
            frontier = {other for node in frontier for other in beside.get(node, ())} - found
            found = found | frontier
        return found

    @functools.cached_property
    def _quotes(self) -> Mapping[str, tuple[int, int, str, str]]:
        """Edge → its best claim (the surest, then the earliest): rank, year, paper, quote."""
        best: dict[str, tuple[int, int, str, str]] = {}
        for row in self.graph.rows("claims"):
            if "quote" in row and "edge" in row:
                claim = (
                    -row.get("confidence", 0),
                    row.get("year", 9999),
                    row["paper"],
                    storable(row["quote"]),
                )
                best[row["edge"]] = min(claim, best.get(row["edge"], claim))
        return best


def _by_name(edge: Relationship) -> bool:
    return edge.type == "PART_OF" and not edge.properties.get("support")


def _with_families(wires: list[Wire]) -> set[str]:
    """The ends of what papers state, and the families that names put these under."""
    kept = {end for w in wires if not w.named for end in (w.source, w.target)}
    above: dict[str, list[str]] = {}
    for w in wires:
        if w.named:
            above.setdefault(w.source, []).append(w.target)
    waiting = list(kept)
    while waiting:
        new = [family for family in above.get(waiting.pop(), ()) if family not in kept]
        kept.update(new)
        waiting += new
    return kept


def label(node: Node) -> str:
    """The name of a node, never its id."""
    return storable(str(node.properties.get("name") or node.properties.get("title") or "unnamed"))


def colour(label: str) -> str:
    """The colour of a type in the schema's legend, as #rrggbb."""
    return schema().types[label].colour


def weight(edge: Relationship) -> int | None:
    """The support of an edge; None where a name makes it, for Gephi throws edges of weight 0 away."""
    return edge.properties.get("support") or None


def _columns(properties: dict[str, Any], owners: list[str]) -> dict[str, str]:
    return {
        _free(name, p): _TYPES.get(p.type, "string")
        for name, p in properties.items()
        if set(p.of) & set(owners) and _free(name, p)
    }


def _attributes(values: dict[str, Any], properties: dict[str, Any]) -> Attributes:
    named = ((_free(name, properties[name]), v) for name, v in values.items() if name in properties)
    return {name: _plain(v) for name, v in named if name}


def _free(name: str, property: Any) -> str:
    """The attribute's name, away from those that are taken; ids and names stand elsewhere."""
    if name in ("id", "name"):
        return ""
    return f"{property.of[0].lower()}_{name}" if name in _TAKEN else name


def _plain(value: Any) -> Value:
    if isinstance(value, list):
        return storable("; ".join(map(str, value)))
    return storable(value) if isinstance(value, str) else value
