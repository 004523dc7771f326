"""The server of an embedded store, and its bulk load: the only code that loads the engine.

`python -m kg.stores.embedded FOLDER [TABLES]` serves the store of a graph folder over Bolt on the loopback device
until nobody has used it for two seconds; with TABLES it first loads these into a new database. It tells its parent,
in JSON lines on standard output, how far it is and when it is ready, and then belongs to nobody.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kg.graph import TABLES, Graph, Node
from kg.schema import schema
from kg.stores.difference import Loaded
from kg.stores.load import shortened
from kg.stores.locks import FileLock

IDLE_SECONDS = 2.0
STOP_SECONDS = 5.0
READ_SECONDS = 600  # the database ends a reader's query after so long
BATCH_ROWS = 1000


def main(arguments: Sequence[str]) -> None:
    """Becomes the server of the folder named first; a second argument is the folder of tables to load before."""
    folder, tables = Path(arguments[0]), Path(arguments[1]) if len(arguments) > 1 else None
    os.umask(0o077)
    endpoint = FileLock(folder / "endpoint.json")
    if not endpoint.take(exclusive=True, wait=1.0):  # a client that looks takes it for a moment
        _tell({"taken": f"The store of {folder} has a server already."})
        return
    if os.fork():  # the parent ends, so the server is nobody's child
        os._exit(0)
    os.truncate(endpoint.path, 0)
    os.chdir("/")
    _quiet(folder / "store" / "log")
    try:
        if tables is not None:
            _load(folder / "store", Graph(tables))
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        server, said = _listen_whole(folder / "store")
        _write_private(endpoint.path, {**said, "pid": os.getpid()})
        with suppress(BrokenPipeError):  # whoever started this has gone, but others may wait for it
            _tell({"ready": True})
        _wait(folder / "users", stop)
        os.truncate(endpoint.path, 0)
        _last_resort(STOP_SECONDS)
        server.stop()
    except BrokenPipeError:
        os._exit(1)  # who wanted the load is gone; what was begun is swept away by the next
    except Exception as error:
        room = " Make room on the disk and try again." if "No space left" in str(error) else ""
        _tell({"error": f"The embedded store of {folder}: {error}.{room}"})
        raise
    os._exit(0)  # the engine's own threads would hold the process up


def _last_resort(seconds: float) -> None:
    """Ends the process after so long, whatever a query that nobody waits for is doing; what is committed is safe."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _wait(users: Path, stop: threading.Event) -> None:
    """Returns when told to stop, or holding `users` exclusively, nobody having used the store for a while."""
    lock, free_since = FileLock(users), time.monotonic()
    while not stop.wait(0.2):
        if not lock.take(exclusive=True):
            free_since = time.monotonic()
        elif time.monotonic() - free_since >= IDLE_SECONDS:
            return  # still locked: who comes now waits until this server is gone
        else:
            lock.release()
            lock = FileLock(users)


def _listen_whole(store: Path) -> tuple[Any, dict[str, str]]:
    """Listens; a database that cannot be opened is put aside, since the tables can make it anew."""
    import arcadedb

    database = store / "databases" / "kg"
    shutil.rmtree(store / "loading", ignore_errors=True)  # of a bulk load that was killed
    try:
        return _listen(store)
    except arcadedb.ArcadeDBError:
        if not database.is_dir() or _opens(database):
            raise
        shutil.rmtree(store / "damaged", ignore_errors=True)
        database.rename(store / "damaged")
        return _listen(store)


def _opens(database: Path) -> bool:
    import arcadedb

    try:
        arcadedb.open_database(str(database)).close()
        return True
    except arcadedb.ArcadeDBError:
        return False


def _listen(store: Path) -> tuple[Any, dict[str, str]]:
    """Starts the engine on the store, on a free port of the loopback device, with new passwords."""
    import arcadedb

    passwords = {user: secrets.token_urlsafe(32) for user in ("writer", "reader")}
    _write_users(store / "config", passwords)
    for attempt in range(5):
        port = _free_port()
        settings = {
            "host": "127.0.0.1",
            "http_port": 0,
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt_host": "127.0.0.1",
            "bolt_port": port,
        }
        server = arcadedb.create_server(str(store), None, config=settings)
        try:
            server.start()
            break
        except arcadedb.ArcadeDBError:
            if attempt == 4:
                raise
    try:
        exists = (store / "databases" / "kg").is_dir()
        database = server.get_database("kg") if exists else server.create_database("kg")
        database.set_wal_flush("yes_nometadata")
        _declare_types(database)
        _declare_indexes(database)
    except arcadedb.ArcadeDBError:
        server.stop()
        raise
    return server, {"uri": f"bolt://127.0.0.1:{port}", **passwords}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_users(config: Path, passwords: dict[str, str]) -> None:
    """Users and groups of the engine: it ignores Bolt's access mode, so reading goes through one who only can."""
    records = [f"{what}Record" for what in ("create", "read", "update", "delete")]
    rights = ["updateSecurity", "updateSchema", "updateDatabaseSettings"]
    groups = {
        "admin": _group(rights, records),
        "reader": _group([], ["readRecord"], seconds=READ_SECONDS),
        "*": _group([], []),
    }
    users = [
        ("root", "*", "admin", secrets.token_urlsafe(32)),
        *((u, "kg", "admin" if u == "writer" else "reader", p) for u, p in passwords.items()),
    ]
    config.mkdir(parents=True, exist_ok=True)
    _write_private(config / "server-groups.json", {"databases": {"*": {"groups": groups}}, "version": 2})
    lines = (
        json.dumps({"name": name, "databases": {where: [group]}, "password": _hashed(password)})
        for name, where, group, password in users
    )
    (config / "server-users.jsonl").write_text("\n".join(lines) + "\n", "utf8")


