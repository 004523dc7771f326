"""Pictures: GEXF, GraphML and node-link JSON hold the same view, with types, and open elsewhere."""

import json
from pathlib import Path

import networkx as nx
import pytest
from lxml import etree

from kg import export
from kg.errors import NotFoundError, UsageError
from kg.schema import schema

NS = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}


@pytest.fixture(scope="module")
def gexf_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).parent / "gexf-1.3.xsd"))


@pytest.mark.parametrize("view", export.VIEWS)
def test_gexf_is_valid_in_every_view(any_graph, tmp_path, gexf_schema, view):
    written = export.write(any_graph, tmp_path / "a.gexf", view=view)
    document = etree.parse(tmp_path / "a.gexf")
    gexf_schema.assertValid(document)
    nodes = document.findall(".//g:node", NS)
    edges = document.findall(".//g:edge", NS)
    assert written.counts == {"nodes": len(nodes), "edges": len(edges)}
    ids = {n.get("id") for n in nodes}
    assert len(ids) == len(nodes) > 3
    assert {e.get(end) for e in edges for end in ("source", "target")} <= ids
    for what in ("node", "edge"):
        declared = document.find(f".//g:attributes[@class='{what}']", NS)
        titles = [a.get("title") for a in declared]
        assert len(titles) == len(set(titles))
        # networkx and Gephi take these for something of their own; an edge's type is its direction
        taken = {"id", "label", "kind", "start", "end", "weight", "source", "target"}
        assert not (taken | ({"type"} if what == "edge" else set())) & set(titles)
        used = {v.get("for") for v in document.iterfind(f".//g:{what}//g:attvalue", NS)}
        assert used <= {a.get("id") for a in declared}


def test_gexf_shows_names_relations_and_support(graph, tmp_path):
    export.write(graph, tmp_path / "a.gexf")
    document = etree.parse(tmp_path / "a.gexf")
    assert {n.get("id"): n.get("label")[:22] for n in document.iterfind(".//g:node", NS)} == {
        "alpaca": "Alpaca",
        "code-alpaca": "He said: \"it's \\underl",
        "llama": "LLaMA",
        "llama-7b": "LLaMA 7B",
        "unnamed@t:0123456789abcdef": 'unnamed model of "x"',
    }
    edges = {e.get("id"): e for e in document.iterfind(".//g:edge", NS)}
    assert sorted(edges) == [
        "alpaca|BUILT_ON|llama-7b",
        "alpaca|COMPARED_TO|llama-7b",
        "alpaca|TRAINED_ON|code-alpaca",
        "llama-7b|PART_OF|llama",
        "unnamed@t:0123456789abcdef|BUILT_ON|alpaca",
    ]
    built_on, part_of = edges["alpaca|BUILT_ON|llama-7b"], edges["llama-7b|PART_OF|llama"]
    assert (built_on.get("kind"), built_on.get("label"), built_on.get("weight")) == (
        "BUILT_ON",
        "BUILT_ON",
        "2",
    )
    assert part_of.get("weight") is None  # Gephi removes edges of weight 0
    colour = document.find(".//g:node[@id='alpaca']/viz:color", NS)
    assert "#" + "".join(f"{int(colour.get(c)):02x}" for c in "rgb") == schema().types["Model"].colour
    assert "20" not in document.find(".//g:meta", NS).attrib.get("lastmodifieddate", "")
    sizes = {
        n.get("id"): float(n.find("viz:size", NS).get("value")) for n in document.iterfind(".//g:node", NS)
    }
    assert (
        sizes["llama"] == sizes["llama-7b"] > sizes["alpaca"] > sizes["code-alpaca"]
    )  # by what descends from them
    places = [(p.get("x"), p.get("y")) for p in document.iterfind(".//viz:position", NS)]
    assert len(set(places)) == len(sizes)


def test_arrows_point_to_the_base_and_carry_the_best_quote(graph, tmp_path):
    export.write(graph, tmp_path / "a.gexf")
    network = read_gexf(tmp_path / "a.gexf")
    assert dict(network.in_degree)["alpaca"] == 1
    (built_on,) = (d for _, _, d in network.in_edges("llama-7b", data=True) if d["relation"] == "BUILT_ON")
    assert (built_on["quote"], built_on["paper"], built_on["support"], built_on["weight"]) == (
        "It is LLaMA 7B, fine-tuned.",
        "2303.00001",
        2,
        2,
    )
    (part_of,) = (d for _, _, d in network.in_edges("llama", data=True))
    assert "quote" not in part_of


