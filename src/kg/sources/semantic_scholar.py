"""Papers of Semantic Scholar: of its API, in camel case, or of its data sets, in lower case.

The data sets keep abstracts apart from papers; those of files that are given together are joined by `corpusid`,
with the abstracts on disk meanwhile.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kg.errors import RecordError
from kg.sources import fields, json_lines
from kg.sources.stream import Row, Source
from kg.types import Paper, Reject

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
            f"an abstract apart from its paper, corpusid {row.get('corpusid')}: give the files of `papers` with it, "
            "as files and not through a pipe"
        )
    doi = known.get("doi") or row.get("doi")
    return fields.paper({**row, "arxiv": known.get("arxiv") or row.get("arxiv"), "doi": doi}, {}, source)


class Abstracts:
    """Abstracts that came without their papers, by `corpusid`, in a temporary database."""

    def __init__(self) -> None:
        import sqlite3

        self._rows = sqlite3.connect("")  # a temporary file, which is gone with the connection
        self._rows.execute(
            "CREATE TABLE abstracts (id TEXT PRIMARY KEY, text TEXT, file INT, used INT DEFAULT 0)"
        )
        self._files: list[str] = []

    def __contains__(self, path: str) -> bool:
        return path in self._files

    @staticmethod
    def recognise(source: Source) -> bool:
        """Whether its first line is an abstract of the data sets, without a title."""
        try:
            first = json.loads(source.head_text.lstrip().partition("\n")[0])
        except (ValueError, RecursionError):
            return False
        return isinstance(first, dict) and {"corpusid", "abstract"} <= first.keys() and "title" not in first

    def take(self, source: Source) -> Iterator[Reject]:
        """Keeps the abstracts of a file, of two for one paper the first; what is broken comes back."""
        number = len(self._files)
        self._files.append(source.name)
        for row in json_lines.rows(source, {}):
            if isinstance(row, Reject):
                yield row
            elif not isinstance(text := row.fields.get("abstract"), str | None):
                yield source.reject(row.line, "the abstract is not text", row.fields)
            elif text:
                found = (str(row.fields.get("corpusid")), text.encode("utf8", "replace").decode(), number)
                self._rows.execute("INSERT OR IGNORE INTO abstracts (id, text, file) VALUES (?, ?, ?)", found)

    def joined(self, row: Row) -> Row:
        """The row with the abstract of its paper, if it has none of its own."""
        number = row.fields.get("corpusid")
        if not self._files or number is None or row.fields.get("abstract"):
            return row
        key = (str(number),)
        text = self._rows.execute("SELECT text FROM abstracts WHERE id = ?", key).fetchone()
        self._rows.execute("UPDATE abstracts SET used = 1 WHERE id = ?", key)
        return Row(row.line, row.fields | {"abstract": text[0]}) if text else row

    def left(self) -> Iterator[Reject]:
        """For each file that has abstracts no paper asked for, how many."""
        counts = self._rows.execute(
            "SELECT file, count(*) FROM abstracts WHERE NOT used GROUP BY file ORDER BY file"
        )
        for file, count in counts:
            what = "abstract whose paper is" if count == 1 else "abstracts whose papers are"
            reason = f"{count:,} {what} not among the inputs; give the files of `papers` too"
            yield Reject(self._files[file], None, reason)

    def close(self) -> None:
        """Forgets all."""
        self._rows.close()
