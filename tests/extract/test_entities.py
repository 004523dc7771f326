import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extract.abbreviations import abbreviations
from kg.extract.document import Document
from kg.extract.entities import read_all, read_entities
from kg.extract.reader import CLASSES, reader
from kg.jsonl import check
from kg.types import Paper, Record, RecordEntity

TITLE = "FoldLM: A Compact Language Model for Protein Question Answering"
ABSTRACT = (
    "Large language models such as GPT-4 struggle with protein data. We present FoldLM, a language model with 1.3B "
    "parameters that is fine-tuned from Llama 2 on UniRef50. To train it cheaply we use Low-Rank Adaptation (LoRA). "
    "We also release FoldBench, a benchmark of 4,000 questions. On FoldBench and PubMedQA, FoldLM outperforms "
    "BERT-based models and BioGPT in accuracy."
)


def document(title: str, abstract: str) -> Document:
    return Document(f"{title}\n{abstract}", len(title))


@pytest.fixture(scope="module")
def found() -> dict[str, RecordEntity]:
    return {e.name: e for e in read_entities(document(TITLE, ABSTRACT))}


@pytest.mark.parametrize(
    ("name", "type", "introduced"),
    [
        ("FoldLM", "Model", True),
        ("Llama 2", "Model", False),
        ("GPT-4", "Model", False),
        ("BERT", "Model", False),
        ("BioGPT", "Model", False),
        ("FoldBench", "Benchmark", True),
        ("Low-Rank Adaptation", "Method", False),
        ("accuracy", "Metric", False),
    ],
)
def test_reads_what_a_careful_reader_would(found, name, type, introduced):
    assert name in found
    assert (found[name].type, found[name].introduced) == (type, introduced)


def test_a_long_and_a_short_form_are_one_entity(found):
    assert "LoRA" in found["Low-Rank Adaptation"].aliases


def test_every_place_of_a_name_is_a_mention(found):
    text = f"{TITLE}\n{ABSTRACT}"
    assert len(found["FoldLM"].mentions) == text.count("FoldLM")
    assert all(text[a:b] == "FoldLM" for a, b in found["FoldLM"].mentions)


def test_classes_are_no_names(found):
    assert not {"Large language models", "language models", "Language Model"} & set(found)


def test_a_short_name_yields_to_the_longer_around_it():
    text = "We compare RoBERTa-large with RoBERTa on GLUE."
    found = {e.name: e for e in read_entities(document("Sizes of encoders", text))}
    assert {"RoBERTa", "RoBERTa-large"} <= set(found)
    assert len(found["RoBERTa"].mentions) == 1


@pytest.mark.parametrize(
    ("sentence", "name", "type"),
    [
        ("We evaluate on SQuAD.", "SQuAD", "Dataset"),
        ("We evaluate on MMLU and GSM8K.", "GSM8K", "Benchmark"),
        ("We fine-tune Mistral 7B.", "Mistral 7B", "Model"),
        ("Training uses DPO.", "DPO", "Method"),
        ("It runs on top of Stable Diffusion.", "Stable Diffusion", "Model"),
    ],
)
def test_a_known_name_is_not_lost(sentence, name, type):
    found = {e.name: e.type for e in read_entities(document("A short study", sentence))}
    assert found.get(name) == type


@pytest.mark.parametrize("text", ["", " ", "\n", "a", "...", "((((", "￿"])
def test_nothing_to_read_is_no_error(text):
    assert read_entities(Document(text, 0)) == []


PIECES = [
    "We present", "GPT-4", "LLaMA-2-7B", "(LoRA)", "Low-Rank Adaptation", ",", ".", "and", "on", "MMLU", "BERT", "-based",
    "the", "dataset", "called", "X", "–", "“Foo-Bar”", "F1", "\n", "machine translation", "outperforms", "Ünïcode-Net",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(0, 40))
def test_whatever_is_read_keeps_the_contract(pieces, cut):
    text = " ".join(pieces)
    title, abstract = text[:cut], text[cut:]
    paper = Paper("x", title, abstract)
    entities = read_entities(Document(paper.text, len(title)))
    check(Record(paper, "test", tuple(entities)))
    taken = sorted(m for e in entities for m in e.mentions)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(taken))
    assert all(0 <= e.confidence <= 1000 for e in entities)


def test_a_text_is_read_alike_in_any_company():
    texts = [
        (TITLE, ABSTRACT),
        ("On GLUE", "BERT is old. XLNet is not."),
        ("Empty", ""),
        (ABSTRACT[:60], TITLE),
    ]
    texts += [(f"Net{i}: a model", f"We propose Net{i}, tested on CIFAR-{i}0.") for i in range(40)]
    documents = [document(*t) for t in texts]
    alone = [read_entities(d) for d in documents]
    assert read_all(documents) == alone
    order = list(range(len(texts)))
    random.Random(1).shuffle(order)
    assert read_all([documents[i] for i in order]) == [alone[i] for i in order]


def test_forgetting_words_changes_nothing():
    before = read_entities(document(TITLE, ABSTRACT))
    reader().tagger.forget()
    assert read_entities(document(TITLE, ABSTRACT)) == before


def test_what_is_dropped_has_a_reason():
    (decisions,) = reader().decide([document(TITLE, ABSTRACT)])
    assert all(d.entity or d.reason for d in decisions)
    assert all(len(d.chances) == len(CLASSES) and abs(sum(d.chances) - 1) < 1e-9 for d in decisions)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("direct preference optimisation (DPO)", [("direct preference optimisation", "DPO")]),
        (
            "CLIP (contrastive language-image pre-training)",
            [("contrastive language-image pre-training", "CLIP")],
        ),
        ("We use BERT (Devlin et al., 2019).", []),
        ("as shown (see Table 2)", []),
        ("a Mixture of Experts~(MoE) layer", [("Mixture of Experts", "MoE")]),
    ],
)
def test_abbreviations(text, pairs):
    assert [(text[slice(*a.long)], text[slice(*a.short)]) for a in abbreviations(text)] == pairs
