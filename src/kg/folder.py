"""A graph on disk: the records, which are the truth, and caches made from them.

    records.sqlite   paper key → record; a transaction of it is the commit point of every build and remove, its
                     write lock lets one writer in at a time
    curation.yaml    a person's corrections (`kg.curation`), part of what the graph is made from
    tables/          the graph as four sorted Parquet tables
    store/           the embedded database
    memory/          what earlier builds worked out for records and names, so that the next need not
    rejects.jsonl    what the last build set aside, and why

`generation` is a hash of all records, the corrections, and the code and lexicon that resolve them, kept up with each
write. Tables and store are stamped with it; where the stamp differs, whoever needs them makes them anew.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kg.curation import FILE as CURATION
from kg.curation import Curation, Entry, append
from kg.curation import read as read_curation
from kg.errors import CurationError, GraphError, NotFoundError
from kg.graph import Graph
from kg.jsonl import check, dumps, record_from_json, record_to_json
from kg.keys import arxiv_id, doi, paper_key
from kg.lexicon import Layer, using
from kg.types import Paper, Record

if TYPE_CHECKING:
    from kg.resolve import Kept as ResolvedKept
    from kg.stores.bolt import Store

FORMAT = 1
WAIT_SECONDS = 5.0

Progress = Callable[[str, int, int | None], None]
"""Called now and then with what is being done, how much of it is done, and of how much (None: unknown)."""

_APPLICATION = 0x6B670001  # marks the SQLite file as ours: "kg" and a number
_SUM_MODULUS = 1 << 256
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE records (
    key TEXT PRIMARY KEY,
    input_id TEXT NOT NULL,
    extractor TEXT NOT NULL,
    paper_hash TEXT NOT NULL,
    digest TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX records_by_input_id ON records (input_id);
CREATE INDEX records_by_extractor ON records (extractor);
"""
_OURS = {
    *("records.sqlite", "records.sqlite-wal", "records.sqlite-shm", "tables", "tables.lock", "store"),
    *("rejects.jsonl", "writer.json", "users", "start", "loading", "loaded", "endpoint.json", "memory"),
    CURATION,
}


