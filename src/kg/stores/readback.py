"""What a database holds of the graph, read from the database itself."""

from collections.abc import Iterator
from pathlib import Path

from kg.errors import GraphError
from kg.graph import TABLES, Graph, Node, Relationship, Row, columns, write_table
from kg.schema import schema
from kg.stores.bolt import Store


class ReadBack:
    """A difference made from the database itself, where nothing is known of what was loaded into it.

    The graph's own nodes are those with what all of them have and no one else has reason to write; its own
    relationships those whose id is made of their ends. Everything of the graph is written again.
    """

    def __init__(self, store: Store, graph: Graph) -> None:
        self.new = graph
        labels: dict[str, str] = {}
        there = {label: self._ids(store, label) for label in schema().types if label != "KnowledgeGraph"}
        for node in graph.nodes():
            labels[node.id] = node.label
            there[node.label].discard(node.id)
        self._gone = [Node(label, id, {}) for label, ids in there.items() for id in sorted(ids)]
        self._relabelled = [(node, labels[node.id]) for node in self._gone if node.id in labels]
        self._gone_links = list(self._links(store, graph, labelled=not store.relabels))

    def count(self) -> int:
        """How many rows there are to write and to delete."""
        graph, gone = self.new, len(self._gone) + len(self._gone_links)
        return gone + sum(graph.count(table) for table in TABLES) + 3 * graph.count("claims")

    def gone_nodes(self) -> Iterator[Node]:
        """The graph's own nodes that it no longer has."""
        return iter(self._gone)

    def gone_relationships(self, *, relabels: bool) -> Iterator[Relationship]:
        """The graph's own relationships that it no longer has; `relabels` was settled with the store."""
        return iter(self._gone_links)

    def relabelled(self) -> Iterator[tuple[Node, str]]:
        """Nodes with the label that they are to have, where it is another."""
        return iter(self._relabelled)

    def _ids(self, store: Store, label: str) -> set[str]:
        cypher = f"MATCH (n:{label}) WHERE n.id IS NOT NULL{_signed(label)} RETURN n.id AS id"
        return {row["id"] for row in store.query(cypher)}

    def _links(self, store: Store, graph: Graph, *, labelled: bool) -> Iterator[Relationship]:
        def same(link: Relationship) -> tuple[str, ...]:
            return (link.id, link.source_label, link.target_label) if labelled else (link.id,)

        for kind in schema().relations:
            wanted = {same(r) for r in graph.relationships() if r.type == kind}
            for row in store.query(_OWN_RELATIONSHIPS.format(kind)):
                (source_label, source), (target_label, target) = row["source"], row["target"]
                link = Relationship(kind, row["id"], source_label, source, target_label, target, {})
                if same(link) not in wanted and {source_label, target_label} <= set(schema().types):
                    yield link


_OWN_RELATIONSHIPS = """MATCH (a)-[r:{0}]->(b) WHERE r.id = a.id + '|{0}|' + b.id
RETURN r.id AS id, [labels(a)[0], a.id] AS source, [labels(b)[0], b.id] AS target"""


def tables(store: Store, folder: Path) -> Graph:
    """The graph that a database holds, written as the four tables into a folder; each table is in memory once.

    What is someone else's stays out: nodes and relationships without the graph's signs, properties that the schema
    does not have. A GraphError where the database holds no graph, or a load into it broke off.
    """
    own = store.graph
    if not own.get("generation"):
        raise GraphError(f"{store.address} holds no whole graph of kg. Load one: kg load.")
    types: dict[str, str] = {}
    held = {label: list(_nodes(store, label)) for label in ("Paper", *schema().entity_types, "Claim")}
    for label, found in held.items():
        types |= {row["id"]: label for row in found}
    rows = {
        "papers": held["Paper"],
        "entities": [{**row, "type": label} for label in schema().entity_types for row in held[label]],
        "edges": [row for kind in schema().edge_relations for row in _edges(store, kind, types)],
        "claims": _with_ends(store, held["Claim"], types),
    }
    for table, found in rows.items():
        names = columns(table)
        fitted = sorted(
            ({k: v for k, v in row.items() if k in names} for row in found), key=lambda r: r["id"]
        )
        write_table(folder, table, fitted, graph=own["id"], generation=own["generation"])
    return Graph(folder)


def _nodes(store: Store, label: str) -> Iterator[Row]:
    cypher = f"MATCH (n:{label}) WHERE n.id IS NOT NULL{_signed(label)} RETURN properties(n) AS properties"
    yield from (row["properties"] for row in store.query(cypher))


def _edges(store: Store, kind: str, types: dict[str, str]) -> Iterator[Row]:
    cypher = (
        f"MATCH (a)-[r:{kind}]->(b) WHERE r.id = a.id + '|{kind}|' + b.id "
        "RETURN properties(r) AS properties, a.id AS subject, b.id AS object"
    )
    for row in store.query(cypher):
        if row["subject"] in types and row["object"] in types:
            ends = {f"{end}_type": types[row[end]] for end in ("subject", "object")}
            yield {
                **row["properties"],
                "relation": kind,
                "subject": row["subject"],
                "object": row["object"],
                **ends,
            }


def _with_ends(store: Store, claims: list[Row], types: dict[str, str]) -> list[Row]:
    for end in ("subject", "object"):
        kind = f"HAS_{end.upper()}"
        cypher = f"MATCH (c:Claim)-[r:{kind}]->(e) WHERE r.id = c.id + '|{kind}|' + e.id RETURN c.id AS id, e.id AS {end}"
        ends = {row["id"]: row[end] for row in store.query(cypher)}
        claims = [
            {**c, end: ends[c["id"]], f"{end}_type": types[ends[c["id"]]]} if c["id"] in ends else c
            for c in claims
        ]
    return claims


def _signed(label: str) -> str:
    """The condition that tells the graph's own nodes of a label from someone else's."""
    signs = {"Paper": ("title",), "Claim": ("paper", "relation")}.get(label, ("papers",))
    return "".join(f" AND n.{sign} IS NOT NULL" for sign in signs)
