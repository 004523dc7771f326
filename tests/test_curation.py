"""The file of corrections: what it may say, which line is wrong, how a line is added to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.curation import Curation, Name, append, entry, parse, read, source_key
from kg.errors import CurationError
from kg.types import PAPER

EVERY = """\
# ours
- same: [GPT-4V, GPT-4 with vision]   # Ann, March
- different: [Zeus, Zeus (2401.00001)]

- rename: {Frobnik: FrobNIK}
- type: {Zork: Dataset, Quux: Method}
- family: {Harrier-7B: ~}
- reject:
    subject: Alpaca
    relation: BUILT_ON
    object: GPT-3
    paper: 2401.10
- reject: our framework (2401.00001)
- {add: {subject: PAPER, relation: TRAINED_ON, object: C4, url: "https://arxiv.org/abs/2401.00001", quote: We use C4.}}
"""


def test_every_kind_of_entry_is_read_with_its_line():
    found = [(e.line, e.text) for e in parse(EVERY).entries]
    assert found == [
        (2, "same: [GPT-4V, GPT-4 with vision]"),
        (3, "different: [Zeus, Zeus (2401.00001)]"),
        (5, "rename: {Frobnik: FrobNIK}"),
        (6, "type: {Zork: Dataset}"),
        (6, "type: {Quux: Method}"),
        (7, "family: {Harrier-7B: null}"),
        (8, 'reject: {subject: Alpaca, relation: BUILT_ON, object: GPT-3, paper: "2401.10"}'),
        (13, found[7][1]),
        (14, found[8][1]),
    ]
    assert parse(EVERY).entries[1].names == (Name("Zeus"), Name("Zeus", paper="2401.00001"))
    rejected = parse(EVERY).entries[7]
    assert (rejected.names[0], rejected.paper) == (Name("our framework"), "2401.00001")


def test_an_entry_reads_back_as_it_is_written():
    for e in parse(EVERY).entries:
        assert [other.text for other in parse(f"- {e.text}").entries] == [e.text]


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
@settings(deadline=None)
def test_any_name_reads_back(one, other):
    made = entry("rename", {one: other})
    (again,) = parse(f"- {made.text}  # why").entries
    assert (again.names, again.to) == (made.names, made.to)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("- same: GPT-4", "needs a list of names"),
        ("- same: [A, A]", "each once"),
        ("- different: [Zeus]", "2 or more names"),
        ("- sane: [A, B]", "'sane' is no correction; there are same, different"),
        ("- same: [A, B]\n  rename: {A: B}", "A correction is one of"),
        ("- rename: {A: ~}", "needs the new name"),
        ("- type: {A: Modl}", "'Modl' is no type; there are Model"),
        ("- reject: {subject: A, relation: BUILD_ON, object: B}", "'BUILD_ON' is no relation"),
        ("- reject: {subject: A, relation: BUILT_ON}", "lacks object"),
        ("- reject: {subject: PAPER, relation: TRAINED_ON, object: B}", "needs the paper"),
        ("- reject: {subject: A, relation: BUILT_ON, object: B, papers: C}", "unknown field 'papers'"),
        ("- add: {subject: A, relation: BUILT_ON, object: B}", "lacks url, quote"),
        ("- add: {subject: A, relation: BUILT_ON, object: B, url: x, quote: q}", "should be the address"),
        (
            '- add: {subject: A, relation: BUILT_ON, object: B, url: "http://x.y", quote: q, how: tuned}',
            "how is 'tuned'; there are fine-tuned",
        ),
        (
            '- add: {subject: A, relation: BUILT_ON, object: B (Dataset), url: "http://x.y", quote: q}',
            "cannot stand there in BUILT_ON: only Model",
        ),
        ('- add: {subject: A, relation: USES, object: A, url: "http://x.y", quote: q}', "to itself"),
        ("- rename: {A: B, A: C}", "is there twice"),
        ("- same: [A, B", "is not YAML"),
    ],
)
def test_a_wrong_line_is_one_error_with_its_number(line, problem):
    with pytest.raises(CurationError, match=r"curation.yaml:[34]: ") as error:
        parse(f"- same: [X, Y]\n# a comment\n{line}\n")
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_list():
    with pytest.raises(CurationError, match="The file is a list"):
        parse("same: [A, B]")
    assert parse("# nothing yet\n").entries == ()


def test_layout_and_order_do_not_count():
    lines = [f"- {e.text}" for e in parse(EVERY).entries]
    assert parse("\n\n".join(reversed(lines))).digest == parse(EVERY).digest != ""
    assert Curation().digest == ""


def test_a_line_is_added_and_all_else_stays(tmp_path):
    file = tmp_path / "curation.yaml"
    file.write_text("- same: [A, B]   # mine", "utf8")
    added = append(file, entry("type", {"Zork": "Dataset"}), note="see the\ncard")
    assert file.read_text("utf8") == "- same: [A, B]   # mine\n- type: {Zork: Dataset}  # see the card\n"
    assert (added.line, added.file) == (2, "curation.yaml")
    assert append(file, entry("same", ["A", "B"])).line == 1, "what is there is not written again"
    assert [e.text for e in read(file).entries] == ["same: [A, B]", "type: {Zork: Dataset}"]


def test_nothing_is_written_where_it_would_break_the_file(tmp_path):
    file = tmp_path / "curation.yaml"
    file.write_text("[]\n", "utf8")
    with pytest.raises(CurationError, match="No line can be added"):
        append(file, entry("same", ["A", "B"]))
    assert file.read_text("utf8") == "[]\n"


def test_added_facts_are_records_of_their_sources():
    told = {"subject": PAPER, "relation": "TRAINED_ON", "object": "C4", "quote": "We use C4."}
    size = {"subject": "Zork", "relation": "HAS_SIZE", "object": "7B", "quote": "Zork has 7B weights."}
    url = "https://arxiv.org/abs/2401.00001v2"
    facts = Curation((entry("add", told | {"url": url}), entry("add", size | {"url": url}))).added()
    assert {f.record.paper.id for f in facts} == {source_key(url)} == {"2401.00001"}
    for fact in facts:
        (evidence,) = fact.record.triples[0].evidence
        assert fact.record.paper.text[slice(*evidence.sentence)] in (told["quote"], size["quote"])
        assert evidence.kind == "curated"
    values = {f.record.triples[0].value: f.record.triples[0].unit for f in facts}
    assert values[7_000_000_000] == "parameters"
