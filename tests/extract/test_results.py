"""Scores in sentences: absolute ones are read, gains and counts are left alone."""

import pytest

from kg.extract.document import Document
from kg.extract.gold import locate
from kg.extract.results import read_results

NAMED = [
    {"name": "RoBERTa", "type": "Model", "introduced": True},
    {"name": "SQuAD", "type": "Dataset"},
    {"name": "MNLI", "type": "Dataset"},
    {"name": "accuracy", "type": "Metric"},
    {"name": "F1", "type": "Metric"},
]


def results(sentence):
    document = Document(f"A title\n{sentence}", 7)
    found = read_results(document, locate(document.text, NAMED))
    for result in found:
        (evidence,) = result.evidence
        assert document.text[slice(*evidence.object)] == result.value
        assert document.text[slice(*evidence.sentence)] == sentence
    return [(r.subject, r.on, r.metric, r.value) for r in found]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("RoBERTa achieves an accuracy of 90.2% on MNLI.", [("RoBERTa", "MNLI", "accuracy", "90.2%")]),
        ("RoBERTa reaches 94.6 F1 on SQuAD.", [("RoBERTa", "SQuAD", "F1", "94.6")]),
        ("We obtain 90.2% accuracy.", [("RoBERTa", None, "accuracy", "90.2%")]),
        (
            "RoBERTa scores 90.2% on MNLI and 94.6% on SQuAD.",
            [("RoBERTa", "MNLI", None, "90.2%"), ("RoBERTa", "SQuAD", None, "94.6%")],
        ),
        ("RoBERTa lifts F1 from 88.5 to 94.6 on SQuAD.", [("RoBERTa", "SQuAD", "F1", "94.6")]),
        ("With an accuracy of 90.2% it leads.", [("RoBERTa", None, "accuracy", "90.2%")]),
    ],
)
def test_reads(sentence, expected):
    assert results(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "RoBERTa improves accuracy by 2.5% on MNLI.",
        "RoBERTa gains 2.5 points of accuracy on MNLI.",
        "RoBERTa reaches the accuracy on MNLI with 10.5% fewer parameters.",
        "RoBERTa was trained for 3.5 days.",
        "RoBERTa achieves up to 12.5% performance improvement on MNLI.",
        "RoBERTa achieves absolute gains of 1.5% and 2.5% in accuracy on MNLI.",
    ],
)
def test_leaves_alone(sentence):
    assert results(sentence) == []
