"""The four tables of the graph, from staged records: names in Python, grouping in SQL."""

import functools
import hashlib
import itertools
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kg.graph import TABLES, Graph, arrow_schema
from kg.jsonl import atomic, dumps
from kg.resolve import naming, staging
from kg.resolve.memory import Kept, Memory
from kg.schema import schema
from kg.text import fold
from kg.types import Record

ALIASES = "aliases.parquet"
"""Beside the four tables: every alias, what it could lead to in other papers, and why it does not."""

_HERE = Path(__file__).parent
_STEPS = ("1_papers", "naming", "2_aliases", "families", "3_entities", "4_claims", "5_edges", "6_entities")
_ROW_GROUP = 16384


def resolve(
    records: Iterable[Record] | Kept,
    folder: Path,
    *,
    graph: str,
    generation: str,
    remembered: Path | None = None,
    threads: int | None = None,
    memory: str = "1GB",
) -> Graph:
    """Writes the tables of the graph of these records into a folder, replacing what is there.

    Records stream; DuckDB keeps to `memory` and spills into the folder. `generation` goes into the tables,
    `graph` (which graph this is) only beside them, so that equal records make equal bytes. What is `Kept` and was
    resolved before with the folder `remembered` is not read again; that saves time, and never shows.
    A RecordError names a record that breaks the contract.
    """
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".resolving-") as name:
        work = Path(name)
        known = Memory(remembered or work / "memory", version())
        settings: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(work / "spill")}
        if threads:
            settings["threads"] = threads
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute("SET preserve_insertion_order = false")
            known.stage(database, records)
            _group(database, known)
            _write(database, work, generation)
        _put_in_place(work, folder, graph, generation)
    return Graph(folder)


@functools.cache
def version() -> str:
    """A hash of all code and data, beside the records, that the graph depends on."""
    import kg.lexicon
    from kg import keys, names, text

    found = hashlib.sha256()
    modules = [Path(module.__file__ or "") for module in (keys, names, text)]
    folders = [_HERE, Path(kg.lexicon.__file__).parent]
    sources = [p for f in folders for end in ("*.py", "*.sql") for p in sorted(f.rglob(end))]
    for path in [*modules, *sources]:
        found.update(path.read_bytes())
    found.update(schema().model_dump_json().encode("utf8"))
    found.update(kg.lexicon.lexicon().digest.encode("utf8"))
    return found.hexdigest()[:16]


def _group(database: Any, known: Memory) -> None:
    _rules(database)
    for step in _STEPS:
        if step == "naming":
            _name_all(database, known)
        elif step == "families":
            _find_families(database, known)
        else:
            database.execute((_HERE / "sql" / f"{step}.sql").read_text("utf8"))


def _rules(database: Any) -> None:
    """What the schema says, as tables to join with."""
    s = schema()
    relations = [s.relations[name] for name in s.claim_relations]
    allowed = [(a, r.name, b) for r in relations for a in r.subject for b in r.object]
    units = (
        (staging.PARAMETERS, "parameters"),
        (staging.ACTIVE, "active"),
        (staging.TRAINING_TOKENS, "training tokens"),
    )
    _table(database, "allowed", ("subject_type", "relation", "object_type"), allowed)
    _table(database, "carried", ("how", "carries"), s.hows.items())
    types = ((place, type, naming.kind_of(type)) for place, type in enumerate(s.types))
    _table(database, "type_order", ("place", "type", "kind"), types)
    _table(
        database,
        "unit",
        ("unit", "means"),
        [(u, means) for us, means in units for u in sorted(us)],
    )


def _table(database: Any, name: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    import pyarrow as pa

    table = pa.table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)))
    database.from_arrow(table).create(name)


def _name_all(database: Any, known: Memory) -> None:
    """What each distinct spelling alone decides, and which aliases may stand for their name elsewhere."""
    known.recall(
        database,
        "naming",
        "spelling:string type:string key:string kind:string known:bool shown:string folded:string",
        ("spelling", "type"),
        "SELECT spelling, type FROM spelt",
        lambda new: (_named(spelling, type) for spelling, type in new),
    )
    known.recall(
        database,
        "alias_fit",
        "alias:string name:string type:string refused:string short:string meaning:string short_is_name:bool",
        ("alias", "name", "type"),
        """SELECT s.spelling AS alias, s.name, s.type FROM spelt s
           JOIN naming a ON a.spelling = s.spelling AND a.type = s.type
           JOIN naming n ON n.spelling = s.name AND n.type = s.type
           WHERE a.key <> n.key""",
        lambda new: (_pair(alias, name, type) for alias, name, type in new),
    )


def _named(spelling: str, type: str) -> tuple[Any, ...]:
    n = naming.name_of(spelling, type)
    return (spelling, type, n.key, n.kind, n.known, n.shown, n.folded)


def _pair(alias: str, name: str, type: str) -> tuple[Any, ...]:
    refused = naming.alias_refused(alias, name, type)
    forms = naming.abbreviation(alias, name)
    if forms is None:
        return (alias, name, type, refused, None, None, False)
    short, long = forms
    return (alias, name, type, refused, naming.name_of(short, type).key, naming.meaning(long), short == name)


