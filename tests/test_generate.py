"""What is made from the schema: fresh, valid, and telling records that break the contract."""

import json
from pathlib import Path

import jsonschema
import pytest

from kg import generate
from kg.errors import SchemaError
from kg.jsonl import record_to_json
from kg.schema import load, schema
from kg.types import PAPER, Evidence, Paper, Record, RecordEntity, Triple

CHECKOUT = Path(__file__).parents[1]


def record():
    paper = Paper(id="1", title="Alpaca", abstract="Alpaca is fine-tuned from LLaMA 7B.")
    return Record(
        paper,
        "test",
        (
            RecordEntity("Alpaca", "Model", (), True, 900, ((0, 6), (7, 13))),
            RecordEntity("LLaMA 7B", "Model", mentions=((33, 41),)),
        ),
        (
            Triple(
                "Alpaca",
                "BUILT_ON",
                "LLaMA 7B",
                how="fine-tuned",
                evidence=(Evidence((7, 42), (7, 13), (33, 41), "r"),),
            ),
        ),
    )


def test_generated_files_are_fresh():
    assert generate.stale(CHECKOUT) == []


def test_a_folder_that_is_no_checkout_is_told(tmp_path):
    with pytest.raises(SchemaError, match="no checkout"):
        generate.stale(tmp_path)


def test_the_json_schema_takes_a_record_and_refuses_a_bent_one():
    validator = jsonschema.Draft202012Validator(generate.record_schema(schema()))
    good = json.loads(json.dumps(record_to_json(record())))
    validator.validate(good)
    for bend in (
        lambda r: r.pop("id"),
        lambda r: r["entities"][0].update(type="Company"),
        lambda r: r["triples"][0].update(how="stolen"),
        lambda r: r["triples"][0].update(evidence=[]),
        lambda r: r["triples"][0]["evidence"][0].update(sentence=[3]),
    ):
        bent = json.loads(json.dumps(good))
        bend(bent)
        assert not validator.is_valid(bent)


def test_every_label_has_a_constraint_on_its_id():
    text = "\n".join(generate.constraints(schema()))
    for label in schema().types:
        assert f"FOR (n:{label}) REQUIRE n.id IS UNIQUE" in text


def test_the_schema_names_a_mistake(tmp_path):
    source = CHECKOUT / "schema"
    (tmp_path / "entities.yaml").write_text((source / "entities.yaml").read_text("utf8"), "utf8")
    bent = (source / "relations.yaml").read_text("utf8").replace("object: [Size]", "object: [Sise]")
    (tmp_path / "relations.yaml").write_text(bent, "utf8")
    with pytest.raises(SchemaError, match="Sise"):
        load(tmp_path)


def test_relations_hold_between_the_types_of_the_guidelines():
    s = schema()
    assert s.allows("Model", "BUILT_ON", "Model")
    assert not s.allows("Benchmark", "COMPARED_TO", "Model")
    assert not s.allows("Dataset", "BUILT_ON", "Model")
    assert s.allows("Paper", "EVALUATED_ON", "Benchmark")
    assert PAPER == "PAPER"
