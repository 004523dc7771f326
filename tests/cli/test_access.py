"""Who may do what, from the command line: reading never writes, passwords never show, nothing listens to strangers."""

import json
import logging
import time
from pathlib import Path

import psutil
import pytest

from kg.build import add_records
from kg.cli import boundary
from kg.folder import GraphFolder

WRITES = [
    "CREATE (n:Model {id: 'x'}) RETURN n",
    "MATCH (n) DETACH DELETE n",
    "MATCH (p:Paper) SET p.name = 'x'",
]
PAPERS = "MATCH (p:Paper) RETURN p.name AS name ORDER BY name"


@pytest.fixture
def graph(tmp_path, say) -> str:
    said = ("Alpaca", "BUILT_ON", "LLaMA 7B", {"how": "fine-tuned"})
    record = say(
        "2303.00001",
        "A model",
        "Alpaca is fine-tuned from LLaMA 7B.",
        ["Model! Alpaca", "Model LLaMA 7B"],
        [said],
    )
    with GraphFolder(tmp_path / "a.kg") as folder:
        add_records([record], folder)
    return str(folder.path)


@pytest.fixture
def kg(capfd, caplog):
    """Runs kg in this process: exit code, stdout and stderr, and all that any library would log, as one text."""
    caplog.set_level(logging.DEBUG)

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = boundary.run(list(arguments))
        out = capfd.readouterr()
        return code, out.out, out.err + caplog.text

    return run


@pytest.fixture
def known(neo4j, monkeypatch) -> None:
    """User and password of the Neo4j, where a user would set them."""
    for name, value in (("USER", neo4j.user), ("PASSWORD", neo4j.password)):
        monkeypatch.setenv(f"KG_NEO4J_{name}", value) if value else monkeypatch.delenv(
            f"KG_NEO4J_{name}", raising=False
        )


@pytest.fixture
def loaded(kg, neo4j, known, graph) -> str:
    """The address of a Neo4j that holds the graph, loaded from the command line."""
    code, _, told = kg("load", neo4j.uri, "-g", graph)
    assert code == 0, told
    assert "Loaded: " in told
    return neo4j.uri


def names(kg, where: str) -> list[str]:
    code, out, told = kg("query", "-g", where, "--json", PAPERS)
    assert code == 0, told
    return [row["name"] for row in json.loads(out)]


@pytest.mark.parametrize("cypher", WRITES)
def test_a_query_cannot_write_into_the_embedded_store(kg, graph, cypher):
    code, out, told = kg("query", "-g", graph, cypher)
    assert (code, out) == (3, "")
    assert "--write" in told
    assert names(kg, graph) == ["A model"]


def test_a_query_may_write_into_the_embedded_store_when_told(kg, graph):
    assert (
        kg("query", "-g", graph, "--write", "MATCH (p:Paper) SET p.name = 'x' RETURN p.name AS name")[0] == 0
    )
    assert names(kg, graph) == ["x"]


def test_a_query_writes_into_neo4j_only_when_told(kg, loaded):
    for cypher in WRITES:
        code, out, told = kg("query", "-g", loaded, cypher)
        assert (code, out) == (3, "")
        assert "--write" in told
    assert names(kg, loaded) == ["A model"]
    assert (
        kg("query", "-g", loaded, "--write", "MATCH (p:Paper) SET p.name = 'x' RETURN p.name AS name")[0] == 0
    )
    assert names(kg, loaded) == ["x"]


def test_wrong_and_missing_credentials_are_told_and_passwords_are_not(kg, loaded, neo4j, graph, monkeypatch):
    if neo4j.password is None:
        pytest.skip("the given Neo4j asks for no password")
    _, _, told = kg("query", "-g", loaded, PAPERS)
    assert neo4j.password not in told
    monkeypatch.setenv("KG_NEO4J_PASSWORD", "hunter2hunter2")
    for command in (["query", "-g", loaded, PAPERS], ["load", loaded, "-g", graph], ["stats", "-g", loaded]):
        code, out, told = kg(*command)
        assert (code, out) == (3, "")
        assert "KG_NEO4J_PASSWORD" in told
        assert "hunter2" not in told
        time.sleep(1.5)  # the server refuses to listen to anyone for a while after three wrong passwords
    monkeypatch.delenv("KG_NEO4J_PASSWORD")
    monkeypatch.delenv("KG_NEO4J_USER")
    code, _, told = kg("query", "-g", loaded, PAPERS)
    assert code == 3
    assert "without credentials" in told


def test_every_socket_that_listens(kg, graph):
    """All that this process and those it leaves behind listen on: two ports of the embedded server, loopback."""
    with GraphFolder(Path(graph)).store():
        server = json.loads((Path(graph) / "endpoint.json").read_text("utf8"))
        family = {p.pid for p in psutil.Process().children(recursive=True)} | {
            psutil.Process().pid,
            server["pid"],
        }
        listening = [
            c for c in psutil.net_connections("inet") if c.status == psutil.CONN_LISTEN and c.pid in family
        ]
        ours = [c.laddr for c in listening if c.pid == server["pid"]]
        assert {ip.removeprefix("::ffff:") for ip, _ in ours} == {"127.0.0.1"}
        assert len(ours) == 2
        assert int(server["uri"].rpartition(":")[2]) in {port for _, port in ours}
        assert {c.laddr.ip.removeprefix("::ffff:") for c in listening} <= {"127.0.0.1", "::1"}
        assert (Path(graph) / "endpoint.json").stat().st_mode & 0o777 == 0o600
        command = " ".join(psutil.Process(server["pid"]).cmdline())
        assert not any(server[user] in command for user in ("reader", "writer"))
