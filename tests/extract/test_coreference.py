"""Names that are one thing are joined; versions, members and parts are not."""

import pytest

from kg.extract import extractor
from kg.extract.coreference import _stands_for, couples, joined
from kg.extract.document import Document
from kg.extract.linear import Linear
from kg.types import Paper, RecordEntity


def entity(
    text: str, name: str, kind: str, *, confidence: int = 900, introduced: bool = False
) -> RecordEntity:
    start = text.index(name)
    return RecordEntity(name, kind, (), introduced, confidence, ((start, start + len(name)),))


class Always(Linear):
    """A model that joins every couple that it is shown."""

    def __init__(self) -> None:
        import numpy as np

        super().__init__(["yes"], np.zeros((1, 2), np.int16), [1])


@pytest.mark.parametrize(
    ("short", "long", "how"),
    [
        ("VLN", "vision-and-language navigation", "exact"),
        ("ASR", "Automatic Speech Recognition", "exact"),
        ("PEFT", "parameter-efficient fine-tuning", "exact"),
        ("TRAPO", "Trust-Region Adaptive Policy Optimization", "exact"),
        ("NaViT", "Native Vision Transformer", "beginnings"),
        ("LoRA", "low-rank adaptation", "beginnings"),
        ("GLUE", "machine translation", ""),
        ("BERT", "masked language modeling", ""),
    ],
)
def test_initials(short, long, how):
    assert _stands_for(short, long) == how


def test_joined_is_one_entity_with_the_fullest_name_and_all_places():
    text = "Speech Recognition for All\nWe study automatic speech recognition. ASR is hard."
    document = Document(text, 26)
    entities = [
        entity(text, "automatic speech recognition", "Task", confidence=700),
        entity(text, "ASR", "Task", introduced=True),
    ]
    (one,) = joined(document, entities, Always())
    assert one.name == "automatic speech recognition"
    assert one.aliases == ("ASR",)
    assert one.introduced
    assert one.confidence == 900
    assert [text[a:b] for a, b in one.mentions] == ["automatic speech recognition", "ASR"]


def test_only_names_of_one_kind_meet():
    text = "T\nBERT is tested on BERTBench and on the Biased Event Role Task."
    document = Document(text, 1)
    entities = [
        entity(text, "BERT", "Model"),
        entity(text, "BERTBench", "Benchmark"),
        entity(text, "Biased Event Role Task", "Task"),
    ]
    assert list(couples(document, entities)) == []
    assert joined(document, entities, Always()) == entities


def test_a_model_named_after_a_known_one_is_not_that_one():
    text = "T\nWe call it domain-tuned Llama 3, since Llama 3 is its base."
    document = Document(text, 1)
    entities = [
        entity(text, "domain-tuned Llama 3", "Model"),
        RecordEntity("Llama 3", "Model", mentions=((text.rindex("Llama 3"), text.rindex("Llama 3") + 7),)),
    ]
    assert len(list(couples(document, entities))) == 1
    assert joined(document, entities, Always()) == entities


def read(title: str, abstract: str) -> dict[str, tuple[str, ...]]:
    record = extractor().extract(Paper("1", title, abstract))
    return {e.name: e.aliases for e in record.entities}


def test_a_short_form_that_is_never_explained_joins_its_long_form():
    names = read(
        "Instruction Following for Vision-and-Language Navigation",
        "We release NavGPT-2, an agent for VLN that follows instructions. It improves VLN over DUET.",
    )
    assert "VLN" in names["Vision-and-Language Navigation"]


@pytest.mark.parametrize(
    ("one", "other"), [("Llama 2", "Llama 3"), ("Qwen2.5-7B", "Qwen2.5-72B"), ("BERT", "RoBERTa")]
)
def test_versions_sizes_and_namesakes_stay_apart(one, other):
    names = read(
        "A Study of Two Models", f"We compare {one} with {other} on GSM8K. {one} is better than {other}."
    )
    assert {one, other} <= set(names)