def _group(access: list[str], records: list[str], *, seconds: int | None = None) -> dict[str, Any]:
    limit = -1 if seconds is None else seconds * 1000
    return {"resultSetLimit": -1, "readTimeout": limit, "access": access, "types": {"*": {"access": records}}}


def _hashed(password: str) -> str:
    salt, rounds = base64.b64encode(secrets.token_bytes(32)).decode(), 1000  # 256 random bits need no more
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds, 32)
    return f"PBKDF2WithHmacSHA256${rounds}${salt}${base64.b64encode(digest).decode()}"


def _declare_types(database: Any) -> None:
    """A type for each label and relation; what is there stays."""
    there = {str(t["name"]) for t in database.query("sql", "SELECT name FROM schema:types").to_list()}
    for label in set(schema().types) - there:
        database.command("sql", f"CREATE VERTEX TYPE {label} IF NOT EXISTS")
        for name in ("id", "name"):
            database.command("sql", f"CREATE PROPERTY {label}.{name} IF NOT EXISTS STRING")
    for relation in set(schema().relations) - there:
        database.command("sql", f"CREATE EDGE TYPE {relation} IF NOT EXISTS")


def _declare_indexes(database: Any) -> None:
    """A unique `id` and an index on `name` for each label; what is there stays."""
    there = {str(i["name"]) for i in database.query("sql", "SELECT name FROM schema:indexes").to_list()}
    for label in schema().types:
        for name, kind in (("id", "UNIQUE"), ("name", "NOTUNIQUE")):
            if f"{label}[{name}]" not in there:
                database.command("sql", f"CREATE INDEX IF NOT EXISTS ON {label} ({name}) {kind}")


def _load(store: Path, graph: Graph) -> None:
    """Loads the tables into a new database beside the old one, then puts it in its place."""
    import arcadedb

    new, old = store / "loading" / "kg", store / "databases" / "kg"
    shutil.rmtree(new.parent, ignore_errors=True)
    new.parent.mkdir(parents=True)
    with arcadedb.create_database(str(new)) as database:
        _declare_types(database)
        with database.graph_batch() as batch:
            _fill(batch, graph)
        _declare_indexes(database)  # built once over all is quicker than row by row
    loaded = Loaded(store / "loaded")
    if old.exists():
        old.rename(
            new.parent / "old"
        )  # from here to the end there is no database, and an empty one is loaded anew
    loaded.forget()
    loaded.begin(graph)
    loaded.finish()
    old.parent.mkdir(exist_ok=True)
    new.rename(old)
    shutil.rmtree(new.parent, ignore_errors=True)


def _fill(batch: Any, graph: Graph) -> None:
    done, total = 0, sum(graph.count(table) for table in TABLES) + 3 * graph.count("claims")
    places: dict[tuple[str, str], str] = {}
    for label, nodes in _grouped((n.label, n) for n in graph.nodes()):
        rows = batch.create_vertices(label, [_properties(n) for n in nodes])
        places.update(zip(((label, n.id) for n in nodes), rows, strict=True))
        done += len(nodes)
        _tell({"progress": [done, total]})
    for kind, links in _grouped((r.type, r) for r in graph.relationships()):
        sources = [places[r.source_label, r.source] for r in links]
        targets = [places[r.target_label, r.target] for r in links]
        batch.new_edges(sources, kind, targets, [r.properties for r in links])
        done += len(links)
        _tell({"progress": [done, total]})
    own = {"id": graph.id, "format": schema().format, "generation": graph.generation}
    batch.create_vertices("KnowledgeGraph", [own])


def _properties(node: Node) -> dict[str, Any]:
    return {**node.properties, "name": shortened(node.properties.get("name"))}


def _grouped(pairs: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Runs of a bounded number of values of one key, each key's values in their order."""
    waiting: dict[str, list[Any]] = {}
    for key, value in pairs:
        waiting.setdefault(key, []).append(value)
        if len(waiting[key]) >= BATCH_ROWS:
            yield key, waiting.pop(key)
    yield from waiting.items()


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _write_private(path: Path, value: Any) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf8") as file:
        json.dump(value, file)


def _quiet(log: Path) -> None:
    """Sends the engine's log to a file of the store, before it is loaded."""
    log.mkdir(parents=True, exist_ok=True)
    os.environ["ARCADEDB_LOG_DIR"], os.environ["ARCADEDB_LOG_CONSOLE"] = str(log), "0"
