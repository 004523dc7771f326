"""The command line as a user meets it: real graphs, real processes, exit codes, JSON that scripts rely on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.cli import boundary, cli

PAPERS = [
    {
        "id": "a",
        "title": "Alpaca: an instruction-following model",
        "abstract": "We introduce Alpaca, a model fine-tuned from LLaMA 7B on 52K demonstrations. Alpaca is compared with GPT-3.5.",
        "published": "2023-03-13",
    },
    {
        "id": "b",
        "title": "LLaMA: Open and Efficient Foundation Language Models",
        "abstract": "We present LLaMA, a family of language models from 7B to 65B parameters. LLaMA is evaluated on MMLU.",
        "published": "2023-02-27",
    },
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    lines = [json.dumps(p) for p in PAPERS] + ['{"id": "c", "abstract": "a paper without a title"}']
    (folder / "papers.jsonl").write_text("\n".join(lines) + "\n", "utf8")
    return folder


@pytest.fixture(scope="module")
def graph(home):
    path = home / "small.kg"
    assert boundary.run(["build", str(home / "papers.jsonl"), "-g", str(path), "-q"]) == 0
    return str(path)


@pytest.fixture
def kg(capsys):
    """Runs kg in this process and gives exit code, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        code = boundary.run(list(arguments))
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_help_names_every_command(kg):
    code, out, _ = kg("--help")
    assert code == 0
    for name in ("ask", "build", "export", "lineage", "load", "query", "show", "stats"):
        assert f"  {name} " in out


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help(kg, name):
    code, out, _ = kg(name, "--help")
    assert code == 0
    assert out.startswith(f"Usage: kg {name}")


def test_help_imports_nothing_heavy():
    heavy = (
        "spacy",
        "neo4j",
        "arcadedb",
        "networkx",
        "duckdb",
        "pyarrow",
        "numpy",
        "rich",
        "yaml",
        "pydantic",
    )
    script = f"import sys; from kg.cli import boundary; boundary.run(['--help']); print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_extract_writes_a_record_a_paper_in_input_order(kg, home):
    out = home / "records.jsonl"
    code, _, err = kg("extract", str(home / "papers.jsonl"), "-o", str(out))
    assert code == 0
    records = [json.loads(line) for line in out.read_text("utf8").splitlines()]
    assert [r["id"] for r in records] == ["a", "b"]
    assert "1 set aside" in err
    (reject,) = [json.loads(line) for line in Path(f"{out}.rejects.jsonl").read_text("utf8").splitlines()]
    assert reject["line"] == 3
    assert "title" in reject["reason"]
    for record in records:
        text = f"{record['title']}\n{record['abstract']}"
        for triple in record["triples"]:
            for evidence in triple["evidence"]:
                assert text[slice(*evidence["sentence"])].strip()


def test_extract_is_the_same_bytes_twice(kg, home):
    for name in ("one", "two"):
        assert kg("extract", str(home / "papers.jsonl"), "-o", str(home / name))[0] == 0
    assert (home / "one").read_bytes() == (home / "two").read_bytes()


def test_ask_answers_with_quotes(kg, graph):
    code, out, _ = kg("ask", "-g", graph, "what is built on Llama")
    assert code == 0
    assert "Alpaca" in out
    assert "fine-tuned from LLaMA 7B" in out


def test_ask_gives_json_that_scripts_rely_on(kg, graph):
    code, out, _ = kg("ask", "-g", graph, "--json", "what is built on Llama")
    assert code == 0
    answer = json.loads(out)
    assert {"cypher", "rows"} <= answer.keys()
    derivatives = [r for r in answer["rows"] if r["kind"] == "derivative"]
    assert [r["name"] for r in derivatives] == ["Alpaca"]
    (row,) = derivatives
    assert row["via"][0]["relation"] == "BUILT_ON"
    assert row["via"][0]["how"] == "fine-tuned"
    assert row["via"][0]["support"] == 1
    assert row["evidence"][0]["paper"]
    assert "fine-tuned from LLaMA 7B" in row["evidence"][0]["quote"]


