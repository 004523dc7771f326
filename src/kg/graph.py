"""The graph: four sorted tables on disk, and the one mapping from them to labelled rows.

`Graph` is a handle, never all in memory: row iterators stream from Parquet. Stores, scripts and pictures all
read `nodes()` and `relationships()`, so that what they hold is the same.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import GraphError
from kg.schema import schema

Row = dict[str, Any]
Properties = dict[str, Any]

TABLES = ("papers", "entities", "edges", "claims")

# Columns of the tables. Beside these, each table has the properties that the schema gives its rows; a column
# is null where the property is absent. Ids: `entities.id` and `papers.id` never collide.
KEYS: Mapping[str, Mapping[str, str]] = {
    "papers": {"id": "string"},
    "entities": {"id": "string", "type": "string"},
    "edges": {
        "id": "string",
        "relation": "string",
        "subject": "string",
        "subject_type": "string",
        "object": "string",
        "object_type": "string",
    },
    # subject and object are ids; object is null for a result without a named data set
    "claims": {
        "id": "string",
        "subject": "string",
        "subject_type": "string",
        "object": "string",
        "object_type": "string",
    },
}


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its one label, and properties that have values."""

    label: str
    id: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Relationship:
    """A typed, directed link between two nodes; its own id is unique within its type."""

    type: str
    id: str
    source_label: str
    source: str
    target_label: str
    target: str
    properties: Properties


def columns(table: str) -> dict[str, str]:
    """Column name → schema type of a table: its keys, then the properties of its rows in schema order."""
    s = schema()
    rows = {
        "papers": ("Paper",),
        "entities": s.entity_types,
        "claims": ("Claim",),
        "edges": s.edge_relations,
    }[table]
    where = s.edge_properties if table == "edges" else s.node_properties
    found = dict(KEYS[table])
    for p in where.values():
        if set(p.of) & set(rows):
            found.setdefault(p.name, p.type)
    return found


@dataclass(frozen=True, slots=True)
class Graph:
    """A handle on the folder of the four tables."""

    folder: Path

    @property
    def generation(self) -> str:
        """Hash of the records and the code that made the tables."""
        return _metadata(self.folder / "papers.parquet").get("generation", "")

    @property
    def id(self) -> str:
        """Which graph this is: stays the same while papers come and go."""
        stamp = self.folder / "stamp.json"  # beside the tables: equal records make equal tables in any folder
        return str(
            _metadata(self.folder / "papers.parquet").get("graph")
            or (json.loads(stamp.read_text("utf8"))["graph"] if stamp.is_file() else "")
        )

    def rows(self, table: str) -> Iterator[Row]:
        """Streams the rows of a table, in order of id, with absent values left out."""
        import pyarrow.parquet as pq

        path = self.folder / f"{table}.parquet"
        if not path.is_file():
            raise GraphError(
                f"{path} is missing. Build the graph again: kg build PAPERS -g {self.folder.parent}"
            )
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=4096):
                for row in batch.to_pylist():
                    yield {k: v for k, v in row.items() if v is not None}

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        import pyarrow.parquet as pq

        return int(pq.read_metadata(self.folder / f"{table}.parquet").num_rows)

    def nodes(self) -> Iterator[Node]:
        """All nodes, papers first, then entities, then claims, each in order of id."""
        for row in self.rows("papers"):
            yield Node("Paper", row["id"], row)
        for row in self.rows("entities"):
            label = row.pop("type")
            yield Node(label, row["id"], row)
        for row in self.rows("claims"):
            yield Node("Claim", row["id"], _without(row, "subject", "subject_type", "object", "object_type"))

    def relationships(self) -> Iterator[Relationship]:
        """All relationships: the edges in order of id, then the three links of each claim."""
        for row in self.rows("edges"):
            yield Relationship(
                row["relation"],
                row["id"],
                row["subject_type"],
                row["subject"],
                row["object_type"],
                row["object"],
                _without(row, "relation", "subject", "subject_type", "object", "object_type"),
            )
        for row in self.rows("claims"):
            yield _link("STATES", "Paper", row["paper"], "Claim", row["id"])
            yield _link("HAS_SUBJECT", "Claim", row["id"], row["subject_type"], row["subject"])
            if "object" in row:
                yield _link("HAS_OBJECT", "Claim", row["id"], row["object_type"], row["object"])


def write_table(folder: Path, table: str, rows: Iterable[Row], *, graph: str, generation: str) -> None:
    """Writes one table as Parquet, rows in the order given (by id), the same bytes for the same rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from kg.jsonl import atomic

    arrow = arrow_schema(table).with_metadata({"graph": graph, "generation": generation})
    with (
        atomic(folder / f"{table}.parquet", "wb") as file,
        pq.ParquetWriter(file, arrow, compression="zstd") as writer,
    ):
        batch: list[Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) == 4096:
                writer.write_table(pa.Table.from_pylist(batch, schema=arrow))
                batch = []
        writer.write_table(pa.Table.from_pylist(batch, schema=arrow))


def arrow_schema(table: str) -> Any:
    """The Arrow schema of a table, from the property types of the schema."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "string[]": pa.list_(pa.string()),
        "integer": pa.int64(),
        "integer[]": pa.list_(pa.int64()),
        "float": pa.float64(),
        "boolean": pa.bool_(),
    }
    return pa.schema([(name, types[kind]) for name, kind in columns(table).items()])


def _link(kind: str, source_label: str, source: str, target_label: str, target: str) -> Relationship:
    identity = f"{source}|{kind}|{target}"
    return Relationship(kind, identity, source_label, source, target_label, target, {"id": identity})


def _without(row: Row, *names: str) -> Row:
    return {k: v for k, v in row.items() if k not in names}


def _metadata(path: Path) -> dict[str, str]:
    import pyarrow.parquet as pq

    if not path.is_file():
        raise GraphError(f"{path} is missing. Build the graph first: kg build PAPERS -g GRAPH")
    raw = pq.read_schema(path).metadata or {}
    return {k.decode(): v.decode() for k, v in raw.items()}
