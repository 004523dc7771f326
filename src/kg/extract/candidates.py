"""What may be a name in a text: one candidate for all places and spellings, and what the text shows of it.

The tagger proposes spans, word by word; here the spans of one name are put together over the whole text, and its
features gathered from all places at once, since what a thing is is said once and holds everywhere.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.extract.abbreviations import Abbreviation
from kg.extract.document import Document
from kg.extract.features import HEADS, NAMING, PRESENTING, TYPES, Word, cluster_of, is_namely, squeezed
from kg.extract.memory import Lookup, Match, View, rate
from kg.extract.tagger import Span

_NOT_FORM = re.compile(r"[^0-9a-z+]")
_DIGIT = re.compile(r"\d")
_NOT_LETTER = re.compile(r"[^a-z]")
_QUOTES = frozenset("\"'(“‘`{")
_LIST = frozenset(", and or ( ) - / & ; } { \" ' as well".split())
_STOPS = frozenset(
    "that which for to with of by in on , . : ; ( ) and based is are we from using as via or whose where designed "
    "capable trained built , while when".split()
)
_ARTICLES = frozenset("a an the our one".split())
_PARTS = (
    "bench net bert gpt former lm qa llama diff gan nerf ae dpo po rag eval ner clip vit moe mamba coder chat instruct "
    "arena prompt tuning lora search flow opt attack guard agent distill vid text speech voice"
).split()


@dataclass(slots=True)
class Candidate:
    """A possible name: its spellings, the spans proposed for it, and all places (first word, last exclusive)."""

    key: str
    surfaces: dict[str, list[str]] = field(default_factory=dict)  # spelling → its words
    spans: list[Span] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    paired: bool = False  # has a long and a short form here
    siblings: tuple[str, ...] = ()  # keys of those that stand in one list with it
    known: str = ""  # the type that the lexicon or earlier texts give it


def form(surface: str) -> str:
    """A spelling without case, hyphens, blanks and plural s: spellings of one form are one name.

    >>> form("Vision Transformers") == form("vision-transformer")
    True
    """
    letters = _NOT_FORM.sub("", surface.lower())
    plural = len(letters) > 3 and letters.endswith("s") and not letters.endswith("ss")
    return letters[:-1] if plural else letters


REMEMBERED = 1100
"""The loss of a span that the tagger did not propose: a name known from earlier texts, or a wider form."""

_CODED = frozenset(("AA", "X", "Xd", "Cd", "ld"))  # kinds of spelling that ordinary words do not have
_SIZE = re.compile(r"\d+(?:\.\d+)?[BbMT]")
_JOINTS = frozenset("| & and or /".split())
_CLOSING = {")": "(", "]": "[", "}": "{"}
_OPENING = frozenset(_CLOSING.values())
_EDGES = frozenset("| & and or / , \\ \" “ ` ‘ ' the The".split())
_GENERIC = frozenset(
    "dataset datasets corpus corpora benchmark benchmarks model models series family suite leaderboard framework "
    "algorithm method methods architecture network networks library toolkit evaluation checkpoint checkpoints".split()
)


def refine(
    proposed: Sequence[Span],
    matches: Sequence[Match],
    words: Sequence[Word],
    lookups: Sequence[Lookup],
    clusters: Mapping[str, tuple[int, ...]],
) -> list[Span]:
    """The spans that candidates are made of: those of the tagger cut and widened where grammar says so, and known ones.

    "X and Y" are two names; "the X corpus" is X; beside "X" stands "X 7B" where the text has it.
    """
    known = {(m.first, m.last) for m in matches}
    found: dict[Span, None] = {}
    for span in proposed:
        for piece in [span] if (span.first, span.last) in known else _cut(span, words):
            found[piece] = None
    there = {(s.first, s.last) for s in found}
    for wide in [w for s in found if (w := _widened(s, words)) and (w.first, w.last) not in there]:
        found[wide] = None
    there |= {(s.first, s.last) for s in found}
    for span in _known_spans(matches, words, lookups, clusters):
        if (span.first, span.last) not in there:
            found[span] = None
    return list(found)


def _cut(span: Span, words: Sequence[Word]) -> Iterable[Span]:
    """The names in a span: joints between coded words part them, edges and generic heads fall off."""
    cuts = [span.first]
    for at in range(span.first + 1, span.last - 1):
        if words[at].lower in _JOINTS and _parts(words, at):
            cuts += [at, at + 1]
    cuts.append(span.last)
    for first, last in zip(cuts[::2], cuts[1::2], strict=True):
        while first < last and words[first].lower in _EDGES:
            first += 1
        while first < last and words[last - 1].lower in _EDGES:
            last -= 1
        if last - first > 1 and words[last - 1].lower in _GENERIC and words[last - 2].case in _CODED:
            last -= 1
        first, last = _closed(words, first, last)
        if first < last and (len(cuts) == 2 or not _SIZE.fullmatch(words[first].text)):
            yield span._replace(first=first, last=last)


def _closed(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The span without brackets that it only opens or only closes, and without the markup before them.

    "{ random projection" is "random projection", "Group-wise Prompt Ensemble ( GPE" ends before the bracket.
    """
    opened: list[int] = []
    for at in range(first, last):
        text = words[at].text
        if text in _OPENING:
            opened.append(at)
        elif text in _CLOSING:
            if opened:
                opened.pop()
            elif at in (first, last - 1):
                return _closed(words, first + (at == first), last - (at == last - 1))
    if opened:
        at = opened[0]
        marked = all(words[i].text == "$" or words[i].text[0] == "\\" for i in range(first, at))
        return (
            _closed(words, at + 1, last)
            if marked
            else _closed(words, first, at - (words[at - 1].text == "-"))
        )
    if sum(words[i].text == "$" for i in range(first, last)) % 2:
        if words[first].text == "$":
            return first + 1, last
        if words[last - 1].text == "$":
            return first, last - 1
    return first, last


