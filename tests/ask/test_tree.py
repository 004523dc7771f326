"""Answers drawn: trees, Mermaid, DOT and JSON."""

import json

import pydot
import pytest

from kg.ask import RENDERINGS, as_data, as_dot, as_json, as_mermaid, as_text, ask, lineage, show
from kg.stores import Store
from kg.types import Answer


def test_a_tree_hangs_every_row_below_what_it_is_built_on(store: Store) -> None:
    text = as_text(lineage(store, "Vicuna-7B"))
    assert text == (
        "Vicuna-7B\n└─ MiniGPT-4  [adapted]\n      “MiniGPT-4 keeps Vicuna-7B frozen and adapts to it.” (2304.00005)"
    )


def test_a_tree_upwards_begins_with_the_name_asked_for(store: Store) -> None:
    assert as_text(lineage(store, "MiniGPT-4", direction="up")).splitlines() == [
        "MiniGPT-4",
        "└─ Vicuna-7B  [adapted]",
        "   │  “MiniGPT-4 keeps Vicuna-7B frozen and adapts to it.” (2304.00005)",
        "   └─ Vicuna  [size of]",
        "MiniGPT-4 — possible, because stated of the family",
        "└─ Vicuna-7B  [adapted]",
        "   │  “MiniGPT-4 keeps Vicuna-7B frozen and adapts to it.” (2304.00005)",
        "   └─ Vicuna  [size of]",
        "      └─ LLaMA  [fine-tuned]",
        "            “Vicuna is obtained by fine-tuning LLaMA on ShareGPT.” (2303.00003)",
    ]


def test_a_tree_tells_derivatives_possible_ones_and_members_apart(store: Store) -> None:
    lines = as_text(lineage(store, "llama")).splitlines()
    assert [line for line in lines if line.startswith("LLaMA")] == [
        "LLaMA",
        "LLaMA — possible, because stated of the family",
        "LLaMA — members of the family, not counted as built on it",
    ]
    assert "├─ Guanaco  [fine-tuned, 2 papers]" in lines


def test_a_limit_says_what_it_leaves_out(store: Store) -> None:
    assert as_text(lineage(store, "llama"), limit=3).splitlines()[-1] == "… and 20 more (--all)"


def test_mermaid_has_every_link_once(store: Store) -> None:
    answer = lineage(store, "llama")
    links = {(v["subject"], v["object"]) for row in answer.rows for v in row["via"]}
    lines = as_mermaid(answer).splitlines()
    assert lines[0] == "flowchart BT"
    assert sum("-->|" in line or "-.->|" in line for line in lines) == len(links)
    assert any("unnamed model of #quot;Reading far with Llama 2#quot;" in line for line in lines)


def test_dot_is_read_by_graphviz_tools(store: Store) -> None:
    answer = lineage(store, "llama")
    (graph,) = pydot.graph_from_dot_data(as_dot(answer))
    links = {(v["subject"], v["object"]) for row in answer.rows for v in row["via"]}
    assert {(e.get_source().strip('"'), e.get_destination().strip('"')) for e in graph.get_edges()} == links


def test_quotes_and_backslashes_in_names_do_no_harm() -> None:
    link = {
        "edge": "e",
        "subject": 'a"b',
        "subject_name": 'A "b" \\ <c>',
        "relation": "BUILT_ON",
        "object": "y",
        "object_name": "Y",
    }
    row = {"id": "a", "name": "A", "kind": "derivative", "hops": 1, "via": [link], "evidence": []}
    answer = Answer("q", "c", {"id": "y"}, [row])
    (graph,) = pydot.graph_from_dot_data(as_dot(answer))
    assert len(graph.get_edges()) == 1
    assert '"A #quot;b#quot; \\ &lt;c&gt;"' in as_mermaid(answer)


def test_json_holds_the_whole_answer(store: Store) -> None:
    answer = lineage(store, "llama")
    data = json.loads(as_json(answer))
    assert data == as_data(answer)
    assert list(data) == ["question", "cypher", "parameters", "rows", "notes"]
    assert data["rows"][0]["evidence"][0]["quote"].startswith("Guanaco is LLaMA fine-tuned")


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_every_rendering_draws_every_kind_of_answer(store: Store, rendering: str) -> None:
    answers = [
        lineage(store, "llama"),
        lineage(store, "Lonely"),
        show(store, "BERT"),
        show(store, "2305.00006"),
    ]
    answers += [
        ask(store, q)
        for q in ("results on MMLU", "how big is llama", "the largest models", "no such thing at all")
    ]
    for answer in answers:
        assert isinstance(RENDERINGS[rendering](answer), str)


def test_a_list_shows_the_value_or_the_edge_and_a_quote(store: Store) -> None:
    assert as_text(ask(store, "results on SQuAD")).splitlines() == [
        "BERT  93.2 F1 on SQuAD",
        "   “BERT reaches an F1 of 93.2 on SQuAD.” (1810.00014)",
    ]
    assert as_text(ask(store, "what was BERT trained on"), quotes=0).splitlines() == [
        "BookCorpus  [BERT is trained on BookCorpus]",
        "Wikipedia  [BERT is trained on Wikipedia]",
    ]
