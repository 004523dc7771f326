"""A folder for `neo4j-admin database import full`, the fastest way into Neo4j: CSV and Parquet, with the command.

One file for each label and for each (relation, label, label); ids are unique within their label, which is the
name of their id space.
"""

import contextlib
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from kg.export.folder import whole_folder
from kg.export.tables import csv_field
from kg.generate import constraints
from kg.graph import Graph, Node
from kg.schema import schema
from kg.text import storable

_DELIMITER = "\x1f"  # in no text: sources replace it
_TYPES = {
    "string": "string",
    "string[]": "string[]",
    "integer": "long",
    "integer[]": "long[]",
    "float": "double",
    "boolean": "boolean",
}
_BATCH = 4096

Row = dict[str, Any]


def write(graph: Graph, path: Path) -> Mapping[str, int]:
    """Writes csv/, parquet/, import.sh with the commands, constraints.cypher to run after it, and a README."""
    with whole_folder(path, "neo4j-admin", graph.generation) as folder, contextlib.ExitStack() as stack:
        files = _Files(folder, stack)
        nodes = sum(1 for n in _nodes(graph) if files.add((n.label,), n.properties))
        links = sum(
            1
            for r in graph.relationships()
            if files.add(
                (r.type, r.source_label, r.target_label),
                {"id": r.id, **r.properties, _START: r.source, _END: r.target},
            )
        )
        stack.close()
        (folder / "constraints.cypher").write_text("".join(f"{c};\n" for c in constraints(schema())), "utf8")
        (folder / "import.sh").write_text(
            _script(sorted(files.kinds, key=lambda k: (len(k), k)), multiline=files.multiline), "utf8"
        )
        (folder / "import.sh").chmod(0o755)
        (folder / "README.md").write_text(_README, "utf8")
    return {"nodes": nodes, "relationships": links}


_START, _END = ":START_ID", ":END_ID"
Kind = tuple[str, ...]  # (label,) or (relation, label, label)


def _nodes(graph: Graph) -> Iterator[Node]:
    yield from graph.nodes()
    id = graph.id or graph.generation
    yield Node("KnowledgeGraph", id, {"id": id, "format": schema().format, "generation": graph.generation})


@functools.cache
def _columns(kind: Kind) -> dict[str, tuple[str, str]]:
    """Key in a row → its heading for neo4j-admin, and its type in the schema."""
    properties = {p.name: p.type for p in schema().properties_of(kind[0])}
    if len(kind) == 1:
        own = {"id": (f"id:ID({kind[0]})", "string")}
    else:
        ends = {_START: f"{_START}({kind[1]})", _END: f"{_END}({kind[2]})"}
        own = {name: (heading, "string") for name, heading in ends.items()} | {"id": ("id:string", "string")}
    return own | {n: (f"{n}:{_TYPES[t]}", t) for n, t in properties.items() if n != "id"}


class _Files:
    """The open files of all kinds, each in CSV and in Parquet."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.kinds: dict[Kind, tuple[IO[str], _Parquet]] = {}
        self.multiline = False
        for name in ("csv", "parquet"):
            (folder / name).mkdir()

    def add(self, kind: Kind, row: Row) -> bool:
        """Writes a row to the files of its kind."""
        if kind not in self.kinds:
            self.kinds[kind] = self._open(kind)
        text, parquet = self.kinds[kind]
        fields = [_field(row.get(name)) for name in _columns(kind)]
        line = ",".join(fields)
        self.multiline |= "\n" in line or "\r" in line
        text.write(line + "\n")
        parquet.add(row)
        return True

    def _open(self, kind: Kind) -> "tuple[IO[str], _Parquet]":
        name, columns = _name(kind), _columns(kind)
        heading = ",".join(heading for heading, _ in columns.values()) + "\n"
        (self._folder / "csv" / f"{name}.header.csv").write_text(heading, "utf8")
        text = (self._folder / "csv" / f"{name}.csv").open("w", encoding="utf8", newline="")
        parquet = _Parquet(self._folder / "parquet" / f"{name}.parquet", columns)
        self._stack.callback(parquet.close)
        return self._stack.enter_context(text), parquet


class _Parquet:
    """A Parquet file that is written in batches."""

    def __init__(self, path: Path, columns: Mapping[str, tuple[str, str]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {"string": pa.string(), "integer": pa.int64(), "float": pa.float64(), "boolean": pa.bool_()}
        lists = {f"{name}[]": pa.list_(kind) for name, kind in types.items()}
        self._columns = columns
        self._schema = pa.schema([(heading, {**types, **lists}[t]) for heading, t in columns.values()])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Takes a row, and writes when there are enough."""
        self._rows.append({heading: row.get(name) for name, (heading, _) in self._columns.items()})
        if len(self._rows) == _BATCH:
            self._write()

    def close(self) -> None:
        """Writes what is left, and ends the file."""
        self._write()
        self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def _name(kind: Kind) -> str:
    return "__".join(kind)


