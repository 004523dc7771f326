"""Pictures: GEXF, GraphML and node-link JSON hold the same view, with types, and open elsewhere."""

import json
from pathlib import Path

import networkx as nx
import pytest
from lxml import etree

from kg import export
from kg.errors import UsageError
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
        # networkx and Gephi take these for something of their own
        assert not {"id", "label", "type", "kind", "start", "end", "weight", "source", "target"} & set(titles)
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
    assert (alpaca["label"], alpaca["entity_type"], alpaca["known"], alpaca["papers"]) == (
        "Alpaca",
        "Model",
        True,
        2,
    )
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
    assert shown(min_support=2) == ({"alpaca", "llama-7b"}, {"BUILT_ON"})
    with pytest.raises(UsageError, match=r"No view is called 'x'\. There are entities, papers, all"):
        shown(view="x")
