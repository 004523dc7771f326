"""Every query of the cookbook, as printed, on a real store."""

import re
from pathlib import Path

import pytest

from kg.graph import Graph
from kg.stores import Store

COOKBOOK = Path(__file__).parents[2] / "docs" / "cookbook.md"
TITLED_QUERY = re.compile(r"^### (.+?)\n.*?^```cypher\n(.*?)^```", re.M | re.S)
QUERIES = dict(TITLED_QUERY.findall(COOKBOOK.read_text("utf8")))


def test_the_cookbook_has_many_queries_and_a_title_for_each() -> None:
    text = COOKBOOK.read_text("utf8")
    assert len(QUERIES) == text.count("```cypher") == text.count("\n### ") >= 25


@pytest.mark.parametrize("title", QUERIES)
def test_query_finds_rows(store: Store, title: str) -> None:
    rows = store.query(QUERIES[title])
    assert rows
    assert any(value is not None for row in rows for value in row.values())


@pytest.mark.parametrize("title", QUERIES)
def test_query_keeps_to_the_portable_subset(title: str) -> None:
    cypher = QUERIES[title]
    assert not re.search(r"\bSHORTEST\b|elementId|\bid\(|apoc\.|CYPHER \d", cypher)
    assert all("." in bounds and bounds[-1].isdigit() for bounds in re.findall(r"\*([\d.]*)[\]\s]", cypher))
    assert "LIMIT" not in cypher or "ORDER BY" in cypher


def test_a_quote_is_cut_out_of_its_paper(store: Store) -> None:
    (row,) = store.query(QUERIES["Where exactly a claim stands"])
    assert row["quote"] == "Alpaca is fine-tuned from LLaMA-7B on Alpaca-52K."


@pytest.mark.neo4j
@pytest.mark.timeout(1200)  # a busy machine takes a second to plan each of these queries for the first time
def test_neo4j_gives_the_same_rows(neo4j, store: Store, toy_graph: Graph) -> None:
    with neo4j.connect() as other:
        other.load(toy_graph)
        for title, cypher in QUERIES.items():
            found = sorted(map(repr, other.query(cypher))), sorted(map(repr, store.query(cypher)))
            assert found[0] == found[1], title
