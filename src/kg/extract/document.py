"""A text cut into words and sentences: the arrays that every step of reading works on.

One regular expression finds the words, each with the blanks before it, by spaCy's conventions for English with a few cuts of its own, so that
names stand free: "BERT-based", "BERT/RoBERTa", "LLaMA(7B)" and "7b-chat" are cut, "GPT-4" and "Qwen2.5" are not.
`Document.doc` is the same words as a spaCy `Doc`, made when a spaCy component first asks for it.
"""

import functools
import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from operator import sub
from typing import Any

from kg.types import Span

_PIECE = re.compile(
    r"""\s*(?:[a-z]+(?=[ ,])                                             # what most words are, at once
    |https?://[^\s)\]}>,]*[^\s)\]}>,.;:'"]|www\.[^\s)\]}>,]*\w   # addresses
    |(?:e\.g|i\.e|w\.r\.t|a\.k\.a|U\.S)\.                             # full stops that end nothing
    |\\[A-Za-z]+                                                    # TeX
    |\d{1,3}(?:,\d{3})+(?!\d)                                       # 10,000
    |[A-Za-z]+?(?=n['’]t\b)|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b       # do|n't, BERT|'s
    |(?=[A-Z])\w+(?:(?:\.|-)(?=\d)\w+)*(?:@[\dkK]\w*)?\+{0,2}       # names keep their numbers
    |\w+(?:\.(?=\d)\w+)*(?:@[\dkK]\w*)?\+{0,2}
    |--+|\.\.+|[^\s\w]|_)""",
    re.VERBOSE,
)
# A full stop, question or exclamation mark, closing quotes or brackets, blanks, then what can begin a sentence.
_BREAK = re.compile(r"[.!?][\"')\]”’]*\s+(?=[\"'(\[“‘$]?[A-Z0-9$\\])|\n+")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|et al|etc|resp|approx|w\.r\.t|a\.k\.a|Fig|Figs|Eq|Eqs|Sec|Tab|No|Nos|Dr|Prof|St|Mr|Ms|"
    r"Inc|Ltd|Jan|Feb|Aug|Sept|Oct|Nov|Dec)|\b[A-Z])$"
)


class Document:
    """The words and sentences of one text; `words[i]` is `text[starts[i]:ends[i]]`, `lows[i]` that in lower case.

    `sentences` holds (first, last) word indices, last exclusive; the title is the first sentence.
    """

    __slots__ = (
        "_doc",
        "ends",
        "lows",
        "sentence_spans",
        "sentences",
        "starts",
        "text",
        "title_end",
        "words",
    )

    def __init__(self, text: str, title_end: int) -> None:
        self.text, self.title_end = text, title_end
        self._doc: Any = None
        pieces = _PIECE.findall(
            text
        )  # words with the blanks before them: they make up the text, to the last word
        self.words: list[str] = list(map(str.lstrip, pieces))
        self.lows: list[str] = list(map(str.lower, self.words))
        self.ends: list[int] = list(accumulate(map(len, pieces)))
        self.starts: list[int] = list(map(sub, self.ends, map(len, self.words)))
        self.sentence_spans: list[Span] = []
        self.sentences: list[tuple[int, int]] = []
        for start, end in _sentences(text, title_end):
            first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
            if first < last:
                self.sentences.append((first, last))
                self.sentence_spans.append((start, end))

    @property
    def doc(self) -> Any:
        """The words as a spaCy `Doc`; its tokens have the same indices."""
        if self._doc is None:
            from spacy.tokens import Doc

            nexts = [*self.starts[1:], self.ends[-1] if self.ends else 0]
            spaces = [end < after for end, after in zip(self.ends, nexts, strict=True)]
            self._doc = Doc(_vocabulary(), words=self.words, spaces=spaces)
        return self._doc

    def word_at(self, offset: int) -> int:
        """Index of the word that holds the character, or of the last one that begins before it."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def sentence_at(self, offset: int) -> int:
        """Index of the sentence that holds the character."""
        return max(0, bisect_right(self.sentence_spans, (offset, len(self.text) + 1)) - 1)

    def quote(self, start: int, end: int) -> Span:
        """The shortest run of whole sentences that holds the characters, as offsets."""
        first, last = self.sentence_at(start), self.sentence_at(max(start, end - 1))
        return self.sentence_spans[first][0], self.sentence_spans[last][1]


def _sentences(text: str, title_end: int) -> list[Span]:
    """Offsets of the sentences, blanks at both ends left out; none crosses the end of the title."""
    cuts = [0]
    for match in _BREAK.finditer(text, title_end):
        at = match.start()
        if text[at] == "." and _ABBREVIATION.search(text[max(0, at - 8) : at]):
            continue
        cuts.append(match.end())
    cuts.append(len(text))
    spans = []
    for first, last in pairwise(cuts):
        piece = text[first:last]
        if left := piece.lstrip():
            spans.append((last - len(left), first + len(piece.rstrip())))
    return spans


@functools.cache
def _vocabulary() -> Any:
    import spacy

    return spacy.blank("en").vocab
