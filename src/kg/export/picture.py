"""What a picture of the graph shows: labelled nodes, typed edges, plain attributes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kg.graph import Graph, Node, Relationship
from kg.schema import schema
from kg.text import storable

Value = str | int | float | bool
Attributes = dict[str, Value]


def _entities(label: str) -> bool:
    return schema().types[label].entity and not schema().types[label].literal


VIEWS: dict[str, Callable[[str], bool]] = {
    "entities": _entities,
    "papers": lambda label: label == "Paper" or _entities(label),
    "all": lambda label: True,
}
"""Name → which labels a view shows; the first is the usual one. Sizes stay as attributes of their models."""

# Names that networkx, Gephi or the formats take for something of their own.
_TAKEN = frozenset(
    "id label name type kind key for pid source target weight start end viz color size x y z parents slices "
    "spells interval timestamp timeset".split()
)
_TYPES = {"integer": "integer", "float": "float", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A view of a graph, in order of id; edges of less than `min_support` papers, and what only they hold, are out."""

    graph: Graph
    view: str
    min_support: int = 0

    def nodes(self) -> Iterator[Node]:
        """The nodes shown."""
        shows = VIEWS[self.view]
        kept = {i for e in self.edges() for i in (e.source, e.target)} if self.min_support else None
        for node in self.graph.nodes():
            if shows(node.label) and (kept is None or node.id in kept):
                yield node

    def edges(self) -> Iterator[Relationship]:
        """The edges between labels that are shown."""
        shows = VIEWS[self.view]
        for edge in self.graph.relationships():
            structure = schema().relations[edge.type].structure
            supported = structure or edge.properties.get("support", 0) >= self.min_support
            if supported and shows(edge.source_label) and shows(edge.target_label):
                yield edge

    def node_columns(self) -> dict[str, str]:
        """Attribute → string, integer, float or boolean, for all nodes of the view, in the order of the schema."""
        labels = [label for label in schema().types if VIEWS[self.view](label)]
        return {"entity_type": "string"} | _columns(schema().node_properties, labels)

    def edge_columns(self) -> dict[str, str]:
        """Attribute → string, integer, float or boolean, for all edges of the view."""
        shows = VIEWS[self.view]
        relations = [
            r.name
            for r in schema().relations.values()
            if any(map(shows, r.subject)) and any(map(shows, r.object))
        ]
        return {"relation": "string"} | _columns(schema().edge_properties, relations)


def label(node: Node) -> str:
    """The name of a node, never its id."""
    return storable(str(node.properties.get("name") or node.properties.get("title") or "unnamed"))


def node_attributes(node: Node) -> Attributes:
    """A node's type and properties as plain values; a list is joined by `; `."""
    return {"entity_type": node.label} | _attributes(node.properties, schema().node_properties)


def edge_attributes(edge: Relationship) -> Attributes:
    """An edge's relation and properties as plain values."""
    return {"relation": edge.type} | _attributes(edge.properties, schema().edge_properties)


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
