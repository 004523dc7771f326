"""Lists of papers that the sites of conferences give out as JSON: the title may be `name`, the year in an address."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from kg.sources import fields
from kg.types import Paper

_SITES = ("virtualsite_url", "site", "openreview", "paper_url", "paper_pdf_url", "sourceurl", "url", "pdf")
_KINDS = frozenset(
    ("eventtype", "event_type", "virtualsite_url", "poster_position", "session", "track", "site")
)
_YEAR = re.compile(
    r"/(?:virtual/|events/)?((?:19|20)\d\d)(?:/|$)|[a-z]((?:19|20)\d\d)(?=[/_.-]|$)", re.IGNORECASE
)


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of an event or paper of a conference."""
    known = set(names)
    return "abstract" in known and bool(known & {"title", "name"}) and bool(known & _KINDS)


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    more = {"name", "starttime", "start_time", *_SITES}
    return tuple(name for name in names if name in {*fields.wanted(names, mapping), *more})


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper; where it has no date, the year is that of an address of the conference or of its day there."""
    found = dict(row)
    if not found.get("title"):
        found["title"] = row.get("name")
    addresses = [a for name in _SITES if isinstance(a := row.get(name), str) and a]
    whole = [a for a in addresses if a.startswith(("http://", "https://"))]
    if not found.get("url"):
        found["url"] = next(iter(whole), None)
    made = fields.paper(found, {}, source)
    if made.date_origin == "input" or made.arxiv:
        return made
    return fields.paper(found | {"published": _year(row, addresses)}, {}, source)


def _year(row: Mapping[str, Any], addresses: list[str]) -> str | None:
    for address in addresses:
        if year := _YEAR.search(address):
            return year[1] or year[2]
    day = row.get("starttime") or row.get("start_time")
    return day[:4] if isinstance(day, str) and day[:4].isdecimal() else None
