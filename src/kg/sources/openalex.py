"""Works of OpenAlex, of its API or its snapshot: the abstract is an index of words and is put together again."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kg.errors import RecordError
from kg.keys import arxiv_id
from kg.sources import fields
from kg.sources.marks import without_marks
from kg.types import Paper

_COLUMNS = (
    *("id", "doi", "title", "display_name", "publication_date", "publication_year", "updated_date"),
    *("abstract_inverted_index", "is_paratext", "is_retracted", "primary_location", "locations"),
)
_MOST_WORDS = 1 << 19


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of a work."""
    return "abstract_inverted_index" in names or {"display_name", "authorships"} <= set(names)


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    return tuple(name for name in _COLUMNS if name in names)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper of a work; what is no paper, or was retracted, is set aside."""
    if row.get("is_paratext"):
        raise RecordError("paratext (a cover, a table of contents), not a paper")
    if row.get("is_retracted"):
        raise RecordError("retracted, says OpenAlex")
    title = row.get("title") or row.get("display_name")
    pages = list(_pages(row))
    return fields.paper(
        {
            "id": row.get("id"),
            "title": without_marks(title) if isinstance(title, str) else title,
            "abstract": without_marks(_abstract(row.get("abstract_inverted_index"))),
            "published": row.get("publication_date") or row.get("publication_year"),
            "updated": row.get("updated_date"),
            "arxiv": next(filter(arxiv_id, pages), None),
            "doi": row.get("doi"),
            "url": next(iter(pages), None),
        },
        {},
        source,
    )


def _abstract(index: Any) -> str:
    """The words in the order of their places; a gap is passed over, two at one place stand in alphabetical order."""
    if isinstance(index, str) and index.lstrip().startswith("{"):  # older files hold it as text
        try:
            index = json.loads(index)
        except (ValueError, RecursionError) as error:
            raise RecordError("its inverted abstract is broken JSON") from error
    if isinstance(index, dict) and isinstance(index.get("InvertedIndex"), dict):
        index = index["InvertedIndex"]
    if not index:
        return ""
    try:
        placed = [(place, word) for word, places in dict(index).items() for place in places or ()]
    except (TypeError, ValueError) as error:
        raise RecordError("its inverted abstract is not an object of words and their places") from error
    if not all(type(place) is int and isinstance(word, str) for place, word in placed):
        raise RecordError("its inverted abstract has places that are not numbers")
    if len(placed) > _MOST_WORDS:
        raise RecordError(f"its inverted abstract has more than {_MOST_WORDS:,} words")
    return " ".join(word for _, word in sorted(placed))


def _pages(row: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of the work, that of its first place first."""
    others = row.get("locations")
    for place in (row.get("primary_location"), *(others if isinstance(others, list) else ())):
        if isinstance(place, dict):
            for name in ("landing_page_url", "pdf_url"):
                if isinstance(place.get(name), str):
                    yield place[name]
