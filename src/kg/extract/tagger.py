"""A linear-chain conditional random field in integers: which words begin or continue a name, and of which type.

Weights are learnt by CRFsuite (`kg.extract.train_entities`), rounded to integers and summed exactly, so that a score never
depends on what stands beside a text in a batch. Not one labelling comes out but every span whose best labelling
of its sentence loses less than a margin against the best of all: what they are, the whole text decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kg.extract.document import Document
from kg.extract.features import CASES, REACH, TYPES, ZONES, Bundle, Word, case, is_namely, of_word

LABELS = ("O", *(f"B-{t}" for t in TYPES), *(f"I-{t}" for t in TYPES))
SCALE = 256
"""Integer units of score in one nat."""
OUT = 1 + len(TYPES)  # labels that may follow any other: outside, and the beginnings
_NEVER = -(1 << 28)
_MOST = 32_767  # of what a word gives to a label: 128 nats
_REMEMBERED = 150_000  # words; beyond, those of texts long past are forgotten
_SLOTS = 1 << 19  # of the table of word pairs

Ints = npt.NDArray[np.int32]


class Span(NamedTuple):
    """Words first to last (exclusive) as a name of a type; `loss` is what it costs against the best labelling."""

    first: int
    last: int
    type: str
    loss: int


class Tagger:
    """Scores words and finds spans. `weights`: for each feature a row of integers, one for each of LABELS."""

    def __init__(
        self,
        features: Sequence[str],
        weights: Ints,
        transitions: Ints,
        clusters: Mapping[str, tuple[int, ...]],
    ) -> None:
        self.transitions = transitions.astype(np.int32)
        self.clusters = clusters
        weights = weights.astype(np.int32)
        rows = {feature: row for row, feature in enumerate(features)}
        none = np.zeros(len(LABELS), np.int32)

        def of(feature: str) -> Ints:
            row = rows.get(feature)
            return none if row is None else weights[row]

        self._always = of("b")
        self._edges = np.array([of(f"{d}|#") for d in range(-REACH, REACH + 1)], np.int32)
        self._zones = np.array([[of(f"d|{z}|{c}") for c in CASES] for z in ZONES], np.int32)
        self._pairs = _pair_table(features, weights)
        self._word_rows, self._word_weights = _word_table(features, weights)
        self._rows = {f: row for f, row in rows.items() if f.startswith(("d|", "+1", "-1")) or "|" not in f}
        self._weights = weights
        self.forget()

    def forget(self) -> None:
        """Drops what is remembered of words; nothing else changes."""
        self._words: _Words = _Words(self)
        self._new: list[
            tuple[int, list[int]]
        ] = []  # words met since scores were last asked for, and their rows
        # Row 0 is what stands between sentences.
        self._scores = np.zeros((4096, 2 * REACH + 1, len(LABELS)), np.int16)
        self._scores[0] = self._edges
        self._lower_ids = np.zeros(4096, np.int64)
        self._cases = np.zeros(4096, np.int64)
        self._bundles: dict[Bundle, int] = {}
        self._bundle_scores = np.zeros((1024, len(LABELS)), np.int32)

    def words(self, document: Document) -> list[Word]:
        """What is known of each word of the document."""
        return list(map(self._words.__getitem__, document.words))

    def _meet(self, text: str) -> Word:
        """Works out and keeps the scores that a word gives to itself and to its neighbours."""
        word = Word(len(self._words) + 1, text, text.lower(), case(text), is_namely(text))
        number = word.number
        if number >= len(self._scores):
            self._scores = np.concatenate([self._scores, np.zeros_like(self._scores)])
            self._lower_ids = np.concatenate([self._lower_ids, np.zeros_like(self._lower_ids)])
            self._cases = np.concatenate([self._cases, np.zeros_like(self._cases)])
        own, near, _, _ = of_word(text, self.clusters)
        rows = self._word_rows
        hits = [row for f in dict.fromkeys(own + near) if (row := rows.get(f)) is not None]
        if hits:
            self._new.append((number, hits))
        self._lower_ids[number] = self._pairs.ids.get(word.lower, 0)
        self._cases[number] = CASES.index(word.case)
        return word

    def _score_new(self) -> None:
        """Sums the scores of all words met since the last time, at once."""
        if self._new:
            starts = np.cumsum([0, *(len(hits) for _, hits in self._new[:-1])])
            rows = np.array([row for _, hits in self._new for row in hits])
            summed = np.add.reduceat(self._word_weights[rows], starts, axis=0, dtype=np.int32)
            self._scores[[number for number, _ in self._new]] = np.clip(summed, -_MOST, _MOST)
            self._new.clear()

    def _meet_bundle(self, bundle: Bundle) -> int:
        """Works out and keeps the scores of features that go together."""
        row = len(self._bundles)
        if row >= len(self._bundle_scores):
            self._bundle_scores = np.concatenate([self._bundle_scores, np.zeros_like(self._bundle_scores)])
        hits = [hit for f in bundle if (hit := self._rows.get(f)) is not None]
        self._bundle_scores[row] = self._weights[hits].sum(0, dtype=np.int32) if hits else 0
        self._bundles[bundle] = row
        return row

    def spans(
        self,
        documents: Sequence[tuple[Document, list[Word], Iterable[tuple[int, Bundle]]]],
        margin: int,
    ) -> list[list[Span]]:
        """For each document (with its words and its features from document and memory) the spans within the margin.

        Words are those that `words` gave since the last call of this function.
        """
        layout, scores = self._emissions(documents)
        if len(self._words) + len(self._bundles) > _REMEMBERED:
            self.forget()
        return _decode(layout, scores, self.transitions, margin, len(documents))

    def _emissions(
        self, documents: Sequence[tuple[Document, list[Word], Iterable[tuple[int, Bundle]]]]
    ) -> tuple[list[tuple[int, int, int, int]], Ints]:
        """Scores [padded words, labels] and, of each sentence, (document, first word, padded first, length)."""
        ids: list[int] = [0] * REACH
        layout: list[tuple[int, int, int, int]] = []
        firsts: list[int] = []
        titles: list[tuple[int, int]] = []
        extra_at: list[int] = []
        extra_rows: list[int] = []
        gap, bundles = [0] * REACH, self._bundles
        for number, (document, words, features) in enumerate(documents):
            numbers = [w.number for w in words]
            shift = [0] * (len(words) + 2)  # one more at each end, for features that fall outside
            for order, (first, last) in enumerate(document.sentences):
                at = len(ids)
                layout.append((number, first, at, last - first))
                shift[first:last] = range(at, at + last - first)
                ids += numbers[first:last]
                ids += gap
                if order:
                    firsts.append(at)
                else:
                    titles.append((at, at + last - first))
            for index, bundle in features:
                if at := shift[index]:
                    extra_at.append(at)
                    row = bundles.get(bundle)
                    extra_rows.append(self._meet_bundle(bundle) if row is None else row)
        self._score_new()
        known = np.array(ids, np.int64)
        size = len(ids)
        zones = np.full(size, ZONES.index("m"))
        zones[firsts] = ZONES.index("f")
        for start, end in titles:
            zones[start:end] = ZONES.index("t")
        total = self._zones.reshape(-1, len(LABELS)).take(
            zones * len(CASES) + self._cases.take(known), axis=0
        )
        total += self._always
        given = self._scores.take(known, axis=0)
        for distance in range(-REACH, REACH + 1):
            low, high = max(0, -distance), size - max(0, distance)
            total[low:high] += given[low + distance : high + distance, distance + REACH]
        self._pairs.add(self._lower_ids.take(known), total)
        if extra_at:
            at_words = np.array(extra_at)
            order_ = np.argsort(at_words, kind="stable")
            at_words = at_words[order_]
            starts = np.flatnonzero(np.concatenate([[True], at_words[1:] != at_words[:-1]]))
            weights = self._bundle_scores.take(np.array(extra_rows)[order_], axis=0)
            total[at_words[starts]] += np.add.reduceat(weights, starts, axis=0)
        return layout, total


class _Words(dict[str, Word]):
    """Words met, by text; a new one is worked out when it is first asked for."""

    def __init__(self, tagger: Tagger) -> None:
        self._meet = tagger._meet

    def __missing__(self, text: str) -> Word:
        word = self[text] = self._meet(text)
        return word


def _word_table(features: Sequence[str], weights: Ints) -> tuple[dict[str, int], npt.NDArray[np.int16]]:
    """Weights of the features of words: name → row of scores for each distance."""
    rows: dict[str, int] = {}
    at: list[tuple[int, int, int]] = []
    for row, feature in enumerate(features):
        distance, bar, name = feature.partition("|")
        if bar and name != "#" and distance.lstrip("-").isdigit():
            at.append((rows.setdefault(name, len(rows)), int(distance) + REACH, row))
    table = np.zeros((len(rows) + 1, 2 * REACH + 1, len(LABELS)), np.int16)
    numbers = np.array(at, np.int64).reshape(-1, 3)
    table[numbers[:, 0], numbers[:, 1]] = weights[numbers[:, 2]]
    return rows, table


class _Pairs(NamedTuple):
    """Scores of two neighbouring words for the places around them, in an open hash table."""

    ids: dict[str, int]
    slots: npt.NDArray[np.int64]  # slot → key, 0 where empty
    rows: npt.NDArray[np.int64]  # slot → row of scores
    scores: Ints  # row, place (before, second, first, behind), label

    def add(self, lower: npt.NDArray[np.int64], total: Ints) -> None:
        """Adds the scores of each pair of neighbours to the words at and around it."""
        # A pair with an unknown word has a key that no slot holds: those begin at 1 << 24 and have both parts.
        key = (lower[:-1] << 24) | lower[1:]
        slot = _slot(key)
        held = self.slots.take(slot)
        row = np.where(held == key, self.rows.take(slot), 0)
        rest = np.flatnonzero((held != key) & (held != 0))
        while len(rest):  # the few that share a slot
            after = (slot[rest] + 1) & (_SLOTS - 1)
            held, wanted = self.slots[after], key[rest]
            row[rest] = np.where(held == wanted, self.rows[after], 0)
            slot[rest] = after
            rest = rest[(held != wanted) & (held != 0)]
        given, size = self.scores.take(row, axis=0), len(total)
        total[: size - 2] += given[1:, 0]
        total[: size - 1] += given[:, 1]
        total[1:] += given[:, 2]
        total[2:] += given[:-1, 3]


def _slot(key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return ((key * 0x9E3779B1) >> 15) & np.int64(_SLOTS - 1)


def _pair_table(features: Sequence[str], weights: Ints) -> _Pairs:
    """B3|a|b scores the word before the pair, B+ its first, B- its second, B2 the word behind it."""
    places = {"B3": 0, "B+": 1, "B-": 2, "B2": 3}
    ids: dict[str, int] = {}
    pairs: dict[int, list[tuple[int, int]]] = {}
    for row, feature in enumerate(features):
        mark, _, rest = feature.partition("|")
        if mark in places:
            left, _, right = rest.partition("|")
            key = (ids.setdefault(left, len(ids) + 1) << 24) | ids.setdefault(right, len(ids) + 1)
            pairs.setdefault(key, []).append((places[mark], row))
    scores = np.zeros((len(pairs) + 1, 4, len(LABELS)), np.int32)
    slots, rows = np.zeros(_SLOTS, np.int64), np.zeros(_SLOTS, np.int64)
    for number, (key, parts) in enumerate(pairs.items(), 1):
        for place, row in parts:
            scores[number, place] += weights[row]
        slot = int(_slot(np.array([key]))[0])
        while slots[slot]:
            slot = (slot + 1) & (_SLOTS - 1)
        slots[slot], rows[slot] = key, number
    return _Pairs(ids, slots, rows, scores)


def _decode(
    layout: list[tuple[int, int, int, int]], scores: Ints, transitions: Ints, margin: int, documents: int
) -> list[list[Span]]:
    """Best score of each sentence with each label at each word, forth and back, all sentences at once."""
    found: list[list[Span]] = [[] for _ in range(documents)]
    if not layout:
        return found
    layout = sorted(layout, key=lambda s: -s[3])  # so that at each step those still going on come first
    lengths = np.array([s[3] for s in layout])
    steps = int(lengths[0])
    # First all first words, then all second ones, and so on: a step is a run of columns.
    going = np.searchsorted(-lengths, -np.arange(steps), side="left")
    first = np.concatenate([[0], np.cumsum(going)])
    step = np.repeat(np.arange(steps), going)
    sentence = np.arange(first[-1]) - first[step]
    at = np.array([s[2] for s in layout]).take(sentence) + step
    emit = np.ascontiguousarray(scores.take(at, axis=0).T)  # label, word
    columns = [slice(a, b) for a, b in pairwise(first.tolist())]
    free = transitions[:, :OUT, None]
    stay = np.concatenate([np.diagonal(transitions[1:OUT, OUT:]), np.diagonal(transitions[OUT:, OUT:])])
    stay = stay.astype(np.int32)[:, None]
    forth = emit.copy()
    forth[OUT:, columns[0]] += _NEVER
    for here, there in pairwise(columns):
        n = there.stop - there.start
        before, now = forth[:, here.start : here.start + n], forth[:, there]
        now[:OUT] += np.max(before[:, None] + free, axis=0)
        held = before[1:] + stay
        now[OUT:] += np.maximum(held[: OUT - 1], held[OUT - 1 :])
    back = np.zeros_like(emit)
    continues = np.zeros((len(emit) - 1, emit.shape[1]), bool)
    for here, there in zip(columns[-2::-1], columns[:0:-1], strict=True):
        n = there.stop - there.start
        after = emit[:, there] + back[:, there]
        leave = np.max(after[None, :OUT] + free, axis=1)
        held = np.concatenate([after[OUT:], after[OUT:]]) + stay
        np.greater(held, leave[1:], out=continues[:, here.start : here.start + n])
        np.maximum(held, leave[1:], out=leave[1:])
        back[:, here.start : here.start + n] = leave
    best = np.max(forth[:, columns[0]] + back[:, columns[0]], axis=0)
    loss = best[sentence] - (forth[1:OUT] + back[1:OUT])
    kinds, words = np.nonzero(loss <= margin)
    offsets = first.tolist()
    for kind, of, t, lost in zip(
        kinds.tolist(),
        sentence[words].tolist(),
        step[words].tolist(),
        loss[kinds, words].tolist(),
        strict=True,
    ):
        document, start, _, length = layout[of]
        end, state = t + 1, kind
        while end < length and continues[state, offsets[end - 1] + of]:
            end, state = end + 1, kind + OUT - 1
        found[document].append(Span(start + t, start + end, TYPES[kind], lost))
    for spans in found:
        spans.sort()
    return found
