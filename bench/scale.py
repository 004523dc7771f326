"""Loading and asking at scale: bench/scale.py STORE [--nodes N] [--folder F], on a made-up graph (`bench/synthetic.py`).

STORE is `embedded`, `neo4j-5` or `neo4j-2026` (by the driver), `admin-5` (CSV) or `admin-2026` (Parquet). Prints time,
peak memory of all processes, disk, then latencies; checks the counts, and with --digest the content, after the load.
"""

import argparse
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from synthetic import synthetic

from kg.ask.card import show
from kg.ask.facts import Asking, most
from kg.ask.lineage import lineage
from kg.ask.lookup import find
from kg.errors import NotFoundError
from kg.graph import Graph
from kg.stores import Store, connect
from kg.stores.difference import expected
from kg.stores.embedded import open_store

SCRIPT = Path(__file__).parents[1] / "tests" / "neo4j-server" / "neo4j.sh"
LINES = {"admin-5": ("5", "csv"), "admin-2026": ("2026", "parquet")}
MODULUS = 1 << 128


def main() -> None:
    """Loads, verifies, asks, and prints what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("store", choices=["embedded", "neo4j-5", "neo4j-2026", *LINES])
    options.add_argument("--nodes", type=int, default=100_000)
    options.add_argument("--folder", type=Path, default=Path("scale"))
    options.add_argument("--digest", action="store_true", help="read everything back and compare the content")
    options.add_argument("--again", action="store_true", help="ask of what an earlier run has loaded")
    given = options.parse_args()
    folder = given.folder.resolve() / f"{given.store}-{given.nodes}"
    tables = given.folder.resolve() / f"tables-{given.nodes}"
    if not (tables / "claims.parquet").is_file():
        print(f"made in {timed(lambda: synthetic(tables, given.nodes)):.0f} s")
    graph = Graph(tables)
    with peak_memory() as peak, loaded(given.store, folder, graph, again=given.again) as store:
        print(f"peak memory while loading {peak() / 1e9:.2f} GB, disk {disk(folder) / 1e9:.2f} GB")
        verify(store, graph)
        if given.digest:
            there, meant = digest(store, graph), digest_of(graph)
            print(f"content of the store {there:032x}, of the tables {meant:032x}")
            assert there == meant, "the store does not hold the graph"
        ask(store, graph)


@contextmanager
def loaded(kind: str, folder: Path, graph: Graph, *, again: bool) -> Iterator[Store]:
    """The store with the graph in it; says how long loading took."""
    if not again:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "embedded":
        with open_store(folder, write=True) as store:
            if not again:
                print(f"loaded in {timed(lambda: store.load(graph)):.0f} s")
            yield store
        return
    line, form = LINES.get(kind, (kind.removeprefix("neo4j-"), ""))
    if form and not again:
        print(f"imported in {timed(lambda: imported(folder, graph, line, form)):.0f} s")
    with served(line, folder / "home") as store:
        if not again:
            if form:
                store.declare()
            else:
                print(f"loaded in {timed(lambda: store.load(graph)):.0f} s")
        yield store


def imported(folder: Path, graph: Graph, line: str, form: str) -> None:
    """Exports the graph for neo4j-admin and imports it."""
    from kg import export

    print(f"exported in {timed(lambda: export.write(graph, folder / 'bulk', format='neo4j-admin')):.0f} s")
    tool = {**os.environ, "NEO4J_ADMIN": f"{SCRIPT} admin {line} {folder / 'home'}"}
    done = subprocess.run([folder / "bulk" / "import.sh", form], env=tool, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def served(line: str, home: Path) -> Iterator[Store]:
    """A Neo4j without passwords on a home."""
    port = 20_000 + os.getpid() % 20_000
    command = [str(SCRIPT), "start", line, str(port), str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert any(said.startswith("BOLT_READY") for said in process.stdout or ()), "Neo4j does not start"
            with connect(f"bolt://127.0.0.1:{port}") as store:
                yield store
        finally:
            process.terminate()


def verify(store: Store, graph: Graph) -> None:
    """Compares the counts of every label and type."""
    counts, (nodes, links) = store.counts(), expected(graph)
    there = Counter({**counts["types"], **counts["relations"]})
    assert there == Counter({**nodes, **links}), (there, nodes, links)
    print(f"counts agree: {sum(nodes.values()):,} nodes, {sum(links.values()):,} relationships")


def digest_of(graph: Graph) -> int:
    """A sum of hashes of all nodes and relationships with all that they hold."""
    nodes = _sum((n.label, sorted(n.properties.items())) for n in graph.nodes())
    links = _sum((r.type, r.source, r.target, sorted(r.properties.items())) for r in graph.relationships())
    return (nodes + links) % MODULUS


def digest(store: Store, graph: Graph) -> int:
    """The same sum of what the store holds, asked for by the ids of the graph."""
    total, ids = 0, dict[str, list[str]]()
    for node in graph.nodes():
        ids.setdefault(node.label, []).append(node.id)
        if len(ids[node.label]) >= 5000:
            total += _stored(store, node.label, ids.pop(node.label))
    return (total + sum(_stored(store, label, some) for label, some in ids.items())) % MODULUS


def _stored(store: Store, label: str, ids: list[str]) -> int:
    known = f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})"
    nodes = store.query(f"{known} RETURN properties(n) AS p", {"ids": ids})
    links = f"{known} MATCH (n)-[r]->(o) RETURN type(r) AS type, n.id AS a, o.id AS b, properties(r) AS p"
    return _sum((label, sorted(row["p"].items())) for row in nodes) + _sum(
        (row["type"], row["a"], row["b"], sorted(row["p"].items()))
        for row in store.query(links, {"ids": ids})
    )


def _sum(values: Iterable[object]) -> int:
    return sum(int.from_bytes(hashlib.blake2b(repr(v).encode(), digest_size=16).digest()) for v in values)


def ask(store: Store, graph: Graph) -> None:
    """Latencies: of typical things drawn by lot, and of the most popular."""
    chance = random.Random(7)
    entities = [row for row in graph.rows("entities") if row["type"] == "Model"]
    drawn = [row["name"] for row in chance.sample(entities, 100)]
    first = entities[0]["name"]
    report("lineage down", drawn, lambda n: lineage(store, n, direction="down", limit=20))
    report("lineage up", drawn, lambda n: lineage(store, n, direction="up", limit=20))
    report("card", drawn, lambda n: show(store, n))
    report("search, a name", drawn, lambda n: find(store, n))
    report(
        "search, an alias", [a for r in entities for a in r.get("aliases", ())][:10], lambda n: find(store, n)
    )
    report("search, misspelt", [n.replace("rob", "rb") for n in drawn[:5]], lambda n: missed(store, n))
    report(
        "most built on",
        [first] * 5,
        lambda _: most(Asking(store, "?"), "BUILT_ON", side="o", types=["Model"], doing="?"),
    )
    rows = lineage(store, first, direction="down").rows
    print(f"{first}, the most popular base, has {len(rows):,} rows")
    report("lineage down, most popular, 20 rows", [first] * 3, lambda n: lineage(store, n, limit=20))
    report("lineage down, most popular, all rows", [first] * 3, lambda n: lineage(store, n))
    report("card, most popular", [first] * 3, lambda n: show(store, n))


def missed(store: Store, name: str) -> None:
    """Looks for what is not there, which names what is like it."""
    with suppress(NotFoundError):
        find(store, name)


def report(what: str, names: list[str], work: Callable[[str], Any]) -> None:
    """Prints median and 99th percentile of the seconds that the work takes, after one that does not count."""
    work(names[0])
    took = sorted(timed(lambda name=name: work(name)) for name in names)
    slow = took[min(len(took) - 1, round(len(took) * 0.99))]
    print(
        f"{what:38} median {statistics.median(took) * 1e3:9.1f} ms   p99 {slow * 1e3:9.1f} ms   of {len(took)}"
    )
    sys.stdout.flush()


def timed(work: Callable[[], Any]) -> float:
    """Seconds that the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def disk(folder: Path) -> int:
    """Bytes that the files of a folder take."""
    return sum(p.stat().st_blocks * 512 for p in folder.rglob("*") if p.is_file())


@contextmanager
def peak_memory() -> Iterator[Callable[[], int]]:
    """The greatest sum so far of what this process and those it started hold, the detached server among them."""
    own, highest, ended = psutil.Process(), [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            processes = [own, *own.children(recursive=True)]
            processes += [
                p
                for p in psutil.process_iter(["cmdline"])
                if "kg.stores.embedded" in (p.info["cmdline"] or ())
            ]
            total = 0
            for process in {p.pid: p for p in processes}.values():
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            highest[0] = max(highest[0], total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: highest[0]
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    main()
