"""The server that belongs to no client: joined, started once, private, gone when nobody needs it, never lost."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from kg.errors import GraphError, QueryError, StoreError, StoreUnavailableError
from kg.graph import Graph
from kg.stores.embedded import open_store
from kg.stores.locks import FileLock, is_held, taken

PAPERS = {
    "p1": [("alpaca", "BUILT_ON", "llama", "Alpaca is fine-tuned from LLaMA.")],
    "p2": [("vicuna", "BUILT_ON", "llama", "Vicuna is fine-tuned from LLaMA.")],
}
ENDLESS = "UNWIND range(1, 2000000) AS a UNWIND range(1, 2000000) AS b WITH a, b WHERE a * b = -1 RETURN count(*) AS n"


@pytest.fixture
def many(tabulate) -> Graph:
    """A graph large enough that loading it takes a while."""
    return tabulate(
        {
            f"p{i:03}": [(f"m{i:03}-{j}", "BUILT_ON", f"m{j:03}", f"Sentence {j}.") for j in range(15)]
            for i in range(15)
        }
    )


def until(condition: Callable[[], object], *, seconds: float = 60.0) -> None:
    """Waits for a condition, and fails when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def runs(process: psutil.Process) -> bool:
    """Whether the process has not ended; one that nobody has buried yet has."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def server_of(folder: Path) -> int:
    return int(json.loads((folder / "endpoint.json").read_text("utf8"))["pid"])


def gone(folder: Path) -> bool:
    return not is_held(folder / "endpoint.json")


def client(folder: Path, code: str) -> subprocess.Popen[str]:
    """Another process with the store open, as `store`; it prints what the code prints."""
    program = f"""
