"""From words to named things: proposes spans, puts them together into candidates, decides what each of them is.

A linear classifier decides over the whole text, once for each name. All sums are of integers, so that a text is read
the same whatever stands beside it.
"""

import functools
import gc
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from kg.extract.abbreviations import Abbreviation, abbreviations
from kg.extract.candidates import (
    Candidate,
    candidates,
    in_text,
    known_type,
    of_name,
    refine,
    scene,
    without_head,
)
from kg.extract.document import Document
from kg.extract.features import NAMED, TYPES, Bundle, Word, of_document
from kg.extract.memory import Counts, Index, Lookup, Match, Memory
from kg.extract.memory import features as memory_features
from kg.extract.tagger import SCALE, Tagger
from kg.extract.weights import Linear, Weights, read_weights
from kg.lexicon import Lexicon, lexicon
from kg.types import RecordEntity

CLASSES = ("None", *TYPES, *(f"{t}+" for t in NAMED))
"""What a candidate can be; + says that the paper introduces it."""

MARGIN = 512
"""Spans are proposed that lose less than this against the best labelling (two nats)."""

SOME_NAME = 0.6
"""From this chance on of being a name of whatever type, the likeliest type is believed though it be unlikely."""

_REMEMBERED = 100_000  # names; beyond, those of texts long past are forgotten
Chances = list[float]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a candidate: its type, or None with the reason; `chances` of each of CLASSES."""

    candidate: Candidate
    chances: Chances
    entity: RecordEntity | None
    reason: str


class _Judge:
    """The classifier at work: one look-up and one sum a feature; what names alone say is remembered."""

    def __init__(self, linear: Linear) -> None:
        self._rows = {feature: row for row, feature in enumerate(linear.features, 1)}  # row 0 is empty
        self._weights = np.vstack([np.zeros((1, len(CLASSES)), np.int32), linear.weights]).astype(np.int16)
        self._bias = linear.bias
        self._names: dict[tuple[str, ...], tuple[list[int], str]] = {}

    def rows(self, found: Iterable[str]) -> list[int]:
        """The rows of the features that weigh anything."""
        return list(filter(None, map(self._rows.get, found)))

    def of_name(
        self, candidate: Candidate, lookups: Sequence[Lookup], clusters: Mapping[str, tuple[int, ...]]
    ) -> list[int]:
        """The rows of what a name alone says, worked out once for the same spellings; notes its known type."""
        surfaces = tuple(candidate.surfaces)
        there = self._names.get(surfaces)
        if there is None:
            if len(self._names) > _REMEMBERED:
                self._names.clear()
            rows = self.rows(of_name(candidate, lookups, clusters))
            there = self._names[surfaces] = rows, known_type(candidate, lookups)
        candidate.known = there[1]
        return there[0]

    def chances(self, rows: Sequence[list[int]]) -> list[Chances]:
        """The chances of CLASSES for each candidate, from the rows of its features."""
        flat: list[int] = []
        starts: list[int] = []
        for some in rows:
            starts.append(len(flat))
            flat.append(0)
            flat += some
        total = np.add.reduceat(self._weights.take(flat, axis=0), starts, axis=0, dtype=np.int32) + self._bias
        return [softmax(line) for line in total.tolist()]


def softmax(scores: Sequence[int]) -> Chances:
    """Probabilities from integer scores; each text alone, so no batch can change a bit of them."""
    top = max(scores)
    powers = [math.exp((v - top) / SCALE) for v in scores]
    total = sum(powers)
    return [p / total for p in powers]


def of_types(chances: Chances) -> list[float]:
    """Chances of being no name and of each of TYPES, introduced or not."""
    size = len(TYPES)
    return [
        chances[0],
        *(chances[1 + t] + (chances[1 + size + t] if t < len(NAMED) else 0.0) for t in range(size)),
    ]


class Reader:
    """Reads the entities of documents; the same for each document whatever the others are."""

    def __init__(self, weights: Weights) -> None:
        self.tagger = Tagger(
            weights.tagger_features, weights.tagger_weights, weights.transitions, weights.clusters
        )
        self.clusters = weights.clusters
        known = known_names()
        taught = {**weights.taught, **_own_names(lexicon())}
        self.index = Index(chain(taught, known.counts))
        self.lookups = lookups(Memory(taught), known)
        self._judge = _Judge(weights.classifier)
        self.thresholds = [t / 1000 for t in weights.thresholds.tolist()]

    def read(self, documents: Sequence[Document]) -> list[list[RecordEntity]]:
        """The entities of each document, ordered by first mention."""
        return [
            sorted((d.entity for d in decisions if d.entity), key=lambda e: (e.mentions, e.name))
            for decisions in self.decide(documents)
        ]

    def decide(self, documents: Sequence[Document]) -> list[list[Decision]]:
        """What becomes of every candidate of each document."""
        # Step by step over all documents: each step finds its tables in the processor's cache.
        views = self._views(documents)
        proposed = self.tagger.spans([(v.document, v.words, v.features) for v in views], MARGIN)
        found = [
            candidates(v.document, refine(spans, v.matches, v.words, self.lookups, self.clusters), v.pairs)
            for v, spans in zip(views, proposed, strict=True)
        ]
        rows = [
            [self._judge.of_name(candidate, self.lookups, self.clusters) for candidate in some]
            for some in found
        ]
        for view, some, lines in zip(views, found, rows, strict=True):
            stage = scene(view.document, view.words, some, self.clusters)
            by_key = {c.key: c for c in some}
            lines[:] = [
                line + self._judge.rows(in_text(candidate, stage, by_key))
                for candidate, line in zip(some, lines, strict=True)
            ]
        return [
            settle(v.document, some, self._judge.chances(lines), self.thresholds) if some else []
            for v, some, lines in zip(views, found, rows, strict=True)
        ]

    def _views(self, documents: Sequence[Document]) -> list["_View"]:
        words = [self.tagger.words(document) for document in documents]
        pairs = [abbreviations(document.text) for document in documents]
        matches = [self.index.matches(document.lows) for document in documents]
        features = [
            of_document(d, w, p) + memory_features(m, self.lookups)
            for d, w, p, m in zip(documents, words, pairs, matches, strict=True)
        ]
        return list(map(_View, documents, words, pairs, matches, features))


class _View(NamedTuple):
    """A document with what reading needs of it."""

    document: Document
    words: list[Word]
    pairs: list[Abbreviation]
    matches: list[Match]
    features: list[tuple[int, Bundle]]


def settle(
    document: Document, found: Sequence[Candidate], chances: Sequence[Chances], thresholds: Sequence[float]
) -> list[Decision]:
    """Decides for each candidate which words are its own.

    Inside a longer name a name yields, if it also stands alone somewhere ("PhoBERT" in "PhoBERT-base"); names that
    stand only inside one another, or overlap, want the same words, and the surer one takes them.
    """
    size, decisions = len(TYPES), []
    kept: list[tuple[float, str, int, Candidate, Chances]] = []
    for candidate, chance in zip(found, chances, strict=True):
        types = of_types(chance)
        kind = max(range(size), key=lambda t: types[1 + t])
        sure = types[1 + kind]
        if sure < thresholds[kind] and not (
            kind < len(NAMED) and sum(types[1 : 1 + len(NAMED)]) >= SOME_NAME
        ):
            reason = f"{TYPES[kind]} with {sure:.0%}, below {thresholds[kind]:.0%}"
            decisions.append(Decision(candidate, chance, None, reason))
        else:
            kept.append((-sure, candidate.key, kind, candidate, chance))
    places = {p for _, _, _, c, _ in kept for p in c.places}
    longest: dict[int, int] = {}
    for first, last in places:
        for word in range(first, last):
            longest[word] = max(longest.get(word, 0), last - first)
    taken: set[int] = set()
    names: set[str] = set()
    for negative, _, kind, candidate, chance in sorted(kept, key=lambda k: k[:2]):
        alone = [p for p in candidate.places if all(longest[w] <= p[1] - p[0] for w in range(*p))]
        free = []
        for place in sorted(alone or candidate.places, key=lambda p: (p[0] - p[1], p)):
            if taken.isdisjoint(range(*place)):
                taken.update(range(*place))
                free.append(place)
        introduced = kind < len(NAMED) and chance[1 + size + kind] > -0.5 * negative
        entity = (
            _entity(document, sorted(free), TYPES[kind], introduced, round(-1000 * negative))
            if free
            else None
        )
        if entity is None or entity.name in names:
            reason = f"{TYPES[kind]}, but inside a surer name everywhere"
            decisions.append(Decision(candidate, chance, None, reason))
        else:
            names.add(entity.name)
            decisions.append(Decision(candidate, chance, entity, ""))
    return decisions


def _entity(
    document: Document, places: Sequence[tuple[int, int]], kind: str, introduced: bool, confidence: int
) -> RecordEntity:
    starts, ends, text = document.starts, document.ends, document.text
    spans = [(starts[first], ends[without_head(document.words, first, last) - 1]) for first, last in places]
    surfaces = dict.fromkeys(text[start:end] for start, end in spans)
    name = max(surfaces, key=len)  # the first of the longest
    surfaces |= dict.fromkeys(text[starts[first] : ends[last - 1]] for first, last in places)
    aliases = tuple(s for s in surfaces if s != name)
    return RecordEntity(name, kind, aliases, introduced, confidence, tuple(spans))


def lookups(taught: Memory, known: Memory) -> list[Lookup]:
    """The memories that a text is read with: names taught by gold, and the lexicon."""
    return [(taught.view, "g"), (known.view, "L")]


def known_names() -> Memory:
    """The lexicon as a memory: three texts a name, one of them where it needs a hint beside it."""
    return _known_names(lexicon())


@functools.lru_cache(maxsize=2)
def _known_names(used: Lexicon) -> Memory:
    counts: dict[str, Counts] = {}
    for surface, entry in used.surfaces():
        name = " ".join(w.lower() for w in Document(surface, 0).words)
        if not name:
            continue
        types = list(counts[name].types) if name in counts else [0] * len(TYPES)
        types[TYPES.index(entry.type)] += 1 if entry.context else 3
        counts[name] = Counts(max(3, counts[name].texts if name in counts else 0), tuple(types))
    return Memory(counts)


def _own_names(used: Lexicon) -> dict[str, Counts]:
    """Names that only the user's lexicon has, as if annotated texts had taught them."""
    counts: dict[str, Counts] = {}
    for entry in used.own:
        doubtful = entry.context or entry.case or entry.capital  # a common word when written otherwise
        for surface in () if doubtful else (entry.name, *entry.aliases):
            types = tuple(9 if t == entry.type else 0 for t in TYPES)
            counts[" ".join(w.lower() for w in Document(surface, 0).words)] = Counts(9, types)
    return counts


def reader() -> Reader:
    """The reader with the weights of the model folder and the lexicon in use."""
    return _reader(lexicon())


@functools.lru_cache(maxsize=2)
def _reader(_used: Lexicon) -> Reader:
    made = Reader(read_weights())
    gc.collect()
    gc.freeze()  # a hundred thousand names that never go: else every collection walks them all
    return made
