"""Every rule's own sentences: what it must read, and what it must leave alone."""

import re

import pytest

from kg.errors import SchemaError
from kg.extract.document import Document
from kg.extract.patterns import Hit, compile_pattern, hits, load, rules
from kg.extract.slots import LETTER, Slots, slots
from kg.types import RecordEntity

TYPES = {letter: name for name, letter in LETTER.items()}
RULES = rules().rules
MARK = re.compile(r"\[([A-Z])(\+?) ([^\]]+)\]")


def marked(sentence: str) -> Slots:
    """Reads "[M+ Vicuna] is …": the text without the marks, and its entities."""
    entities: dict[str, tuple[str, bool, list[tuple[int, int]]]] = {}
    text, last = "", 0
    for match in MARK.finditer(sentence):
        text += sentence[last : match.start()]
        letter, own, name = match.groups()
        entity = entities.setdefault(name, (TYPES[letter], bool(own), []))
        entity[2].append((len(text), len(text) + len(name)))
        text += name
        last = match.end()
    text += sentence[last:]
    found = [
        RecordEntity(n, type_, introduced=own, mentions=tuple(spans))
        for n, (type_, own, spans) in entities.items()
    ]
    return slots(Document(text, 0), found)


def named(read: Slots, hit: Hit, sentence: int) -> tuple[str, str]:
    def name(item: int | None) -> str:
        entity = -1 if item is None else read.sentences[sentence].entity[item]
        return read.entities[entity].name if entity >= 0 else "OWN"

    return (name(hit.subject), name(hit.object))


def all_hits(sentence: str) -> list[tuple[Hit, tuple[str, str]]]:
    read = marked(sentence)
    return [(h, named(read, h, s.index)) for s in read.sentences for h in hits(s, rules())]


READS = [(r.id, s) for r in RULES for s in r.reads]
LEAVES = [(r.id, s) for r in RULES for s in r.leaves]


@pytest.mark.parametrize(("rule", "case"), READS, ids=[f"{r}-{i}" for i, (r, _) in enumerate(READS)])
def test_reads(rule: str, case: str) -> None:
    sentence, wanted = case.split(" => ")
    expected = {tuple(w.strip().split(" > ")) for w in wanted.split(";")}
    assert {pair for hit, pair in all_hits(sentence) if hit.rule.id == rule} == expected


@pytest.mark.parametrize(("rule", "sentence"), LEAVES, ids=[f"{r}-{i}" for i, (r, _) in enumerate(LEAVES)])
def test_leaves_alone(rule: str, sentence: str) -> None:
    relation = next(r.relation for r in RULES if r.id == rule)
    sure = relation == "BUILT_ON" and not next(r.guard for r in RULES if r.id == rule)
    wrong = [
        (hit.rule.id, pair)
        for hit, pair in all_hits(sentence)
        if hit.rule.id == rule or (sure and hit.rule.relation == relation and not hit.rule.guard)
    ]
    assert wrong == []


def test_every_rule_has_sentences_of_both_kinds_and_a_name_of_its_own() -> None:
    assert [r.id for r in RULES if not r.reads or not r.leaves] == []
    assert len({r.id for r in RULES}) == len(RULES)


def test_a_wrong_rule_is_named(tmp_path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "relation: BUILT_ON\nrules:\n  - {id: broken, pattern: 'SUBJECT (is OBJECT', triggers: [is], reads: [], leaves: []}\n"
    )
    with pytest.raises(SchemaError, match=r"bad\.yaml.*broken"):
        load(tmp_path)


@pytest.mark.parametrize(
    "masked",
    ["<M+> is a variant of <M>", "<M+> , a variant of the original <M>", "<own> is a small variant of <M>"],
)
def test_pattern_language(masked: str) -> None:
    pattern = compile_pattern("SUBJECT (is|,) a ~2 variant of OBJECT", "BUILT_ON")
    assert bool(pattern.search(masked)) == (not masked.startswith("<own> is a variant"))
