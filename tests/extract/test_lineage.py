"""Lineage is what words of making say, and nothing else; plain introductions are trusted."""

import pytest

from kg.extract import extractor
from kg.jsonl import check
from kg.types import Paper


def built_on(title, abstract):
    paper = Paper("p", title, abstract)
    record = extractor().extract(paper)
    check(record)
    found = {}
    for triple in record.triples:
        if triple.relation == "BUILT_ON":
            (evidence,) = triple.evidence
            found[triple.subject, triple.object] = (triple.how, paper.text[slice(*evidence.sentence)])
    return found


@pytest.mark.parametrize(
    ("title", "abstract", "subject", "base", "how"),
    [
        (
            "MedAlpaca: a medical assistant",
            "We present MedAlpaca, a model fine-tuned from LLaMA 7B on medical dialogues.",
            "MedAlpaca", "LLaMA 7B", "fine-tuned",
        ),
        (
            "Continual pre-training that keeps what a model knows",
            "We study continual pre-training. We apply our recipe to the Llama-3-8B model. The resulting model, Asclepius-8B, "
            "does better than GPT-4 on two medical benchmarks.",
            "Asclepius-8B", "Llama-3-8B", "continued-pretraining",
        ),
        (
            "DistilBERT: a smaller BERT",
            "We introduce DistilBERT, which is distilled from BERT and keeps most of its accuracy.",
            "DistilBERT", "BERT", "distilled",
        ),
        (
            "HareBERT: more features for less",
            "Pretrained language models like BERT are expensive in memory. We propose HareBERT, with cheap operations that "
            "bring more features to BERT. HareBERT saves a third of the memory.",
            "HareBERT", "BERT", None,
        ),
    ],
)  # fmt: skip
def test_reads(title, abstract, subject, base, how):
    found = built_on(title, abstract)
    assert (subject, base) in found
    assert how is None or found[subject, base][0] == how
    assert base in found[subject, base][1]


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "OpenHare: an open language model",
            "We release OpenHare, a 7B model trained from scratch. OpenHare outperforms LLaMA 7B and is on par with Mistral 7B.",
        ),
        (
            "OpenHare: an open language model",
            "Models such as BERT, GPT-3 and T5 have changed the field. We present OpenHare, trained on public text.",
        ),
        (
            "OpenHare: an open language model",
            "Unlike Falcon, OpenHare uses no proprietary text. Compared with Llama 2, OpenHare needs half the memory.",
        ),
        ("A survey of open models", "We compare Llama 2, Mistral 7B and Gemma on reasoning tasks."),
        (
            "HareBERT: reading faster",
            "We present HareBERT, trained from scratch on public text. HareBERT outperforms BERT and RoBERTa on GLUE.",
        ),
        (
            "HareGemma-2B: long sequences at ease",
            "We release HareGemma-2B, a recurrent language model trained on 2T tokens. It performs similarly to Gemma-2B, "
            "which saw 3T tokens, but generates long sequences faster.",
        ),
        (
            "HareGPT-4: pictures to words",
            "HareGPT-4 writes websites from sketches, an ability that was shown for GPT-4. It needs little data.",
        ),
    ],
)
def test_comparison_and_background_are_no_lineage(title, abstract):
    assert built_on(title, abstract) == {}


def test_what_it_is_compared_with_is_not_built_on_its_base():
    found = built_on(
        "SlideWriter: slides from words",
        "We create SlideWriter, an 8B Llama-based model trained on 7k pairs, and reach results comparable to GPT-4o.",
    )
    assert ("SlideWriter", "Llama") in found
    assert not any(subject == "GPT-4o" for subject, _ in found)


@pytest.mark.parametrize(
    ("title", "abstract", "name"),
    [
        ("RoBERTa: a robustly optimised BERT", "RoBERTa is BERT trained for longer on more text.", "RoBERTa"),
        (
            "Small models for phones",
            "In this paper, we introduce TinyLlama, a compact language model.",
            "TinyLlama",
        ),
        (
            "Long contexts",
            "We train on longer sequences. The resulting model, LongAlpaca, reads books.",
            "LongAlpaca",
        ),
    ],
)
def test_plain_introductions_are_trusted(title, abstract, name):
    record = extractor().extract(Paper("p", title, abstract))
    assert [e.introduced for e in record.entities if e.name == name] == [True]
