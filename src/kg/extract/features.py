"""What the tagger sees of a word: its letters, what stands around it, what this text and earlier ones say of it.

A feature is a short string. What depends on a word alone (`of_word`) is worked out once per word and remembered;
what depends on the document (`of_document`) and on names met before (`kg.extract.memory`) once per text.
"""

import functools
import re
import string
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from kg.extract.abbreviations import Abbreviation
from kg.extract.document import Document

TYPES = ("Model", "Dataset", "Benchmark", "Method", "Task", "Metric")
NAMED = TYPES[:4]
REACH = 3
"""How many words to the left and to the right bear on the label of a word."""


def _table(**groups: str) -> dict[str, str]:
    return {word: group for group, words in groups.items() for word in words.split()}


HEADS = _table(
    D="dataset datasets corpus corpora",
    B="benchmark benchmarks leaderboard challenge suite testbed",
    M="model models network networks backbone transformer encoder decoder llm llms architecture baseline",
    F="framework frameworks method methods approach approaches algorithm algorithms technique techniques strategy "
    "loss objective optimizer module toolkit library pipeline mechanism scheme paradigm training learning",
    T="task tasks problem",
    S="score scores metric metrics",
    V="achieves outperforms improves consists uses is can",
    P="parameters",
    E="series family",
    Q="prompting sampling decoding attention regularization augmentation optimization fine-tuning tuning distillation",
)
"""Nouns and verbs that tell what the name beside them is."""

PRESENTING = frozenset(
    "present presents introduce introduces propose proposes proposed release releases develop develops describe "
    "design build construct contribute create".split()
)
NAMING = frozenset("called dubbed named termed coined denoted namely".split())
_BEFORE = {
    **{w: w for w in "on with using of than as like from by and in the our to via based a for".split()},
    "outperforms": "than",
    "over": "than",
    "including": "as",
    "apply": "using",
    "use": "using",
    "datasets": "D",
    "dataset": "D",
    "benchmarks": "B",
    "benchmark": "B",
    "model": "M",
    "models": "M",
    "method": "F",
    "algorithm": "F",
    "framework": "F",
    "approach": "F",
}
_ARTICLES = frozenset(("a", "an", "the", "which"))
_DIGIT = re.compile(r"\d")
_SHAPES = str.maketrans(
    string.ascii_uppercase + string.ascii_lowercase + string.digits, "X" * 26 + "x" * 26 + "0" * 10
)


class Word(NamedTuple):
    """What is worked out once for a word: `case` is its kind of spelling, `namely` says that it may be a name."""

    number: int
    text: str
    lower: str
    case: str
    namely: bool


@functools.lru_cache(1 << 16)
def is_namely(word: str) -> bool:
    """Whether the word has a capital, or letters with digits: what names of systems and data are made of."""
    return (
        not word.islower()
        and not word.isdigit()
        and (any(map(str.isupper, word)) or any(map(str.isdigit, word)))
    )


def case(word: str) -> str:
    """The kind of spelling: p punctuation, d digits, l lower, C Capital, A one capital, AA ACRONYM, X camelCase.

    >>> [case(w) for w in ("loss", "The", "BERT", "LoRA", "GPT-4", ",")]
    ['l', 'C', 'AA', 'X', 'Xd', 'p']
    """
    if not word[0].isalnum():
        return "p"
    if word.isdigit():
        return "d"
    capitals = 0 if word.islower() else sum(map(str.isupper, word))
    digits = any(map(str.isdigit, word))
    if capitals == 0:
        return "ld" if digits else "l"
    if capitals == 1 and word[0].isupper():
        return "Cd" if digits else "C" if len(word) > 1 else "A"
    return "AA" if capitals == len(word) else "Xd" if digits else "X"


def shape(word: str) -> str:
    """Letters as X and x, digits as 0.

    >>> shape("Qwen2.5"), squeezed("Qwen2.5")
    ('Xxxx0.0', 'Xx0.0')
    """
    return word.translate(_SHAPES)


@functools.lru_cache(1 << 16)
def squeezed(word: str) -> str:
    """The shape with each run as one."""
    return "".join([sign for sign, _ in groupby(word.translate(_SHAPES))])


