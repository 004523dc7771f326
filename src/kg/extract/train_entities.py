"""Learns to read entities from annotated papers: the tagger, the memory of names, the classifier of names."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from kg.errors import InputError
from kg.extract.abbreviations import Abbreviation, abbreviations
from kg.extract.candidates import Candidate, candidates, form, in_text, known_type, of_name, refine, scene
from kg.extract.clusters import learn_clusters
from kg.extract.document import Document
from kg.extract.features import NAMED, REACH, TYPES, Bundle, Word, case, is_namely, of_document, of_word, zone
from kg.extract.introduced import with_introduced
from kg.extract.memory import Counts, Index, Lookup, Memory, View
from kg.extract.memory import features as memory_features
from kg.extract.reader import CLASSES, MARGIN, Chances, known_names, of_types, settle, softmax
from kg.extract.tagger import LABELS, SCALE, Ints, Span, Tagger
from kg.extract.weights import Linear, Weights, read_weights
from kg.types import RecordEntity


@dataclass(slots=True)
class Example:
    """A gold paper cut into words. `spans`: (first word, last exclusive, type, index of the gold entity)."""

    id: str
    gold: dict[str, Any]
    document: Document
    pairs: list[Abbreviation]
    spans: list[tuple[int, int, str, int]]

    @property
    def lows(self) -> list[str]:
        """The words in lower case."""
        return [w.lower() for w in self.document.words]


def read_gold(paths: Iterable[Path]) -> list[Example]:
    """The papers of gold files, in order; ids are made unique by the name of the file."""
    examples = []
    for path in paths:
        for line in path.read_text("utf8").splitlines():
            gold = json.loads(line)
            text = f"{gold['title']}\n{gold['abstract']}"
            document = Document(text, len(gold["title"]))
            examples.append(
                Example(
                    f"{path.stem}:{gold['id']}", gold, document, abbreviations(text), _locate(document, gold)
                )
            )
    return examples


def _locate(document: Document, gold: Mapping[str, Any]) -> list[tuple[int, int, str, int]]:
    """Where the names and aliases of gold entities stand, as whole words; the longest name wins."""
    starts = {start: index for index, start in enumerate(document.starts)}
    ends = {end: index + 1 for index, end in enumerate(document.ends)}
    found = []
    for number, entity in enumerate(gold["entities"]):
        for name in sorted({entity["name"], *entity["aliases"]}):
            for match in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", document.text):
                first, last = starts.get(match.start()), ends.get(match.end())
                if first is not None and last is not None:
                    found.append((first, last, entity["type"], number))
    taken: set[int] = set()
    kept = []
    for span in sorted(found, key=lambda s: (s[0] - s[1], s)):
        if taken.isdisjoint(range(span[0], span[1])):
            taken.update(range(span[0], span[1]))
            kept.append(span)
    return sorted(kept)


class Teacher:
    """Names of the gold with the papers that they stand in: a memory from which a paper can be taken out."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._named: dict[str, dict[str, set[int]]] = {}
        for example in examples:
            for entity in example.gold["entities"]:
                kind = TYPES.index(entity["type"])
                for surface in (entity["name"], *entity["aliases"]):
                    words = Document(surface, 0).words
                    if 0 < len(words) <= 8:
                        name = " ".join(w.lower() for w in words)
                        self._named.setdefault(name, {}).setdefault(example.id, set()).add(kind)
        index = Index(self._named)
        self._texts: dict[str, set[str]] = {name: set() for name in self._named}
        for example in examples:
            for name in {m.name for m in index.matches(example.lows)}:
                self._texts[name].add(example.id)
        self.memory = Memory({name: self._count(name, None) for name in self._named})

    def _count(self, name: str, without: str | None) -> Counts:
        types = [0] * len(TYPES)
        for paper, kinds in self._named[name].items():
            if paper != without:
                for kind in kinds:
                    types[kind] += 1
        return Counts(len(self._texts[name] - {without}), tuple(types))

    def without(self, paper: str) -> View:
        """Looks names up as if this paper had not been read."""

        def view(name: str) -> Counts:
            if paper in self._texts.get(name, ()):
                return self._count(name, paper)
            return self.memory.view(name)

        return view


