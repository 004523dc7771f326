"""The scripts and files for databases, run in real ones: what comes out is the graph."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg import export
from kg.graph import Graph
from kg.stores import Store, connect

SCRIPT = Path(__file__).parents[1] / "neo4j-server" / "neo4j.sh"


def contents(store: Store) -> tuple[dict, dict]:
    """All nodes and relationships by id, as labels, ends and properties; without the graph's own node."""
    nodes = store.query("MATCH (n) WHERE NOT n:KnowledgeGraph RETURN labels(n) AS labels, properties(n) AS p")
    links = store.query(
        "MATCH (a)-[r]->(b) RETURN type(r) AS type, labels(a) AS al, a.id AS a, labels(b) AS bl, b.id AS b, properties(r) AS p"
    )
    return (
        {(*n["labels"], n["p"]["id"]): n["p"] for n in nodes},
        {(r["type"], *r["al"], r["a"], *r["bl"], r["b"]): r["p"] for r in links},
    )


def expected(graph: Graph, *, lost: tuple = ()) -> tuple[dict, dict]:
    """What a database should hold, where some values cannot be brought into it."""

    def kept(properties: dict) -> dict:
        return {n: v for n, v in properties.items() if v not in lost}

    return (
        {(n.label, n.id): kept(n.properties) for n in graph.nodes()},
        {
            (r.type, r.source_label, r.source, r.target_label, r.target): kept({"id": r.id, **r.properties})
            for r in graph.relationships()
        },
    )


def run(store: Store, script: Path) -> None:
    """Runs the statements of a script, which end with a semicolon at the end of a line."""
    text = script.read_text("utf8")
    for statement in text.split("\n", 1)[1].split(";\n"):
        if statement.strip():
            store.query(statement, write=True)


def test_the_script_makes_the_graph_in_the_embedded_store(any_graph, tmp_path):
    from kg.stores.embedded import open_store

    export.write(any_graph, tmp_path / "a.cypher")
    (tmp_path / "empty.kg").mkdir()
    with open_store(tmp_path / "empty.kg", write=True) as store:
        for _ in range(2):  # a second run changes nothing
            run(store, tmp_path / "a.cypher")
            assert contents(store) == expected(any_graph)


@pytest.mark.neo4j
def test_the_script_makes_the_graph_in_neo4j(any_graph, tmp_path, neo4j):
    export.write(any_graph, tmp_path / "a.cypher")
    with neo4j.connect() as store:
        for _ in range(2):
            run(store, tmp_path / "a.cypher")
            assert contents(store) == expected(any_graph)


@contextmanager
def serve(line: str, home: Path, port: int) -> Iterator[Store]:
    """A Neo4j without passwords on a home that is there already."""
    process = subprocess.Popen(
        [SCRIPT, "start", line, str(port), home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert any(printed.startswith("BOLT_READY") for printed in process.stdout), "Neo4j does not start"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        with connect(f"bolt://127.0.0.1:{port}") as store:
            yield store
    finally:
        process.kill()
        process.wait()


LOST = {"csv": ([], [""]), "parquet": ("",)}
"""What neo4j-admin takes for no value; `kg load` brings it back."""


@pytest.mark.neo4j
@pytest.mark.parametrize(("line", "form"), [("5", "csv"), ("2026", "csv"), ("2026", "parquet")])
def test_neo4j_admin_imports_the_folder(graph, tmp_path, free_port, line, form):
    if not (shutil.which("mvn") and (shutil.which("javac") or os.environ.get("JAVA_HOME"))):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("needs Java 17 or newer and Maven")
    export.write(graph, tmp_path / "bulk", format="neo4j-admin")
    home = tmp_path / "home"
    admin = {**os.environ, "NEO4J_ADMIN": f"{SCRIPT} admin {line} {home}"}
    done = subprocess.run([tmp_path / "bulk" / "import.sh", form], env=admin, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    check = [SCRIPT, "admin", line, home, "database", "check", "neo4j"]
    checked = subprocess.run(check, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "inconsistenc" not in (checked.stdout + checked.stderr).lower().replace("0 inconsistencies", "")
    with serve(line, home, free_port) as store:
        run(store, _after_a_comment(tmp_path / "bulk" / "constraints.cypher"))
        assert contents(store) == expected(graph, lost=LOST[form])
        report = store.load(graph)
        assert not report.kept
        assert contents(store) == expected(graph)


def _after_a_comment(script: Path) -> Path:
    script.write_text("//\n" + script.read_text("utf8"), "utf8")
    return script
