"""`import kg`, as a script or a notebook uses it: on a folder, on a real server, and after `kill -9`."""

import doctest
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import kg
from kg.build import build
from kg.demo import papers
from kg.errors import GraphError, NotFoundError, QueryError, StoreUnavailableError, UsageError
from kg.folder import GraphFolder

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.kg"
    build(papers(), path)
    return path


@pytest.fixture
def g(demo: Path):
    with kg.open(demo) as graph:
        yield graph


def test_importing_loads_nothing_heavy():
    heavy = "spacy numpy neo4j arcadedb duckdb pyarrow networkx pandas pydantic yaml"
    code = f"import kg, sys; kg.open; kg.Answer; print([m for m in {heavy.split()} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_public_name_is_there():
    assert {name for name in kg.__all__ if getattr(kg, name) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = kg.opne


def test_the_package_is_typed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import kg\nwith kg.open('x') as g:\n    reveal_type(g.ask('q')[0])\nreveal_type(kg.extract('t'))\n"
    )
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(script)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(CHECKOUT / "src")},
    )
    assert 'Revealed type is "dict[str, Any]"' in told.stdout.replace("builtins.", "").replace("typing.", "")
    assert "kg.types.Record" in told.stdout


def test_one_text_is_read():
    record = kg.extract("Zebu\nWe fine-tune Mistral 7B on UltraChat.\x00")
    assert record.paper.title == "Zebu"
    assert ("PAPER", "BUILT_ON", "Mistral 7B") in {(t.subject, t.relation, t.object) for t in record.triples}
    start, end = record.triples[0].evidence[0].sentence
    assert record.paper.text[start:end].startswith("We fine-tune Mistral 7B")
    assert kg.extract("We train BERT.", title="A title").paper.title == "A title"
    assert kg.extract("").entities == ()


def test_a_query_takes_its_parameters_by_name(g):
    found = g.query("MATCH (m:Model) WHERE m.name = $name RETURN m.id AS id", name="Alpaca")
    assert list(found) == [{"id": "alpaca"}]
    assert g.query("RETURN $timeout AS t", {"timeout": 3})[0] == {"t": 3}
    with pytest.raises(QueryError):
        g.query("CREATE (n:Model {id: 'x'})")


def test_lineage_iterates_as_dicts_and_becomes_other_things(g):
    found = g.lineage("Llama")
    assert "Alpaca" in {row["name"] for row in found}
    frame = found.to_pandas()
    assert len(frame) == len(found)
    row = frame[frame["name"] == "Alpaca"].iloc[0]
    assert row["chain"].startswith("Alpaca –fine-tuned→ LLaMA 7B")
    assert row["quote"] in " ".join(e["quote"] for r in found for e in r["evidence"])
    assert frame["support"].dtype.name == "Int64"
    network = found.to_networkx()
    assert network.edges["alpaca", "llama-7b", "alpaca|BUILT_ON|llama-7b"]["how"] == "fine-tuned"
    assert network.nodes["alpaca"] == {"name": "Alpaca", "type": "Model"}


def test_directions_of_lineage(g):
    assert g.lineage("Alpaca", direction="up")[0]["name"].startswith("L")
    assert g.lineage("Alpaca", other="Llama").rows
    assert not g.lineage("Alpaca", max_hops=1, min_support=50)


def test_a_question_a_card_and_counts(g):
    assert {row["name"] for row in g.ask("what is built on Llama")} == {r["name"] for r in g.lineage("Llama")}
    card = g.show("Alpaca")
    assert card[0]["kind"] == "card"
    assert len(card.to_pandas()) == len(card)
    assert g.counts()["papers"] == len(GraphFolder(g.path))


def test_evidence_has_the_words_and_where_they_stand(g):
    (row,) = g.evidence("alpaca", "built on", "LLaMA-7B")
    text = GraphFolder(g.path).record(row["paper"]).paper.text
    assert text[row["start"] : row["end"]] == row["quote"]
    assert text[row["subject_start"] : row["subject_end"]] == row["subject_text"]
    claims = g.query(
        "MATCH (:Model {id: 'alpaca'})<-[:HAS_SUBJECT]-(c:Claim) RETURN DISTINCT c.relation AS r"
    )
    assert {r["relation"] for r in g.evidence("Alpaca")} == {r["r"] for r in claims} >= {"BUILT_ON"}
    assert g.evidence("Alpaca", "BUILT_ON").rows == [row]


