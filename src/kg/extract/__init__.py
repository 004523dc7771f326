"""`Paper` → `Record`: what one paper says, read by rules and a small learned model.

>>> import kg
>>> [(t.subject, t.relation, t.object) for t in kg.extract("We fine-tune Mistral 7B on UltraChat.").triples]
[('PAPER', 'BUILT_ON', 'Mistral 7B'), ('PAPER', 'TRAINED_ON', 'UltraChat')]
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