def test_lineage_upwards_and_as_pictures(kg, graph):
    code, out, _ = kg("lineage", "Alpaca", "--up", "-g", graph)
    assert code == 0
    assert "LLaMA" in out
    assert kg("lineage", "Alpaca", "--up", "-g", graph, "--format", "dot")[1].startswith("digraph")
    assert kg("lineage", "Alpaca", "--up", "-g", graph, "--format", "mermaid")[1].startswith("flowchart")


def test_query_prints_an_array_of_objects(kg, graph):
    code, out, _ = kg("query", "-g", graph, "--json", "MATCH (p:Paper) RETURN p.input_id AS id ORDER BY id")
    assert code == 0
    assert json.loads(out) == [{"id": "a"}, {"id": "b"}]


def test_query_takes_parameters(kg, graph):
    code, out, _ = kg(
        "query", "-g", graph, "-p", "year=2023", "MATCH (p:Paper) WHERE p.year = $year RETURN count(p) AS n"
    )
    assert (code, out.split()) == (0, ["n", "2"])


def test_stats_counts(kg, graph):
    code, out, _ = kg("stats", "-g", graph, "--json")
    counts = json.loads(out)
    assert code == 0
    assert counts["papers"] == 2
    assert counts["claims"] >= 2
    assert counts["entities"] == sum(
        n for t, n in counts["types"].items() if t not in ("Paper", "Claim", "KnowledgeGraph")
    )


def test_show_is_a_card(kg, graph):
    code, out, _ = kg("show", "Alpaca", "-g", graph)
    assert code == 0
    assert out.startswith("Alpaca · Model")


def test_why_tells_steps(kg):
    code, out, _ = kg("why", "Llama-2-7b-chat-hf", "LLaMA 2 7B Chat")
    assert code == 0
    assert "llama-2-7b-chat" in out


def test_explain_shows_mentions(kg):
    code, out, _ = kg("explain", "Alpaca is fine-tuned from LLaMA 7B.")
    assert code == 0
    assert "LLaMA 7B" in out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["ask", "what is built on Lamma"], 1, "Did you mean"),
        (["ask", "how is the weather"], 1, "can't answer"),
        (["query", "MATCH (n:Nothing) RETURN n"], 1, ""),
        (["query", "MATCH (n RETURN n"], 3, ""),
        (["query", "--nope"], 2, "kg query --help"),
        (["query", "-p", "year", "RETURN 1"], 2, "NAME=VALUE"),
        (["query", "CREATE (n:Model {id: 'x'}) RETURN n"], 3, "--write"),
        (["load", "somewhere"], 2, "neo4j://"),
        (["load", "bolt://127.0.0.1:9"], 3, "127.0.0.1:9"),
    ],
)
def test_exit_codes_and_the_way_out(kg, graph, arguments, code, told):
    got, _, err = kg(arguments[0], "-g", graph, *arguments[1:])
    assert got == code
    assert told in err
    assert "Traceback" not in err


def test_a_missing_graph_is_told(kg, tmp_path):
    code, _, err = kg("stats", "-g", str(tmp_path / "none.kg"))
    assert code == 3
    assert "kg build" in err


def test_a_missing_file_is_told(kg, tmp_path):
    code, _, err = kg("build", str(tmp_path / "none.jsonl"), "-g", str(tmp_path / "g.kg"))
    assert code == 3
    assert "none.jsonl" in err
    assert not (tmp_path / "g.kg" / "records.sqlite").exists()


def test_a_bad_mapping_is_wrong_use(kg, home, tmp_path):
    code, _, err = kg("build", str(home / "papers.jsonl"), "--map", "title", "-g", str(tmp_path / "g.kg"))
    assert code == 2
    assert "FIELD=COLUMN" in err


def test_remove_takes_a_paper_out(kg, home, tmp_path):
    path = str(tmp_path / "less.kg")
    assert kg("build", str(home / "papers.jsonl"), "-g", path, "-q")[0] == 0
    assert kg("remove", "a", "-g", path)[0] == 0
    assert json.loads(kg("stats", "-g", path, "--json")[1])["papers"] == 1
    assert kg("remove", "a", "-g", path)[0] == 1


