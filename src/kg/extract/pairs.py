"""Which relation holds between two things that a paper names: a linear classifier over all allowed pairs.

A pair is a subject (an entity, or the paper itself) and an object entity. Three kinds of things are seen of it: of the
object, the words around each of its mentions, once per object and weighed anew for each group of subjects (the paper,
a model, a method, data); the same of the subject; and of both, what lies between them where they share a sentence,
and what the rules read. Everything seen is a word in a family, looked up in a `Book`: a row of weights, or nothing.
"""

import functools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kg.extract.learned import model_folder
from kg.extract.patterns import Hit, hits, rules
from kg.extract.slots import Sentence, Slots
from kg.types import RecordEntity

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
PAPER_INDEX = -1
_LETTER = {"Model": "M", "Method": "A", "Dataset": "D", "Benchmark": "B", "Task": "T"}
_CLASS = {"Model": "M", "Method": "A", "Dataset": "D", "Benchmark": "D"}
# What may stand between the members of a list, and before it.
_LIST = frozenset((",", "and", "or", "(", ")", "&", "/", "+", "as", "well", "the", "both", "-", "including"))
_JOINTS = ("on", "from", "to", "with", "of", "in", "for", "by", "as", "using", "over", "than", "via", "into", "like",
           "across", "against", "upon", "through", "is", "^")  # fmt: skip
# An abstract names twenty things at most, and one three times in a sentence; what has more is a list of words,
# and would take minutes to look at in all pairs.
_MOST_ENTITIES, _MOST_PLACES = 64, 6
_CUES = frozenset(
    "finetun pretrain distil quant prun backbon initial releas benchmark dataset framework model network architectur "
    "train encod decod adapt compress propos introduc present investigat study explor compar analy systematic survey "
    "checkpoint weight open-sourc paramet token loss objectiv plug-and-play zero-shot prompt instruct algorithm "
    "modul".split()
)
_ENDINGS = ("ization", "isation", "izing", "ising", "ized", "ised", "izes", "ises", "ize", "ise", "ations", "ation",
            "ings", "ing", "ions", "ion", "ed", "es", "ely", "ly", "e", "s")  # fmt: skip

Family = Callable[[str], int | None]
Row = int | None


