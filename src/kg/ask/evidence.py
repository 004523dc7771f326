"""The sentences behind edges: what papers state, read from the claims of a store."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from kg.ask.lookup import Found, find
from kg.errors import UsageError
from kg.schema import schema
from kg.text import fold
from kg.types import Answer

if TYPE_CHECKING:
    from kg.stores import Store

Row = dict[str, Any]

BATCH = 1000
"""Ids sent in one query."""

FIELDS = (
    "quote start end subject_text subject_start subject_end object_text object_start object_end "
    "how outcome metric score rule kind confidence"
).split()

_COLUMNS = {
    "edge": "c.edge",
    "paper": "p.id",
    "title": "p.title",
    "year": "p.year",
    "url": "p.url",
    **{name: f"c.{name}" for name in FIELDS},
}

AS_MAP = "{" + ", ".join(f"{name}: {value}" for name, value in _COLUMNS.items()) + "}"
"""A claim `c` stated by a paper `p`, as the map that an answer shows."""


def evidence(store: "Store", edges: Iterable[tuple[str, str, str]]) -> dict[str, list[Row]]:
    """What papers state of edges given as (id, id and type of the subject): edge id → its evidence, best first.

    Each piece has `paper`, `title`, `year`, `url`, `quote` with its offsets `start` and `end` in the paper's
    text, and the words that stand for subject and object. Edges that a name makes have none.
    """
    by_type: dict[str, dict[str, str]] = {}
    for edge, subject, type_ in edges:
        by_type.setdefault(type_, {})[edge] = subject
    found: dict[str, list[Row]] = {}
    for type_, subjects in by_type.items():
        cypher = (
            f"UNWIND $edges AS e MATCH (s:{type_} {{id: e.subject}})<-[:HAS_SUBJECT]-(c:Claim) "
            "WHERE c.edge = e.edge MATCH (c)<-[:STATES]-(p:Paper) "
            "RETURN " + ", ".join(f"{value} AS {name}" for name, value in _COLUMNS.items())
        )
        for some in batches({"edge": e, "subject": s} for e, s in subjects.items()):
            for row in store.query(cypher, {"edges": some}):
                found.setdefault(row["edge"], []).append(row)
    return {edge: tidy(pieces) for edge, pieces in found.items()}


_STATED = """MATCH (s:{label} {{id: $subject}})<-[:HAS_SUBJECT]-(c:Claim) WHERE c.relation IN $relations
MATCH (c)<-[:STATES]-(p:Paper)
OPTIONAL MATCH (c)-[:HAS_OBJECT]->(o)
RETURN c.relation AS relation, o.id AS object, o.name AS object_name, {evidence} AS evidence
ORDER BY relation, object, p.id, c.id"""


def stated(store: "Store", subject: str, relation: str | None = None, object: str | None = None) -> Answer:
    """What papers state of a subject, relation and object, each in their own words; names as people write them.

    Without `relation` or `object`, of all of them. One row for each sentence: `subject_name`, `relation`,
    `object_name`, `paper`, `title`, `year`, `url`, `quote`, its offsets `start` and `end` in the paper's text, and
    where subject and object stand there; the surest first. What only a name says has no row, and a note.
    """
    relations = _relations(relation)
    found = find(store, subject, types=_ends(relations, "subject"))
    other = None if object is None or relations == ["HAS_SIZE"] else _other(store, object, relations)
    cypher = _STATED.format(label=found.type, evidence=AS_MAP)
    parameters = {"subject": found.id, "relations": relations}
    rows = [
        {"subject_name": found.name, "relation": row["relation"], "object_name": row["object_name"], **piece}
        for row in store.query(cypher, parameters)
        if object is None or _is_meant(row, other, object)
        for piece in tidy([row["evidence"]])
    ]
    rows.sort(key=lambda r: (-r.get("confidence", 0), r.get("year", 9999), r["paper"], r.get("start", 0)))
    words = [found.name, relation or "", (other.name if other else object) or ""]
    notes = [*found.notes, *(other.notes if other else [])]
    if not rows:
        notes += _said_by_name(store, found, other)
    return Answer(" ".join(filter(None, ["what papers say:", *words])), cypher, parameters, rows, notes)


def _relations(given: str | None) -> list[str]:
    known = [*schema().claim_relations, "RESULT"]
    if given is None:
        return known
    name = "_".join(fold(given).upper().split())
    if name not in known:
        raise UsageError(f"No paper states {given!r} of anything. The relations are {', '.join(known)}.")
    return [name]


def _ends(relations: Iterable[str], end: str) -> list[str]:
    """The types that may stand at an end of these relations, for a name that means several things."""
    s = schema()
    of = [s.relations[name] for name in relations if name in s.relations]
    return list(dict.fromkeys(t for r in of for t in (r.subject if end == "subject" else r.object)))


def _other(store: "Store", name: str, relations: list[str]) -> Found:
    literal = {t.name for t in schema().types.values() if t.literal}
    return find(store, name, types=[t for t in _ends(relations, "object") if t not in literal])


def _is_meant(row: Row, other: Found | None, name: str) -> bool:
    if other is not None:
        return bool(row["object"] == other.id)
    return fold(row["object_name"] or "").startswith(fold(name))  # a size: "7B" is "7B parameters"


def _said_by_name(store: "Store", subject: Found, other: Found | None) -> list[str]:
    if other is None:
        return ["No paper states it."]
    cypher = f"MATCH (s:{subject.type} {{id: $subject}})-[r:PART_OF]->(o:{other.type} {{id: $object}}) RETURN r.member AS member"
    for row in store.query(cypher, {"subject": subject.id, "object": other.id}):
        return [
            f"No paper states it; the name says that {subject.name} is a {row['member']} of {other.name}."
        ]
    return ["No paper states it."]


def tidy(pieces: Iterable[Row]) -> list[Row]:
    """Evidence in order (surest, then earliest), each once, without what has no value."""
    seen = {(p["edge"], p["paper"], p["quote"], p["score"], p["metric"]): p for p in pieces}
    ordered = sorted(
        seen.values(),
        key=lambda p: (-(p["confidence"] or 0), p["year"] or 9999, p["paper"], p["quote"] or ""),
    )
    return [{k: v for k, v in piece.items() if v is not None} for piece in ordered]


def batches(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """Items in lists of at most `size`.

    >>> list(batches("abc", 2))
    [['a', 'b'], ['c']]
    """
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
