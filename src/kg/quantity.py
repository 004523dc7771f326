"""Numbers, units and ranges in a text: "7B", "1.46 billion parameters", "2, 7 and 40 billion", "over 7k pairs".

`quantities(text)` finds every amount that could be a size; whose size it is, is decided elsewhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.types import Span

SCALES: Final = {
    "k": 10**3, "thousand": 10**3, "hundred": 100,
    "m": 10**6, "mm": 10**6, "million": 10**6, "mil": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9,
    "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip
_BYTES: Final = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "pb": 10**15}
_WORDS: Final = {
    w: n
    for n, w in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split(),
        2,
    )
} | {"one": 1, "thirty": 30, "forty": 40, "fifty": 50}

# Nouns that sizes count; those with a unit of their own first, all others are their own unit.
_UNITS: Final = {
    "parameters": "parameter parameters param params weights",
    "tokens": "token tokens",
    "hours": "hour hours hrs",
    "layers": "layer layers",
    "languages": "language languages",
    "tasks": "task tasks subtasks sub-tasks",
    "classes": "class classes category categories label labels",
    "words": "word words",
    "experts": "expert experts",
    "examples": "example examples sample samples instance instances data datapoints data-points items entries "
    "demonstrations trajectories",
    "images": "image images photos photographs pictures",
    "pairs": "pair pairs",
    "sentences": "sentence sentences",
    "documents": "documents articles papers documents webpages",
}  # fmt: skip
UNIT_OF: Final = {noun: unit for unit, nouns in reversed(_UNITS.items()) for noun in nouns.split()}
# Plural in form only, or nothing that a size counts.
_NO_UNIT: Final = frozenset(
    "times gpus cpus tpus days weeks months years minutes seconds ms percent points epochs steps fps bits "
    "this thus has was its less across various analysis tables bias class loss access process always as is us "
    "dims dimensions orders magnitudes folds runs seeds trials baselines methods approaches papers llms lms vlms mllms "
    "models networks agents versions variants stages phases factors findings contributions ways aspects settings "
    "experiments parts components modules steps reasons centuries decades iterations rounds inputs variables "
    "hyperparameters improvements gains cores nodes devices series states".split()
)

_MODEL_WORDS: Final = frozenset(
    "model llm vlm mllm lm variant version backbone network transformer checkpoint scale size".split()
)

_NUMBER = r"\d(?:\d{0,2}(?:[,\u2009\u202f]\d{3})+|\d{0,2}(?: \d{3})+(?=\s[a-z])|\d*(?:\.\d+)?)"
_SCALE = r"(?:\s?-?\s?(?i:thousand|million|billion|trillion|hundred)\b|\s?(?:[KMBTkb]|Mn|Bn|bn|mil)(?![A-Za-z0-9]))"
_SIZE_OF_BYTES = r"(?:\s?-?[KMGTP]i?B)\b"
_AMOUNT = rf"{_NUMBER}(?:{_SIZE_OF_BYTES}|{_SCALE})?"
_JOIN = r"(?:\+?(?:-sized|-parameter)?(?:\s?(?:,\s?(?:and|or|to)?|/|and|or|to|through|up to|&|-|–|—|~)\s?)(?:about |up to |over |to )?)"
# Both begin with plain characters, which Python's search skips to quickly; what may not stand before a number is
# looked at afterwards.
_CHAIN = re.compile(
    rf"(?P<first>{_AMOUNT})(?P<rest>(?:{_JOIN}{_AMOUNT}(?![\w%]))*)"
    r"(?P<plus>\+|\s\+)?(?![\w%]|\.\d|\s?%|\\%|[×x]\b)"
)
_WORDED = re.compile(
    rf"[ (\n]((?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b(?:\s(?:hundred|thousand|million|billion|trillion)\b)?)"
)
_NOT_BEFORE = re.compile(r"[A-Za-z0-9._\-/^\\]")
_RUN = re.compile(r"\S+")
_MATHS: Final = {ord("$"): " ", ord("{"): " ", ord("}"): " "}
_ONE = re.compile(rf"(?P<number>{_NUMBER})(?P<scale>{_SIZE_OF_BYTES}|{_SCALE})?")
# After the number: a few modifiers, then the noun that is counted.
_AFTER = re.compile(r"[\s\-~]*((?:[A-Za-z][\w'’/\-]*|,(?=\s[a-z\-]+\s)|\([a-z]+\)))(?:\s+|(?=[^\w]|$))")
_STOP: Final = frozenset(
    "of for and or in on with that which to from by at as is are was were has have the a an per over under than "
    "across into using via while when where but we our its their this these those be been can will it covering spanning "
    "within without between each through trained pretrained evaluated".split()
)
_LEAD = re.compile(
    r"(?:(?:a total of|more than|at least|as many as|up to|nearly|almost|over|approximately|about|around|roughly|some|~|≈|"
    r"\$\\sim\$|\\sim)\s?)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in a text: `value` in plain numbers, `unit` as the schema's readers know it, null where bare.

    `noun` is the word counted, lower case; `active` marks parameters active per token; `group` numbers the
    chain ("2B, 7B and 13B") it belongs to, `place` its position there.
    """

    start: int
    end: int
    value: int | float
    unit: str | None
    noun: str = ""
    scale: str = ""
    active: bool = False
    group: int = 0
    place: int = 0


