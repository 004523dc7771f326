"""Records that `kg extract` wrote, read again as the papers that they hold, with the source they came from."""

from collections.abc import Collection, Mapping
from typing import Any

from kg.sources import fields
from kg.types import Paper

_COLUMNS = ("id", "title", "abstract", "published", "updated", "arxiv", "doi", "url", "date_origin", "source")


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of a record of this program."""
    return {"format", "extractor", "entities", "title"} <= set(names)


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    return tuple(name for name in _COLUMNS if name in names)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper of the record, as it was first read."""
    plain = {name: row.get(name) for name in _COLUMNS}
    if plain.pop("date_origin") == "arxiv":
        del plain["published"]  # is taken from the id once more
    came_from = plain.pop("source")
    return fields.paper(plain, {}, came_from if isinstance(came_from, str) and came_from else source)
