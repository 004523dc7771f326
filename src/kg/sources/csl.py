"""CSL-JSON, which Zotero, Pandoc and DOI registries write: dates are lists of parts, text has mark-up."""

from collections.abc import Collection, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields
from kg.sources.dates import in_words, iso
from kg.sources.marks import without_marks
from kg.types import Paper

_OWN = frozenset(
    ("issued", "container-title", "citation-key", "title-short", "publisher-place", "date-parts")
)
_DATES = ("issued", "published", "published-online", "published-print", "posted", "created")


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of an item."""
    return "type" in names and "title" in names and not _OWN.isdisjoint(names)


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    return tuple(
        n for n in names if n in {"id", "title", "abstract", "DOI", "URL", "note", "number", *_DATES}
    )


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper that an item describes."""
    number = row.get("number")
    return fields.paper(
        {
            "id": row.get("id"),
            "title": _plain(row.get("title")),
            "abstract": _plain(row.get("abstract")),
            "published": next(filter(None, (_date(row.get(name)) for name in _DATES)), None),
            "arxiv": number if isinstance(number, str) else None,
            "doi": row.get("DOI"),
            "url": row.get("URL"),
        },
        {},
        source,
    )


def _plain(value: Any) -> Any:
    """Registries give the title as a list of one."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ": ".join(value)
    return without_marks(value) if isinstance(value, str) else value


def _date(value: Any) -> str | None:
    """{"date-parts": [[2023, 2, 27]]}, the numbers maybe as text; else text in `raw` or `literal`."""
    if value is None or isinstance(value, str):
        return iso(value) if value else None
    if not isinstance(value, dict):
        raise RecordError("a date is not an object of date-parts")
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, list) and first and all(isinstance(p, int | str) for p in first):
        return in_words(*map(str, first[:3]))
    return next((iso(t) for name in ("raw", "literal") if isinstance(t := value.get(name), str)), None)
