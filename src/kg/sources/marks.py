"""Text with mark-up in it, as publishers and catalogues keep titles and abstracts → plain text."""

import html
import re

_TAGS = re.compile(
    r"</?(?:(?:jats|mml):[a-z]+|p|br|i|b|u|em|strong|sub|sup|sc|span|div|li|ul|ol|italic|bold|title|sec)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"</?(?:jats:)?(?:p|br|div|li|title|sec)\b", re.IGNORECASE)


def without_marks(text: str) -> str:
    """Leaves out tags, a blank in place of those that part lines, and writes entities as characters.

    >>> without_marks("<jats:p>We tune <i>LLaMA</i> &amp; more, p < 0.05.</jats:p><p>Next.</p>").split()
    ['We', 'tune', 'LLaMA', '&', 'more,', 'p', '<', '0.05.', 'Next.']
    """
    return html.unescape(_TAGS.sub(lambda tag: " " if _BREAKS.match(tag[0]) else "", text))
