"""Notes of OpenReview, of both its APIs: submissions are papers, the replies to them are not."""

from collections.abc import Collection, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields
from kg.types import Paper

_COLUMNS = ("id", "forum", "replyto", "content", "pdate", "odate", "cdate", "tcdate", "tmdate", "mdate")


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of a note, or of a paper whose fields are held in `content`."""
    return "content" in names and "title" not in names and bool({"id", "forum"} & set(names))


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    return tuple(name for name in _COLUMNS if name in names)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper of a submission, as of the day it was published, made public or handed in."""
    content, number, forum = row.get("content"), row.get("id"), row.get("forum")
    if not isinstance(content, dict):
        raise RecordError("its content is not an object")
    if forum and (row.get("replyto") or (number and number != forum)):
        raise RecordError("a reply (a review, a comment, a decision), not a paper")
    held = {str(name): value["value"] if _is_held(value) else value for name, value in content.items()}
    place = forum or number if row.keys() & {"forum", "cdate", "tcdate"} else None
    return fields.paper(
        {
            "id": number or forum,
            "title": held.get("title"),
            "abstract": held.get("abstract"),
            "published": next((row[d] for d in ("pdate", "odate", "cdate", "tcdate") if row.get(d)), None),
            "updated": next((row[d] for d in ("mdate", "tmdate") if row.get(d)), None),
            "doi": held.get("doi"),
            "url": f"https://openreview.net/forum?id={place}" if place else held.get("url"),
        },
        {},
        source,
    )


def _is_held(value: Any) -> bool:
    """Whether the second API wrapped it: {"value": …}."""
    return isinstance(value, dict) and "value" in value
