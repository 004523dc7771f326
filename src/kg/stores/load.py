"""Loads a graph into a database by difference, and touches nothing there that is not the graph's own.

All writing is by MERGE on `id`, in batches that may run twice, so a load that broke off is finished by the next.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import ForeignDatabaseError, GraphError, StoreError, StoreUnavailableError
from kg.graph import Graph, Node, Relationship
from kg.schema import schema
from kg.stores.bolt import LoadReport, Progress, Store
from kg.stores.difference import Difference, Loaded, Place, difference, expected, unwritable
from kg.stores.locks import taken
from kg.stores.readback import ReadBack
from kg.text import storable

T = TypeVar("T")
Row = dict[str, Any]

LOAD_SECONDS = 10.0  # for another load of the same graph into the same database to end
BATCH_ROWS = 2000
BATCH_CHARACTERS = 2_000_000
INDEXED_BYTES = 8000  # an index of Neo4j takes no more


def load(
    store: Store, graph: Graph, loaded: Loaded, *, replace: bool = False, progress: Progress | None = None
) -> LoadReport:
    """Makes the database hold the graph; `loaded` knows what it held before.

    Raises a ForeignDatabaseError where the database holds something else, unless `replace`, which empties it first,
    and a StoreError where the counts do not come out.
    """
    name = loaded.folder.name
    why = (
        f"Another kg loads this graph into {store.address} and does not let go. Try again when it has ended."
    )
    with taken(
        _made(loaded.folder.parent) / f"{name}.lock", exclusive=True, wait=LOAD_SECONDS, why=why, signed=True
    ):
        return _load(store, graph, loaded, replace=replace, progress=progress)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder


def _load(
    store: Store, graph: Graph, loaded: Loaded, *, replace: bool, progress: Progress | None
) -> LoadReport:
    began = time.monotonic()
    check_owner(store, graph, replace=replace)
    if replace:
        clear(store)
    if not store.graph:
        loaded.forget()
        before: list[Graph] | None = []
    else:
        before = loaded.before(store.generation)
    store.declare()
    with _marked(store, graph, loaded), ExitStack() as stack:
        rows: Difference | ReadBack
        work = loaded.work
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        if before is None:  # loaded from elsewhere: what is the graph's own is read back
            rows = ReadBack(store, graph)
        else:
            rows = stack.enter_context(difference(before, graph, work=work))
        writer = _Writer(store, rows.count(), progress)
        writer.apply(rows)
        writer.delete_nodes([*loaded.kept, *((n.label, n.id) for n in rows.gone_nodes())])
        lacking, counts = _lacking(store, graph)
        if lacking:  # someone has deleted what is the graph's: write everything again
            with difference([], graph, work=work) as everything:
                _Writer(store, everything.count(), progress).apply(everything)
            lacking, counts = _lacking(store, graph)
            if lacking:
                raise StoreError(f"After loading, {store.address} lacks {lacking} rows. Load with --replace.")
    loaded.kept = writer.kept
    return LoadReport(
        **{name: writer.tally[name] for name in _TALLIES},
        kept=tuple(f"{label} {id}" for label, id in writer.kept),
        counts=counts,
        seconds=time.monotonic() - began,
    )


_TALLIES = ("nodes_written", "nodes_deleted", "relationships_written", "relationships_deleted")


def check_owner(store: Store, graph: Graph, *, replace: bool) -> None:
    """Raises a ForeignDatabaseError unless the database is empty, holds this graph, or may be replaced."""
    if not graph.id:
        raise GraphError(
            f"The tables in {graph.folder} do not say which graph they are. Build the graph again."
        )
    if replace:
        return
    owners = {row["id"]: row["format"] for row in store.query(_OWNERS)}
    nodes = store.count("(n)")
    if graph.id in owners:
        if owners[graph.id] != schema().format:
            raise ForeignDatabaseError(
                f"{store.address} holds this graph in format {owners[graph.id]}, this kg writes {schema().format}. "
                "Load it anew with --replace, or use the kg that wrote it."
            )
    elif nodes:
        what = f"the graph {', '.join(map(repr, sorted(owners)))}" if owners else "no graph of kg"
        raise ForeignDatabaseError(
            f"{store.address} holds {what}: {nodes} nodes and {store.count('()-[n]->()')} relationships. "
            "Load into another database (--database NAME), or empty this one (--replace)."
        )


_OWNERS = "MATCH (g:KnowledgeGraph) RETURN g.id AS id, g.format AS format"


def clear(store: Store) -> None:
    """Deletes everything in the database, in bounded transactions."""
    for delete in (
        "MATCH ()-[r]->() WITH r LIMIT 20000 DELETE r RETURN count(*) AS n",
        "MATCH (n) WITH n LIMIT 20000 DELETE n RETURN count(*) AS n",
    ):
        while store.query(delete, write=True)[0]["n"]:
            pass


@contextmanager
def _marked(store: Store, graph: Graph, loaded: Loaded) -> Iterator[None]:
    """The graph's own node: without a generation while a load is under way."""
    loaded.begin(graph)
    own = {"id": graph.id, "format": schema().format, "generation": graph.generation}
    try:
        store.query(
            "MERGE (g:KnowledgeGraph {id: $id}) SET g.format = $format REMOVE g.generation", own, write=True
        )
        yield
        store.query("MATCH (g:KnowledgeGraph {id: $id}) SET g.generation = $generation", own, write=True)
    except StoreUnavailableError as error:
        raise StoreUnavailableError(f"{error} What is written stays: load again to finish.") from error
    loaded.finish()


