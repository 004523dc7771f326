"""Learns from annotated papers which names of a text are one thing."""

from collections.abc import Iterable, Sequence

from kg.extract.coreference import couples
from kg.extract.document import Document
from kg.extract.gold import Gold
from kg.extract.linear import Linear, fit
from kg.types import RecordEntity


def train_coreference(
    read: Iterable[tuple[Gold, Document, Sequence[RecordEntity]]], *, bits: int = 14, strength: float = 0.3
) -> Linear:
    """Fits the model on names as they are read, best by a reader that had not seen the paper.

    A couple teaches only where the annotation knows both: as one entity, or as two.
    """
    rows: list[list[str]] = []
    labels: list[str] = []
    for gold, document, entities in read:
        known = [_known(entity, gold) for entity in entities]
        for couple in couples(document, entities):
            one, other = known[couple.first], known[couple.second]
            if one and other:
                rows.append(couple.features)
                labels.append("" if one.isdisjoint(other) else "yes")
    return fit(rows, labels, bits=bits, strength=strength)


def _known(entity: RecordEntity, gold: Gold) -> set[int]:
    """Which annotated entities share a spelling with it."""
    forms = {_fold(s) for s in (entity.name, *entity.aliases)}
    return {
        i for i, e in enumerate(gold.entities) if not forms.isdisjoint(_fold(s) for s in (e.name, *e.aliases))
    }


def _fold(name: str) -> str:
    kept = "".join(c for c in name.lower() if c.isascii() and (c.isalnum() or c == "+"))
    return kept[:-1] if len(kept) > 3 and kept.endswith("s") and not kept.endswith("ss") else kept
