"""The four tables of the graph, from staged records: names in Python, grouping in SQL."""

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import chain
from pathlib import Path
from typing import Any

from kg.curation import Curation
from kg.graph import TABLES, Graph, arrow_schema
from kg.jsonl import atomic, dumps
from kg.lexicon import lexicon
from kg.resolve import curated, naming, staging
from kg.resolve.curated import Rules
from kg.resolve.memory import BESIDE, Kept, Memory
from kg.schema import schema
from kg.text import fold
from kg.types import Record

ALIASES = "aliases.parquet"
"""Beside the four tables: every alias, what it could lead to in other papers, and why it does not."""

CORRECTIONS = "corrections.json"
"""Beside the four tables: the text of each correction, and whether it acted on anything."""

SELF = "self.parquet"
"""Beside the four tables: what papers state of a thing and itself, which is no edge."""

_HERE = Path(__file__).parent
_STEPS = ("1_papers", "naming", "2_aliases", "families", "3_entities", "4_claims", "5_edges", "6_entities")
_LATE = {"corrected", "family_said"}  # what is known only when every name was asked
_ROW_GROUP = 16384


def resolve(
    records: Iterable[Record] | Kept,
    folder: Path,
    *,
    graph: str,
    generation: str,
    curation: Curation | None = None,
    remembered: Path | None = None,
    threads: int | None = None,
    memory: str = "1GB",
) -> Graph:
    """Writes the tables of the graph of these records into a folder, replacing what is there.

    Records stream; DuckDB keeps to `memory` and spills into the folder. `generation` goes into the tables,
    `graph` (which graph this is) only beside them, so that equal records make equal bytes. What is `Kept` and was
    resolved before with the folder `remembered` is not read again; that saves time, and never shows.
    `curation` holds a person's corrections, which the graph depends on as it does on the records.
    A RecordError names a record that breaks the contract, a CurationError two corrections that contradict each other.
    """
    import duckdb

    rules = Rules(curation or Curation())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".resolving-") as name:
        work = Path(name)
        known = Memory(remembered or work / "memory", version())
        added = rules.curation.added()
        if added:
            staging.stage(added, work / "added", first=BESIDE)
        settings: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(work / "spill")}
        if threads:
            settings["threads"] = threads
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute("SET preserve_insertion_order = false")
            known.stage(database, records, beside=work / "added" if added else None)
            _group(database, work, known, rules)
            _write(database, work, generation)
            _tell(database, work, rules)
        _put_in_place(work, folder, graph, generation)
    return Graph(folder)


def version() -> str:
    """A hash of all code and data, beside the records, that the graph depends on; the lexicon is that in use."""
    return _version(lexicon().digest)


@functools.lru_cache(maxsize=8)
def _version(lexicon_digest: str) -> str:
    import kg.lexicon
    from kg import curation, keys, names, text

    found = hashlib.sha256()
    modules = [Path(module.__file__ or "") for module in (curation, keys, names, text)]
    folders = [_HERE, Path(kg.lexicon.__file__).parent]
    sources = [p for f in folders for end in ("*.py", "*.sql") for p in sorted(f.rglob(end))]
    for path in [*modules, *sources]:
        found.update(path.read_bytes())
    found.update(schema().model_dump_json().encode("utf8"))
    found.update(lexicon_digest.encode("utf8"))
    return found.hexdigest()[:16]


def _group(database: Any, work: Path, known: Memory, rules: Rules) -> None:
    _rules(database)
    for step in _STEPS:
        if step == "naming":
            _name_all(database, work, known, rules)
        elif step == "families":
            _find_families(database, work, known, rules)
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


def _name_all(database: Any, work: Path, known: Memory, rules: Rules) -> None:
    """What each distinct spelling alone decides, and which aliases may stand for their name elsewhere."""
    spellings = known.recalling(database, "SELECT DISTINCT spelling, type FROM spelt", lambda row: [row])
    named = ((spelling, type, rules.name_of(spelling, type)) for spelling, type in spellings)
    _stage(
        database,
        work,
        "naming",
        "spelling:string type:string key:string kind:string known:bool shown:string folded:string own:bool",
        (
            (spelling, type, n.key, n.kind, n.known, n.shown, n.folded, rules.is_own(spelling, type, n))
            for spelling, type, n in named
        ),
    )
    _stage_rules(database, work, rules, set(curated.TABLES) - _LATE)
    pairs = known.recalling(
        database,
        """SELECT s.spelling, s.name, s.type FROM spelt s
           JOIN naming a ON a.spelling = s.spelling AND a.type = s.type
           JOIN naming n ON n.spelling = s.name AND n.type = s.type
           WHERE a.key <> n.key""",
        lambda row: [(row[0], row[2]), (row[1], row[2])],
    )
    _stage(
        database,
        work,
        "alias_fit",
        "alias:string name:string type:string refused:string short:string meaning:string short_is_name:bool",
        (_pair(alias, name, type, rules) for alias, name, type in pairs),
    )


