"""Rules as data: patterns over masked sentences, compiled from `kg/rules/*.yaml`.

A masked sentence is the items of a sentence in lower case with a slot for each name (`<M+>` a model that the paper
introduces, `<M>` one that it does not; A methods, D data sets, B benchmarks, T tasks, X metrics) and for the words
that stand for the paper's own work (`<we>`, `<own>` for "our model", `<it>`).

The pattern language, one item a word:
    SUBJECT OBJECT      a slot of a type that the relation allows; up to two words and an article may stand before
    SUBJECTS OBJECTS    one or several in a list: "A, B and C"
    WE                  "we", or words such as "our model"
    word  word*         the word; a word that begins so
    (a|b c)  [a|b]      one of these; one of these or nothing
    LEFT                an opening bracket
    START               the beginning of the sentence
    ...                 up to eight items that are no names and no words of making
    ~  ~3               up to four words, or three, that are no names and no punctuation but hyphens
A pattern without SUBJECT speaks of the paper's own work.
"""

import functools
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from kg.errors import SchemaError
from kg.extract.slots import LETTER, SPELLED, Sentence
from kg.schema import schema

OWN = -2
"""Stands for the paper's own work where a rule names no subject."""

_GUARD = (
    r"not|never|without|cannot|n't|unlike|than|instead|rather|versus|vs|whereas|while|inspired|outperform\w*|"
    r"compar\w+|surpass\w*|might|may|could|whether|existing|previous|prior|if|recent|beats?|exceeds?|better|rivals?|"
    r"avoid\w*|against|no|nor|like"
)
_MAKING = r"built|build\w*|based|fine\w*|initiali\w+|extend\w*|adapt\w*|\w*train\w*|using|uses?|distil\w*|backbones?"
# Before a match: what follows is denied, asked or said of others.
_DENIED = re.compile(r"(?<![^ ])(?:not|never|without|than|rather|instead|whether|avoid|other) [a-z ]{0,12}$")
_REMEMBERED = 100_000  # pieces of sentences
_SLOT = re.compile(r"<[A-Za-z]+\+?>")
_AFTER = (
    r"(?: (?:model|models|backbone|backbones|architecture|family|series|dataset|datasets|benchmark|corpus))?"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one relation: what it reads, and how sure it is (per mille)."""

    id: str
    relation: str
    regex: re.Pattern[str]
    objects: frozenset[str]
    triggers: tuple[str, ...]
    how: str | None
    outcome: str | None
    confidence: int
    reverse: bool
    reads: tuple[str, ...]
    leaves: tuple[str, ...]
    guard: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that read a pair in a sentence: items of subject (None: the paper's own work) and object."""

    rule: Rule
    subject: int | None
    object: int


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, and which of them a piece of a sentence could wake."""

    rules: tuple[Rule, ...]
    wakes: "_Wakes"


class _Wakes(dict[str, tuple[int, ...]]):
    """The rules that a piece wakes by a trigger in it, looked for once for each piece."""

    def __init__(self, by_trigger: dict[str, tuple[int, ...]]) -> None:
        words = sorted(by_trigger, key=lambda w: (len(w), w))
        self._wake = re.compile(r"(?<![a-z])(" + "|".join(map(re.escape, words)) + ")")
        self._by_trigger = by_trigger

    def __missing__(self, piece: str) -> tuple[int, ...]:
        triggers = self._wake.findall(piece)
        woken = tuple(sorted({index for trigger in triggers for index in self._by_trigger[trigger]}))
        if len(self) > _REMEMBERED:
            self.clear()
        self[piece] = woken
        return woken


def mask(sentence: Sentence) -> tuple[list[str], list[int] | range]:
    """The pieces of the masked sentence, and the item that each stands for; blanks join them."""
    covered: list[tuple[int, int, str]] = []
    for first, last, how in sentence.own:
        if how == "we":
            covered.append((first, last, "<we>"))
        elif how == "it":
            covered.append((first, last, "<it>"))
        elif last > first and how != "paper":
            covered.append((first, last, "<own>"))
    if not covered:
        return sentence.items, range(len(sentence.items))
    pieces: list[str] = []
    items: list[int] = []
    at = 0
    for first, last, piece in covered:
        if first < at:
            continue
        pieces += sentence.items[at:first]
        items += range(at, first)
        pieces.append(piece)
        items.append(first)
        at = last + 1
    pieces += sentence.items[at:]
    items += range(at, len(sentence.items))
    return pieces, items


def hits(sentence: Sentence, rules: Rules) -> list[Hit]:
    """Every pair that a rule reads in a sentence, in the order of rules and text."""
    if not sentence.mentions:
        return []
    pieces, items = mask(sentence)
    awake: set[int] = set()
    for woken in map(rules.wakes.__getitem__, pieces):
        if woken:
            awake.update(woken)
    if not awake:
        return []
    text = " ".join(pieces)
    starts: list[int] = []
    found: list[Hit] = []
    alone = len(sentence.mentions) + len(sentence.own) < 2
    letters = {sentence.items[i][1] for i, _ in sentence.mentions}
    for index in sorted(awake):
        rule = rules.rules[index]
        if rule.objects.isdisjoint(letters) or (alone and "S" in rule.regex.groupindex):
            continue
        for match in rule.regex.finditer(text):
            if not rule.guard and _DENIED.search(text, max(0, match.start() - 24), match.start()):
                continue
            starts = starts or [0, *accumulate(len(piece) + 1 for piece in pieces)]
            subjects = _members(match, "S", text, starts, items)
            objects = _members(match, "O", text, starts, items)
            paired = len(subjects) == len(objects) > 1 and "respectively" in text[match.end() :]
            some: list[int | None] = [*subjects] or [None]
            couples: Iterable[tuple[int | None, int]] = (
                zip(subjects, objects, strict=True) if paired else ((s, o) for s in some for o in objects)
            )
            found.extend(Hit(rule, s, o) for s, o in couples if s != o)
    return found


def _members(
    match: re.Match[str], group: str, text: str, starts: Sequence[int], items: Sequence[int]
) -> list[int]:
    """The items of the slots inside a group of a match."""
    if group not in match.re.groupindex or match.group(group) is None:
        return []
    begin, end = match.span(group)  # (-1, -1) where an optional slot is absent
    return [items[bisect_right(starts, slot.start()) - 1] for slot in _SLOT.finditer(text, begin, end)]


@functools.cache
def rules() -> Rules:
    """The shipped rules."""
    return load(Path(__file__).parents[1] / "rules")


def load(folder: Path) -> Rules:
    """Reads and compiles the rules of a folder; a SchemaError names the rule that is wrong."""
    import yaml

    found: list[Rule] = []
    for path in sorted(folder.glob("*.yaml")):
        data = yaml.load(path.read_text("utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for raw, guard in [(r, False) for r in data["rules"]] + [(r, True) for r in data.get("guards", ())]:
            try:
                found.append(_rule(data["relation"], raw, guard=guard))
            except (KeyError, TypeError, re.error, ValueError) as error:
                raise SchemaError(f"{path.name}, rule {raw.get('id')!r}: {error}") from error
    return _wakeable(found)


def _wakeable(found: list[Rule]) -> Rules:
    by_trigger: dict[str, tuple[int, ...]] = {}
    for index, rule in enumerate(found):
        for trigger in rule.triggers:
            by_trigger[trigger] = (*by_trigger.get(trigger, ()), index)
    # A trigger that begins another would hide it: the shorter one wakes the rules of both.
    for short in by_trigger:
        for long in by_trigger:
            if long != short and long.startswith(short):
                by_trigger[short] = tuple(sorted({*by_trigger[short], *by_trigger[long]}))
    return Rules(tuple(found), _Wakes(by_trigger))


def _rule(relation: str, raw: dict[str, Any], *, guard: bool) -> Rule:
    confidence = raw.get("confidence", 900)
    if not 0 < confidence <= 1000:
        raise ValueError(f"confidence {confidence} is not within 1 … 1000")
    if any(" " in t for t in raw["triggers"]):
        raise ValueError("a trigger is one word or the beginning of one")
    return Rule(
        id=f"{relation.lower()}/{raw['id']}",
        relation=relation,
        regex=compile_pattern(raw["pattern"], relation, guard=guard),
        objects=frozenset(LETTER[t] for t in schema().relations[relation].object if t in LETTER),
        triggers=tuple(SPELLED.get(t, t) for t in raw["triggers"]),
        how=raw.get("how"),
        outcome=raw.get("outcome"),
        confidence=confidence,
        reverse=bool(raw.get("reverse")),
        reads=tuple(raw["reads"]),
        leaves=tuple(raw.get("leaves", ())),
        guard=guard,
    )


def compile_pattern(pattern: str, relation: str, *, guard: bool = False) -> re.Pattern[str]:
    """Compiles a pattern of the language above to a regular expression over masked sentences.

    >>> bool(compile_pattern("SUBJECT is built on OBJECTS", "BUILT_ON").search("<M+> is built on <M> and <M>"))
    True
    """
    known = schema().relations[relation]
    subject = _slot([t for t in known.subject if t in LETTER], own=True)
    object_ = _slot([t for t in known.object if t in LETTER], own=False)
    pieces = []
    for token in re.findall(r"\(|\)\*?|\[|\]|\||[^\s()\[\]|]+", " ".join(pattern.split())):
        pieces.append(_piece(token, subject, object_, _MAKING if guard else _GUARD))
    return re.compile("".join(pieces))


def _slot(types: list[str], *, own: bool) -> str:
    letters = "".join(LETTER[t] for t in types)
    return rf"<(?:[{letters}]\+?{'|own|it' if own else ''})>"


def _piece(token: str, subject: str, object_: str, bar: str) -> str:
    lead = rf"(?:(?<![^ ])(?!(?:{bar}|and) )[a-z][a-z-]* ){{0,3}}?"
    aside = r"(?: \( [^()<>]{1,30} \))?"
    match token:
        case "SUBJECT":
            return rf"(?P<S>{subject})(?: (?:model|models|architecture|framework))?{aside} ?"
        case "SUBJECTS":
            return rf"(?P<S>{subject}{aside}(?: (?:, and|,|and|&|/) {subject}{aside})*)(?: models?)? ?"
        case "OBJECT":
            return rf"{lead}(?P<O>{object_}){_AFTER}{aside} ?"
        case "OBJECTS":
            more = rf"{object_}{_AFTER}{aside}"
            # "X is based on A, Y on B": what has a base of its own is no second base of X
            other = rf"(?: (?:, and|, or|,|and|or|&|/|\+) (?:the )?{more}(?! (?:on|upon|from) <))"
            return rf"{lead}(?P<O>{more}{other}*) ?"
        case "WE":
            return r"<(?:we|own)> ?"
        case "(" | "[":
            return "(?:"
        case ")":
            return ")"
        case "]":
            return ")?"
        case "|":
            return "|"
        case "...":
            return rf"(?:(?<![^ ])(?!(?:{_MAKING}) )[^<> ]+ ){{0,8}}?"
        case "START":
            return "^"
        case "LEFT":
            return r"\( "
    if token[0] == "~":
        most = token[1:] or "4"
        return rf"(?:(?<![^ ])(?!(?:{_GUARD}|and) )[a-z0-9-][a-z0-9'.%-]* ){{0,{most}}}?"
    word = SPELLED.get(token, token)
    if word.endswith("*"):
        return rf"(?<![^ ]){re.escape(SPELLED.get(word[:-1], word[:-1]))}[a-z-]*(?: |$)"
    return rf"(?<![^ ]){re.escape(word)}(?: |$)"
