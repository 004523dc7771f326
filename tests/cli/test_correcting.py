"""`kg fix`, as a person uses it: a line is written, the next answer shows it, deleting the line undoes it."""

import json

import pytest

from kg.build import add_records
from kg.cli import boundary


@pytest.fixture(scope="module")
def graph(tmp_path_factory, say):
    path = tmp_path_factory.mktemp("fix") / "g.kg"
    text = "We introduce Alpaca, which is fine-tuned from LLaMA 7B."
    said = [("Alpaca", "BUILT_ON", "LLaMA 7B", {"how": "fine-tuned"})]
    add_records([say("2303.00001", "A study", text, ["Model! Alpaca", "Model LLaMA 7B"], said)], path)
    return path


@pytest.fixture
def kg(capsys, graph):
    def run(*arguments):
        capsys.readouterr()
        code = boundary.run([*arguments, "-g", str(graph)])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_a_correction_from_line_to_answer_and_back(kg, graph):
    file = graph / "curation.yaml"
    before = kg("lineage", "LLaMA 7B", "--json")[1]
    assert "Alpaca" in {row["name"] for row in json.loads(before)["rows"]}
    code, _, err = kg("fix", "reject", "Alpaca", "BUILT_ON", "LLaMA 7B", "--note", "a trial")
    assert code == 0
    assert "curation.yaml:3: reject: {subject: Alpaca" in err
    assert file.read_text("utf8").splitlines()[-1].endswith("# a trial")
    code, out, err = kg("lineage", "LLaMA 7B", "--json")
    assert "Alpaca" not in {row["name"] for row in json.loads(out)["rows"]}
    assert "changed since its graph was made" in err
    assert "changed since" not in kg("stats")[2]
    assert "corrected by: reject:" in kg("show", "Alpaca")[1]
    assert "curation.yaml:3" in kg("why", "Alpaca")[1]
    file.write_text("\n".join(file.read_text("utf8").splitlines()[:-1]) + "\n", "utf8")
    assert kg("lineage", "LLaMA 7B", "--json")[1] == before


def test_list_tells_what_acts(kg, graph):
    (graph / "curation.yaml").unlink(missing_ok=True)
    assert kg("fix", "list")[0] == 1
    kg("fix", "rename", "Alpaca", "ALPACA")
    assert (
        "Nothing in the graph is called 'Alpacca' yet. Did you mean Alpaca"
        in kg("fix", "type", "Alpacca", "dataset")[2]
    )
    rows = json.loads(kg("fix", "list", "--json")[1])
    assert [(r["line"], r["acts"]) for r in rows] == [(3, "yes"), (4, "matches nothing")]
    assert "Matches nothing: curation.yaml:4: type: {Alpacca: Dataset}" in kg("build")[2]
    (graph / "curation.yaml").unlink()


def test_a_wrong_line_stops_every_command_with_its_number(kg, graph):
    (graph / "curation.yaml").write_text("- same: [A, B]\n- sane: [C, D]\n", "utf8")
    for arguments in (("build",), ("show", "Alpaca"), ("fix", "same", "E", "F")):
        code, out, err = kg(*arguments)
        assert (code, out) == (3, "")
        assert "curation.yaml:2: 'sane' is no correction" in err
    (graph / "curation.yaml").unlink()


def test_an_added_fact_is_an_answer_with_its_quote(kg, graph):
    words = ("add", "Harrier-7B", "BUILT_ON", "LLaMA 7B", "--how", "merged")
    assert kg("fix", *words)[0] == 2, "a fact without a source"
    assert kg("fix", *words, "--url", "https://example.org/h", "--quote", "Harrier-7B is a merge.")[0] == 0
    rows = json.loads(kg("lineage", "LLaMA 7B", "--json")[1])["rows"]
    (row,) = [r for r in rows if r["name"] == "Harrier-7B"]
    assert row["evidence"][0]["quote"] == "Harrier-7B is a merge."
    assert row["evidence"][0]["kind"] == "curated"
    (graph / "curation.yaml").unlink()


def test_corrections_elsewhere(kg, graph, tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text("- rename: {Alpaca: ALPACA}\n", "utf8")
    assert kg("build", "--curation", str(file), "-q")[0] == 0
    kg("fix", "type", "Alpaca", "Method")
    assert "type: {Alpaca: Method}" in file.read_text("utf8")
    assert kg("show", "Alpaca")[1].startswith("ALPACA · Method")
    assert kg("build", "--curation", str(graph / "curation.yaml"))[0] == 3, "there is none"
    (graph / "curation.yaml").write_text("", "utf8")
    assert kg("build", "--curation", str(graph / "curation.yaml"), "-q")[0] == 0
    assert kg("show", "Alpaca")[1].startswith("Alpaca · Model")


def test_suspects_and_wrong_use(kg):
    assert kg("stats", "--suspects") == (1, "", "0 suspects.\n")
    assert kg("fix", "reject", "a", "b", "c", "d")[0] == 2
    assert kg("fix", "family", "Alpaca")[0] == 2
    assert kg("fix", "type", "Alpaca", "Thing")[0] == 2
    assert kg("fix", "different", "Alpaca")[0] == 3