def _find_families(database: Any, known: Memory) -> None:
    """What each key alone decides, for the keys of papers and of the families over them.

    `asked` holds the keys with a spelling of each, first those of papers, then in rounds those of their families.
    """
    database.execute("CREATE TABLE asked AS SELECT key, kind, spelling, type, 0 AS round FROM keyed")
    for round in itertools.count(1):
        _recall_facts(database, known)
        found = database.execute(
            """INSERT INTO asked
               SELECT parent, kind, name, type, $round
               FROM (
                   SELECT f.parent, a.kind, f.name, a.type,
                       row_number() OVER (PARTITION BY f.parent, a.kind ORDER BY a.key, f.place) AS place
                   FROM asked a
                   JOIN family_of f USING (spelling, type)
                   WHERE a.round = $round - 1
               )
               WHERE place = 1 AND (parent, kind) NOT IN (SELECT (key, kind) FROM asked)
               RETURNING 1""",
            {"round": round},
        ).fetchall()
        if not found:
            break
    database.execute(
        """CREATE TABLE fact AS
           SELECT a.key, a.kind, a.type AS asked, f.* EXCLUDE (spelling, type, lexicon_type), f.lexicon_type AS type
           FROM asked a
           JOIN fact_of f USING (spelling, type)"""
    )
    # A family that papers call by another name goes by that one.
    database.execute(
        """CREATE TABLE link AS
           SELECT l.key, l.kind, l.place, coalesce(m.target, l.parent) AS parent, l.member, l.known
           FROM (
               SELECT a.key, a.kind, f.place, f.parent, f.member, f.known
               FROM asked a
               JOIN family_of f USING (spelling, type)
           ) l
           LEFT JOIN alias_map m ON m.alias = l.parent AND m.kind = l.kind
           WHERE coalesce(m.target, l.parent) <> l.key"""
    )


_FAMILY_OF = "spelling:string type:string place:int32 parent:string name:string member:string known:bool"
_FACT_OF = (
    "spelling:string type:string known:bool lexicon_type:string soft:bool name:string folded:string shown:string "
    "parameters:int64 active:int64"
)


def _recall_facts(database: Any, known: Memory) -> None:
    """Makes anew the tables `fact_of` and `family_of`: what each spelling that is asked decides."""

    def facts(new: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        spellings = list(new)  # families first: where the facts are, the families must be
        known.add("families", _FAMILY_OF, (row for spelling in spellings for row in _families(*spelling)))
        yield from (_fact(*spelling) for spelling in spellings)

    wanted = "SELECT spelling, type FROM asked"
    known.recall(database, "fact_of", _FACT_OF, ("spelling", "type"), wanted, facts)
    database.execute(
        f"CREATE OR REPLACE TABLE family_of AS "
        f"SELECT DISTINCT * FROM {known.all('families')} SEMI JOIN wanted USING (spelling, type)"
    )


def _fact(spelling: str, type: str) -> tuple[Any, ...]:
    n = naming.name_of(spelling, type)
    folded = None if n.name is None else fold(n.name)
    return (spelling, type, n.known, n.type, n.soft, n.name, folded, n.shown, n.parameters, n.active)


def _families(spelling: str, type: str) -> Iterator[tuple[Any, ...]]:
    for place, p in enumerate(naming.families(spelling, type)):
        yield (spelling, type, place, p.key, p.name, p.member, p.known)


def _write(database: Any, work: Path, generation: str) -> None:
    for table in TABLES:
        query = (_HERE / "sql" / f"{table}.sql").read_text("utf8")
        target = arrow_schema(table).with_metadata({"generation": generation})
        _write_query(database, query, work / f"{table}.out", target)
    decisions = "SELECT * FROM alias_decision ORDER BY alias, kind, target"
    _write_query(database, decisions, work / "aliases.out", None)


def _write_query(database: Any, query: str, path: Path, target: Any) -> None:
    """Rows of a query as Parquet, in row groups of one size, however the engine cuts its batches."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    reader = database.sql(query).to_arrow_reader(_ROW_GROUP)
    target = target or reader.schema
    columns = set(reader.schema.names)

    def fitted(rows: Any) -> Any:
        arrays = [
            rows[f.name].combine_chunks().cast(f.type) if f.name in columns else pa.nulls(len(rows), f.type)
            for f in target
        ]
        return pa.Table.from_arrays(arrays, schema=target)

    with pq.ParquetWriter(path, target, compression="zstd") as writer:
        waiting: list[Any] = []
        count = 0
        for batch in itertools.chain(reader, [None]):
            if batch is not None:
                waiting.append(batch)
                count += len(batch)
            while waiting and (count >= _ROW_GROUP or batch is None):
                rows = pa.Table.from_batches(waiting)
                writer.write_table(fitted(rows[:_ROW_GROUP]), row_group_size=_ROW_GROUP)
                waiting = rows[_ROW_GROUP:].to_batches()
                count = sum(map(len, waiting))


def _put_in_place(work: Path, folder: Path, graph: str, generation: str) -> None:
    """The stamp goes first and comes last: tables without it are not whole."""
    stamp = folder / "stamp.json"
    stamp.unlink(missing_ok=True)
    for table in TABLES:
        os.replace(work / f"{table}.out", folder / f"{table}.parquet")
    os.replace(work / "aliases.out", folder / ALIASES)
    with atomic(stamp) as file:
        file.write(dumps({"graph": graph, "generation": generation}) + "\n")


def stamp(folder: Path) -> dict[str, str]:
    """Which graph and generation the tables of a folder are; empty where they are not whole."""
    try:
        found = json.loads((folder / "stamp.json").read_text("utf8"))
    except (OSError, ValueError):
        return {}
    return dict(found)
