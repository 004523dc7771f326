"""A paper as sentences of slots: every mention of an entity is one item, every other word another.

Rules and the pair classifier both read these. The words that stand for the paper's own work ("we", "our
model", "the proposed method", "it") are kept with the span they cover, so that evidence can point at them.
"""

from bisect import bisect_right
from dataclasses import dataclass

from kg.extract.document import Document
from kg.types import RecordEntity, Span

LETTER = {"Model": "M", "Method": "A", "Dataset": "D", "Benchmark": "B", "Task": "T", "Metric": "X"}
_HEADS = frozenset(
    "model models method methods approach approaches framework frameworks system systems architecture network "
    "networks algorithm technique techniques pipeline module strategy scheme solution design work study paper "
    "experiments experiment results evaluation evaluations analysis findings encoder decoder detector classifier "
    "formulation variant variants family series suite release agent agents estimator tracker backbone loss "
    "objective recipe procedure training contribution contributions implementation code extension baseline "
    "baselines submission models' model's method's generator parser recogniser recognizer tagger".split()
)
_SPEAKING = frozenset("we us ours our this the these it its".split())
_OWN = frozenset(("proposed", "resulting", "new", "novel", "final", "presented", "introduced", "developed"))
_PAPER = frozenset(("paper", "work", "study", "article", "report", "survey", "thesis", "letter", "research"))
# One spelling for what is written in several ways.
SPELLED = {
    f"{left}{hyphen}{right}": f"{left}{right}"
    for hyphen in ("-",)
    for left, rights in {
        "fine": ("tune", "tuned", "tuning", "tunes", "grained"),
        "pre": ("train", "trained", "training", "trains", "pretraining"),
        "co": ("train", "trained", "training"),
        "post": ("training", "trained", "train"),
        "multi": ("modal", "task", "lingual"),
    }.items()
    for right in rights
}


@dataclass(slots=True)
class Sentence:
    """One sentence as items. `items[i]` is a word in lower case, or a slot such as `<M+>`.

    `entity[i]` is the index of the entity named there, or -1; `first[i]` and `last[i]` are the words that the
    item covers, both inclusive; `mentions` lists (item, entity); `own` lists (first item, last item, kind) of
    the words that stand for the paper's own work, kind one of we, our, this, it.
    """

    items: list[str]
    entity: list[int]
    first: list[int]
    last: list[int]
    mentions: list[tuple[int, int]]
    own: list[tuple[int, int, str]]
    index: int


@dataclass(slots=True)
class Slots:
    """All sentences of a document; `where[e]` lists (sentence, item) of entity e in the order of the text."""

    document: Document
    entities: list[RecordEntity]
    sentences: list[Sentence]
    where: list[list[tuple[int, int]]]

    def span(self, sentence: int, first: int, last: int | None = None) -> Span:
        """Offsets of the characters that items first..last of a sentence cover."""
        found = self.sentences[sentence]
        starts, ends = self.document.starts, self.document.ends
        return starts[found.first[first]], ends[found.last[first if last is None else last]]


def slots(document: Document, entities: list[RecordEntity]) -> Slots:
    """Cuts a document into items, mentions first; of two that overlap the longer one stands."""
    starts, ends = document.starts, document.ends
    at: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    spans = sorted(
        ((start - end, start, end, e) for e, found in enumerate(entities) for start, end in found.mentions)
    )
    for _, start, end, e in spans:
        first, last = document.word_at(start), document.word_at(max(start, end - 1))
        if starts[first] < end and ends[last] > start and taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            at[first] = (last, e)
    marks = [f"<{LETTER[e.type]}{'+' if e.introduced else ''}>" for e in entities]
    where: list[list[tuple[int, int]]] = [[] for _ in entities]
    sentences = []
    lows = document.lows
    joined = _compounds(document, at)
    special = sorted([*at, *joined])
    special.append(len(lows))
    turn = 0
    for index, (begin, stop) in enumerate(document.sentences):
        items: list[str] = []
        firsts: list[int] = []
        lasts: list[int] = []
        mentions = []
        word = begin
        while word < stop:
            while special[turn] < word:
                turn += 1
            until = min(special[turn], stop)
            if word < until:
                items += lows[word:until]
                firsts += range(word, until)
                lasts += range(word, until)
                word = until
                continue
            hit = at.get(word)
            if hit is None:
                last = min(joined[word], stop - 1)
                last -= lows[last] == "-" and last > word
                text = "".join(lows[word : last + 1])
                items.append(SPELLED.get(text, text))
            else:
                last, e = hit
                last = min(last, stop - 1)
                where[e].append((index, len(items)))
                mentions.append((len(items), e))
                items.append(marks[e])
            firsts.append(word)
            lasts.append(last)
            word = last + 1
        owner = [-1] * len(items)
        for item, e in mentions:
            owner[item] = e
        sentences.append(Sentence(items, owner, firsts, lasts, mentions, _own(items), index))
    return Slots(document, entities, sentences, where)


def _compounds(document: Document, mentions: dict[int, tuple[int, int]]) -> dict[int, int]:
    """First and last word of each hyphenated compound: fine-tuned; -based, after a name."""
    lows, starts, ends = document.lows, document.starts, document.ends
    size, found = len(lows), dict[int, int]()
    stops = [stop for _, stop in document.sentences]
    covered: set[int] = set()
    for first, (last, _) in mentions.items():
        covered.update(range(first, min(last + 1, stops[bisect_right(stops, first)])))
    end = -1
    for hyphen in [i for i, low in enumerate(lows) if low == "-"]:
        if hyphen <= end or hyphen in covered:
            continue
        first = last = hyphen
        if first and first - 1 not in covered and first - 1 > end and ends[first - 1] == starts[first]:
            first -= 1
        while (
            last + 1 < size
            and (lows[last] == "-" or lows[last + 1] == "-")
            and ends[last] == starts[last + 1]
            and last + 1 not in mentions
        ):
            last += 1
        if last > first:
            found[first] = end = last
    return found


def _own(items: list[str]) -> list[tuple[int, int, str]]:
    """The runs of items that stand for the paper's own work."""
    found = []
    for i in [i for i, item in enumerate(items) if item in _SPEAKING]:
        item = items[i]
        if item in ("we", "us", "ours"):
            found.append((i, i, "we"))
        elif item == "our":
            found.append((i, _head(items, i), "our"))
        elif item in ("this", "the", "these"):
            last = _head(items, i)
            if last > i and (
                item != "the" or any(w in _OWN for w in items[i + 1 : last]) or items[last] in _PAPER
            ):
                found.append((i, last, "this" if items[last] not in _PAPER else "paper"))
        elif item in ("it", "its") and i < 3:
            found.append((i, i, "it"))
    return found


def _head(items: list[str], i: int) -> int:
    """The item that ends a phrase such as "our proposed method", at most four on; else i itself."""
    for j in range(i + 1, min(i + 5, len(items))):
        if items[j] in _HEADS:
            return j + 1 if j + 1 < len(items) and items[j + 1] in _HEADS else j
        if not (items[j][:1].isalpha() or items[j] == "-") or items[j][0] == "<":
            break
    return i
