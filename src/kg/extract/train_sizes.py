"""Learns which amounts are sizes, and whose, from annotated papers."""

from collections.abc import Iterable, Sequence
from typing import Any

from kg.extract.document import Document
from kg.extract.gold import Gold
from kg.extract.linear import Linear, fit
from kg.extract.sizes import Candidate, SizeModel, candidates, pair_features

TOLERANCE = 0.01


def train_sizes(gold: Iterable[Gold], *, bits: int = 16) -> SizeModel:
    """Fits both linear models on the gold entities and HAS_SIZE triples of annotated papers."""
    amounts: list[list[str]] = []
    pairs: list[list[str]] = []
    sizes: list[str] = []
    owned: list[str] = []
    for paper in gold:
        document = Document(paper.paper.text, len(paper.paper.title))
        for candidate in candidates(document, paper.entities):
            true = _true_owners(candidate, paper.triples)
            amounts.append(candidate.features)
            sizes.append("yes" if true else "")
            for owner in candidate.owners if true else ():
                pairs.append(pair_features(document, candidate, owner))
                owned.append("yes" if owner.name in true else "")
    is_size = fit(amounts, sizes, bits=bits, strength=0.1)
    whose = fit(pairs, owned, bits=bits, strength=0.5)
    return SizeModel(is_size, whose)


def load(arrays: Any) -> SizeModel:
    """The shipped models out of a loaded `.npz`."""
    return SizeModel(Linear.load(arrays, "is_size"), Linear.load(arrays, "whose"))


def _true_owners(candidate: Candidate, triples: Sequence[dict[str, Any]]) -> set[str]:
    """Who owns the amount according to the annotation."""
    quantity = candidate.quantity
    return {
        t["subject"]
        for t in triples
        if t["relation"] == "HAS_SIZE"
        and _equal(t.get("value"), quantity.value)
        and _kind(t["unit"]) == _kind(quantity.unit)
    }


def _equal(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def _kind(unit: str | None) -> str:
    words = ("param", "token", "byte", "hour", "layer", "language", "task", "class", "word")
    return next((w for w in words if w in (unit or "").lower()), "items")
