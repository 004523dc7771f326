"""Scores that a text reports: "X achieves 88.5% accuracy on Y" gives subject X, on Y, metric accuracy, value 88.5%.

Only absolute scores count: a gain ("by 7%", "+3.2 points", "2x faster") is no result.
"""

import re
from collections.abc import Iterator, Sequence

from kg.extract.document import Document
from kg.types import PAPER, Evidence, RecordEntity, Result, Span

_VALUE = re.compile(r"(?<![\w.\-/])\d{1,3}(?:\.\d+)?(?:\s?\\?%)?(?![\w]|[.,]\d|-(?!\w+-?\d))")
_REACHES = re.compile(
    r"\b(?:achiev|attain|obtain|reach|scor|yield|record|report|get|with|rank|accurac|perform|deliver|produc|gain)\w*",
    re.IGNORECASE,
)
# Right before the number, or right after it, these make it a difference or a count.
_GAIN_BEFORE = re.compile(
    r"(?:\bby(?: (?:up to|about|over|an? (?:average|absolute)(?: of)?|around|approximately|nearly|more than|as much as|at least))?|"
    r"\b(?:improv|increas|gain|reduc|decreas|boost|drop|sav|lower|outperform|surpass|exceed)\w*(?: \w+){0,4}|\+|±|"
    r"\b(?:gains?|improvements?|increases?|reductions?|boosts?|drops?) of(?: (?:up to|about|over))?(?: \$?[\d.]+\s?\\?%?\$? (?:and|/))?|\bup to|"
    r"\b(?:top|pass@|version|in|than|only|using|of the|first|since|least|within))\s*$",
    re.IGNORECASE,
)
_GAIN_AFTER = re.compile(
    r"^\s*(?:(?:\w+ ){0,3}(?:improvements?|gains?|increases?|reductions?|drops?|boosts?|speed-?ups?|savings?)\b|"
    r"(?:absolute |relative |percentage |average )*(?:points?|pp|improvement|gains?|increase|reduction|decrease|higher|lower|"
    r"better|faster|fewer|more|less|speed-?up|times|x|×|of (?:the|all|its|training|parameters|data|cases)|samples|examples|tasks|datasets|"
    r"languages|tokens|hours|days|minutes|seconds|ms|fps|gpus?|years|layers|shots?|bits?|classes|categories|benchmarks|models|"
    r"parameters|images|questions|domains|stages|steps|epochs)\b|[KMBkG]\b|-)",
    re.IGNORECASE,
)

_OLD = re.compile(r"\$?\s*(?:to|→|\\to|\$\\(?:right)?(?:arrow|to)\$)\s*\$?\d")
"""Behind the score before: "from 18.6 to 1.8"."""
_LINK = re.compile(r"\s*(?:[\w@-]+ ){0,3}(?:on|for|in)(?: the| average| all)?\s+")


def read_results(document: Document, entities: Sequence[RecordEntity]) -> list[Result]:
    """Absolute scores of a named system or of the paper's own, ordered by where they stand."""
    metrics = [(m, e.name) for e in entities if e.type == "Metric" for m in e.mentions]
    data = [(m, e.name) for e in entities if e.type in ("Dataset", "Benchmark") for m in e.mentions]
    systems = [(m, e.name) for e in entities if e.type in ("Model", "Method") for m in e.mentions]
    introduced = [e.name for e in entities if e.introduced and e.type in ("Model", "Method")]
    own = introduced[0] if len(introduced) == 1 else PAPER
    found: dict[tuple[str, str | None, str, str], Result] = {}
    for sentence in document.sentence_spans[1:]:
        here = [m for m in metrics if _inside(m[0], sentence)]
        tested = [d for d in data if _inside(d[0], sentence)]
        if not (here or tested):
            continue
        reaches = _REACHES.search(document.text, *sentence)
        for value in _values(document.text, sentence, [m for m, _ in (*metrics, *data, *systems)]):
            on = _on(document.text, tested, value)
            metric = _nearest(here, value, 40 if on else 60 if reaches else 12)
            if not (on or metric or reaches):
                continue
            if metric is None and on is None:
                continue
            on = on or _nearest(tested, value, 90 if len({n for _, n in tested}) > 1 else 10_000)
            subject = _subject([s for s in systems if _inside(s[0], sentence)], value, own)
            spans = [s for s in (subject[0], metric and metric[0], on and on[0]) if s]
            result = Result(
                subject=subject[1],
                on=on[1] if on else None,
                metric=metric[1] if metric else None,
                value=document.text[slice(*value)],
                confidence=600,
                evidence=(
                    Evidence(
                        document.quote(
                            min(s[0] for s in (*spans, value)), max(s[1] for s in (*spans, value))
                        ),
                        subject[0],
                        value,
                        "results/score",
                    ),
                ),
            )
            found.setdefault((result.subject, result.on, result.metric or "", result.value), result)
    return list(found.values())


def _values(text: str, sentence: Span, named: list[Span]) -> Iterator[Span]:
    for match in _VALUE.finditer(text, *sentence):
        start, end = match.span()
        if any(s < end and start < e for s, e in named):
            continue
        percent = match[0].endswith("%")
        if not percent and "." not in match[0]:
            continue
        after = _GAIN_AFTER.match(text[end : min(sentence[1], end + 40)])
        before = _GAIN_BEFORE.search(text[max(sentence[0], start - 60) : start])
        if not before and not after and not _OLD.match(text, end):
            yield start, end


def _on(text: str, tested: list[tuple[Span, str]], value: Span) -> tuple[Span, str] | None:
    """The data that the value is linked to by the words between: "88.5% on Y", "Y (88.5%)"."""
    for span, name in tested:
        if span[0] >= value[1] and _LINK.fullmatch(text, value[1], span[0]):
            return span, name
        if span[1] <= value[0] and text[span[1] : value[0]] in (
            " (",
            ": ",
            " of ",
            " score of ",
            " scores of ",
        ):
            return span, name
    return None


def _nearest(named: list[tuple[Span, str]], value: Span, limit: int) -> tuple[Span, str] | None:
    def gap(span: Span) -> int:
        return value[0] - span[1] if span[1] <= value[0] else span[0] - value[1]

    close = [n for n in named if gap(n[0]) <= limit]
    return min(close, key=lambda n: (gap(n[0]), n[0])) if close else None


def _subject(systems: list[tuple[Span, str]], value: Span, own: str) -> tuple[Span | None, str]:
    before = [s for s in systems if s[0][1] <= value[0]]
    if before:
        return before[0]
    return None, own


def _inside(span: Span, sentence: Span) -> bool:
    return sentence[0] <= span[0] and span[1] <= sentence[1]
