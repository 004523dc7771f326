"""A record of any format → `Paper`: its columns by their usual names, or by a map that the user gives."""

import dataclasses
import datetime
import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from kg import keys
from kg.errors import InputError, RecordError
from kg.keys import arxiv_id, arxiv_month, paper_key
from kg.sources.dates import iso
from kg.text import one_line, storable
from kg.types import Paper

# What columns are called, folded to letters and digits; the best name first.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "paperid", "arxivid", "identifier", "key", "citekey", "corpusid", "uid"),
    "title": ("title", "papertitle", "articletitle", "documenttitle", "displayname"),
    "abstract": ("abstract", "paperabstract", "abstracttext", "abstractnote", "summary"),
    "published": (
        "published",
        "publishedat",
        "publisheddate",
        "publicationdate",
        "datepublished",
        "pubdate",
        "date",
        "year",
        "publicationyear",
        "pubyear",
    ),
    "updated": ("updated", "updatedat", "updateddate", "updatedate", "dateupdated", "lastmodified"),
    "arxiv": ("arxiv", "arxivid", "arxivurl", "eprint"),
    "doi": ("doi", "doiurl"),
    "url": ("url", "link", "paperurl", "urlabs", "abstracturl", "landingpageurl", "arxivurl", "pdfurl"),
}

LONGEST_TITLE, LONGEST_ABSTRACT = 1_000, 10_000
"""Characters. The longest title and abstract of 25,000 papers have 167 and 2,579; a whole paper is no abstract."""

Mapped = tuple[tuple[str, str], ...]


def recognised(names: Iterable[str], mapping: Mapping[str, str]) -> bool:
    """Whether records with these names have a title."""
    return "title" in _columns(tuple(names), tuple(sorted(mapping.items())))


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    columns = _columns(tuple(names), tuple(sorted(mapping.items())))
    held = {part for usual in columns.values() for name in usual for part in (name, name.partition(".")[0])}
    return tuple(name for name in names if name in held)


def check(names: Collection[str], mapping: Mapping[str, str], file: str) -> None:
    """Raises InputError unless the columns of a table hold a title and all that the map names."""
    for field, name in mapping.items():
        if name not in names and name.partition(".")[0] not in names:
            raise InputError(
                f"{file} has no column {name!r} to take the {field} from; it has {', '.join(names)}."
            )
    if not recognised(names, mapping):
        raise InputError(
            f"{file} has no column that is a title; it has {', '.join(names)}. Name it with --map title=COLUMN."
        )


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper that a record describes; a RecordError says what is wrong with the record."""
    columns = _columns(tuple(row), tuple(sorted(mapping.items())))
    if "." in "".join(mapping.values()):
        row = _Nested(row)

    def every(field: str) -> Iterator[Any]:
        return (v for name in columns.get(field, ()) if not _absent(v := row.get(name)))

    def first(field: str) -> Any:
        return next(every(field), None)

    def dated(field: str) -> str | None:
        return next(filter(None, (_date(value, field) for value in every(field))), None)

    return make(
        source,
        title=_text(first("title"), "title"),
        abstract=_text(first("abstract"), "abstract"),
        id=_identifier(first("id"), "id"),
        published=dated("published"),
        updated=dated("updated"),
        arxiv=_identifier(first("arxiv"), "arxiv"),
        doi=_identifier(first("doi"), "doi"),
        url=_identifier(first("url"), "url"),
    )


def make(
    source: str,
    *,
    title: str | None,
    abstract: str | None = None,
    id: str | None = None,
    published: str | None = None,
    updated: str | None = None,
    arxiv: str | None = None,
    doi: str | None = None,
    url: str | None = None,
    date_origin: str | None = "input",
) -> Paper:
    """A paper with clean text, its arXiv id and DOI recognised, and its date taken from them where it has none."""
    title, abstract = one_line(storable(title or "")), one_line(storable(abstract or ""))
    if not title:
        raise RecordError("no title")
    for what, text, most in (("title", title, LONGEST_TITLE), ("abstract", abstract, LONGEST_ABSTRACT)):
        if len(text) > most:
            raise RecordError(f"{what} of {len(text):,} characters, more than {most:,}: is it a whole paper?")
    numbers = [storable(f) for f in (arxiv, id, url, doi) if f]
    known = next(filter(None, map(arxiv_id, numbers)), None)
    if not published and known:
        published, date_origin = arxiv_month(known), "arxiv"
    found = Paper(
        id=storable(id or ""),
        title=title,
        abstract=abstract,
        published=published,
        updated=updated,
        date_origin=date_origin if published else None,
        arxiv=known,
        doi=_doi(doi, id, url),
        url=storable(url) if url else _address(known, _doi(doi, id)),
        source=source,
    )
    return found if found.id.strip() else dataclasses.replace(found, id=paper_key(found))


def _doi(*fields: str | None) -> str | None:
    return next(filter(None, map(keys.doi, (storable(f) for f in fields if f))), None)


def _address(arxiv: str | None, identifier: str | None) -> str | None:
    if arxiv:
        return f"https://arxiv.org/abs/{arxiv}"
    return f"https://doi.org/{identifier}" if identifier else None


@functools.lru_cache(1024)
def _columns(names: tuple[str, ...], mapping: Mapped) -> dict[str, tuple[str, ...]]:
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(re.sub(r"[\W_]", "", str(name)).lower(), name)
    found = {f: tuple(folded[n] for n in usual if n in folded) for f, usual in NAMES.items()}
    for field, name in mapping:
        own = next((n for n in (name, name.partition(".")[0]) if n in names), None)
        if own is not None:
            found[field] = (name, *found[field])
    return {field: usual for field, usual in found.items() if usual}


class _Nested(dict[str, Any]):
    """A record whose nested fields go by a path: `paper.title`."""

    def get(self, name: str, default: Any = None) -> Any:
        value: Any = self
        if name in self:
            return self[name]
        for part in name.split("."):
            value = dict.get(value, part) if isinstance(value, dict) else None
        return default if value is None else value


def _absent(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _text(value: Any, field: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise RecordError(f"the {field} is {_kind(value)}, not text")


def _identifier(value: Any, field: str) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        raise RecordError(f"the {field} {value} is a number that may have lost digits; write it as text")
    return _text(value, field)


def _date(value: Any, field: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | datetime.date):
        raise RecordError(f"the {field} date is {_kind(value)}, not text or a number")
    return iso(value)


def _kind(value: Any) -> str:
    names = {bool: "true or false", dict: "an object", list: "a list", bytes: "bytes"}
    return names.get(
        type(value), "a number" if isinstance(value, int | float) else f"a {type(value).__name__}"
    )
