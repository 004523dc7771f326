"""Lineage over a real store: the same rows as its Cypher, chains that hold, quotes for every derivative."""

import pytest

from kg.ask import lineage
from kg.errors import NotFoundError, UsageError
from kg.stores import Store

Kinds = dict[str, str]


def kinds(store: Store, name: str, **options) -> Kinds:
    return {row["id"]: row["kind"] for row in lineage(store, name, **options).rows}


def test_what_is_built_on_llama(store: Store) -> None:
    assert kinds(store, "Llama") == {
        **dict.fromkeys(("guanaco", "vicuna", "alpaca", "phoenix", "orca", "ouro", "boros", "phoenixchat"), "derivative"),
        **dict.fromkeys(("tinyllama", "llama-3-physician", "llama-2-7b-chat", "unnamed@2309.00009"), "derivative"),
        **dict.fromkeys(("vicuna-7b", "vicuna-13b", "llava", "minigpt-4"), "via-family"),
        **dict.fromkeys(("llama-7b", "llama-13b", "llama-2", "llama-2-7b", "llama-3", "llama-3-8b"), "member"),
        "llama-3-8b-instruct": "member",
    }  # fmt: skip


def test_what_a_model_is_built_on(store: Store) -> None:
    assert kinds(store, "boros", direction="up") == {
        **dict.fromkeys(("ouro", "alpaca", "llama-7b", "llama"), "derivative"),
    }
    assert kinds(store, "Vicuna-7B", direction="up") == {"vicuna": "member", "llama": "via-family"}


def test_a_version_inherits_nothing_and_a_design_is_not_crossed(store: Store) -> None:
    found = kinds(store, "llama")
    assert "vicuna-v1.5" not in found
    assert found["tinyllama"] == "derivative"
    assert {"stackllama", "tinyllama-chat"}.isdisjoint(found)
    assert kinds(store, "TinyLlama") == {"stackllama": "derivative", "tinyllama-chat": "member"}


def test_carries_decides_what_counts(store: Store) -> None:
    every = kinds(store, "llama", carries=("weights", "knowledge", "unstated", "design", "part"))
    assert every["stackllama"] == "derivative"
    assert every["tinyllama-chat"] == "via-family"
    weights = kinds(store, "bert", carries=("weights",))
    assert weights == {"biobert": "derivative"}
    assert kinds(store, "CLIP", carries=("part",)) == {"llava": "derivative"}
    with pytest.raises(UsageError, match="'wheels'"):
        lineage(store, "bert", carries=("wheels",))


def test_an_unnamed_model_counts_and_shows_its_papers_title(store: Store) -> None:
    rows = {row["id"]: row for row in lineage(store, "llama").rows}
    row = rows["unnamed@2309.00009"]
    assert row["named"] is False
    assert row["name"] == 'unnamed model of "Reading far with Llama 2"'
    assert row["evidence"][0]["paper"] == "2309.00009"


ASKED = ("llama", "llama-7b", "llama-2", "bert", "vicuna", "vicuna-7b", "clip", "gpt-4", "ouro", "alpaca", "llava",
         "minigpt-4", "t5", "squad", "mmlu", "imagenet", "qlora", "lonely", "llama-3-8b-instruct", "glue")  # fmt: skip


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("name", ASKED)
def test_its_cypher_run_by_hand_finds_the_same(store: Store, name: str, direction) -> None:
    for options in (
        {},
        {"carries": ("weights", "design")},
        {"min_support": 2},
        {"min_confidence": 901},
    ):
        answer = lineage(store, name, direction=direction, **options)
        by_hand = store.query(answer.cypher, answer.parameters)
        assert {(r["id"], r["name"], r["kind"], r["hops"]) for r in by_hand} == {
            (r["id"], r["name"], r["kind"], r["hops"]) for r in answer.rows
        }


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("name", ASKED)
def test_rows_keep_the_laws_of_lineage(store: Store, name: str, direction) -> None:
    for row in lineage(store, name, direction=direction).rows:
        assert {"id", "name", "kind", "via", "evidence", "hops", "support", "confidence"} <= row.keys()
        building = [link for link in row["via"] if link["relation"] != "PART_OF"]
        assert {link["relation"] for link in row["via"]} <= {"BUILT_ON", "DERIVED_FROM", "PART_OF"}
        assert bool(building) == (row["kind"] != "member")
        assert all(a["object"] == b["subject"] for a, b in zip(row["via"], row["via"][1:], strict=False))
        assert row["id"] == (row["via"][0]["subject"] if direction == "down" else row["via"][-1]["object"])
        edges = {link["edge"] for link in building}
        assert edges == {e["edge"] for e in row["evidence"]} or row["kind"] == "member"
        assert all(e["paper"] and e["quote"] for e in row["evidence"])


