"""What earlier builds staged and named, kept beside the graph, so that a build works only on what is new.

    staged/N/          the staging tables of some records; a folder for each build that brought new ones
    names/N.parquet  what a name alone decides; a file for each time that new names were met
    stamp.json         the version of the code and lexicon that made them; with another, all is made anew

Both are pure functions of a record and of a name, so it never shows in the graph whether they were made now or then:
only rows of records that are there, and of names in them, are given out. Whatever is damaged is made anew.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.jsonl import atomic, dumps
from kg.lexicon import Parent
from kg.resolve import naming
from kg.resolve.naming import Naming
from kg.resolve.staging import TABLES, Row, Table, stage
from kg.types import Record

_MOST_FILES = 24
"""More files than these are put together into one."""

BESIDE = 1 << 30
"""From here on the numbers of records that are seen and not kept."""

_ROWS_AT_ONCE = 20_000
_NAME_COLUMNS = (
    "spelling:string type:string key:string kind:string shown:string folded:string traits:string family:string "
    "name:string known_type:string soft:bool parameters:int64 active:int64 parents:string"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that are kept elsewhere: the digest of each paper's key, and a way to fetch those of some keys."""

    digests: Mapping[str, str]
    fetch: Callable[[Collection[str]], Iterable[Record]]


class Memory:
    """A folder of what earlier builds staged and named; `version` names what made it."""

    def __init__(self, folder: Path, version: str) -> None:
        self.folder, self._version = folder, version
        self._beside: list[Path] = []
        if self._stamp() != version:
            self._forget()

    def stage(self, database: Any, records: Iterable[Record] | Kept, *, beside: Path | None = None) -> None:
        """Makes a view in the database of each staging table of these records.

        `beside` is a folder of staging tables to see as well and not to keep, with numbers from `BESIDE` on.
        """
        self._beside = [] if beside is None else [beside]
        self._tidy_names(database)
        if not isinstance(records, Kept):
            self._forget()
            stage(records, self.folder / "staged" / "1")
            self._view(database, live=None)
            return
        try:
            known = self._known()
        except (OSError, ValueError):  # damaged: Arrow's own errors are ValueErrors
            self._forget()
            known = {}
        wanted = set(records.digests.items())
        new = sorted(key for key, digest in wanted - known.keys())
        if new or not self._segments():
            first = max(known.values(), default=-1) + 1
            self._add(records.fetch(new), first)
            known = self._known()
        live = [doc for kept, doc in known.items() if kept in wanted]
        self._view(database, live if len(live) < len(known) else None)
        if len(known) > 2 * len(live) or len(self._segments()) > _MOST_FILES:
            self._put_together(database, live)

    def recalling(
        self, database: Any, query: str, names: Callable[[Row], Iterable[tuple[str, str]]]
    ) -> Iterator[Row]:
        """The rows of a query, while `naming` has at hand what earlier builds worked out for the names in them.

        `names` gives the spellings and types that a row asks of. Those that are new are kept when the caller has gone
        through the rows. Constant memory: so many rows at once.
        """
        with self._new_names() as table:
            for batch in _batches(database, query):
                asked = sorted({name for row in batch for name in names(row)})
                known = self._recall(database, asked)
                naming.prime(known)
                try:
                    yield from batch
                    table.add(_as_row(name) for name in asked if name not in known)
                finally:
                    naming.prime({})

    @contextmanager
    def _new_names(self) -> Iterator[Table]:
        """A file for names; it is there for the next build, not for this one."""
        files = self._name_files()
        number = int(files[-1].stem) + 1 if files else 1
        path = self.folder / "names" / f"{number:06d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{number}")
        with Table(new, _NAME_COLUMNS) as table:
            yield table
        if table.count:
            new.rename(path)
        else:
            new.unlink()

    def _recall(self, database: Any, asked: list[tuple[str, str]]) -> dict[tuple[str, str], naming.Read]:
        import pyarrow as pa

        files = self._name_files()
        if not files or not asked:
            return {}
        spellings, types = zip(*asked, strict=True)
        cursor = database.cursor()
        cursor.from_arrow(pa.table({"spelling": spellings, "type": types})).create_view("asked")
        found = cursor.execute(
            f"SELECT * FROM read_parquet({_listed(files)}) SEMI JOIN asked USING (spelling, type)"
        ).fetchall()
        cursor.execute("DROP VIEW asked")
        return {(row[0], row[1]): _from_row(row) for row in found}

    def _known(self) -> dict[tuple[str, str], int]:
        """Key and digest of each staged record → its number."""
        import pyarrow.parquet as pq

        found: dict[tuple[str, str], int] = {}
        for segment in self._segments():
            for name in TABLES:
                pq.read_metadata(segment / f"{name}.parquet")
            docs = pq.read_table(segment / "docs.parquet", columns=["key", "tie", "doc"])
            found.update(
                zip(
                    zip(*(docs[c].to_pylist() for c in ("key", "tie")), strict=True),
                    docs["doc"].to_pylist(),
                    strict=True,
                )
            )
        return found

    def _add(self, records: Iterable[Record], first: int) -> None:
        segments = self._segments()
        number = int(segments[-1].name) + 1 if segments else 1
        new = self.folder / "staged" / "new"
        shutil.rmtree(new, ignore_errors=True)
        stage(records, new, first=first)
        new.rename(new.with_name(str(number)))

    def _view(self, database: Any, live: list[int] | None) -> None:
        """Views of the staging tables; `live` numbers the records to see, None is all."""
        import pyarrow as pa

        if live is not None:
            database.from_arrow(pa.table({"doc": pa.array(live, pa.int32())})).create("live")
        only = " SEMI JOIN live USING (doc)" if live is not None else ""
        for name in TABLES:
            files = [segment / f"{name}.parquet" for segment in self._segments()]
            seen = f"SELECT * FROM read_parquet({_listed(files)}){only}"
            for folder in self._beside:
                seen += f" UNION ALL SELECT * FROM read_parquet({_quoted(folder / f'{name}.parquet')})"
            database.execute(f"CREATE VIEW {name} AS {seen}")

    def _put_together(self, database: Any, live: list[int]) -> None:
        """Makes one segment of all, without the records that are gone, and sees that instead."""
        new, old = self.folder / "staged" / "new", self._segments()
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        kept = f" WHERE doc < {BESIDE}"
        for name in TABLES:
            path = _quoted(new / f"{name}.parquet")
            database.execute(f"COPY (SELECT * FROM {name}{kept}) TO {path} (FORMAT parquet, COMPRESSION lz4)")
            database.execute(f"DROP VIEW {name}")
        database.execute("DROP TABLE IF EXISTS live")
        for segment in old:  # if this breaks off, records are staged again
            shutil.rmtree(segment)
        new.rename(new.with_name(str(int(old[-1].name) + 1)))
        self._view(database, None)

    def _segments(self) -> list[Path]:
        folder = self.folder / "staged"
        found = [p for p in folder.iterdir() if p.name.isdecimal()] if folder.is_dir() else []
        return sorted(found, key=lambda p: int(p.name))

    def _name_files(self) -> list[Path]:
        return sorted((self.folder / "names").glob("*.parquet"))

    def _tidy_names(self, database: Any) -> None:
        """Takes away what is damaged or broke off, and makes one file of many."""
        import pyarrow.parquet as pq

        folder = self.folder / "names"
        whole = []
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                pq.read_metadata(file)
                whole.append(file)
            except (OSError, ValueError):
                file.unlink()
        if len(whole) > _MOST_FILES:
            new = whole[-1].with_suffix(".new")
            database.execute(
                f"COPY (SELECT DISTINCT * FROM read_parquet({_listed(whole)})) "
                f"TO {_quoted(new)} (FORMAT parquet, COMPRESSION lz4)"
            )
            for file in whole[:-1]:  # if this breaks off, some names are missing, and made again
                file.unlink()
            new.rename(whole[-1])

    def _stamp(self) -> str | None:
        try:
            return str(json.loads((self.folder / "stamp.json").read_text("utf8"))["version"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        with atomic(self.folder / "stamp.json") as file:
            file.write(dumps({"version": self._version}) + "\n")


def _batches(database: Any, query: str) -> Iterator[list[Row]]:
    """Rows of a query, so many at once; a cursor of its own, so that the caller may run others meanwhile."""
    cursor = database.cursor()
    cursor.execute(query)
    while batch := cursor.fetchmany(_ROWS_AT_ONCE):
        yield batch


def _as_row(asked: tuple[str, str]) -> Row:
    n, parents = naming.read(*asked)
    said = (n.key, n.kind, n.shown, n.folded, dumps(n.traits), n.family)
    above = dumps([(p.key, p.name, p.member, p.known) for p in parents])
    return (*asked, *said, n.name, n.type, n.soft, n.parameters, n.active, above)


def _from_row(row: Row) -> naming.Read:
    _, _, key, kind, shown, folded, traits, family, name, type, soft, parameters, active, above = row
    parents = tuple(Parent(*p) for p in json.loads(above)) if above != "[]" else ()
    suffix = tuple(json.loads(traits)) if traits != "[]" else ()
    return Naming(key, kind, shown, folded, suffix, family, name, type, soft, parameters, active), parents


def _listed(files: Iterable[Path]) -> str:
    return f"[{', '.join(map(_quoted, files))}]"


def _quoted(path: Path) -> str:
    return "'" + os.fspath(path).replace("'", "''") + "'"
