"""What differs between two graphs is told alike, however they are given: folder, records, export."""

import gzip
import json
from pathlib import Path

import pytest

from kg.build import add_records
from kg.cli.boundary import run
from kg.diff import compare
from kg.errors import InputError
from kg.export import write
from kg.folder import GraphFolder
from kg.graph import TABLES
from kg.jsonl import write_records


@pytest.fixture
def records(say):
    def paper(number, text, how="fine-tuned", **fields):
        return say(
            f"2303.{number:05d}",
            f"On {number}, “quoted”, a, title",
            text,
            [f"Model! Zork-{number}B = ZK", "Model Frobnik"],
            [(f"Zork-{number}B", "BUILT_ON", "Frobnik", {"how": how})],
            **fields,
        )

    first = paper(1, "Zork-1B, or ZK,\nis fine-tuned from Frobnik.", url="https://example.org/?a=1,2")
    second = paper(2, "Zork-2B is distilled from Frobnik.", "distilled")
    third = paper(3, 'Zork-3B is "merged" from Frobnik.', "merged", published="2024")
    other = paper(2, "Zork-2B is compressed from Frobnik.", "compressed")
    return {"old": [first, second], "new": [first, other, third]}


@pytest.fixture
def ways(records, tmp_path) -> dict[str, dict[str, Path]]:
    """Each side as everything that it can be given as."""
    found: dict[str, dict[str, Path]] = {}
    for side, some in records.items():
        home = tmp_path / side
        add_records(some, home / "graph", store=False)
        graph = GraphFolder(home / "graph").graph()
        (home / "records").mkdir()
        for place, record in enumerate(some):
            with gzip.open(home / "records" / f"{place}.jsonl.gz", "wt", encoding="utf8") as file:
                write_records([record], file)
        with (home / "records.jsonl").open("w", encoding="utf8") as file:
            write_records(some, file)
        found[side] = {
            "graph": home / "graph",
            "records": home / "records",
            "file": home / "records.jsonl",
            "csv": write(graph, home / "out.csv").path,
            "parquet": write(graph, home / "out.parquet").path,
        }
    return found


def _told(old: Path, new: Path) -> dict[str, list]:
    with compare(old, new) as comparison:
        return {
            table: [c for kind in ("added", "gone", "changed") for c in comparison.changes(table, kind)]
            for table in TABLES
        }


@pytest.mark.parametrize("way", ["graph", "records", "file", "csv", "parquet"])
@pytest.mark.parametrize("other", ["graph", "csv"])
def test_a_graph_does_not_differ_from_itself(ways, way, other):
    assert not any(_told(ways["new"][way], ways["new"][other]).values())


@pytest.mark.parametrize("way", ["graph", "records", "file", "csv", "parquet"])
def test_what_differs(ways, way):
    told = _told(ways["old"][way], ways["new"]["graph"])
    assert told == _told(ways["old"]["graph"], ways["new"][way])
    assert [(c.kind, c.id) for c in told["papers"]] == [("added", "2303.00003"), ("changed", "2303.00002")]
    assert set(told["papers"][1].fields) == {"abstract"}
    entities = {(c.kind, c.id): c for c in told["entities"]}
    assert ("added", "zork-3b") in entities
    assert entities["changed", "frobnik"].fields["papers"] == (2, 3)
    edges = {(c.kind, c.id): c for c in told["edges"]}
    added = edges["added", "zork-3b|BUILT_ON|frobnik"]
    assert added.row == {"subject": "Zork-3B", "relation": "BUILT_ON", "object": "Frobnik"}
    changed = edges["changed", "zork-2b|BUILT_ON|frobnik"]
    assert changed.fields["hows"] == (["distilled"], ["compressed"])
    claims = [c for c in told["claims"] if c.kind == "changed"]
    assert claims[0].fields["quote"] == (
        "Zork-2B is distilled from Frobnik.",
        "Zork-2B is compressed from Frobnik.",
    )


def test_what_goes_one_way_comes_the_other(ways):
    there, back = (_told(ways[a]["graph"], ways[b]["csv"]) for a, b in (("old", "new"), ("new", "old")))
    for table in TABLES:
        assert {c.id for c in there[table] if c.kind == "added"} == {
            c.id for c in back[table] if c.kind == "gone"
        }
        assert {c.id: c.fields for c in there[table] if c.kind == "changed"} == {
            c.id: {k: v[::-1] for k, v in c.fields.items()} for c in back[table] if c.kind == "changed"
        }


def test_the_command(ways, capsys):
    assert run(["diff", str(ways["old"]["graph"]), str(ways["new"]["csv"])]) == 0
    said = capsys.readouterr().out
    assert "papers\t1\t0\t1" in said
    assert "Zork-3B BUILT_ON Frobnik" in said
    assert "Frobnik (Model): papers 2 → 3" in said
    assert run(["diff", str(ways["old"]["graph"]), str(ways["new"]["graph"]), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"]["papers"] == {"added": 1, "gone": 0, "changed": 1}
    assert data["entities"]["changed"][0]["fields"]["papers"] == {"old": 2, "new": 3}
    assert run(["diff", str(ways["old"]["graph"]), str(ways["old"]["file"])]) == 1


def test_what_is_no_graph(tmp_path, ways):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no graph"), compare(tmp_path / "empty", ways["old"]["graph"]):
        pass
    with pytest.raises(InputError, match="does not exist"), compare(tmp_path / "gone", ways["old"]["graph"]):
        pass
    (ways["old"]["csv"] / "claims.csv").unlink()
    with pytest.raises(InputError, match=r"claims\.csv"), compare(ways["old"]["csv"], ways["old"]["graph"]):
        pass