def test_quotes_are_the_papers_own_words(store: Store) -> None:
    (row,) = [r for r in lineage(store, "llama").rows if r["id"] == "alpaca"]
    (piece,) = row["evidence"]
    paper = store.query(
        "MATCH (p:Paper {id: $id}) RETURN p.title AS title, p.abstract AS abstract", {"id": piece["paper"]}
    )
    text = f"{paper[0]['title']}\n{paper[0]['abstract']}"
    assert text[piece["start"] : piece["end"]] == piece["quote"]
    assert piece["subject_text"] == "Alpaca"
    assert piece["title"] == "Alpaca follows instructions"


def test_rows_come_by_kind_then_support_then_name(store: Store) -> None:
    rows = lineage(store, "llama").rows
    assert [r["name"] for r in rows[:4]] == ["Guanaco", "Alpaca", "Boros", "Llama-2-7B-Chat"]
    order = ["derivative", "via-family", "member"]
    assert [r["kind"] for r in rows] == sorted((r["kind"] for r in rows), key=order.index)


def test_a_name_that_may_be_two_things_is_told_in_every_chain_through_it(store: Store) -> None:
    answer = lineage(store, "llama")
    warned = {row["id"] for row in answer.rows if "warnings" in row}
    assert warned == {"phoenix", "phoenixchat"}
    assert "Several papers introduce Phoenix: two things may share the name." in answer.notes


def test_limits_hide_rows_and_say_how_many(store: Store) -> None:
    answer = lineage(store, "llama", min_support=2)
    assert [row["id"] for row in answer.rows if row["kind"] == "derivative"] == ["guanaco"]
    assert "14 rows hidden: support under 2." in answer.notes
    assert answer.notes[-1] == "26 papers read."


def test_a_limit_cuts_and_counts(store: Store) -> None:
    answer = lineage(store, "llama", limit=5)
    assert len(answer.rows) == 5
    assert "… and 18 more." in answer.notes


def test_hops_are_bounded(store: Store) -> None:
    assert kinds(store, "llama-7b", max_hops=1) == {"alpaca": "derivative", "phoenix": "derivative"}


def test_the_way_between_two_is_found_from_either_end(store: Store) -> None:
    one = lineage(store, "MiniGPT-4", direction="path", other="llama")
    other = lineage(store, "llama", direction="path", other="MiniGPT-4")
    assert one.rows == other.rows
    (row,) = one.rows
    assert (row["id"], row["kind"]) == ("llama", "via-family")
    assert [link["object"] for link in row["via"]] == ["vicuna-7b", "vicuna", "llama"]
    assert store.query(one.cypher, one.parameters) == [
        {"id": "llama", "name": "LLaMA", "kind": "via-family", "hops": 3}
    ]


def test_two_that_do_not_descend_from_each_other_are_told_what_they_share(store: Store) -> None:
    answer = lineage(store, "alpaca", direction="path", other="orca")
    assert answer.rows == []
    assert "Neither descends from the other; both descend from LLaMA (llama)." in answer.notes
    assert (
        "No chain of papers' statements" in lineage(store, "bert", direction="path", other="llama").notes[0]
    )
    with pytest.raises(UsageError, match="two things"):
        lineage(store, "Llama", direction="path", other="LLaMA")
    with pytest.raises(UsageError, match="two names"):
        lineage(store, "Llama", direction="path")


def test_nothing_found_is_told(store: Store) -> None:
    assert lineage(store, "Lonely").notes[0] == "No paper here says that anything is built on Lonely."
    assert lineage(store, "Lonely", direction="up").notes[0] == "No paper here says what Lonely is built on."


def test_a_paper_stands_for_the_one_model_that_it_introduces(store: Store) -> None:
    assert kinds(store, "2309.00009", direction="up") == {"llama-2": "derivative", "llama": "derivative"}
    with pytest.raises(UsageError, match="introduces Boros, Ouro"):
        lineage(store, "2402.00023")


def test_data_descends_by_derivation(store: Store) -> None:
    answer = lineage(store, "SQuAD")
    assert [(r["id"], r["kind"], r["via"][0]["relation"]) for r in answer.rows] == [
        ("squad-2.0", "derivative", "DERIVED_FROM")
    ]
    assert kinds(store, "GLUE") == {"sst-2": "member"}


def test_an_unknown_name_has_near_misses(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Did you mean Alpaca"):
        lineage(store, "alpacca")
