"""Corrections at work: what each kind changes in the tables, and what it says of itself."""

import json
from pathlib import Path

import pytest

from kg.curation import parse
from kg.errors import CurationError
from kg.graph import TABLES
from kg.resolve import acted, check, resolve, why


class Corrected:
    """Rows of a graph made with corrections, by id."""

    def __init__(self, folder: Path, text: str, records) -> None:
        self.curation = parse(text)
        self.graph = resolve(records, folder, graph="test", generation="1", curation=self.curation)
        tables = {name: {row["id"]: row for row in self.graph.rows(name)} for name in TABLES}
        self.papers, self.entities, self.edges, self.claims = (tables[name] for name in TABLES)
        self.acted = list(acted(self.graph).values())

    def names(self):
        return {i: (e["type"], e["name"]) for i, e in self.entities.items()}


@pytest.fixture
def corrected(tmp_path):
    made = iter(range(100))
    return lambda text, *records: Corrected(tmp_path / str(next(made)), text, records)


@pytest.fixture
def zork(say):
    said = [("Zork", "BUILT_ON", "Frobnik", {"how": "fine-tuned"}), ("Zork", "COMPARED_TO", "Quux")]
    names = ["Model! Zork", "Model Frobnik", "Model Quux"]
    return say("2401.00001", "Zork", "Zork is Frobnik, fine-tuned. It beats Quux.", names, said)


@pytest.fixture
def quux(say):
    said = [("Quux", "BUILT_ON", "Frobnik", {"how": "distilled"})]
    return say(
        "2402.00002", "Quux", "Quux is distilled from Frobnik.", ["Model! Quux", "Model Frobnik"], said
    )


def test_same_makes_one_thing_under_the_first_name(corrected, zork, quux):
    graph = corrected("- same: [Zork, Quux]", zork, quux)
    assert graph.names() == {"zork": ("Model", "Zork"), "frobnik": ("Model", "Frobnik")}
    assert graph.entities["zork"]["aliases"] == ["Quux"]
    assert graph.edges["zork|BUILT_ON|frobnik"]["support"] == 2
    assert not [e for e in graph.edges if "COMPARED_TO" in e], "nothing is compared with itself"
    assert graph.entities["zork"]["curated"] == ["same: [Zork, Quux]"]
    assert graph.acted == [True]
    other = corrected("- same: [Ada, Quux]", zork, quux)
    assert other.names()["ada"] == ("Model", "Ada"), "the first name need not be in any paper"


def test_same_chains_and_the_lexicon(corrected, say):
    record = say(
        "1",
        "T",
        "HarrierLM-7B, HLM and Llama-2-7b-chat-hf.",
        ["Model HarrierLM-7B", "Model HLM", "Model Llama-2-7b-chat-hf"],
    )
    graph = corrected(
        "- same: [HarrierLM, HLM]\n- same: [Harrier, HarrierLM]\n- same: [Ours, Llama 2 7B Chat]", record
    )
    assert {"harrier", "harrierlm-7b", "ours"} <= graph.names().keys()
    assert "harrierlm-7b|PART_OF|harrier" in graph.edges
    assert graph.acted == [True] * 3


def test_different_names_that_grammar_reads_alike(corrected, say):
    record = say("1", "T", "We use ORCA and Orca here.", ["Method ORCA", "Model Orca"])
    one = corrected("", record)
    two = corrected("- different: [Orca, ORCA]", record)
    assert len(two.entities) == len(one.entities) + 1 == 2
    assert sorted(e["name"] for e in two.entities.values()) == ["ORCA", "Orca"]
    assert two.acted == [True]


def test_different_refuses_an_alias(corrected, say):
    records = [
        say("1", "One", "Zebra Attention (ZA) wins.", ["Method! Zebra Attention = ZA"]),
        say("2", "Two", "We use ZA.", ["Method ZA"]),
    ]
    assert corrected("", *records).names().keys() == {"zebra-attention"}
    graph = corrected("- different: [Zebra Attention, ZA]", *records)
    assert graph.names().keys() == {"zebra-attention", "za"}
    assert "- different" not in why("ZA", "Zebra Attention", graph=graph.graph, curation=graph.curation)[-1]
    assert any("curation.yaml:1" in line for line in why("ZA", "ZA", curation=graph.curation))


@pytest.fixture
def zeus(say):
    return [
        say("2401.00001", "One", "We propose Zeus.", ["Model! Zeus"]),
        say("2402.00002", "Two", "We propose Zeus.", ["Model! Zeus"]),
        say("2403.00003", "Three", "We use Zeus.", ["Model Zeus"]),
    ]


