"""Answers of OAI-PMH, the protocol by which archives hand out records: arXiv's own two forms, and Dublin Core."""

import re
from collections.abc import Iterator, Mapping

from kg.keys import arxiv_id, doi
from kg.sources.dates import iso
from kg.sources.elements import Element, elements, root, text
from kg.sources.stream import Row, Source
from kg.types import Reject

_SPACE = b"http://www.openarchives.org/OAI/2.0"
_COMMENT = re.compile(r"Comment:\s")  # how arXiv begins a second description


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether it is an answer, or records cut from answers."""
    name, _ = root(source)
    return name == "OAI-PMH" or (
        name in ("ListRecords", "GetRecord", "records", "record") and _SPACE in source.head
    )


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row a record; a page that names a next one (resumptionToken) is read like any other."""
    for found in elements(source, ("record", "error")):
        if isinstance(found, Reject):
            yield found
        elif found.name == "error":
            code = found.attributes.get("code", "error")
            yield source.reject(found.line, f"not a record, the archive answers {code}: {found.text()}")
        else:
            yield _record(source, found)


def _record(source: Source, record: Element) -> Row | Reject:
    header = record.find("header")
    identifier = record.text("header", "identifier")
    if header is not None and header.get("status") == "deleted":
        return source.reject(
            record.line,
            f"the archive has deleted {identifier}; if a graph holds it, take it out with `kg remove`",
        )
    for form, fields in _FORMS.items():
        if record.find("metadata", form) is not None:
            return Row(record.line, {"id": identifier} | fields(record))
    return source.reject(
        record.line,
        "metadata of another form; ask the archive for metadataPrefix=arXiv or oai_dc",
        identifier,
    )


def _arxiv(record: Element) -> dict[str, object]:
    """arXiv and arXivRaw; the first came to be with `created`, or with version 1."""
    form = ("metadata", "arXiv" if record.find("metadata", "arXiv") is not None else "arXivRaw")
    dates = [d for v in record.all(*form, "version", "date") if (d := iso(text(v)))]
    return {
        "id": record.text(*form, "id") or record.text("header", "identifier"),
        "title": record.text(*form, "title"),
        "abstract": record.text(*form, "abstract"),
        "published": record.text(*form, "created") or min(dates, default=None),
        "updated": record.text(*form, "updated") or (max(dates) if len(dates) > 1 else None),
        "doi": record.text(*form, "doi").partition(" ")[0],  # some have two
    }


def _dublin_core(record: Element) -> dict[str, object]:
    """Dublin Core repeats its fields: the first date is the oldest, identifiers are addresses and numbers."""

    def every(name: str) -> list[str]:
        return [t for found in record.all("metadata", "dc", name) if (t := text(found))]

    dates, identifiers = sorted(filter(None, map(iso, every("date")))), every("identifier")
    found: dict[str, object] = {
        "title": next(iter(every("title")), None),
        "abstract": next((d for d in every("description") if not _COMMENT.match(d)), None),
        "published": next(iter(dates), None),
        "updated": dates[-1] if len(dates) > 1 else None,
        "arxiv": next(filter(arxiv_id, identifiers), None),
        "doi": next(filter(doi, identifiers), None),
        "url": next((i for i in identifiers if i.startswith(("http://", "https://"))), None),
    }
    return found


_FORMS = {"arXiv": _arxiv, "arXivRaw": _arxiv, "dc": _dublin_core}
