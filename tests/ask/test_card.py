"""The card of a thing: its facts, both ways, with quotes."""

from kg.ask import as_text, show
from kg.stores import Store


def test_a_card_says_what_a_thing_is(store: Store) -> None:
    card = show(store, "llama").rows[0]
    assert (card["kind"], card["type"], card["id"]) == ("card", "Model", "llama")
    assert card["facts"] == {
        "parameters": "7B, 65B",
        "introduced by": ["LLaMA: small models on open data (2302.00001)"],
        "introduced in": 2023,
        "papers": card["properties"]["papers"],
    }


def test_facts_stand_in_both_directions_with_quotes(store: Store) -> None:
    rows = show(store, "Vicuna-13B").rows[1:]
    found = {(row["heading"], row["id"]) for row in rows if row["kind"] != "RESULT"}
    assert found == {
        ("Vicuna-13B is part of", "vicuna"),
        ("Vicuna-13B is evaluated on", "mt-bench"),
        ("Vicuna-13B is compared with", "alpaca"),
        ("Vicuna-13B is compared with", "gpt-4"),
        ("is built on Vicuna-13B", "llava"),
        ("is compared with Vicuna-13B", "orca"),
    }
    for row in rows:
        assert row["via"]
        assert row["evidence"] or row["via"][0].get("origin") == "name"


def test_results_stand_on_the_card(store: Store) -> None:
    rows = [row for row in show(store, "MMLU").rows if row["kind"] == "RESULT"]
    assert [row["name"] for row in rows] == [
        "41.7% accuracy (Guanaco)",
        "45.3% accuracy (Llama 2)",
        "60.1% accuracy (Mistral-7B)",
    ]
    assert all(row["evidence"][0]["quote"] for row in rows)


def test_a_name_tells_the_size_and_the_family(store: Store) -> None:
    facts = show(store, "Llama-2-7B").rows[0]["facts"]
    assert facts["parameters"] == "7B (its name says so)"
    assert facts["family"] == ["Llama 2"]
    assert show(store, "CLIP").rows[0]["facts"]["also called"] == ["Contrastive Language-Image Pre-training"]


def test_many_facts_are_cut_and_counted(store: Store) -> None:
    answer = show(store, "BERT", limit=1)
    assert "is built on BERT: 3 more." in answer.notes
    headings = [row["heading"] for row in answer.rows[1:]]
    assert len(headings) == len(set(headings))


def test_a_paper_has_a_card(store: Store) -> None:
    answer = show(store, "2305.00006")
    assert answer.rows[0]["facts"] == {"published": "2023", "url": "https://arxiv.org/abs/2305.00006"}
    introduced = {row["id"] for row in answer.rows if row["kind"] == "INTRODUCES"}
    assert introduced == {"qlora", "guanaco"}
    states = [
        row["name"] for row in answer.rows if row["heading" if "heading" in row else "kind"] == "states"
    ]
    assert "Guanaco BUILT_ON LLaMA" in states
    assert "“QLoRA extends LoRA.” (2305.00006)" in as_text(answer)


def test_a_name_that_may_be_two_things_is_told(store: Store) -> None:
    assert "Several papers introduce Phoenix: two things may share the name." in show(store, "Phoenix").notes


def test_the_cypher_of_a_card_runs(store: Store) -> None:
    answer = show(store, "LLaVA")
    assert {row["relation"] for row in store.query(answer.cypher, answer.parameters)} >= {
        "BUILT_ON",
        "ADDRESSES",
    }
