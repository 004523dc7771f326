"""Which relation holds between two things that a paper names: a linear classifier over all allowed pairs.

A pair is a subject (an entity, or the paper itself) and an object entity. What is seen of it are strings: the
words around every mention of the object, taken once per object and weighed anew for each class of subject;
the same of the subject; and what lies between the two where they share a sentence.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.extract.patterns import Hit, hits, rules
from kg.extract.slots import Sentence, Slots

RELATIONS = (
    "BUILT_ON",
    "PART_OF",
    "TRAINED_ON",
    "EVALUATED_ON",
    "APPLIED_TO",
    "COMPARED_TO",
    "USES",
    "DERIVED_FROM",
    "ADDRESSES",
)
GROUPS = ("P", "M", "A", "D")
"""What a subject may be, as the first letter of its role: the paper, a model, a method, data."""
HOWS = ("fine-tuned", "continued-pretraining", "instruction-tuned", "initialised", "distilled", "adapted",
        "architecture", "component", "extended", "merged", "compressed", "other")  # fmt: skip
OUTCOMES = ("better", "similar", "worse", "unknown")
SCALE = 1024
"""An integer weight is this many times the learned one."""
ROLES = ("P0", "PA", "PM", "M1", "MA", "Mt", "Mo", "A1", "AM", "At", "Ao", "D+", "M", "A", "D")
"""What a subject is in its paper: the paper without a named system, with methods only, with a model; its one
system, its one model beside methods, its main model or another; the same of methods; data; what others made."""
_CLASS = {"Model": "M", "Method": "A", "Dataset": "D", "Benchmark": "D"}
PAPER_INDEX = -1
_CUES = frozenset(
    "finetun pretrain distil quant prun backbon initial releas benchmark dataset framework model network architectur "
    "train encod decod adapt compress propos introduc present investigat study explor compar analy systematic survey "
    "checkpoint weight open-sourc paramet token loss objectiv plug-and-play zero-shot prompt instruct algorithm modul".split()
)
_LIST = frozenset((",", "and", "or", "(", ")", "&", "/", "+", "as", "well", "the", "both", "-", "including"))


@dataclass(slots=True)
class Pair:
    """Subject (index of the entity, -1 for the paper) and object (index), with what is seen of both together."""

    subject: int
    object: int
    seen: list[str]


@dataclass(slots=True)
class Read:
    """What a rule read of an object: the sentence, and the subject's entity (None: the paper's own work)."""

    sentence: int
    hit: Hit
    subject: int | None


@dataclass(slots=True)
class Pairs:
    """All pairs of a document; `of_object[o]` and `of_subject[s]` are seen once for all pairs they are in."""

    kinds: dict[int, str]  # class of each subject
    of_object: dict[int, list[str]]
    of_subject: dict[int, list[str]]
    pairs: list[Pair]
    read: dict[int, list[Read]]  # by object


def roles(slots: Slots) -> dict[int, str]:
    """The role of every possible subject."""
    entities, where = slots.entities, slots.where
    own = [i for i, e in enumerate(entities) if e.introduced and where[i]]
    models = [i for i in own if entities[i].type == "Model"]
    methods = [i for i in own if entities[i].type == "Method"]
    found = {PAPER_INDEX: "PM" if models else "PA" if methods else "P0"}
    for group, others, letter, beside in ((models, methods, "M", "A"), (methods, models, "A", "M")):
        main = max(group, key=lambda i: (where[i][0][0] == 0, len(where[i]), -i), default=None)
        for i in group:
            if len(group) == 1:
                found[i] = letter + (beside if others else "1")
            else:
                found[i] = letter + ("t" if i == main else "o")
    for i, e in enumerate(entities):
        if i not in found and e.type in _CLASS:
            found[i] = _CLASS[e.type] + ("+" if e.introduced else "")
    return found


def candidates(slots: Slots) -> Iterator[tuple[int, int]]:
    """Pairs worth a look: what is not the paper's own is a subject only beside its object."""
    entities = slots.entities
    objects = [o for o, e in enumerate(entities) if e.type != "Metric" and slots.where[o]]
    own = [s for s, e in enumerate(entities) if e.introduced and e.type in _CLASS and slots.where[s]]
    beside: dict[int, set[int]] = {o: set() for o in objects}
    for sentence in slots.sentences:
        named = {e for _, e in sentence.mentions}
        old = [s for s in named if not entities[s].introduced and entities[s].type in _CLASS]
        if old:
            for o in named:
                if o in beside:
                    beside[o].update(old)
    for o in objects:
        yield PAPER_INDEX, o
        for s in own:
            if s != o:
                yield s, o
        for s in sorted(beside[o]):
            if s != o:
                yield s, o


