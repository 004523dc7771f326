"""The one way from a paper to its record; what one paper says never depends on the papers beside it."""

import functools
from collections.abc import Iterable, Iterator

import kg
from kg.extract.document import Document
from kg.extract.entities import read_entities
from kg.types import Paper, Record


class Extractor:
    """Reads papers; `version` names the code and data that read them."""

    def __init__(self) -> None:
        self.version = f"{kg.__version__}+dev"

    def extract(self, paper: Paper) -> Record:
        """All that one paper says."""
        document = Document(paper.text, len(paper.title))
        entities = read_entities(document)
        return Record(paper, self.version, tuple(entities))

    def extract_all(self, papers: Iterable[Paper], processes: int | None = None) -> Iterator[Record]:
        """A record for each paper, in the order of the papers."""
        for paper in papers:
            yield self.extract(paper)


@functools.cache
def extractor() -> Extractor:
    """The extractor with the shipped rules, weights and lexicon."""
    return Extractor()
