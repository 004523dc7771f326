"""The four tables as they are: a folder of CSV files, or of Parquet files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.export.folder import whole_folder
from kg.graph import TABLES, Graph, columns
from kg.jsonl import dumps


def write_csv(graph: Graph, path: Path) -> Mapping[str, int]:
    """Writes papers.csv, entities.csv, edges.csv and claims.csv, in UTF-8.

    A list is a JSON array. Nothing between two commas is an absent value; `""` is an empty text.
    """
    with whole_folder(path, "csv", graph.generation) as folder:
        return {table: _write_csv(graph, table, folder / f"{table}.csv") for table in TABLES}


def write_parquet(graph: Graph, path: Path) -> Mapping[str, int]:
    """Writes papers.parquet, entities.parquet, edges.parquet and claims.parquet."""
    import shutil

    with whole_folder(path, "parquet", graph.generation) as folder:
        for table in TABLES:
            shutil.copyfile(graph.folder / f"{table}.parquet", folder / f"{table}.parquet")
        return {table: graph.count(table) for table in TABLES}


def _write_csv(graph: Graph, table: str, path: Path) -> int:
    names = list(columns(table))
    with path.open("w", encoding="utf8", newline="") as file:
        file.write(",".join(names) + "\r\n")
        return sum(
            1
            for row in graph.rows(table)
            if file.write(",".join(csv_field(_text(row.get(name))) for name in names) + "\r\n")
        )


def csv_field(text: str | None) -> str:
    """A field of CSV: quoted where it must be, so that an empty text differs from none.

    >>> [csv_field(text) for text in ("a, b", "", None, "plain")]
    ['"a, b"', '""', '', 'plain']
    """
    if text is None:
        return ""
    if text and not any(mark in text for mark in '",\n\r') and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return dumps(value) if isinstance(value, list) else str(value)
