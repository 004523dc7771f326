"""The laws of loading, each proved on every store: embedded, and each line of Neo4j."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kg.errors import ForeignDatabaseError, GraphError, QueryError, StoreError
from kg.graph import Graph
from kg.stores import Store
from kg.stores.embedded import EmbeddedStore, open_store

ALPACA = ("alpaca", "BUILT_ON", "llama", "Alpaca is fine-tuned from LLaMA.")
VICUNA = ("vicuna", "BUILT_ON", "llama", "Vicuna is fine-tuned from LLaMA.")
BETTER = ("vicuna", "COMPARED_TO", "alpaca", "Vicuna beats Alpaca.")
ONE = {"p1": [ALPACA]}
TWO = {"p1": [ALPACA], "p2": [VICUNA, BETTER]}
NASTY = [
    "quotes ' \" ` and \\ back\\slashes \\u0041",
    "line\nbreaks\r\nand\ttabs",
    "naïve Ünïcödé 模型 モデル نموذج 🦙👩‍🔬 e\u0301 ﬁ",
    "\u202eright to left\u202c \u200bzero\ufeffwidth \u2028separators\u2029 \U0010fffd",
    "$row {id: 'x'}) DETACH DELETE n //",
    "null",
    "  blanks around  ",
    "x" * 200_000,
]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Store]]:
    """One embedded store for all these tests, emptied for each."""
    folder = tmp_path_factory.mktemp("laws")
    with open_store(folder):
        yield lambda: open_store(folder, write=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each law on every store: embedded, loaded row by row or in bulk, and each line of Neo4j."""
    if "backend" in metafunc.fixturenames:
        given = bool(os.environ.get("KG_TEST_NEO4J_URI"))
        lines = [pytest.param(n, marks=pytest.mark.neo4j) for n in (["given"] if given else ["5", "2026"])]
        metafunc.parametrize("backend", ["embedded", "embedded in bulk", *lines], scope="module")


@pytest.fixture
def make_store(
    backend: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], Store]:
    """Opens the same database of a backend as often as it is called; empty at first."""
    if backend in ("5", "2026", "given"):
        connect = request.getfixturevalue("neo4j_server")(backend).connect
    elif backend == "embedded":
        connect = request.getfixturevalue("embedded")
    else:
        monkeypatch.setattr("kg.stores.embedded.BULK_ROWS", 0)
        return lambda: open_store(tmp_path, write=True)
    with connect() as store:
        store.query("MATCH (n) DETACH DELETE n", write=True)
    return connect


@pytest.fixture
def store(make_store):
    with make_store() as opened:
        yield opened


def held(store: Store) -> tuple[list[str], list[str]]:
    """All that the store holds of the graph's types, but the graph's own node."""
    nodes = store.query("MATCH (n) WHERE n.id IS NOT NULL AND NOT n:KnowledgeGraph RETURN n")
    links = store.query("MATCH (a)-[r]->(b) WHERE r.id IS NOT NULL RETURN r, a.id AS a, b.id AS b")
    return sorted(repr(sorted(row["n"].items())) for row in nodes), sorted(
        repr(
            (row["a"], row["b"], sorted((k, v) for k, v in row["r"].items() if k not in ("source", "target")))
        )
        for row in links
    )


def meant(graph: Graph) -> tuple[list[str], list[str]]:
    """What a store of the graph should hold."""
    nodes = ({**n.properties, "label": n.label} for n in graph.nodes())
    return sorted(repr(sorted(n.items())) for n in nodes), sorted(
        repr((r.source, r.target, sorted({**r.properties, "type": r.type}.items())))
        for r in graph.relationships()
    )


def test_what_is_read_back_is_the_graph(store, tabulate):
    said = [(f"model {i}", "USES", f"thing {i}", quote) for i, quote in enumerate(NASTY)]
    graph = tabulate({"p1": said, 'a "paper"\n\'s id \\': [(NASTY[2], "USES", NASTY[0], "?")]})
    report = store.load(graph)
    assert held(store) == meant(graph)
    assert report.counts["claims"] == len(NASTY) + 1
    assert store.generation == graph.generation


def test_loading_twice_is_loading_once(store, tabulate):
    graph = tabulate(TWO)
    first = store.load(graph)
    again = store.load(graph)
    assert (first.nodes_written, first.relationships_written) == (8, 12)
    assert (again.nodes_written, again.relationships_written) == (0, 0)
    assert held(store) == meant(graph)


def test_adding_is_loading_both(store, tabulate):
    store.load(tabulate(ONE))
    both = tabulate(TWO)
    report = store.load(both)
    assert report.kept == ()
    assert held(store) == meant(both)


def test_removing_is_loading_without(store, tabulate):
    store.load(tabulate(TWO))
    less = tabulate(ONE)
    report = store.load(less)
    assert report.nodes_deleted >= 4
    assert held(store) == meant(less)
    assert store.counts()["entities"] == 2


