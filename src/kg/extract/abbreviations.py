"""Long forms and their short forms, as in "Low-Rank Adaptation (LoRA)".

After Schwartz and Hearst (2003), "A simple algorithm for identifying abbreviation definitions in biomedical
text": the letters of the short form are sought from right to left in the words before the bracket.
"""

import re
from typing import NamedTuple

from kg.types import Span

_BRACKET = re.compile(r"[(\[]\s*([^()\[\],;:]{1,40}?)\s*(?:[,;:][^()\[\]]*)?[)\]]")
_SHORT = re.compile(r"[A-Za-z0-9][\w.+&/\-’'$^]*(?: [\w.+\-]+){0,2}")
_LAST_WORD = re.compile(r"\b\w+$")
_STOP = frozenset("a an the of for and or in on to with by from via is are as at".split())
_CLAUSE = re.compile(r"[.;:!?()\[\]]\s|\n")


class Abbreviation(NamedTuple):
    """Offsets of a long form and of the short form that stands for it."""

    long: Span
    short: Span


def abbreviations(text: str) -> list[Abbreviation]:
    """Pairs of long and short form in the text, in order; the long form may also stand in the brackets.

    >>> text = "DeepSeekMath (DSM) uses Low-Rank Adaptation (LoRA) and DPO (direct preference optimisation)."
    >>> [(text[slice(*a.long)], text[slice(*a.short)]) for a in abbreviations(text)]
    [('DeepSeekMath', 'DSM'), ('Low-Rank Adaptation', 'LoRA'), ('direct preference optimisation', 'DPO')]
    """
    found = []
    for bracket in _BRACKET.finditer(text):
        pair = _before(text, bracket) or _inside(text, bracket)
        if pair:
            found.append(pair)
    return found


def _before(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """The bracket holds the short form; its long form ends right before it."""
    short = bracket[1]
    if not _SHORT.fullmatch(short) or not any(c.isupper() for c in short) or short.isdigit():
        return None
    end = len(text[: bracket.start()].rstrip(" \n~\"'”’}"))
    start = _capitals(text, end, short)
    if start is None:
        start = _long_form(text, _window(text, end, len(short)), end, short)
    return None if start is None else Abbreviation((start, end), bracket.span(1))


def _capitals(text: str, end: int, short: str) -> int | None:
    """Where the one word begins whose capitals the short form is: SceneMotifCoder (SMC)."""
    word = _LAST_WORD.search(text, max(0, end - 40), end)
    if word and len(short) > 1 and "".join(c for c in word[0] if c.isupper() or c.isdigit()) == short:
        return word.start() if len(word[0]) > len(short) + 2 else None
    return None


def _inside(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """The bracket holds the long form; the word before it is the short form."""
    before = re.search(r"[\w.+\-]+$", text[max(0, bracket.start() - 30) : bracket.start()].rstrip())
    if not before or not (2 <= len(before[0]) <= 12) or sum(c.isupper() for c in before[0]) < 2:
        return None
    end = len(text[: bracket.start()].rstrip())
    inner = re.match(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]", text[bracket.start() : bracket.end()])
    if not inner or len(inner[1].split()) < 2:
        return None
    first = bracket.start() + inner.start(1)
    start = _long_form(text, first, first + len(inner[1]), before[0])
    if start is None or start != first:
        return None
    return Abbreviation((start, first + len(inner[1])), (end - len(before[0]), end))


def _window(text: str, end: int, letters: int) -> int:
    """Where the words that may make up the long form begin: in this clause, at most letters + 5 of them."""
    start = 0
    for cut in _CLAUSE.finditer(text, max(0, end - 200), end):
        start = cut.end()
    words = [m.start() for m in re.finditer(r"\S+", text[start:end])]
    return start + words[max(0, len(words) - min(letters + 5, 2 * letters))] if words else end


def _long_form(text: str, start: int, end: int, short: str) -> int | None:
    """The offset where the long form begins, or None where the letters are not there in order."""
    letters = [c.lower() for c in short if c.isalnum()]
    at = end
    for index in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= start and not (
            text[at].lower() == letters[index] and (index > 0 or _begins_word(text, at, start))
        ):
            at -= 1
        if at < start:
            return None
    words = text[at:end].split()
    if len(words) < 2 and not re.search(r"\w-\w", text[at:end]):
        return None
    if words[0].lower() in _STOP or short.lower() in (w.lower() for w in words):
        return None
    return at


def _begins_word(text: str, at: int, start: int) -> bool:
    return at == start or not text[at - 1].isalnum()
