"""Annotated papers as the extractor's own types, to train on: names located in the text they stand in."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import InputError
from kg.types import Paper, RecordEntity, Span


@dataclass(frozen=True, slots=True)
class Gold:
    """One annotated paper: its entities with mentions found in the text, triples and results as annotated."""

    paper: Paper
    entities: tuple[RecordEntity, ...]
    triples: tuple[dict[str, Any], ...]
    results: tuple[dict[str, Any], ...]


def read_gold(paths: Iterable[Path]) -> Iterator[Gold]:
    """Streams annotated papers of JSONL files; an InputError names file and line."""
    for path in paths:
        with path.open(encoding="utf8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        yield _gold(json.loads(line))
                    except (json.JSONDecodeError, KeyError, TypeError) as error:
                        raise InputError(
                            f"{path}, line {number} is no annotated paper ({error!r}). "
                            "It needs id, title, abstract, entities and triples."
                        ) from error


def _gold(data: dict[str, Any]) -> Gold:
    paper = Paper(id=str(data["id"]), title=data["title"], abstract=data["abstract"])
    return Gold(
        paper=paper,
        entities=tuple(locate(paper.text, data["entities"])),
        triples=tuple(data["triples"]),
        results=tuple(data.get("results", ())),
    )


def locate(text: str, entities: list[dict[str, Any]]) -> list[RecordEntity]:
    """Gives each annotated entity its mentions: whole words, the longest name first, none twice."""
    surfaces = sorted(
        ((s, i) for i, e in enumerate(entities) for s in {e["name"], *e.get("aliases", ())} if s),
        key=lambda pair: (-len(pair[0]), pair[0], pair[1]),
    )
    taken = bytearray(len(text))
    mentions: list[list[Span]] = [[] for _ in entities]
    for surface, index in surfaces:
        for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                mentions[index].append((start, end))
    return [
        RecordEntity(
            name=e["name"],
            type=e["type"],
            aliases=tuple(e.get("aliases", ())),
            introduced=bool(e.get("introduced")),
            mentions=tuple(sorted(mentions[i])),
        )
        for i, e in enumerate(entities)
    ]
