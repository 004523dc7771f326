"""Killed at random moments: whoever dies, the next load makes the store whole, and nothing is left behind.

`KG_FAULT_ROUNDS` says how many rounds of three kills there are (`make faults`: 40); each draws from its number who is
killed and when.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from kg.build import add_records
from kg.errors import KgError, StoreError
from kg.folder import GraphFolder
from kg.graph import TABLES, Graph
from kg.stores import Store
from kg.stores.embedded import open_store
from kg.stores.locks import is_held

ROUNDS = int(os.environ.get("KG_FAULT_ROUNDS", "2"))
AT_ONCE = 50 if ROUNDS >= 40 else 5
KILLS = 3
SMALL = {f"p{i}": [(f"m{i}", "BUILT_ON", "llama", f"m{i} is made of LLaMA.")] for i in range(20)}
LARGE = {
    f"p{i}": [(f"m{i}", "BUILT_ON", f"m{j}", f"{i} is made of {j}.") for j in range(10) if i != j]
    for i in range(60)
}
LOAD = """
import kg.stores.embedded, kg.stores.load
from kg.stores.embedded import open_store
kg.stores.embedded.BULK_ROWS, kg.stores.load.BATCH_ROWS = {bulk}, 60
with open_store(PATH, write=True) as store:
    store.load(Graph(Path(sys.argv[2])), progress=say)
"""
BUILD = """
from kg.build import add_records
from kg.jsonl import read_records
with GraphFolder(PATH) as folder:
    say()
    add_records(read_records(Path(sys.argv[2])), folder)
"""
HEAD = """
import sys
from pathlib import Path
from kg.folder import GraphFolder
from kg.graph import Graph
PATH = Path(sys.argv[1])
def say(*_):
    print("here", flush=True)
