"""The one way from a paper to its record; what one paper says never depends on the papers beside it."""

import contextlib
import functools
import gc
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import kg
from kg.extract.document import Document
from kg.extract.entities import read_all
from kg.extract.learned import model_folder
from kg.extract.linear import Linear
from kg.extract.relations import read_all_triples
from kg.extract.results import read_results
from kg.extract.sizes import SizeModel, read_sizes
from kg.extract.worker import read_in_processes
from kg.lexicon import lexicon
from kg.text import one_line, storable
from kg.types import Paper, Record, RecordEntity, Triple

_BATCH = 64
_MANY = 2_000  # papers from which on a second process repays its start
_PACKAGE = Path(__file__).parent.parent


class Extractor:
    """Reads papers; `version` names the code and data that read them."""

    @property
    def version(self) -> str:
        """Version of kg and a hash of the rules, weights, lexicon in use and code that read."""
        return self._version(lexicon().digest)

    @functools.lru_cache(maxsize=8)  # noqa: B019
    def _version(self, lexicon_digest: str) -> str:
        digest = hashlib.blake2b(lexicon_digest.encode(), digest_size=6)
        for folder in (_PACKAGE / "extract", model_folder(), _PACKAGE / "rules"):
            for path in sorted(folder.rglob("*")):
                if path.suffix in (".py", ".npz", ".yaml"):
                    digest.update(path.relative_to(folder).as_posix().encode())
                    digest.update(path.read_bytes())
        return f"{kg.__version__}+{digest.hexdigest()}"

    def extract(self, paper: Paper) -> Record:
        """All that one paper says."""
        return self._read([paper])[0]

    def extract_all(self, papers: Iterable[Paper], processes: int | None = None) -> Iterator[Record]:
        """A record for each paper, in the order of the papers.

        Many papers are read by as many processes as there are processors, or by `processes`; 1 stays in this one.
        """
        papers = iter(papers)
        if processes is None:
            head = list(itertools.islice(papers, _MANY))
            papers = itertools.chain(head, papers)
            processes = _processors() if len(head) == _MANY else 1
        if processes > 1:
            yield from read_in_processes(papers, processes)
            return
        while batch := list(itertools.islice(papers, _BATCH)):
            yield from self._read(batch)

    def explain(self, text: str) -> dict[str, Any]:
        """What is read in a text and what was dropped, with reasons; the first of several lines is the title."""
        from kg.extract.explain import explain

        paper = _paper(text)
        return explain(Document(paper.text, len(paper.title)), self.extract(paper))

    def _read(self, papers: list[Paper]) -> list[Record]:
        with _uncollected():
            documents = [Document(p.text, len(p.title)) for p in papers]
            entities = read_all(documents)
            triples = read_all_triples(documents, entities)
            return list(map(self._record, papers, documents, entities, triples))

    def _record(
        self, paper: Paper, document: Document, entities: list[RecordEntity], triples: list[Triple]
    ) -> Record:
        sizes = read_sizes(document, entities, size_model())
        results = read_results(document, entities)
        return Record(paper, self.version, tuple(entities), (*triples, *sizes), tuple(results))


def read_text(text: str, *, title: str = "") -> Record:
    """The record of one text, as an abstract; without `title`, the first of several lines is the title."""
    return extractor().extract(_paper(text, title))


def _paper(text: str, title: str = "") -> Paper:
    first, newline, rest = storable(text).strip().partition("\n")
    if title or not newline:
        return Paper("text", one_line(storable(title)), " ".join((first, *rest.splitlines())).strip())
    return Paper("text", first.strip(), rest.strip())


@functools.cache
def extractor() -> Extractor:
    """The extractor with the shipped rules and lexicon and the weights of the model folder."""
    return Extractor()


@functools.cache
def size_model() -> SizeModel:
    """The weights for sizes of the model folder."""
    with np.load(model_folder() / "sizes.npz", allow_pickle=False) as arrays:
        return SizeModel(Linear.load(arrays, "is_size"), Linear.load(arrays, "whose"))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Puts the search for cyclic garbage off: reading makes none, and each search walks all that reading keeps."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