class _Writer:
    """Writes and deletes rows in batches, and counts them."""

    def __init__(self, store: Store, total: int, progress: Progress | None) -> None:
        self.store, self.total, self.progress = store, total, progress
        self.done = 0
        self.tally: Counter[str] = Counter()
        self.kept: list[Place] = []

    def apply(self, rows: Difference | ReadBack) -> None:
        """All of a difference but the nodes that are gone: they go last, when nothing of ours needs them."""
        gone = rows.gone_relationships(relabels=self.store.relabels)
        for key, batch in _batches(gone, _ends):
            found = self._send(_DELETE_RELATIONSHIPS.format(*key), [_link_row(r) for r in batch])
            self.tally["relationships_deleted"] += found[0]["n"]
        if self.store.relabels:
            self._relabel(rows)
        for label, nodes in _batches(rows.new.nodes(), lambda n: n.label):
            self._send(_WRITE_NODES.format(label), [_node_row(n) for n in nodes])
            self.tally["nodes_written"] += len(nodes)
        for key, links in _batches(rows.new.relationships(), _ends):
            ordered = sorted(links, key=lambda r: r.source)
            self._send(_WRITE_RELATIONSHIPS.format(*key), [_link_row(r) for r in ordered])
            self.tally["relationships_written"] += len(links)

    def delete_nodes(self, places: Iterable[Place]) -> None:
        """Deletes nodes that the graph no longer has, but keeps those that a relationship still needs."""
        for label, batch in _batches(places, lambda place: place[0]):
            rows = [{"id": id} for _, id in batch]
            self.tally["nodes_deleted"] += self._send(_DELETE_NODES.format(label), rows)[0]["n"]
            left = self.store.query(_LEFT_NODES.format(label), {"rows": rows})
            self.kept += [(label, row["id"]) for row in left]

    def _relabel(self, rows: Difference | ReadBack) -> None:
        """Gives a node its new label in place, so that others' relationships stay on it."""
        for (old, new), batch in _batches(rows.relabelled(), lambda pair: (pair[0].label, pair[1])):
            self._send(_RELABEL.format(old, new), [{"id": node.id} for node, _ in batch])

    def _send(self, cypher: str, rows: list[Row]) -> list[Row]:
        found = self.store.query(cypher, {"rows": rows}, write=True)
        self.done += len(rows)
        if self.progress:
            self.progress(min(self.done, self.total), self.total)
        return found


