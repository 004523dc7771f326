"""Records of the arXiv metadata snapshot: hyphenated names, dates in `versions` and `update_date`."""

from collections.abc import Collection, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields
from kg.sources.dates import iso
from kg.types import Paper

_COLUMNS = ("id", "title", "abstract", "doi", "versions", "update_date")


def recognise(names: Collection[str]) -> bool:
    """Whether these are the names of a snapshot's record."""
    return "versions" in names and "id" in names and ("authors_parsed" in names or "update_date" in names)


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    return tuple(name for name in _COLUMNS if name in names)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper of a snapshot's record; it was published when its first version was."""
    several = row.get("doi")  # some have two, with a blank between
    plain = {name: row.get(name) for name in ("id", "title", "abstract", "update_date")}
    plain["doi"] = several.split(maxsplit=1)[0] if isinstance(several, str) and several.strip() else several
    return fields.paper({**plain, "published": _created(row.get("versions"))}, {}, source)


def _created(versions: Any) -> str | None:
    try:
        return iso(versions[0]["created"]) if versions else None
    except (TypeError, KeyError, IndexError) as error:
        raise RecordError("its versions are not a list of {version, created}") from error
