"""What earlier texts say of a name: in how many it stood, and as what it was read there.

`Memory` holds counts for word sequences (lower case). A paper that taught the memory must not find its own
lesson there: training looks names up through a view without that paper.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from kg.extract.features import TYPES

LONGEST = 8
"""Names of more words are not remembered."""


class Counts(NamedTuple):
    """In how many texts a sequence of words stood, and in how many as a name of each of TYPES."""

    texts: int
    types: tuple[int, ...]


NOTHING = Counts(0, (0,) * len(TYPES))
View = Callable[[str], Counts]


class Memory:
    """Counts by name; a name is its words in lower case, joined by blanks."""

    def __init__(self, counts: Mapping[str, Counts]) -> None:
        self.counts = counts
        self._longest: dict[str, int] = {}
        for name in counts:
            words = name.split(" ")
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def view(self, name: str) -> Counts:
        """The counts of a name; none where it is unknown."""
        return self.counts.get(name, NOTHING)

    def matches(self, lows: list[str]) -> Iterator[tuple[int, int, str]]:
        """(first word, last word exclusive, name) of every remembered name, longest first at each word."""
        longest, counts, size = self._longest, self.counts, len(lows)
        for index, low in enumerate(lows):
            reach = longest.get(low)
            if reach:
                for length in range(min(reach, size - index), 0, -1):
                    name = " ".join(lows[index : index + length]) if length > 1 else low
                    if name in counts:
                        yield index, index + length, name

    def features(self, lows: list[str], view: View, mark: str) -> list[tuple[int, str]]:
        """Features of the words of remembered names, as (index of the word, feature)."""
        found: list[tuple[int, str]] = []
        end = 0
        for first, last, name in self.matches(lows):
            if first < end:
                continue
            texts, types = view(name)
            total = sum(types)
            if texts <= 0:
                continue
            if total < 0.08 * texts and last == first + 1:
                if texts >= 5:
                    found.append((first, mark + "0"))
                continue
            if total:
                found += _named(first, last, types, total, texts, mark)
                end = last
        return found


def _named(
    first: int, last: int, types: tuple[int, ...], total: int, texts: int, mark: str
) -> Iterable[tuple[int, str]]:
    most = max(types)
    kind, often = TYPES[types.index(most)], rate(total, texts)
    for index in range(first, last):
        place = "B" if index == first else "I"
        feature = f"{mark}={place}{kind}{often}"
        yield index, feature
        yield index - 1, "+1" + feature
        yield index + 1, "-1" + feature
        yield index, f"{mark}n={place}{often}{min(3, total)}"
        if most > 0.75 * total:
            yield index, f"{mark}p={place}{kind}{often}{min(3, total)}"
        if index == last - 1:
            yield index, f"{mark}E={kind}{often}"


def rate(total: int, texts: int) -> str:
    """How often of all times the words stood as a name: h often, m, l seldom."""
    return "h" if total >= 0.8 * texts else "m" if total >= 0.4 * texts else "l"
