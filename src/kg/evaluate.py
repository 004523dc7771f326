"""Precision, recall and F1 of records against annotated papers.

An entity is found when a prediction in its paper has its type and shares one of its names, folded for case,
hyphens, spaces and a plural s; a triple, when relation, subject and object are; a size, when subject, number
(within 1 %) and kind of unit are. Matching is one to one, in the order of the annotation.
"""

import json
import random
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kg.errors import InputError
from kg.schema import schema
from kg.types import PAPER, Paper

Data = dict[str, Any]

CORE = ("Model", "Dataset", "Benchmark")
CORE_RELATIONS = ("BUILT_ON", "PART_OF", "TRAINED_ON", "EVALUATED_ON", "HAS_SIZE", "COMPARED_TO")
UNIT_KINDS = {
    "parameters": ("param", "weight"),
    "tokens": ("token",),
    "bytes": ("byte", "gb", "tb", "mb"),
    "hours": ("hour",),
    "layers": ("layer",),
    "languages": ("language",),
    "tasks": ("task",),
    "classes": ("class", "categor"),
    "words": ("word",),
}
_KEPT = re.compile(r"[^0-9a-z+]")


@dataclass(slots=True)
class Count:
    """How many were annotated, predicted, and both."""

    gold: int = 0
    predicted: int = 0
    hit: int = 0

    def add(self, other: "Count") -> None:
        """Adds the counts of another paper."""
        self.gold += other.gold
        self.predicted += other.predicted
        self.hit += other.hit

    @property
    def precision(self) -> float:
        """Share of the predicted that was annotated."""
        return self.hit / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the annotated that was predicted."""
        return self.hit / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing missed or made up: in which paper, of which type or relation, and what."""

    paper: str
    kind: str  # missed or spurious
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One prediction: its type or relation, the confidence it was given (per mille), whether it was annotated."""

    what: str
    confidence: int
    right: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Predictions of like confidence, from `low` up to `high` per mille: how many, and the share that was annotated."""

    low: int
    high: int
    count: int
    right: float


Counts = dict[str, Count]
_BANDS = (0, 300, 400, 500, 600, 700, 800, 900, 950, 1001)


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts by figure, per paper and in all, the mistakes behind them, and every prediction judged."""

    papers: list[Counts]
    mistakes: list[Mistake]
    judged: list[Judged]

    @property
    def total(self) -> Counts:
        """The counts of all papers together."""
        return _sum(self.papers)

    def interval(self, figure: str, *, rounds: int = 1000) -> tuple[float, float]:
        """95 % interval of F1 by drawing papers with replacement."""
        draw = random.Random(0)
        kept = [p[figure] for p in self.papers if figure in p]
        values = []
        for _ in range(rounds):
            count = Count()
            for _ in self.papers:
                i = draw.randrange(len(self.papers))
                if i < len(kept):
                    count.add(kept[i])
            values.append(count.f1)
        values.sort()
        return values[int(0.025 * rounds)], values[int(0.975 * rounds) - 1]

    def reliability(self, kinds: Collection[str]) -> list[Band]:
        """How often predictions of these types or relations are right, by the confidence that they were given."""
        found = []
        for low, high in pairwise(_BANDS):
            some = [j.right for j in self.judged if j.what in kinds and low <= j.confidence < high]
            if some:
                found.append(Band(low, min(high, 1000), len(some), sum(some) / len(some)))
        return found


def read_annotated(path: Path) -> Iterator[Data]:
    """Streams annotated papers; an InputError names file and line."""
    try:
        with path.open(encoding="utf8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    data = json.loads(line)
                    if not isinstance(data, dict) or not {"id", "entities", "triples"} <= data.keys():
                        raise InputError(
                            f"{path}, line {number}: an annotated paper needs id, entities and triples."
                        )
                    yield data
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path} is not JSON Lines: {error}. One annotated paper a line.") from error


def papers(gold: Iterable[Data]) -> Iterator[Paper]:
    """The texts of annotated papers, to extract from."""
    for data in gold:
        yield Paper(id=str(data["id"]), title=data.get("title", ""), abstract=data.get("abstract", ""))


def evaluate(gold: Sequence[Data], predicted: Iterable[Data]) -> Scores:
    """Scores records (as plain data) against annotated papers, joined on `id`.

    Raises InputError where a paper has no record.
    """
    by_id = {str(r["id"]): r for r in predicted}
    missing = [str(g["id"]) for g in gold if str(g["id"]) not in by_id]
    if missing:
        raise InputError(
            f"{len(missing)} annotated papers have no record, the first: {', '.join(missing[:5])}."
        )
    scores = Scores([], [], [])
    for data in gold:
        scores.papers.append(_score(data, by_id[str(data["id"])], scores))
    return scores


def fold(name: str) -> str:
    """A name as it is compared: letters, digits and + in lower case, a plural s dropped.

    >>> fold("GPT-4 models"), fold("BERTs"), fold("loss")
    ('gpt4model', 'bert', 'loss')
    """
    kept = _KEPT.sub("", name.lower())
    plural = len(kept) > 3 and kept.endswith("s") and not kept.endswith("ss")
    return kept[:-1] if plural else kept


def unit_kind(unit: str | None) -> str:
    """Units that count as the same: "training tokens" and "tokens"; all that is not special is "items"."""
    low = (unit or "").lower()
    return next((kind for kind, words in UNIT_KINDS.items() if any(w in low for w in words)), "items")


class _Paper:
    """One paper's entities as sets of folded names, and what each of its names stands for."""

    def __init__(self, data: Data) -> None:
        self.entities: list[Data] = data["entities"]
        self.triples: list[Data] = data["triples"]
        self.results: list[Data] = data.get("results", [])
        self.names = [{f for f in map(fold, (e["name"], *e.get("aliases", ()))) if f} for e in self.entities]
        self._stands: dict[str, set[str]] = {"paper": {PAPER}}
        for names in self.names:
            for name in names:
                self._stands.setdefault(name, set()).update(names)

    def of(self, wanted: Callable[[Data], bool]) -> list[int]:
        return [i for i, e in enumerate(self.entities) if wanted(e)]

    def stands(self, name: str) -> set[str]:
        return {PAPER} if name == PAPER else self._stands.get(fold(name), {fold(name)})


