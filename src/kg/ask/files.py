"""An answer as a file; its suffix picks the format."""

from collections.abc import Callable, Mapping
from pathlib import Path

from kg.ask.page import as_html
from kg.ask.tree import as_dot, as_drawing, as_json, as_mermaid, as_text
from kg.errors import UsageError
from kg.export import slide
from kg.jsonl import atomic
from kg.types import Answer

TEXTS: Mapping[str, Callable[[Answer], str]] = {
    "html": as_html,
    "txt": as_text,
    "json": as_json,
    "mmd": as_mermaid,
    "dot": as_dot,
}
"""Suffix → what is written; beside these, `kg.export.slide.FORMATS`."""


def write(answer: Answer, path: Path, *, limit: int | None = None) -> None:
    """Writes an answer: a page, text, or a picture of the first `limit` rows of a lineage (the others hold all)."""
    suffix = path.suffix[1:].lower()
    if suffix in slide.FORMATS:
        slide.write(as_drawing(answer, limit=limit), path, suffix)
        return
    if suffix not in TEXTS:
        raise UsageError(
            f"An answer is not written as {path.name!r}. Give a name that ends in "
            f"{', '.join(f'.{s}' for s in (*TEXTS, *slide.FORMATS))}."
        )
    with atomic(path) as file:
        file.write(TEXTS[suffix](answer).rstrip("\n") + "\n")
