"""What tests share: the optional data folder beside the checkout, records written by hand, a real Neo4j."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from browser import Browser, serve
from kg.graph import Graph, Row, write_table
from kg.stores import Store, connect
from kg.types import PAPER, Evidence, Paper, Record, RecordEntity, Result, Triple


@pytest.fixture(scope="session")
def shared() -> Path:
    """The optional folder of real pages, papers and annotations; `KG_SHARED` says where else it is."""
    folder = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        _missing(f"no data folder at {folder}; set KG_SHARED")
    return folder


def _missing(what: str) -> None:
    """Skips the test and says why; where everything must be there, fails it."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


NEO4J_SCRIPT = Path(__file__).parent / "neo4j-server" / "neo4j.sh"
"""Starts a real Neo4j, and runs its `neo4j-admin`; its head says how."""

NEO4J_LINES = ["given"] if os.environ.get("KG_TEST_NEO4J_URI") else ["5", "2026"]
"""The lines of Neo4j to test on: one server each, or the one that `KG_TEST_NEO4J_URI` names."""


@dataclass(frozen=True)
class Neo4j:
    """A running Neo4j; everything in it may be deleted."""

    uri: str
    user: str | None
    password: str | None
    process: subprocess.Popen[str] | None = None

    def connect(self, **options: object) -> Store:
        return connect(self.uri, **{"user": self.user, "password": self.password, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def start_neo4j() -> Callable[..., AbstractContextManager[Neo4j]]:
    """Starts a Neo4j of one's own: `with start_neo4j("5", home, port=port) as server`."""
    return _start_neo4j


@pytest.fixture(scope="session")
def free_ports() -> Callable[[], int]:
    """Finds a port that is free, and the next one too."""
    return _free_ports


@contextmanager
def _start_neo4j(line: str, home: Path, *, port: int | None = None) -> Iterator[Neo4j]:
    """A Neo4j of that line on a free port with a password, put together on first use and cached."""
    if not (shutil.which("mvn") and (shutil.which("javac") or os.environ.get("JAVA_HOME"))):
        _missing("a real Neo4j needs Java 17 or newer and Maven, or KG_TEST_NEO4J_URI")
    port, password = port or _free_ports(), "for-tests-only"
    process = subprocess.Popen(
        [str(NEO4J_SCRIPT), "start", line, str(port), str(home), password],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    threading.Thread(target=said.extend, args=(process.stderr,), daemon=True).start()
    try:
        for printed in process.stdout:
            if printed.startswith("BOLT_READY"):
                break
        else:
            _missing(f"Neo4j {line} does not start: {''.join(said)[-500:]}")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield Neo4j(f"bolt://127.0.0.1:{port}", "neo4j", password, process)
    finally:
        process.kill()
        process.wait()


def _free_ports() -> int:
    """A port that is free, and the next one too."""
    while True:
        with socket.socket() as bolt, socket.socket() as http:
            bolt.bind(("127.0.0.1", 0))
            port = int(bolt.getsockname()[1])
            try:
                http.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Neo4j]]:
    """Starts Neo4j of a line when first asked for it, and keeps it for the session."""
    from contextlib import ExitStack

    running: dict[str, Neo4j] = {}
    with ExitStack() as stack:

        def server(line: str) -> Neo4j:
            if line == "given":
                user, password = (os.environ.get(f"KG_TEST_NEO4J_{n}") for n in ("USER", "PASSWORD"))
                return Neo4j(os.environ["KG_TEST_NEO4J_URI"], user, password)
            if line not in running:
                home = tmp_path_factory.mktemp(f"neo4j-{line}")
                running[line] = stack.enter_context(_start_neo4j(line, home))
            return running[line]

        yield server


@pytest.fixture(
    params=[pytest.param(line, id=f"neo4j-{line}", marks=pytest.mark.neo4j) for line in NEO4J_LINES]
)
def neo4j(request: pytest.FixtureRequest, neo4j_server: Callable[[str], Neo4j]) -> Neo4j:
    """A Neo4j that holds no nodes, once for each line."""
    server: Neo4j = neo4j_server(request.param)
    with server.connect() as store:
        store.query("MATCH (n) DETACH DELETE n", write=True)
    return server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser without a window."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    binary = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if not (binary and driver):
        _missing("a browser needs Chromium (or Chrome) and chromedriver on the path")
    else:
        with serve(binary, driver, _free_ports(), tmp_path_factory.mktemp("browser")) as opened:
            yield opened


@pytest.fixture
def tabulate(tmp_path: Path) -> Callable[..., Graph]:
    """Writes the tables of a graph made from papers, each a list of (subject, relation, object, quote).

    An entity that several papers name is a Model, else a Method; so a paper more or less changes labels too.
    """
    made: list[Graph] = []

    def tables(papers: Mapping[str, list[tuple[str, str, str, str]]], *, graph: str = "a test") -> Graph:
        made.append(_tabulate(tmp_path / "graph" / f"tables-{len(made)}", papers, graph))
        return made[-1]

    return tables


def _tabulate(folder: Path, papers: Mapping[str, list[tuple[str, str, str, str]]], graph: str) -> Graph:
    named = Counter(n for said in papers.values() for n in {n for s, _, o, _ in said for n in (s, o)})
    types = {name: "Model" if count > 1 else "Method" for name, count in named.items()}
    entities = [
        {
            "id": n,
            "type": types[n],
            "name": n.upper(),
            "aliases": [n, f"{n}!"],
            "papers": count,
            "known": False,
        }
        for n, count in named.items()
    ]
    edges: dict[str, Row] = {}
    claims = []
    for paper, said in papers.items():
        for subject, relation, target, quote in said:
            edge = f"{subject}|{relation}|{target}"
            ends = {
                "subject": subject,
                "subject_type": types[subject],
                "object": target,
                "object_type": types[target],
            }
            row = edges.setdefault(edge, {"id": edge, "relation": relation, **ends, "support": 0})
            row["support"] += 1
            claim = {
                "id": f"{paper}#{edge}",
                "name": edge,
                "relation": relation,
                "paper": paper,
                "edge": edge,
            }
            claims.append({**claim, **ends, "quote": quote, "start": 0, "end": len(quote), "confidence": 900})
    rows = {
        "papers": [{"id": p, "name": f"On {p}", "title": f"On {p}", "year": 2023} for p in papers],
        "entities": entities,
        "edges": list(edges.values()),
        "claims": claims,
    }
    generation = hashlib.sha256(repr(sorted(papers.items())).encode("utf8", "replace")).hexdigest()[:16]
    for table, values in rows.items():
        write_table(folder, table, sorted(values, key=lambda r: r["id"]), graph=graph, generation=generation)
    return Graph(folder)


@pytest.fixture(scope="session")
def say() -> Callable[..., Record]:
    """Writes a record by hand: `say("2303.00001", "A title", "A text.", ["Model! Alpaca = Stanford Alpaca"], [...])`.

    Entities are "Type name = alias = alias", introduced with a "!" behind the type. Statements are
    (subject, relation, object, qualifiers); a result's relation is RESULT, its object "on", its qualifiers
    metric and value. The evidence is the first sentence that holds the object, or the whole abstract.
    """
    return _record


def _record(
    id: str,
    title: str,
    abstract: str,
    entities: list[str],
    statements: list[tuple[str, str, str | None] | tuple[str, str, str | None, dict[str, object]]] = [],  # noqa: B006
    *,
    published: str | None = "2023-03-01",
    extractor: str = "by hand",
    **fields: str,
) -> Record:
    paper = Paper(id, title, abstract, published=published, **fields)
    found = tuple(_entity(paper.text, e) for e in entities)
    triples, results = [], []
    for subject, relation, target, *rest in statements:
        qualifiers = dict(rest[0]) if rest else {}
        evidence = (_evidence(paper, subject, target),)
        if relation == "RESULT":
            results.append(Result(subject, target, evidence=evidence, **{"metric": None, **qualifiers}))
        else:
            triples.append(Triple(subject, relation, target or "", evidence=evidence, **qualifiers))
    return Record(paper, extractor, found, tuple(triples), tuple(results))


def _entity(text: str, given: str) -> RecordEntity:
    type, names = given.split(" ", 1)
    name, *aliases = names.split(" = ")
    spans = {m.span() for n in (name, *aliases) for m in re.finditer(re.escape(n), text)}
    return RecordEntity(name, type.rstrip("!"), tuple(aliases), type.endswith("!"), 900, tuple(sorted(spans)))


def _evidence(paper: Paper, subject: str, target: str | None) -> Evidence:
    start = len(paper.title) + 1
    for sentence in re.finditer(r"\S[^.]*(?:\.(?=\S)[^.]*)*\.?", paper.text[start:]):
        if target and target in sentence[0]:
            span = (start + sentence.start(), start + sentence.end())
            return Evidence(span, _inside(paper, subject, span), _inside(paper, target, span), "by/hand")
    return Evidence((start, len(paper.text)), rule="by/hand")


def _inside(paper: Paper, words: str, span: tuple[int, int]) -> tuple[int, int] | None:
    at = -1 if words == PAPER else paper.text.find(words, *span)
    return None if at < 0 else (at, at + len(words))
