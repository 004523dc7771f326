"""Files of papers → `Paper`; one module per format, recognised by content.

A format (`FORMATS`) finds records in a file and gives their fields as they stand; a shape (`kg.sources.shapes`)
says what the fields mean. Everything streams: memory does not grow with the input.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from kg.errors import InputError, RecordError, UsageError
from kg.sources import (
    acl_anthology,
    atom,
    bibtex,
    fields,
    json_document,
    json_lines,
    oai_pmh,
    pages,
    parquet,
    ris,
    single,
    table,
)
from kg.sources.rejects import Rejects
from kg.sources.semantic_scholar import Abstracts
from kg.sources.shapes import shape_of
from kg.sources.stream import STDIN, Row, Source, open_source, unreadable
from kg.types import Paper, Reject

__all__ = ["FORMATS", "Format", "Rejects", "given", "read"]


class Format(Protocol):
    """A module that finds records in files of one format."""

    def recognise(self, source: Source, mapping: Mapping[str, str]) -> bool:
        """Whether the head of the source looks like it."""

    def rows(self, source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
        """The records in the order of the file."""


FORMATS: dict[str, Format] = {  # asked in this order
    "Parquet": parquet,
    "page dump": pages,
    "OAI-PMH": oai_pmh,
    "Atom": atom,
    "ACL Anthology XML": acl_anthology,
    "BibTeX": bibtex,
    "JSON": json_document,
    "JSON Lines": json_lines,
    "RIS": ris,
    "CSV or TSV": table,
    "text of one paper": single,
}
_MOST_NULS = 50  # one in so many bytes; binary files have more
_FOREIGN = {  # what people give by mistake, by how it begins
    b"%PDF": "a PDF; `kg` reads titles and abstracts. Write its text with `pdftotext FILE.pdf FILE.txt` and give that, "
    "or export its reference as BibTeX, RIS or CSV, with the abstract",
    b"PK\x03\x04": "a zip archive or an office document; unpack it, or save the table as CSV",
    b"BZh": "packed with bzip2; unpack it, or pack it with gzip or zstd",
    b"\xfd7zXZ": "packed with xz; unpack it, or pack it with gzip or zstd",
    b"SQLite format 3": "an SQLite database; export its table as CSV",
    b"<": "HTML, or XML of another kind than Atom, OAI-PMH and the ACL Anthology",
}


def read(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
    *,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Paper | Reject]:
    """Streams the papers of files, folders (sorted, all levels, no hidden files) and `-` for stdin, in order.

    `mapping` says which column holds a field: {"title": "headline"}; `a.b` is field b inside field a. A record
    that is no paper comes as a `Reject`, as does a file in a folder that is of no known format, and a PDF among
    others. An InputError names a path that is missing or cannot be read; paths are looked at before the first
    paper is read.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    columns = dict(mapping or {})
    if unknown := sorted(set(columns) - set(fields.NAMES)):
        raise UsageError(f"Cannot map {unknown[0]!r}. The fields of a paper are {', '.join(fields.NAMES)}.")
    files = [_look_at(os.fspath(path)) for path in given]
    if files.count(STDIN) > 1:
        raise UsageError("`-` stands for stdin and can be given once only.")
    return _read_all(files, columns)


def given(
    papers: Iterable[Paper | Mapping[str, Any]], *, mapping: Mapping[str, str] | None = None
) -> Iterator[Paper | Reject]:
    """Papers that are no file's: dicts whose fields go by the usual names or by `mapping`, or `Paper` objects."""
    columns = dict(mapping or {})
    for number, paper in enumerate(papers, 1):
        if not isinstance(paper, Paper | Mapping):
            raise UsageError(f"A paper is a dict with a title, or a Paper, not {type(paper).__name__}.")
        row = asdict(paper) if isinstance(paper, Paper) else paper
        try:
            if isinstance(paper, Paper):
                yield fields.paper(row, {}, paper.source or f"given, {number}")
            else:
                yield shape_of(row, columns).paper(row, columns, f"given, {number}")
        except RecordError as error:
            yield Reject("given", number, str(error), str(dict(row))[:200])