class GraphFolder:
    """The graph at a path. Nothing is opened before it is needed; `close` may be called at any time."""

    def __init__(self, path: str | os.PathLike[str], *, wait: float = WAIT_SECONDS) -> None:
        self.path, self._wait = Path(path), wait
        self._connection: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a graph at the path."""
        return (self.path / "records.sqlite").is_file()

    @property
    def id(self) -> str:
        """Which graph this is: stays the same while papers come and go."""
        return self._meta("id")

    @property
    def generation(self) -> str:
        """Hash of all records, the corrections, and of the code that makes a graph of them."""
        return self._generation(self.curation)

    @property
    def curation_file(self) -> Path:
        """Where the corrections stand: `curation.yaml` in the folder, or the file that a build was told of."""
        elsewhere = self._noted("curation") if self.exists else None
        return Path(elsewhere) if elsewhere else self.path / CURATION

    @property
    def curation(self) -> Curation:
        """The corrections; a CurationError names a line that is wrong, or the file that is gone."""
        file = self.curation_file
        if file.parent != self.path and not file.is_file():
            raise CurationError(
                str(file),
                1,
                f"{self.path} has its corrections there, but no file is there. Put it back, or name another: "
                f"kg build -g {self.path} --curation FILE",
            )
        return read_curation(file)

    @property
    def lexicon(self) -> tuple[Layer, ...]:
        """The user's own names that the graph was built with, as they were then."""
        noted = self._noted("lexicon") if self.exists else None
        return tuple(Layer(*layer) for layer in json.loads(noted)) if noted else ()

    @property
    def fresh(self) -> bool:
        """Whether the tables are of these records and corrections; if not, whoever needs them makes them anew."""
        from kg.resolve import stamp

        return stamp(self.path / "tables") == self._stamp()

    def __len__(self) -> int:
        return int(self._meta("count"))

    def keys(self) -> list[str]:
        """The keys of all records, sorted."""
        return [key for (key,) in self._reading().execute("SELECT key FROM records ORDER BY key")]

    def records(self, *, ordered: bool = True) -> Iterator[Record]:
        """Streams the records, by key or (faster) as they lie."""
        query = "SELECT record FROM records" + (" ORDER BY key" if ordered else "")
        for (text,) in self._reading().execute(query):
            yield record_from_json(json.loads(text))

    def record(self, key: str) -> Record | None:
        """The record of a paper's key."""
        found = self._reading().execute("SELECT record FROM records WHERE key = ?", (key,)).fetchone()
        return record_from_json(json.loads(found[0])) if found else None

    def find(self, paper: str) -> str:
        """The key of a paper asked for by key, arXiv id or address, DOI, or the id that the input gave it.

        A NotFoundError where there is none, a GraphError where an input's id means several.
        """
        return _find(self._reading(), paper)

    def graph(self, *, progress: Progress | None = None) -> Graph:
        """The tables, made anew from the records where they are not of this generation."""
        from kg.resolve import stamp

        tables = self.path / "tables"
        if stamp(tables) != self._stamp():
            self._make_tables(tables, progress)
        return Graph(tables)

    def store(self, *, write: bool = False, progress: Progress | None = None) -> "Store":
        """The embedded store, loaded from the tables where it is not of this generation."""
        from kg.stores.embedded import open_store

        graph = self.graph(progress=progress)
        store = open_store(self.path, write=write)
        if _holds(store, graph):
            return store
        if not write:
            store.close()
            store = open_store(self.path, write=True)
        try:
            store.load(graph, progress=_steps("loading the store", progress))
        except BaseException:
            store.close()
            raise
        if write:
            return store
        store.close()
        return open_store(self.path)

    def corrections(self, *, progress: Progress | None = None) -> list[tuple[Entry, bool]]:
        """Each correction in the order of the file, and whether it acts on anything in the graph as it is."""
        from kg.resolve import acted

        entries = self.curation.entries
        did = acted(self.graph(progress=progress)) if entries else {}
        return [(entry, did.get(entry.text, False)) for entry in entries]

    def correct(self, entry: Entry, *, note: str = "") -> tuple[Entry, list[tuple[str, list[str]]]]:
        """Writes a correction; gives it with its line, and names in it that the graph as made last does not know.

        Each such name comes with others that look like it. A CurationError where it contradicts another.
        """
        from kg.resolve import check, unknown_names

        len(self)  # raises the error that says what is there
        with using(self.lexicon):
            written = append(self.curation_file, entry, note=note, check=check)
            return written, unknown_names(Graph(self.path / "tables"), written, self.curation)

    def use_curation(self, writer: "Writer", file: Path) -> None:
        """Takes the corrections from a file elsewhere from now on; the folder's own file takes them back.

        A GraphError where the folder has corrections of its own, which would no longer act.
        """
        own, file = self.path / CURATION, file.absolute()
        if not file.is_file():
            raise CurationError(
                str(file), 1, "There is no such file. Make it, even if empty, or leave --curation out."
            )
        read_curation(file)
        if file == own.absolute():
            writer.note("curation", None)
            return
        if read_curation(own).entries:
            raise GraphError(
                f"{own} holds corrections that would no longer act. Move its lines to {file}, then remove it."
            )
        writer.note("curation", str(file))

    @contextlib.contextmanager
    def writing(self, *, fresh: bool = False) -> Iterator["Writer"]:
        """One transaction: all that is put and removed within holds together, or not at all.

        `fresh` starts from no records. A GraphError says who else is writing.
        """
        from kg.stores.locks import whoami

        self._prepare()
        connection = _connect(self.path, write=True, wait=self._wait)
        sign = self.path / "writer.json"
        try:
            self._begin(connection)
            if fresh:
                _clear(connection)
            self._check_format(connection)
            _initialise(connection)
            sign.write_text(dumps(whoami()), "utf8")
            writer = Writer(connection)
            yield writer
            writer.finish()
            sign.unlink()
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
                sign.unlink(missing_ok=True)
            connection.close()

    def close(self) -> None:
        """Closes the records; a folder that is used again opens them anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _meta(self, name: str) -> str:
        row = self._reading().execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0])

    def _noted(self, name: str) -> str | None:
        row = self._reading().execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def _generation(self, corrections: Curation) -> str:
        from kg.resolve import version

        with using(self.lexicon):
            code = version()
        parts = (FORMAT, self._meta("count"), self._meta("sum"), code, corrections.digest)
        return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:32]

    def _stamp(self, corrections: Curation | None = None) -> dict[str, str]:
        return {"graph": self.id, "generation": self._generation(corrections or self.curation)}

    def _make_tables(self, tables: Path, progress: Progress | None) -> None:
        from kg.resolve import resolve, stamp
        from kg.stores.locks import taken

        if not os.access(self.path, os.W_OK):
            raise GraphError(
                f"The tables of {self.path} are out of date and the folder may not be written. "
                "Run a command on it as someone who may, or copy it."
            )
        busy = f"Another process is making the tables of {self.path}. Try again when it has ended."
        with taken(self.path / "tables.lock", exclusive=True, wait=600.0, why=busy):
            connection = self._reading()
            connection.execute("BEGIN")  # one state of the records, whoever writes meanwhile
            try:
                corrections = self.curation
                wanted = self._stamp(corrections)
                if stamp(tables) != wanted:
                    _sweep(tables)
                    with using(self.lexicon):
                        resolve(
                            self._kept(progress),
                            tables,
                            graph=wanted["graph"],
                            generation=wanted["generation"],
                            curation=corrections,
                            remembered=self.path / "memory",
                        )
            finally:
                connection.execute("ROLLBACK")

    def _kept(self, progress: Progress | None) -> "ResolvedKept":
        from kg.resolve import Kept

        def fetch(keys: Collection[str]) -> Iterator[Record]:
            return _counted(self._of(keys), len(keys), progress)

        return Kept(dict(self._reading().execute("SELECT key, digest FROM records")), fetch)

    def _of(self, keys: Collection[str]) -> Iterator[Record]:
        """The records of these keys; of most of them, quicker in one sweep."""
        if 2 * len(keys) > len(self):
            wanted = set(keys)
            found = self._reading().execute("SELECT key, record FROM records")
            yield from (record_from_json(json.loads(text)) for key, text in found if key in wanted)
        else:
            yield from filter(None, map(self.record, keys))

    def _reading(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self.exists:
                raise GraphError(self._missing())
            connection = _connect(self.path, write=False, wait=self._wait)
            try:
                self._check_format(connection)
                if not _pragma(connection, "user_version"):
                    raise GraphError(f"The first build of {self.path} has not ended. Build it: {self._how()}")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _missing(self) -> str:
        if self.path.is_file():
            return f"{self.path} is a file. A graph is a folder; name another path with -g."
        if self.path.is_dir() and any(self.path.iterdir()):
            return f"{self.path} is a folder, but no graph: it has no records.sqlite. Build one elsewhere: kg build PAPERS -g GRAPH"
        return f"No graph at {self.path}. Build one: {self._how()}"

    def _how(self) -> str:
        return f"kg build PAPERS -g {self.path}"

    def _prepare(self) -> None:
        """Makes the folder, unless something else stands there."""
        if self.path.exists() and not self.path.is_dir():
            raise GraphError(self._missing())
        if self.path.is_dir() and not self.exists and {p.name for p in self.path.iterdir()} - _OURS:
            raise GraphError(self._missing())
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GraphError(
                f"Cannot make {self.path}: {error.strerror}. Name another path with -g."
            ) from error
        if not os.access(self.path, os.W_OK):
            raise GraphError(f"{self.path} may not be written. Copy it to a place of your own.")

    def _begin(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise GraphError(f"Cannot write {self.path}: {error}.") from error
            raise GraphError(
                f"{self.path} is being written{self._by_whom()}. Wait until that has ended, then try again."
            ) from error
        except sqlite3.DatabaseError as error:
            raise GraphError(_not_a_database(self.path)) from error

    def _by_whom(self) -> str:
        with contextlib.suppress(OSError, ValueError, KeyError):
            who = json.loads((self.path / "writer.json").read_text("utf8"))
            return f" by `{who['command']}` (process {who['process']} on {who['host']}, since {who['since']})"
        return ""

    def _check_format(self, connection: sqlite3.Connection) -> None:
        try:
            application, found = (_pragma(connection, p) for p in ("application_id", "user_version"))
            other = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            raise GraphError(
                f"Cannot read {self.path / 'records.sqlite'}: {error}. Is it yours to read?"
            ) from error
        except sqlite3.DatabaseError as error:
            raise GraphError(_not_a_database(self.path)) from error
        if application != _APPLICATION and (application or other):
            raise GraphError(
                f"{self.path / 'records.sqlite'} is no database of this program. Name another path with -g."
            )
        if found not in (0, FORMAT):
            raise GraphError(
                f"{self.path} has format {found}, this kg reads {FORMAT}. "
                f"Use the kg that wrote it, or start over: {self._how()} --fresh"
            )


@dataclass(frozen=True, slots=True)
class Kept:
    """What the folder knows of a paper without reading its record."""

    paper_hash: str
    extractor: str
    digest: str


class Writer:
    """Puts and removes records within one transaction of a folder."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        read = dict(connection.execute("SELECT name, value FROM meta"))
        self._count, self._sum = int(read["count"]), int(read["sum"], 16)
        connection.execute("CREATE TEMP TABLE seen (key TEXT PRIMARY KEY, rank TEXT NOT NULL)")

    def kept(self, key: str) -> Kept | None:
        """What is there under a key."""
        query = "SELECT paper_hash, extractor, digest FROM records WHERE key = ?"
        found = self._connection.execute(query, (key,)).fetchone()
        return Kept(*found) if found else None

    def supersede(self, key: str, rank: str) -> str | None:
        """Notes that this command gives a text for a key: None where it is the first, else "less" or "greater"."""
        found = self._connection.execute("SELECT rank FROM seen WHERE key = ?", (key,)).fetchone()
        if found and rank <= found[0]:
            return "less"
        self._connection.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, rank))
        return "greater" if found else None

    def put(self, record: Record) -> None:
        """Keeps a record in place of what was there under its key; a RecordError where it breaks the contract."""
        from kg.resolve import digest

        check(record)
        key, new = paper_key(record.paper), digest(record)
        self._forget(key)
        row = (key, record.paper.id, record.extractor, paper_hash(record.paper), new)
        self._connection.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)", (*row, dumps(record_to_json(record)))
        )
        self._count, self._sum = self._count + 1, (self._sum + _term(key, new)) % _SUM_MODULUS

    def remove(self, key: str) -> None:
        """Removes the record of a key."""
        self._forget(key)
        self._connection.execute("DELETE FROM records WHERE key = ?", (key,))

    def noted(self, name: str) -> str | None:
        """A word kept on the graph itself."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def note(self, name: str, value: str | None) -> None:
        """Keeps a word on the graph itself, such as where its corrections stand; None forgets it."""
        if value is None:
            self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def find(self, paper: str) -> str:
        """As `GraphFolder.find`, within the transaction."""
        return _find(self._connection, paper)

    def stale(self, extractor: str, *, at_once: int = 256) -> Iterator[Record]:
        """Records of another version of this program's extractor; those from elsewhere are not ours to re-read."""
        query = (
            "SELECT key, record FROM records WHERE key > ? AND extractor <> ? "
            "AND extractor GLOB '[0-9]*.[0-9]*+?*' ORDER BY key LIMIT ?"
        )
        key = ""
        while rows := self._connection.execute(query, (key, extractor, at_once)).fetchall():
            for key, text in rows:  # noqa: B007
                yield record_from_json(json.loads(text))

    def title(self, key: str) -> str:
        """The title of the paper under a key."""
        query = "SELECT record FROM records WHERE key = ?"
        return str(json.loads(self._connection.execute(query, (key,)).fetchone()[0])["title"])

    def finish(self) -> None:
        """Writes down how many records there are, and the sum that stands for them."""
        update = "UPDATE meta SET value = ? WHERE name = ?"
        self._connection.executemany(update, [(str(self._count), "count"), (f"{self._sum:064x}", "sum")])

    def _forget(self, key: str) -> None:
        found = self._connection.execute("SELECT digest FROM records WHERE key = ?", (key,)).fetchone()
        if found:
            self._count, self._sum = self._count - 1, (self._sum - _term(key, found[0])) % _SUM_MODULUS


