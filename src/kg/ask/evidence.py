"""The sentences behind edges: what papers state, read from the claims of a store."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

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
