"""Items of the daily papers of Hugging Face, whose fields stand in `paper` and around it."""

from collections.abc import Collection, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields
from kg.types import Paper


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of an item."""
    known = set(names)
    return "paper" in known and bool(
        known & {"numComments", "publishedAt", "submittedBy", "submittedOnDailyAt"}
    )


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    return tuple(name for name in ("paper", "title", "publishedAt") if name in names)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper of an item; the summary is its abstract, what a machine wrote of it is left."""
    held = row.get("paper")
    if not isinstance(held, dict):
        raise RecordError("its paper is not an object")
    return fields.paper(
        {
            "id": held.get("id"),
            "title": held.get("title") or row.get("title"),
            "abstract": held.get("summary"),
            "published": held.get("publishedAt") or row.get("publishedAt"),
        },
        {},
        source,
    )