def _field(value: Any) -> str:
    if isinstance(value, list):
        return csv_field(_DELIMITER.join(storable(str(v)) for v in value) if value else None)
    if isinstance(value, bool):
        return str(value).lower()
    return csv_field(value if value is None else storable(str(value)))


def _script(kinds: list[Kind], *, multiline: bool) -> str:
    """The commands, for both kinds of files."""

    def files(form: str) -> Iterator[str]:
        for kind in kinds:
            name = (
                f"csv/{_name(kind)}.header.csv,csv/{_name(kind)}.csv"
                if form == "csv"
                else f"parquet/{_name(kind)}.parquet"
            )
            yield f"    --{'nodes' if len(kind) == 1 else 'relationships'}={kind[0]}={name} \\\n"

    several = "    --multiline-fields=true \\\n" if multiline else ""
    return _SCRIPT.format(csv="".join(files("csv")), parquet="".join(files("parquet")), multiline=several)


_SCRIPT = """#!/bin/sh
# Imports the graph into a new database, with the server stopped:
#   ./import.sh csv [OPTION...] [DATABASE]       Neo4j 5 and newer
#   ./import.sh parquet [OPTION...] [DATABASE]   Neo4j 2025.04 and newer
# The database is `neo4j` unless named. --overwrite-destination replaces one that is there. NEO4J_ADMIN says which
# neo4j-admin to run. Afterwards start the server and run constraints.cypher.
set -eu
cd "$(dirname "$0")"
form=${{1:-csv}}
[ $# -eq 0 ] || shift
database=neo4j
for word in "$@"; do
  case $word in -*) ;; *) database=$word ;; esac
done
options=
for word in "$@"; do
  case $word in -*) options="$options $word" ;; esac
done
case $form in
csv)
  # shellcheck disable=SC2086
  exec ${{NEO4J_ADMIN:-neo4j-admin}} database import full $options \\
    --array-delimiter=U+001F \\
{multiline}{csv}    -- "$database" ;;
parquet)
  # shellcheck disable=SC2086
  exec ${{NEO4J_ADMIN:-neo4j-admin}} database import full $options \\
    --input-type=parquet \\
{parquet}    -- "$database" ;;
*)
  echo "usage: import.sh csv|parquet [OPTION...] [DATABASE]" >&2
  exit 2 ;;
esac
"""
_README = """# A graph for Neo4j's bulk import

With the server stopped, in this folder:

    ./import.sh csv neo4j        # Neo4j 5 and newer
    ./import.sh parquet neo4j    # Neo4j 2025.04 and newer

`neo4j` is the database; `--overwrite-destination` replaces one that is there. On the Community edition it is the
default database and starts with the server; elsewhere create it with `CREATE DATABASE`. Then make the constraints
and indexes, and the graph is ready:

    cypher-shell -f constraints.cypher

`csv/` holds a file for each label and each (relation, label, label), its columns in `*.header.csv`; lists are parted
by the character U+001F, an absent value is nothing, an empty text is `""`. `parquet/` holds the same with types.
Neo4j takes an empty list in CSV, and an empty text in Parquet, for no value. `kg load` brings a database that was
made in this way up to date.
"""