@functools.lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A word without its ending, so that trains, trained and training are one.

    >>> [stem(w) for w in ("trained", "training", "initialised", "initialization", "based", "compared")]
    ['train', 'train', 'initial', 'initial', 'bas', 'compar']
    """
    if word[0] == "<" or len(word) < 5:
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


class Book:
    """Families of words, each word with its row; one that grows gives every new word a new row."""

    def __init__(self, names: Iterable[str] | None = None) -> None:
        self.families: dict[str, dict[str, int]] = {}
        self.size = 0
        self._grows = names is None
        for name in names or ():
            family, word = name.split("\t", 1)
            self.families.setdefault(family, {})[word] = self.size
            self.size += 1

    def family(self, name: str) -> Family:
        """The look-up of a family: a row, or None for a word that it does not hold."""
        if not self._grows:
            return self.families.get(name, {}).get
        words = self.families.setdefault(name, {})

        def grow(word: str) -> int:
            row = words.get(word)
            if row is None:
                row = words[word] = self.size
                self.size += 1
            return row

        return grow

    @property
    def names(self) -> list[str]:
        """Family and word of every row, in the order of rows."""
        found = [""] * self.size
        for family, words in self.families.items():
            for word, row in words.items():
                found[row] = f"{family}\t{word}"
        return found


@dataclass(slots=True)
class Pair:
    """Subject (index of the entity, -1 for the paper) and object (index), and the rows of what both show."""

    subject: int
    object: int
    seen: set[Row]


@dataclass(slots=True)
class Read:
    """What a rule read of an object: the sentence, and the subject's entity (None: the paper's own work)."""

    sentence: int
    hit: Hit
    subject: int | None


@dataclass(slots=True)
class Pairs:
    """All pairs of a document; what an object or a subject shows is seen once for all pairs that it is in."""

    roles: dict[int, str]
    of_object: dict[int, set[Row]]
    of_subject: dict[int, set[Row]]
    pairs: list[Pair]
    read: dict[int, list[Read]]  # by object
    guarded: set[
        int
    ]  # objects that no mention of says more of than a comparison, a denial, an example of others


def roles(slots: Slots) -> dict[int, str]:
    """What each possible subject is in its paper, its group first.

    P0, PA, PM: the paper without a named system of its own, with methods only, with a model. M1, MA, Mt, Mo: its one
    system, its one model beside methods, its main model, another. A1, AM, At, Ao: the same of methods. D+: its data.
    M, A, D: what others made.
    """
    entities, where = slots.entities, slots.where
    own = [i for i, e in enumerate(entities) if e.introduced and where[i]]
    models = [i for i in own if entities[i].type == "Model"]
    methods = [i for i in own if entities[i].type == "Method"]
    found = {PAPER_INDEX: "PM" if models else "PA" if methods else "P0"}
    for group, others, letter, beside in ((models, methods, "M", "A"), (methods, models, "A", "M")):
        main = max(group, key=lambda i: (where[i][0][0] == 0, len(where[i]), -i), default=None)
        for i in group:
            alone = beside if others else "1"
            found[i] = letter + (alone if len(group) == 1 else "t" if i == main else "o")
    for i, entity in enumerate(entities):
        if i not in found and entity.type in _CLASS:
            found[i] = _CLASS[entity.type] + ("+" if entity.introduced else "")
    return found


def candidates(slots: Slots) -> Iterator[tuple[int, int]]:
    """Pairs worth a look: what is not the paper's own is a subject only beside its object, or by its name."""
    entities = slots.entities[:_MOST_ENTITIES]
    objects = [o for o, e in enumerate(entities) if e.type != "Metric" and slots.where[o]]
    subjects = [s for s, e in enumerate(entities) if e.type in _CLASS and slots.where[s]]
    own = [s for s in subjects if entities[s].introduced]
    if not any(entities[s].type in ("Model", "Method") for s in own):
        # A system in the title may be the paper's own although nothing says so.
        own += [s for s in subjects if s not in own and slots.where[s][0][0] == 0]
    beside: dict[int, set[int]] = {o: set() for o in objects}
    for sentence in slots.sentences:
        named = {e for _, e in sentence.mentions if e < _MOST_ENTITIES}
        old = [s for s in named if not entities[s].introduced and entities[s].type in _CLASS]
        for o in named if old else ():
            if o in beside:
                beside[o].update(old)
    models = [(s, entities[s].name.lower()) for s in subjects if entities[s].type == "Model"]
    for s, name in models:
        for o, family in models:
            if s != o and name.startswith(family):
                beside[o].add(s)
    for o in objects:
        yield PAPER_INDEX, o
        for s in own:
            if s != o:
                yield s, o
        for s in sorted(beside[o].difference(own)):
            if s != o:
                yield s, o


def readings(slots: Slots) -> dict[int, list[Read]]:
    """What the rules read, by object."""
    found: dict[int, list[Read]] = {}
    for sentence in slots.sentences:
        for hit in hits(sentence, rules()):
            named = -1 if hit.subject is None else sentence.entity[hit.subject]
            read = Read(sentence.index, hit, named if named >= 0 else None)
            found.setdefault(sentence.entity[hit.object], []).append(read)
    return found


def _guarded(slots: Slots, read: dict[int, list[Read]]) -> set[int]:
    """Objects of which every mention stands in a guard of lineage."""
    found = set()
    for o, all_read in read.items():
        guards = {(r.sentence, r.hit.object) for r in all_read if r.hit.rule.guard}
        if guards and all(where in guards for where in slots.where[o]):
            found.add(o)
    return found


def _sureness(entity: RecordEntity) -> int:
    """How sure the reader is of an entity, in steps; what is no entity stands in no relation."""
    return bisect_right((500, 600, 700, 800, 900, 950, 980), entity.confidence)


def _most(number: int, most: int = 3) -> int:
    return number if number < most else most


