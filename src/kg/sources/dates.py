"""Dates as files write them → ISO text as precise as known."""

import datetime
import email.utils
import re

_ISO = re.compile(r"(\d{4})(?:([-/.]?)(\d{1,2})(?:\2(\d{1,2}))?)?(?![\d])", re.ASCII)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_YEAR = re.compile(r"\b(1[89]\d\d|2[01]\d\d)\b", re.ASCII)
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\b", re.IGNORECASE)
_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", re.ASCII)
_TO = r"\s*(?:-{1,3}|[–—/&]|to|and)\s*"
_MONTHS_APART = re.compile(rf"({_MONTH.pattern}\.?){_TO}{_MONTH.pattern}", re.IGNORECASE)
_DAYS_APART = re.compile(rf"{_DAY.pattern}{_TO}{_DAY.pattern}", re.IGNORECASE)
_LONGEST = 100  # characters that can hold a date
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)


def iso(value: str | int | float | datetime.date) -> str | None:
    """YYYY, YYYY-MM or YYYY-MM-DD, as precise as the value surely is; None where it holds no year.

    Numbers are years, or milliseconds since 1970 as pandas writes them.

    >>> iso("2023-02-27T18:11:15Z"), iso("2023/02"), iso("20230227"), iso(2023), iso("2023.0")
    ('2023-02-27', '2023-02', '2023-02-27', '2023', '2023')
    >>> iso("Mon, 2 Apr 2007 19:18:42 GMT"), iso("February 27, 2023"), iso("Feb 2023")
    ('2007-04-02', '2023-02-27', '2023-02')
    >>> iso("03/04/2023"), iso("2023-13-45"), iso(1677456000000), iso("forthcoming")
    ('2023', '2023', '2023-02-27', None)
    >>> iso("2111111111111111111111112 Apr 2008 8:11")
    '2008-04'
    >>> iso("2023 Feb 27"), iso("02/2023"), iso("July 5-10, 2020"), iso("Jul/Aug 2020"), iso("2023/02//")
    ('2023-02-27', '2023-02', '2020-07', '2020', '2023-02')
    """
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, int | float) and 1e11 < value < 1e13:
        return datetime.datetime.fromtimestamp(value / 1000, datetime.UTC).date().isoformat()
    text = re.sub(r"\.0$", "", str(value).strip())[:_LONGEST]
    found = _ISO.match(text)
    if found and (found[3] or not _MONTH.search(text)):
        return _checked(found[1], found[3], found[4])
    if found := _MONTH_YEAR.fullmatch(text):
        return _checked(found[2], found[1])
    if mail := email.utils.parsedate(text):
        return _checked(str(mail[0]), str(mail[1]), str(mail[2]))
    return _in_words(text)


def in_words(year: str, month: str = "", day: str = "") -> str | None:
    """The date of a year, a month and a day that stand apart, the month by its number or name.

    >>> in_words("2023", "2"), in_words("2023", "feb", "27"), in_words("2023", "Feb. 27"), in_words("2023", "spring")
    ('2023-02', '2023-02-27', '2023-02-27', '2023')
    """
    if month.strip().isascii() and month.strip().isdecimal() and _YEAR.fullmatch(year.strip()):
        return _checked(year.strip(), month.strip(), day if day.strip().isdecimal() else None)
    return iso(f"{year} {month} {day}".strip())


def _in_words(text: str) -> str | None:
    """A date with the month as a word; of two months or days that it goes from and to, neither is sure."""
    year, month = _YEAR.search(text), _MONTH.search(text)
    if not year or not month or _MONTHS_APART.search(text):
        return _checked(year[1]) if year else None  # 03/04/2023 is two days, by country
    rest = text.replace(year[0], " ", 1)
    day = None if _DAYS_APART.search(rest) else _DAY.search(rest)
    return _checked(year[1], str(_MONTHS.index(month[1].lower()) + 1), day[1] if day else None)


def _checked(year: str, month: str | None = None, day: str | None = None) -> str | None:
    if not 1800 <= int(year) < 2200:
        return None
    if not month or not 1 <= int(month) <= 12:
        return year
    if not day:
        return f"{year}-{int(month):02}"
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return f"{year}-{int(month):02}"
