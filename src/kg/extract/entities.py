"""Which named things a text speaks of: their type, their other names, whether the paper introduces them."""

from collections.abc import Sequence

from kg.extract.coreference import coreference_model, joined
from kg.extract.document import Document
from kg.extract.introduced import with_introduced
from kg.extract.reader import reader
from kg.types import RecordEntity


def read_entities(document: Document) -> list[RecordEntity]:
    """The entities of a text, ordered by first mention; names are unique."""
    return read_all([document])[0]


def read_all(documents: Sequence[Document]) -> list[list[RecordEntity]]:
    """The entities of each text; quicker than one by one, and the same."""
    model = coreference_model()
    return [
        joined(document, with_introduced(document, found), model)
        for document, found in zip(documents, reader().read(documents), strict=True)
    ]