class Seer:
    """Looks at documents through a book: `pairs(slots)` is all that the classifier sees."""

    def __init__(self, book: Book) -> None:
        f = book.family
        self._general = {x: f("G" + x) for x in "MADBT"}
        self._general_subject = f("sG")
        self._object = f("o")
        self._objects = {x: f("o" + x) for x in "MADBT"}
        self._window_object = {x: _Window(f, "o", x) for x in "MADBT"}
        self._window_subject = _Window(f, "s", "")
        self._left, self._right = f("oL"), f("oR")
        self._left2, self._right2 = f("ol"), f("or")
        self._joints = {j: f("oj" + j) for j in _JOINTS}
        self._rule = f("o!")
        self._subject = f("s")
        self._subject_left, self._subject_right = f("sL"), f("sR")
        self._both = f("p")
        self._told = f("p!")
        self._between = {how + order: _Between(f, how + order) for how in "nw" for order in "<>"}

    def pairs(self, slots: Slots) -> Pairs:
        """Everything that is seen of a document."""
        stems = [list(map(stem, sentence.items)) for sentence in slots.sentences]
        doubles = [
            [f"{a} {b}" for a, b in pairwise(words)] if sentence.mentions else []
            for sentence, words in zip(slots.sentences, stems, strict=True)
        ]
        read = readings(slots)
        found = Pairs(roles(slots), {}, {}, [], read, _guarded(slots, read))
        general = _of_paper(slots, stems)
        by_letter: dict[str, list[Row]] = {}
        for s, o in candidates(slots):
            letter = _LETTER[slots.entities[o].type]
            if o not in found.of_object:
                if letter not in by_letter:
                    by_letter[letter] = list(map(self._general[letter], general))
                seen = self._of_object(slots, o, letter, stems, doubles)
                seen.update(by_letter[letter])
                seen.update(self._rule(r.hit.rule.id) for r in read.get(o, ()))
                seen.discard(None)
                found.of_object[o] = seen
            if s not in found.of_subject:
                found.of_subject[s] = self._of_subject(slots, s, general)
                found.of_subject[s].discard(None)
            both = self._of_both(slots, s, o, found.roles[s], letter, stems, doubles)
            if o in read:
                both.update(self._of_rules(slots, s, read[o]))
            both.discard(None)
            found.pairs.append(Pair(s, o, both))
        return found

    def _of_object(
        self, slots: Slots, o: int, letter: str, stems: list[list[str]], doubles: list[list[str]]
    ) -> set[Row]:
        entity, where = slots.entities[o], slots.where[o]
        own = "+" if entity.introduced else ""
        see = self._object
        lower = " ".join(entity.name.lower().split())
        seen: set[Row] = {
            see(f"{letter}{own}"),
            see(f"{letter}{own}#{_most(len(where), 4)}"),
            see("=" + lower),
            see(f"at{_most(where[0][0], 3)}"),
            see(f"sure{_sureness(entity)}"),
            see(f"{letter}{own}sure{_sureness(entity)}"),
        }
        seen.update(see("~" + part) for part in lower.replace("-", " ").replace("_", " ").split())
        last = len(slots.sentences) - 1
        window = self._window_object[letter]
        for s, i in where:
            place = "t" if s == 0 else "f" if s == 1 else "l" if s == last else "m"
            seen.add(see("@" + place))
            seen.add(see(f"@{letter}{own}{place}"))
            head, _ = window.see(slots.sentences[s].items, i, seen)
            words, twos = stems[s], doubles[s]
            seen.update(map(self._left, words[max(0, i - 25) : i]))
            seen.update(map(self._right, words[i + 1 : i + 25]))
            seen.update(map(self._left2, twos[max(0, i - 12) : max(0, i - 1)]))
            seen.update(map(self._right2, twos[i + 1 : i + 10]))
            if head > 0 and (joint := self._joints.get(slots.sentences[s].items[head])):
                seen.update(map(joint, words[max(0, head - 14) : head]))
        return seen

    def _of_subject(self, slots: Slots, s: int, general: list[str]) -> set[Row]:
        seen: set[Row] = set(map(self._general_subject, general))
        if s == PAPER_INDEX:
            return seen
        entity, where = slots.entities[s], slots.where[s]
        alike = [
            w
            for e, w in zip(slots.entities, slots.where, strict=True)
            if w and e.introduced == entity.introduced
        ]
        rank = sum(
            1
            for e, w in zip(slots.entities, slots.where, strict=True)
            if e.introduced and w and e.type == entity.type and w[0] < where[0]
        )
        lower = " ".join(entity.name.lower().split())
        see = self._subject
        seen.update(
            (
                see(f"rank{_most(rank)}"),
                see(f"count{_most(len(where), 5)}"),
                see(f"most{len(where) == max(map(len, alike))}"),
                see(f"title{where[0][0] == 0}"),
                see("type" + entity.type),
                see(f"words{_most(len(lower.split()), 4)}"),
                see(f"sure{_sureness(entity)}"),
            )
        )
        seen.update(see("~" + part) for part in lower.replace("-", " ").replace("_", " ").split()[-2:])
        for where_s, i in where[:4]:
            items = slots.sentences[where_s].items
            self._window_subject.see(items, i, seen)
            seen.update(map(self._subject_left, items[max(0, i - 8) : i]))
            seen.update(map(self._subject_right, items[i + 1 : i + 12]))
        return seen

    def _of_both(
        self,
        slots: Slots,
        s: int,
        o: int,
        role: str,
        letter: str,
        stems: list[list[str]],
        doubles: list[list[str]],
    ) -> set[Row]:
        entities, where_subject = slots.entities, slots.where[s] if s != PAPER_INDEX else []
        own = s == PAPER_INDEX or entities[s].introduced
        key = f"{role}{letter}{'+' if entities[o].introduced else ''}"
        see = self._both
        seen: set[Row] = {see(key)}
        nearest, together, rival = 9, 0, False
        for where_s, i in slots.where[o]:
            sentence = slots.sentences[where_s]
            named = [j for t, j in where_subject if t == where_s]
            if len(named) > _MOST_PLACES:
                named = sorted(sorted(named, key=lambda j: abs(j - i))[:_MOST_PLACES])
            spots = [(abs(j - i), j, j, "n") for j in named]
            if own:
                spots += [
                    (a - i if a > i else i - b, a, b, how) for a, b, how in sentence.own if not a <= i <= b
                ]
            together += bool(spots)
            for j in named:
                self._see_between("n", letter, sentence, j, j, i, stems[where_s], doubles[where_s], seen)
            if spots:
                _, a, b, how = min(spots)
                seen.add(see(key + how))
                if how != "n":
                    self._see_between("w", letter, sentence, a, b, i, stems[where_s], doubles[where_s], seen)
            if not named and any(entities[e].introduced for _, e in sentence.mentions if e != o):
                rival = True
            for t, _ in where_subject:
                if t <= where_s and where_s - t < nearest:
                    nearest = where_s - t
        seen.add(see(f"{key}with{_most(together)}"))
        if rival:
            seen.add(see(key + "rival"))
        if s != PAPER_INDEX:
            seen.add(see(f"far{_most(nearest, 4)}"))
            seen.add(see(f"{key}far{_most(nearest, 4)}"))
            like = likeness(entities[s], entities[o])
            seen.update((see("like" + like), see(key + like)))
        return seen

    def _see_between(
        self,
        how: str,
        letter: str,
        sentence: Sentence,
        first: int,
        last: int,
        i: int,
        stems: list[str],
        doubles: list[str],
        seen: set[Row],
    ) -> None:
        if last < i:
            lo, hi, order = last + 1, i, "<"
        else:
            lo, hi, order = i + 1, first, ">"
        self._between[how + order].see(sentence, letter, first, last, i, lo, hi, stems, doubles, seen)

    def _of_rules(self, slots: Slots, s: int, read: list[Read]) -> Iterator[Row]:
        """What the rules say of a subject and an object: of these two, of the paper's own work, or of others."""
        own = s == PAPER_INDEX or slots.entities[s].introduced
        for r in read:
            who = "!" if r.subject == s else "?" if r.subject is None and own else "-"
            yield self._told(who + r.hit.rule.id)
            yield self._told(who + r.hit.rule.relation)


