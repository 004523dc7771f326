"""A small graph that holds whatever a text may hold."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.graph import TABLES, Graph, write_table
from kg.resolve import resolve
from kg.types import Record

NASTY = (
    'He said: "it\'s \\underline{new}" \\U and \\u0041 \\n; // no comment /* */ `tick` $p {x} <b>&amp;</b>, |\t'
    "two\nlines\r\nand \u2028 more 模型 🦙 \u00a0end \\"
)

Rows = dict[str, list[dict[str, Any]]]


def rows() -> Rows:
    """Two papers, a family, a fine-tune, a data set, a size; one name-made edge, one of two relations."""

    def edge(
        subject: str, subject_type: str, relation: str, object: str, object_type: str, **more: Any
    ) -> dict[str, Any]:
        return {
            "id": f"{subject}|{relation}|{object}", "relation": relation, "subject": subject, "subject_type": subject_type,
            "object": object, "object_type": object_type, "support": 1, "confidence": 900, **more,
        }  # fmt: skip

    def claim(id: str, paper: str, edge: str, quote: str, **more: Any) -> dict[str, Any]:
        return {
            "id": id, "name": edge.replace("|", " "), "paper": paper, "edge": edge, "relation": edge.split("|")[1],
            "quote": quote, "start": 0, "end": len(quote), "rule": "by/hand", "confidence": 900, "kind": "text", **more,
        }  # fmt: skip

    papers = [
        {"id": "2303.00001", "name": "Alpaca", "title": "Alpaca", "abstract": "It is LLaMA 7B, fine-tuned.", "published": "2023-03",
         "year": 2023, "date_origin": "arxiv", "input_id": "a1", "url": "https://arxiv.org/abs/2303.00001", "source": "papers.csv:2"},
        {"id": "t:0123456789abcdef", "name": NASTY, "title": NASTY, "abstract": "", "input_id": NASTY},
    ]  # fmt: skip
    entities = [
        {"id": "alpaca", "type": "Model", "name": "Alpaca", "aliases": ["Stanford Alpaca", "a; b", NASTY], "papers": 2, "confidence": 980,
         "known": True, "named": True, "is_family": False, "parameters": 7_000_000_000, "parameters_all": [7_000_000_000]},
        {"id": "code-alpaca", "type": "Dataset", "name": NASTY, "aliases": [], "papers": 1, "confidence": 500, "known": False},
        {"id": "llama-7b", "type": "Model", "name": "LLaMA 7B", "aliases": [""], "papers": 1, "family": "llama"},
        {"id": "llama", "type": "Model", "name": "LLaMA", "papers": 1, "is_family": True},
        {"id": "size:7b-parameters", "type": "Size", "name": "7B parameters", "value": 7e9, "unit": "parameters"},
        {"id": "unnamed@t:0123456789abcdef", "type": "Model", "name": 'unnamed model of "x"', "named": False, "papers": 1},
    ]  # fmt: skip
    edges = [
        edge("2303.00001", "Paper", "INTRODUCES", "alpaca", "Model", spans=[0, 6]),
        edge("2303.00001", "Paper", "USES", "code-alpaca", "Dataset"),
        edge("alpaca", "Model", "BUILT_ON", "llama-7b", "Model", support=2, how="fine-tuned", hows=["adapted", "fine-tuned"], first_year=2023),
        edge("alpaca", "Model", "COMPARED_TO", "llama-7b", "Model", better=1, similar=0, worse=0, unknown=0),
        edge("alpaca", "Model", "HAS_SIZE", "size:7b-parameters", "Size"),
        edge("alpaca", "Model", "TRAINED_ON", "code-alpaca", "Dataset"),
        edge("llama-7b", "Model", "PART_OF", "llama", "Model", support=0, member="size", origin="name", crossed=True),
        edge("unnamed@t:0123456789abcdef", "Model", "BUILT_ON", "alpaca", "Model", how="other"),
    ]  # fmt: skip
    claims = [
        claim("c1", "2303.00001", "alpaca|BUILT_ON|llama-7b", "It is LLaMA 7B, fine-tuned.", how="fine-tuned", year=2023,
              subject="alpaca", subject_type="Model", object="llama-7b", object_type="Model", subject_text=""),
        claim("c2", "t:0123456789abcdef", "alpaca|HAS_SIZE|size:7b-parameters", NASTY, number=7e9, number_unit="parameters",
              subject="alpaca", subject_type="Model", object="size:7b-parameters", object_type="Size"),
        claim("c3", "2303.00001", "alpaca|RESULT|", "It is good.", metric="accuracy", score="41.7%",
              subject="alpaca", subject_type="Model"),
    ]  # fmt: skip
    found = {"papers": papers, "entities": entities, "edges": edges, "claims": claims}
    return {table: sorted(found[table], key=lambda row: row["id"]) for table in TABLES}


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """The small graph on disk."""
    return make_graph(tmp_path / "tables", rows())


@pytest.fixture
def make() -> Callable[[Path, Rows], Graph]:
    """Writes rows as a graph."""
    return make_graph


@pytest.fixture
def table_rows() -> Rows:
    """The rows of the small graph."""
    return rows()


def make_graph(folder: Path, tables: Rows) -> Graph:
    folder.mkdir(parents=True)
    for table, found in tables.items():
        write_table(folder, table, found, graph="the-small-one", generation="g1")
    return Graph(folder)


@pytest.fixture(params=["small", "resolved"])
def any_graph(request: pytest.FixtureRequest, tmp_path: Path, say: Callable[..., Record]) -> Graph:
    """The small graph, and one that was resolved from records."""
    if request.param == "small":
        return make_graph(tmp_path / "tables", rows())
    records = [
        say(
            "2303.00001",
            "Alpaca: an instruction-following LLaMA",
            "We present Alpaca. Alpaca is fine-tuned from LLaMA 7B. Alpaca has 7B parameters. Alpaca scores 41.7% on MMLU.",
            ["Model! Alpaca", "Model LLaMA 7B", "Benchmark MMLU"],
            [
                ("Alpaca", "BUILT_ON", "LLaMA 7B", {"how": "fine-tuned"}),
                ("Alpaca", "HAS_SIZE", "7B", {"value": 7_000_000_000, "unit": "parameters"}),
                ("Alpaca", "RESULT", "MMLU", {"value": "41.7%"}),
            ],
        ),
        say(
            "2304.00002",
            "Vicuna",
            "Vicuna is fine-tuned from LLaMA 13B. It is better than Alpaca.",
            ["Model! Vicuna", "Model LLaMA 13B", "Model Alpaca"],
            [
                ("Vicuna", "BUILT_ON", "LLaMA 13B", {"how": "fine-tuned"}),
                ("Vicuna", "COMPARED_TO", "Alpaca", {"outcome": "better"}),
            ],
        ),
    ]
    return resolve(records, tmp_path / "tables", graph="resolved", generation="g1")


@pytest.fixture
def free_port() -> int:
    """A port that is free, and the next one too."""
    while True:
        with socket.socket() as bolt, socket.socket() as http:
            bolt.bind(("127.0.0.1", 0))
            port = int(bolt.getsockname()[1])
            try:
                http.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