def cluster_of(word: str, clusters: Mapping[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    """The clusters of a word, digits alike, else of its lower case."""
    key = _DIGIT.sub("0", word)
    return clusters.get(key) or clusters.get(key.lower())


def of_word(word: str, clusters: Mapping[str, tuple[int, ...]]) -> tuple[list[str], ...]:
    """Features of a word for the label of itself and of words one, two and three places away."""
    lower, short, groups = word.lower(), squeezed(word), cluster_of(word, clusters)
    own = [f"w={word}", f"l={lower}", f"sh={shape(word)[:10]}", f"q={short}"]
    if word[0].isalnum():
        if len(word) > 2:
            own += [f"p{n}={lower[:n]}" for n in (2, 3, 4)] + [f"s{n}={word[-n:]}" for n in (2, 3, 4)]
        capitals = 0 if word.islower() else min(3, sum(map(str.isupper, word)))
        own += [
            f"u={capitals}{word[0].isupper():d}{any(map(str.isdigit, word)):d}",
            f"len={min(len(word), 10)}",
        ]
        own += [] if groups else ["rare"]
    grouped = [f"c{n}={group}" for n, group in enumerate(groups, 1)] if groups else []
    near = [f"l={lower}", f"q={short}", *grouped]
    near += [f"e3={lower[-3:]}"] if len(word) > 3 else []
    near += [f"h={HEADS[lower]}"] if lower in HEADS else []
    second = [f"l={lower}", f"q={short}", *grouped[1:2]]
    return own + grouped, near, second, [f"l={lower}", *grouped[:1]]


Bundle = tuple[str, ...]
"""Features that go together; few different ones make up most of a text."""


def of_document(document: Document, words: list[Word], pairs: list[Abbreviation]) -> list[tuple[int, Bundle]]:
    """Features of words that the whole text decides, as (index of the word, features)."""
    lows, end = document.lows, document.sentences[0][1] if document.sentences else 0
    firsts = {first for first, _ in document.sentences}
    found: list[tuple[int, Bundle]] = []
    shorts: set[int] = set()
    longs: set[int] = set()
    for pair in pairs:
        first, last = document.word_at(pair.long[0]), document.word_at(pair.long[1] - 1)
        shorts.add(document.word_at(pair.short[0]))
        longs.update(range(first, last + 1))
        found += ((first, ("d|LB",)), (last, ("d|LE",)))
    colon = lows.index(":", 0, end) if ":" in lows[:end] else 0
    places: dict[str, list[int]] = {}
    for index in [i for i, word in enumerate(words) if word.namely]:
        places.setdefault(document.words[index], []).append(index)
    known, count = set(document.words), len(words)
    for text, at in places.items():
        bits = [_COUNTS[min(len(at), 4)]]
        if at[0] < end:
            bits += ("T", "TC") if at[0] < colon else ("T",)
        if (lower := words[at[0]].lower) != text and lower in known:
            bits.append("LC")
        around = _surroundings(at, lows, end, count, shorts, longs, firsts)
        own, left, right = _bundles((*bits, *sorted(around)))
        for index in at:
            found += ((index, own), (index - 1, left), (index + 1, right))
    title = {low for low in lows[:end] if len(low) > 3}
    found += [
        (index, _REPEATS_TITLE)
        for index, low in enumerate(lows[end:], end)
        if low in title and not words[index].namely
    ]
    if "(" in known:
        found += [(index, _BRACKETED) for index in _bracketed(lows)]
    return found


def _bracketed(lows: list[str]) -> Iterator[int]:
    """Indices of the words inside brackets; a bracket that never closes holds all that follows."""
    index = depth = 0
    while True:
        if not depth:
            try:
                index = lows.index("(", index) + 1
            except ValueError:
                return
            depth = 1
        if index == len(lows):
            return
        low = lows[index]
        depth += (low == "(") - (low == ")")
        if low not in _BRACKETS:
            yield index
        index += 1


_BRACKETS = frozenset("()")
_COUNTS = ("", "n1", "n2", "n3", "n4")
_REPEATS_TITLE: Bundle = ("d|tl",)
_BRACKETED: Bundle = ("d|(",)


@functools.lru_cache(1 << 16)
def _bundles(bits: tuple[str, ...]) -> tuple[Bundle, Bundle, Bundle]:
    """What the bits of a name say of its own words, of the word before and of the word behind."""
    marks = [bit for bit in bits if bit[0] in "nTS"]
    return (
        tuple(f"d|{bit}" for bit in bits),
        tuple(f"d|+{mark}" for mark in marks),
        tuple(f"d|-{mark}" for mark in marks),
    )


ZONES = "tfm"
CASES = ("p", "d", "l", "ld", "C", "Cd", "A", "AA", "X", "Xd")


def zone(index: int, first: int, title: int) -> str:
    """Where a word of the sentence that begins at `first` stands: t in the title, f first, m elsewhere."""
    return "t" if index < title else "f" if index == first else "m"


def _surroundings(
    at: list[int],
    lows: list[str],
    end: int,
    count: int,
    shorts: set[int],
    longs: set[int],
    firsts: set[int],
) -> set[str]:
    """What stands around the places of one word, all places together."""
    bits = set()
    for index in at:
        if index in shorts:
            bits.add("SH")
        if index in longs:
            bits.add("LF")
        if index < end:
            continue
        if index + 1 < count and (head := HEADS.get(lows[index + 1])):
            bits.add("h1" + head)
        if index + 2 < count and (head := HEADS.get(lows[index + 2])):
            bits.add("h2" + head)
        if index and (before := _BEFORE.get(lows[index - 1])):
            bits.add("v" + before)
        earlier = lows[index - 4 if index > 4 else 0 : index]
        if not PRESENTING.isdisjoint(earlier):
            bits.add("IN")
        if not NAMING.isdisjoint(earlier):
            bits.add("CA")
        if index + 2 < count and lows[index + 1] == "," and lows[index + 2] in _ARTICLES:
            bits.add("AP")
        bits.add("F" if index in firsts else "nF")
    return bits