class _Window:
    """The words beside an item, and beside the list that it stands in."""

    def __init__(self, family: Callable[[str], Family], mark: str, letter: str) -> None:
        self._single = [family(mark + x) for x in "abcefghk"]
        self._double = [family(mark + x) for x in "ACExHKy"]
        self._typed = [family(f"{mark}{x}{letter}") for x in "aehk"] if letter else []

    def see(self, items: list[str], i: int, seen: set[Row]) -> tuple[int, int]:
        """Adds the rows; gives the items before and after the list."""
        n = len(items)
        head, tail = i - 1, i + 1
        while head >= 0 and (items[head] in _LIST or items[head][0] == "<"):
            head -= 1
        while tail < n and (items[tail] in _LIST or items[tail][0] == "<"):
            tail += 1
        l1 = items[i - 1] if i else "^"
        l2 = items[i - 2] if i > 1 else "^"
        l3 = items[i - 3] if i > 2 else "^"
        r1 = items[i + 1] if i + 1 < n else "$"
        r2 = items[i + 2] if i + 2 < n else "$"
        r3 = items[i + 3] if i + 3 < n else "$"
        h1 = items[head] if head >= 0 else "^"
        h2 = items[head - 1] if head > 0 else "^"
        t1 = items[tail] if tail < n else "$"
        t2 = items[tail + 1] if tail + 1 < n else "$"
        a, b, c, e, f, g, h, k = self._single
        seen.update((a(l1), b(l2), c(l3), e(r1), f(r2), g(r3), h(h1), k(t1)))
        a, b, c, e, f, g, h = self._double
        left = f"{l2} {l1}"
        seen.update(
            (a(left), b(f"{l3} {left}"), c(f"{r1} {r2}"), e(f"{l1}_{r1}"), f(f"{h2} {h1}"), g(f"{t1} {t2}"))
        )
        seen.add(h(f"{h1}_{t1}"))
        if self._typed:
            a, b, c, e = self._typed
            seen.update((a(l1), b(r1), c(h1), e(t1)))
        return head, tail


