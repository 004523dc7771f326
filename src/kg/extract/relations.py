"""What a paper says of the things it names: triples, each with the sentence and the words that say so.

A linear classifier weighs every pair of things (`pairs`), and what the rules read (`patterns`) is among what it
sees. A rule that is sure by itself is believed unless the classifier is sure of the contrary. Sizes are read in
`sizes`, scores in `results`.
"""

import functools
import math
from collections.abc import Iterator, Sequence

from kg.extract.document import Document
from kg.extract.lineage import resulting_models, says_lineage
from kg.extract.pairs import (
    PAPER_INDEX,
    RELATIONS,
    SCALE,
    PairModel,
    Pairs,
    Read,
    Scored,
    pair_model,
)
from kg.extract.slots import Slots, slots
from kg.schema import schema
from kg.types import PAPER, Evidence, RecordEntity, Span, Triple

SURE = 900
"""A rule of at least this confidence (per mille) speaks for itself …"""
DOUBT = 2 * SCALE
"""… unless the classifier is this far below its threshold."""
FAR = SCALE
"""What is this much less sure than what it doubts is not believed."""
_RIVALS = (("BUILT_ON", "USES"), ("BUILT_ON", "APPLIED_TO"), ("TRAINED_ON", "USES"), ("PART_OF", "BUILT_ON"),
           ("APPLIED_TO", "USES"), ("EVALUATED_ON", "USES"))  # fmt: skip
_WEAKER = (("TRAINED_ON", "EVALUATED_ON"), ("COMPARED_TO", "BUILT_ON"))
"""The first may hold beside the second, but seldom; far less sure and read by no rule, it does not."""


def read_triples(document: Document, entities: list[RecordEntity]) -> list[Triple]:
    """The triples of a text between the entities given, ordered by relation, subject and object in the text.

    The subject "PAPER" stands for the paper's own unnamed model or study. Nothing is read twice; what the schema
    does not allow is never read.
    """
    return read_all_triples([document], [entities])[0]


def read_all_triples(
    documents: Sequence[Document], entities: Sequence[list[RecordEntity]]
) -> list[list[Triple]]:
    """The triples of each text; quicker than one by one, and the same."""
    model = pair_model()
    # Step by step over all documents: each step finds its tables in the processor's cache.
    read = [slots(d, found) if found else None for d, found in zip(documents, entities, strict=True)]
    seen = [model.seer.pairs(r) if r else None for r in read]
    return [_triples(r, s, model) if r and s else [] for r, s in zip(read, seen, strict=True)]


def triples(read: Slots, model: PairModel) -> list[Triple]:
    """The triples of a document that is cut into slots, by given weights."""
    return _triples(read, model.seer.pairs(read), model)


def _triples(read: Slots, seen: Pairs, model: PairModel) -> list[Triple]:
    chosen = _without_copies(read, _without_rivals(_chosen(read, seen, model)))
    found = [
        _triple(read, model, column, pair, rule)
        for column, pair, _, rule in sorted(chosen, key=lambda c: (c[0], c[1].subject, c[1].object))
    ]
    stated = {t.identity for t in found}
    results = {t.identity: t for t in resulting_models(read) if t.identity not in stated}
    everything = [*found, *results.values()]
    own = {e.name for e in read.entities if e.introduced}
    named = {(t.relation, t.object) for t in everything if t.subject in own}
    named |= {("BUILT_ON", t.object) for t in everything if t.relation == "BUILT_ON" and t.subject != PAPER}
    # A named thing takes what is said of the paper's work, with no copy on the paper; a study, though, is applied.
    return [
        t
        for t in everything
        if t.subject != PAPER or t.relation == "APPLIED_TO" or (t.relation, t.object) not in named
    ]


Chosen = tuple[int, Scored, int, Read | None]
"""Column of the relation, the pair, how far above its threshold, the rule that read it."""