def _parts(words: Sequence[Word], joint: int) -> bool:
    """Whether a joint stands between two names and not inside one."""
    left, right = words[joint - 1], words[joint + 1]
    if words[joint].lower in "|&":
        return (left.namely or left.lower == "\\") and right.namely
    return left.case in _CODED and right.case in _CODED and min(len(left.lower), len(right.lower)) > 2


def _widened(span: Span, words: Sequence[Word]) -> Span | None:
    """The span with the size or number behind it, where there is one."""
    last = span.last
    if span.type != "Model" or span.loss > 300 or last >= len(words):
        return None
    if words[last].lower == "~" and last + 1 < len(words) and words[last + 1].lower[0].isdigit():
        return Span(span.first, last + 2, span.type, REMEMBERED)
    if _SIZE.fullmatch(words[last].text):
        return Span(span.first, last + 1, span.type, REMEMBERED)
    return None


def _known_spans(
    matches: Iterable[Match],
    words: Sequence[Word],
    lookups: Sequence[Lookup],
    clusters: Mapping[str, tuple[int, ...]],
) -> Iterable[Span]:
    """Spans of names that the lexicon knows or that mostly were names where they stood before.

    Only those with a capital or a digit, or of one seldom word: ordinary words the tagger knows better.
    """
    for first, last, name in matches:
        if any(words[at].namely for at in range(first, last)) or (last == first + 1 and name not in clusters):
            for view, _ in lookups:
                texts, types = view(name)
                most = max(types)
                if texts > 0 and most > 0 and 2 * sum(types) >= texts:
                    yield Span(first, last, TYPES[types.index(most)], REMEMBERED)
                    break


def without_head(words: Sequence[str], first: int, last: int) -> int:
    """Where a name ends when the generic noun behind it is left out: "the Switchboard corpus" is Switchboard."""
    generic = last - first > 1 and words[last - 1] in _GENERIC and is_namely(words[last - 2])
    return last - 1 if generic else last


def candidates(document: Document, spans: Iterable[Span], pairs: Sequence[Abbreviation]) -> list[Candidate]:
    """The candidates of a text, in the order of their first span."""
    text, words = document.text, document.words
    long_of = {form(text[slice(*p.short)]): _bare(document, p.long) for p in pairs}
    found: dict[str, Candidate] = {}
    for span in spans:
        surface = text[document.starts[span.first] : document.ends[span.last - 1]]
        bare = text[document.starts[span.first] : document.ends[without_head(words, *span[:2]) - 1]]
        key = form(bare)
        if key:
            key = long_of.get(key, key)
            candidate = found.setdefault(key, Candidate(key))
            candidate.spans.append(span)
            candidate.surfaces.setdefault(surface, words[span.first : span.last])
    for pair in pairs:
        short, long = text[slice(*pair.short)], text[slice(*pair.long)]
        if both := found.get(_bare(document, pair.long)):
            both.paired = True
            for surface, place in ((long, pair.long), (short, pair.short)):
                first, last = document.word_at(place[0]), document.word_at(place[1] - 1) + 1
                if document.starts[first] == place[0] and document.ends[last - 1] == place[1]:
                    both.surfaces.setdefault(surface, words[first:last])
    index: dict[str, list[int]] = {}
    firsts = {w[0] for c in found.values() for w in c.surfaces.values()}
    for at, word in enumerate(words):
        if word in firsts:
            index.setdefault(word, []).append(at)
    for candidate in found.values():
        candidate.places = sorted(
            {
                (at, at + len(run))
                for run in candidate.surfaces.values()
                for at in index.get(run[0], ())
                if words[at : at + len(run)] == run
            }
        )
    return [c for c in found.values() if c.places]


