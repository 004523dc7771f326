"""What is written and what is deleted: applied to the old rows, it makes the new ones."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.graph import Graph, write_table
from kg.stores.difference import Difference, Loaded, difference, expected

NAMES = st.sampled_from(["a", "b", "Ä", "模", "𝔸", "a'b"])
NODES = st.dictionaries(NAMES, st.tuples(st.sampled_from(["Model", "Method"]), st.sampled_from(["x", "y"])))
CLAIMS = st.dictionaries(st.sampled_from(["1", "2", "3"]), st.tuples(NAMES, NAMES | st.none()))


def tables(
    folder: Path, nodes: dict[str, tuple[str, str]], claims: dict[str, tuple[str, str | None]]
) -> Graph:
    """A graph of some entities and claims, as the strategies give them; one edge a claim with an object."""

    def ends(subject: str, target: str | None) -> dict[str, str]:
        given = {"subject": subject, "object": target}
        return {
            key: value
            for side, name in given.items()
            if name is not None
            for key, value in ((side, name), (f"{side}_type", nodes.get(name, ("Model", ""))[0]))
        }

    entities = [{"id": id, "type": label, "name": name} for id, (label, name) in sorted(nodes.items())]
    papers = [{"id": f"p{id}", "name": id, "title": id} for id in sorted(claims)]
    said = [{"id": id, "paper": f"p{id}", "relation": "USES", **ends(*c)} for id, c in sorted(claims.items())]
    edges = {f"{s}|USES|{o}": ends(s, o) for s, o in claims.values() if o is not None}
    rows = {"papers": papers, "entities": entities, "claims": said}
    rows["edges"] = [{"id": id, "relation": "USES", **e} for id, e in sorted(edges.items())]
    for table, values in rows.items():
        write_table(folder, table, values, graph="g", generation=folder.name)
    return Graph(folder)


def contents(graph: Graph) -> tuple[dict, dict]:
    """Nodes by label and id, relationships by type, ends and id; each with what it holds."""
    return (
        {(n.label, n.id): repr(n) for n in graph.nodes()},
        {
            (r.type, r.source_label, r.source, r.target_label, r.target, r.id): repr(r)
            for r in graph.relationships()
        },
    )


def applied(rows: Difference, nodes: dict, links: dict) -> tuple[dict, dict]:
    """What a database that held this holds after the difference."""
    new_nodes, new_links = contents(rows.new)
    gone_nodes = {(n.label, n.id) for n in rows.gone_nodes()}
    gone_links = {
        (r.type, r.source_label, r.source, r.target_label, r.target, r.id)
        for r in rows.gone_relationships(relabels=False)
    }
    assert not gone_nodes & set(new_nodes)
    assert not gone_links & set(new_links)
    return (
        {**{k: v for k, v in nodes.items() if k not in gone_nodes}, **new_nodes},
        {**{k: v for k, v in links.items() if k not in gone_links}, **new_links},
    )


@given(st.tuples(NODES, CLAIMS), st.tuples(NODES, CLAIMS))
@settings(max_examples=15, deadline=None)
def test_the_difference_makes_the_new_of_the_old(one, two):
    with TemporaryDirectory() as name:
        old, new = tables(Path(name, "old"), *one), tables(Path(name, "new"), *two)
        with difference([old], new) as rows:
            assert applied(rows, *contents(old)) == contents(new)
        with difference([new], new) as rows:
            assert rows.count() == 0
        with difference([], new) as rows:
            assert applied(rows, {}, {}) == contents(new)


@given(st.tuples(NODES, CLAIMS), st.tuples(NODES, CLAIMS), st.tuples(NODES, CLAIMS), st.randoms())
@settings(max_examples=15, deadline=None)
def test_any_mixture_of_what_was_held_becomes_the_new(one, two, three, random):
    with TemporaryDirectory() as name:
        old, begun, new = (tables(Path(name, str(i)), *g) for i, g in enumerate((one, two, three)))
        held: tuple[dict, dict] = ({}, {})
        for mixed, was, becomes in zip(held, contents(old), contents(begun), strict=True):
            for key in {**was, **becomes}:
                side = random.choice((was, becomes))
                if key in side:
                    mixed[key] = side[key]
        with difference([old, begun], new) as rows:
            assert applied(rows, *held) == contents(new)


def test_a_relationship_stays_on_a_node_that_changes_its_label(tmp_path):
    claims = {"1": ("a", "b")}
    old = tables(tmp_path / "old", {"a": ("Model", "x"), "b": ("Model", "x")}, claims)
    new = tables(tmp_path / "new", {"a": ("Method", "x"), "b": ("Model", "x")}, claims)
    with difference([old], new) as rows:
        assert [(node.label, node.id, label) for node, label in rows.relabelled()] == [
            ("Model", "a", "Method")
        ]
        assert list(rows.gone_relationships(relabels=True)) == []
        assert {r.type for r in rows.gone_relationships(relabels=False)} == {"USES", "HAS_SUBJECT"}


@given(NODES, CLAIMS)
@settings(max_examples=10, deadline=None)
def test_what_is_expected_is_what_is_there(nodes, claims):
    with TemporaryDirectory() as name:
        graph = tables(Path(name), nodes, claims)
        labels, types = expected(graph)
        for counted, things in ((labels, graph.nodes()), (types, graph.relationships())):
            there = [getattr(thing, "label", None) or thing.type for thing in things]
            assert {k: n for k, n in counted.items() if n} == {k: there.count(k) for k in there}


def test_what_is_loaded_is_known_by_its_generation(tmp_path):
    old, new = tables(tmp_path / "old", {}, {}), tables(tmp_path / "new", {}, {})
    loaded = Loaded(tmp_path / "loaded")
    assert loaded.before("") is None
    loaded.begin(old)
    assert [g.generation for g in loaded.before("") or []] == ["", "old"]
    loaded.finish()
    loaded.kept = [("Model", "a")]
    loaded.begin(new)
    assert [g.generation for g in loaded.before("") or []] == ["old", "new"]
    assert [g.generation for g in loaded.before("new") or []] == ["new"]
    assert loaded.before("another") is None
    assert Loaded(tmp_path / "loaded").kept == [("Model", "a")]
    loaded.finish()
    assert [g.generation for g in loaded.before("new") or []] == ["new"]
    (loaded.folder / "2" / "edges.parquet").write_bytes(b"PAR1")
    assert loaded.before("new") is None
    loaded.forget()
    assert loaded.graphs() == []
