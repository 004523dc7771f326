"""Which names of a text are one thing: "VLN" and "vision-and-language navigation", a task and its fuller name.

Brackets that explain a short form are read in `abbreviations`; here names meet that the text nowhere puts side by
side. A small linear model weighs every two names of one kind that share a word, or of which one may be the initials
of the other; sums are of integers, so the same names are joined whatever stands beside the text.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from kg.extract.document import Document
from kg.extract.learned import model_folder
from kg.extract.linear import Linear
from kg.lexicon import lexicon
from kg.types import RecordEntity, Span

_TEX = re.compile(r"\\(?:text\w*|emph|math\w+|bf|it|sc|tt|underline)\b\s*|[{}$\\~]")
_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
_OTHER = re.compile(r"[^a-z0-9]")
_SMALL = frozenset("of the a an and for in on to with via by from as at or using".split())
_ENDINGS = ("ization", "isation", "ations", "ation", "ings", "ing", "ical", "ally", "ions", "ion", "ies", "ed", "es",
            "al", "ic", "s", "e", "y")  # fmt: skip
_KINDS = ((("Task",), "k"), (("Metric",), "k"), (("Model", "Method"), "n"), (("Dataset", "Benchmark"), "n"))
"""Types whose names may be one thing, and the letter of their features; of two types it is x."""
_SHORT = 12
"""No short form has more characters."""
_ALIKE = 0.2
"""Names that share a smaller part of their words are not weighed, unless their last word is the same."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as words: `words` in lower case, `stems` without their endings; its spellings, `short` what may be initials."""

    place: int
    entity: RecordEntity
    words: tuple[str, ...]
    stems: tuple[str, ...]
    kinds: frozenset[str]
    forms: tuple[str, ...]
    short: tuple[str, ...]
    titled: bool


@dataclass(frozen=True, slots=True)
class Couple:
    """Two names that may be one thing, by their places in the list of entities, and what speaks for and against it."""

    first: int
    second: int
    features: list[str]


def joined(document: Document, entities: Sequence[RecordEntity], model: Linear) -> list[RecordEntity]:
    """The entities with those that are one thing put together, ordered by first mention.

    The fullest name stays the name, the others become aliases; the surer one gives the type.
    """
    sure = [
        (score, c.first, c.second)
        for c in couples(document, entities)
        if (score := model.score(c.features)[0]) > 0 and not _is_kin(entities[c.first], entities[c.second])
    ]
    if not sure:
        return list(entities)
    group = list(range(len(entities)))
    for _, first, second in sorted(sure, key=lambda s: (-s[0], s[1], s[2])):
        low, high = sorted((group[first], group[second]))
        group = [low if g == high else g for g in group]
    found = [
        _one([e for e, g in zip(entities, group, strict=True) if g == number])
        for number in sorted(set(group))
    ]
    return sorted(found, key=lambda e: (e.mentions, e.name))


def _is_kin(one: RecordEntity, other: RecordEntity) -> bool:
    """Whether a model is named after one that the field knows: "domain-tuned Llama 3" is not Llama 3."""
    if one.type != "Model" or other.type != "Model":
        return False
    short, long = sorted((_words(one.name), _words(other.name)), key=len)
    if len(short) == len(long) or not (long[-len(short) :] == short or long[: len(short)] == short):
        return False
    return any(lexicon().find(e.name) is not None for e in (one, other))


def _one(same: Sequence[RecordEntity]) -> RecordEntity:
    if len(same) == 1:
        return same[0]
    surest = max(same, key=lambda e: (e.confidence, len(e.mentions)))
    name = max((e.name for e in same), key=lambda n: (len(_TEX.sub("", n)), -len(n)))
    return replace(
        surest,
        name=name,
        aliases=tuple(dict.fromkeys(s for e in same for s in (e.name, *e.aliases) if s != name)),
        introduced=any(e.introduced for e in same if e.type == surest.type),
        mentions=tuple(sorted({m for e in same for m in e.mentions})),
    )


def couples(document: Document, entities: Sequence[RecordEntity]) -> Iterator[Couple]:
    """Every two entities worth a look."""
    for types, kind in _KINDS:
        names = [_name(document, i, e) for i, e in enumerate(entities) if e.type in types]
        for one, other in combinations(names, 2):
            if one.short or other.short or not one.kinds.isdisjoint(other.kinds):
                same = kind if one.entity.type == other.entity.type else "x"
                if features := _features(document, same, one, other):
                    yield Couple(one.place, other.place, features)


def _name(document: Document, place: int, entity: RecordEntity) -> Name:
    words, stems, short = _spelled(entity.name, entity.aliases)
    titled = bool(entity.mentions) and entity.mentions[0][0] < document.title_end
    forms = (entity.name, *entity.aliases)
    return Name(place, entity, words, stems, frozenset(stems), forms, short, titled)