def paper_hash(paper: Paper) -> str:
    """A hash of a paper as read; where its file lay does not count."""
    fields = record_to_json(Record(paper, ""))
    return hashlib.sha256(
        dumps({k: v for k, v in fields.items() if k != "source"}).encode("utf8")
    ).hexdigest()


def rank(paper: Paper) -> str:
    """Of two texts under one key the one of greater rank holds: by update, publication, then text."""
    text = hashlib.sha256(paper.text.encode("utf8")).hexdigest()
    return "\n".join((paper.updated or "", paper.published or "", text, paper_hash(paper)))


def _term(key: str, digest: str) -> int:
    """One record's part of the sum over all: a sum, so that it is kept up without reading the others."""
    return int(hashlib.sha256(f"{key}\n{digest}".encode()).hexdigest(), 16)


def _connect(path: Path, *, write: bool, wait: float) -> sqlite3.Connection:
    file = path / "records.sqlite"
    if write:
        options = ""
    elif os.access(path, os.W_OK) or _exists_and_is_full(path / "records.sqlite-wal"):
        options = "?mode=ro"
    else:
        options = "?mode=ro&immutable=1"  # the journal cannot be made where nothing may be written
    try:
        # Readers of papers run in a thread of their own, and ask here what is known of them.
        return sqlite3.connect(
            file.absolute().as_uri() + options,
            uri=True,
            timeout=wait,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise GraphError(f"Cannot open {file}: {error}. Is it yours to read?") from error


def _exists_and_is_full(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _initialise(connection: sqlite3.Connection) -> None:
    if _pragma(connection, "user_version"):
        return
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    for statement in filter(str.strip, _TABLES.split(";")):
        connection.execute(statement)
    values = [("id", uuid.uuid4().hex), ("count", "0"), ("sum", "0")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", values)


def _clear(connection: sqlite3.Connection) -> None:
    """Empties the database, but the graph stays the same one: what it was loaded into still knows it."""
    if _pragma(connection, "application_id") != _APPLICATION:
        return
    kept = connection.execute(
        "SELECT value, name FROM meta WHERE name IN ('id', 'curation', 'lexicon')"
    ).fetchall()
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        connection.execute(f'DROP TABLE "{table}"')
    connection.execute("PRAGMA user_version = 0")
    _initialise(connection)
    connection.executemany("INSERT OR REPLACE INTO meta (value, name) VALUES (?, ?)", kept)


def _find(connection: sqlite3.Connection, paper: str) -> str:
    for key in filter(None, (paper, arxiv_id(paper), doi(paper))):
        if connection.execute("SELECT 1 FROM records WHERE key = ?", (key,)).fetchone():
            return key
    query = "SELECT key FROM records WHERE input_id = ? ORDER BY key"
    found: list[str] = [key for (key,) in connection.execute(query, (paper,))]
    if len(found) > 1:
        some = ", ".join(found[:5])
        raise GraphError(f"{paper!r} is the id of {len(found)} papers. Name one by its key: {some}")
    if not found:
        query = "SELECT key FROM records WHERE ? IN (substr(key, 1, ?), substr(input_id, 1, ?)) ORDER BY key LIMIT 3"
        near = connection.execute(query, (paper, len(paper), len(paper))) if paper else ()
        raise NotFoundError(paper, [key for (key,) in near], kind="paper")
    return found[0]


def _holds(store: "Store", graph: Graph) -> bool:
    known = store.graph
    return (known.get("id"), known.get("generation")) == (graph.id, graph.generation)


def _steps(what: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)


def _counted(records: Iterable[Record], total: int, progress: Progress | None) -> Iterator[Record]:
    for done, record in enumerate(records, 1):
        yield record
        if progress and (done % 500 == 0 or done == total):
            progress("resolving names", done, total)


def _sweep(tables: Path) -> None:
    """Removes what a killed process left behind while it made the tables."""
    import shutil

    for left in tables.glob(".resolving-*"):
        shutil.rmtree(left, ignore_errors=True)


def _not_a_database(path: Path) -> str:
    return f"{path / 'records.sqlite'} is damaged or no database. Move it away and build the graph again."
