"""The embedded store: a local server that belongs to no client, joined by whoever has the graph's folder.

A graph folder holds, for its store:

    users          every client holds a shared lock on it while connected; the server stops itself once it could
                   have taken it exclusively for two seconds
    start          locked exclusively by whoever starts the server
    loading        locked exclusively by whoever loads a graph
    endpoint.json  locked exclusively by the server for its whole life; says where it listens, and the passwords
    store/         the database, and the tables loaded into it last

So `kill -9` of anyone needs no cleaning up, a left-over file is told from a living server, and several can read at
once. `python -m kg.stores.embedded FOLDER` is the server (`kg.stores.serve`).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakSet

from kg.errors import GraphError, QueryError, StoreError, StoreUnavailableError
from kg.graph import TABLES, Graph
from kg.schema import schema
from kg.stores.bolt import Address, LoadReport, Progress, Rows, Store
from kg.stores.locks import FileLock, holder, is_held, taken
from kg.stores.portable import check_portable

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

    from kg.stores.difference import Loaded

T = TypeVar("T")

START_SECONDS = 60.0  # for a server to start, or another client's start to end
LOAD_SECONDS = 10.0  # for another client's load to end
RETRY_SECONDS = 2.0  # of the driver, against a server that may be dead
RESTARTS = 3
DYING_SECONDS = 2.0  # for the lock of a server that was killed to go
BULK_ROWS = 5_000  # from so many on, a new database is quicker than statements


def open_store(folder: Path, *, write: bool = False, retry: float = RETRY_SECONDS) -> "EmbeddedStore":
    """The store of a graph folder, its server joined or started; without `write` it can only be read.

    A GraphError says that the folder is not there or may not be written; a StoreUnavailableError that the server
    does not start, with the last line of its log.
    """
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise GraphError(f"No graph at {folder}. Build one: kg build PAPERS -g {folder}")
    store = EmbeddedStore(folder, write=write, retry=retry)
    try:
        store.verify()
    except BaseException:
        store.close()
        raise
    return store


class EmbeddedStore(Store):
    """The store of a graph folder. Readers use a user of the database that can only read."""

    relabels = False

    def __init__(self, folder: Path, *, write: bool = False, retry: float = RETRY_SECONDS) -> None:
        super().__init__(Address(f"the store of {folder}", database="kg"), retry=retry)
        self.folder, self._may_write = folder, write
        self._users: FileLock | None = None
        self._endpoint: dict[str, Any] = {}
        self._given_up: WeakSet[threading.Thread] = WeakSet()
        self._joining = threading.Lock()  # threads may share a store

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        write: bool = False,
        timeout: float | None = None,
    ) -> Rows:
        """The rows of a Cypher query as plain values, each a dict of column to value.

        The engine honours no timeout of the driver's, so a query that takes too long, or is interrupted, ends with
        the server, where no other client uses it. One whose server has died is asked again of a new one.
        """
        check_portable(cypher)
        return _aside(
            lambda: super(EmbeddedStore, self).query(cypher, parameters, write=write),
            timeout=timeout,
            give_up=self._give_up,
        )

    def load(self, graph: Graph, *, replace: bool = False, progress: Progress | None = None) -> LoadReport:
        """Makes the store hold this graph: in bulk where it is empty or to be replaced, else by difference."""
        from kg.stores.load import check_owner

        began = time.monotonic()
        if not self._may_write:
            raise StoreError("This store was opened for reading. Open it with write=True to load a graph.")
        why = _busy(self.folder, "loads")
        with (
            taken(self.folder / "loading", exclusive=True, wait=LOAD_SECONDS, why=why, signed=True),
            _told_damage(self.folder),
        ):
            check_owner(self, graph, replace=replace)
            fresh = replace or not self.count("(n)") or self._outgrown(graph)
            if fresh and _rows(graph) >= BULK_ROWS and self._load_in_bulk(graph, progress):
                return _bulk_report(self, graph, time.monotonic() - began)
            return super().load(graph, replace=replace, progress=progress)

    @property
    def graph(self) -> dict[str, Any]:
        """The graph's own node, as id, format and generation; empty where the store holds no graph."""
        with _told_damage(self.folder):
            return super().graph

    def verify(self) -> None:
        """Joins or starts the server, or raises an error that says what to do."""
        self._again(super().verify)

    def declare(self) -> None:
        """Nothing to do: the server has declared its types when it started."""

    def close(self) -> None:
        """Closes the connections and leaves the server, which stops itself when the last has left."""
        super().close()
        self._leave()

    def _tallies(self) -> tuple[dict[str, int], dict[str, int]]:
        """In two sweeps: this engine keeps no counts of relationships, and looks at them one by one."""
        labels = self.query("MATCH (n) UNWIND labels(n) AS name RETURN name, count(*) AS n")
        types = self.query("MATCH ()-[r]->() RETURN type(r) AS name, count(*) AS n")
        there = {row["name"]: row["n"] for row in (*labels, *types)}
        own = (n for n in schema().types if n != "KnowledgeGraph")
        return {n: there.get(n, 0) for n in own}, {n: there.get(n, 0) for n in schema().relations}

    def _loaded(self, graph: Graph) -> "Loaded":
        from kg.stores.difference import Loaded

        return Loaded(self.folder / "store" / "loaded")

    def _transact(
        self, work: "Callable[[ManagedTransaction], T]", *, write: bool, timeout: float | None = None
    ) -> T:
        return self._again(lambda: Store._transact(self, work, write=write, timeout=timeout))

    def _again(self, ask: Callable[[], T]) -> T:
        """Asks, and asks again of the next server where one has died."""
        for _ in range(RESTARTS):
            try:
                return ask()
            except StoreUnavailableError:
                if self._lives() or threading.current_thread() in self._given_up:
                    raise
                self._forget_server()
        return ask()

    def _lives(self) -> bool:
        """Whether the server is still there a while after it did not answer: a dying one closes its ports first."""
        until = time.monotonic() + DYING_SECONDS
        while self._endpoint and _running(self.folder) == self._endpoint:
            if time.monotonic() > until:
                return True
            time.sleep(0.05)
        return False

    def _writing(self, write: bool) -> Address:
        if write and not self._may_write:
            raise QueryError("This store was opened for reading. `kg query --write` opens it for writing.")
        endpoint = self._join()
        user = "writer" if write else "reader"
        return Address(endpoint["uri"], user, endpoint[user], "kg")

    def _join(self) -> dict[str, Any]:
        with self._joining:
            if self._users is None:
                self._users = self._used()
            if not self._endpoint:
                self._endpoint = _running(self.folder) or _start(self.folder)
            return self._endpoint

    def _used(self) -> FileLock:
        try:
            return taken(self.folder / "users", wait=START_SECONDS, why=_busy(self.folder, "uses"))
        except StoreUnavailableError as error:
            raise StoreUnavailableError(f"{error}{_loading(self.folder)}") from error

    def _leave(self) -> None:
        self._endpoint = {}
        if self._users is not None:
            self._users.release()
            self._users = None

    def _forget_server(self) -> None:
        self._drivers.clear()  # without closing: the one thread that uses it ends with the server
        self._endpoint = {}

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other client is connected; while it is so, none can join."""
        self._join()
        assert self._users is not None
        try:
            yield self._users.take(exclusive=True, wait=1.0)  # the server tries it too, for moments
        finally:
            self._users.take(wait=START_SECONDS)

    def _give_up(self, thread: threading.Thread) -> bool:
        """Ends what a thread of this client asked for, by ending the server, if this is the only client."""
        self._given_up.add(thread)
        with self._alone() as alone:
            if alone:
                _stop(self.folder, how=signal.SIGKILL)
            self._forget_server()
        return alone

    def _outgrown(self, graph: Graph) -> bool:
        """Whether so much is new that a new database is quicker, and the old one holds nothing but the graph."""
        before = self._loaded(graph).before(self.generation)
        return before is not None and _rows(graph) > 2 * _rows(before[-1]) and _holds_only(self, before[-1])

    def _load_in_bulk(self, graph: Graph, progress: Progress | None) -> bool:
        with self._alone() as alone:
            if alone:
                Store.close(self)
                why = _busy(self.folder, "starts")
                with taken(self.folder / "start", exclusive=True, wait=START_SECONDS, why=why):
                    endpoint = None
                    while endpoint is None:
                        _stop(self.folder)
                        endpoint = _spawn(self.folder, graph.folder, progress=progress)
                    self._endpoint = endpoint
        return alone


def _holds_only(store: Store, graph: Graph) -> bool:
    """Whether the store holds this graph and nothing else: no node, relationship or property of someone's own."""
    from kg.stores.difference import expected

    nodes, links = expected(graph)
    if (store.count("(n)"), store.count("()-[n]->()")) != (sum(nodes.values()) + 1, sum(links.values())):
        return False
    counts = store.counts()
    if Counter(counts["types"]) - Counter(nodes) or Counter(counts["relations"]) - Counter(links):
        return False
    for name, pattern in (*((n, f"(n:{n})") for n in nodes), *((n, f"()-[n:{n}]->()") for n in links)):
        keys = store.query(f"MATCH {pattern} UNWIND keys(n) AS key RETURN DISTINCT key")
        if {row["key"] for row in keys} - {"id", *(p.name for p in schema().properties_of(name))}:
            return False
    return True