@functools.lru_cache(maxsize=50_000)
def _spelled(name: str, aliases: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The words of a name, their stems, and those of its spellings that may be initials of another."""
    words = _words(name)
    short = (
        f for f in (name, *aliases) if len(f) <= _SHORT and " " not in f and sum(map(str.isupper, f)) > 1
    )
    return words, tuple(map(_stem, words)), tuple(short)


@functools.lru_cache(maxsize=50_000)
def _words(name: str) -> tuple[str, ...]:
    return tuple(w.lower() for w in _WORD.findall(_TEX.sub("", name)))


@functools.lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _features(document: Document, kind: str, one: Name, other: Name) -> list[str]:
    """What speaks for and against two names being one thing; empty where nothing speaks for it."""
    long, short = (
        (one, other)
        if (len(one.words), len(one.entity.name)) >= (len(other.words), len(other.entity.name))
        else (other, one)
    )
    initials = _initials(long, short) or _initials(short, long)
    inside = _inside(long, short)
    alike = len(long.kinds & short.kinds) / max(1, len(long.kinds | short.kinds))
    head = bool(long.stems and short.stems and long.stems[-1] == short.stems[-1])
    if not (initials or inside or head or alike >= _ALIKE):
        return []
    types = "=".join(sorted((long.entity.type, short.entity.type)))
    more, size = len(long.words) - len(short.words), len(short.words)
    new = f"{long.entity.introduced:d}{short.entity.introduced:d}"
    found = [
        types,
        f"{kind}acronym={initials}",
        f"{kind}acronym={initials}|{new}",
        f"{kind}inside={inside}",
        f"{kind}inside={inside}|{min(size, 4)}",
        f"{kind}inside={inside}|{new}",
        f"{types}inside={inside}|{min(size, 3)}|{min(more, 3)}",
        f"{kind}alike{int(5 * alike)}",
        f"{types}alike{int(5 * alike)}{head:d}",
        f"{types}head{head:d}{more}",
        f"{kind}digits{_digits(long) == _digits(short):d}|{inside}",
        f"{kind}title{long.titled:d}{short.titled:d}|{inside}|{initials}",
    ]
    if inside == "suffix":
        extra = long.words[:more]
        found += [f"{kind}before={w}" for w in extra] + [f"{types}before={' '.join(extra)}"]
    elif inside == "prefix":
        found += [f"{kind}behind={w}" for w in long.words[size:]]
    return found + _placed(document, kind, types, long, short, f"{inside}|{initials}")


def _placed(document: Document, kind: str, types: str, long: Name, short: Name, how: str) -> list[str]:
    """Whether they ever stand in one sentence, and what stands between them there."""
    sentence = document.sentence_at
    a, b = long.entity.mentions, short.entity.mentions
    together = not {sentence(s) for s, _ in a}.isdisjoint(sentence(s) for s, _ in b)
    gaps = (_gap(x, y) for x in a for y in b) if together else ()
    between = [document.text[slice(*g)] for g in gaps if 0 <= g[1] - g[0] <= 6][:3]
    return [f"{kind}together{together:d}|{how}", f"{types}together{together:d}"] + [
        f"{kind}gap={g}" for g in between
    ]


def _gap(one: Span, other: Span) -> Span:
    return min(one[1], other[1]), max(one[0], other[0])


def _digits(name: Name) -> list[str]:
    return [w for w in name.words if w[0].isdigit()]


def _inside(long: Name, short: Name) -> str:
    """How the words of one stand in the other."""
    a, b = long.words, short.words
    if not b:
        return ""
    if len(a) == len(b):
        return "same" if long.kinds == short.kinds else ""
    if a[-len(b) :] == b:
        return "suffix"
    if a[: len(b)] == b:
        return "prefix"
    if set(b) <= set(a):
        return "subset"
    return "stems" if short.kinds <= long.kinds else ""


def _initials(long: Name, short: Name) -> str:
    """How any spelling of one may stand for the words of the other; empty where none does."""
    for form in short.short:
        for full in long.forms:
            if len(full) > len(form) + 3 and (how := _stands_for(form, full)):
                return how
    return ""


@functools.lru_cache(maxsize=50_000)
def _stands_for(short: str, long: str) -> str:
    """Whether a short form is made of the initials of words, their beginnings, or letters of them in order."""
    letters = _OTHER.sub("", short.lower())
    words = _words(long)
    begins = words[1:2] if words[:1] and words[0] in _SMALL else words[:1]
    if len(words) < 2 or not letters or letters[0] not in (words[0][0], begins[0][0]):
        return ""
    full = [w for w in words if w not in _SMALL]
    spelled = {letters, letters[:-1]} if letters.endswith("s") and len(letters) > 2 else {letters}
    if spelled & {"".join(w[0] for w in words), "".join(w[0] for w in full)}:
        return "exact"
    if (
        len(letters) > 2
        and letters == "".join(c for c in _TEX.sub("", long) if c.isupper() or c.isdigit()).lower()
    ):
        return "upper"
    if any(len(s) > 2 and _beginnings(s, words) for s in spelled):
        return "beginnings"
    if len(letters) > 2 and words[0][0] == letters[0] and _in_order(letters, "".join(words)):
        return "letters" if 5 * sum(w[0] in letters for w in full) >= 4 * len(full) else ""
    return ""


def _beginnings(letters: str, words: Sequence[str]) -> bool:
    """Whether letters are the beginnings, of one to four letters, of the words in order; small words may be left out."""
    if not letters or not words:
        return not letters
    first, rest = words[0], words[1:]
    for taken in range(min(4, len(first), len(letters)), 0, -1):
        if letters.startswith(first[:taken]) and _beginnings(letters[taken:], rest):
            return True
    return first in _SMALL and _beginnings(letters, rest)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(c in rest for c in letters)


@functools.cache
def coreference_model() -> Linear:
    """The weights of the model folder."""
    import numpy as np

    with np.load(model_folder() / "coreference.npz", allow_pickle=False) as arrays:
        return Linear.load(arrays, "same")
