"""kg reads machine-learning papers and answers who built what on what, with the sentence that says so.

    import kg

    with kg.open("seeds.kg") as g:
        for row in g.lineage("Llama"):
            print(row["name"], row["evidence"][0]["quote"])

`kg.open` opens a graph, `kg.extract` reads one text. What is named here is loaded when it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.errors import KgError as KgError
    from kg.extract.extractor import read_text as extract
    from kg.session import Session as Session
    from kg.session import open as open
    from kg.types import Answer as Answer
    from kg.types import Paper as Paper
    from kg.types import Record as Record

__version__ = "0.1.0"

__all__ = ["Answer", "KgError", "Paper", "Record", "Session", "__version__", "extract", "open"]

_HOMES = {
    "Answer": "types",
    "KgError": "errors",
    "Paper": "types",
    "Record": "types",
    "Session": "session",
    "open": "session",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "extract":  # a package that can be called
        return import_module("kg.extract")
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"kg.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
