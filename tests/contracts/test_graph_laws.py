"""The laws of the graph: a pure function of the set of records and of the corrections, whatever the way they came.

Compared are the bytes of the tables, so that nothing of order, batches, threads or earlier states can show.
"""

import contextlib
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.build import add_records, remove
from kg.curation import FILE, Curation, entry
from kg.errors import CurationError
from kg.folder import GraphFolder
from kg.graph import TABLES
from kg.keys import paper_key
from kg.resolve import check, resolve
from kg.types import Record

NAMES = [
    *(
        "Frobnik",
        "FROBNIK",
        "Frobnik-7B",
        "Frobnik-2-7B-Chat",
        "Zork",
        "ZORK",
        "Zork-13b",
        "BERT",
        "Llama-2-7b-hf",
    ),
    *(
        "LLaMA 2 7B",
        "Llama",
        "SQuAD",
        "Hierarchical Zebra Attention",
        "HZA",
        r"\textsc{Zork}",
        "machine translation",
    ),
]
TYPES = ["Model", "Method", "Dataset", "Task"]
ALIASES = {"Hierarchical Zebra Attention": " = HZA", "Zork": " = ZK", "Frobnik": " = Zork-13b"}
TITLES = ["Frobnik and others", "On models", "On data", "A study", "frobnik AND others", "Zork"]
SIZES = [("7B", 7e9, "parameters"), ("6.7B", 6.7e9, "parameters"), ("2T", 2e12, "training tokens")]

law = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


@st.composite
def _papers(draw: Callable, say: Callable[..., Record]) -> list[Record]:
    """Records of different papers that share names, each with entities, statements and sizes of its own."""
    keys = draw(st.lists(st.integers(1, 40), min_size=1, max_size=7, unique=True))
    return [_paper(draw, say, key) for key in keys]


def _paper(draw: Callable, say: Callable[..., Record], key: int) -> Record:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    types = [draw(st.sampled_from(TYPES)) for _ in names]
    marks = [draw(st.sampled_from(["", "!"])) for _ in names]
    entities = [
        f"{t}{mark} {name}{ALIASES.get(name, '')}" for name, t, mark in zip(names, types, marks, strict=True)
    ]
    systems = [n for n, t in zip(names, types, strict=True) if t in ("Model", "Method")]
    said: list[tuple] = []
    for name, type in zip(names, types, strict=True):
        subject = draw(st.sampled_from(["PAPER", *(s for s in systems if s != name)]))
        relations = {"Model": "BUILT_ON", "Method": "USES", "Dataset": "TRAINED_ON", "Task": "ADDRESSES"}
        how = {"how": draw(st.sampled_from(["fine-tuned", "distilled"]))} if type == "Model" else {}
        said.append((subject, relations[type], name, {**how, "confidence": draw(st.integers(500, 505))}))
    for text, value, unit in draw(st.lists(st.sampled_from(SIZES), max_size=2, unique=True)):
        said.append(
            (draw(st.sampled_from(["PAPER", *systems])), "HAS_SIZE", text, {"value": value, "unit": unit})
        )
    title = draw(st.sampled_from(TITLES))
    # One in three is known by its title alone: with its number it has a key of its own, else it may join another.
    known = f"2301.{key:05}" if key % 3 else f"paper {key}"
    title = title if key % 3 else f"{title}{draw(st.sampled_from(['', f' {key}']))}"
    abstract = f"We write of {', '.join([*names, *ALIASES.values(), *(s[0] for s in SIZES)])}, in {key}."
    return say(known, title, abstract, entities, said, published=f"20{10 + key % 9}")


@pytest.fixture(scope="module")
def papers(say: Callable[..., Record]) -> st.SearchStrategy[list[Record]]:
    return _papers(say)


@st.composite
def _corrections(draw: Callable) -> Curation:
    """A few corrections of the names that the papers share, none against another."""
    name = st.sampled_from([*NAMES, "Zork (2301.00001)", "FROBNIK (2301.00002)", "Never heard of it"])
    pair = st.lists(name, min_size=2, max_size=3, unique=True)
    edge = st.fixed_dictionaries(
        {
            "subject": name,
            "relation": st.sampled_from(["BUILT_ON", "USES", "PART_OF"]),
            "object": name,
        },
        optional={"paper": st.sampled_from(["2301.00001", "paper 3", "On models"])},
    )
    fact = st.fixed_dictionaries(
        {
            "subject": st.sampled_from(["Zork", "Ada"]),
            "relation": st.just("BUILT_ON"),
            "object": st.sampled_from(["BERT", "Frobnik-7B", "Bob"]),
            "url": st.sampled_from(["https://example.org/a", "https://arxiv.org/abs/2301.00001"]),
            "quote": st.sampled_from(["Zork is built so.", "We write of BERT."]),
        }
    )
    plain = st.sampled_from(NAMES)
    kinds = {
        "same": pair,
        "different": pair,
        "rename": st.dictionaries(name, st.sampled_from(["New", "BERT"]), min_size=1, max_size=1),
        "type": st.dictionaries(plain, st.sampled_from(TYPES), min_size=1, max_size=1),
        "family": st.dictionaries(plain, st.sampled_from([*NAMES, None]), min_size=1, max_size=1),
        "reject": st.one_of(edge, name),
        "add": fact,
    }
    found: tuple = ()
    for action in draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=5)):
        with contextlib.suppress(CurationError):  # against another, or against itself
            more = (*found, entry(action, draw(kinds[action]), file=FILE, line=len(found) + 1))
            check(Curation(more))
            found = more
    return Curation(found)