class _Between:
    """The words between two items."""

    def __init__(self, family: Callable[[str], Family], mark: str) -> None:
        self._one = family("p" + mark)
        self._typed = {x: family(f"p{mark}{x}") for x in "MADBT"}
        self._two = family(f"p{mark}2")
        self._shape = family(f"p{mark}#")

    def see(
        self,
        sentence: Sentence,
        letter: str,
        first: int,
        last: int,
        i: int,
        lo: int,
        hi: int,
        stems: list[str],
        doubles: list[str],
        seen: set[Row],
    ) -> None:
        """Adds the rows of the words lo … hi and of those around them."""
        items, see, gap = sentence.items, self._shape, hi - lo
        upto = min(hi, lo + 22)
        words = stems[lo:upto]
        seen.update(map(self._one, words))
        seen.update(map(self._typed[letter], words))
        seen.update(map(self._two, doubles[lo : upto - 1]))
        others = sum(1 for j, _ in sentence.mentions if lo <= j < hi)
        seen.add(see(f"d{gap if gap < 4 else 4 if gap < 7 else 7 if gap < 12 else 12}"))
        seen.add(see(f"o{_most(others)}"))
        if gap <= 5:
            seen.add(see("=" + " ".join(words)))
        if gap <= 10:
            content = [w for w in words if len(w) > 3 or w in ("on", "in", "by", "as", "to", "of")]
            if len(content) <= 5:
                seen.add(see(":" + " ".join(content)))
        n = len(items)
        left, right = (first, i) if last < i else (i, last)
        seen.add(see(f"p{items[left - 1] if left else '^'}"))
        seen.add(see(f"q{items[right + 1] if right + 1 < n else '$'}"))


def _of_paper(slots: Slots, stems: list[list[str]]) -> list[str]:
    """What is seen of the whole paper: how much of which type it introduces, the words of its title, some cues."""
    count = {"M": 0, "A": 0, "D": 0}
    for entity, where in zip(slots.entities, slots.where, strict=True):
        if entity.introduced and where and entity.type in _CLASS:
            count[_CLASS[entity.type]] += 1
    m, a, d = (_most(count[x]) for x in "MAD")
    seen = [f"n{m}{a}{d}", f"nm{m}", f"na{a}", f"nd{d}", f"ns{_most(m + a)}"]
    if slots.sentences:
        title = slots.sentences[0].items
        seen += ["T" + w for w in dict.fromkeys(title)]
        seen.append("T0" + title[0])
    spoken = _CUES.intersection(*[set().union(*stems)]) if stems else ()
    seen += ["G" + w for w in spoken]
    return seen


def likeness(one: RecordEntity, other: RecordEntity) -> str:
    """How the names of two entities resemble each other, at best: RobBERT-2022 and RobBERT, AceGPT and GPT."""
    a, b = one.name.lower(), other.name.lower()
    first, second = a.replace("-", " ").split(), b.replace("-", " ").split()
    found = "none"
    if first and second:
        found = "first" if first[0][:5] == second[0][:5] else "last" if first[-1] == second[-1] else "none"
    for a in _spellings(one):
        for b in _spellings(other):
            if a == b or min(len(a), len(b)) < 2:
                continue
            if a.endswith(b):
                return "end"
            if a.startswith(b):
                return "start"
            if b in a:
                found = "in"
            elif a in b:
                found = "of"
    return found


def _spellings(entity: RecordEntity) -> list[str]:
    """Name and aliases, letters and digits only, in lower case."""
    return ["".join(filter(str.isalnum, s.lower())) for s in (entity.name, *entity.aliases)]