def _chosen(read: Slots, seen: Pairs, model: PairModel) -> Iterator[Chosen]:
    types = [e.type for e in read.entities]
    for scored in model.score(seen):
        for column in _allowed(_type(types, scored.subject), types[scored.object]):
            margin = scored.scores[column] - model.thresholds[column]
            if margin <= -DOUBT:
                continue
            rule = _rule(seen, scored, RELATIONS[column])
            if (
                rule is None
                and scored.object in seen.guarded
                and schema().relations[RELATIONS[column]].lineage
            ):
                continue
            if RELATIONS[column] == "BUILT_ON" and not says_lineage(read, seen, scored, rule):
                continue
            if margin >= 0 or (
                rule is not None
                and rule.hit.rule.confidence >= SURE
                and (rule.subject == scored.subject or _is_it(read, RELATIONS[column], rule, scored.subject))
            ):
                yield column, scored, margin, rule


def _is_it(read: Slots, relation: str, rule: Read, subject: int) -> bool:
    """Whether "our model" is plainly this one: the only model that the paper introduces, or its unnamed one."""
    if relation != "BUILT_ON" or rule.subject is not None:
        return False
    entities, where = read.entities, read.where
    own = [i for i, e in enumerate(entities) if e.introduced and e.type == "Model" and where[i]]
    return own == [subject] or (not own and subject == PAPER_INDEX)


@functools.cache
def _allowed(subject: str, object_: str) -> tuple[int, ...]:
    """Columns of the relations that may hold between these types."""
    return tuple(i for i, r in enumerate(RELATIONS) if schema().allows(subject, r, object_))


def _type(types: list[str], subject: int) -> str:
    return "Paper" if subject == PAPER_INDEX else types[subject]


def _rule(seen: Pairs, pair: Scored, relation: str) -> Read | None:
    """The surest rule that read this pair: of these two by name, else of the paper's own work."""
    found = [
        r
        for r in seen.read.get(pair.object, ())
        if r.hit.rule.relation == relation
        and not r.hit.rule.guard
        and (
            r.subject == pair.subject
            or (r.subject is None and seen.roles[pair.subject] not in ("M", "A", "D"))
        )
    ]
    return max(found, key=lambda r: (r.subject is not None, r.hit.rule.confidence, -r.sentence), default=None)


def _without_rivals(found: Iterator[Chosen]) -> list[Chosen]:
    """Of two relations of one pair that exclude or doubt each other, and of one said both ways, the surer."""
    best: dict[tuple[int, int, int], Chosen] = {(c[0], c[1].subject, c[1].object): c for c in found}
    dropped = set()
    columns, weaker = (
        [(RELATIONS.index(a), RELATIONS.index(b)) for a, b in pairs] for pairs in (_RIVALS, _WEAKER)
    )
    for (column, s, o), choice in best.items():
        for a, b in columns:
            if column == a and (other := best.get((b, s, o))):
                dropped.add((a, s, o) if _strength(other) > _strength(choice) else (b, s, o))
        for weak, strong in weaker:
            other = best.get((strong, s, o))
            if column == weak and choice[3] is None and other and choice[2] <= other[2] - FAR:
                dropped.add((weak, s, o))
        back = best.get((column, o, s))
        if back and (back[2], o) > (choice[2], s):
            dropped.add((column, s, o))
    return [choice for key, choice in best.items() if key not in dropped]


def _strength(choice: Chosen) -> tuple[bool, int]:
    """What a rule reads stands above what the classifier alone does."""
    return choice[3] is not None, choice[2]


def _without_copies(read: Slots, chosen: list[Chosen]) -> list[Chosen]:
    """Of what is read of several things that the paper introduces, what is not far less sure than the surest.

    What a rule reads of a thing by its name stays.
    """
    best: dict[tuple[int, int], int] = {}

    def own(choice: Chosen) -> bool:
        return choice[1].subject != PAPER_INDEX and read.entities[choice[1].subject].introduced

    for choice in filter(own, chosen):
        key = choice[0], choice[1].object
        best[key] = max(best.get(key, choice[2]), choice[2])
    return [
        (column, pair, margin, rule)
        for column, pair, margin, rule in chosen
        if margin > best.get((column, pair.object), margin) - FAR
        or not own((column, pair, margin, rule))
        or (rule is not None and rule.subject == pair.subject)
    ]