"""


def process(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process that runs the code."""
    command = [sys.executable, "-c", HEAD + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def servers(folder: Path) -> list[psutil.Process]:
    """Servers of the folder, those that are just starting too."""
    found = []
    for candidate in psutil.process_iter(["cmdline", "status"]):
        command = candidate.info["cmdline"] or []
        if (
            "kg.stores.embedded" in command
            and str(folder) in command
            and candidate.info["status"] != "zombie"
        ):
            found.append(candidate)
    return found


def until(condition: Callable[[], object], *, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def held(store: Store) -> Counter[str]:
    """All nodes and relationships that the store holds."""
    nodes = store.query(
        "MATCH (n) WHERE NOT n:KnowledgeGraph RETURN labels(n)[0] AS label, properties(n) AS p"
    )
    links = store.query("MATCH (a)-[r]->(b) RETURN type(r) AS type, a.id AS a, b.id AS b, properties(r) AS p")
    return Counter(repr([*row.values()][:-1] + sorted(row["p"].items())) for row in (*nodes, *links))


def meant(graph: Graph) -> Counter[str]:
    """All that a store of the graph holds."""
    nodes = (repr([n.label, *sorted(n.properties.items())]) for n in graph.nodes())
    links = (repr([r.type, r.source, r.target, *sorted(r.properties.items())]) for r in graph.relationships())
    return Counter([*nodes, *links])


def bytes_of(folder: GraphFolder) -> dict[str, bytes]:
    tables = folder.graph().folder
    return {table: (tables / f"{table}.parquet").read_bytes() for table in TABLES}


def kill(victim: subprocess.Popen[str], folder: Path, chance: random.Random) -> str:
    """Waits for the process to be at it, then some more, and kills it, the server, or both."""
    assert victim.stdout is not None
    if chance.random() < 0.8:  # else it is only just starting
        victim.stdout.readline()
    time.sleep(chance.uniform(0, 0.6))
    whom = chance.choice(("loader", "server", "both"))
    for server in servers(folder) if whom != "loader" else ():
        server.send_signal(signal.SIGKILL)
    if whom != "server":
        victim.kill()
    victim.communicate(timeout=120)
    return whom


@pytest.mark.timeout(600)
@pytest.mark.parametrize("round", range(ROUNDS))
def test_killed_at_a_random_moment(round, tmp_path, tabulate, say, write_records):
    chance = random.Random(round)
    folder = tmp_path / "a.kg"
    folder.mkdir()
    if round % 4 == 1:
        _killed_build(folder, chance, say, write_records)
    else:
        _killed_load(folder, chance, tabulate, bulk=round % 2 == 0)
    until(lambda: not is_held(folder / "endpoint.json") and not servers(folder))
    assert not list((folder / "store" / "loading").glob("*"))
    assert not list((folder / "store" / "loaded").glob("work"))


def _killed_load(folder: Path, chance: random.Random, tabulate: Callable[..., Graph], *, bulk: bool) -> None:
    small, large = tabulate(SMALL), tabulate(LARGE)
    if chance.random() < 0.5:
        with open_store(folder, write=True) as store:
            store.load(small)
    for _ in range(KILLS):
        target = chance.choice((small, large, large))
        kill(process(LOAD.format(bulk=0 if bulk else 10**9), folder, target.folder), folder, chance)
    final = chance.choice((small, large))
    with open_store(folder, write=True) as store:
        store.load(final)
        assert store.generation == final.generation
        assert held(store) == meant(final)


def _killed_build(folder: Path, chance: random.Random, say: Callable, write_records: Callable) -> None:
    records = [
        say(f"2303.{i:05}", f"On Zork {i}", f"Zork-{i}B is fine-tuned from LLaMA 7B.", [f"Model! Zork-{i}B", "Model LLaMA 7B"],
            [(f"Zork-{i}B", "BUILT_ON", "LLaMA 7B", {"how": "fine-tuned"})])
        for i in range(1, 400)
    ]  # fmt: skip
    file = write_records(records)
    whole = GraphFolder(folder.parent / "whole.kg")
    add_records(records, whole, store=False)
    shutil.rmtree(folder)
    for _ in range(KILLS):
        kill(process(BUILD, folder, file), folder, chance)
    with GraphFolder(folder) as again:
        add_records(records, again)
        assert bytes_of(again) == bytes_of(whole)
        with again.store() as store:
            assert held(store) == meant(whole.graph())


@pytest.fixture
def write_records(tmp_path) -> Callable:
    from kg.jsonl import write_records

    def write(records: list) -> Path:
        path = tmp_path / "records.jsonl"
        with path.open("w", encoding="utf8") as file:
            write_records(records, file)
        return path

    return write


def test_many_at_once_share_one_server(tmp_path, tabulate):
    """Readers and one who loads, all started at the same moment: one server, and everyone is answered."""
    graph = tabulate(LARGE)
    with open_store(tmp_path, write=True) as store:
        store.load(graph)
    until(lambda: not is_held(tmp_path / "endpoint.json"))
    code = """
    from kg.stores.embedded import open_store
    with open_store(PATH) as store:
        print(store._endpoint["pid"], store.count("(n:Claim)"), flush=True)
        sys.stdin.read()
    """
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", HEAD + textwrap.dedent(code), str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(AT_ONCE)
    ]  # fmt: skip
    try:
        said = {reader.stdout.readline() for reader in readers}
        assert len(said) == 1
        assert said.pop().split()[1] == str(graph.count("claims"))
        assert len(servers(tmp_path)) == 1
        for reader in readers[::2]:
            reader.kill()  # the others stay with their server
        time.sleep(3)
        assert len(servers(tmp_path)) == 1
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()
    until(lambda: not servers(tmp_path))


@pytest.mark.parametrize("ends", ["leaves", "is killed"])
def test_a_reader_stays_when_its_peer_goes_in_mid_query(tmp_path, tabulate, ends):
    slow = (
        "UNWIND range(1, 3000) AS a UNWIND range(1, 1500) AS b WITH a, b WHERE a * b = 7 RETURN count(*) AS n"
    )
    waits = "from kg.stores.embedded import open_store\nwith open_store(PATH) as store:\n    say(store.count('(n)'))\n    sys.stdin.read()"
    with open_store(tmp_path, write=True) as store:
        store.load(tabulate(SMALL))
    peer = subprocess.Popen(
        [sys.executable, "-c", HEAD + waits, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert peer.stdout is not None
    assert peer.stdin is not None
    assert peer.stdout.readline()  # it is its server
    code = f"""
    from kg.stores.embedded import open_store
    with open_store(PATH) as store:
        say()
        print(store.query({slow!r}), flush=True)
    """
    reader = process(code, tmp_path)
    assert reader.stdout is not None
    reader.stdout.readline()
    peer.stdin.close() if ends == "leaves" else peer.kill()
    peer.wait()
    out, errors = reader.communicate(timeout=120)
    assert out.strip() == "[{'n': 2}]", errors
    until(lambda: not servers(tmp_path))


def test_a_client_killed_while_it_starts_the_server_leaves_none(tmp_path):
    starting = process(
        "from kg.stores.embedded import open_store\nsay()\nopen_store(PATH)\nsys.stdin.read()", tmp_path
    )
    assert starting.stdout is not None
    starting.stdout.readline()
    until(lambda: servers(tmp_path))
    starting.kill()
    starting.communicate()
    until(lambda: not servers(tmp_path))
    with open_store(tmp_path) as store:
        assert store.query("RETURN 1 AS n") == [{"n": 1}]


@pytest.mark.parametrize("left", ["", "{", "[]", "null", '{"uri": "bolt://127.0.0.1:1"}', "\0" * 100])
def test_left_over_files_are_no_one(tmp_path, tabulate, left):
    for name in ("endpoint.json", "users", "start", "loading", "tables.lock", "writer.json"):
        (tmp_path / name).write_text(left)
    (tmp_path / "store" / "loading" / "kg").mkdir(parents=True)
    (tmp_path / "store" / "loaded" / "work").mkdir(parents=True)
    graph = tabulate(SMALL)
    with open_store(tmp_path, write=True) as store:
        store.load(graph)
        assert held(store) == meant(graph)


def test_a_second_loader_is_told_who_loads(tmp_path, tabulate, monkeypatch):
    monkeypatch.setattr("kg.stores.embedded.LOAD_SECONDS", 0.1)
    graph = tabulate(LARGE)
    code = LOAD.format(bulk=10**9).replace("progress=say", "progress=lambda *_: (say(), sys.stdin.read())")
    first = subprocess.Popen(
        [sys.executable, "-c", HEAD + code, str(tmp_path), str(graph.folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert first.stdout is not None
        first.stdout.readline()
        with open_store(tmp_path, write=True) as store, pytest.raises(KgError) as told:
            store.load(graph)
        assert f"process {first.pid} on" in str(told.value)
        assert "Try again when it has ended" in str(told.value)
    finally:
        first.kill()
        first.communicate()


@pytest.mark.parametrize("bulk", ["0", "10**9"])
@pytest.mark.parametrize("megabytes", [6, 14])
def test_a_full_disk_is_told_and_the_next_load_is_whole(tmp_path, tabulate, megabytes, bulk):
    """On a file system of its own, of a few megabytes, which then is given more."""
    graph = tabulate(
        {f"p{i}": [(f"m{i}", "USES", f"m{j}", "…" * 900) for j in range(20)] for i in range(100)}
    )
    code = f"""
    import json, subprocess
    import kg.stores.embedded
    from kg.errors import KgError
    from kg.stores.embedded import open_store
    kg.stores.embedded.BULK_ROWS = {bulk}
    PATH.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size={megabytes}m", "none", sys.argv[1]], check=True)
    graph = Graph(Path(sys.argv[2]))
    for _ in range(2):
        try:
            with open_store(PATH, write=True) as store:
                store.load(graph)
        except KgError as error:
            print(json.dumps(str(error)))
    subprocess.run(["mount", "-o", "remount,size=400m", sys.argv[1]], check=True)
    with open_store(PATH, write=True) as store:
        report = store.load(graph)
        print(json.dumps([report.counts["claims"], store.generation]))
    """
    alone = ["unshare", "--user", "--map-root-user", "--mount"]  # where mounting needs no rights
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "needs user namespaces to mount a small disk"
        )
    small = tmp_path / "small"
    done = subprocess.run(
        [*alone, sys.executable, "-c", HEAD + textwrap.dedent(code), str(small), str(graph.folder)],
        capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *errors, whole = map(json.loads, done.stdout.splitlines())
    assert errors
    assert all("room" in error and str(small) in error for error in errors), errors
    assert whole == [graph.count("claims"), graph.generation]


@pytest.mark.parametrize(
    ("file", "how"),
    [("KnowledgeGraph_0.", "cut"), ("dictionary.", "noise"), ("schema.json", "cut")],
)
def test_a_damaged_file_is_told_or_mended(tmp_path, tabulate, file, how):
    """Either everything is there after the next load, or an error names what to delete, and then it is."""
    with open_store(tmp_path, write=True) as store:
        store.load(tabulate(SMALL))
    until(lambda: not is_held(tmp_path / "endpoint.json"))
    for path in (tmp_path / "store" / "databases" / "kg").glob(f"{file}*"):
        content = path.read_bytes()
        third = len(content) // 3
        noise = random.Random(1).randbytes(third)
        path.write_bytes(content[:third] if how == "cut" else content[:third] + noise + content[2 * third :])
    graph = tabulate({**SMALL, **LARGE})
    if told := _told(tmp_path, graph):
        assert str(tmp_path / "store") in told or "--replace" in told
        until(lambda: not is_held(tmp_path / "endpoint.json"))
        shutil.rmtree(tmp_path / "store")
        assert not _told(tmp_path, graph)


def _told(folder: Path, graph: Graph) -> str:
    """What is told of a load; empty where it made the store whole."""
    try:
        with open_store(folder, write=True) as store:
            store.load(graph)
            assert held(store) == meant(graph)
            return ""
    except StoreError as error:
        return str(error)


@pytest.mark.parametrize("bulk", [0, 10**9])
def test_a_server_whose_starter_was_killed_may_come_late(tmp_path, tabulate, monkeypatch, bulk):
    """It takes its lock after another client has found none and starts its own: one of the two serves."""
    from kg.stores import embedded

    monkeypatch.setattr("kg.stores.embedded.BULK_ROWS", bulk)
    spawn, late = embedded._spawn, []

    def spawn_late(folder: Path, *arguments, **options):
        if not late:  # what a killed client has left comes to its lock just before ours does
            late.append(process("from kg.stores.serve import main\nmain([str(PATH)])", folder))
            until(lambda: is_held(folder / "endpoint.json"))
        return spawn(folder, *arguments, **options)

    monkeypatch.setattr("kg.stores.embedded._spawn", spawn_late)
    (tmp_path / "store").mkdir()
    graph = tabulate(SMALL)
    with open_store(tmp_path, write=True) as store:
        late.clear()
        store.load(graph)
        assert held(store) == meant(graph)
    until(lambda: not is_held(tmp_path / "endpoint.json"))
