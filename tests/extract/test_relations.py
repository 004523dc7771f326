"""What is read of whole papers, with their entities given: lineage that means it, and evidence to the character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import demo
from kg.extract import extractor
from kg.extract.document import Document
from kg.extract.gold import locate
from kg.extract.relations import read_triples
from kg.schema import schema
from kg.types import PAPER, RecordEntity, Triple


def read(title: str, abstract: str, *named: tuple[str, str]) -> list[Triple]:
    """Reads a paper; `named` is (name, type), type with + where introduced."""
    text = f"{title}\n{abstract}"
    entities = locate(
        text,
        [{"name": n, "type": t.rstrip("+"), "introduced": t.endswith("+"), "aliases": []} for n, t in named],
    )
    found = read_triples(Document(text, len(title)), entities)
    types = {e.name: e.type for e in entities} | {PAPER: "Paper"}
    for triple in found:
        assert schema().allows(types[triple.subject], triple.relation, types[triple.object])
        assert 1 <= triple.confidence <= 1000
        for evidence in triple.evidence:
            start, end = evidence.sentence
            for span in (evidence.subject, evidence.object):
                assert span is None or start <= span[0] < span[1] <= end
            assert evidence.object is not None
            assert text[slice(*evidence.object)] == triple.object
            assert start == 0 or text[start - 1].isspace()
            assert text[start:end] == text[start:end].strip()
    assert len({t.identity for t in found}) == len(found)
    return found


def facts(found: list[Triple], relation: str) -> set[tuple[str, str]]:
    return {(t.subject, t.object) for t in found if t.relation == relation}


VICUNA = (
    "Vicuna: An Open Chatbot",
    (
        "We introduce Vicuna, a chatbot fine-tuned from LLaMA on shared conversations. Vicuna is evaluated on MT-Bench. "
        "Vicuna outperforms Alpaca on MT-Bench."
    ),
    ("Vicuna", "Model+"),
    ("LLaMA", "Model"),
    ("Alpaca", "Model"),
    ("MT-Bench", "Benchmark"),
)


def test_a_fine_tuned_model_is_built_on_its_base_and_not_on_what_it_beats() -> None:
    found = read(*VICUNA)
    assert facts(found, "BUILT_ON") == {("Vicuna", "LLaMA")}
    assert facts(found, "COMPARED_TO") == {("Vicuna", "Alpaca")}
    assert facts(found, "EVALUATED_ON") == {("Vicuna", "MT-Bench")}


def test_evidence_names_the_rule_the_words_and_how() -> None:
    (built,) = [t for t in read(*VICUNA) if t.relation == "BUILT_ON"]
    (evidence,) = built.evidence
    text = f"{VICUNA[0]}\n{VICUNA[1]}"
    assert built.how == "fine-tuned"
    assert evidence.rule == "built_on/fine-tuned-from"
    assert text[slice(*evidence.sentence)].startswith("We introduce Vicuna")
    assert evidence.subject is not None
    assert text[slice(*evidence.subject)] == "Vicuna"


def test_outcome_says_who_did_better() -> None:
    (compared,) = [t for t in read(*VICUNA) if t.relation == "COMPARED_TO"]
    assert compared.outcome == "better"


def test_the_papers_own_unnamed_model_is_the_subject_where_nothing_is_named() -> None:
    found = read(
        "Long contexts for open models",
        "Long inputs are hard. We continue pre-training Llama 2 on longer sequences. Our models improve on long tasks.",
        ("Llama 2", "Model"),
    )
    assert facts(found, "BUILT_ON") == {(PAPER, "Llama 2")}


@pytest.mark.parametrize(
    "sentence",
    [
        "Unlike {base}, Polyglot-Z is trained from scratch.",
        "Models such as {base} have achieved remarkable success.",
        "Polyglot-Z outperforms {base} by a wide margin.",
        "Compared with {base}, Polyglot-Z is twice as fast.",
        "Polyglot-Z is on par with {base}.",
        "Polyglot-Z is not fine-tuned from {base}.",
        "In contrast to {base}, Polyglot-Z needs no labels.",
    ],
)
@pytest.mark.parametrize("base", ["LLaMA", "GPT-4", "Mistral 7B"])
def test_comparison_background_and_negation_never_make_lineage(sentence: str, base: str) -> None:
    abstract = (
        f"We present Polyglot-Z, a language model of our own. {sentence.format(base=base)} Code is released."
    )
    found = read("Polyglot-Z: speaking many languages", abstract, ("Polyglot-Z", "Model+"), (base, "Model"))
    assert facts(found, "BUILT_ON") == set()


def test_what_is_said_of_something_named_is_not_said_of_the_paper_too() -> None:
    seen = 0
    for record in extractor().extract_all(demo.papers(), processes=1):
        own = {e.name for e in record.entities if e.introduced}
        of_own = {(t.relation, t.object) for t in record.triples if t.subject in own}
        of_paper = {(t.relation, t.object) for t in record.triples if t.subject == PAPER}
        said = {r for r, _ in of_own & of_paper}
        assert said <= {"APPLIED_TO", "HAS_SIZE"}, record.paper.id
        seen += bool(of_own) and bool(of_paper)
    assert seen > 10


def test_nothing_named_gives_nothing() -> None:
    assert read("On learning", "We think about learning.") == []


WORDS = [
    "We",
    "fine-tune",
    "outperforms",
    "LLaMA",
    "Vicuna",
    "on",
    "MMLU",
    ".",
    ",",
    "based",
    "is",
    "from",
    "(",
    "it",
]


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_run_of_words_is_read_whole_and_twice_the_same(words: list[str]) -> None:
    named = (("LLaMA", "Model"), ("Vicuna", "Model+"), ("MMLU", "Benchmark"))
    assert read("Vicuna", " ".join(words), *named) == read("Vicuna", " ".join(words), *named)


def test_entities_without_mentions_are_left_out() -> None:
    entities = [RecordEntity("LLaMA", "Model"), RecordEntity("Vicuna", "Model", introduced=True)]
    assert read_triples(Document("A title\nSome words.", 7), entities) == []
