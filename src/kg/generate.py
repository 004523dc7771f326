"""What is made from `schema/`: the record's JSON Schema, Cypher constraints, and the reference page.

`kg schema build` writes them into a checkout, `kg schema check` and a test tell when they are stale.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kg.errors import SchemaError
from kg.schema import Property, Schema, schema


def files(s: Schema | None = None) -> dict[str, str]:
    """Every generated file: path within the checkout → text."""
    s = s or schema()
    return {path: make(s) for path, make in GENERATED.items()}


def build(checkout: Path) -> list[str]:
    """Writes the generated files whose text changed; returns their paths."""
    from kg.jsonl import atomic

    changed = stale(checkout)
    for path in changed:
        with atomic(checkout / path) as file:
            file.write(files()[path])
    return changed


def stale(checkout: Path) -> list[str]:
    """Paths of generated files that are missing or differ from what the schema gives."""
    if not (checkout / "schema" / "entities.yaml").is_file():
        raise SchemaError(
            f"{checkout} is no checkout of kg: schema/entities.yaml is not there. Run this where it is."
        )

    def differs(path: str, text: str) -> bool:
        file = checkout / path
        return not file.is_file() or file.read_text("utf8") != text

    return [path for path, text in files().items() if differs(path, text)]


def record_schema(s: Schema) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a record, one line of `kg extract`."""
    offset = {"type": "integer", "minimum": 0}
    span = {"type": "array", "prefixItems": [offset, offset], "minItems": 2, "maxItems": 2}
    text = {"type": "string"}
    confidence = {"type": "integer", "minimum": 0, "maximum": 1000}
    optional_span = {"anyOf": [{"$ref": "#/$defs/span"}, {"type": "null"}]}
    evidence = {
        "kind": {"enum": ["text", "declared", "curated"]},
        "sentence": {"$ref": "#/$defs/span"},
        "subject": optional_span,
        "object": optional_span,
        "rule": text,
    }
    entity_types = [t.name for t in s.types.values() if t.entity and not t.literal]
    entity = {
        "name": {"type": "string", "minLength": 1},
        "type": {"enum": entity_types},
        "aliases": {"type": "array", "items": text},
        "introduced": {"type": "boolean"},
        "confidence": confidence,
        "mentions": {"type": "array", "items": {"$ref": "#/$defs/span"}},
    }
    triple = {
        "subject": {
            "type": "string",
            "description": "An entity's name, or PAPER for the paper's own unnamed model or study.",
        },
        "relation": {"enum": list(s.claim_relations)},
        "object": {"type": "string", "description": "An entity's name; of HAS_SIZE the quantity's text."},
        "how": {"enum": list(s.hows)},
        "outcome": {"enum": list(s.outcomes)},
        "member": {"enum": list(s.members)},
        "value": {"type": "number"},
        "unit": text,
        "confidence": confidence,
        "evidence": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/evidence"}},
    }
    nullable = {"type": ["string", "null"]}
    result = {
        "subject": text,
        "on": nullable,
        "metric": nullable,
        "value": text,
        "confidence": confidence,
        "evidence": {"type": "array", "items": {"$ref": "#/$defs/evidence"}},
    }

    def items(name: str) -> dict[str, Any]:
        return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}

    paper = dict.fromkeys(
        ("id", "title", "abstract", "published", "updated", "date_origin", "arxiv", "doi", "url", "source"),
        text,
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record: all that one paper says",
        "description": "Offsets count Unicode code points in title + newline + abstract, 0-based, end exclusive.",
        **_object(
            {
                "format": {"const": s.format},
                **paper,
                "extractor": text,
                "entities": items("entity"),
                "triples": items("triple"),
                "results": items("result"),
            },
            required=["format", "id", "title", "abstract", "extractor", "entities", "triples", "results"],
        ),
        "$defs": {
            "span": span,
            "evidence": _object(evidence, required=["kind", "sentence", "rule"]),
            "entity": _object(entity, required=list(entity)),
            "triple": _object(triple, required=["subject", "relation", "object", "confidence", "evidence"]),
            "result": _object(result, required=list(result)),
        },
    }


def constraints(s: Schema) -> list[str]:
    """Cypher that both stores take: a unique id and an index on the name, per label."""
    statements = []
    for label in s.types:
        low = label.lower()
        statements.append(f"CREATE CONSTRAINT {low}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE")
        if label != "KnowledgeGraph":
            statements.append(f"CREATE INDEX {low}_name IF NOT EXISTS FOR (n:{label}) ON (n.name)")
    return statements


def reference_page(s: Schema) -> str:
    """The schema as a page of Markdown, with a diagram."""
    lines = [
        "# The schema",
        "",
        "Made from `schema/entities.yaml` and `schema/relations.yaml` by `kg schema build`; change those, not this page.",
        "",
        "```mermaid",
        *_diagram(s),
        "```",
        "",
        "## Types",
        "",
        "| type | what it is | examples | colour |",
        "|---|---|---|---|",
        *(
            f"| {t.name} | {t.description} | {', '.join(t.examples)} | `{t.colour}` |"
            for t in s.types.values()
        ),
        "",
        "## Relations",
        "",
        "The list is closed. Direction is subject → object.",
        "",
        "| relation | subject → object | when |",
        "|---|---|---|",
        *(
            f"| {r.name} | {', '.join(r.subject)} → {', '.join(r.object)} | {r.description} |"
            for r in s.relations.values()
        ),
        "",
        "## How something is built on something",
        "",
        "| how | carries | descent crosses it |",
        "|---|---|---|",
        *(f"| {how} | {what} | {'yes' if what in s.crossed else 'no'} |" for how, what in s.hows.items()),
        "",
        "## Properties of nodes",
        "",
        *_property_table(s.node_properties, tuple(s.types)),
        "",
        "## Properties of relationships",
        "",
        *_property_table(s.edge_properties, s.edge_relations),
        "",
    ]
    return "\n".join(lines)


GENERATED: dict[str, Callable[[Schema], str]] = {
    "schema/generated/record.schema.json": lambda s: json.dumps(record_schema(s), indent=2) + "\n",
    "schema/generated/constraints.cypher": lambda s: "".join(f"{c};\n" for c in constraints(s)),
    "docs/schema.md": reference_page,
}


def _object(properties: dict[str, Any], *, required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _diagram(s: Schema) -> list[str]:
    """Each relation once, between the types that it joins most often."""
    lines = ["graph LR"]
    for r in s.relations.values():
        subject, target = r.subject[0], r.object[1] if r.object[0] == "Paper" else r.object[0]
        lines.append(f"  {subject} -->|{r.name}| {target}")
    lines += [
        f"  style {t.name} fill:{t.colour},color:#fff" for t in s.types.values() if t.name != "KnowledgeGraph"
    ]
    return lines


def _property_table(properties: dict[str, Property], everything: tuple[str, ...]) -> list[str]:
    def of(p: Property) -> str:
        return "all" if set(p.of) == set(everything) else ", ".join(p.of)

    return [
        "| property | type | of | what it says |",
        "|---|---|---|---|",
        *(
            f"| `{p.name}` | {p.type} | {of(p)} | {p.description.replace('|', chr(92) + '|')} |"
            for p in properties.values()
        ),
    ]