def test_a_value_that_goes_leaves_no_property(store, tabulate):
    store.load(tabulate({"p1": [ALPACA]}))
    changed = tabulate({"p1": [(*ALPACA[:3], "Otherwise.")]})
    store.load(changed)
    assert held(store) == meant(changed)


def test_what_was_loaded_from_elsewhere_is_replaced(store, tabulate):
    two = tabulate(TWO)
    store.load(two)
    store.query(
        "MATCH (m {id: 'vicuna'}) SET m.rating = 5 CREATE (:Model {id: 'hers', name: 'hers'})", write=True
    )
    for noted in (two.folder.parent / "loaded", *_notes(store)):
        shutil.rmtree(noted, ignore_errors=True)
    less = tabulate({"p2": [VICUNA]})
    store.load(less)
    assert store.query("MATCH (m:Model {name: 'hers'}) WITH m, m.id AS id DELETE m RETURN id", write=True)
    assert store.query("MATCH (m {id: 'vicuna'}) SET m.rating = null RETURN labels(m) AS l", write=True)
    assert held(store) == meant(less)


def _notes(store: Store) -> list[Path]:
    return [store.folder / "store" / "loaded"] if isinstance(store, EmbeddedStore) else []


@pytest.mark.parametrize("steps", [1, 3, 5, 7])
def test_a_load_that_breaks_off_is_finished_by_the_next(store, tabulate, steps, monkeypatch):
    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        nonlocal steps
        steps -= 1
        if not steps:
            raise Stop

    store.load(tabulate(ONE))
    monkeypatch.setattr("kg.stores.embedded.BULK_ROWS", 10**9)  # in bulk, all or nothing is loaded
    with pytest.raises(Stop):
        store.load(tabulate({"p2": [VICUNA, BETTER], "p3": [("koala", "USES", "lora", "…")]}), progress=stop)
    assert store.generation == ""
    graph = tabulate({"p1": [ALPACA], "p2": [BETTER]})
    store.load(graph)
    assert held(store) == meant(graph)
    assert store.generation == graph.generation


def test_what_is_not_the_graphs_stays(store, tabulate):
    store.load(tabulate(TWO))
    store.query(
        """MATCH (m {id: 'llama'}), (v {id: 'vicuna'}) SET m.rating = 5
        CREATE (p:Person {name: 'Ada'})-[:LIKES {since: 2020}]->(v), (p)-[:BUILT_ON]->(:Model {name: 'hers'}),
        (m)-[:USES {note: 'by hand'}]->(v)""",
        write=True,
    )
    theirs = """MATCH (p:Person)-[l]->(x) RETURN p.name AS who, type(l) AS what, l.since AS since, x.name AS name
        ORDER BY what"""
    before = store.query(theirs)
    report = store.load(tabulate(ONE))
    assert store.query(theirs) == before
    assert [line for line in report.kept if "vicuna" in line]
    assert store.query("MATCH ({id: 'vicuna'})-[r]-(x:Claim) RETURN r") == []
    assert store.query("MATCH ()-[r:USES]->() RETURN r.note AS note") == [{"note": "by hand"}]
    store.load(tabulate(TWO))
    assert store.query(theirs) == before
    store.query("MATCH (:Person)-[l:LIKES]->() DELETE l", write=True)
    store.query("MATCH ()-[l:USES]->() DELETE l", write=True)
    report = store.load(tabulate(ONE))
    assert store.query("MATCH (n {id: 'vicuna'}) RETURN n") == []


def test_others_properties_stay(store, tabulate):
    two = tabulate(TWO)
    store.load(two)
    store.query("MATCH (p:Paper {id: 'p1'}) SET p.rating = 5", write=True)
    store.query("MATCH ({id: 'alpaca'})-[r:BUILT_ON]->() SET r.checked = true", write=True)
    store.load(tabulate({**TWO, "p3": [ALPACA]}))
    assert store.query("MATCH (p:Paper {id: 'p1'}) RETURN p.rating AS n") == [{"n": 5}]
    assert store.query("MATCH ()-[r:BUILT_ON]->() WHERE r.checked RETURN count(r) AS n") == [{"n": 1}]


def test_a_foreign_database_is_refused(store, tabulate):
    store.query("CREATE (:Person {name: 'Ada'})-[:KNOWS]->(:Person {name: 'Alan'})", write=True)
    graph = tabulate(ONE)
    with pytest.raises(
        ForeignDatabaseError, match=r"no graph of kg: 2 nodes and 1 relationships.*--database.*--replace"
    ):
        store.load(graph)
    assert store.query("MATCH (p:Person) RETURN count(p) AS n") == [{"n": 2}]
    store.load(graph, replace=True)
    assert held(store) == meant(graph)
    assert store.query("MATCH (p:Person) RETURN count(p) AS n") == [{"n": 0}]


def test_another_graph_is_refused(store, tabulate):
    store.load(tabulate(ONE))
    with pytest.raises(ForeignDatabaseError, match="'a test'"):
        store.load(tabulate(TWO, graph="another"))
    assert store.graph["id"] == "a test"