def test_evidence_of_what_only_a_name_says_is_a_note(g):
    found = g.evidence("Llama 2 7B", "PART_OF", "Llama 2")
    assert not found
    assert found.notes == ["No paper states it; the name says that Llama 2 7B is a size of Llama 2."]


def test_evidence_of_a_size_is_found_by_its_words(g):
    assert {row["object_name"] for row in g.evidence("GPT-3", "HAS_SIZE", "175B")} == {"175B parameters"}


def test_evidence_of_a_strange_relation_or_name(g):
    with pytest.raises(UsageError, match=r"'LOVES'.*BUILT_ON"):
        g.evidence("Alpaca", "LOVES")
    with pytest.raises(NotFoundError, match="Alpaca"):
        g.evidence("Alpacca")


def test_paths_of_a_query_become_a_network_and_words(g):
    found = g.query("MATCH p = (m:Model)-[:BUILT_ON]->(:Model {id: 'llama-7b'}) RETURN p")
    assert ("alpaca", "llama-7b") in set(found.to_networkx().edges())
    assert "Alpaca –fine-tuned→ LLaMA 7B" in found._repr_html_()


def test_the_graph_as_a_network_is_that_of_the_export(g, tmp_path):
    from kg.export import write

    network = g.to_networkx(view="entities")
    written = json.loads(write(g._folder.graph(), tmp_path / "g.json").path.read_text("utf8"))
    assert {n["id"] for n in written["nodes"]} == set(network)
    assert network.edges["alpaca", "llama-7b", "alpaca|BUILT_ON|llama-7b"]["how"] == "fine-tuned"
    with pytest.raises(UsageError, match="'everything'"):
        g.to_networkx(view="everything")


def test_lineage_and_neighbourhoods_as_networks(g):
    lineage = g.to_networkx(view="lineage")
    assert {d["relation"] for _, _, d in lineage.edges(data=True)} <= {"BUILT_ON", "PART_OF", "DERIVED_FROM"}
    near = g.to_networkx(around="Alpaca")
    assert {"alpaca", "llama-7b"} <= set(near) < set(g.to_networkx(around="Alpaca", hops=2))


def test_added_papers_are_in_the_next_answer(tmp_path):
    with pytest.raises(GraphError, match="No graph at"):
        kg.open(tmp_path / "new.kg")
    with kg.open(tmp_path / "new.kg", create=True) as g:
        paper = {"id": "p1", "title": "Quokka", "abstract": "Quokka-9B is fine-tuned from Llama 3.1 8B."}
        assert g.add(paper).added == 1
        assert [row["name"] for row in g.lineage("Llama 3.1 8B")] == ["Quokka-9B"]
        more = kg.Paper("p2", "Wombat", "Wombat-3B is fine-tuned from Llama 3.1 8B.")
        report = g.add([more, {"title": "", "abstract": "none"}, paper])
        assert (report.added, report.unchanged, report.rejected) == (1, 1, 1)
        assert {row["name"] for row in g.lineage("Llama 3.1 8B")} == {"Quokka-9B", "Wombat-3B"}
        g.remove("p2")
        assert [row["name"] for row in g.lineage("Llama 3.1 8B")] == ["Quokka-9B"]


def test_a_data_frame_and_a_file_are_papers_too(tmp_path):
    import pandas as pd

    frame = pd.DataFrame(
        {"headline": ["Zork: a model"], "abstract": ["Zork is built on BERT."], "year": [2020]}
    )
    (tmp_path / "more.jsonl").write_text(
        '{"title": "Numbat", "abstract": "Numbat is fine-tuned from BERT."}\n'
    )
    with kg.open(tmp_path / "g.kg", create=True) as g:
        assert g.add(frame, mapping={"title": "headline"}).added == 1
        assert g.add(tmp_path / "more.jsonl").added == 1
        assert g.query("MATCH (p:Paper) RETURN p.year AS y ORDER BY y")[0] == {"y": 2020}
        with pytest.raises(UsageError, match="not int"):
            g.add([kg.Paper("a", "b", "c"), 7])