_RELABEL = """UNWIND $rows AS row MATCH (n:{0} {{id: row.id}})
WHERE NOT EXISTS {{ MATCH (o:{1}) WHERE o.id = row.id }} REMOVE n:{0} SET n:{1}"""
_WRITE_NODES = "UNWIND $rows AS row MERGE (n:{0} {{id: row.id}}) SET n += row.properties"
_WRITE_RELATIONSHIPS = """UNWIND $rows AS row MATCH (a:{1} {{id: row.source}}) MATCH (b:{2} {{id: row.target}})
MERGE (a)-[r:{0} {{id: row.id}}]->(b) SET r += row.properties"""
_MATCH_RELATIONSHIPS = """UNWIND $rows AS row MATCH (a:{1} {{id: row.source}})-[r:{0}]->(b:{2} {{id: row.target}})
WHERE r.id = row.id """
_DELETE_RELATIONSHIPS = _MATCH_RELATIONSHIPS + "DELETE r RETURN count(*) AS n"
_COUNT_RELATIONSHIPS = _MATCH_RELATIONSHIPS + "RETURN count(r) AS n"
_DELETE_NODES = (
    "UNWIND $rows AS row MATCH (n:{0} {{id: row.id}}) WHERE NOT (n)--() DELETE n RETURN count(*) AS n"
)
_LEFT_NODES = "UNWIND $rows AS row MATCH (n:{0} {{id: row.id}}) RETURN DISTINCT n.id AS id ORDER BY id"
_COUNT_NODES = "UNWIND $rows AS row MATCH (n:{0} {{id: row.id}}) RETURN count(n) AS n"


def _lacking(store: Store, graph: Graph) -> tuple[int, dict[str, Any]]:
    """How many of the graph's rows the database does not have, and the counts of all that it has.

    Compares counts; only where the database has more than the graph, rows of someone's own under the same label or
    type, does it look for the graph's rows one by one.
    """
    counts, (nodes, links) = store.counts(), expected(graph)
    there, wanted = Counter({**counts["types"], **counts["relations"]}), Counter({**nodes, **links})
    more = {name for name in wanted if there[name] > wanted[name]}
    ours = Counter({name: there[name] for name in wanted if name not in more})
    if more:
        for label, found in _batches((n for n in graph.nodes() if n.label in more), lambda n: n.label):
            rows = [{"id": n.id} for n in found]
            ours[label] += store.query(_COUNT_NODES.format(label), {"rows": rows})[0]["n"]
        for key, links_found in _batches((r for r in graph.relationships() if r.type in more), _ends):
            rows = [{"id": r.id, "source": r.source, "target": r.target} for r in links_found]
            ours[key[0]] += store.query(_COUNT_RELATIONSHIPS.format(*key), {"rows": rows})[0]["n"]
    return (wanted - ours).total(), counts


def _node_row(node: Node) -> Row:
    """All properties that the schema gives the label: one that has no value is sent as null, which removes it."""
    fields = {p.name: node.properties.get(p.name) for p in schema().properties_of(node.label)}
    return {"id": _indexed(node.id, node), "properties": {**fields, "name": shortened(fields["name"])}}


def _link_row(link: Relationship) -> Row:
    fields = {p.name: link.properties.get(p.name) for p in schema().properties_of(link.type)}
    return {
        "id": link.id,
        "source": link.source,
        "target": link.target,
        "properties": {**fields, "id": link.id},
    }


def shortened(name: str | None) -> str | None:
    """A name that an index takes: its first 8,000 bytes; longer ones are no names, and a paper keeps its title."""
    if name is None or len(name) * 4 <= INDEXED_BYTES or len(name.encode("utf8", "replace")) <= INDEXED_BYTES:
        return name
    return name.encode("utf8", "replace")[: INDEXED_BYTES - 3].decode("utf8", "ignore") + "…"


def _indexed(id: str, node: Node) -> str:
    if len(id.encode("utf8", "replace")) > INDEXED_BYTES or storable(id) != id:
        raise StoreError(f"The id of {node.label} {id[:80]!r} is too long, or holds what no database stores.")
    return id


def _ends(link: Relationship) -> tuple[str, str, str]:
    return link.type, link.source_label, link.target_label


def _batches(values: Iterable[T], key: Callable[[T], Any]) -> Iterator[tuple[Any, list[T]]]:
    """Runs of values of one key, bounded in rows and in characters, each key's values in their order."""
    waiting: dict[Any, list[T]] = {}
    weights: Counter[Any] = Counter()
    for value in values:
        k = key(value)
        waiting.setdefault(k, []).append(value)
        weights[k] += _weight(value)
        if len(waiting[k]) >= BATCH_ROWS or weights[k] >= BATCH_CHARACTERS:
            weights[k] = 0
            yield k, waiting.pop(k)
    yield from waiting.items()


def _weight(value: Any) -> int:
    properties = getattr(value, "properties", {})
    return sum(len(v) for v in properties.values() if isinstance(v, str | list))