def test_the_graph_of_another_kg_is_refused(store, tabulate):
    graph = tabulate(ONE)
    store.load(graph)
    store.query("MATCH (g:KnowledgeGraph) SET g.format = 99", write=True)
    with pytest.raises(ForeignDatabaseError, match=r"format 99.*--replace"):
        store.load(graph)
    store.load(graph, replace=True)
    assert held(store) == meant(graph)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_was_loaded_before_the_last_load_holds(store, tabulate, monkeypatch, seed):
    """Any papers after any others, and loads that break off in between: what was loaded last is there, nothing else."""

    class Stop(Exception):
        pass

    chance = random.Random(seed)
    said = [
        (a, relation, b, f"{a} {relation} {b}.")
        for a in "abc"
        for b in "def"
        for relation in ("USES", "BUILT_ON")
    ]
    papers = {f"p{i}": chance.sample(said, 3) for i in range(8)}
    monkeypatch.setattr("kg.stores.load.BATCH_ROWS", 4)
    for _ in range(4):
        graph = tabulate({p: papers[p] for p in chance.sample(sorted(papers), chance.randint(1, 6))})
        left = chance.randint(1, 20)

        def stop(done: int, total: int) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Stop

        with suppress(Stop):
            store.load(graph, progress=stop)
            assert held(store) == meant(graph)
    store.load(graph)
    assert held(store) == meant(graph)
    assert store.generation == graph.generation


def test_what_someone_deleted_is_written_again(store, tabulate):
    graph = tabulate(TWO)
    store.load(graph)
    store.query("MATCH (n {id: 'vicuna'}) DETACH DELETE n", write=True)
    store.load(graph)
    assert held(store) == meant(graph)


def test_a_new_connection_reads_the_same(make_store, tabulate):
    graph = tabulate(TWO)
    with make_store() as one:
        one.load(graph)
    with make_store() as another:
        assert held(another) == meant(graph)


@pytest.mark.parametrize(
    "cypher",
    [
        "CREATE (:Model {id: 'x'})",
        "MERGE (n:Model {id: 'x'}) RETURN n",
        "MATCH (n:Paper) SET n.name = 'x'",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n:Paper) REMOVE n.name",
        "CREATE INDEX FOR (n:Paper) ON (n.year)",
        "MATCH (n:Paper) CALL (n) { SET n.year = 1 } RETURN n",
    ],
)
def test_a_query_cannot_write(store, tabulate, cypher):
    graph = tabulate(ONE)
    store.load(graph)
    with pytest.raises(QueryError, match="may only read"):
        store.query(cypher)
    assert held(store) == meant(graph)


def test_rows_are_plain_values(store, tabulate):
    store.load(tabulate(ONE))
    row = store.query(
        "MATCH path = (a)-[r:BUILT_ON]->(b) RETURN a, r, path, date('2023-02-27') AS day, [1.5, null] AS l"
    )[0]
    assert row["a"]["label"] == "Method"
    assert row["r"]["type"] == "BUILT_ON"
    assert (row["r"]["source"], row["r"]["target"]) == ("alpaca", "llama")
    assert [n["id"] for n in row["path"]["nodes"]] == ["alpaca", "llama"]
    assert row["day"] == "2023-02-27"
    assert row["l"] == [1.5, None]
    assert not any("element" in key for part in (row["a"], row["r"]) for key in part)


@pytest.mark.parametrize("cypher", ["MATCH (n RETURN n", "RETURN $missing", "RETURN nosuch(1)"])
def test_a_wrong_query_is_told(store, cypher):
    with pytest.raises(QueryError):
        store.query(cypher)


@pytest.mark.parametrize("value", [2**70, object()])
def test_a_parameter_that_cannot_be_sent_is_told(store, value):
    with pytest.raises(StoreError, match="parameter"):
        store.query("RETURN $x AS x", {"x": value})


def test_parameters_hold_any_text(store):
    for text in NASTY:
        assert store.query("RETURN $x AS x", {"x": text}) == [{"x": text}]
    assert store.query("RETURN $x AS x", {"x": "nul\0 and \ud800"}) == [{"x": "nul\ufffd and \ufffd"}]


def test_what_was_loaded_can_be_read_back(store, tabulate, tmp_path):
    from kg.graph import TABLES
    from kg.stores.readback import tables

    with pytest.raises(GraphError, match="no whole graph"):
        tables(store, tmp_path / "nothing")
    graph = tabulate(TWO)
    store.load(graph)
    store.query(
        "CREATE (:Model {id: 'mine'})-[:BUILT_ON {id: 'mine'}]->(:Paper {id: 'mine too'})", write=True
    )
    store.query("MATCH (m:Model {id: 'llama'}) SET m.rating = 5", write=True)
    found = tables(store, tmp_path / "back")
    for table in TABLES:
        assert list(found.rows(table)) == list(graph.rows(table))
    assert (found.id, found.generation) == (graph.id, graph.generation)
