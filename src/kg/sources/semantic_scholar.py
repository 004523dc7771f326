"""Papers of Semantic Scholar: of its API, in camel case, or of its data sets, in lower case."""

from collections.abc import Collection, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields
from kg.types import Paper

_WRAPPED = ("citingPaper", "citedPaper")  # what lists of citations and references hold
_OWN = frozenset(
    ("corpusid", "externalIds", "externalids", "corpusId", "openAccessPdf", "influentialCitationCount")
)


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of a paper of Semantic Scholar."""
    return not {*_OWN, *_WRAPPED}.isdisjoint(names)


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    usual = fields.wanted(names, mapping)
    return tuple(name for name in names if name in usual or name in _OWN or name in _WRAPPED)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper that it describes; numbers of other archives are found in `externalIds`."""
    for name in _WRAPPED:
        if isinstance(row.get(name), dict):
            row = row[name]
    given = row.get("externalIds") or row.get("externalids")
    known = {str(k).lower(): v for k, v in given.items()} if isinstance(given, dict) else {}
    if "title" not in row and "abstract" in row:
        raise RecordError(
            f"an abstract apart from its paper, corpusid {row.get('corpusid')}: join the data sets `papers` and "
            "`abstracts` on corpusid first"
        )
    doi = known.get("doi") or row.get("doi")
    return fields.paper({**row, "arxiv": known.get("arxiv") or row.get("arxiv"), "doi": doi}, {}, source)
