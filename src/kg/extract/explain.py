"""Why a text is read as it is: every name considered and every relation weighed, with what spoke for or against."""

from typing import Any

from kg.extract.document import Document
from kg.extract.pairs import RELATIONS, SCALE, pair_model
from kg.extract.reader import reader
from kg.extract.slots import slots
from kg.jsonl import record_to_json
from kg.schema import schema
from kg.types import Record

NEAR = 2 * SCALE
"""Relations that missed their threshold by at most this much are told of (two nats)."""


def explain(document: Document, record: Record) -> dict[str, Any]:
    """The record of a text as plain data, with the quotes, and what was dropped and why.

    Keys: text, entities, triples (each with `quote`), results, and `dropped`: {what, reason}.
    """
    told = record_to_json(record)
    for statement in (*told["triples"], *told["results"]):
        for evidence in statement["evidence"]:
            evidence["quote"] = document.text[slice(*evidence["sentence"])]
    return {
        "text": document.text,
        "entities": told["entities"],
        "triples": told["triples"],
        "results": told["results"],
        "dropped": [*_names(document, record), *_relations(document, record)],
    }


def _names(document: Document, record: Record) -> list[dict[str, str]]:
    (decisions,) = reader().decide([document])
    known = {e.name for e in record.entities}
    dropped: dict[str, str] = {}
    for decision in decisions:
        if decision.entity is None:
            first, last = decision.candidate.places[0]
            name = document.text[document.starts[first] : document.ends[last - 1]]
            if name not in known:
                dropped.setdefault(name, decision.reason)
    return [{"what": name, "reason": reason} for name, reason in dropped.items()]


def _relations(document: Document, record: Record) -> list[dict[str, str]]:
    """Pairs whose score came near the threshold of a relation without reaching it."""
    if not record.entities:
        return []
    names = [e.name for e in record.entities]
    stated = {(t.subject, t.relation, t.object) for t in record.triples}
    model = pair_model()
    dropped = []
    for scored in model.score(model.seer.pairs(slots(document, list(record.entities)))):
        subject = "PAPER" if scored.subject < 0 or scored.subject >= len(names) else names[scored.subject]
        kind = "Paper" if subject == "PAPER" else record.entities[scored.subject].type
        for column, relation in enumerate(RELATIONS):
            short = model.thresholds[column] - scored.scores[column]
            known = (subject, relation, names[scored.object]) in stated
            if (
                known
                or short > NEAR
                or not schema().allows(kind, relation, record.entities[scored.object].type)
            ):
                continue
            what = f"{subject} {relation} {names[scored.object]}"
            reason = (
                f"score {short / SCALE:.1f} below the threshold"
                if short > 0
                else "another relation of the two was surer, or nothing in the sentence says so"
            )
            dropped.append((short, {"what": what, "reason": reason}))
    return [told for _, told in sorted(dropped, key=lambda d: (d[0], d[1]["what"]))]
