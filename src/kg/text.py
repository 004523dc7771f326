"""Pure functions on text: folding for comparison, and repairs that keep every offset."""

import re
import unicodedata

# What XML 1.0, JSON encoders or Bolt refuse: control characters but tab and newlines, lone surrogates,
# and the two non-characters that end each plane.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TEX_ARGUMENT = re.compile(
    r"\\(?:text|math|emph|textbf|textit|textsc|texttt|textrm|textsf|mathrm|mathbf|mathcal|mathbb|operatorname)[a-z]*\s*\{([^{}]*)\}"
)
_TEX_MARKS = re.compile(r"\\[,;! ]|[$\\{}]|``|''")


def storable(text: str) -> str:
    """Replaces what no XML or database takes by U+FFFD, one for one, so that offsets hold.

    >>> storable("a\\x00b\\ud800")
    'a\ufffdb\ufffd'
    """
    return _UNSTORABLE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Joins lines and runs of blanks into single spaces.

    >>> one_line("  A title\\n  over two lines ")
    'A title over two lines'
    """
    return " ".join(text.split())


def fold(text: str) -> str:
    """Folds case, width, accents, punctuation and spaces away, to compare titles and names as typed.

    >>> fold("  LLaMA: Open & Efficient—Models ")
    'llama open efficient models'
    >>> fold("Mémoire") == fold("Memoire")
    True
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())


def without_tex(text: str) -> str:
    """Cleans a name of TeX mark-up, for display.

    >>> without_tex(r"$\\text{CLIP}^2$"), without_tex(r"\\textsc{Falcon}")
    ('CLIP^2', 'Falcon')
    """
    previous = None
    while previous != text:
        previous, text = text, _TEX_ARGUMENT.sub(r"\1", text)
    return one_line(_TEX_MARKS.sub("", text))
