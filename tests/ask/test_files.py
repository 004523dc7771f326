"""Answers as files, and what pictures of the graph share with answers."""

import json
from pathlib import Path

import pytest
from lxml import etree

from kg.ask import as_drawing, lineage, show, write
from kg.errors import UsageError
from kg.export.picture import Picture
from kg.graph import Graph
from kg.stores import Store


@pytest.mark.parametrize("suffix", ["html", "txt", "json", "mmd", "dot", "svg", "png", "pdf"])
def test_the_suffix_picks_the_format(store: Store, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix.upper()}"
    write(lineage(store, "llama"), path)
    starts = {
        "html": b"<!DOCTYPE html>", "txt": b"LLaMA\n", "json": b"{", "mmd": b"flowchart", "dot": b"digraph", "svg": b"<?xml",
        "png": b"\x89PNG", "pdf": b"%PDF",
    }  # fmt: skip
    assert path.read_bytes().startswith(starts[suffix])


def test_what_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'a\.docx'.*\.html.*\.svg"):
        write(lineage(store, "llama"), tmp_path / "a.docx")
    with pytest.raises(UsageError, match="Only a lineage"):
        write(show(store, "BERT"), tmp_path / "a.svg")
    assert not list(tmp_path.iterdir())


def test_json_is_the_whole_answer_and_a_picture_the_first_rows(store: Store, tmp_path: Path) -> None:
    answer = lineage(store, "llama")
    write(answer, tmp_path / "a.json", limit=2)
    assert json.loads((tmp_path / "a.json").read_text("utf8"))["rows"] == answer.rows
    write(answer, tmp_path / "a.svg", limit=2)
    said = " ".join("".join(t.itertext()) for t in etree.parse(tmp_path / "a.svg").iter("{*}text"))
    assert "(2 drawn)" in said
    assert answer.rows[0]["name"] in said


def test_a_drawing_tells_possible_from_stated_and_leaves_members_out(store: Store) -> None:
    answer = lineage(store, "llama")
    drawn = as_drawing(answer)
    kinds = {row["id"]: row["kind"] for row in answer.rows}
    for kind, possible in (("derivative", False), ("via-family", True)):
        ids = [i for i, k in kinds.items() if k == kind]
        assert ids
        assert {drawn.boxes[i].possible for i in ids} == {possible}
    through = {link[end] for row in answer.rows if row["kind"] != "member" for link in row["via"] for end in ("subject", "object")}  # fmt: skip
    assert set(drawn.boxes) == through


def test_descendants_in_pictures_are_the_derivatives_of_lineage(store: Store, toy_graph: Graph) -> None:
    picture = Picture(toy_graph, "entities")
    counted = 0
    for node in picture.nodes():
        if node.label in ("Model", "Dataset", "Benchmark"):
            rows = lineage(store, node.id).rows
            assert picture.descendants.get(node.id, 0) == sum(r["kind"] == "derivative" for r in rows), (
                node.id
            )
            counted += bool(rows)
    assert counted > 10
