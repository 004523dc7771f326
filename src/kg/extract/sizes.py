"""Whose size is it: quantities of a text given to the model, data set or study that has them.

`kg.quantity` finds the amounts. One small linear model decides whether an amount is a size of anything that the
text speaks of, another whose: every possible owner is scored, and a chain ("2B, 7B and 13B") goes to one owner
unless "respectively" deals it out.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.extract.document import Document
from kg.extract.linear import Linear, probability
from kg.quantity import Quantity, quantities, with_lead
from kg.types import PAPER, Evidence, RecordEntity, Span, Triple

OWNERS = ("Model", "Dataset", "Benchmark", "Method")
_DATA = ("Dataset", "Benchmark")
_TRAINING = (
    "tokens",
    "examples",
    "images",
    "pairs",
    "hours",
    "documents",
    "words",
    "sentences",
    "videos",
    "bytes",
)
_WORD = re.compile(r"\w+|[^\w\s]")
_CLUE = re.compile(
    r"\b(train|pre-?train|fine-?tun|corpus|dataset|data set|benchmark|contain|compris|consist|cover|span|includ|"
    r"collect|annotat|releas|rang|scal|up to|context|window|length|only|fewer|less|than|compared|outperform|size|"
    r"parameter|activ|total|out of|from scratch|evaluat|experiment|test|across|with|over)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Owner:
    """What could own a size: an entity of the text, or the paper's own unnamed model or study."""

    name: str
    type: str
    introduced: bool
    mentions: tuple[Span, ...]

    @property
    def role(self) -> str:
        """Type and whether introduced, as one word."""
        return self.type + ("+" if self.introduced else "-")


@dataclass(frozen=True, slots=True)
class SizeModel:
    """The learned part: is an amount a size, and whose; `threshold` as `linear.SCALE` times a logit."""

    is_size: Linear
    whose: Linear
    threshold: int = -500


@dataclass(frozen=True, slots=True)
class Candidate:
    """An amount with its features and everything that could own it."""

    quantity: Quantity
    about: list[str]
    features: list[str]
    owners: list[Owner]


def read_sizes(document: Document, entities: Sequence[RecordEntity], model: SizeModel) -> list[Triple]:
    """HAS_SIZE triples of a text, ordered by where the amount stands."""
    found: dict[tuple[str, float | int, str], Triple] = {}
    for chain in _chains(candidates(document, entities)):
        sizes = [(c, s) for c in chain if (s := model.is_size.score(c.features)[0]) >= model.threshold]
        for (candidate, score), owner in zip(
            sizes, _owners(document, [c for c, _ in sizes], model), strict=True
        ):
            triple = _triple(document, candidate.quantity, owner, probability(score))
            found.setdefault((triple.subject, triple.value or 0, triple.unit or ""), triple)
    return list(found.values())