def pairs(slots: Slots) -> Pairs:
    """Everything the classifier sees of a document."""
    general = _general(slots)
    read = readings(slots)
    found = Pairs(roles(slots), {}, {}, [], read)
    for s, o in candidates(slots):
        if o not in found.of_object:
            seen = {"!" + r.hit.rule.id for r in read.get(o, ())}
            found.of_object[o] = [*_object(slots, o, general), *sorted(seen)]
        if s not in found.of_subject:
            found.of_subject[s] = _subject(slots, s, general)
        seen = _both(slots, s, o, found.kinds[s])
        if o in read:
            seen |= _told(slots, s, read[o])
        found.pairs.append(Pair(s, o, sorted(seen)))
    return found


def _some(number: int, most: int = 3) -> int:
    return number if number < most else most


def _general(slots: Slots) -> list[str]:
    """What is seen of the whole paper: how much of which type it introduces, and the words of its title."""
    count: dict[str, int] = {}
    for entity, where in zip(slots.entities, slots.where, strict=True):
        if entity.introduced and where and entity.type in _CLASS:
            letter = _CLASS[entity.type]
            count[letter] = count.get(letter, 0) + 1
    m, a, d = (_some(count.get(x, 0)) for x in "MAD")
    seen = [f"n{m}{a}{d}", f"nm{m}", f"na{a}", f"nd{d}", f"ns{_some(m + a)}"]
    if slots.sentences:
        title = slots.sentences[0]
        seen += ["T" + w for w in set(title.items)]
        if title.items:
            seen.append("T0" + title.items[0])
    spoken = {stem(w) for sentence in slots.sentences for w in sentence.items}
    seen += ["G" + w for w in sorted(spoken & _CUES)]
    return seen


def _object(slots: Slots, o: int, general: list[str]) -> list[str]:
    entity = slots.entities[o]
    letter = entity.type[0] if entity.type != "Method" else "A"
    letter += "+" if entity.introduced else ""
    seen = {"o" + letter}
    where = slots.where[o]
    count = len(where)
    last = len(slots.sentences) - 1
    seen.add(f"{letter}#{_some(count, 4)}")
    lower = entity.name.lower()
    seen.add("=" + lower)
    for part in lower.replace("-", " ").replace("_", " ").split():
        seen.add("~" + part)
    seen.add(f"s1{where[0][0] if where[0][0] < 3 else 9}")
    for g in general:
        seen.add(letter[0] + g)
    for s, i in where:
        sentence = slots.sentences[s]
        place = "t" if s == 0 else "f" if s == 1 else "l" if s == last else "m"
        seen.add("@" + place)
        seen.add(f"@{letter}{place}")
        _window(sentence, i, "", letter[0], seen)
        _bag(sentence, i, letter[0], seen)
    return sorted(seen)


def _window(sentence: Sentence, i: int, mark: str, letter: str, seen: set[str]) -> None:
    """The words beside an item; and beside the list that it stands in."""
    items = sentence.items
    n = len(items)
    l1 = items[i - 1] if i else "^"
    l2 = items[i - 2] if i > 1 else "^"
    l3 = items[i - 3] if i > 2 else "^"
    r1 = items[i + 1] if i + 1 < n else "$"
    r2 = items[i + 2] if i + 2 < n else "$"
    r3 = items[i + 3] if i + 3 < n else "$"
    seen.update(
        (
            f"{mark}a{l1}",
            f"{mark}b{l2}",
            f"{mark}c{l3}",
            f"{mark}e{r1}",
            f"{mark}f{r2}",
            f"{mark}g{r3}",
            f"{mark}A{l2} {l1}",
            f"{mark}C{l3} {l2} {l1}",
            f"{mark}E{r1} {r2}",
            f"{mark}x{l1}_{r1}",
            f"{mark}{letter}a{l1}",
            f"{mark}{letter}e{r1}",
        )
    )
    head = i - 1
    while head >= 0 and (items[head] in _LIST or items[head][0] == "<"):
        head -= 1
    tail = i + 1
    while tail < n and (items[tail] in _LIST or items[tail][0] == "<"):
        tail += 1
    h1 = items[head] if head >= 0 else "^"
    h2 = items[head - 1] if head > 0 else "^"
    t1 = items[tail] if tail < n else "$"
    t2 = items[tail + 1] if tail + 1 < n else "$"
    seen.update(
        (
            f"{mark}h{h1}",
            f"{mark}H{h2} {h1}",
            f"{mark}k{t1}",
            f"{mark}K{t1} {t2}",
            f"{mark}{letter}h{h1}",
            f"{mark}{letter}k{t1}",
            f"{mark}y{h1}_{t1}",
        )
    )


