"""Which named things a text speaks of: their type, their other names, whether the paper introduces them."""

from collections.abc import Sequence

from kg.extract.document import Document
from kg.extract.reader import reader
from kg.types import RecordEntity


def read_entities(document: Document) -> list[RecordEntity]:
    """The entities of a text, ordered by first mention; names are unique."""
    return read_all([document])[0]


def read_all(documents: Sequence[Document]) -> list[list[RecordEntity]]:
    """The entities of each text; quicker than one by one, and the same."""
    return reader().read(documents)
