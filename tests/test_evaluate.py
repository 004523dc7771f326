"""kg's own figures against the reference scorer, on gold and on records bent in every way that counts."""

import importlib.util
import json
import random

import pytest

from kg.errors import InputError
from kg.evaluate import evaluate, read_annotated

GOLD = {
    "id": "a",
    "entities": [
        {"name": "LLaMA 7B", "type": "Model", "aliases": ["LLaMA-7B"], "introduced": False},
        {"name": "Alpaca", "type": "Model", "aliases": [], "introduced": True},
        {"name": "MMLU", "type": "Benchmark", "aliases": [], "introduced": False},
    ],
    "triples": [
        {"subject": "Alpaca", "relation": "BUILT_ON", "object": "LLaMA 7B", "how": "fine-tuned"},
        {"subject": "Alpaca", "relation": "HAS_SIZE", "object": "7B", "value": 7e9, "unit": "parameters"},
    ],
    "results": [{"subject": "Alpaca", "on": "MMLU", "metric": "accuracy", "value": "41.7%"}],
}


def test_a_perfect_record_scores_one():
    total = evaluate([GOLD], [GOLD]).total
    assert total["entity/core"].f1 == total["triple/core"].f1 == total["result"].f1 == 1.0


def test_an_alias_counts_and_a_wrong_type_does_not():
    bent = json.loads(json.dumps(GOLD))
    bent["entities"][0] = {"name": "llama 7b", "type": "Model", "aliases": []}
    bent["entities"][2]["type"] = "Dataset"
    total = evaluate([GOLD], [bent]).total
    assert total["entity/Model"].hit == 2
    assert total["entity/Benchmark"].hit == 0
    assert total["entity/core, Dataset=Benchmark"].hit == 3
    assert total["triple/BUILT_ON"].hit == 1


def test_a_size_matches_within_one_per_cent():
    bent = json.loads(json.dumps(GOLD))
    bent["triples"][1]["value"] = 7.05e9
    assert evaluate([GOLD], [bent]).total["triple/HAS_SIZE"].hit == 1
    bent["triples"][1]["value"] = 7.2e9
    assert evaluate([GOLD], [bent]).total["triple/HAS_SIZE"].hit == 0


def test_a_missing_record_is_named():
    with pytest.raises(InputError, match="no record, the first: a"):
        evaluate([GOLD], [])


def test_a_line_that_is_no_annotated_paper_is_named(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(GOLD) + '\n{"id": 1}\n')
    with pytest.raises(InputError, match="line 2"):
        list(read_annotated(path))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["dev", "dev_recent", "dev_wide"])
def test_equals_the_reference_scorer(shared, name):
    spec = importlib.util.spec_from_file_location("score", shared / "eval" / "score.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    gold = list(read_annotated(shared / "gold" / f"{name}.jsonl"))
    bent = [_bend(g, random.Random(f"{name}{g['id']}")) for g in gold]
    ours = evaluate(gold, bent).total
    theirs = reference.Counts()
    for g, p in zip(gold, bent, strict=True):
        for key, counts in reference.score_paper(g, p).items():
            theirs.add(key, *counts)
    assert {k: [c.gold, c.predicted, c.hit] for k, c in ours.items()} == dict(theirs)


def _bend(gold, draw):
    """Drops, retypes, renames and doubles things, so that every branch of the scorers disagrees somewhere."""
    record = json.loads(json.dumps(gold))
    types = ["Model", "Dataset", "Benchmark", "Method", "Task", "Metric"]
    for entity in record["entities"]:
        if draw.random() < 0.2:
            entity["type"] = draw.choice(types)
        if draw.random() < 0.2:
            entity["name"] = entity["name"].upper() + draw.choice(["", "s", "-x"])
        if draw.random() < 0.2:
            entity["introduced"] = not entity.get("introduced")
    record["entities"] = [e for e in record["entities"] if draw.random() < 0.9]
    for triple in record["triples"]:
        if draw.random() < 0.2:
            triple["subject"] = draw.choice(["PAPER", *[e["name"] for e in record["entities"]]])
        if triple.get("value") is not None and draw.random() < 0.3:
            triple["value"] *= draw.choice([1.005, 1.02])
    record["triples"] += [dict(t) for t in record["triples"] if draw.random() < 0.2]
    for result in record.get("results", []):
        if draw.random() < 0.3:
            result["metric"] = None
    return record


def test_reliability_counts_what_is_right_by_confidence():
    bent = json.loads(json.dumps(GOLD))
    for entity, confidence in zip(bent["entities"], (990, 960, 450), strict=True):
        entity["confidence"] = confidence
    bent["entities"][1]["name"] = bent["triples"][0]["subject"] = "Vicuna"
    scores = evaluate([GOLD], [bent])
    bands = scores.reliability(("Model", "Benchmark"))
    assert [(b.low, b.high, b.count, b.right) for b in bands] == [(400, 500, 1, 1.0), (950, 1000, 2, 0.5)]
    (triples,) = scores.reliability(("BUILT_ON",))
    assert (triples.count, triples.right) == (1, 0.0)
