"""From what papers say to the answer: records written by hand, resolved, loaded and asked."""

from collections.abc import Callable, Iterator

import pytest

from kg.ask import ask, find, lineage
from kg.resolve import resolve
from kg.stores import Store
from kg.stores.embedded import open_store
from kg.types import PAPER, Record


@pytest.fixture(scope="module")
def read(say: Callable[..., Record], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("from-records")
    records = [
        say(
            "2303.10001",
            "Alpaca",
            "Alpaca is fine-tuned from LLaMA-7B. It is compared with Mistral 7B.",
            ["Model! Alpaca", "Model LLaMA-7B", "Model Mistral 7B"],
            [
                ("Alpaca", "BUILT_ON", "LLaMA-7B", {"how": "fine-tuned"}),
                ("Alpaca", "COMPARED_TO", "Mistral 7B", {"outcome": "worse"}),
            ],
        ),
        say(
            "2309.10002",
            "Longer contexts",
            "We continue the pretraining of Llama 2 on long texts.",
            ["Model Llama 2"],
            [(PAPER, "BUILT_ON", "Llama 2", {"how": "continued-pretraining"})],
        ),
        say(
            "2404.10003",
            "A physician",
            "Llama-3-Physician starts from Llama3-8B.",
            ["Model! Llama-3-Physician", "Model Llama3-8B"],
            [("Llama-3-Physician", "BUILT_ON", "Llama3-8B", {"how": "continued-pretraining"})],
        ),
        say(
            "2401.10004",
            "Another base",
            "DictaLM2.0 is built on Mistral 7B.",
            ["Model! DictaLM2.0", "Model Mistral 7B"],
            [("DictaLM2.0", "BUILT_ON", "Mistral 7B", {"how": "adapted"})],
        ),
        say(
            "2405.10005",
            "On top of it",
            "Alpaca-Tiny was distilled from Alpaca.",
            ["Model! Alpaca-Tiny", "Model Alpaca"],
            [("Alpaca-Tiny", "BUILT_ON", "Alpaca", {"how": "distilled"})],
        ),
        say(
            "2406.10006",
            "Orca",
            "Orca-7B is fine-tuned from DictaLM2.0. Orca answers politely.",
            ["Model! Orca", "Model! Orca-7B", "Model DictaLM2.0"],
            [("Orca-7B", "BUILT_ON", "DictaLM2.0", {"how": "fine-tuned"})],
        ),
    ]
    graph = resolve(records, folder / "tables", graph="by hand", generation="1")
    with open_store(folder, write=True) as store:
        store.load(graph)
        yield store


def test_built_on_llama_includes_what_is_built_on_its_members_and_nothing_compared(read: Store) -> None:
    rows = {row["id"]: row for row in lineage(read, "Llama").rows}
    derived = {id for id, row in rows.items() if row["kind"] == "derivative"}
    assert derived == {"alpaca", "unnamed@2309.10002", "llama-3-physician", "alpaca-tiny"}
    assert all(rows[id]["evidence"] for id in derived)
    assert rows["unnamed@2309.10002"]["name"] == 'unnamed model of "Longer contexts"'
    assert {id for id, row in rows.items() if row["kind"] == "member"} >= {
        "llama-2",
        "llama-3-8b",
        "llama-7b",
    }


def test_the_cypher_of_the_answer_finds_the_same(read: Store) -> None:
    answer = ask(read, "what is built on Llama?")
    assert {row["id"] for row in read.query(answer.cypher, answer.parameters)} == {
        r["id"] for r in answer.rows
    }


def test_names_are_found_as_typed(read: Store) -> None:
    assert find(read, "LLaMA 3 8b").id == find(read, "llama3-8B").id
    assert find(read, "dicta lm 2.0").id == find(read, "DictaLM2.0").id
    assert {row["id"] for row in lineage(read, "Alpaca-Tiny", direction="up").rows} >= {
        "alpaca",
        "llama-7b",
        "llama",
    }


def test_what_is_said_of_a_member_answers_for_its_family_and_says_so(read: Store) -> None:
    for one, other in (("Orca", "Mistral 7B"), ("Mistral 7B", "Orca")):
        answer = lineage(read, one, direction="path", other=other)
        (row,) = answer.rows
        assert [link["subject"] for link in row["via"]] == ["orca-7b", "dictalm-2.0"]
        assert "Said of Orca-7B, a member of Orca, not of Orca itself." in answer.notes
    assert lineage(read, "Orca", direction="path", other="LLaMA-7B").rows == []


def test_an_empty_answer_says_that_no_paper_says_so(read: Store) -> None:
    assert ask(read, "what was Alpaca trained on").notes[0] == "No paper here says so."