def quantities(text: str) -> list[Quantity]:
    """Every amount that could be a size, in order; a chain of numbers gives one for each.

    >>> [(q.value, q.unit) for q in quantities("a 7B model and 1.46 billion parameters")]
    [(7000000000, 'parameters'), (1460000000, 'parameters')]
    >>> [(q.value, q.unit) for q in quantities("sizes of 2, 7, and 40 billion parameters; 7k pairs; 349GB")]
    [(2000000000, 'parameters'), (7000000000, 'parameters'), (40000000000, 'parameters'), (7000, 'pairs'), (349000000000, 'bytes')]
    >>> quantities("97.5% in 2023 on GPT-4 with 8-bit weights")
    []
    """
    text = text.translate(_MATHS)
    chains = [*_digits(text), *_worded(text)]
    return [q for group, chain in enumerate(sorted(chains)) for q in _read(text, group, *chain)]


_Amount = tuple[int, int, float, str]  # start, end, number, scale


def _digits(text: str) -> Iterator[tuple[int, int, tuple[_Amount, ...]]]:
    position = 0
    while match := _CHAIN.search(text, position):
        position = match.end()
        if match.start() and _NOT_BEFORE.match(text, match.start() - 1):
            run = _RUN.match(text, match.start())
            position = run.end() if run else match.end()
            continue
        amounts = []
        for one in _ONE.finditer(text, match.start(), match.end("rest")):
            number = float(re.sub(r"[,\s\u2009\u202f]", "", one["number"]))
            amounts.append((one.start(), one.end(), number, re.sub(r"[\s-]", "", one["scale"] or "")))
        yield match.start(), match.end(), tuple(amounts)


def _worded(text: str) -> Iterator[tuple[int, int, tuple[_Amount, ...]]]:
    for match in _WORDED.finditer(f" {text}"):
        start, end = match.start(1) - 1, match.end() - 1
        word, *scale = match[1].split()
        yield start, end, ((start, end, float(_WORDS[word]), "".join(scale)),)


def _read(text: str, group: int, start: int, end: int, amounts: tuple[_Amount, ...]) -> Iterator[Quantity]:
    noun, unit, noun_end = _counted(text, end)
    for place, (first, last, number, scale) in enumerate(amounts):
        own = scale or amounts[-1][3]
        read = _quantity(number, own, noun, unit)
        if read is None or (text[start].isalpha() and not unit):
            continue
        value, kind = read
        yield Quantity(
            start=first,
            end=noun_end if unit and place == len(amounts) - 1 else last,
            value=value,
            unit=kind,
            noun=noun,
            scale=own,
            active=kind == "parameters" and _is_active(text, end, noun_end),
            group=group,
            place=place,
        )


def with_lead(text: str, span: Span) -> Span:
    """Widens a quantity by the words that belong to it: "over", "a total of", "up to"."""
    lead = _LEAD.search(text, max(0, span[0] - 40), span[0])
    return (lead.start() if lead else span[0]), span[1]


def _quantity(number: float, scale: str, noun: str, unit: str | None) -> tuple[int | float, str] | None:
    low = scale.lower().replace("i", "") if scale.lower().endswith("b") and len(scale) > 1 else scale.lower()
    if low in _BYTES:
        return _whole(number * _BYTES[low]), "bytes"
    if unit is None:
        # a bare "7B" or "770M" counts parameters; "2023", "8k" and "1.5" count nothing that we know
        if low in SCALES and low not in ("hundred", "thousand") and number:
            return _whole(number * SCALES[low]), "examples" if low == "k" else "parameters"
        return None
    value = number * SCALES.get(low, 1)
    if not scale and unit == "parameters" and value < 1000:
        return None  # "8-bit weights", "two parameters"
    return (_whole(value), unit) if value else None


def _whole(value: float) -> int | float:
    return round(value) if abs(value - round(value)) < 1e-6 * max(1.0, abs(value)) else value


def _counted(text: str, start: int) -> tuple[str, str | None, int]:
    """The noun counted after a number: (noun, unit, where it ends), or ("", None, start)."""
    position = start
    best: tuple[str, str | None, int] = ("", None, start)
    scaled = text[start - 1 : start] in ("B", "T")  # "7B": parameters, unless something known is counted
    for _ in range(7):
        match = _AFTER.match(text, position)
        if not match:
            break
        word = match[1].strip("()").lower()
        if word in _STOP and not (word in ("and", ",") and best[1] is None and position > start):
            break
        tail = word.rsplit("-", 1)[-1].rsplit("/", 1)[-1]
        if tail.rstrip("s") in _MODEL_WORDS:
            break
        unit = UNIT_OF.get(word) or UNIT_OF.get(tail)
        plural = tail.endswith("s") and not tail.endswith("ss") and len(tail) > 3
        if unit in ("parameters", "tokens"):
            return tail, unit, match.end(1)
        if unit and (plural or tail == "data" or "-" in word or "-" in text[start : match.start(1)]):
            best = (tail, unit, match.end(1))
        elif plural and not scaled and tail not in _NO_UNIT and "-" not in word:
            best = (tail, tail, match.end(1))
        position = match.end()
        if match.end() == match.end(1) or text[match.end(1) : match.end(1) + 1] in ".,;:)]":
            break
    return best


def _is_active(text: str, number_end: int, end: int) -> bool:
    nearby = text[number_end : end + 25].lower()
    return bool(re.match(r"\W{0,3}(?:\w+\W){0,2}?(?:active|activated|activation)", nearby))
