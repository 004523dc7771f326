"""The whole way from files to a graph, and what the build says that it did."""

import io
import json
from dataclasses import replace

import pytest

from kg.build import BuildReport, add_records, build, extract_to, refresh_stale, remove
from kg.errors import GraphError, InputError, NotFoundError
from kg.folder import GraphFolder
from kg.keys import title_key

PAPERS = [
    {
        "id": "2303.00001",
        "title": "Alpaca follows instructions",
        "abstract": "We present Alpaca, a model fine-tuned from LLaMA-7B.",
        "published": "2023-03-13",
    },
    {
        "id": "2303.00002v1",
        "title": "Vicuna, an open chatbot",
        "abstract": "We present Vicuna, a model fine-tuned from LLaMA-13B.",
        "published": "2023-03-30",
    },
]


@pytest.fixture
def write(tmp_path):
    def write(name, *papers):
        path = tmp_path / name
        path.write_text("".join(json.dumps(p) + "\n" if isinstance(p, dict) else p for p in papers), "utf8")
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    with GraphFolder(tmp_path / "papers.kg") as opened:
        yield opened


def test_papers_become_a_graph(folder, write):
    report = build(write("papers.jsonl", *PAPERS), folder, store=False)
    assert report == BuildReport(papers=2, added=2, total=2)
    papers = {row["id"]: row for row in folder.graph().rows("papers")}
    assert set(papers) == {"2303.00001", "2303.00002"}
    assert papers["2303.00002"]["input_id"] == "2303.00002v1"
    assert papers["2303.00002"]["year"] == 2023
    assert {"llama-7b", "llama"} <= {row["id"] for row in folder.graph().rows("entities")}


def test_building_again_adds_refreshes_and_leaves_alone(folder, write):
    build(write("papers.jsonl", *PAPERS), folder, store=False)
    before = folder.generation
    assert build(write("moved.jsonl", *PAPERS), folder, store=False) == BuildReport(
        papers=2, unchanged=2, total=2
    )
    assert folder.generation == before, "where a file lies does not count"
    changed = {**PAPERS[1], "abstract": "We present Vicuna 2."}
    third = {**PAPERS[1], "id": "2305.00003", "title": "Guanaco"}
    report = build(write("more.jsonl", PAPERS[0], changed, third), folder, store=False)
    assert report == BuildReport(papers=3, added=1, refreshed=1, unchanged=1, total=3)
    assert build(write("one.jsonl", PAPERS[0]), folder, fresh=True, store=False).total == 1


def test_copies_in_one_command_are_counted_and_the_latest_holds(folder, write):
    newer = {
        **PAPERS[0],
        "id": "2303.00001v2",
        "abstract": "We present Alpaca anew.",
        "published": "2023-05-01",
    }
    report = build(write("papers.jsonl", newer, PAPERS[0], newer), folder, store=False)
    assert report == BuildReport(papers=3, added=1, duplicates=2, total=1)
    other = GraphFolder(folder.path.parent / "other.kg")
    build(write("shuffled.jsonl", PAPERS[0], newer, newer), other, store=False)
    assert other.generation == folder.generation
    assert next(folder.records()).paper.abstract == "We present Alpaca anew."


def test_bad_records_are_set_aside_with_their_reason(folder, write):
    path = write("papers.jsonl", PAPERS[0], "{broken\n", {"id": "x", "title": ""}, PAPERS[1])
    report = build(path, folder, store=False)
    assert (report.added, report.rejected, report.total) == (2, 2, 2)
    rejects = [json.loads(line) for line in (folder.path / "rejects.jsonl").read_text("utf8").splitlines()]
    assert [(r["file"], r["line"]) for r in rejects] == [(str(path), 2), (str(path), 3)]
    assert all(r["reason"] for r in rejects)
    build(write("good.jsonl", *PAPERS), folder, store=False)
    assert not (folder.path / "rejects.jsonl").exists(), "they were of the build before"


def test_a_missing_file_changes_nothing(folder, write, tmp_path):
    build(write("papers.jsonl", *PAPERS), folder, store=False)
    before = folder.generation
    with pytest.raises(InputError):
        build([write("one.jsonl", PAPERS[0]), tmp_path / "missing.jsonl"], folder, fresh=True, store=False)
    assert folder.generation == before


