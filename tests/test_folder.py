"""The graph on disk: what is there after a build, a crash, a second writer, a stranger's folder."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kg.build import add_records
from kg.errors import GraphError, NotFoundError
from kg.folder import GraphFolder
from kg.graph import TABLES
from kg.keys import title_key


@pytest.fixture
def alpaca(say):
    said = ("Alpaca", "BUILT_ON", "LLaMA 7B", {"how": "fine-tuned"})
    text = "Alpaca is fine-tuned from LLaMA 7B."
    return say("2303.00001", "Following instructions", text, ["Model! Alpaca", "Model LLaMA 7B"], [said])


@pytest.fixture
def vicuna(say):
    said = ("Vicuna", "BUILT_ON", "LLaMA 13B", {"how": "fine-tuned"})
    text = "Vicuna is fine-tuned from LLaMA 13B."
    return say("V-1", "An open chatbot", text, ["Model! Vicuna", "Model LLaMA 13B"], [said])


@pytest.fixture
def folder(tmp_path):
    with GraphFolder(tmp_path / "papers.kg", wait=0.2) as opened:
        yield opened


def _names(folder: GraphFolder) -> set[str]:
    return {row["name"] for row in folder.graph().rows("entities") if row["papers"]}


def test_records_come_back_as_they_went(folder, alpaca, vicuna):
    with folder.writing() as writer:
        writer.put(alpaca)
        writer.put(vicuna)
    assert list(folder.records()) == [alpaca, vicuna]
    assert folder.keys() == ["2303.00001", title_key("An open chatbot")]
    assert folder.record("2303.00001") == alpaca
    assert folder.record("2303.00002") is None
    assert len(folder) == 2


def test_generation_is_that_of_the_records_alone(tmp_path, alpaca, vicuna):
    one, two = GraphFolder(tmp_path / "one"), GraphFolder(tmp_path / "two")
    add_records([alpaca, vicuna], one, store=False)
    add_records([vicuna], two, store=False)
    assert one.generation != two.generation
    add_records([alpaca], two, store=False)
    assert one.generation == two.generation
    assert one.id != two.id
    assert [one.graph().id, two.graph().id] == [one.id, two.id]
    tables = [{t: (f.path / "tables" / f"{t}.parquet").read_bytes() for t in TABLES} for f in (one, two)]
    assert tables[0] == tables[1]


def test_a_transaction_holds_together_or_not_at_all(folder, alpaca, vicuna):
    add_records([alpaca], folder, store=False)
    before = folder.generation

    def break_off():
        with folder.writing() as writer:
            writer.put(vicuna)
            writer.remove("2303.00001")
            writer.find("2303.00001")

    with pytest.raises(NotFoundError):
        break_off()
    assert folder.generation == before
    assert list(folder.records()) == [alpaca]


def test_readers_see_the_state_before_while_another_writes(folder, alpaca, vicuna):
    add_records([alpaca], folder, store=False)
    with folder.writing() as writer:
        writer.put(vicuna)
        assert len(GraphFolder(folder.path)) == 1
        assert _names(GraphFolder(folder.path)) == {"Alpaca", "LLaMA 7B"}
    assert len(folder) == 2


def test_a_second_writer_is_told_who_writes(folder):
    with folder.writing(), pytest.raises(GraphError) as told, GraphFolder(folder.path, wait=0.1).writing():
        pass
    assert f"process {os.getpid()} on" in str(told.value)
    assert "try again" in str(told.value)
    with folder.writing():
        pass  # the first has ended


def test_tables_are_made_anew_where_they_are_stale_or_broken(folder, alpaca, vicuna):
    add_records([alpaca], folder, store=False)
    with folder.writing() as writer:
        writer.put(vicuna)  # as if killed before the tables were made
    assert folder.graph().generation == folder.generation
    assert "Vicuna" in _names(folder)
    (folder.path / "tables" / "stamp.json").unlink()
    (folder.path / "tables" / "edges.parquet").write_bytes(b"half")
    assert {e["subject"] for e in folder.graph().rows("edges") if e["relation"] == "BUILT_ON"} == {
        "alpaca",
        "vicuna",
    }


def test_tables_that_are_whole_are_left_alone(folder, alpaca):
    add_records([alpaca], folder, store=False)
    path = folder.path / "tables" / "claims.parquet"
    before = path.stat()
    folder.graph()
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_fresh_starts_over_but_stays_the_same_graph(folder, alpaca, vicuna):
    add_records([alpaca], folder, store=False)
    known = folder.id
    add_records([vicuna], folder, fresh=True, store=False)
    assert list(folder.records()) == [vicuna]
    assert folder.id == known


def test_a_paper_is_found_by_key_address_or_the_inputs_id(folder, alpaca, vicuna):
    add_records([alpaca, vicuna], folder, store=False)
    for name in ("2303.00001", "2303.00001v3", "https://arxiv.org/abs/2303.00001"):
        assert folder.find(name) == "2303.00001"
    assert folder.find("V-1") == title_key("An open chatbot")
    with pytest.raises(NotFoundError, match=r"Did you mean 2303\.00001"):
        folder.find("2303")


def test_an_id_of_several_papers_is_not_guessed(folder, say):
    add_records([say("7", "One", "A.", []), say("7", "Two", "B.", [])], folder, store=False)
    with pytest.raises(GraphError, match="id of 2 papers"):
        folder.find("7")


def test_what_is_no_graph_is_said(tmp_path, alpaca):
    with pytest.raises(GraphError, match=r"No graph at .*kg build PAPERS -g"):
        GraphFolder(tmp_path / "nothing").graph()

    stranger = tmp_path / "photos"
    stranger.mkdir()
    (stranger / "beach.jpg").write_bytes(b"")
    for act in (lambda f: f.graph(), lambda f: add_records([alpaca], f)):
        with pytest.raises(GraphError, match=r"no graph: it has no records\.sqlite"):
            act(GraphFolder(stranger))
    assert [p.name for p in stranger.iterdir()] == ["beach.jpg"]

    file = tmp_path / "notes.txt"
    file.write_text("text")
    with pytest.raises(GraphError, match="is a file"):
        add_records([alpaca], GraphFolder(file))


def test_other_databases_and_formats_are_said(tmp_path, alpaca):
    other = GraphFolder(tmp_path / "other")
    other.path.mkdir()
    with sqlite3.connect(other.path / "records.sqlite") as database:
        database.execute("CREATE TABLE birds (name TEXT)")
    with pytest.raises(GraphError, match="no database of this program"):
        other.graph()

    broken = GraphFolder(tmp_path / "broken")
    broken.path.mkdir()
    (broken.path / "records.sqlite").write_bytes(b"no database at all" * 100)
    for act in (lambda f: f.graph(), lambda f: add_records([alpaca], f)):
        with pytest.raises(GraphError, match="damaged"):
            act(broken)

    newer = GraphFolder(tmp_path / "newer")
    add_records([alpaca], newer, store=False)
    newer.close()
    with sqlite3.connect(newer.path / "records.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(GraphError, match=r"format 99.*--fresh"):
        newer.graph()
    add_records([alpaca], newer, fresh=True, store=False)
    assert len(newer) == 1


def test_a_folder_that_may_not_be_written_can_be_read(folder, alpaca, vicuna, monkeypatch):
    add_records([alpaca], folder, store=False)
    folder.close()
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, who may run this, may write anywhere
    assert _names(folder) == {"Alpaca", "LLaMA 7B"}
    with pytest.raises(GraphError, match="may not be written"):
        add_records([vicuna], folder, store=False)
    (folder.path / "tables" / "stamp.json").unlink()
    with pytest.raises(GraphError, match="out of date and the folder may not be written"):
        folder.graph()


def test_kill_in_the_middle_leaves_the_state_before(folder, alpaca, vicuna):
    """A process is killed with half a build written, more than memory holds; then with the tables half made."""
    add_records([alpaca], folder, store=False)
    before, tables = folder.generation, (folder.path / "tables" / "papers.parquet").read_bytes()
    folder.close()
    _killed(
        folder.path,
        """
        with GraphFolder(PATH).writing() as writer:
            record = next(GraphFolder(PATH).records())
            for n in range(5000):
                paper = replace(record.paper, id=f"2401.{n:05}", source="x" * 2000)
                writer.put(replace(record, paper=paper))
            ready()
        """,
    )
    assert folder.generation == before
    assert list(folder.records()) == [alpaca]
    assert folder.graph().folder.joinpath("papers.parquet").read_bytes() == tables

    folder.close()
    _killed(
        folder.path,
        """
        from kg.resolve import tables
        tables.os.replace = lambda *_: ready()  # stops when the first table is about to be put in place
        with GraphFolder(PATH).writing() as writer:
            record = next(GraphFolder(PATH).records())
            writer.put(replace(record, paper=replace(record.paper, id="2401.00002")))
        GraphFolder(PATH).graph()
        """,
    )
    assert {row["id"] for row in folder.graph().rows("papers")} == {"2303.00001", "2401.00002"}
    assert not list((folder.path / "tables").glob(".*"))


def _killed(path: Path, program: str) -> None:
    head = """
    import sys, time
    from dataclasses import replace
    from pathlib import Path
    from kg.folder import GraphFolder
    PATH = Path(sys.argv[1])
    def ready():
        print("ready", flush=True)
        time.sleep(60)
    """
    source = textwrap.dedent(head) + textwrap.dedent(program)
    command = [sys.executable, "-c", source, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGKILL)


def test_the_store_follows_the_records(folder, alpaca, vicuna):
    add_records([alpaca], folder)
    count = "MATCH (m)-[:BUILT_ON]->(b) RETURN m.name AS name ORDER BY name"
    with folder.store() as store:
        assert store.query(count) == [{"name": "Alpaca"}]
    with folder.writing() as writer:
        writer.put(vicuna)
    with folder.store() as store:
        assert store.query(count) == [{"name": "Alpaca"}, {"name": "Vicuna"}]
        assert store.generation == folder.generation


def test_the_record_is_plain_json_in_plain_sqlite(folder, alpaca):
    add_records([alpaca], folder, store=False)
    with sqlite3.connect(folder.path / "records.sqlite") as database:
        (text,) = database.execute("SELECT record FROM records").fetchone()
    assert json.loads(text)["title"] == "Following instructions"