def test_stdin_is_read(home, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "kg", "extract", "-", "-q"],
        input=(home / "papers.jsonl").read_bytes(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]


def test_a_reader_that_leaves_is_no_fault(graph):
    script = f'"{sys.executable}" -m kg query -g "{graph}" "UNWIND range(1, 20000) AS n RETURN n" | head -1'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "n\n"
    assert done.stderr == ""


def test_ctrl_c_leaves_the_graph_whole(kg, home, tmp_path):
    path = tmp_path / "whole.kg"
    assert kg("build", str(home / "papers.jsonl"), "-g", str(path), "-q")[0] == 0
    many = tmp_path / "many.jsonl"
    with many.open("w") as file:
        for i in range(200_000):
            file.write(
                json.dumps({"id": f"x{i}", "title": f"Title {i}", "abstract": PAPERS[0]["abstract"]}) + "\n"
            )
    child = subprocess.Popen(
        [sys.executable, "-m", "kg", "build", str(many), "-g", str(path)],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (path / "writer.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert b"Traceback" not in err
    assert json.loads(kg("stats", "-g", str(path), "--json")[1])["papers"] == 2


def test_demo_prints_the_tree(kg, tmp_path):
    code, out, _ = kg("demo", "-g", str(tmp_path / "demo.kg"))
    assert code == 0
    assert "kg ask -g" in out
    assert "Vicuna" in out
    assert "“" in out


@pytest.mark.parametrize("suffix", ["html", "svg", "png", "json", "txt", "mmd", "dot"])
def test_an_answer_is_written_to_a_file_by_its_suffix(kg, graph, tmp_path, suffix):
    path = tmp_path / f"alpaca.{suffix}"
    code, out, err = kg("lineage", "Alpaca", "--up", "-g", graph, "-o", str(path))
    assert (code, out) == (0, "")
    assert f"Wrote {path}." in err
    assert "papers read" in err
    assert path.stat().st_size > 100
    if suffix != "png":
        assert "LLaMA 7B" in path.read_text("utf8")


def test_an_empty_answer_writes_no_file(kg, graph, tmp_path):
    code, _, err = kg("lineage", "Alpaca", "-g", graph, "-o", str(tmp_path / "a.html"))
    assert code == 1
    assert "No paper here says" in err
    assert not list(tmp_path.iterdir())


def test_questions_and_cards_are_written_too(kg, graph, tmp_path):
    assert kg("ask", "what is built on LLaMA", "-g", graph, "-o", str(tmp_path / "a.html"))[0] == 0
    assert kg("show", "Alpaca", "-g", graph, "-o", str(tmp_path / "b.html"))[0] == 0
    assert "Alpaca" in (tmp_path / "a.html").read_text("utf8")
    code, _, err = kg("show", "Alpaca", "-g", graph, "-o", str(tmp_path / "b.svg"))
    assert code == 2
    assert ".html" in err


def test_export_shows_what_lies_around_a_name_as_people_write_it(kg, graph, tmp_path):
    for name in ("a.gexf", "a.graphml", "a.json", "a.dot", "a.mmd", "a.svg", "a.png", "a.pdf"):
        path = tmp_path / name
        code, _, err = kg(
            "export", str(path), "-g", graph, "--around", "alpacas", "--hops", "2", "--view", "lineage"
        )
        assert code == 0, err
        assert f"Wrote {path}" in err
    nodes = json.loads((tmp_path / "a.json").read_text("utf8"))["nodes"]
    assert {"alpaca", "llama-7b"} <= {node["id"] for node in nodes}
    code, _, err = kg("export", str(tmp_path / "b.gexf"), "-g", graph, "--around", "Alpakka")
    assert code == 1
    assert "Did you mean Alpaca" in err
    code, _, err = kg("export", str(tmp_path / "b.csv"), "-g", graph, "--around", "Alpaca")
    assert code == 2
    assert "whole graph" in err
    assert not list(tmp_path.glob("b.*"))
