"""Which named things a text speaks of: their type, their other names, whether the paper introduces them."""

import re
from collections import Counter

from kg.extract.abbreviations import abbreviations
from kg.extract.document import Document
from kg.types import RecordEntity, Span

_NAME = re.compile(
    r"(?<![\w/@.-])(?:[A-Z][a-z]*[A-Z0-9][\w.+]*\w|[a-z]+[A-Z]\w*|[A-Z][A-Za-z]*(?:-[A-Z0-9][\w.]*\w)+|[A-Z][A-Za-z]+-?\d[\w.]*)(?:[- ]\d+(?:\.\d+)?[BMK]?\b)?"
)
_INTRODUCED = re.compile(
    r"\b(?:present|introduce|propose|release|develop|call|dub|name|term)(?:s|d|ed|ing)?\b[^.]{0,60}$"
)
_HEADS = {"dataset": "Dataset", "corpus": "Dataset", "datasets": "Dataset", "benchmark": "Benchmark", "benchmarks": "Benchmark",
          "model": "Model", "models": "Model", "method": "Method", "framework": "Method", "algorithm": "Method"}  # fmt: skip


def read_entities(document: Document) -> list[RecordEntity]:
    """The entities of a text, ordered by first mention; names are unique."""
    text = document.text
    title = re.match(r"([\w.+\-]{2,30}):\s", text[: document.title_end])
    surfaces = Counter(m[0].rstrip(".") for m in _NAME.finditer(text) if not m[0].isdigit())
    if title:
        surfaces[title[1]] += 1
    long_forms = {text[slice(*a.short)]: text[slice(*a.long)] for a in abbreviations(text)}
    entities = []
    for surface in surfaces:
        spans = find(text, surface)
        if not spans or len(surface) < 2 or surface.endswith("s") and surface[:-1].isupper():
            continue
        long_form = long_forms.get(surface)
        aliases = (long_form,) if long_form else ()
        mentions = sorted({*spans, *(find(text, long_form) if long_form else ())})
        introduced = bool(title and title[1] == surface) or bool(
            _INTRODUCED.search(text[max(0, spans[-1][0] - 90) : spans[-1][0]])
        )
        entities.append(
            RecordEntity(surface, _type(text, surface, spans), aliases, introduced, 500, tuple(mentions))
        )
    return sorted(entities, key=lambda e: (e.mentions, e.name))


def find(text: str, surface: str) -> list[Span]:
    """Where the surface stands as whole words."""
    return [m.span() for m in re.finditer(rf"(?<![\w]){re.escape(surface)}(?![\w])", text)]


def _type(text: str, surface: str, spans: list[Span]) -> str:
    if re.search(r"Bench|GLUE|Eval$", surface):
        return "Benchmark"
    votes = Counter(
        _HEADS[w]
        for start, end in spans
        for w in re.findall(r"[a-z]+", text[end : end + 20])[:1]
        if w in _HEADS
    )
    return votes.most_common(1)[0][0] if votes else "Model"