def test_ctrl_c_changes_nothing(folder, write):
    build(write("papers.jsonl", *PAPERS), folder, store=False)
    before = folder.generation

    def interrupt(*_):
        raise KeyboardInterrupt

    many = [{**PAPERS[0], "id": f"2304.{n:05}"} for n in range(200)]
    with pytest.raises(KeyboardInterrupt):
        build(write("many.jsonl", *many), folder, progress=interrupt, store=False)
    assert folder.generation == before
    with folder.writing():
        pass  # and nobody holds the lock


def test_removing_takes_keys_and_the_inputs_ids(folder, write):
    named = {**PAPERS[1], "id": "my-vicuna", "title": "Vicuna at home"}
    build(write("papers.jsonl", PAPERS[0]), folder, store=False)
    before = folder.generation
    build(write("more.jsonl", PAPERS[1], named), folder, store=False)
    report = remove(folder, ["2303.00002v1", "my-vicuna"], store=False)
    assert report.removed == ("2303.00002", title_key("Vicuna at home"))
    assert folder.generation == before
    assert {row["id"] for row in folder.graph().rows("papers")} == {"2303.00001"}


def test_removing_what_is_not_there_removes_nothing(folder, write):
    build(write("papers.jsonl", *PAPERS), folder, store=False)
    with pytest.raises(NotFoundError, match="No paper named '2404'"):
        remove(folder, ["2303.00001", "2404"], store=False)
    assert len(folder) == 2
    with pytest.raises(GraphError, match="No graph at"):
        remove(folder.path.parent / "nothing", ["2303.00001"])


def test_removing_a_paper_tells_of_its_copy_by_title(folder, write):
    bare = {"title": PAPERS[0]["title"], "abstract": "Alpaca."}
    build(write("papers.jsonl", *PAPERS, bare), folder, store=False)
    assert folder.graph().count("papers") == 2
    report = remove(folder, ["2303.00001"], store=False)
    assert report.left == (title_key(PAPERS[0]["title"]),)
    assert folder.graph().count("papers") == 2


def test_records_of_an_older_reader_are_read_again(folder, write):
    build(write("papers.jsonl", *PAPERS), folder, store=False)
    new = folder.generation
    old = [replace(r, extractor="0.0.1+abc", entities=(), triples=(), results=()) for r in folder.records()]
    add_records(old, folder, store=False)
    assert folder.generation != new
    assert refresh_stale(folder, store=False) == BuildReport(reread=2, total=2)
    assert folder.generation == new
    add_records(old, folder, store=False)
    report = build(write("one.jsonl", PAPERS[0]), folder, store=False)
    assert (report.refreshed, report.reread) == (1, 1)
    assert folder.generation == new


def test_records_made_elsewhere_stay_as_they_are(folder, say):
    made = say("2303.00001", "Alpaca", "We present Alpaca.", ["Model! Alpaca"], extractor="an annotator")
    add_records([made], folder, store=False)
    assert refresh_stale(folder, store=False).reread == 0
    assert list(folder.records()) == [made]
    assert add_records([made], folder, store=False) == BuildReport(papers=1, unchanged=1, total=1)


def test_a_record_that_breaks_the_contract_is_set_aside(folder, say):
    good = say("2303.00001", "Alpaca", "We present Alpaca.", ["Model! Alpaca"])
    bad = say("2303.00002", "Vicuna", "Vicuna.", ["Model! Vicuna"], [("Vicuna", "BUILT_ON", "Nothing")])
    report = add_records([good, bad], folder, store=False)
    assert (report.rejected, report.total) == (1, 1)
    assert "not in the schema" in (folder.path / "rejects.jsonl").read_text("utf8")


def test_no_records_make_an_empty_graph(folder):
    assert add_records([], folder, store=False) == BuildReport()
    assert folder.graph().count("papers") == 0
    assert folder.keys() == []


def test_extracting_keeps_order_and_copies(write, tmp_path):
    file, rejects = io.StringIO(), tmp_path / "aside.jsonl"
    path = write("papers.jsonl", PAPERS[1], PAPERS[0], "{broken\n", PAPERS[1])
    report = extract_to(path, file, rejects=rejects)
    assert (report.papers, report.rejected) == (3, 1)
    records = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [r["id"] for r in records] == ["2303.00002v1", "2303.00001", "2303.00002v1"]
    assert json.loads(rejects.read_text("utf8"))["line"] == 3
    extract_to(write("good.jsonl", PAPERS[0]), io.StringIO(), rejects=tmp_path / "none.jsonl")
    assert not (tmp_path / "none.jsonl").exists()
