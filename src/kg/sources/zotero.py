"""Tables that Zotero writes: heads such as `Abstract Note`, in any case; the arXiv id may stand in `Extra`."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields
from kg.types import Paper

_NO_PAPERS = frozenset(("attachment", "note", "annotation"))
_ARXIV = re.compile(r"\barxiv:\s*([\w.-]+(?:/\d{7})?)", re.IGNORECASE)
_MORE = frozenset(("itemtype", "extra", "archivelocation", "archiveid", "number"))


def recognise(names: Collection[str]) -> bool:
    """Whether these are the heads of Zotero's table."""
    return {"itemtype", "abstractnote"} <= set(map(_folded, names))


def wanted(names: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are read."""
    usual = set(fields.wanted(names, mapping))
    return tuple(name for name in names if name in usual or _folded(name) in _MORE)


def paper(row: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> Paper:
    """The paper of an item; notes and attachments are none."""
    more = {_folded(name): value for name, value in row.items() if _folded(name) in _MORE}
    kind = str(more.get("itemtype") or "").strip().lower()
    if kind in _NO_PAPERS:
        raise RecordError(f"of the kind {kind!r}, not a paper")
    found = (_ARXIV.search(str(more.get(name) or "")) for name in sorted(_MORE))
    return fields.paper({**row, "arxiv": next((f[1] for f in found if f), None)}, {}, source)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", str(name)).lower()
