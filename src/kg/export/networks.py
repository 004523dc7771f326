"""GraphML and node-link JSON, as networkx writes and reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.export.picture import Picture, colour, label, weight
from kg.jsonl import atomic

if TYPE_CHECKING:
    import networkx as nx


def write_graphml(picture: Picture, path: Path) -> Mapping[str, int]:
    """Writes the picture as GraphML; edges have their relation as `label` too."""
    from networkx.readwrite.graphml import write_graphml_xml  # the same bytes with and without lxml

    network = _network(picture)
    with atomic(path, "wb") as file:
        write_graphml_xml(network, file, prettyprint=True)
    return _counts(network)


def write_node_link(picture: Picture, path: Path) -> Mapping[str, int]:
    """Writes the picture as JSON with `nodes` and `edges`, for networkx.node_link_graph, d3 and others."""
    import json

    from networkx.readwrite import node_link_data

    network = _network(picture)
    with atomic(path) as file:
        json.dump(node_link_data(network, edges="edges"), file, ensure_ascii=False, indent=0)
        file.write("\n")
    return _counts(network)


def _network(picture: Picture) -> "nx.MultiDiGraph[str]":
    """The picture in memory: the key of an edge is its id."""
    import networkx as nx

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in picture.nodes():
        x, y = picture.places[node.id]
        seen = {"x": x, "y": y, "size": picture.size(node.id), "color": colour(node.label)}
        network.add_node(node.id, label=label(node), **seen, **picture.node_attributes(node))
    for edge in picture.edges():
        strength = weight(edge)
        own: dict[str, Any] = {"label": edge.type, **({"weight": strength} if strength else {})}
        network.add_edge(edge.source, edge.target, key=edge.id, **own, **picture.edge_attributes(edge))
    return network


def _counts(network: "nx.MultiDiGraph[str]") -> Mapping[str, int]:
    return {"nodes": network.number_of_nodes(), "edges": network.number_of_edges()}


def to_networkx(picture: Picture) -> "nx.MultiDiGraph[str]":
    """The picture as a networkx graph in memory; the key of an edge is its id, `weight` its support."""
    return _network(picture)
