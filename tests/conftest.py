"""What tests share: the optional data folder beside the checkout, and records written by hand."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.types import PAPER, Evidence, Paper, Record, RecordEntity, Result, Triple


@pytest.fixture(scope="session")
def shared() -> Path:
    """The optional folder of real pages, papers and annotations; `KG_SHARED` says where else it is."""
    folder = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        reason = f"no data folder at {folder}; set KG_SHARED"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return folder


@pytest.fixture(scope="session")
def say() -> Callable[..., Record]:
    """Writes a record by hand: `say("2303.00001", "A title", "A text.", ["Model! Alpaca = Stanford Alpaca"], [...])`.

    Entities are "Type name = alias = alias", introduced with a "!" behind the type. Statements are
    (subject, relation, object, qualifiers); a result's relation is RESULT, its object "on", its qualifiers
    metric and value. The evidence is the first sentence that holds the object, or the whole abstract.
    """
    return _record


def _record(
    id: str,
    title: str,
    abstract: str,
    entities: list[str],
    statements: list[tuple[str, str, str | None] | tuple[str, str, str | None, dict[str, object]]] = [],  # noqa: B006
    *,
    published: str | None = "2023-03-01",
    extractor: str = "by hand",
    **fields: str,
) -> Record:
    paper = Paper(id, title, abstract, published=published, **fields)
    found = tuple(_entity(paper.text, e) for e in entities)
    triples, results = [], []
    for subject, relation, target, *rest in statements:
        qualifiers = dict(rest[0]) if rest else {}
        evidence = (_evidence(paper, subject, target),)
        if relation == "RESULT":
            results.append(Result(subject, target, evidence=evidence, **{"metric": None, **qualifiers}))
        else:
            triples.append(Triple(subject, relation, target or "", evidence=evidence, **qualifiers))
    return Record(paper, extractor, found, tuple(triples), tuple(results))


def _entity(text: str, given: str) -> RecordEntity:
    type, names = given.split(" ", 1)
    name, *aliases = names.split(" = ")
    spans = {m.span() for n in (name, *aliases) for m in re.finditer(re.escape(n), text)}
    return RecordEntity(name, type.rstrip("!"), tuple(aliases), type.endswith("!"), 900, tuple(sorted(spans)))


def _evidence(paper: Paper, subject: str, target: str | None) -> Evidence:
    start = len(paper.title) + 1
    for sentence in re.finditer(r"\S[^.]*(?:\.(?=\S)[^.]*)*\.?", paper.text[start:]):
        if target and target in sentence[0]:
            span = (start + sentence.start(), start + sentence.end())
            return Evidence(span, _inside(paper, subject, span), _inside(paper, target, span), "by/hand")
    return Evidence((start, len(paper.text)), rule="by/hand")


def _inside(paper: Paper, words: str, span: tuple[int, int]) -> tuple[int, int] | None:
    at = -1 if words == PAPER else paper.text.find(words, *span)
    return None if at < 0 else (at, at + len(words))
