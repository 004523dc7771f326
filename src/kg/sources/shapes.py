"""What the fields of a record mean: shapes known by their names, else columns by usual names or by a map."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from kg.sources import arxiv, extracted, fields
from kg.types import Paper


class Shape(Protocol):
    """A module that makes papers of records with certain names."""

    def wanted(self, names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
        """The columns that are read."""

    def paper(self, row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
        """The paper that a record describes; a RecordError says what is wrong with the record."""


SHAPES = {"arxiv": arxiv, "extracted": extracted}


def shape_of(names: Collection[str], mapping: Mapping[str, str]) -> Shape:
    """The shape of records with these names; a map of the user's always goes first."""
    return next((s for s in SHAPES.values() if not mapping and s.recognise(names)), fields)