def test_a_closed_graph_says_so(demo):
    g = kg.open(demo)
    g.close()
    g.close()
    with pytest.raises(UsageError, match="closed"):
        g.ask("what is built on Llama")
    assert "closed" in repr(g)


def test_a_password_is_for_a_server(demo):
    with pytest.raises(UsageError, match="Neo4j server"):
        kg.open(demo, password="x")


def network_of(g: kg.Session) -> tuple[list, list]:
    network = g.to_networkx(view="all")
    return sorted(network.nodes(data=True)), sorted(network.edges(keys=True, data=True), key=lambda e: e[2])


@pytest.mark.neo4j
def test_a_server_is_opened_by_its_address(neo4j, demo, monkeypatch):
    with pytest.raises(GraphError, match="holds no graph"):
        kg.open(neo4j.uri, user=neo4j.user, password=neo4j.password)
    with neo4j.connect() as store:
        store.load(GraphFolder(demo).graph())
    with kg.open(neo4j.uri, user=neo4j.user, password=neo4j.password) as there, kg.open(demo) as here:
        assert list(there.lineage("Llama")) == list(here.lineage("Llama"))
        assert list(there.evidence("Alpaca")) == list(here.evidence("Alpaca"))
        assert there.path is None
        for found, wanted in zip(network_of(there), network_of(here), strict=True):
            assert found == wanted
        with pytest.raises(UsageError, match="a graph's folder"):
            there.add({"title": "x"})
    if neo4j.password:
        monkeypatch.setenv("KG_NEO4J_USER", "neo4j")
        monkeypatch.setenv("KG_NEO4J_PASSWORD", "wrong")
        with pytest.raises(StoreUnavailableError, match="KG_NEO4J_PASSWORD"):
            kg.open(neo4j.uri)
        monkeypatch.setenv("KG_NEO4J_PASSWORD", neo4j.password)
        with kg.open(neo4j.uri) as there:
            assert there.show("Alpaca")[0]["id"] == "alpaca"


def test_a_killed_kernel_leaves_no_server_behind(demo, tmp_path):
    path = tmp_path / "mine.kg"
    shutil.copytree(demo, path)
    code = f"import kg, time; g = kg.open({str(path)!r}); print(len(g.lineage('Llama')), flush=True); time.sleep(600)"
    kernel = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert int(kernel.stdout.readline()) > 0
    server = psutil.Process(json.loads((path / "endpoint.json").read_text())["pid"])
    assert server.is_running()
    kernel.send_signal(signal.SIGKILL)
    kernel.wait()
    server.wait(timeout=60)  # raises where it lives on
    with kg.open(path) as g:  # and the graph is as it was
        assert g.lineage("Llama")


def test_the_page_on_python_is_true(demo, tmp_path, monkeypatch):
    shutil.copytree(demo, tmp_path / "seeds.kg")
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(
        str(CHECKOUT / "docs" / "python.md"),
        module_relative=False,
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert found.attempted > 10
    assert not found.failed


def test_the_notebook_runs(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(CHECKOUT / "docs" / "tour.ipynb", as_version=4)
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    assert all(not c.outputs and c.execution_count is None for c in cells), "strip the notebook's outputs"
    began = time.time()
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [o["data"]["text/html"] for c in cells for o in c.outputs if "text/html" in o.get("data", {})]
    assert any("Alpaca" in page and "<a href=" in page for page in shown)
    for process in psutil.process_iter(
        ["cmdline", "create_time"]
    ):  # its kernel has gone, and so goes the server
        command = " ".join(process.info["cmdline"] or ())
        if (
            "kg.stores.embedded" in command
            and str(tmp_path) in command
            and process.info["create_time"] > began - 5
        ):
            process.wait(timeout=60)