def _score(gold_data: Data, predicted_data: Data, scores: Scores) -> Counts:
    gold, predicted, paper = _Paper(gold_data), _Paper(predicted_data), str(gold_data["id"])
    counts: Counts = {}
    _score_entities(gold, predicted, paper, counts, scores)
    _score_triples(gold, predicted, paper, counts, scores)
    pairs = _match(gold.results, predicted.results, lambda a, b: _same_result(gold, predicted, a, b))
    counts["result"] = Count(len(gold.results), len(predicted.results), len(pairs))
    return counts


def _score_entities(gold: _Paper, predicted: _Paper, paper: str, counts: Counts, scores: Scores) -> None:
    named = schema().named_types

    def shares(a: int, b: int) -> bool:
        return bool(gold.names[a] & predicted.names[b])

    def typed(a: int, b: int) -> bool:
        return gold.entities[a]["type"] == predicted.entities[b]["type"] and shares(a, b)

    def as_data(a: int, b: int) -> bool:
        kinds = {e["type"].replace("Benchmark", "Dataset") for e in (gold.entities[a], predicted.entities[b])}
        return len(kinds) == 1 and shares(a, b)

    def count(figure: str, wanted: Callable[[Data], bool], same: Callable[[int, int], bool]) -> None:
        ours, theirs = gold.of(wanted), predicted.of(wanted)
        pairs = _match(ours, theirs, same)
        counts[figure] = Count(len(ours), len(theirs), len(pairs))
        if figure.removeprefix("entity/") in schema().types:
            lost, extra = _rest(ours, theirs, pairs)
            kind = figure.removeprefix("entity/")
            scores.mistakes.extend(Mistake(paper, "missed", kind, gold.entities[i]["name"]) for i in lost)
            scores.mistakes.extend(
                Mistake(paper, "spurious", kind, predicted.entities[i]["name"]) for i in extra
            )
            scores.judged.extend(_judged(kind, [predicted.entities[i] for i in theirs], pairs))

    for kind in (*named, "Task", "Metric"):
        count(f"entity/{kind}", lambda e, kind=kind: e["type"] == kind, shares)  # type: ignore[misc]
    count("entity/core", lambda e: e["type"] in CORE, typed)
    count("entity/named", lambda e: e["type"] in named, typed)
    count("entity/core, Dataset=Benchmark", lambda e: e["type"] in CORE, as_data)
    count("entity/named, any type", lambda e: e["type"] in named, shares)
    count("introduced", lambda e: bool(e.get("introduced")) and e["type"] in named, typed)


