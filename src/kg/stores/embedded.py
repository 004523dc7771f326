"""The embedded store: a local server that belongs to no client, joined by whoever has the graph's folder.

A graph folder holds, for its store:

    users          every client holds a shared lock on it while connected; the server stops itself once it could
                   have taken it exclusively for two seconds
    start          locked exclusively by whoever starts the server, or loads an unopened store
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
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.errors import GraphError, QueryError, StoreError, StoreUnavailableError
from kg.graph import Graph
from kg.stores.bolt import RETRY_SECONDS, Address, LoadReport, Progress, Rows, Store
from kg.stores.locks import FileLock, is_held, taken

START_SECONDS = 60.0


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

    def __init__(self, folder: Path, *, write: bool = False, retry: float = RETRY_SECONDS) -> None:
        super().__init__(Address("bolt://127.0.0.1", database="kg"), retry=retry)
        self.folder, self._may_write = folder, write
        self._users: FileLock | None = None
        self._endpoint: dict[str, Any] = {}

    def close(self) -> None:
        """Closes the connections and leaves the server, which stops itself when the last has left."""
        super().close()
        self._leave()

    def _writing(self, write: bool) -> Address:
        if write and not self._may_write:
            raise QueryError("This store was opened for reading. `kg query --write` opens it for writing.")
        endpoint = self._join()
        user = "writer" if write else "reader"
        return Address(endpoint["uri"], user, endpoint[user], "kg")

    def _join(self) -> dict[str, Any]:
        if self._users is None:
            self._users = taken(self.folder / "users", wait=START_SECONDS, why=_busy(self.folder))
            self._endpoint = {}
        if not self._endpoint:
            self._endpoint = _running(self.folder) or _start(self.folder)
        return self._endpoint

    def _leave(self) -> None:
        self._endpoint = {}
        if self._users is not None:
            self._users.release()
            self._users = None

    def load(self, graph: Graph, *, replace: bool = False, progress: Progress | None = None) -> LoadReport:
        """Makes the store hold this graph: in bulk where it is empty, else by difference."""
        began = time.monotonic()
        if not self._may_write:
            raise StoreError("This store was opened for reading. Open it with write=True to load a graph.")
        Store.close(self)
        self._join()
        assert self._users is not None
        if not _alone(self._users):
            raise StoreUnavailableError(_busy(self.folder))
        with taken(self.folder / "start", exclusive=True, wait=START_SECONDS, why=_busy(self.folder)):
            _stop(self.folder)
            self._endpoint = _spawn(self.folder, graph.folder, progress=progress)
        self._users.take(wait=START_SECONDS)
        counts = self.counts()
        return LoadReport(counts=counts, seconds=time.monotonic() - began)


def _alone(users: FileLock) -> bool:
    """Whether no other client is connected: takes the lock exclusively; the server tries it for moments only."""
    if users.take(exclusive=True, wait=1.0):
        return True
    users.take(wait=START_SECONDS)
    return False


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
    with taken(folder / "start", exclusive=True, wait=START_SECONDS, why=_busy(folder)):
        until = time.monotonic() + START_SECONDS
        while is_held(folder / "endpoint.json"):  # started by another, who may have died since
            if found := _running(folder):
                return found
            if time.monotonic() > until:
                raise StoreUnavailableError(
                    f"The server of {folder} does not answer. End it, then try again."
                )
            time.sleep(0.02)
        return _spawn(folder)


def _spawn(folder: Path, tables: Path | None = None, *, progress: Progress | None = None) -> dict[str, Any]:
    """Starts the server, detached; with `tables` it first loads them into a new database."""
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
    endpoint = _running(folder)
    if endpoint is not None:
        os.kill(endpoint["pid"], how)
    with taken(folder / "endpoint.json", exclusive=True, wait=START_SECONDS, why=_busy(folder)):
        pass


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / "store" / "server.log").read_text("utf8", "replace").splitlines()
    except OSError:
        return "it left no log"
    return lines[-1] if lines else "it left no word in its log"


def _busy(folder: Path) -> str:
    return f"Another kg uses the store of {folder} and does not let go. Try again when it has ended."


if __name__ == "__main__":
    from kg.stores.serve import main

    main(sys.argv[1:])