def _triple(read: Slots, model: PairModel, column: int, pair: Scored, rule: Read | None) -> Triple:
    relation = RELATIONS[column]
    names = read.entities
    subject = PAPER if pair.subject == PAPER_INDEX else names[pair.subject].name
    confidence = _probability(pair.scores[column])
    said = rule.hit.rule if rule is not None else None
    if said is not None and rule is not None and rule.subject == pair.subject and said.confidence >= SURE:
        confidence = max(confidence, said.confidence)
    how = outcome = member = None
    if relation == "BUILT_ON":
        how = (said.how if said else None) or model.how(pair)
    elif relation == "COMPARED_TO":
        outcome = (said.outcome if said else None) or model.outcome(pair)
    elif relation == "PART_OF":
        member = _member(subject, names[pair.object].name)
    return Triple(
        subject,
        relation,
        names[pair.object].name,
        how=how,
        outcome=outcome,
        member=member,
        confidence=confidence,
        evidence=(_evidence(read, pair, f"pairs/{relation}" if said is None else said.id, rule),),
    )


def _probability(score: int) -> int:
    return max(1, min(999, round(1000 / (1 + math.exp(-max(-20.0, min(20.0, score / SCALE)))))))


def _member(subject: str, family: str) -> str | None:
    """Whether a member is told by its size, its version or its variant; only where the name itself says so."""
    from kg.names import parse

    a, b = parse(subject), parse(family)
    if a.size and a.size != b.size:
        return "size"
    if a.version != b.version:
        return "version"
    return "variant" if a.variant != b.variant else None


def _evidence(read: Slots, pair: Scored, rule_id: str, rule: Read | None) -> Evidence:
    """The sentence that holds both, or the object and words for the paper's own work, or the object alone."""
    if rule is not None:
        sentence = read.sentences[rule.sentence]
        subject = None
        if rule.hit.subject is not None:
            last = next((b for a, b, _ in sentence.own if a == rule.hit.subject), rule.hit.subject)
            subject = read.span(rule.sentence, rule.hit.subject, last)
        return Evidence(
            read.document.sentence_spans[rule.sentence],
            subject,
            read.span(rule.sentence, rule.hit.object),
            rule_id,
        )
    own = pair.subject == PAPER_INDEX or read.entities[pair.subject].introduced
    best: tuple[tuple[int, int, int], Span | None, Span] | None = None
    for s, item in read.where[pair.object]:
        sentence = read.sentences[s]
        spots = [(0, i, i) for i, e in sentence.mentions if e == pair.subject]
        if own:
            spots += [(1, a, b) for a, b, _ in sentence.own if not a <= item <= b]
        rank, gap, a, b = min(((rank, abs(item - a), a, b) for rank, a, b in spots), default=(2, 0, -1, -1))
        key = (rank, gap + (50 if s == 0 else 0), s)
        if best is None or key < best[0]:
            best = (key, read.span(s, a, b) if a >= 0 else None, read.span(s, item))
    assert best is not None  # only entities that are mentioned are in a pair
    _, subject, object_ = best
    if subject is None and pair.subject != PAPER_INDEX:
        subject = _before(read, pair.subject, object_)
    start = min(object_[0], subject[0]) if subject else object_[0]
    end = max(object_[1], subject[1]) if subject else object_[1]
    return Evidence(read.document.quote(start, end), subject, object_, rule_id)


def _before(read: Slots, entity: int, other: Span) -> Span | None:
    """Where the entity was spoken of last before these words, or first after them, at most two sentences off."""
    here = read.document.sentence_at(other[0])
    near = [
        (abs(here - s), s > here, read.span(s, i))
        for s, i in read.where[entity]
        if s > 0 and abs(here - s) <= 2
    ]
    return min(near)[2] if near else None