def _chains(found: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    for _, chain in itertools.groupby(found, key=lambda c: c.quantity.group):
        yield list(chain)


def _owners(document: Document, chain: list[Candidate], model: SizeModel) -> list[Owner]:
    """One owner for each amount of a chain."""
    if not chain:
        return []
    if len(chain) > 1 and (dealt := _respectively(document, chain)):
        return dealt
    scores = [
        sum(model.whose.score(pair_features(document, c, owner))[0] for c in chain)
        for owner in chain[0].owners
    ]
    best = max(range(len(scores)), key=lambda i: (scores[i], -i))
    return [chain[0].owners[best]] * len(chain)


def _respectively(document: Document, chain: list[Candidate]) -> list[Owner]:
    """ "A and B have 2B and 7B parameters, respectively": as many names as amounts, in their order."""
    first, last = document.sentence_spans[document.sentence_at(chain[0].quantity.start)]
    if "respectively" not in document.text[chain[-1].quantity.end : last][:40].lower():
        return []
    start, end = chain[0].quantity.start, chain[-1].quantity.end
    named = sorted(
        (m, o)
        for o in chain[0].owners
        for m in o.mentions
        if first <= m[0] < last and not start <= m[0] < end
    )
    before = [o for m, o in named if m[1] <= start][-len(chain) :]
    return before if len(before) == len(chain) == len(set(before)) else []


def candidates(document: Document, entities: Sequence[RecordEntity]) -> Iterator[Candidate]:
    """Each amount that is no part of a name, with everything that could own it."""
    text = document.text
    named = [span for e in entities for span in e.mentions]
    owners = [
        Owner(e.name, e.type, e.introduced, e.mentions) for e in entities if e.type in OWNERS and e.mentions
    ]
    owners.append(Owner(PAPER, "PAPER", False, ()))
    for quantity in quantities(text):
        if any(s < quantity.end and quantity.start < e for s, e in named) or _in_name(text, quantity, named):
            continue
        about = _about(document, quantity)
        yield Candidate(quantity, about, [*about, *_surroundings(document, quantity, owners, about)], owners)


def _in_name(text: str, quantity: Quantity, named: list[Span]) -> bool:
    """Whether a bare size directly follows a name: "Llama-3 8B" says it in the name."""
    if quantity.noun or quantity.unit != "parameters":
        return False
    return any(text[end : quantity.start] in (" ", "-") for _, end in named)


def _about(document: Document, quantity: Quantity) -> list[str]:
    text = document.text
    index = document.sentence_at(quantity.start)
    first, last = document.sentence_spans[index]
    left = [w.lower() for w in _WORD.findall(text[max(first, quantity.start - 80) : quantity.start])][-6:]
    right = [w.lower() for w in _WORD.findall(text[quantity.end : min(last, quantity.end + 60)])][:5]
    sentence = text[first:last]
    return [
        f"u={quantity.unit}",
        f"n={quantity.noun}",
        f"s={quantity.scale}",
        f"m={len(str(int(quantity.value)))}",
        f"a={quantity.active}",
        f"p={min(quantity.place, 2)}",
        f"t={index == 0}",
        f"bare={not quantity.noun}",
        *(f"l{i}={w}" for i, w in enumerate(reversed(left))),
        *(f"lb={w}" for w in left),
        *(f"r{i}={w}" for i, w in enumerate(right)),
        *(f"rb={w}" for w in right),
        *(f"c={m}" for m in {m.lower() for m in _CLUE.findall(sentence)}),
        f"par={text[max(0, quantity.start - 1) : quantity.start] == '('}",
    ]


def _surroundings(document: Document, quantity: Quantity, owners: list[Owner], about: list[str]) -> list[str]:
    """What stands around an amount, for the question whether it is a size at all."""
    unit, roles = quantity.unit, sorted({o.role for o in owners})
    near = [(o, *_near(document, quantity, o)) for o in owners if o.mentions]
    same = sorted({o.role for o, _, sentences, _ in near if sentences == 0})
    previous = sorted({o.role for o, _, sentences, _ in near if sentences == -1})
    closest = min(
        ((abs(m[0] - quantity.start), o.role, before) for o, m, sentences, before in near if sentences == 0),
        default=None,
    )
    features = [f"u={unit}|{a}" for a in about]
    features += [f"D={'+'.join(roles)}", f"D={'+'.join(roles)}|{unit}"]
    features += [f"S={'+'.join(same)}", f"S={'+'.join(same)}|{unit}"]
    features += [f"S1={r}|{unit}" for r in same]
    features += [f"P1={r}|{unit}" for r in previous]
    features += [f"D1={r}|{unit}" for r in roles]
    if closest:
        distance, role, before = closest
        features += [f"N={role}|{before}|{min(distance // 10, 6)}", f"N={role}|{unit}"]
    return features


def pair_features(document: Document, candidate: Candidate, owner: Owner) -> list[str]:
    """What speaks for and against this owner of the amount."""
    quantity, owners, about = candidate.quantity, candidate.owners, candidate.about
    roles = sorted({o.role for o in owners})
    role = owner.role
    features = [f"{role}|{a}" for a in about]
    features += about
    features += [f"R={role}", f"R={role}|u={quantity.unit}|d={'+'.join(roles)}"]
    features += [f"R={role}|other={r}|u={quantity.unit}" for r in roles if r != role]
    if not owner.mentions:
        same = sorted({o.role for o in owners if _near(document, quantity, o)[1] == 0})
        return [*features, f"P|same={'+'.join(same)}", f"P|same={'+'.join(same)}|u={quantity.unit}"]
    (start, end), sentences, before = _near(document, quantity, owner)
    gap = document.text[end : quantity.start] if before else document.text[quantity.end : start]
    words = [w.lower() for w in _WORD.findall(gap)] if sentences == 0 else []
    distance = _bucket(len(words)) if sentences == 0 else f"S{max(-3, min(3, sentences))}"
    key = f"{role}|{'b' if before else 'a'}|{distance}"
    features += [
        key,
        f"{key}|u={quantity.unit}",
        f"{key}|bare={not quantity.noun}",
        f"title={owner.mentions[0][0] < document.title_end}|{role}",
    ]
    if sentences == 0:
        between = _between(document, quantity, owner, owners, before)
        features += [
            f"{role}|btw={'+'.join(between)}|{before}",
            f"btw={len(between)}|u={quantity.unit}|{before}",
        ]
        if len(words) <= 4:
            features.append(f"{role}|g={' '.join(words)}|{before}")
        features += [f"{role[:-1]}|gw={w}|{before}" for w in words[:12]]
    else:
        rank = sum(
            1
            for o in owners
            if o is not owner
            and o.mentions
            and o.type == owner.type
            and _closer(document, quantity, o, owner)
        )
        features.append(f"{role}|rank={min(rank, 3)}|u={quantity.unit}")
    subjects = sum(1 for o in owners if o.role == role)
    features.append(f"{role}|count={min(subjects, 4)}|u={quantity.unit}")
    return features


def _near(document: Document, quantity: Quantity, owner: Owner) -> tuple[Span, int, bool]:
    """The mention nearest to the amount: (mention, sentences between, stands before); (…, 99, …) without one."""
    if not owner.mentions:
        return (0, 0), 99, True
    here = document.sentence_at(quantity.start)

    def cost(span: Span) -> tuple[int, int]:
        there = document.sentence_at(span[0])
        gap = quantity.start - span[1] if span[1] <= quantity.start else span[0] - quantity.end + 5
        return abs(there - here) * 2 + (there > here), gap

    nearest = min(owner.mentions, key=cost)
    return nearest, document.sentence_at(nearest[0]) - here, nearest[1] <= quantity.start


def _closer(document: Document, quantity: Quantity, one: Owner, other: Owner) -> bool:
    (a, _), _, _ = _near(document, quantity, one)
    (b, _), _, _ = _near(document, quantity, other)
    return abs(a - quantity.start) < abs(b - quantity.start)


def _between(
    document: Document, quantity: Quantity, owner: Owner, owners: list[Owner], before: bool
) -> list[str]:
    (start, end), _, _ = _near(document, quantity, owner)
    low, high = (end, quantity.start) if before else (quantity.end, start)
    return sorted(
        {o.type for o in owners if o is not owner and any(low <= s and e <= high for s, e in o.mentions)}
    )


def _bucket(words: int) -> str:
    for limit in (0, 1, 2, 3, 5, 8, 12, 20):
        if words <= limit:
            return str(limit)
    return "far"


def _triple(document: Document, quantity: Quantity, owner: Owner, confidence: int) -> Triple:
    start, end = with_lead(document.text, (quantity.start, quantity.end))
    subject = next(
        (m for m in owner.mentions if document.sentence_at(m[0]) == document.sentence_at(start)),
        min(owner.mentions, key=lambda m: abs(m[0] - start)) if owner.mentions else None,
    )
    low, high = (min(start, subject[0]), max(end, subject[1])) if subject else (start, end)
    return Triple(
        subject=owner.name,
        relation="HAS_SIZE",
        object=document.text[start:end],
        value=quantity.value,
        unit=_unit(quantity, owner, document),
        confidence=confidence,
        evidence=(Evidence(document.quote(low, high), subject, (start, end), f"sizes/{quantity.unit}"),),
    )


def _unit(quantity: Quantity, owner: Owner, document: Document) -> str:
    unit = quantity.unit or "items"
    if quantity.active:
        return "active parameters"
    if unit in _TRAINING and owner.type not in _DATA:
        return f"training {unit}"
    return unit
