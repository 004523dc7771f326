"""Whole graphs: four tables, a Cypher script; and what holds of every export."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import export
from kg.errors import UsageError
from kg.export.cypher import literal
from kg.graph import TABLES, columns

NAMES = {"gexf": "a.gexf", "graphml": "a.graphml", "json": "a.json", "csv": "a.csv", "parquet": "a.parquet",
         "cypher": "a.cypher", "neo4j-admin": "bulk", "dot": "a.dot", "mmd": "a.mmd"}  # fmt: skip


def digest(path: Path) -> dict[str, str]:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return {str(f.relative_to(path)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.mark.parametrize("format", NAMES)
def test_every_export_is_the_same_bytes_again_and_says_what_it_wrote(any_graph, tmp_path, format):
    paths = [tmp_path / n / NAMES[format] for n in ("one", "other")]
    first, second = (export.write(any_graph, p, format=format) for p in paths)
    assert digest(paths[0]) == digest(paths[1])
    assert first.counts == second.counts
    assert all(first.counts.values())
    export.write(any_graph, paths[0], format=format)  # over the first
    assert digest(paths[0]) == digest(paths[1])
    assert sorted(p.name for p in paths[0].parent.iterdir()) == [NAMES[format]]


def test_the_suffix_picks_the_format(graph, tmp_path):
    assert export.write(graph, tmp_path / "A.GEXF").format == "gexf"
    for name, says in (
        ("a.xyz", "no suffix of a format. There are gexf, graphml, json, dot"),
        ("a", "no suffix"),
    ):
        with pytest.raises(UsageError, match=says):
            export.write(graph, tmp_path / name)
    with pytest.raises(UsageError, match="No format is called 'gefx'"):
        export.write(graph, tmp_path / "a.gexf", format="gefx")
    with pytest.raises(UsageError, match="csv holds the whole graph"):
        export.write(graph, tmp_path / "a.csv", min_support=2)


def test_a_folder_that_no_export_wrote_is_left_alone(graph, tmp_path):
    folder = tmp_path / "a.csv"
    folder.mkdir()
    export.write(graph, folder)  # empty: ours to take
    (folder / "thesis.txt").write_text("mine")
    before = digest(folder)
    with pytest.raises(UsageError, match=r"holds thesis\.txt, which no export wrote"):
        export.write(graph, folder)
    assert digest(folder) == before
    (tmp_path / "b.csv").write_text("mine")
    with pytest.raises(UsageError, match="is a file, and this format is a folder"):
        export.write(graph, tmp_path / "b.csv")


def test_an_export_that_fails_leaves_nothing(graph, tmp_path):
    export.write(graph, tmp_path / "a.gexf")
    export.write(graph, tmp_path / "a.csv")
    before = digest(tmp_path / "a.gexf") | digest(tmp_path / "a.csv")
    (graph.folder / "edges.parquet").write_bytes(b"not Parquet")
    for name in ("a.gexf", "a.csv", "new.cypher"):
        with pytest.raises(Exception, match=r"[Pp]arquet"):
            export.write(graph, tmp_path / name)
    assert digest(tmp_path / "a.gexf") | digest(tmp_path / "a.csv") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.gexf", "tables"]


@pytest.mark.parametrize("table", TABLES)
def test_csv_and_parquet_hold_the_rows(graph, table_rows, tmp_path, table):
    export.write(graph, tmp_path / "a.csv")
    export.write(graph, tmp_path / "a.parquet")
    parquet = duckdb.sql(f"SELECT * FROM '{tmp_path}/a.parquet/{table}.parquet'").fetchall()
    names = list(columns(table))
    assert [
        {n: v for n, v in zip(names, row, strict=True) if v is not None} for row in parquet
    ] == table_rows[table]

    kinds = {
        n: {"integer": "BIGINT", "float": "DOUBLE", "boolean": "BOOLEAN"}.get(t, "VARCHAR")
        for n, t in columns(table).items()
    }
    read = duckdb.sql(
        f"SELECT * FROM read_csv('{tmp_path}/a.csv/{table}.csv', columns={kinds}, quote='\"', escape='\"', allow_quoted_nulls=false)"
    ).fetchall()  # fmt: skip
    found = [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in read]
    assert [
        {n: json.loads(v) if columns(table)[n].endswith("[]") else v for n, v in row.items()} for row in found
    ] == table_rows[table]


@given(text=st.text())
def test_a_literal_has_no_end_but_its_own(text):
    written = literal(text)
    inside = written[1:-1]
    assert written[0] == written[-1] == '"'
    place = 0
    while place < len(inside):  # every quote is behind a backslash that is not itself escaped
        assert inside[place] not in '"\n\r'
        place += 2 if inside[place] == "\\" else 1
    assert place == len(inside)