def _pair(alias: str, name: str, type: str, rules: Rules) -> tuple[Any, ...]:
    if refused := rules.alias_refused(alias, name, type):
        return (alias, name, type, refused, None, None, False)
    refused = naming.alias_refused(alias, name, type)
    forms = naming.abbreviation(alias, name)
    if forms is None:
        return (alias, name, type, refused, None, None, False)
    short, long = forms
    return (alias, name, type, refused, rules.name_of(short, type).key, naming.meaning(long), short == name)


def _find_families(database: Any, work: Path, known: Memory, rules: Rules) -> None:
    """What each key alone decides, for the keys of papers and of the families over them."""
    links: list[tuple[Any, ...]] = []
    over: dict[tuple[str, str], tuple[str, str]] = {}
    seen: set[tuple[str, str]] = set()

    asked = ", ".join(f"({_text(key)}, {_text(kind)})" for key, kind in sorted(rules.concerned))
    if asked:
        led = database.execute(
            f"SELECT alias, kind, target FROM alias_map WHERE (alias, kind) IN ({asked})"
        ).fetchall()
        rules.follow({(alias, kind): (target, kind) for alias, kind, target in led})

    def fact(key: str, kind: str, spelling: str, type: str) -> tuple[Any, ...]:
        said = rules.shown((key, kind)) is not None
        spelling, type = rules.spelling_of((key, kind), spelling, type)
        for place, (p, origin) in enumerate(rules.families((key, kind), spelling, type)):
            links.append((key, kind, place, p.key, p.member, p.known, origin))
            over.setdefault((p.key, kind), (p.name, type))
        n = rules.fact((key, kind), spelling, type)
        folded = None if n.name is None else fold(n.name)
        told = (n.known, n.type, n.soft, n.name, folded, n.shown, n.parameters, n.active, said)
        return (key, kind, type, *told)

    def facts() -> Iterator[tuple[Any, ...]]:
        for key, kind, spelling, type in known.recalling(
            database, "SELECT key, kind, spelling, type FROM keyed ORDER BY key, kind", lambda row: [row[2:]]
        ):
            seen.add((key, kind))
            yield fact(key, kind, spelling, type)
        while over:
            (key, kind), (name, type) = over.popitem()
            if (key, kind) not in seen:
                seen.add((key, kind))
                yield fact(key, kind, name, type)

    _stage(
        database,
        work,
        "fact",
        "key:string kind:string asked:string known:bool type:string soft:bool name:string "
        "folded:string shown:string parameters:int64 active:int64 curated:bool",
        facts(),
    )
    _stage(
        database,
        work,
        "named_link",
        "key:string kind:string place:int32 parent:string member:string known:bool origin:string",
        links,
    )
    _stage_rules(database, work, rules, _LATE)
    # A family that papers call by another name goes by that one.
    database.execute(
        """CREATE TABLE link AS
           SELECT l.key, l.kind, l.place, coalesce(m.target, l.parent) AS parent, l.member, l.known, l.origin
           FROM named_link l
           LEFT JOIN alias_map m ON m.alias = l.parent AND m.kind = l.kind
           WHERE coalesce(m.target, l.parent) <> l.key"""
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _stage_rules(database: Any, work: Path, rules: Rules, tables: Set[str]) -> None:
    for table, rows in rules.tables().items():
        if table in tables:
            _stage(database, work, table, curated.TABLES[table], rows)


def _stage(database: Any, work: Path, name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    path = work / f"{name}.parquet"
    with staging.Table(path, columns) as table:
        for row in rows:
            table.add((row,))
    database.read_parquet(str(path)).create_view(name)


def _write(database: Any, work: Path, generation: str) -> None:
    for table in TABLES:
        query = (_HERE / "sql" / f"{table}.sql").read_text("utf8")
        target = arrow_schema(table).with_metadata({"generation": generation})
        _write_query(database, query, work / f"{table}.out", target)
    decisions = "SELECT * FROM alias_decision ORDER BY alias, kind, target"
    _write_query(database, decisions, work / "aliases.out", None)
    _write_query(database, "SELECT * FROM of_itself ORDER BY ALL", work / "self.out", None)


def _tell(database: Any, work: Path, rules: Rules) -> None:
    """Writes down which corrections acted."""
    acted = {entry for (entry,) in database.execute("SELECT entry FROM acted_entry").fetchall()}
    texts = sorted({e.text for e in rules.curation.entries})
    (work / "corrections.out").write_text(dumps({text: text in acted for text in texts}) + "\n", "utf8")


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
        for batch in chain(reader, [None]):
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
    for name, table in (("aliases", ALIASES), ("self", SELF), ("corrections", CORRECTIONS)):
        os.replace(work / f"{name}.out", folder / table)
    with atomic(stamp) as file:
        file.write(dumps({"graph": graph, "generation": generation}) + "\n")


def acted(graph: Graph) -> dict[str, bool]:
    """The text of each correction that the tables were made with, and whether it acted on anything."""
    try:
        return dict(json.loads((graph.folder / CORRECTIONS).read_text("utf8")))
    except (OSError, ValueError):
        return {}


def stamp(folder: Path) -> dict[str, str]:
    """Which graph and generation the tables of a folder are; empty where they are not whole."""
    try:
        found = json.loads((folder / "stamp.json").read_text("utf8"))
    except (OSError, ValueError):
        return {}
    return dict(found)