def global_features(example: Example, index: Index, lookups: Iterable[Lookup]) -> list[tuple[int, Bundle]]:
    """Features of document and memories, as the tagger gets them when it reads."""
    words = [_plain(w) for w in example.document.words]
    found = of_document(example.document, words, example.pairs)
    return found + memory_features(index.matches(example.lows), lookups)


def _plain(text: str) -> Word:
    return Word(0, text, text.lower(), case(text), is_namely(text))


def rows_of(
    example: Example, features: Iterable[tuple[int, Bundle]], clusters: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """For each sentence the features of its words and their labels: what CRFsuite learns from."""
    words, lows = example.document.words, example.lows
    extra: list[list[str]] = [[] for _ in words]
    for index, bundle in features:
        if 0 <= index < len(words):
            extra[index] += bundle
    labels = ["O"] * len(words)
    for first, last, kind, _ in example.spans:
        labels[first:last] = [f"B-{kind}"] + [f"I-{kind}"] * (last - first - 1)
    kinds = {w: of_word(w, clusters) for w in set(words)}
    title = example.document.sentences[0][1] if example.document.sentences else 0
    for first, last in example.document.sentences:
        rows = []
        for index in range(first, last):
            row = ["b"]
            for distance in range(-REACH, REACH + 1):
                at = index + distance
                if first <= at < last:
                    row += [f"{distance}|{f}" for f in kinds[words[at]][abs(distance)]]
                elif abs(distance) < REACH:
                    row.append(f"{distance}|#")
            for mark, at in (("B2", index - 2), ("B-", index - 1), ("B+", index), ("B3", index + 1)):
                if first <= at and at + 1 < last:
                    row.append(f"{mark}|{lows[at]}|{lows[at + 1]}")
            row.append(f"d|{zone(index, first, title)}|{case(words[index])}")
            rows.append(row + extra[index])
        yield rows, labels[first:last]


def train_tagger(
    examples: Iterable[tuple[Example, Iterable[tuple[int, Bundle]]]],
    clusters: Mapping[str, tuple[int, ...]],
    *,
    rounds: int = 60,
    l1: float = 0.05,
    l2: float = 0.02,
    seldom: int = 2,
) -> tuple[list[str], Ints, Ints]:
    """Feature names, their integer weights for LABELS, and the transitions, learnt by CRFsuite."""
    import pycrfsuite

    options = {"c1": l1, "c2": l2, "max_iterations": rounds, "feature.minfreq": seldom,
               "feature.possible_transitions": True}  # fmt: skip
    trainer = pycrfsuite.Trainer("lbfgs", options, verbose=False)
    for example, found in examples:
        for rows, labels in rows_of(example, found, clusters):
            trainer.append(rows, labels)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        tagger.close()
    return _rounded(info)


def _rounded(info: Any) -> tuple[list[str], Ints, Ints]:
    number = {label: index for index, label in enumerate(LABELS)}
    weights: dict[str, Ints] = {}
    for (feature, label), weight in info.state_features.items():
        if quantum := round(weight * SCALE):
            weights.setdefault(feature, np.zeros(len(LABELS), np.int32))[number[label]] = quantum
    names = sorted(weights)
    transitions = np.zeros((len(LABELS), len(LABELS)), np.int32)
    for (before, after), weight in info.transitions.items():
        transitions[number[before], number[after]] = round(weight * SCALE)
    return names, np.array([weights[n] for n in names], np.int32), transitions


def label_of(candidate: Candidate, gold: Mapping[str, Any]) -> int:
    """The index in CLASSES of what the gold says of a candidate: 0 where it names nothing."""
    entities: dict[str, Any] = {}
    for entity in gold["entities"]:
        for name in (entity["name"], *entity["aliases"]):
            entities.setdefault(form(name), entity)
    for surface in sorted(candidate.surfaces, key=lambda s: (-len(s), s)):
        if entity := entities.get(form(surface)):
            new = entity["introduced"] and entity["type"] in NAMED
            return CLASSES.index(entity["type"] + ("+" if new else ""))
    return 0


@dataclass(slots=True)
class Case:
    """The candidates of one paper, with what the classifiers see of them and what they are."""

    example: Example
    found: list[Candidate]
    features: list[list[str]]
    labels: list[int]


def cases_of(
    examples: Sequence[Example],
    spans: Mapping[str, list[Span]],
    index: Index,
    lookups_of: Callable[[Example], list[Lookup]],
    clusters: Mapping[str, tuple[int, ...]],
) -> list[Case]:
    """What the classifiers learn from: candidates of spans that a tagger proposed which had not seen the paper."""
    cases = []
    for example in examples:
        proposed, lookups = spans[example.id], lookups_of(example)
        words = [_plain(w) for w in example.document.words]
        refined = refine(proposed, index.matches(example.lows), words, lookups, clusters)
        found = candidates(example.document, refined, example.pairs)
        stage = scene(example.document, words, found, clusters)
        by_key = {c.key: c for c in found}
        for candidate in found:
            candidate.known = known_type(candidate, lookups)
        seen = [of_name(c, lookups, clusters) + in_text(c, stage, by_key) for c in found]
        cases.append(Case(example, found, seen, [label_of(c, example.gold) for c in found]))
    return cases


def propose(
    tagger: Tagger,
    examples: Sequence[Example],
    index: Index,
    lookups_of: Callable[[Example], list[Lookup]],
) -> dict[str, list[Span]]:
    """The spans that a tagger proposes for each paper."""
    spans: dict[str, list[Span]] = {}
    for at in range(0, len(examples), 64):
        part = examples[at : at + 64]
        prepared = [
            (e.document, tagger.words(e.document), global_features(e, index, lookups_of(e))) for e in part
        ]
        for example, found in zip(part, tagger.spans(prepared, MARGIN), strict=True):
            spans[example.id] = found
    return spans


def train_linear(
    rows: Sequence[Sequence[str]], labels: Sequence[int], *, strength: float = 0.1, seldom: int = 2
) -> Linear:
    """A multinomial logistic regression over named features, rounded to integers."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    count = Counter(f for row in rows for f in row)
    names = sorted(f for f, n in count.items() if n >= seldom)
    number = {f: i for i, f in enumerate(names)}
    hits = [[number[f] for f in row if f in number] for row in rows]
    ends = np.cumsum([0, *map(len, hits)])
    flat = np.array([h for row in hits for h in row], np.int32)
    matrix = csr_matrix((np.ones(len(flat), np.float64), flat, ends), shape=(len(rows), len(names)))
    model = LogisticRegression(C=strength, max_iter=120, tol=1e-3).fit(matrix, labels)
    weights = np.zeros((len(names), len(CLASSES)), np.int32)
    bias = np.full(len(CLASSES), -20 * SCALE, np.int32)
    weights[:, model.classes_] = np.rint(model.coef_.T * SCALE)
    bias[model.classes_] = np.rint(model.intercept_ * SCALE)
    kept = np.flatnonzero(np.abs(weights).max(1) > 0)
    return Linear([names[i] for i in kept], weights[kept], bias)


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


def train_classifier(cases: Sequence[Case]) -> Linear:
    """The classifier of candidates."""
    return train_linear([f for c in cases for f in c.features], [y for c in cases for y in c.labels])


def chances_of(case: Case, judge: Classifier) -> list[Chances]:
    """What the classifier says of each candidate of a paper."""
    return [softmax(judge.scores(f).tolist()) for f in case.features]


def unseen_chances(cases: Sequence[Case], *, folds: int = 4) -> list[list[Chances]]:
    """What classifiers say that learnt from the other papers: for thresholds and for figures."""
    judges = [
        Classifier(train_classifier([c for n, c in enumerate(cases) if n % folds != fold]))
        for fold in range(folds)
    ]
    return [chances_of(c, judges[n % folds]) for n, c in enumerate(cases)]


def thresholds(cases: Sequence[Case], chances: Sequence[Sequence[Chances]]) -> Ints:
    """For each type the chance, per mille, from which on believing it gives the best F1 on these papers."""
    sure: list[list[tuple[float, bool]]] = [[] for _ in TYPES]
    gold = Counter(e["type"] for c in cases for e in c.example.gold["entities"])
    for case_, lines in zip(cases, chances, strict=True):
        for label, line in zip(case_.labels, lines, strict=True):
            shares = of_types(line)
            kind = max(range(len(TYPES)), key=lambda t, s=shares: s[1 + t])  # type: ignore[misc]
            sure[kind].append((shares[1 + kind], CLASSES[label].rstrip("+") == TYPES[kind]))
    return np.array([_threshold(found, gold[t]) for t, found in zip(TYPES, sure, strict=True)], np.int32)


def _threshold(found: list[tuple[float, bool]], gold: int) -> int:
    def f1(least: float) -> float:
        believed = [right for share, right in found if share >= least]
        return 2 * sum(believed) / (len(believed) + gold) if believed else 0.0

    return max(range(300, 600, 20), key=lambda least: f1(least / 1000))


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learnt, and what it reads in each of the papers when it has not learnt from them, by text."""

    weights: Weights
    unseen: dict[str, list[RecordEntity]]


def train_entities(
    gold_paths: Iterable[Path],
    *,
    texts: Iterable[Document] | None = None,
    folds: int = 3,
    rounds: int = 60,
    say: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Learns everything that reading entities needs from gold papers.

    The classifiers learn from spans proposed by taggers that had not seen the paper: one for each of `folds` parts.
    Clusters of words come from `texts` where given, else they are the shipped ones. The same gold gives the same
    weights on the same machine.
    """
    examples = read_gold(gold_paths)
    if len(examples) < 2 * folds:
        raise InputError(f"{len(examples)} gold papers are too few to learn from: give at least {2 * folds}.")
    clusters = read_weights().clusters if texts is None else learn_clusters(texts)
    known, teacher = known_names(), Teacher(examples)
    index = Index(chain(teacher.memory.counts, known.counts))
    spans: dict[str, list[Span]] = {}
    for fold in range(folds):
        rest = [e for n, e in enumerate(examples) if n % folds != fold]
        tagger, taught = _tagger(rest, clusters, known, rounds)
        spans |= propose(
            Tagger(*tagger, clusters), examples[fold::folds], index, _lookups(taught.memory.view, known)
        )
        say(f"tagger {fold + 1} of {folds + 1}: {len(tagger[0]):,} features from {len(rest):,} papers")
    features, weights, transitions = _tagger(examples, clusters, known, rounds)[0]
    say(f"tagger {folds + 1} of {folds + 1}: {len(features):,} features from {len(examples):,} papers")
    cases = cases_of(
        examples, spans, index, lambda e: [(teacher.without(e.id), "g"), (known.view, "L")], clusters
    )
    classifier = train_classifier(cases)
    count = sum(len(c.found) for c in cases)
    say(f"classifier of names: {len(classifier.features):,} features from {count:,} candidates")
    chances = unseen_chances(cases)
    least = thresholds(cases, chances)
    learnt = Weights(
        features, weights, transitions, clusters, teacher.memory.counts, classifier, np.array(least, np.int32)
    )
    return Trained(learnt, dict(_unseen(cases, chances, [t / 1000 for t in least])))


def _unseen(
    cases: Sequence[Case], chances: Sequence[Sequence[Chances]], least: Sequence[float]
) -> Iterator[tuple[str, list[RecordEntity]]]:
    for case_, lines in zip(cases, chances, strict=True):
        document = case_.example.document
        decided = settle(document, case_.found, lines, least)
        found = sorted((d.entity for d in decided if d.entity), key=lambda e: (e.mentions, e.name))
        yield document.text, with_introduced(document, found)


def _tagger(
    examples: Sequence[Example], clusters: Mapping[str, tuple[int, ...]], known: Memory, rounds: int
) -> tuple[tuple[list[str], Ints, Ints], Teacher]:
    teacher = Teacher(examples)
    index = Index(chain(teacher.memory.counts, known.counts))
    rows = (
        (e, global_features(e, index, [(teacher.without(e.id), "g"), (known.view, "L")])) for e in examples
    )
    return train_tagger(rows, clusters, rounds=rounds), teacher


def _lookups(taught: View, known: Memory) -> Callable[[Example], list[Lookup]]:
    return lambda _: [(taught, "g"), (known.view, "L")]
