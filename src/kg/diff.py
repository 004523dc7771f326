"""What is added, gone or changed between two graphs, row by row: papers, entities, edges, claims.

A graph is named by its folder, by records (a file, or a folder of them), or by a folder of exported tables (CSV or
Parquet). The four tables of both are joined by id; DuckDB does it out of core, and what is asked for streams.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kg.errors import InputError
from kg.folder import GraphFolder
from kg.graph import TABLES, Graph, arrow_schema, columns

KINDS = ("added", "gone", "changed")

_RECORDS = (".jsonl", ".jsonl.gz", ".jsonl.zst")
_SHOWN = {
    "papers": ("name", "year"),
    "entities": ("name", "type"),
    "edges": ("subject", "relation", "object"),
    "claims": ("name", "paper", "quote"),
}
"""Columns that tell what a row is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that only one graph has, or that differs: `row` says what it is, `fields` old and new values."""

    table: str
    kind: str
    id: str
    row: dict[str, Any]
    fields: dict[str, tuple[Any, Any]]


class Comparison:
    """Two graphs side by side, while `compare` holds them open."""

    def __init__(self, database: Any, common: dict[str, Sequence[str]]) -> None:
        self._database, self._common = database, common

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each table are added, gone and changed."""
        found: dict[str, dict[str, int]] = {}
        for table in TABLES:
            rows = self._database.execute(f"SELECT kind, count(*) FROM {table} GROUP BY kind").fetchall()
            found[table] = {kind: dict(rows).get(kind, 0) for kind in KINDS}
        return found

    def changes(self, table: str, kind: str, *, limit: int | None = None) -> Iterator[Change]:
        """The changes of a kind in a table, in order of id."""
        shown, common = _SHOWN[table], self._common[table]
        sides = [f"{side}.{_name(c)}" for c in common for side in ("old", "new")]
        names = ["subject", "object"] if table == "edges" else []
        query = (
            f"SELECT c.id, {', '.join([*(f'c.{n}' for n in names), *sides])} FROM {table} c "
            f"LEFT JOIN old_{table} old ON old.id = c.id LEFT JOIN new_{table} new ON new.id = c.id "
            f"WHERE c.kind = ? ORDER BY c.id{'' if limit is None else f' LIMIT {limit:d}'}"
        )
        cursor = self._database.cursor()
        cursor.execute(query, [kind])
        while batch := cursor.fetchmany(1000):
            for id, *values in batch:
                named = dict(zip(names, values, strict=False))
                values = values[len(names) :]
                pairs = dict(zip(common, zip(values[::2], values[1::2], strict=True), strict=True))
                row = {c: pairs[c][kind != "gone"] for c in shown if c in pairs} | named
                fields = {c: p for c, p in pairs.items() if p[0] != p[1]} if kind == "changed" else {}
                yield Change(table, kind, id, {k: v for k, v in row.items() if v is not None}, fields)