def test_one_papers_thing_is_parted_and_joined(corrected, zeus):
    assert corrected("", *zeus).names().keys() == {"zeus"}
    graph = corrected("- different: [Zeus, Zeus (2402.00002)]\n- rename: {Zeus (2402.00002): Zeus II}", *zeus)
    assert graph.names() == {"zeus": ("Model", "Zeus"), "zeus@2402.00002": ("Model", "Zeus II")}
    assert not graph.entities["zeus"]["homonym_suspect"]
    assert graph.acted == [True, True]

    apart = zeus[:2]
    assert corrected("", *apart).names().keys() == {"zeus@2401.00001", "zeus@2402.00002"}
    assert corrected("- same: [Zeus]", *apart).names().keys() == {"zeus"}
    joined = corrected("- same: [Zeus (2401.00001), Zeus (2402.00002)]", *apart)
    assert joined.names().keys() == {"zeus@2401.00001"}
    assert corrected("- same: [Hera, Zeus (2402.00002)]", *apart).names().keys() == {"zeus", "hera"}


def test_a_single_same_settles_a_suspect(corrected, zeus):
    assert corrected("", *zeus).entities["zeus"]["homonym_suspect"]
    assert not corrected("- same: [Zeus]", *zeus).entities["zeus"]["homonym_suspect"]


def test_a_name_that_the_lexicon_knows_is_no_suspect(corrected, say):
    many = [say(f"2401.0000{n}", f"T{n}", "We present BERT.", ["Model! BERT"]) for n in (1, 2)]
    assert not corrected("", *many).entities["bert"]["homonym_suspect"]


def test_rename_keeps_the_id_and_the_old_name(corrected, zork):
    graph = corrected("- rename: {zork: ZORK the Great}", zork)
    assert graph.entities["zork"]["name"] == "ZORK the Great"
    assert graph.entities["zork"]["aliases"] == ["Zork"]
    assert {c["name"] for c in graph.claims.values()} == {
        "ZORK the Great BUILT_ON Frobnik",
        "ZORK the Great COMPARED_TO Quux",
    }


def test_type_holds_against_papers_and_lexicon(corrected, say):
    records = [
        say("1", "One", "Zork and BERT.", ["Model Zork", "Model BERT"]),
        say("2", "Two", "Zork.", ["Dataset! Zork"]),
        say("3", "Three", "Zork.", ["Task Zork"]),
    ]
    graph = corrected("- type: {Zork: Benchmark}\n- type: {BERT: Method}", *records)
    assert graph.names() == {"zork": ("Benchmark", "Zork"), "bert": ("Method", "BERT")}


def test_type_of_an_alias_is_that_of_its_name(corrected, say):
    record = say("1", "One", "Zebra Attention (ZA).", ["Method! Zebra Attention = ZA"])
    assert corrected("- type: {ZA: Model}", record).names() == {"zebra-attention": ("Model", "ZA")}
    graph = corrected("- type: {ZA: Dataset}", record)
    assert graph.entities["zebra-attention"]["type"] == "Dataset"
    assert graph.acted == [True]


def test_family_by_hand(corrected, say):
    record = say("1", "One", "Kestrel and Zork-7B.", ["Model Kestrel", "Model Zork-7B", "Model Llama-2-7B"])
    text = "- family: {Kestrel: Falcon}\n- family: {Llama-2-7B: null}"
    graph = corrected(text, record)
    edge = graph.edges["kestrel|PART_OF|falcon"]
    assert (edge["origin"], edge["crossed"], edge["support"]) == ("curated", True, 0)
    assert edge["curated"] == ["family: {Kestrel: Falcon}"]
    assert not [e for e in graph.edges if e.startswith("llama-2-7b|PART_OF")]
    assert graph.acted == [True, True]


def test_rejected_edges_and_claims_leave_their_support(corrected, zork, quux):
    again = ("2403.00003", "Again", "Zork is Frobnik, fine-tuned.")
    graph = corrected("- reject: {subject: zork, relation: BUILT_ON, object: frobnik}", zork, quux)
    assert "zork|BUILT_ON|frobnik" not in graph.edges
    assert "quux|BUILT_ON|frobnik" in graph.edges
    assert graph.entities["frobnik"]["curated"] == [
        "reject: {subject: zork, relation: BUILT_ON, object: frobnik}"
    ]
    assert again


def test_one_papers_claim(corrected, say, zork):
    said = [("Zork", "BUILT_ON", "Frobnik", {"how": "fine-tuned"})]
    other = say("2403.00003", "Again", "Zork is Frobnik, fine-tuned.", ["Model Zork", "Model Frobnik"], said)
    line = "- reject: {subject: Zork, relation: BUILT_ON, object: Frobnik, paper: %s}"
    for paper in ("2403.00003v2", "https://arxiv.org/abs/2403.00003", "again"):
        graph = corrected(line % json.dumps(paper), zork, other)
        assert graph.edges["zork|BUILT_ON|frobnik"]["support"] == 1, paper
        assert [c["paper"] for c in graph.claims.values() if c.get("edge") == "zork|BUILT_ON|frobnik"] == [
            "2401.00001"
        ]


def test_no_such_thing_takes_its_claims_along(corrected, zork, quux):
    graph = corrected("- reject: Quux", zork, quux)
    assert graph.names().keys() == {"zork", "frobnik"}
    assert [c["name"] for c in graph.claims.values()] == ["Zork BUILT_ON Frobnik"]
    assert graph.acted == [True]
    only = corrected("- reject: Quux (2402.00002)", zork, quux)
    assert "zork|COMPARED_TO|quux" in only.edges
    assert "quux|BUILT_ON|frobnik" not in only.edges


