"""Numbers, units and ranges, as a reader of abstracts meets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.quantity import quantities, with_lead


def read(text):
    return [(q.value, q.unit) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 7B model", [(7_000_000_000, "parameters")]),
        ("with 1.46 billion parameters", [(1_460_000_000, "parameters")]),
        ("1.46B-parameter decoder", [(1_460_000_000, "parameters")]),
        ("236B total parameters, of which 21B are activated", [(236e9, "parameters"), (21e9, "parameters")]),
        ("7k pairs of instructions", [(7000, "pairs")]),
        ("trained on 380B tokens", [(380e9, "tokens")]),
        ("349GB of text", [(349e9, "bytes")]),
        ("five trillion tokens", [(5e12, "tokens")]),
        ("15 trillion-token dataset", [(15e12, "tokens")]),
        ("1 to 27 billion parameters", [(1e9, "parameters"), (27e9, "parameters")]),
        ("2, 7, and 40 billion parameters", [(2e9, "parameters"), (7e9, "parameters"), (40e9, "parameters")]),
        ("sizes 0.5B, 1.5B and 7B", [(5e8, "parameters"), (1.5e9, "parameters"), (7e9, "parameters")]),
        ("12,500 competition problems", [(12500, "problems")]),
        ("1.5M human-annotated images", [(1_500_000, "images")]),
        ("101 languages", [(101, "languages")]),
        ("covers eight languages", [(8, "languages")]),
        ("$3$B parameters", [(3e9, "parameters")]),
        ("a 14B video generation model", [(14e9, "parameters")]),
        ("64 experts", [(64, "experts")]),
        ("680,000 hours of audio", [(680_000, "hours")]),
    ],
)
def test_reads(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "an accuracy of 97.5%",
        "improves by 3x",
        "in 2023 and 2024",
        "8-bit weights",
        "GPT-4 and Llama-3-8B",
        "LLaMA-65B",
        "version 1.5",
        "tens of thousands of images",
        "ResNet-50",
        "https://example.org/7B",
        "F1 of 88.5",
    ],
)
def test_leaves_alone(text):
    assert read(text) == []


def test_active_parameters_are_marked():
    total, active = quantities("a mixture of experts with 47B parameters and 13B active parameters")
    assert (total.active, active.active) == (False, True)


def test_a_chain_shares_a_group():
    groups = [q.group for q in quantities("2B, 7B and 13B; trained on 3T tokens")]
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_the_lead_belongs_to_the_quantity():
    text = "It holds more than 7k pairs."
    (q,) = quantities(text)
    assert text[slice(*with_lead(text, (q.start, q.end)))] == "more than 7k pairs"


@given(st.text())
def test_never_fails_and_never_leaves_the_text(text):
    for q in quantities(text):
        assert 0 <= q.start < q.end <= len(text)
        assert q.value > 0


@given(st.floats(0.1, 999).map(lambda x: round(x, 1)), st.sampled_from("MBT"))
def test_a_number_of_parameters_reads_back(number, scale):
    factor = {"M": 10**6, "B": 10**9, "T": 10**12}[scale]
    (q,) = quantities(f"with {number}{scale} parameters")
    assert q.value == pytest.approx(number * factor)


def test_a_line_break_may_part_a_worded_number():
    (found,) = quantities("two\nhundred images")
    assert (found.value, found.unit, found.start) == (200, "images", 0)
