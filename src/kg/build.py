"""The whole way from files of papers to a graph: read → extract → keep → resolve → load.

papers = kg.sources.read(paths)                 files → papers, and what is set aside
records = kg.extract.extractor().extract_all()  papers → records, one each
writer.put(record)                              one transaction for the whole command
folder.graph()                                  records → tables
folder.store()                                  tables → embedded store
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from kg.errors import RecordError
from kg.folder import GraphFolder, Kept, Progress, Writer, paper_hash, rank
from kg.jsonl import dumps, write_records
from kg.keys import paper_key, title_key
from kg.lexicon import Layer, in_use, read_layers, using
from kg.resolve import digest
from kg.sources.rejects import Rejects
from kg.types import Paper, Record, Reject

REJECTS = "rejects.jsonl"

Paths = Iterable[str | os.PathLike[str]] | str | os.PathLike[str]
Papers = Paths | Iterable[Paper | Mapping[str, Any]]


@dataclass(slots=True)
class BuildReport:
    """What a build did, in papers.

    Of the `papers` that were read, some were `added`, `refreshed` (the graph had another text, or an older
    reading), `unchanged`, or `duplicates` of others in this command; `rejected` inputs stand in rejects.jsonl.
    `reread` counts papers of the graph whose records came from another extractor and were read again.
    """

    papers: int = 0
    added: int = 0
    refreshed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    reread: int = 0
    total: int = 0  # records in the graph now
    unmatched: list[str] = field(default_factory=list)  # corrections that match nothing, with file and line


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """The keys that were removed, and those that stay as other copies known by the same title."""

    removed: tuple[str, ...]
    left: tuple[str, ...] = ()


def build(
    papers: Papers,
    folder: GraphFolder | str | os.PathLike[str],
    *,
    fresh: bool = False,
    mapping: Mapping[str, str] | None = None,
    curation: str | os.PathLike[str] | None = None,
    lexicon: Sequence[str | os.PathLike[str]] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
    store: bool = True,
) -> BuildReport:
    """Adds papers to a graph (made if there is none) and refreshes what it has of them.

    `papers` are files and folders, or papers themselves, also as dicts of their fields. All of the command holds
    together, or none of it. `fresh` starts from no papers. Records that another version of the extractor made are
    read again from their own text. `curation` is a file of corrections to use from now on in place of the folder's
    own; `lexicon` files of names of one's own, from now on too (none of them where empty; None keeps those of the
    graph, read again where they are still there). `store` also loads the embedded store.
    """
    from kg.extract import extractor

    graph, found = _folder(folder), _found(papers, mapping)
    with (
        graph.writing(fresh=fresh) as writer,
        Rejects(graph.path / REJECTS) as rejects,
        using(_layers(writer, lexicon)),
    ):
        if curation is not None:
            graph.use_curation(writer, Path(curation))
        reader = extractor()
        intake = _Intake(writer, reader.version, rejects, progress)
        for record in reader.extract_all(intake.wanted(found), processes=processes):
            intake.keep(record)
        _refresh(writer, intake, processes)
    return _made(graph, intake.report, progress, store)


def extract_to(
    paths: Paths,
    file: IO[str],
    *,
    rejects: Path,
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> BuildReport:
    """Writes one record a paper, in the order of the input and with no copy left out; makes no graph.

    What cannot be read as a paper goes to `rejects`. The report counts papers and rejects.
    """
    from kg import sources
    from kg.extract import extractor

    report, found = BuildReport(), sources.read(paths, mapping=mapping)
    with Rejects(rejects) as aside:

        def papers() -> Iterator[Paper]:
            for item in found:
                if isinstance(item, Reject):
                    aside.add(item)
                else:
                    report.papers += 1
                    _tell(progress, report)
                    yield item

        for record in extractor().extract_all(papers(), processes=processes):
            try:
                write_records([record], file)
            except RecordError as error:
                aside.add(_broken(record, error))
    report.rejected = aside.count
    return report


def add_records(
    records: Iterable[Record],
    folder: GraphFolder | str | os.PathLike[str],
    *,
    fresh: bool = False,
    progress: Progress | None = None,
    store: bool = True,
) -> BuildReport:
    """Adds records as they are, for instance of `kg.jsonl.read_records`; whoever made them."""
    graph = _folder(folder)
    with graph.writing(fresh=fresh) as writer, Rejects(graph.path / REJECTS) as rejects:
        intake = _Intake(writer, "", rejects, progress)
        for record in records:
            intake.take(record)
    return _made(graph, intake.report, progress, store)


def remove(
    folder: GraphFolder | str | os.PathLike[str],
    papers: Iterable[str],
    *,
    progress: Progress | None = None,
    store: bool = True,
) -> RemoveReport:
    """Removes papers, each by its key or by the id that the input gave it; all of them, or none.

    A NotFoundError names one that is not there.
    """
    graph = _folder(folder)
    if not graph.exists:
        len(graph)  # raises the error that says what is there
    with graph.writing() as writer:
        keys = sorted({writer.find(paper) for paper in papers})
        titles = {title_key(writer.title(key)) for key in keys}
        for key in keys:
            writer.remove(key)
        left = sorted(key for key in titles if writer.kept(key))
    _made(graph, BuildReport(), progress, store)
    return RemoveReport(tuple(keys), tuple(left))


def refresh_stale(
    folder: GraphFolder | str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    processes: int | None = None,
    store: bool = True,
) -> BuildReport:
    """Reads again, from its own text, every record that another version of the extractor made."""
    return build([], folder, progress=progress, processes=processes, store=store)


class _Intake:
    """Decides paper by paper what is new, and counts."""

    def __init__(self, writer: Writer, version: str, rejects: Rejects, progress: Progress | None) -> None:
        self._writer, self._version, self._rejects, self._progress = writer, version, rejects, progress
        self.report = BuildReport()

    def wanted(self, found: Iterable[Paper | Reject]) -> Iterator[Paper]:
        """The papers that must be read: not those that the graph has just so, nor lesser copies."""
        for item in found:
            if isinstance(item, Reject):
                self._reject(item)
            elif self._is_news(item, rank(item), _as_read(item, self._version)):
                yield item

    def take(self, record: Record) -> None:
        """Keeps a record as it is, unless a greater text of the paper came before."""
        own = digest(record)
        if self._is_news(record.paper, f"{rank(record.paper)}\n{own}", lambda kept: kept.digest == own):
            self.keep(record)

    def keep(self, record: Record) -> None:
        """Keeps a record; one that breaks the contract is set aside."""
        try:
            self._writer.put(record)
        except RecordError as error:
            if self._writer.kept(paper_key(record.paper)) is None:
                self.report.added -= 1
            self._reject(_broken(record, error))

    def _is_news(self, paper: Paper, order: str, is_same: Callable[[Kept], bool]) -> bool:
        report, key = self.report, paper_key(paper)
        report.papers += 1
        _tell(self._progress, report)
        before = self._writer.supersede(key, order)
        if before is not None:
            report.duplicates += 1
            return before == "greater"
        kept = self._writer.kept(key)
        if kept is None:
            report.added += 1
        elif is_same(kept):
            report.unchanged += 1
            return False
        else:
            report.refreshed += 1
        return True

    def _reject(self, reject: Reject) -> None:
        self._rejects.add(reject)
        self.report.rejected += 1


def _tell(progress: Progress | None, report: BuildReport) -> None:
    if progress and report.papers % 50 == 0:
        progress("reading papers", report.papers, None)


def _broken(record: Record, error: RecordError) -> Reject:
    return Reject(record.paper.source or record.paper.id, None, str(error), record.paper.title)


def _as_read(paper: Paper, version: str) -> Callable[[Kept], bool]:
    return lambda kept: (kept.paper_hash, kept.extractor) == (paper_hash(paper), version)


def _refresh(writer: Writer, intake: _Intake, processes: int | None) -> None:
    from kg.extract import extractor

    reader = extractor()
    papers = (record.paper for record in writer.stale(reader.version))
    for record in reader.extract_all(papers, processes=processes):
        intake.keep(record)
        intake.report.reread += 1


def _found(papers: Papers, mapping: Mapping[str, str] | None) -> Iterator[Paper | Reject]:
    from kg import sources

    if isinstance(papers, str | os.PathLike):
        return sources.read(papers, mapping=mapping)
    given = iter(papers)
    first = list(islice(given, 1))
    if any(isinstance(item, Paper | Mapping) for item in first):
        return sources.given(chain(first, given), mapping=mapping)  # type: ignore[arg-type]
    return sources.read(chain(first, given), mapping=mapping)  # type: ignore[arg-type]


def _layers(writer: Writer, given: Sequence[str | os.PathLike[str]] | None) -> tuple[Layer, ...]:
    """The names of one's own to build with, which are noted: those given, else the graph's, else those in use."""
    if given is not None:
        layers = read_layers(given)
    else:
        known = (Layer(*layer) for layer in json.loads(writer.noted("lexicon") or "[]"))
        layers = tuple(read_layers([x.path])[0] if os.path.isfile(x.path) else x for x in known) or in_use()
    writer.note("lexicon", dumps(layers) if layers else None)
    return layers


def _folder(folder: GraphFolder | str | os.PathLike[str]) -> GraphFolder:
    return folder if isinstance(folder, GraphFolder) else GraphFolder(folder)


def _made(graph: GraphFolder, report: BuildReport, progress: Progress | None, store: bool) -> BuildReport:
    """The report, with tables and store made of what was committed."""
    report.total = len(graph)
    graph.graph(progress=progress)
    report.unmatched = [f"{e.where}: {e.text}" for e, acted in graph.corrections() if not acted]
    if store:
        graph.store(progress=progress).close()
    return report
