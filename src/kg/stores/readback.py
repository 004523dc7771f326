"""What a database holds of the graph, read from the database itself."""

from collections.abc import Iterator

from kg.graph import TABLES, Graph, Node, Relationship
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
        signs = {"Paper": ("title",), "Claim": ("paper", "relation")}.get(label, ("papers",))
        signed = "".join(f" AND n.{sign} IS NOT NULL" for sign in signs)
        return {
            row["id"]
            for row in store.query(f"MATCH (n:{label}) WHERE n.id IS NOT NULL{signed} RETURN n.id AS id")
        }

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