def read_gexf(path: Path) -> nx.MultiDiGraph:
    return nx.read_gexf(path, version="1.3")


def read_json(path: Path) -> nx.MultiDiGraph:
    return nx.node_link_graph(json.loads(path.read_text("utf8")), edges="edges")


READERS = {"gexf": read_gexf, "graphml": nx.read_graphml, "json": read_json}


@pytest.mark.parametrize("suffix", READERS)
def test_networkx_reads_the_same_picture_from_every_format(graph, tmp_path, suffix):
    export.write(graph, tmp_path / f"a.{suffix}")
    network = READERS[suffix](tmp_path / f"a.{suffix}")
    assert network.is_directed()
    assert network.is_multigraph()
    alpaca = network.nodes["alpaca"]
    assert (alpaca["label"], alpaca["type"], alpaca["known"], alpaca["papers"]) == (
        "Alpaca",
        "Model",
        True,
        2,
    )
    assert (alpaca["support"], alpaca["descendants"]) == (2, 1)
    assert network.nodes["llama-7b"]["family"] == "llama"
    assert alpaca["parameters"] == 7_000_000_000
    assert alpaca["aliases"].startswith("Stanford Alpaca; a; b; He said")
    assert "parameters" not in network.nodes["llama"]
    (built_on,) = (d for _, _, d in network.edges("alpaca", data=True) if d["relation"] == "BUILT_ON")
    assert (built_on["label"], built_on["weight"], built_on["how"]) == ("BUILT_ON", 2, "fine-tuned")
    assert (built_on["hows"], built_on["first_year"]) == ("adapted; fine-tuned", 2023)
    assert network.number_of_edges("alpaca", "llama-7b") == 2


def test_views_and_least_support(graph, tmp_path):
    def shown(**options: object) -> tuple[set[str], set[str]]:
        export.write(graph, tmp_path / "a.json", **options)
        network = read_json(tmp_path / "a.json")
        return set(network), {d["relation"] for _, _, d in network.edges(data=True)}

    nodes, relations = shown(view="papers")
    assert "2303.00001" in nodes
    assert not {"c1", "size:7b-parameters"} & nodes
    assert "INTRODUCES" in relations
    nodes, relations = shown(view="all")
    assert {"c1", "size:7b-parameters", "2303.00001", "alpaca"} <= nodes
    assert {"STATES", "HAS_SUBJECT", "HAS_OBJECT", "HAS_SIZE"} <= relations
    # a family that a name makes stays with its member
    assert shown(min_support=2) == ({"alpaca", "llama-7b", "llama"}, {"BUILT_ON", "PART_OF"})
    assert shown(min_support=3) == (set(), set())
    nodes, relations = shown(view="lineage")
    assert nodes == {"alpaca", "llama", "llama-7b", "unnamed@t:0123456789abcdef"}
    assert relations == {"BUILT_ON", "PART_OF"}
    with pytest.raises(UsageError, match=r"No view is called 'x'\. There are entities, lineage, papers, all"):
        shown(view="x")


def test_around_a_thing_some_hops_far_whichever_way_edges_point(graph, tmp_path):
    def shown(around: str, **options: object) -> set[str]:
        export.write(graph, tmp_path / "a.json", around=around, **options)
        return set(read_json(tmp_path / "a.json"))

    unnamed = "unnamed@t:0123456789abcdef"
    assert shown("alpaca") == {"alpaca", "llama-7b", "code-alpaca", unnamed}
    assert shown("alpaca", hops=2) == {"alpaca", "llama-7b", "code-alpaca", unnamed, "llama"}
    assert shown("llama", view="lineage", hops=2) == {"llama", "llama-7b", "alpaca"}
    assert shown("code-alpaca", view="papers") == {"code-alpaca", "alpaca", "2303.00001"}
    assert shown("llama", min_support=2, hops=9) == {"llama", "llama-7b", "alpaca"}
    with pytest.raises(NotFoundError, match="gone"):
        shown("gone")
    with pytest.raises(UsageError, match="around which one"):
        export.write(graph, tmp_path / "a.json", hops=2)


@pytest.mark.parametrize("form", ["dot", "mmd"])
def test_dot_and_mermaid_hold_the_view(graph, tmp_path, form):
    written = export.write(graph, tmp_path / f"a.{form}", view="lineage")
    text = (tmp_path / f"a.{form}").read_text("utf8")
    assert written.counts == {"nodes": 4, "edges": 3}
    assert text.count("fine-tuned") == 1
    assert "LLaMA 7B" in text
    assert "size of" in text
    assert "USES" not in text