@functools.lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A word without its ending, so that trains, trained and training are one.

    >>> [stem(w) for w in ("trained", "training", "initialised", "initialization", "based", "compared")]
    ['train', 'train', 'initial', 'initial', 'bas', 'compar']
    """
    if word[0] == "<" or len(word) < 5:
        return word
    for ending in ("ization", "isation", "izing", "ising", "ized", "ised", "izes", "ises", "ize", "ise", "ations",
                   "ation", "ings", "ing", "ions", "ion", "ed", "es", "ely", "ly", "e", "s"):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def _bag(sentence: Sentence, i: int, letter: str, seen: set[str]) -> None:
    """The words of the sentence on both sides, and the pairs of neighbours near by."""
    items = sentence.items
    n = len(items)
    left = [stem(w) for w in items[max(0, i - 25) : i]]
    right = [stem(w) for w in items[i + 1 : i + 25]]
    for w in left:
        seen.add(f"L{w}")
    for w in right:
        seen.add(f"R{w}")
    for w, v in itertools.pairwise(left[-12:]):
        seen.add(f"l{w} {v}")
    for w, v in itertools.pairwise(right[:10]):
        seen.add(f"r{w} {v}")
    head = i - 1
    while head >= 0 and (items[head] in _LIST or items[head][0] == "<"):
        head -= 1
    if head > 0:
        h1 = items[head]
        for w in items[max(0, head - 14) : head]:
            if len(w) > 2:
                seen.add(f"j{stem(w)}_{h1}")
    tail = i + 1
    while tail < n and (items[tail] in _LIST or items[tail][0] == "<"):
        tail += 1
    if tail < n and head >= 0:
        t1 = stem(items[tail])
        for w in items[max(0, head - 8) : head + 1]:
            if len(w) > 3:
                seen.add(f"i{stem(w)}_{t1}")


def _subject(slots: Slots, s: int, general: list[str]) -> list[str]:
    seen = set(general)
    if s == PAPER_INDEX:
        return sorted(seen)
    entity = slots.entities[s]
    where = slots.where[s]
    rank = sum(
        1
        for e, w in zip(slots.entities, slots.where, strict=True)
        if e.introduced and w and e.type == entity.type and w[0] < where[0]
    )
    most = max(
        len(w) for e, w in zip(slots.entities, slots.where, strict=True) if e.introduced == entity.introduced
    )
    seen.add(f"rank{_some(rank)}")
    seen.add(f"count{_some(len(where), 5)}")
    seen.add(f"most{len(where) == most}")
    seen.add(f"title{where[0][0] == 0}")
    seen.add("type" + entity.type)
    lower = entity.name.lower()
    for part in lower.replace("-", " ").replace("_", " ").split()[-2:]:
        seen.add("~" + part)
    seen.add(f"words{_some(len(lower.split()), 4)}")
    for where_s, i in where[:4]:
        sentence = slots.sentences[where_s]
        _window(sentence, i, "", "", seen)
        for j in range(max(0, i - 8), i):
            seen.add(f"L{sentence.items[j]}")
        for j in range(i + 1, min(len(sentence.items), i + 12)):
            seen.add(f"R{sentence.items[j]}")
    return sorted(seen)


def _both(slots: Slots, s: int, o: int, k: str) -> set[str]:
    """What lies between a subject and an object."""
    entities = slots.entities
    letter = entities[o].type[0] if entities[o].type != "Method" else "A"
    if entities[o].introduced:
        letter += "+"
    key = f"{k}{letter}"
    seen: set[str] = {key}
    nearest = 99
    together = 0
    for where_s, i in slots.where[o]:
        sentence = slots.sentences[where_s]
        spots: list[tuple[int, int, str]] = []
        if s == PAPER_INDEX:
            spots = sentence.own
        else:
            spots = [(j, j, "n") for j, e in sentence.mentions if e == s]
            if entities[s].introduced:
                spots = spots + sentence.own
        if spots:
            together += 1
        best = None
        for first, last, how in spots:
            if first <= i <= last:
                continue
            gap = first - i if first > i else i - last
            if best is None or gap < best[0]:
                best = (gap, first, last, how)
            if how == "n":
                _between(sentence, first, last, i, "n", letter[0], seen)
        if best is not None:
            _between(sentence, best[1], best[2], i, best[3] if best[3] == "n" else "w", letter[0], seen)
            seen.add(f"{key}{best[3]}")
        if s != PAPER_INDEX:
            others = {e for _, e in sentence.mentions if e not in (s, o) and entities[e].introduced}
            if others and not any(how == "n" for _, _, how in spots):
                seen.add("rival")
                seen.add(key + "rival")
            for where_t, _ in slots.where[s]:
                nearest = min(nearest, abs(where_t - where_s)) if where_t <= where_s else nearest
        else:
            if any(entities[e].introduced for _, e in sentence.mentions if e != o):
                seen.add(key + "rival")
    seen.add(f"{key}with{_some(together)}")
    if s != PAPER_INDEX:
        seen.add(f"far{_some(nearest, 4)}")
        seen.add(f"{key}far{_some(nearest, 4)}")
        _names(entities[s].name, entities[o].name, key, seen)
    return seen


def readings(slots: Slots) -> dict[int, list[Read]]:
    """What the rules read, by object."""
    found: dict[int, list[Read]] = {}
    for sentence in slots.sentences:
        for hit in hits(sentence, rules()):
            subject = (
                None
                if hit.subject is None or sentence.entity[hit.subject] < 0
                else sentence.entity[hit.subject]
            )
            found.setdefault(sentence.entity[hit.object], []).append(Read(sentence.index, hit, subject))
    return found


def _told(slots: Slots, s: int, read: list[Read]) -> set[str]:
    """What the rules say of a subject and an object: of these two, of the paper's own work, or of others."""
    seen = set()
    own = s == PAPER_INDEX or slots.entities[s].introduced
    for r in read:
        who = "!" if r.subject == s else "?" if r.subject is None and own else "-"
        seen.add(f"{who}{r.hit.rule.id}")
        seen.add(f"{who}{r.hit.rule.relation}")
    return seen


