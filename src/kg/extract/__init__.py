"""`Paper` → `Record`: what one paper says, read by rules and a small learned model.

>>> import kg
>>> record = kg.extract("We fine-tune Mistral 7B on UltraChat.")
>>> [(entity.name, entity.type) for entity in record.entities]
[('Mistral 7B', 'Model'), ('UltraChat', 'Dataset')]
"""

import sys
from types import ModuleType

from kg.extract.extractor import Extractor, extractor, read_text
from kg.types import Record

__all__ = ["Extractor", "extractor", "read_text"]


class _Callable(ModuleType):
    """The package, which can be called: `kg.extract(text)` is a function for whoever scripts."""

    def __call__(self, text: str, *, title: str = "") -> Record:
        return read_text(text, title=title)


sys.modules[__name__].__class__ = _Callable
