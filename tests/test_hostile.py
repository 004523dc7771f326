"""Hostile input all the way: read, resolved, loaded, exported and answered, as text and nothing else."""

import csv
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from lxml import etree

from kg import ask
from kg.build import add_records, build
from kg.export import write
from kg.folder import GraphFolder
from kg.graph import Graph
from kg.stores import Store
from kg.text import storable

NAMES = {
    "cypher": "Robert'}) DETACH DELETE (n) //",
    "cypher in backticks": "`) MATCH (n) SET n.name=0 WITH n MATCH (m:`",
    "parameter": "$props {id: 1} /* */",
    "html": "<script>alert('1')</script>&amp;",
    "quotes": 'Say "it\'s" \\\' \\" \\u0027',
    "bidirectional": "\u202egnp.\u2066Llama\u2069\u202c",
    "blanks": "Zero\u200bWidth\ufeff\u2028Net",
    "marks": "e\u0301" * 40,
    "astral": "𝓛𝓵𝓪𝓶𝓪 🦙 模型",
    "xml": "]]> <!-- &lol; --> <?x?>",
    "path": "../../etc/passwd",
    "formula": '=HYPERLINK("http://127.0.0.1")',
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, say) -> GraphFolder:
    """A graph of papers that say a model of each name is built on Llama 2 and compared with the next one."""
    folder = GraphFolder(tmp_path_factory.mktemp("hostile") / "hostile.kg")
    names = list(NAMES.values())
    records = [
        say(
            f"2401.{number:05}",
            f"On {name}",
            f"{name} is Llama 2, fine-tuned. It is compared with {names[number - 1]} here.",
            [f"Model! {name}", "Model Llama 2", f"Model {names[number - 1]}"],
            [(name, "BUILT_ON", "Llama 2", {"how": "fine-tuned"}), (name, "COMPARED_TO", names[number - 1], {"outcome": "similar"})],
            url=f"https://example.org/?q={name}",
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    add_records(records, folder)
    return folder


def hold_what_was_said(store: Store, graph: Graph) -> None:
    """All that was said is in the store, and nothing else."""
    papers = store.query("MATCH (p:Paper) RETURN p.title AS t ORDER BY t")
    assert sorted(r["t"] for r in papers) == sorted(f"On {n}" for n in NAMES.values())
    quotes = store.query("MATCH (c:Claim {relation: 'BUILT_ON'}) RETURN c.quote AS q")
    assert {r["q"].partition(" is Llama 2")[0] for r in quotes} == set(NAMES.values())
    found = store.query("MATCH (m:Model) RETURN count(m) AS n")
    assert found[0]["n"] == sum(1 for e in graph.rows("entities") if e["type"] == "Model")
    assert store.query("MATCH (n) WHERE n.name = 0 OR n.name = '0' RETURN n.id AS id") == []


def find_as_typed(store: Store, name: str) -> None:
    """The name, as it is typed, leads to its answers."""
    assert isinstance(ask.ask(store, f"what is {name} built on").rows, list)
    card = ask.show(store, name)
    assert "Llama 2" in json.dumps(card.rows, default=str, ensure_ascii=False)
    above = [r["name"] for r in ask.lineage(store, name, direction="up").rows]
    assert sorted(above) == ["Llama", "Llama 2"]


def test_all_that_was_said_is_in_the_store_and_nothing_else(hostile):
    with hostile.store() as store:
        hold_what_was_said(store, hostile.graph())


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_found_as_it_is_typed(hostile, name):
    with hostile.store() as store:
        find_as_typed(store, name)
    assert hostile.graph().count("papers") == len(NAMES)


def test_neo4j_takes_names_as_text(hostile, neo4j):
    with neo4j.connect() as store:
        store.load(hostile.graph())
        for name in NAMES.values():
            find_as_typed(store, name)
        hold_what_was_said(store, hostile.graph())


@pytest.mark.parametrize("suffix", ["gexf", "graphml", "json", "csv", "cypher"])
def test_exports_hold_the_names_as_text(hostile, tmp_path, suffix):
    path = tmp_path / f"out.{suffix}"
    write(hostile.graph(), path)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    whole = "\n".join(f.read_text("utf8") for f in files if f.is_file())
    if suffix in ("gexf", "graphml"):
        tree = etree.parse(path, etree.XMLParser(resolve_entities=False))
        texts = {*(v for node in tree.iter() for v in node.attrib.values()), *tree.getroot().itertext()}
    elif suffix == "json":
        texts = set(_strings(json.loads(whole)))
    elif suffix == "csv":
        texts = {cell for f in files for row in csv.reader(io.StringIO(f.read_text("utf8"))) for cell in row}
    else:
        assert "DETACH DELETE (n) //" in whole  # run on a real server by the tests of scripts
        return
    assert {e["name"] for e in hostile.graph().rows("entities")} <= texts


def _strings(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value


def test_answers_on_a_terminal_hold_no_control_characters(hostile):
    done = subprocess.run(
        [sys.executable, "-m", "kg", "lineage", "Llama 2", "--down", "-g", str(hostile.path), "--all"],
        capture_output=True, check=True, encoding="utf8",
    )  # fmt: skip
    assert "Robert" in done.stdout
    assert not [c for c in done.stdout if c != "\n" and storable(c) != c]


def test_a_record_with_what_no_store_takes_is_set_aside(tmp_path, say):
    bad = say("x1", "Bad \x00 Title", "Bad is Llama 2.", ["Model Llama 2"])
    report = add_records([bad, say("x2", "Good", "Llama 2 is good.", ["Model Llama 2"])], tmp_path / "g.kg")
    assert (report.total, report.rejected) in ((1, 1), (2, 0))
    with GraphFolder(tmp_path / "g.kg").store() as store:
        assert len(store.query("MATCH (p:Paper) RETURN p.id AS id ORDER BY id")) == report.total


SENTENCE = "We fine-tune Llama 2 on what {} says. "


def test_a_folder_of_hostile_files_builds_and_every_reject_has_its_reason(tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    rows = [
        {"title": f"Paper of {kind}", "abstract": SENTENCE.format(name) + f"{name} is Llama 2, fine-tuned."}
        for kind, name in NAMES.items()
    ]
    rows += [
        {"title": "Control \x00\x01\x1b[31m characters", "abstract": "\x00" * 50 + SENTENCE.format("\x07")},
        {"title": "A \ud800 lone surrogate", "abstract": SENTENCE.format("\udfff")},
        {"title": "A megabyte", "abstract": "Llama 2 and Falcon 40B and " * 40_000},
        {"title": "One long word", "abstract": "a" * 9_999},
        {"title": "A list of words", "abstract": "Llama 7B and Falcon 40B, " * 390},
    ]
    (papers / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "ascii")
    deep = "[" * 200_000
    (papers / "deep.jsonl").write_text(
        f'{{"title": "Kept", "x": 1}}\n{{"title": {deep}\n{{"a": {deep}{"]" * 200_000}}}\n'
    )
    (papers / "deep.json").write_text(f'[\n{{"title": {deep}}},\n{{"title": "Kept as well"}}]')
    (papers / "quotes.csv").write_bytes(
        b'id,title,abstract\n1,"open quote, never closed\n2,Fine,"a ""quote"" inside"\n3,x"y,z\n4,one,two,three\n'
    )
    (papers / "mixed.csv").write_bytes(
        b"title,abstract\nLatin caf\xe9,x\nUTF caf\xc3\xa9,y\nOne NUL\x00,z\nOverlong \xc0\xaf,w\n"
    )
    (papers / "bomb.jsonl.gz").write_bytes(gzip.compress(b'{"title": "x"}\n' + b" " * (5 << 20)))
    (papers / "bomb.jsonl.zst").write_bytes(
        zstandard.compress(b'{"title": "y", "abstract": "' + b"a" * (9 << 20))
    )
    (papers / "noise.bin").write_bytes(bytes(range(256)) * 64)
    report = build([papers], tmp_path / "g.kg")
    rejects = [
        json.loads(line) for line in (tmp_path / "g.kg" / "rejects.jsonl").read_text("utf8").splitlines()
    ]
    assert report.rejected == len(rejects)
    assert all(r["reason"] and r["file"] for r in rejects)
    by_file: dict[str, list[str]] = {}
    for r in rejects:
        by_file.setdefault(Path(r["file"]).name, []).append(r["reason"])
    assert by_file["rows.jsonl"] == [
        "abstract of 1,079,999 characters, more than 10,000: is it a whole paper?"
    ]
    assert len(by_file["deep.jsonl"]) == 2
    assert "more than" in by_file["bomb.jsonl.gz"][0]
    assert "more than" in by_file["bomb.jsonl.zst"][0]
    assert by_file["noise.bin"][0].startswith("of no format")
    assert "not UTF-8 (byte 0xe9)" in " ".join(by_file["mixed.csv"])
    with GraphFolder(tmp_path / "g.kg").store() as store:
        titles = {r["t"] for r in store.query("MATCH (p:Paper) RETURN p.title AS t")}
    assert len(titles) == report.total
    assert titles >= {
        "Control \ufffd\ufffd\ufffd[31m characters",
        "A \ufffd lone surrogate",
        "Kept",
        "Kept as well",
        "UTF café",
    }
    etree.parse(_exported(tmp_path))


def _exported(tmp_path: Path) -> Path:
    write(GraphFolder(tmp_path / "g.kg").graph(), tmp_path / "g.gexf")
    return tmp_path / "g.gexf"


def test_a_bomb_costs_one_clear_error_and_no_graph(tmp_path):
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b'{"title": "x"}\n' + b" " * (300 << 20)))
    done = subprocess.run(
        [sys.executable, "-m", "kg", "build", str(tmp_path / "bomb.gz"), "-g", str(tmp_path / "g.kg")],
        capture_output=True, check=False, encoding="utf8",
    )  # fmt: skip
    assert done.returncode == 3
    assert "decompression bomb" in done.stderr
    assert "Traceback" not in done.stderr
