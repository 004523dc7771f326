"""GEXF 1.3, for Gephi; written row by row.

networkx's own writer puts the day of the run into the file, and an attribute into `graph` that the schema does
not know; it has no `kind`, without which Gephi melts edges of two relations between two nodes into one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from kg.export.picture import Attributes, Picture, colour, label, weight
from kg.graph import Node, Relationship
from kg.jsonl import atomic

_TYPES = {"string": "string", "integer": "long", "float": "double", "boolean": "boolean"}
_QUOTED = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def write(picture: Picture, path: Path) -> Mapping[str, int]:
    """Writes the picture: nodes coloured by type, large by descendants, placed; edges from derivative to base.

    An edge's kind and label are its relation, its weight its support.
    """
    with atomic(path) as file:
        file.write(_HEAD)
        nodes, edges = (_columns(c) for c in (picture.node_columns(), picture.edge_columns()))
        _declare(file, "node", picture.node_columns())
        _declare(file, "edge", picture.edge_columns())
        file.write("    <nodes>\n")
        node_count = sum(1 for n in picture.nodes() if file.write(_node(picture, n, nodes)))
        file.write("    </nodes>\n    <edges>\n")
        edge_count = sum(1 for e in picture.edges() if file.write(_edge(picture, e, edges)))
        file.write("    </edges>\n  </graph>\n</gexf>\n")
    return {"nodes": node_count, "edges": edge_count}


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
  <meta>
    <creator>kg</creator>
    <description>Who built what on what, as papers state it</description>
  </meta>
  <graph mode="static" defaultedgetype="directed">
"""


def _columns(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: str(number) for number, name in enumerate(columns)}


def _declare(file: IO[str], what: str, columns: Mapping[str, str]) -> None:
    file.write(f'    <attributes class="{what}" mode="static">\n')
    for number, (name, kind) in enumerate(columns.items()):
        file.write(f"      <attribute{_attributes(id=str(number), title=name, type=_TYPES[kind])}/>\n")
    file.write("    </attributes>\n")


def _node(picture: Picture, node: Node, ids: Mapping[str, str]) -> str:
    shade = colour(node.label)
    r, g, b = (str(int(shade[i : i + 2], 16)) for i in (1, 3, 5))
    x, y = map(str, picture.places[node.id])
    return (
        f"      <node{_attributes(id=node.id, label=label(node))}>\n"
        f"{_values(picture.node_attributes(node), ids)}"
        f"        <viz:color{_attributes(r=r, g=g, b=b)}/>\n"
        f"        <viz:position{_attributes(x=x, y=y)}/>\n"
        f"        <viz:size{_attributes(value=str(picture.size(node.id)))}/>\n      </node>\n"
    )


def _edge(picture: Picture, edge: Relationship, ids: Mapping[str, str]) -> str:
    strength = weight(edge)
    own = _attributes(
        id=edge.id,
        source=edge.source,
        target=edge.target,
        label=edge.type,
        kind=edge.type,
        **({"weight": str(strength)} if strength else {}),
    )
    return f"      <edge{own}>\n{_values(picture.edge_attributes(edge), ids)}      </edge>\n"


def _values(attributes: Attributes, ids: Mapping[str, str]) -> str:
    lines = (
        f"          <attvalue{_attributes(**{'for': ids[n], 'value': _text(v)})}/>\n"
        for n, v in attributes.items()
    )
    return f"        <attvalues>\n{''.join(lines)}        </attvalues>\n"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{escape(value, _QUOTED)}"' for name, value in values.items())