import sys, time
from pathlib import Path
from kg.graph import Graph
from kg.stores.embedded import open_store
with open_store(Path({str(folder)!r}), write=True) as store:
{textwrap.indent(textwrap.dedent(code), "    ")}
"""
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_listens_listens_on_the_loopback_device_only(tmp_path):
    with open_store(tmp_path):
        server = psutil.Process(server_of(tmp_path))
        listening = [c.laddr.ip for c in server.net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert len(listening) == 2
        assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_the_endpoint_is_for_its_owner_alone_and_the_passwords_stay_in_it(tmp_path, tabulate):
    with open_store(tmp_path, write=True) as store:
        store.load(tabulate(PAPERS))
        endpoint = tmp_path / "endpoint.json"
        assert endpoint.stat().st_mode & 0o777 == 0o600
        passwords = [json.loads(endpoint.read_text("utf8"))[user] for user in ("reader", "writer")]
        server = psutil.Process(server_of(tmp_path))
        seen = "\0".join([*server.cmdline(), *server.environ().values(), repr(store), repr(store._drivers)])
        files = b"".join(p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file())
    assert all(len(password) >= 32 for password in passwords)
    assert not any(password.encode() in files for password in passwords)
    assert not any(password in seen for password in passwords)


def test_each_start_has_new_passwords(tmp_path):
    with open_store(tmp_path):
        before = (tmp_path / "endpoint.json").read_text("utf8")
    until(lambda: gone(tmp_path))
    with open_store(tmp_path):
        after = (tmp_path / "endpoint.json").read_text("utf8")
    assert json.loads(before)["reader"] != json.loads(after)["reader"]


def test_a_store_opened_for_reading_writes_nothing(tmp_path, tabulate):
    with open_store(tmp_path) as store:
        with pytest.raises(StoreError, match="opened for reading"):
            store.load(tabulate(PAPERS))
        with pytest.raises(QueryError, match="opened for reading"):
            store.query("CREATE (:Model {id: 'x'})", write=True)


def test_clients_share_one_server(tmp_path):
    with (
        open_store(tmp_path),
        open_store(tmp_path),
        client(tmp_path, "print(1, flush=True); sys.stdin.read()") as other,
    ):
        assert says(other) == "1"
        pid = server_of(tmp_path)
        other.kill()
    assert pid == server_of(tmp_path) or gone(tmp_path)


def test_two_that_start_at_the_same_moment_get_one_server(tmp_path):
    clients = [
        client(tmp_path, "print(store._endpoint['pid'], flush=True)\ntime.sleep(60)") for _ in range(3)
    ]
    try:
        assert len({says(c) for c in clients}) == 1
    finally:
        for c in clients:
            c.kill()
            c.communicate()


def test_a_killed_client_leaves_no_server(tmp_path):
    with client(tmp_path, "print(1, flush=True)\ntime.sleep(600)") as process:
        assert says(process) == "1"
        server = psutil.Process(server_of(tmp_path))
        process.kill()
    until(lambda: not runs(server))
    until(lambda: gone(tmp_path))


def test_no_server_is_lost_under_a_client(tmp_path):
    with open_store(tmp_path) as store:
        for _ in range(3):
            with client(tmp_path, "print(1, flush=True)\ntime.sleep(600)") as process:
                assert says(process) == "1"
                process.kill()
        time.sleep(3)  # longer than a server without clients lives
        assert store.query("RETURN 1 AS n") == [{"n": 1}]


def test_a_left_over_endpoint_is_no_server(tmp_path):
    left = {"uri": "bolt://127.0.0.1:1", "reader": "x", "writer": "x", "pid": os.getpid()}
    (tmp_path / "endpoint.json").write_text(json.dumps(left), "utf8")
    with open_store(tmp_path) as store:
        assert store.query("RETURN 1 AS n") == [{"n": 1}]


def test_a_killed_server_is_replaced_under_its_clients(tmp_path, tabulate):
    with open_store(tmp_path, write=True) as store:
        store.load(tabulate(PAPERS))
        os.kill(server_of(tmp_path), signal.SIGKILL)
        assert store.query("MATCH (m:Model) RETURN m.id AS id") == [{"id": "llama"}]


@pytest.mark.parametrize("bulk", [True, False])
def test_a_server_killed_in_mid_load_loses_nothing(tmp_path, tabulate, many, bulk, monkeypatch):
    monkeypatch.setattr("kg.stores.embedded.BULK_ROWS", 0 if bulk else 10**9)

    def kill(done: int, total: int) -> None:
        if done > total // 2 and not killed:
            killed.append(done)
            children = [
                p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in (p.info["cmdline"] or [])
            ]
            for process in children:
                process.kill()

    killed: list[int] = []
    with open_store(tmp_path, write=True) as store:
        if bulk:
            with pytest.raises(StoreUnavailableError):
                store.load(many, progress=kill)
        else:
            store.load(many, progress=kill)
        assert killed
    with open_store(tmp_path, write=True) as store:
        report = store.load(many)
        assert report.counts["claims"] == 225
        assert store.generation == many.generation


@pytest.mark.parametrize("bulk", ["0", "10**9"])
def test_a_loader_killed_in_mid_load_loses_nothing(tmp_path, many, bulk):
    code = f"""
    import kg.stores.embedded
    kg.stores.embedded.BULK_ROWS = {bulk}
    store.load(Graph(Path({str(many.folder)!r})), progress=lambda done, total: print(done, flush=True))
    """
    with client(tmp_path, code) as process:
        for _ in range(3):
            assert says(process)
        process.kill()
    with open_store(tmp_path, write=True) as store:
        store.load(many)
        assert store.generation == many.generation
        assert store.counts()["claims"] == 225


def test_a_query_that_takes_too_long_ends(tmp_path, tabulate):
    with open_store(tmp_path, write=True) as store:
        store.load(tabulate(PAPERS))
        server = psutil.Process(server_of(tmp_path))
        with pytest.raises(QueryError, match=r"longer than 0.5 s"):
            store.query(ENDLESS, timeout=0.5)
        assert not runs(server)
        assert store.count("(n:Paper)") == 2


def test_one_clients_long_query_does_not_end_anothers_server(tmp_path):
    with open_store(tmp_path) as store, open_store(tmp_path) as other:
        server = psutil.Process(server_of(tmp_path))
        with pytest.raises(QueryError, match="goes on in the server"):
            store.query(ENDLESS, timeout=0.5)
        assert other.query("RETURN 1 AS n") == [{"n": 1}]
        assert store.query("RETURN 1 AS n") == [{"n": 1}]
        assert runs(server)
    until(lambda: not runs(server))


def test_an_interrupted_query_ends(tmp_path):
    with client(tmp_path, f"print(1, flush=True)\nstore.query({ENDLESS!r})") as process:
        assert says(process) == "1"
        time.sleep(0.5)
        server = psutil.Process(server_of(tmp_path))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    until(lambda: not runs(server))


def test_a_second_loader_is_told(tmp_path, tabulate, monkeypatch):
    monkeypatch.setattr("kg.stores.embedded.LOAD_SECONDS", 0.1)
    with (
        open_store(tmp_path, write=True) as store,
        taken(tmp_path / "loading", exclusive=True, wait=0, why=""),
        pytest.raises(StoreUnavailableError, match="Another kg loads"),
    ):
        store.load(tabulate(PAPERS))


def test_a_damaged_database_is_put_aside(tmp_path, tabulate):
    graph = tabulate(PAPERS)
    with open_store(tmp_path, write=True) as store:
        store.load(graph)
    until(lambda: gone(tmp_path))
    for file in (tmp_path / "store" / "databases" / "kg").iterdir():
        file.write_bytes(b"not a database")
    with open_store(tmp_path, write=True) as store:
        assert store.generation == ""
        store.load(graph)
        assert store.count("(n:Paper)") == 2


def test_a_graph_that_doubles_is_loaded_anew_unless_it_holds_what_is_not_its_own(
    tmp_path, tabulate, many, monkeypatch
):
    monkeypatch.setattr("kg.stores.embedded.BULK_ROWS", 0)
    small = tabulate(PAPERS)
    with open_store(tmp_path, write=True) as store:
        store.load(small)
        first = server_of(tmp_path)
        store.load(many)
        second = server_of(tmp_path)
        store.load(small, replace=True)
        third = server_of(tmp_path)
        store.query("MATCH (p:Paper {id: 'p1'}) SET p.rating = 5", write=True)
        report = store.load(many)
        assert report.counts["claims"] == 225
        assert len({first, second, third}) == 3
        assert server_of(tmp_path) == third


def test_no_folder_is_told(tmp_path):
    with pytest.raises(GraphError, match="kg build"):
        open_store(tmp_path / "nothing")


def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        with pytest.raises(GraphError):  # so that all that is imported late is here
            open_store(tmp_path / "nothing")
        with as_nobody(), pytest.raises(GraphError, match="may write"):
            open_store(folder)
        folder.chmod(0o755)


@contextmanager
def as_nobody():
    """Root may write everywhere: leaves its rights aside for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_lock_goes_with_its_process(tmp_path):
    path = tmp_path / "lock"
    code = "import sys; from pathlib import Path; from kg.stores.locks import FileLock\n"
    code += (
        "lock = FileLock(Path(sys.argv[1])); print(lock.take(exclusive=True), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert says(process) == "True"
        with FileLock(path) as lock:
            assert not lock.take()
            assert is_held(path)
            process.kill()
            process.wait()
            assert lock.take(exclusive=True)


def test_threads_share_a_store(tmp_path, tabulate):
    with open_store(tmp_path, write=True) as store:
        store.load(tabulate(PAPERS))
        counts: list[int] = []
        threads = [threading.Thread(target=lambda: counts.append(store.count("(n:Paper)"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counts == [2] * 8