def _between(
    sentence: Sentence, first: int, last: int, i: int, how: str, letter: str, seen: set[str]
) -> None:
    items = sentence.items
    if last < i:
        lo, hi, order = last + 1, i, "<"
    else:
        lo, hi, order = i + 1, first, ">"
    gap = hi - lo
    mark = how + order
    seen.add(f"{mark}d{gap if gap < 4 else 4 if gap < 7 else 7 if gap < 12 else 12}")
    others = 0
    between = [stem(w) for w in items[lo:hi]]
    for j, item in enumerate(between[:22]):
        seen.add(f"{mark}{item}")
        seen.add(f"{mark}{letter}{item}")
        if j + 1 < len(between):
            seen.add(f"{mark}{item} {between[j + 1]}")
        if item[0] == "<":
            others += 1
    seen.add(f"{mark}o{_some(others)}")
    if gap <= 5:
        seen.add(f"{mark}={' '.join(between)}")
    content = [w for w in between if len(w) > 3 or w in ("on", "in", "by", "as", "to", "of")]
    if len(content) <= 5:
        seen.add(f"{mark}:{' '.join(content)}")
    seen.add(
        f"{mark}r{items[hi + 1 if order == '<' and hi + 1 < len(items) else hi if hi < len(items) else -1]}"
    )
    if order == "<":
        seen.add(f"{mark}p{items[first - 1] if first else '^'}")
        seen.add(f"{mark}q{items[i + 1] if i + 1 < len(items) else '$'}")
    else:
        seen.add(f"{mark}p{items[i - 1] if i else '^'}")
        seen.add(f"{mark}q{items[last + 1] if last + 1 < len(items) else '$'}")