def _read_all(paths: list[str], mapping: Mapping[str, str]) -> Iterator[Paper | Reject]:
    """All papers of the paths; abstracts kept apart from their papers are read first."""
    files = [found for path in paths for found in _files(path)]
    with contextlib.closing(Abstracts()) as abstracts:
        for path, _ in files if len(files) > 1 and not mapping else ():
            yield from _take_abstracts(path, abstracts)
        for path, in_folder in files:
            if path not in abstracts:
                yield from _read(
                    path, mapping, abstracts, alone=len(files) == 1 and not in_folder, in_folder=in_folder
                )
        yield from abstracts.left()


def _take_abstracts(path: str, abstracts: Abstracts) -> Iterator[Reject]:
    if path == STDIN or not Path(path).is_file():
        return  # can be read once only
    try:
        source = open_source(path)
    except InputError:
        return  # told when its turn comes
    with contextlib.closing(source.stream):
        if abstracts.recognise(source):
            try:
                yield from abstracts.take(source)
            except (OSError, EOFError) as error:
                raise unreadable(path, error) from error


def _look_at(path: str) -> str:
    try:
        if path != STDIN:
            Path(path).stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    return path


def _files(path: str) -> Iterator[tuple[str, bool]]:
    """The files of a path, and whether they stand in a folder."""
    if path == STDIN or not Path(path).is_dir():
        yield path, False
        return

    def fail(error: OSError) -> None:
        raise unreadable(error.filename or path, error)

    found = [
        os.path.join(folder, name)
        for folder, folders, names in os.walk(path, onerror=fail)
        for folders[:] in [[f for f in folders if not f.startswith(".")]]
        for name in names
        if not name.startswith(".")
    ]
    if not found:
        raise InputError(f"{path} is a folder without files. Give a file or folder of papers.")
    for file in sorted(found, key=lambda f: Path(f).parts):
        yield file, True


def _read(
    path: str, mapping: Mapping[str, str], abstracts: Abstracts, *, alone: bool, in_folder: bool
) -> Iterator[Paper | Reject]:
    source = open_source(path)
    with contextlib.closing(source.stream):
        found = next((f for f in FORMATS.values() if _is(f, source, mapping)), None)
        is_pdf = source.head.lstrip().startswith(b"%PDF")  # many stand beside the references that are meant
        if found is None and (in_folder or (is_pdf and not alone)):
            yield source.reject(None, _unknown(source), source.head[:200].decode("utf8", "replace"))
        elif found is None:
            raise InputError(f"{path} is {_unknown(source)}")
        else:
            try:
                for row in found.rows(source, mapping):
                    yield row if isinstance(row, Reject) else _paper(source, abstracts.joined(row), mapping)
            except (OSError, EOFError) as error:
                raise unreadable(path, error) from error


def _is(format: Format, source: Source, mapping: Mapping[str, str]) -> bool:
    strange = source.head.count(b"\0") * _MOST_NULS > len(source.head)  # a stray one is replaced
    text = not strange or source.encoding == "utf-16"
    return (text or format is parquet) and format.recognise(source, mapping)


def _paper(source: Source, row: Row, mapping: Mapping[str, str]) -> Paper | Reject:
    try:
        shape = shape_of(row.fields, mapping)
        return shape.paper(row.fields, mapping, source.place(row.line))
    except RecordError as error:
        return source.reject(row.line, str(error), row.fields)


def _unknown(source: Source) -> str:
    """What a file is that is of no known format, and the way out."""
    if not source.head:
        return "empty: it holds no papers."
    for mark, what in _FOREIGN.items():
        if source.head.lstrip().startswith(mark):
            return f"{what}."
    _, names = table.heading(source)
    if b"\0" not in source.head and len(names) > 2:
        shown = ", ".join(names)[:200]
        return f"a table without a column of titles; it has {shown}. Name it with --map title=COLUMN."
    what = f"of no format that `kg` knows: {', '.join(FORMATS)}, each also packed with gzip or zstd."
    if single.is_text(source):
        what += " A .txt or .md of one paper begins with its title; then comes the abstract."
    return what
