"""What earlier texts say of a name: in how many it stood, and as what it was read there.

`Memory` holds counts for word sequences (lower case). A paper that taught a memory must not find its own lesson
there: training looks names up through a view without that paper.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from kg.extract.features import TYPES, Bundle

LONGEST = 8
"""Names of more words are not remembered."""


class Counts(NamedTuple):
    """In how many texts a sequence of words stood, and in how many as a name of each of TYPES."""

    texts: int
    types: tuple[int, ...]


class Match(NamedTuple):
    """Words first to last (exclusive) are a remembered name."""

    first: int
    last: int
    name: str


NOTHING = Counts(0, (0,) * len(TYPES))
View = Callable[[str], Counts]
Lookup = tuple[View, str]
"""How names are looked up in one memory, and the mark of its features."""


class Memory:
    """Counts by name; a name is its words in lower case, joined by blanks."""

    def __init__(self, counts: Mapping[str, Counts]) -> None:
        self.counts = counts

    def view(self, name: str) -> Counts:
        """The counts of a name; none where it is unknown."""
        return self.counts.get(name, NOTHING)


class Index:
    """Finds the names of several memories in a text, in one pass."""

    def __init__(self, names: Iterable[str]) -> None:
        # Beginnings of names: whether they are a name themselves, and whether a longer one begins so.
        self._beginnings: dict[str, tuple[bool, bool]] = {}
        known = self._beginnings
        for name in names:
            known[name] = (True, known.get(name, (False, False))[1])
            end = name.rfind(" ")
            while end > 0:
                beginning = name[:end]
                there = known.get(beginning)
                if there and there[1]:
                    break
                known[beginning] = (there is not None and there[0], True)
                end = name.rfind(" ", 0, end)

        # The words that may follow a first word: most words begin some name, few go on as one.
        follow: dict[str, set[str]] = {}
        for name in known:
            first, _, rest = name.partition(" ")
            if rest:
                follow.setdefault(first, set()).add(rest.partition(" ")[0])
        self._firsts = {
            name: (state[0], follow.get(name, _NONE)) for name, state in known.items() if " " not in name
        }

    def matches(self, lows: Sequence[str]) -> list[Match]:
        """Every remembered name in the text, longest first at each word."""
        known, firsts, size = self._beginnings, self._firsts, len(lows)
        found: list[Match] = []
        nexts = [*lows[1:], " "]
        for index, state in enumerate(map(firsts.get, lows)):
            if state is None:
                continue
            if nexts[index] in state[1]:
                name, last = f"{lows[index]} {nexts[index]}", index + 2
                here = [Match(index, index + 1, lows[index])] if state[0] else []
                longer = known.get(name)
                while longer:
                    if longer[0]:
                        here.append(Match(index, last, name))
                    if not longer[1] or last == size:
                        break
                    name = f"{name} {lows[last]}"
                    last += 1
                    longer = known.get(name)
                found += here[::-1]
            elif state[0]:
                found.append(Match(index, index + 1, lows[index]))
        return found


_NONE: frozenset[str] = frozenset()


def features(matches: Sequence[Match], lookups: Iterable[Lookup]) -> list[tuple[int, Bundle]]:
    """Features of the words of remembered names, as (index of the word, features)."""
    found: list[tuple[int, Bundle]] = []
    for view, mark in lookups:
        end = 0
        for first, last, name in matches:
            if first < end:
                continue
            texts, types = view(name)
            if texts <= 0:
                continue
            total = sum(types)
            if total < 0.08 * texts and last == first + 1:
                if texts >= 5:
                    found.append((first, (mark + "0",)))
                continue
            if total:
                most = max(types)
                kind, often = TYPES[types.index(most)], rate(total, texts)
                said = mark, kind, often, min(3, total), most > 0.75 * total
                for index in range(first, last):
                    own, left, right = _bundles(*said, index == first, index == last - 1)
                    found += ((index, own), (index - 1, left), (index + 1, right))
                end = last
    return found


@functools.lru_cache(1 << 14)
def _bundles(
    mark: str, kind: str, often: str, some: int, pure: bool, begins: bool, ends: bool
) -> tuple[Bundle, Bundle, Bundle]:
    """What a remembered name says of one of its words, of the word before that and of the word behind."""
    place = "B" if begins else "I"
    feature = f"{mark}={place}{kind}{often}"
    own = [feature, f"{mark}n={place}{often}{some}"]
    if pure:
        own.append(f"{mark}p={place}{kind}{often}{some}")
    if ends:
        own.append(f"{mark}E={kind}{often}")
    return tuple(own), ("+1" + feature,), ("-1" + feature,)


def rate(total: int, texts: int) -> str:
    """How often of all times the words stood as a name: h often, m, l seldom."""
    return "h" if total >= 0.8 * texts else "m" if total >= 0.4 * texts else "l"