@contextmanager
def compare(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> Iterator[Comparison]:
    """Opens two graphs to compare; an InputError where a path holds no graph, no records and no export."""
    import duckdb

    with TemporaryDirectory(prefix="kg-diff-") as name, duckdb.connect() as database:
        work = Path(name)
        graphs = {side: _graph(Path(p), work / side) for side, p in (("old", old), ("new", new))}
        database.execute(f"SET temp_directory = {_quoted(work / 'spill')}")
        common = {table: _join(database, table, graphs) for table in TABLES}
        yield Comparison(database, common)


def _join(database: Any, table: str, graphs: dict[str, Graph]) -> Sequence[str]:
    """Makes the table of ids that are added, gone or changed; gives the columns that both graphs have."""
    there = []
    for side, graph in graphs.items():
        source = f"read_parquet({_quoted(graph.folder / f'{table}.parquet')})"
        database.execute(f"CREATE VIEW {side}_{table} AS SELECT * FROM {source}")
        there.append([c[0] for c in database.execute(f"DESCRIBE {side}_{table}").fetchall()])
    common = [c for c in columns(table) if c != "id" and all(c in names for names in there)]
    differs = " OR ".join(f"old.{_name(c)} IS DISTINCT FROM new.{_name(c)}" for c in common)
    changes = f"""SELECT coalesce(old.id, new.id) AS id,
            CASE WHEN old.id IS NULL THEN 'added' WHEN new.id IS NULL THEN 'gone' ELSE 'changed' END AS kind
        FROM old_{table} old FULL JOIN new_{table} new ON old.id = new.id
        WHERE old.id IS NULL OR new.id IS NULL OR {differs}"""
    database.execute(f"CREATE TABLE {table} AS {_NAMED.format(changes) if table == 'edges' else changes}")
    return common


# The names of an edge's ends, which the table of edges does not hold.
_NAMED = """WITH
    called AS (
        SELECT id, min(name) AS name
        FROM (
            SELECT id, name FROM old_papers UNION ALL SELECT id, name FROM new_papers
            UNION ALL SELECT id, name FROM old_entities UNION ALL SELECT id, name FROM new_entities
        )
        GROUP BY id
    ),
    changes AS (
        SELECT c.*, coalesce(new.subject, old.subject) AS s, coalesce(new.object, old.object) AS o
        FROM ({0}) c
        LEFT JOIN old_edges old USING (id) LEFT JOIN new_edges new USING (id)
    )
SELECT c.id, c.kind, coalesce(s.name, c.s) AS subject, coalesce(o.name, c.o) AS object
FROM changes c LEFT JOIN called s ON s.id = c.s LEFT JOIN called o ON o.id = c.o"""


def _graph(path: Path, work: Path) -> Graph:
    """The tables that a path names; what must be made for it is made in `work`."""
    if (path / "records.sqlite").is_file():
        with GraphFolder(path) as folder:
            return folder.graph()
    if (path / "entities.parquet").is_file():
        return _whole(path, "parquet")
    if (path / "entities.csv").is_file():
        return _from_csv(_whole(path, "csv").folder, work)
    if records := _records(path):
        return _resolved(records, work)
    if not path.exists():
        raise InputError(f"{path} does not exist. Name a graph, records of `kg extract`, or an export.")
    raise InputError(
        f"{path} holds no graph (records.sqlite), no records (*.jsonl) and no exported tables "
        "(entities.csv or entities.parquet)."
    )


def _whole(folder: Path, suffix: str) -> Graph:
    for table in TABLES:
        if not (folder / f"{table}.{suffix}").is_file():
            raise InputError(f"{folder} has no {table}.{suffix}; an export has {', '.join(TABLES)}.")
    return Graph(folder)


def _records(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = path.iterdir() if path.is_dir() else ()
    return sorted(p for p in found if p.name.endswith(_RECORDS) and not p.name.endswith(".rejects.jsonl"))


def _resolved(files: Sequence[Path], work: Path) -> Graph:
    from kg.jsonl import read_records
    from kg.resolve import resolve

    records = (record for file in files for record in read_records(file))
    return resolve(records, work, graph="", generation="")


def _from_csv(folder: Path, work: Path) -> Graph:
    """The tables of a CSV export: nothing between commas is absent, a list is a JSON array."""
    import duckdb
    import pyarrow.parquet as pq

    work.mkdir(parents=True)
    with duckdb.connect() as database:
        for table in TABLES:
            path = folder / f"{table}.csv"
            given = f"read_csv({_quoted(path)}, header = true, all_varchar = true, allow_quoted_nulls = false, parallel = false, delim = ',', quote = '\"', escape = '\"', max_line_size = 100000000)"
            try:
                names = [c[0] for c in database.execute(f"DESCRIBE SELECT * FROM {given}").fetchall()]
                chosen = [
                    f"{_read(n, kind)} AS {_name(n)}" for n, kind in columns(table).items() if n in names
                ]
                rows = database.sql(f"SELECT {', '.join(chosen)} FROM {given}").to_arrow_table()
            except duckdb.Error as error:
                raise InputError(
                    f"{path} is no table of `kg export`: {str(error).splitlines()[0]}"
                ) from error
            fields = [f for f in arrow_schema(table) if f.name in rows.column_names]
            pq.write_table(rows.select([f.name for f in fields]), work / f"{table}.parquet")
    return Graph(work)


_CASTS = {"integer": "BIGINT", "float": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR"}


def _read(name: str, kind: str) -> str:
    if kind.endswith("[]"):
        return f"CAST(CAST({_name(name)} AS JSON) AS {_CASTS[kind.removesuffix('[]')]}[])"
    return f"CAST({_name(name)} AS {_CASTS[kind]})"


def _name(column: str) -> str:
    return f'"{column}"'


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