def _bare(document: Document, place: tuple[int, int]) -> str:
    """The form of a long form, without a generic noun at its end."""
    first, last = document.word_at(place[0]), document.word_at(place[1] - 1) + 1
    return form(document.text[place[0] : document.ends[without_head(document.words, first, last) - 1]])


@dataclass(slots=True)
class Scene:
    """What the features of all candidates of a text share."""

    lows: list[str]
    words: list[str]
    title: int  # words of the title
    sentence: list[int]
    sentences: int
    after_colon: list[str]
    subtitle: list[str]  # the first noun phrase behind the colon of the title
    best: list[tuple[int, int]]  # spans of the best labelling
    holder: dict[int, str]  # word → key of the candidate that stands there
    principal: str | None
    clusters: Mapping[str, tuple[int, ...]]


def scene(
    document: Document,
    words: Sequence[Word],
    found: Sequence[Candidate],
    clusters: Mapping[str, tuple[int, ...]],
) -> Scene:
    """Works out the scene of a text."""
    lows = document.lows
    end = document.sentences[0][1] if document.sentences else 0
    sentence = [0] * len(lows)
    for number, (first, last) in enumerate(document.sentences):
        sentence[first:last] = [number] * (last - first)
    head = lows[:end]
    colon = head.index(":") if ":" in head else -1
    best = sorted({(s.first, s.last) for c in found for s in c.spans if s.loss == 0})
    holder: dict[int, str] = {}
    for candidate in found:
        for span in candidate.spans:
            if span.loss == 0:
                for at in range(span.first, span.last):
                    holder[at] = candidate.key
    for candidate in found:
        for first, last in candidate.places:
            for at in range(first, last):
                holder.setdefault(at, candidate.key)
    stage = Scene(
        lows=lows,
        words=document.words,
        title=end,
        sentence=sentence,
        sentences=len(document.sentences),
        after_colon=[w for w in head[colon + 1 :] if len(w) > 2],
        subtitle=_noun_phrase(head[colon + 1 :]) if colon >= 0 else [],
        best=best,
        holder=holder,
        principal=_principal(lows, document.words, end, found),
        clusters=clusters,
    )
    for candidate in found:
        candidate.siblings = _find_siblings(candidate, stage)
    return stage


def _noun_phrase(lows: list[str]) -> list[str]:
    """The words up to the first that can end a noun phrase."""
    end = next((at for at, low in enumerate(lows) if low in _STOPS), len(lows))
    return lows[:end]


def _principal(lows: list[str], words: list[str], end: int, found: Sequence[Candidate]) -> str | None:
    """The candidate that the paper seems to be about: what it presents, what its title begins with."""
    top, chosen = 0.0, None
    for candidate in found:
        if min(s.loss for s in candidate.spans) >= 500:
            continue
        if not any(is_namely(w) for run in candidate.surfaces.values() for w in run):
            continue
        score = 0.0
        for first, last in candidate.places:
            if first < end:
                score += 4 if first == 0 and last < end and lows[last] == ":" else 1
            else:
                before = lows[max(0, first - 5) : first]
                score += 0.5 if PRESENTING.isdisjoint(before) and NAMING.isdisjoint(before) else 2.5
        if score > top:
            top, chosen = score, candidate.key
    return chosen


def known_type(candidate: Candidate, lookups: Sequence[Lookup]) -> str:
    """The type that the lexicon, else earlier texts, give one of the spellings; empty where they know none."""
    names = [" ".join(w.lower() for w in run) for run in candidate.surfaces.values()]
    for view, _ in reversed(lookups):
        for texts, types in map(view, names):
            if 2 * sum(types) >= texts > 0:
                return TYPES[types.index(max(types))]
    return ""