def _names(subject: str, object_: str, key: str, seen: set[str]) -> None:
    """How two names resemble each other: RobBERT-2022 and RobBERT, AceGPT and GPT."""
    a, b = subject.lower(), object_.lower()
    if a.startswith(b):
        seen.add(key + "nstart")
    elif a.endswith(b):
        seen.add(key + "nend")
    elif b in a:
        seen.add(key + "nin")
    elif a in b:
        seen.add(key + "nof")
    else:
        pa, pb = a.replace("-", " ").split(), b.replace("-", " ").split()
        if pa[0] == pb[0] or pa[0][:5] == pb[0][:5]:
            seen.add(key + "nfirst")
        elif pa[-1] == pb[-1]:
            seen.add(key + "nlast")
        else:
            seen.add(key + "ndiff")


def seen_by(seen: Pairs, pair: Pair) -> Iterator[str]:
    """All features of a pair for training: once for any subject (*), once for the group of this one."""
    group = seen.kinds[pair.subject][0]
    for mark, features in (("o", seen.of_object[pair.object]), ("p", pair.seen)):
        for feature in features:
            yield f"*{mark}{feature}"
            yield f"{group}{mark}{feature}"
    for feature in seen.of_subject[pair.subject]:
        yield f"{group}s{feature}"


@dataclass(slots=True)
class Scored:
    """A pair with one integer a relation, a `how` and an `outcome`; `SCALE` per logit."""

    subject: int
    object: int
    scores: list[int]
    hows: list[int]
    outcomes: list[int]


class PairModel:
    """The learned weights; scores are sums of integers, the same whatever else is read beside them."""

    def __init__(self, names: Sequence[str], weights: Any, bias: Any, thresholds: Sequence[int]) -> None:
        import numpy as np

        self._np = np
        groups, columns = weights.shape[1:]
        # Row 0 is empty, so that no pair is without a row.
        self._weights = np.zeros(((len(names) + 1) * groups, columns), np.int32)
        self._weights[groups:] = weights.reshape(-1, columns)
        self._rows = {name: (i + 1) * groups for i, name in enumerate(names)}
        self._bias = bias.astype(np.int32)
        self.thresholds = [int(t) for t in thresholds]

    @classmethod
    def load(cls, path: Path) -> "PairModel":
        """Reads the weights that `kg.extract.train_pairs` wrote."""
        import numpy as np

        with np.load(path, allow_pickle=False) as arrays:
            names = arrays["names"].tobytes().decode().split("\n")
            return cls(names, arrays["weights"], arrays["bias"], arrays["thresholds"].tolist())

    def score(self, seen: Pairs) -> list[Scored]:
        """Scores every pair of a document."""
        if not seen.pairs:
            return []
        np, rows = self._np, self._rows
        at: list[int] = []
        starts: list[int] = []
        objects = {o: self._known("o", f) for o, f in seen.of_object.items()}
        subjects = {s: self._known("s", f) for s, f in seen.of_subject.items()}
        get = rows.get
        for pair in seen.pairs:
            group = GROUPS.index(seen.kinds[pair.subject][0])
            starts.append(len(at))
            at.append(0)
            at += [r + group for r in objects[pair.object]]
            at += [r + group for r in subjects[pair.subject]]
            at += [r + group for f in pair.seen if (r := get("p" + f))]
        sums = np.add.reduceat(self._weights[at], starts, axis=0) + self._bias
        r, h = len(RELATIONS), len(RELATIONS) + len(HOWS)
        return [
            Scored(p.subject, p.object, line[:r], line[r:h], line[h:])
            for p, line in zip(seen.pairs, sums.tolist(), strict=True)
        ]

    def _known(self, mark: str, features: Iterable[str]) -> list[int]:
        get = self._rows.get
        return [r for f in features if (r := get(mark + f))]


@functools.cache
def pair_model() -> PairModel:
    """The shipped weights."""
    return PairModel.load(Path(__file__).parents[1] / "model" / "pairs.npz")