def _file(curation: Curation, entries: list) -> str:
    return "# corrections\n" + "".join(f"- {e.text}\n" for e in entries)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {table: (folder / f"{table}.parquet").read_bytes() for table in TABLES}


def _after(folder: GraphFolder, act: Callable[[], object]) -> dict[str, bytes]:
    act()
    return _bytes(folder.graph().folder)


def _one_each(records: list[Record]) -> list[Record]:
    """The laws speak of inputs without two texts under one key."""
    return list({paper_key(r.paper): r for r in records}.values())


def test_order_batches_and_threads_never_matter(papers):
    @law
    @given(papers, st.randoms(use_true_random=False))
    def holds(records: list[Record], chance: random.Random) -> None:
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            shuffled = chance.sample(records, len(records))
            resolve(records, Path(one), graph="one", generation="1", threads=1)
            resolve(iter(shuffled), Path(two), graph="two", generation="1", threads=4)
            assert _bytes(Path(one)) == _bytes(Path(two))

    holds()


def test_order_of_corrections_never_matters_and_every_end_is_there(papers):
    @law
    @given(papers, _corrections(), st.randoms(use_true_random=False))
    def holds(records: list[Record], curation: Curation, chance: random.Random) -> None:
        shuffled = Curation(tuple(chance.sample(curation.entries * 2, 2 * len(curation.entries))))
        assert shuffled.digest == curation.digest
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            graph = resolve(records, Path(one), graph="one", generation="1", curation=curation)
            resolve(reversed(records), Path(two), graph="two", generation="1", curation=shuffled)
            assert _bytes(Path(one)) == _bytes(Path(two))
            known = {row["id"] for table in ("papers", "entities") for row in graph.rows(table)}
            for row in (*graph.rows("edges"), *graph.rows("claims")):
                assert {row["subject"], row.get("object", row["subject"])} <= known, row
            supports = {row["id"]: 0 for row in graph.rows("edges")}
            for claim in graph.rows("claims"):
                supports[claim.get("edge", "")] = supports.get(claim.get("edge", ""), 0) + 1
            for row in graph.rows("edges"):
                if row["relation"] not in ("INTRODUCES", "MENTIONS"):
                    assert (row["support"] > 0) == (supports[row["id"]] > 0), row

    holds()


def test_an_entry_taken_out_leaves_no_trace(papers):
    """Corrections on disk: the graph is that of a folder built with them, and without one, of one built without it."""

    @law
    @given(papers, _corrections())
    def holds(records: list[Record], curation: Curation) -> None:
        records, entries = _one_each(records), list(curation.entries)
        with tempfile.TemporaryDirectory() as name:
            one, two = GraphFolder(Path(name) / "one.kg"), GraphFolder(Path(name) / "two.kg")
            plain = _after(one, lambda: add_records(records, one, store=False))
            (one.path / FILE).write_text(_file(curation, entries), "utf8")
            with_all = _after(one, lambda: None)
            assert _after(two, lambda: add_records(records[:1], two, store=False))
            (two.path / FILE).write_text(_file(curation, entries), "utf8")
            assert _after(two, lambda: add_records(records, two, store=False)) == with_all
            (two.path / FILE).write_text(_file(curation, []), "utf8")
            assert _after(two, lambda: None) == plain

    holds()


def test_adding_removing_and_repeating(papers):
    """build(A ∪ B) == add(build(A), B); twice is once; remove(add(G, p), p) == G."""

    @law
    @given(papers, st.integers(1, 4))
    def holds(records: list[Record], cut: int) -> None:
        records = _one_each(records)
        first, second = records[:cut], records[cut:]
        with tempfile.TemporaryDirectory() as name:
            one, two = GraphFolder(Path(name) / "one.kg"), GraphFolder(Path(name) / "two.kg")
            union = _after(one, lambda: add_records(reversed(records), one, store=False))
            before = _after(two, lambda: add_records(first, two, store=False))
            assert _after(two, lambda: add_records(second, two, store=False)) == union
            assert _after(two, lambda: add_records([*records, *first], two, store=False)) == union
            gone = [two.find(r.paper.id) for r in second]
            assert _after(two, lambda: remove(two, gone, store=False)) == before

    holds()


def test_of_two_texts_in_one_command_the_order_never_matters(say, tmp_path):
    old = say("2303.00001v1", "Frobnik", "We present Frobnik.", ["Model! Frobnik"], updated="2023-03-02")
    new = say("2303.00001v2", "Frobnik", "We present Zorblax.", ["Model! Zorblax"], updated="2023-06-01")
    one, two = GraphFolder(tmp_path / "one.kg"), GraphFolder(tmp_path / "two.kg")
    latest = _after(one, lambda: add_records([old, new], one, store=False))
    assert _after(two, lambda: add_records([new, old], two, store=False)) == latest
    assert _after(two, lambda: add_records([new], two, store=False)) == latest
    assert _after(two, lambda: add_records([old], two, store=False)) != latest, "a later command's text holds"


def test_tables_made_anew_are_the_same(say, tmp_path):
    folder = GraphFolder(tmp_path / "one.kg")
    made = _after(
        folder, lambda: add_records([say("1", "A", "We use BERT.", ["Model BERT"])], folder, store=False)
    )
    assert _after(folder, lambda: (folder.path / "tables" / "stamp.json").unlink()) == made