def _rows(graph: Graph) -> int:
    return sum(graph.count(table) for table in TABLES)


def _bulk_report(store: Store, graph: Graph, seconds: float) -> LoadReport:
    from kg.stores.difference import expected

    counts, (nodes, links) = store.counts(), expected(graph)
    wanted = {**dict.fromkeys((*counts["types"], *counts["relations"]), 0), **nodes, **links}
    for name, there in {**counts["types"], **counts["relations"]}.items():
        if there != wanted[name]:
            raise StoreError(f"After loading, the store has {there} {name} instead of {wanted[name]}.")
    return LoadReport(
        nodes_written=sum(nodes.values()),
        relationships_written=sum(links.values()),
        counts=counts,
        seconds=seconds,
    )


def _aside(work: Callable[[], T], *, timeout: float | None, give_up: Callable[[threading.Thread], bool]) -> T:
    """Runs the work in a thread, so that Ctrl-C and a timeout reach the caller at once."""
    outcome: list[tuple[bool, Any]] = []

    def run() -> None:
        try:
            outcome.append((True, work()))
        except BaseException as error:
            outcome.append((False, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join(timeout)
    except KeyboardInterrupt:
        give_up(thread)
        raise
    if not outcome:
        over = "" if give_up(thread) else " It goes on in the server, which others use; give it less to do."
        raise QueryError(
            f"The query took longer than {timeout:g} s. Bound its paths, or raise --timeout.{over}"
        )
    done, result = outcome[0]
    if not done:
        raise result
    return cast(T, result)


def _running(folder: Path) -> dict[str, Any] | None:
    """Where the folder's server listens: None when none runs, or it does not listen yet."""
    path = folder / "endpoint.json"
    if not is_held(path):
        return None
    try:
        found = json.loads(path.read_text("utf8"))
    except ValueError:
        return None  # it is just starting or stopping
    return dict(found)


def _start(folder: Path) -> dict[str, Any]:
    with taken(folder / "start", exclusive=True, wait=START_SECONDS, why=_busy(folder, "uses")):
        until = time.monotonic() + START_SECONDS
        while True:
            while is_held(folder / "endpoint.json"):  # started by another, who may have died since
                if found := _running(folder):
                    return found
                if time.monotonic() > until:
                    raise StoreUnavailableError(
                        f"The server of {folder} does not answer. End it, then try again."
                    )
                time.sleep(0.02)
            if found := _spawn(folder):
                return found


def _spawn(
    folder: Path, tables: Path | None = None, *, progress: Progress | None = None
) -> dict[str, Any] | None:
    """Starts the server, detached; with `tables` it first loads them into a new database.

    None where another was quicker: one whose starter was killed, and which had not come to its lock yet.
    """
    command = [
        sys.executable,
        "-m",
        "kg.stores.embedded",
        str(folder),
        *([str(tables.resolve())] if tables else []),
    ]
    (folder / "store").mkdir(mode=0o700, exist_ok=True)
    with (
        (folder / "store" / "server.log").open("ab") as log,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        ) as child,
    ):
        assert child.stdout is not None
        for line in child.stdout:
            said = json.loads(line)
            if "progress" in said and progress:
                progress(*said["progress"])
            elif "taken" in said:
                return None
            elif "error" in said:
                raise StoreError(said["error"])
            elif "ready" in said:
                break
    found = _running(folder)
    if found is None:
        raise StoreUnavailableError(f"The embedded store of {folder} does not start: {_last_words(folder)}")
    return found


def _stop(folder: Path, *, how: int = signal.SIGTERM) -> None:
    """Ends the folder's server and waits for it. Its pid is its own for as long as it holds the lock."""
    until = time.monotonic() + START_SECONDS
    while is_held(folder / "endpoint.json"):
        if endpoint := _running(folder):  # else it is just starting, or stopping
            with suppress(ProcessLookupError):
                os.kill(endpoint["pid"], how)
        if time.monotonic() > until:
            raise StoreUnavailableError(_busy(folder, "uses"))
        time.sleep(0.05)


@contextmanager
def _told_damage(folder: Path) -> Iterator[None]:
    """Says what to do where the database refuses our own statements: it is damaged, or the disk is full."""
    try:
        yield
    except QueryError as error:
        raise StoreError(
            f"The store of {folder} does not do its work: {error}. Where the disk is full, make room and try again. "
            f"Else its files are damaged: delete {folder / 'store'}, which is made anew from the records."
        ) from error


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / "store" / "server.log").read_text("utf8", "replace").splitlines()
    except OSError:
        return "it left no log"
    return lines[-1] if lines else "it left no word in its log"


def _busy(folder: Path, what: str) -> str:
    return f"Another kg {what} the store of {folder} and does not let go. Try again when it has ended."


def _loading(folder: Path) -> str:
    """Who loads the store just now, as a sentence to put behind another."""
    return holder(folder / "loading") if is_held(folder / "loading") else ""


if __name__ == "__main__":
    from kg.stores.serve import main

    main(sys.argv[1:])
