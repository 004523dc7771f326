"""What the fields of a record mean: shapes known by their names, else columns by usual names or by a map."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from kg.sources import (
    arxiv,
    conference,
    csl,
    daily_papers,
    extracted,
    fields,
    openalex,
    openreview,
    semantic_scholar,
    zotero,
)
from kg.types import Paper


class Shape(Protocol):
    """A module that makes papers of records with certain names."""

    def wanted(self, names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
        """The columns that are read."""

    def paper(self, row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
        """The paper that a record describes; a RecordError says what is wrong with the record."""


class KnownShape(Shape, Protocol):
    """A shape that is known by the names of its fields."""

    def recognise(self, names: Collection[str]) -> bool:
        """Whether these are its names."""


SHAPES: dict[str, KnownShape] = {  # asked in this order
    "arXiv snapshot": arxiv,
    "records of kg": extracted,
    "OpenAlex": openalex,
    "Semantic Scholar": semantic_scholar,
    "OpenReview": openreview,
    "daily papers": daily_papers,
    "CSL-JSON": csl,
    "Zotero": zotero,
    "conference": conference,
}


def shape_of(names: Collection[str], mapping: Mapping[str, str]) -> Shape:
    """The shape of records with these names; a map of the user's always goes first."""
    return next((s for s in SHAPES.values() if not mapping and s.recognise(names)), fields)
