"""A text cut into words and sentences: the arrays that every step of reading works on.

spaCy's tokenizer finds the words. A newline, tab or no-break space would switch its cache off for the whole
text, so they are blanked first, one for one; offsets hold.
"""

import functools
import re
from bisect import bisect_left, bisect_right
from typing import Any

from kg.types import Span

_BLANKS = {9: 32, 10: 32, 13: 32, 160: 32}
# A full stop, question or exclamation mark, closing quotes or brackets, blanks, then what can begin a sentence.
_BREAK = re.compile(r"[.!?][\"')\]”’]*\s+(?=[\"'(\[“‘$]?[A-Z0-9$\\])|\n+")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|et al|etc|resp|approx|w\.r\.t|a\.k\.a|Fig|Figs|Eq|Eqs|Sec|Tab|No|Nos|Dr|Prof|St|Mr|Ms|"
    r"Inc|Ltd|Jan|Feb|Aug|Sept|Oct|Nov|Dec)|\b[A-Z])$"
)


class Document:
    """The words and sentences of one text; `words[i]` is `text[starts[i]:ends[i]]`.

    `sentences` holds (first, last) word indices, last exclusive; the title is the first sentence.
    """

    __slots__ = ("doc", "ends", "sentence_spans", "sentences", "starts", "text", "title_end", "words")

    def __init__(self, text: str, title_end: int) -> None:
        self.text, self.title_end = text, title_end
        self.doc: Any = _tokenizer()(text.translate(_BLANKS))
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        for token in self.doc:
            word, start = token.text, token.idx
            if not word.isspace():
                self.words.append(word)
                self.starts.append(start)
                self.ends.append(start + len(word))
        self.sentence_spans: list[Span] = []
        self.sentences: list[tuple[int, int]] = []
        for start, end in _sentences(text, title_end):
            first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
            if first < last:
                self.sentences.append((first, last))
                self.sentence_spans.append((start, end))

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
    spans, start = [], 0
    cuts = [m for m in _BREAK.finditer(text) if m.start() >= title_end]
    for match in cuts:
        if match[0][0] == "." and match.start() > title_end and _ABBREVIATION.search(text, 0, match.start()):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    trimmed = []
    for first, last in spans:
        piece = text[first:last]
        left = len(piece) - len(piece.lstrip())
        if piece.strip():
            trimmed.append((first + left, first + len(piece.rstrip())))
    return trimmed


@functools.cache
def _tokenizer() -> Any:
    import spacy
    from spacy.util import compile_infix_regex

    nlp = spacy.blank("en")
    tokenizer = nlp.tokenizer
    # Beside spaCy's own cuts: "BERT/RoBERTa", "LLaMA(7B)", "K=4".
    tokenizer.infix_finditer = compile_infix_regex(
        [*nlp.Defaults.infixes, r"(?<=[0-9A-Za-z])[/(=+&](?=[0-9A-Za-z])"]
    ).finditer
    tokenizer.max_cache_size = 2_000_000  # its default of 10,000 fills at once, then everything is cut anew
    return tokenizer