def test_introduced_by_another(corrected, zork):
    line = '- reject: {subject: PAPER, relation: INTRODUCES, object: Zork, paper: "2401.00001"}'
    graph = corrected(line, zork)
    assert "2401.00001|MENTIONS|zork" in graph.edges
    assert graph.entities["zork"]["introduced"] == 0
    assert graph.acted == [True]


def test_sizes_and_names_are_rejected_by_what_is_shown(corrected, say):
    sizes = [("Zork", "HAS_SIZE", "7B", {"value": 7e9, "unit": "parameters"})]
    record = say("1", "One", "Zork has 7B.", ["Model Zork", "Model Zork-7B"], sizes)
    lines = [
        "- reject: {subject: Zork, relation: HAS_SIZE, object: 7B parameters}",
        "- reject: {subject: Zork-7B, relation: PART_OF, object: Zork}",
    ]
    graph = corrected("\n".join(lines), record)
    assert graph.acted == [True, True]
    assert {e["relation"] for e in graph.edges.values()} == {"MENTIONS"}
    assert "parameters" not in graph.entities["zork"]


ADD = '- add: {subject: Zork, relation: BUILT_ON, object: Ada-7B, how: merged, url: "%s", quote: "%s"}'


def test_an_added_fact_of_a_page(corrected, zork):
    graph = corrected(ADD % ("https://example.org/card", "Zork is a merge of Ada-7B."), zork)
    (claim,) = [c for c in graph.claims.values() if c["paper"] == "https://example.org/card"]
    source = graph.papers[claim["paper"]]
    assert f"{source['title']}\n{source['abstract']}"[claim["start"] : claim["end"]] == claim["quote"]
    assert (claim["kind"], claim["how"], claim["edge"]) == ("curated", "merged", "zork|BUILT_ON|ada-7b")
    edge = graph.edges["zork|BUILT_ON|ada-7b"]
    assert edge["support"] == 1
    assert edge["curated"] == [graph.curation.entries[0].text]
    assert graph.acted == [True]


@pytest.mark.parametrize(
    ("quote", "start"), [("Zork is Frobnik, fine-tuned.", 5), ("On page 7: Ada-7B.", None)]
)
def test_an_added_fact_of_a_paper_in_the_graph(corrected, zork, quote, start):
    graph = corrected(ADD % ("https://arxiv.org/abs/2401.00001", quote), zork)
    assert graph.papers.keys() == {"2401.00001"}
    (claim,) = [c for c in graph.claims.values() if c["kind"] == "curated"]
    assert (claim["paper"], claim["quote"], claim.get("start")) == ("2401.00001", quote, start)


def test_an_added_fact_goes_by_the_type_that_papers_say(corrected, say):
    record = say("1", "One", "We release Zork.", ["Benchmark! Zork"])
    line = '- add: {subject: Ada, relation: TRAINED_ON, object: Zork, url: "https://example.org", quote: q}'
    assert corrected(line, record).names() == {"zork": ("Benchmark", "Zork"), "ada": ("Model", "Ada")}


def test_a_rejection_does_not_touch_what_is_added(corrected, zork):
    both = "- reject: {subject: Zork, relation: BUILT_ON, object: Frobnik}\n" + ADD.replace(
        "Ada-7B", "Frobnik", 1
    )
    graph = corrected(both % ("https://example.org/card", "It is so."), zork)
    assert [c["kind"] for c in graph.claims.values() if c["relation"] == "BUILT_ON"] == ["curated"]


def test_what_matches_nothing_is_told(corrected, zork):
    lines = [
        "- same: [Nobody, No one]",
        "- type: {Nobody: Model}",
        "- rename: {Nobody: Somebody}",
        "- family: {Nobody: Zork}",
        "- reject: Nobody",
        "- reject: {subject: Zork, relation: USES, object: Frobnik}",
        "- different: [Zork, Nobody]",
    ]
    assert corrected("\n".join(lines), zork).acted == [False] * len(lines)


@pytest.mark.parametrize(
    "lines",
    [
        "- same: [A, B]\n- different: [B, A]",
        "- same: [A, B]\n- same: [B, C]\n- different: [C, A]",
        "- same: [Llama 2 7B Chat, Foo]\n- different: [Foo, Llama-2-7b-chat]",
        "- type: {A: Model}\n- type: {a: Dataset}",
        "- rename: {A: B}\n- rename: {a: C}",
        "- family: {A: B}\n- family: {A: C}",
        "- family: {A: B}\n- family: {B: A}",
        "- same: [Zeus (2401.00001), Zeus (2401.00002)]\n- different: [Zeus (2401.00002), Zeus (2401.00001)]",
    ],
)
def test_corrections_against_each_other_are_an_error_with_the_line(lines):
    with pytest.raises(CurationError, match=r"curation.yaml:\d+: "):
        check(parse(lines))