def _score_triples(gold: _Paper, predicted: _Paper, paper: str, counts: Counts, scores: Scores) -> None:
    relations = schema().claim_relations
    for figure in ("triple/core", "triple/core (object only)", "triple/all"):
        counts[figure] = Count()
    for relation in relations:
        ours = [t for t in gold.triples if t["relation"] == relation]
        theirs = [t for t in predicted.triples if t["relation"] == relation]
        strict = _match(
            ours,
            theirs,
            lambda a, b: _same_subject(gold, predicted, a, b) and _same_object(gold, predicted, a, b),
        )
        loose = _match(ours, theirs, lambda a, b: _same_object(gold, predicted, a, b))
        found = Count(len(ours), len(theirs), len(strict))
        object_only = Count(len(ours), len(theirs), len(loose))
        counts[f"triple/{relation}"], counts[f"triple/{relation} (object only)"] = found, object_only
        counts["triple/all"].add(found)
        if relation in CORE_RELATIONS:
            counts["triple/core"].add(found)
            counts["triple/core (object only)"].add(object_only)
        lost, extra = _rest(ours, theirs, strict)
        for kind, some in (("missed", lost), ("spurious", extra)):
            scores.mistakes.extend(
                Mistake(paper, kind, relation, f"{t['subject']} -> {t['object']}") for t in some
            )
        scores.judged.extend(_judged(relation, theirs, strict))


def _judged(what: str, predicted: Sequence[Data], pairs: Sequence[tuple[int, int]]) -> Iterator[Judged]:
    """Each prediction with its confidence; records without one count as certain."""
    taken = {j for _, j in pairs}
    for j, one in enumerate(predicted):
        yield Judged(what, one.get("confidence", 1000), j in taken)


def _same_subject(gold: _Paper, predicted: _Paper, a: Data, b: Data) -> bool:
    return bool(gold.stands(a["subject"]) & predicted.stands(b["subject"]))


def _same_object(gold: _Paper, predicted: _Paper, a: Data, b: Data) -> bool:
    if a["relation"] != "HAS_SIZE":
        return bool(gold.stands(a["object"]) & predicted.stands(b["object"]))
    one, other = a.get("value"), b.get("value")
    if one is None or other is None or unit_kind(a.get("unit")) != unit_kind(b.get("unit")):
        return False
    return bool(abs(one - other) <= 0.01 * max(abs(one), abs(other)))


def _same_result(gold: _Paper, predicted: _Paper, a: Data, b: Data) -> bool:
    def number(value: Any) -> str:
        return re.sub(r"[^0-9.]", "", str(value)).strip(".")

    def agree(field: str) -> bool:
        one, other = a.get(field), b.get(field)
        return bool(gold.stands(one) & predicted.stands(other)) if one and other else not one and not other

    return number(a["value"]) == number(b["value"]) and agree("on") and agree("metric")


def _match(
    ours: Sequence[Any], theirs: Sequence[Any], same: Callable[[Any, Any], bool]
) -> list[tuple[int, int]]:
    """Positions (ours, theirs) paired one to one: each of ours takes the first of theirs that is still free."""
    free = dict.fromkeys(range(len(theirs)))
    pairs = []
    for i, one in enumerate(ours):
        for j in free:
            if same(one, theirs[j]):
                pairs.append((i, j))
                del free[j]
                break
    return pairs


def _rest(
    ours: Sequence[Any], theirs: Sequence[Any], pairs: list[tuple[int, int]]
) -> tuple[list[Any], list[Any]]:
    matched, taken = {i for i, _ in pairs}, {j for _, j in pairs}
    return [t for i, t in enumerate(ours) if i not in matched], [
        t for j, t in enumerate(theirs) if j not in taken
    ]


def _sum(papers: Iterable[Counts]) -> Counts:
    total: Counts = {}
    for counts in papers:
        for figure, count in counts.items():
            total.setdefault(figure, Count()).add(count)
    return total
