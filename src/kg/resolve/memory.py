"""What earlier builds staged and named, kept beside the graph, so that a build works only on what is new.

    staged/N/          the staging tables of some records; a folder for each build that brought new ones
    names/TABLE-N.parquet   what a name alone decides; a file for each build that met new names
    stamp.json         the version of the code and lexicon that made them; with another, all is made anew

Both are pure functions of a record and of a name, so it never shows in the graph whether they were made now or then:
only rows of records that are there, and of names in them, are given out. Whatever is damaged is made anew.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.jsonl import atomic, dumps
from kg.resolve.staging import TABLES, Row, Table, stage
from kg.types import Record

_MOST_FILES = 24
"""More files than these are put together into one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that are kept elsewhere: the digest of each paper's key, and a way to fetch those of some keys."""

    digests: Mapping[str, str]
    fetch: Callable[[Collection[str]], Iterable[Record]]


class Memory:
    """A folder of what earlier builds staged and named; `version` names what made it."""

    def __init__(self, folder: Path, version: str) -> None:
        self.folder, self._version = folder, version
        if self._stamp() != version:
            self._forget()

    def stage(self, database: Any, records: Iterable[Record] | Kept) -> None:
        """Makes a view in the database of each staging table of these records."""
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
        if new := sorted(key for key, digest in wanted - known.keys()):
            first = max(known.values(), default=-1) + 1
            self._add(records.fetch(new), first)
            known = self._known()
        live = [doc for kept, doc in known.items() if kept in wanted]
        self._view(database, live if len(live) < len(known) else None)
        if len(known) > 2 * len(live) or len(self._segments()) > _MOST_FILES:
            self._put_together(database, live)

    def recall(
        self,
        database: Any,
        name: str,
        columns: str,
        keys: tuple[str, ...],
        wanted: str,
        compute: Callable[[Iterator[Row]], Iterable[Row]],
    ) -> None:
        """Makes a table of the rows that a pure function gives for each row of keys that the query `wanted` finds.

        `compute` gets those that no earlier build asked for. It gives one row for each, that begins with the keys.
        """
        among = ", ".join(keys)
        database.execute(f"CREATE OR REPLACE TABLE wanted AS SELECT DISTINCT {among} FROM ({wanted})")
        files = self._readable(database, name, columns)
        missing = f"SELECT {among} FROM wanted"
        if files:
            missing += f" ANTI JOIN read_parquet({_listed(files)}) USING ({among})"
        self.add(name, columns, compute(rows(database, f"{missing} ORDER BY {among}")))
        files = self._files(name)
        database.execute(
            f"CREATE OR REPLACE TABLE {name} AS "
            f"SELECT * FROM read_parquet({_listed(files)}) SEMI JOIN wanted USING ({among})"
        )
        if len(files) > _MOST_FILES:
            self._merge(database, files)

    def add(self, name: str, columns: str, found: Iterable[Row]) -> None:
        """Keeps rows of a table; where there is none yet, an empty one, so that there always is a file."""
        files = self._files(name)
        number = int(files[-1].stem.rpartition("-")[2]) + 1 if files else 1
        path = self.folder / "names" / f"{name}-{number:06d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        new, count = path.with_suffix(".new"), 0
        with Table(new, columns) as table:
            for row in found:
                table.add((row,))
                count += 1
        if count or not files:
            new.rename(path)
        else:
            new.unlink()

    def all(self, name: str) -> str:
        """The rows kept of a table, as SQL that a query can read from; some may be there twice."""
        return f"read_parquet({_listed(self._files(name))})"

    def _known(self) -> dict[tuple[str, str], int]:
        """Key and digest of each staged record → its number."""
        import pyarrow.parquet as pq

        found: dict[tuple[str, str], int] = {}
        for segment in self._segments():
            for name in TABLES:
                pq.read_metadata(segment / f"{name}.parquet")
            docs = pq.read_table(segment / "docs.parquet", columns=["key", "tie", "doc"])
            found.update(zip(zip(*(docs[c].to_pylist() for c in ("key", "tie")), strict=True), docs["doc"].to_pylist(), strict=True))
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
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_listed(files)}){only}")

    def _put_together(self, database: Any, live: list[int]) -> None:
        """Makes one segment of all, without the records that are gone, and sees that instead."""
        new, old = self.folder / "staged" / "new", self._segments()
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        for name in TABLES:
            path = _quoted(new / f"{name}.parquet")
            database.execute(f"COPY (SELECT * FROM {name}) TO {path} (FORMAT parquet, COMPRESSION lz4)")
            database.execute(f"DROP VIEW {name}")
        database.execute("DROP TABLE IF EXISTS live")
        for segment in old:  # if this breaks off, records are staged again
            shutil.rmtree(segment)
        new.rename(new.with_name(str(int(old[-1].name) + 1)))
        self._view(database, None)

    def _merge(self, database: Any, files: list[Path]) -> None:
        new = files[-1].with_suffix(".new")
        database.execute(
            f"COPY (SELECT DISTINCT * FROM read_parquet({_listed(files)})) TO {_quoted(new)} (FORMAT parquet, COMPRESSION lz4)"
        )
        for file in files[:-1]:  # if this breaks off, some rows are missing, and made again
            file.unlink()
        new.rename(files[-1])

    def _segments(self) -> list[Path]:
        folder = self.folder / "staged"
        found = [p for p in folder.iterdir() if p.name.isdecimal()] if folder.is_dir() else []
        return sorted(found, key=lambda p: int(p.name))

    def _files(self, name: str) -> list[Path]:
        return sorted((self.folder / "names").glob(f"{name}-*.parquet"))

    def _readable(self, database: Any, name: str, columns: str) -> list[Path]:
        """The files of a table that are whole; the others are taken away."""
        import pyarrow.parquet as pq

        names = [c.partition(":")[0] for c in columns.split()]
        for file in self._files(name):
            try:
                whole = pq.read_schema(file).names == names
            except (OSError, ValueError):
                whole = False
            if not whole:
                file.unlink()
        return self._files(name)

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


def rows(database: Any, query: str, *, at_once: int = 20_000) -> Iterator[Row]:
    """Streams the rows of a query; a cursor of its own, so that the caller may run others meanwhile."""
    cursor = database.cursor()
    cursor.execute(query)
    while batch := cursor.fetchmany(at_once):
        yield from batch


def _listed(files: Iterable[Path]) -> str:
    return f"[{', '.join(map(_quoted, files))}]"


def _quoted(path: Path) -> str:
    return "'" + os.fspath(path).replace("'", "''") + "'"
