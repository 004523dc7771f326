"""Whose size is it, on sentences about real models."""

import numpy as np
import pytest

from kg.extract.document import Document
from kg.extract.gold import locate
from kg.extract.linear import SCALE, Linear, fit, probability, save
from kg.extract.sizes import read_sizes
from kg.extract.train_sizes import load


@pytest.fixture(scope="module")
def model():
    from importlib.resources import files

    return load(np.load(str(files("kg") / "model" / "sizes.npz")))


def sizes(model, title, abstract, *entities):
    named = [{"name": n, "type": t, "introduced": i} for n, t, i in entities]
    document = Document(f"{title}\n{abstract}", len(title))
    return document, read_sizes(document, locate(document.text, named), model)


def test_a_model_owns_its_parameters_and_its_training_tokens(model):
    document, found = sizes(
        model,
        "TinyLlama: a compact open language model",
        "We present TinyLlama, a 1.1B language model pretrained on around 3 trillion tokens.",
        ("TinyLlama", "Model", True),
    )
    assert [(t.subject, t.value, t.unit) for t in found] == [
        ("TinyLlama", 1_100_000_000, "parameters"),
        ("TinyLlama", 3_000_000_000_000, "training tokens"),
    ]
    for triple in found:
        (evidence,) = triple.evidence
        quote = document.text[slice(*evidence.sentence)]
        assert quote.startswith(("We present TinyLlama", "TinyLlama: "))
        assert document.text[slice(*evidence.object)] == triple.object


def test_a_benchmark_owns_what_it_holds(model):
    _, found = sizes(
        model,
        "GSM8K: grade school mathematics",
        "We introduce GSM8K, a dataset of 8.5K linguistically diverse grade school math word problems.",
        ("GSM8K", "Benchmark", True),
    )
    assert [(t.subject, t.value) for t in found] == [("GSM8K", 8500)]


def test_a_size_inside_a_name_is_none(model):
    _, found = sizes(
        model,
        "Vicuna",
        "Vicuna is obtained by fine-tuning Llama-2-13B, and it is compared with Llama-3 8B.",
        ("Vicuna", "Model", True),
        ("Llama-2-13B", "Model", False),
        ("Llama-3", "Model", False),
    )
    assert found == []


def test_respectively_deals_sizes_out(model):
    _, found = sizes(
        model,
        "Two open models",
        "We release Falcon-A and Falcon-B, which have 7B and 40B parameters, respectively.",
        ("Falcon-A", "Model", True),
        ("Falcon-B", "Model", True),
    )
    assert {(t.subject, t.value) for t in found} == {
        ("Falcon-A", 7_000_000_000),
        ("Falcon-B", 40_000_000_000),
    }


def test_linear_scores_are_exact_sums_and_survive_the_file(tmp_path):
    rows = [["a", "b"], ["a"], ["c"], ["c", "d"]] * 5
    learned = fit(rows, ["yes", "yes", "", ""] * 5, bits=8)
    save(tmp_path / "m.npz", ("m", learned))
    again = Linear.load(np.load(tmp_path / "m.npz"), "m")
    for features in (["a"], ["c", "d"], ["unseen"]):
        assert again.score(features) == learned.score(features)
    assert learned.score(["a"])[0] > learned.score(["c"])[0]
    assert probability(learned.score(["a", "b"])[0]) > 500 > probability(-SCALE)


def test_the_same_weights_give_the_same_bytes(tmp_path):
    learned = fit([["a"], ["b"]] * 3, ["yes", ""] * 3, bits=6)
    save(tmp_path / "one.npz", ("m", learned))
    save(tmp_path / "two.npz", ("m", learned))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