def of_name(
    candidate: Candidate, lookups: Sequence[Lookup], clusters: Mapping[str, tuple[int, ...]]
) -> list[str]:
    """What the spellings alone say: the same in every text that has just these."""
    found = _spelled(candidate, clusters)
    names = [" ".join(w.lower() for w in run) for run in candidate.surfaces.values()]
    for view, mark in lookups:
        found += _remembered(names, view, mark)
    return list(dict.fromkeys(found))


def in_text(candidate: Candidate, scene: Scene, others: Mapping[str, Candidate]) -> list[str]:
    """What this text says of the candidate: for or against it, what it is, whether the paper introduces it."""
    around = _around(candidate, scene)
    found = _proposed(candidate, scene)
    found += _siblings(candidate, scene, others)
    found += around
    found += _in_document(candidate, scene, around)
    return list(dict.fromkeys(found))


_ABSENT = {t: f"d{t}=x" for t in TYPES}


def _bucket(loss: int) -> str:
    return "0" if loss == 0 else str(1 + min(loss, 1100) // 160)


def _losses(candidate: Candidate) -> list[tuple[int, str]]:
    best: dict[str, int] = {}
    for span in candidate.spans:
        if span.loss < best.get(span.type, 1 << 30):
            best[span.type] = span.loss
    return sorted((loss, kind) for kind, loss in best.items())


def _proposed(candidate: Candidate, scene: Scene) -> list[str]:
    """What the tagger thinks of the spans."""
    order = _losses(candidate)
    best = {kind: loss for loss, kind in order}
    found = [f"d{t}={_bucket(best[t])}" if t in best else _ABSENT[t] for t in TYPES]
    found.append(f"bt={order[0][1]}{_bucket(order[0][0])}")
    if len(order) > 1:
        found.append(f"bt2={order[0][1]}>{order[1][1]}{_bucket(order[1][0] - order[0][0])}")
    sure = [s for s in candidate.spans if s.loss == 0]
    for kind in {s.type for s in sure}:
        found.append(f"on={kind}{min(3, sum(s.type == kind for s in sure))}")
    where = {(s.first, s.last) for s in sure}
    found.append(f"on#{min(4, len(where))}/{min(4, len(candidate.places))}")
    hidden = 0
    for first, last in candidate.places:
        for a, b in scene.best:
            if a < last and first < b and (a, b) != (first, last):
                hidden += 1
                inside, outside = a <= first and last <= b, first <= a and b <= last
                found.append("ovin" if inside else "ovout" if outside else "ovx")
                break
    found.append(f"ov{0 if not hidden else 2 if hidden == len(candidate.places) else 1}")
    return found


def _spelled(candidate: Candidate, clusters: Mapping[str, tuple[int, ...]]) -> list[str]:
    """What the name itself shows."""
    longest = max(candidate.surfaces, key=lambda s: (len(s), s))
    shortest = min(candidate.surfaces, key=lambda s: (len(s), s))
    run = candidate.surfaces[longest]
    lows = [w.lower() for w in run]
    found = [f"nt={min(len(run), 6)}", f"last={lows[-1]}", f"first={lows[0]}"]
    found += [f"tok={w}" for w in lows]
    for surface in (longest, shortest) if shortest != longest else (longest,):
        low = surface.lower()
        letters = _NOT_LETTER.sub("", low)
        found += [f"sf3={letters[-3:]}", f"sf4={letters[-4:]}", f"pf3={letters[:3]}", f"pf4={letters[:4]}"]
        found += [f"csf3={surface[-3:]}", f"csf4={surface[-4:]}", f"sq={squeezed(surface)[:12]}"]
        found += [f"has={part}" for part in _PARTS if part in low]
    capital = any(w[0].isupper() for w in run)
    odd = any(squeezed(w) not in ("x", "Xx") for w in run if w[0].isalpha())
    found.append(f"caps={capital:d}{odd:d}{any(c.isdigit() for c in longest):d}")
    found.append(f"namey{any(is_namely(w) for w in run):d}")
    if groups := cluster_of(run[-1], clusters):
        found += [f"lc{n}={g}" for n, g in enumerate(groups, 1)]
    else:
        found.append("lcx")
    if groups := cluster_of(run[0], clusters):
        found += [f"fc{n}={g}" for n, g in enumerate(groups[1:], 2)]
    return found


def _remembered(names: Iterable[str], view: View, mark: str) -> list[str]:
    """What earlier texts say of the name."""
    found, hit = [], False
    for name in names:
        texts, types = view(name)
        if texts <= 0:
            continue
        hit = True
        total = sum(types)
        often = rate(total, texts) if total > 0.1 * texts else "z"
        found.append(f"{mark}s={often}{min(3, texts)}")
        if total:
            most = max(types)
            kind = TYPES[types.index(most)]
            found += [f"{mark}t={kind}{often}{min(total, 3)}", f"{mark}t={kind}"]
            if most > 0.8 * total:
                found.append(f"{mark}tp={kind}{min(total, 5)}")
            elif most < total:
                second = sorted(range(len(types)), key=lambda t: -types[t])[1]
                found.append(f"{mark}t2={kind}>{TYPES[second]}")
    return found if hit else [f"{mark}s0"]


def _siblings(candidate: Candidate, scene: Scene, others: Mapping[str, Candidate]) -> list[str]:
    """What stands in one list with the name, as far as the tagger knows."""
    found = []
    for key in candidate.siblings:
        order = _losses(others[key])
        if order[0][0] < 300:
            found.append(f"sib={order[0][1]}{_bucket(order[0][0]) if order[0][0] < 160 else 'w'}")
    return found


def _find_siblings(candidate: Candidate, scene: Scene) -> tuple[str, ...]:
    """Keys of the candidates that stand in one list with this one."""
    found: dict[str, None] = {}
    for first, last in candidate.places:
        if first < scene.title:
            continue
        for step, at in ((1, last), (-1, first - 1)):
            misses = 0
            while 0 <= at < len(scene.lows) and misses < 4:
                key = scene.holder.get(at)
                if key is not None and key != candidate.key:
                    found[key] = None
                    misses = 0
                elif scene.lows[at] in _LIST or scene.words[at][0].isdigit():
                    misses += 1
                elif key is None:
                    break
                at += step
    return tuple(found)


def _around(candidate: Candidate, scene: Scene) -> list[str]:
    """What stands before and behind the places of the name, all places together."""
    lows, words, size, clusters = scene.lows, scene.words, len(scene.lows), scene.clusters
    found: set[str] = set()
    add = found.add
    for first, last in candidate.places:
        if first < scene.title:
            add("T")
            if first == 0:
                add("T0")
            if last < scene.title and words[last] == ":":
                add("T:")
            if first and words[first - 1] == ":":
                add("T;")
            add(f"Tn={lows[last] if last < scene.title else '$'}")
            add(f"Tp={lows[first - 1] if first else '^'}")
            continue
        before, after = lows[first - 1] if first else "^", lows[last] if last < size else "$"
        add(f"p1={before}")
        add(f"n1={after}")
        add(f"p2={lows[first - 2] if first > 1 else '^'} {before}")
        add(f"n2={after} {lows[last + 1] if last + 1 < size else '$'}")
        add(f"pn={before}_{after}")
        for low in lows[max(0, first - 4) : first - 1]:
            add(f"pw={low}")
        for low in lows[last + 1 : last + 4]:
            add(f"nw={low}")
        for step in range(3):
            if last + step >= size:
                break
            low = lows[last + step]
            if head := HEADS.get(low):
                found.update((f"H{step}{head}", f"Hw={low}"))
                break
            if low in (".", ",", "(", ")", "and"):
                break
        for step in (1, 2, 3):
            if first >= step and (head := HEADS.get(lows[first - step])):
                add(f"P{step}{head}")
                break
        found.update(_list_ends(first, last, scene))
        earlier = lows[max(0, first - 5) : first]
        for low in earlier:
            if low in PRESENTING:
                found.update(("IN", f"INv={low}"))
            elif low in NAMING:
                add("CA")
        if "our" in earlier[-2:]:
            add("OUR")
        if phrase := _apposition(lows, last):
            add(f"AP={phrase[-1]}")
            found.update([f"APw={w}" for w in phrase[:-1]])
            if group := clusters.get(phrase[-1]):
                found.update((f"APc={group[1]}", f"APd={group[2]}"))
            if head := HEADS.get(phrase[-1]):
                add(f"APh={head}")
        if noun := _named_noun(lows, first):
            add(f"PA={noun}")
            if head := HEADS.get(noun):
                add(f"PAh={head}")
    return sorted(found)


def _list_ends(first: int, last: int, scene: Scene) -> Iterable[str]:
    """The words right before and behind the list that the name stands in."""
    lows, words, size = scene.lows, scene.words, len(scene.lows)
    at = last
    while at < min(size, last + 14) and (lows[at] in _LIST or is_namely(words[at])):
        at += 1
    if last < at < size and (head := HEADS.get(lows[at])):
        yield f"LH={head}"
        yield f"LHw={lows[at]}"
    at = first - 1
    while at > max(0, first - 15) and (lows[at] in _LIST or is_namely(words[at])):
        at -= 1
    if 0 <= at < first - 1:
        yield f"LP={lows[at]}"
    if at >= 1:
        yield f"LP2={lows[at - 1]} {lows[at]}"


def _apposition(lows: list[str], at: int) -> list[str]:
    """The noun phrase of "X, a …", "X is a …", "X (…), a …", its head last; empty where there is none."""
    size = len(lows)
    if at < size and lows[at] == "(":
        close = next((k for k in range(at, min(size, at + 10)) if lows[k] == ")"), None)
        at = at if close is None else close + 1
    if at < size and lows[at] in (",", "is", ":", "-", "--", "—", "–", "as", "are"):
        at += 1
        if at < size and lows[at] in _ARTICLES:
            end = at + 1
            while end < min(size, at + 10) and lows[end] not in _STOPS:
                end += 1
            return lows[at + 1 : end]
    return []


def _named_noun(lows: list[str], first: int) -> str | None:
    """The noun of "a … called X"."""
    at = first - 1
    if at >= 0 and lows[at] in _QUOTES:
        at -= 1
    if at >= 0 and lows[at] in NAMING:
        at -= 1
        while at >= 0 and lows[at] in (",", "is", "we", "-", "as"):
            at -= 1
        return lows[at] if at >= 0 else None
    return None


def _in_document(candidate: Candidate, scene: Scene, around: list[str]) -> list[str]:
    """What place the name has in the whole text."""
    places = candidate.places
    titled = "T:" in around and "T0" in around
    presented, named = "IN" in around, "CA" in around
    coined = titled or presented or named
    sentences = {scene.sentence[first] for first, _ in places}
    first = min((scene.sentence[a] for a, _ in places if a >= scene.title), default=-1)
    found = [f"occ{min(len(places), 6)}", f"sents{min(len(sentences), 4)}", f"fs{min(first, 6)}"]
    found.append(f"rel{5 * first // max(1, scene.sentences)}")
    found.append(f"coin{titled:d}{presented:d}{named:d}")
    known, often = bool(candidate.known), min(len(places), 4)
    found += [f"cu{titled:d}{presented or named:d}{known:d}{often}", f"kt{known:d}{'T' in around:d}{often}"]
    if candidate.paired:
        found.append("ab")
    if "T" in around:
        words = max(len(run) for run in candidate.surfaces.values())
        namely = any(is_namely(scene.words[at]) for a, b in places if a >= scene.title for at in range(a, b))
        found.append(f"TA{len(sentences) > 1:d}{namely:d}{min(words, 5)}{coined:d}")
    if len(places) >= 2 or coined:
        mark = "C" if coined else "c"
        found += [f"{mark}tw={w}" for w in scene.after_colon]
    if coined:
        found += [f"coin&{f}" for f in around if f.startswith(("AP", "PA", "LP", "H0", "H1", "Hw"))]
    if candidate.known:
        found += [
            f"ht={candidate.known}&{f}" for f in around if f.startswith(("LH=", "H0", "H1", "P1", "LP="))
        ]
    if titled and scene.subtitle:
        if group := scene.clusters.get(scene.subtitle[-1]):
            found += [f"THc={group[1]}", f"THd={group[2]}"]
        found += [f"TH={scene.subtitle[-1]}", f"TH2={' '.join(scene.subtitle[-2:])}"]
    if titled:
        found += [f"TC&{f}" for f in around if f.startswith(("n1", "AP", "H0"))]
    if scene.principal:
        found.append("princ1" if candidate.key == scene.principal else "princ0")
        if candidate.key != scene.principal:
            inside, starts = scene.principal in candidate.key, candidate.key.startswith(scene.principal)
            if inside:
                found.append("sup-princ^" if starts else "sup-princ")
                if starts:
                    rest = candidate.key[len(scene.principal) :]
                    found.append(f"rest={_DIGIT.sub('0', rest)[:6]}")
            elif len(candidate.key) > 2 and candidate.key in scene.principal:
                found.append("sub-princ")
    return found
