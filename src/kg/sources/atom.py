"""Atom, as the API and the feeds of arXiv answer in it, and the RSS of arXiv."""

import re
from collections.abc import Iterator, Mapping

from kg.sources.elements import Element, elements, root
from kg.sources.stream import Row, Source
from kg.types import Reject

_ATOM = "http://www.w3.org/2005/Atom"
# What the daily feeds put before an abstract.
_ANNOUNCED = re.compile(r"arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.IGNORECASE)
_ERROR = "arxiv.org/api/errors"


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether it is an Atom feed, or an RSS feed of arXiv."""
    name, tag = root(source)
    return (name in ("feed", "entry") and _ATOM in tag) or (name == "rss" and b"arxiv.org" in source.head)


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row an entry."""
    for entry in elements(source, ("entry", "item")):
        if isinstance(entry, Reject):
            yield entry
        elif _ERROR in entry.text("id"):
            yield source.reject(entry.line, f"not a paper, arXiv answers: {entry.text('summary')}")
        else:
            yield Row(entry.line, _fields(entry))


def _fields(entry: Element) -> dict[str, object]:
    summary = entry.text("summary") or entry.text("description") or entry.text("content")
    return {
        "id": entry.text("id") or entry.text("guid") or entry.text("link"),
        "title": entry.text("title"),
        "abstract": _ANNOUNCED.sub("", summary, count=1),
        "published": entry.text("published") or entry.text("pubDate"),
        "updated": entry.text("updated"),
        "doi": entry.text("doi"),
        "url": _page(entry),
    }


def _page(entry: Element) -> str | None:
    """The address of the entry's page: its link that is no other form of it."""
    links = entry.all("link")
    pages = (link.get("href") or link.text for link in links if link.get("rel", "alternate") == "alternate")
    return next(filter(None, pages), None)
