"""`Graph` → files; one module per format, picked by suffix.

Pictures (GEXF, GraphML, node-link JSON, DOT, Mermaid, SVG, PNG, PDF) hold a view of the graph. The others hold all
of it. Everything is the same bytes for the same graph, and appears under its name only when it is whole.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import UsageError
from kg.export import cypher, gexf, neighbours, neo4j_admin, networks, slide, tables
from kg.export.picture import VIEWS, Picture
from kg.graph import Graph

__all__ = ["FORMATS", "VIEWS", "Export", "write"]

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Export:
    """What was written where, and how much of it."""

    path: Path
    format: str
    counts: Counts = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {', '.join(f'{count:,} {what}' for what, count in self.counts.items())}"


PICTURES: dict[str, Callable[[Picture, Path], Counts]] = {
    "gexf": gexf.write,
    "graphml": networks.write_graphml,
    "json": networks.write_node_link,
    "dot": neighbours.write_dot,
    "mmd": neighbours.write_mermaid,
    **{form: functools.partial(neighbours.write_slide, format=form) for form in slide.FORMATS},
}
FORMATS: dict[str, Callable[[Graph, Path], Counts]] = {
    "csv": tables.write_csv,
    "parquet": tables.write_parquet,
    "cypher": cypher.write,
    "neo4j-admin": neo4j_admin.write,
}


def write(
    graph: Graph,
    path: Path,
    *,
    format: str | None = None,
    view: str | None = None,
    around: str | None = None,
    hops: int | None = None,
    min_support: int = 0,
) -> Export:
    """Writes a graph to a file, or to a folder where the format has several files.

    Without `format`, the suffix of `path` is the format's name. The others are for pictures: `view` is what they
    show (`VIEWS`; without one, entities only), `around` the id of a node and `hops` how many links from it they
    reach (one), `min_support` how many papers must state an edge. A NotFoundError where no node has that id.
    """
    name = format or path.suffix[1:].lower()
    if name in PICTURES:
        if hops is not None and around is None:
            raise UsageError("Hops are counted from a thing; say around which one (--around NAME).")
        picture = Picture(graph, _view(view), min_support, around=around, hops=1 if hops is None else hops)
        return Export(path, name, PICTURES[name](picture, path))
    if name not in FORMATS:
        given = (
            f"No format is called {format!r}."
            if format
            else f"The name {path.name!r} has no suffix of a format."
        )
        raise UsageError(f"{given} There are {', '.join([*PICTURES, *FORMATS])}; give one with --format.")
    if view or around or hops or min_support:
        raise UsageError(
            f"{name} holds the whole graph; view, around, hops and least support are for {', '.join(PICTURES)}."
        )
    return Export(path, name, FORMATS[name](graph, path))


def _view(name: str | None) -> str:
    if name is not None and name not in VIEWS:
        raise UsageError(f"No view is called {name!r}. There are {', '.join(VIEWS)}.")
    return name or next(iter(VIEWS))