@dataclass(slots=True)
class Scored:
    """A pair with one integer a relation (`SCALE` per logit), and what it was seen by."""

    subject: int
    object: int
    scores: list[int]
    group: int
    pairs: Pairs
    pair: Pair

    @property
    def rows(self) -> list[int]:
        """The rows of weights that were summed."""
        shown = (self.pairs.of_object[self.object], self.pairs.of_subject[self.subject], self.pair.seen)
        return [row * len(GROUPS) + self.group for rows in shown for row in rows if row is not None]


class PairModel:
    """The learned weights; scores are sums of integers, the same whatever else is read beside them."""

    def __init__(self, names: Sequence[str], weights: Any, bias: Any, thresholds: Sequence[int]) -> None:
        import numpy as np

        self._np = np
        groups, columns = weights.shape[1:]
        # The last row is empty, so that no pair is without a row.
        table = np.zeros(((len(names) + 1) * groups, columns), np.int16)
        table[:-groups] = weights.reshape(-1, columns)
        cuts = np.cumsum((len(RELATIONS), len(HOWS)))
        self._relations, self._hows, self._outcomes = (
            (np.ascontiguousarray(w), b.astype(np.int32))
            for w, b in zip(np.split(table, cuts, axis=1), np.split(bias, cuts), strict=True)
        )
        self.seer = Seer(Book(names))
        self.thresholds = [int(t) for t in thresholds]

    @classmethod
    def load(cls, path: Path) -> "PairModel":
        """Reads the weights that `kg.extract.train_pairs` wrote."""
        import numpy as np

        with np.load(path, allow_pickle=False) as arrays:
            names = arrays["names"].tobytes().decode()
            return cls(
                names.split("\n") if names else [],
                arrays["weights"],
                arrays["bias"],
                arrays["thresholds"].tolist(),
            )

    def score(self, seen: Pairs) -> list[Scored]:
        """Scores every pair of a document; what an object shows is summed once for all groups of subjects."""
        if not seen.pairs:
            return []
        groups = len(GROUPS)
        weights, bias = self._relations
        columns = weights.shape[1]
        group = {s: GROUPS.index(seen.roles[s][0]) for s in seen.of_subject}
        objects = self._sums(weights.reshape(-1, groups * columns), seen.of_object.values(), None)
        subjects = self._sums(weights, seen.of_subject.values(), list(group.values()))
        both = self._sums(weights, [p.seen for p in seen.pairs], [group[p.subject] for p in seen.pairs])
        place_o = {o: i for i, o in enumerate(seen.of_object)}
        place_s = {s: i for i, s in enumerate(seen.of_subject)}
        at = [place_o[p.object] * groups + group[p.subject] for p in seen.pairs]
        sums = (
            both
            + objects.reshape(-1, columns)[at]
            + subjects[[place_s[p.subject] for p in seen.pairs]]
            + bias
        )
        return [
            Scored(pair.subject, pair.object, scores, group[pair.subject], seen, pair)
            for pair, scores in zip(seen.pairs, sums.tolist(), strict=True)
        ]

    def _sums(self, weights: Any, shown: Iterable[set[Row]], groups: list[int] | None) -> Any:
        """The sum of the rows of each set; `groups` says for which group of subjects, None for all side by side."""
        np = self._np
        last = len(self._relations[0]) // len(GROUPS) - 1  # an empty row, so that no set is without one
        at: list[Row] = []
        starts: list[int] = []
        for rows in shown:
            starts.append(len(at))
            at.append(last)
            at.extend(rows)
        where = np.fromiter(at, np.int64, len(at))
        if groups is not None:
            where = where * len(GROUPS) + np.repeat(groups, np.diff([*starts, len(at)]))
        return np.add.reduceat(weights.take(where, axis=0), starts, axis=0, dtype=np.int32)

    def how(self, pair: Scored) -> str:
        """How the subject was built on the object, if it was."""
        weights, bias = self._hows
        return HOWS[int((weights[pair.rows].sum(axis=0, dtype="int32") + bias).argmax())]

    def outcome(self, pair: Scored) -> str:
        """How the subject fared against the object, if they were compared."""
        weights, bias = self._outcomes
        return OUTCOMES[int((weights[pair.rows].sum(axis=0, dtype="int32") + bias).argmax())]


@functools.cache
def pair_model() -> PairModel:
    """The weights of the model folder."""
    return PairModel.load(model_folder() / "pairs.npz")
