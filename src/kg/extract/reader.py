"""From words to named things: proposes spans, puts them together into candidates, decides what each of them is.

Two linear classifiers decide over the whole text. The first looks at one candidate; the second knows also what the
first says of the others: what stands in one list is of one kind, a text introduces few things, the longer of two
overlapping names mostly wins. All sums are of integers, so that a text is read the same whatever stands beside it.
"""

import functools
import gc
import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from kg.extract.abbreviations import Abbreviation, abbreviations
from kg.extract.candidates import Candidate, candidates, in_text, known_spans, of_name, scene
from kg.extract.document import Document
from kg.extract.features import NAMED, TYPES, Word, of_document
from kg.extract.memory import Counts, Index, Lookup, Match, Memory
from kg.extract.memory import features as memory_features
from kg.extract.tagger import SCALE, Ints, Span, Tagger
from kg.extract.weights import Linear, Weights, read_weights
from kg.lexicon import lexicon
from kg.types import RecordEntity

CLASSES = ("None", *TYPES, *(f"{t}+" for t in NAMED))
"""What a candidate can be; + says that the paper introduces it."""

MARGIN = 512
"""Spans are proposed that lose less than this against the best labelling (two nats)."""

_REMEMBERED = 100_000  # names; beyond, those of texts long past are forgotten
_STEPS = (0.03, 0.1, 0.25, 0.45, 0.65, 0.85, 0.95)
Chances = list[float]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a candidate: its type, or None with the reason; `chances` of each of CLASSES."""

    candidate: Candidate
    chances: Chances
    entity: RecordEntity | None
    reason: str


class Classifier:
    """A linear classifier over named features; weights are integers, SCALE units to a nat."""

    def __init__(self, linear: Linear) -> None:
        self._rows = {feature: row for row, feature in enumerate(linear.features)}
        self._weights, self._bias = linear.weights, linear.bias

    def scores(self, found: Iterable[str]) -> Ints:
        """The integer score of each of CLASSES."""
        rows = self._rows
        hits = [row for f in found if (row := rows.get(f)) is not None]
        total: Ints = self._weights[hits].sum(0, dtype=np.int32) + self._bias if hits else self._bias
        return total


class _Judge:
    """Both classifiers at once: one look-up and one sum a feature; what names alone say is remembered."""

    def __init__(self, first: Linear, second: Linear) -> None:
        names = list(dict.fromkeys(chain(first.features, second.features)))
        self._rows = {feature: row for row, feature in enumerate(names, 1)}  # row 0 is empty
        size = len(CLASSES)
        self._weights = np.zeros((len(names) + 1, 2 * size), np.int16)
        for at, linear in ((0, first), (size, second)):
            rows = [self._rows[f] for f in linear.features]
            self._weights[rows, at : at + size] = linear.weights
        self.bias = np.concatenate([first.bias, second.bias])
        self._names: dict[tuple[str, ...], list[int]] = {}

    def rows(self, found: Iterable[str]) -> list[int]:
        """The rows of the features that weigh anything."""
        get = self._rows.get
        return [row for f in found if (row := get(f))]

    def rows_of_name(self, surfaces: tuple[str, ...], found: Callable[[], list[str]]) -> list[int]:
        """The rows of what a name alone says, worked out once for the same spellings."""
        rows = self._names.get(surfaces)
        if rows is None:
            if len(self._names) > _REMEMBERED:
                self._names.clear()
            rows = self._names[surfaces] = self.rows(found())
        return rows

    def sums(self, rows: Iterable[list[int]]) -> Ints:
        """Scores of the first and the second classifier, a line for each candidate, without the bias."""
        flat: list[int] = []
        starts: list[int] = []
        for some in rows:
            starts.append(len(flat))
            flat.append(0)
            flat += some
        total: Ints = np.add.reduceat(self._weights[flat], starts, axis=0, dtype=np.int32)
        return total


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
        self.index = Index(chain(weights.taught, weights.met, known.counts))
        self.lookups = lookups(Memory(weights.taught), Memory(weights.met), known)
        self._judge = _Judge(weights.first, weights.second)
        self.thresholds = [t / 1000 for t in weights.thresholds.tolist()]

    def read(self, documents: Sequence[Document]) -> list[list[RecordEntity]]:
        """The entities of each document, ordered by first mention."""
        return [
            sorted((d.entity for d in decisions if d.entity), key=lambda e: (e.mentions, e.name))
            for decisions in self.decide(documents)
        ]

    def decide(self, documents: Sequence[Document]) -> list[list[Decision]]:
        """What becomes of every candidate of each document."""
        views = [self._view(document) for document in documents]
        spans = self.tagger.spans([(v.document, v.words, v.features) for v in views], MARGIN)
        return [self._decide(view, proposed) for view, proposed in zip(views, spans, strict=True)]

    def _view(self, document: Document) -> "_View":
        words = self.tagger.words(document)
        pairs = abbreviations(document.text)
        matches = self.index.matches([w.lower for w in words])
        found = of_document(document, words, pairs) + memory_features(matches, self.lookups)
        return _View(document, words, pairs, matches, found)

    def _decide(self, view: "_View", proposed: list[Span]) -> list[Decision]:
        spans = [*proposed, *known_spans(view.matches, view.words, self.lookups, proposed)]
        found = candidates(view.document, spans, view.pairs)
        if not found:
            return []
        stage = scene(view.document, view.words, found)
        by_key = {c.key: c for c in found}
        judge, size = self._judge, len(CLASSES)
        rows = []
        for c in found:
            of_it = judge.rows_of_name(
                tuple(c.surfaces),
                lambda c=c: of_name(c, self.lookups, self.clusters),  # type: ignore[misc]
            )
            rows.append(of_it + judge.rows(in_text(c, stage, by_key)))
        sums = judge.sums(rows) + judge.bias
        alone = [softmax(line) for line in sums[:, :size].tolist()]
        company = judge.sums(judge.rows(f) for f in in_company(found, alone))
        chances = [softmax(line) for line in (sums + company)[:, size:].tolist()]
        return settle(view.document, found, chances, self.thresholds)


class _View(NamedTuple):
    """A document with what reading needs of it."""

    document: Document
    words: list[Word]
    pairs: list[Abbreviation]
    matches: list[Match]
    features: list[tuple[int, str]]


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
        if sure < thresholds[kind]:
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
    kept.sort(key=lambda k: k[:2])
    for negative, _, kind, candidate, chance in kept:
        alone = [p for p in candidate.places if all(longest[w] <= p[1] - p[0] for w in range(*p))]
        free = [p for p in alone or candidate.places if taken.isdisjoint(range(*p))]
        if not free:
            reason = f"{TYPES[kind]}, but inside a surer name everywhere"
            decisions.append(Decision(candidate, chance, None, reason))
            continue
        for place in free:
            taken.update(range(*place))
        introduced = kind < len(NAMED) and chance[1 + size + kind] > -0.5 * negative
        entity = _entity(document, free, TYPES[kind], introduced, round(-1000 * negative))
        decisions.append(Decision(candidate, chance, entity, ""))
    return decisions


def _entity(
    document: Document, places: Sequence[tuple[int, int]], kind: str, introduced: bool, confidence: int
) -> RecordEntity:
    spans = tuple((document.starts[first], document.ends[last - 1]) for first, last in places)
    surfaces = dict.fromkeys(document.text[start:end] for start, end in spans)
    name = max(surfaces, key=len)  # the first of the longest
    return RecordEntity(name, kind, tuple(s for s in surfaces if s != name), introduced, confidence, spans)


def _step(chance: float) -> int:
    return bisect_left(_STEPS, chance)


_SHARE = [[f"q{t}={s}" for s in range(8)] for t in range(1 + len(TYPES))]
_NEW_SHARE = [[f"qi{t}={s}" for s in range(8)] for t in range(len(NAMED))]
_OTHERS = [[f"n{t}={n}" for n in range(5)] for t in range(len(TYPES))]


def in_company(found: Sequence[Candidate], alone: Sequence[Chances]) -> list[list[str]]:
    """Features of each candidate from what the first classifier says of it and of the others in the text."""
    size, shift, named = len(TYPES), 1 + len(TYPES), range(len(NAMED))
    types = [of_types(c) for c in alone]
    new = [sum(c[shift:]) for c in alone]
    totals = [sum(q[1 + t] for q in types) for t in range(size)]
    number = {c.key: i for i, c in enumerate(found)}
    best = [q.index(max(q[1:]), 1) for q in types]
    top = new.index(max(new))
    kind = max(named, key=alone[top][shift:].__getitem__)
    above = f"top={kind}{_step(new[top])}", f"top={kind}b"
    strong = [(j, d.key) for j, d in enumerate(found) if 1 - types[j][0] > 0.5]
    rivals = _rivals(found, types, best)
    out = []
    for i, c in enumerate(found):
        q, mine = types[i], best[i]
        f = [names[_step(v)] for names, v in zip(_SHARE, q, strict=True)]
        f += [names[_step(v)] for names, v in zip(_NEW_SHARE, alone[i][shift:], strict=True)]
        f.append(f"qb={mine}{_step(q[mine])}")
        rank = min(3, sum([v > new[i] for v in new]))
        f += (f"ir={rank}", f"ir={rank}{_step(new[i])}")
        if top != i:
            f += (above[0], f"{above[1]}{mine}")
        rest = [min(4, int(totals[t] - q[1 + t] + 0.5)) for t in range(size)]
        f += [names[n] for names, n in zip(_OTHERS, rest, strict=True)]
        f += [f"bt{mine}n{t + 1}={min(3, rest[t])}" for t in named]
        f += rivals[i]
        for key in c.siblings:
            j = number[key]
            if types[j][best[j]] > 0.3:
                f += (f"sb={best[j]}{_step(types[j][best[j]])}", f"sb={best[j]}", f"sb={best[j]}b{mine}")
            else:
                f.append("sbN")
        for j, key in strong:
            if j != i:
                longer, shorter = c.key.startswith(key), key.startswith(c.key)
                if (longer and len(key) > 2) or (shorter and len(c.key) > 2):
                    half = new[j] / (1 - types[j][0] + 1e-9) > 0.5
                    f.append(f"{'P' if longer else 'p'}={best[j]}{half}")
        out.append(list(dict.fromkeys(f)))
    return out


def _rivals(
    found: Sequence[Candidate], types: Sequence[Sequence[float]], best: Sequence[int]
) -> list[list[str]]:
    """For each candidate the strongest other one that wants some of the same words."""
    at: dict[int, list[tuple[int, int, int]]] = {}
    shared = False
    for i, c in enumerate(found):
        for first, last in c.places:
            for word in range(first, last):
                there = at.setdefault(word, [])
                shared = shared or bool(there)
                there.append((i, first, last))
    if not shared:
        return [["cp=0", "nocp"] for _ in found]
    out = []
    for i, c in enumerate(found):
        strength, rival, how = 0.0, -1, ""
        for first, last in c.places:
            for word in range(first, last):
                for j, start, end in at[word]:
                    if j != i and 1 - types[j][0] > strength:
                        strength, rival = 1 - types[j][0], j
                        inside, outside = start <= first and last <= end, first <= start and end <= last
                        how = "in" if inside else "out" if outside else "x"
        if rival < 0:
            out.append(["cp=0", "nocp"])
        else:
            step, stronger = _step(strength), strength > 1 - types[i][0]
            out.append([f"cp={step}{how}", f"cp={step}{how}{best[rival]}", f"cpd={how}{stronger}"])
    return out


def lookups(taught: Memory, met: Memory, known: Memory) -> list[Lookup]:
    """The memories that a text is read with: names taught by gold, met in unlabelled papers, and the lexicon."""
    return [(taught.view, "g"), (met.view, "m"), (known.view, "L")]


@functools.cache
def known_names() -> Memory:
    """The lexicon as a memory: three texts a name, one of them where it needs a hint beside it."""
    counts: dict[str, Counts] = {}
    for surface, entry in lexicon().surfaces():
        name = " ".join(w.lower() for w in Document(surface, 0).words)
        if not name:
            continue
        types = list(counts[name].types) if name in counts else [0] * len(TYPES)
        types[TYPES.index(entry.type)] += 1 if entry.context else 3
        counts[name] = Counts(max(3, counts[name].texts if name in counts else 0), tuple(types))
    return Memory(counts)


@functools.cache
def reader() -> Reader:
    """The reader with the shipped weights."""
    made = Reader(read_weights())
    gc.collect()
    gc.freeze()  # a hundred thousand names that never go: else every collection walks them all
    return made
