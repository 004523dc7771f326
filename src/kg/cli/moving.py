"""Commands that carry the graph elsewhere: into files and databases."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli import options, render

if TYPE_CHECKING:
    from kg.folder import GraphFolder


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.graph
@click.option("--format", "form", metavar="FORMAT", help="Instead of what the suffix says; see below.")
@click.option(
    "--view",
    type=click.Choice(["entities", "lineage", "papers", "all"]),
    help="Of a picture: entities (the default), lineage (what is built on, derived from or part of what), "
    "papers (with the papers), all (with claims and sizes).",
)
@click.option("--around", metavar="NAME", help="Of a picture: only what lies around NAME.")
@click.option("--hops", type=click.IntRange(1), help="How many links around NAME.  [default: 1]")
@options.min_support
@options.quiet
def export(
    file: Path,
    graph: str,
    form: str | None,
    view: str | None,
    around: str | None,
    hops: int | None,
    min_support: int,
    quiet: bool,
) -> None:
    """Writes the graph to FILE; its suffix picks the format.

    Pictures, of a view:

    \b
    .gexf         Gephi: coloured by type, large by descendants, placed, weighted by support
    .graphml      yEd, Cytoscape, igraph
    .json         networkx node-link
    .dot .mmd     Graphviz, Mermaid
    .svg .png .pdf  a slide of what lies around NAME

    The whole graph:

    \b
    .cypher       a script for any Cypher database
    .csv .parquet a folder of four tables: papers, entities, edges, claims with quotes
    --format neo4j-admin  a folder for neo4j-admin database import, with the command
    """
    from kg.export import write

    folder = options.folder(graph)
    centre = _centre(folder, around, quiet=quiet) if around else None
    written = write(
        folder.graph(), file, format=form, view=view, around=centre, hops=hops, min_support=min_support
    )
    if not quiet:
        render.note(f"Wrote {written or file}.")


def _centre(folder: "GraphFolder", name: str, *, quiet: bool) -> str:
    """The id of what a name means in a graph."""
    from kg.ask import find

    with folder.store() as store:
        found = find(store, name)
    for line in () if quiet else found.notes:
        render.note(line)
    return found.id


@click.command()
@click.argument("url")
@options.graph
@options.database
@click.option("--replace", is_flag=True, help="Remove another kg graph that the database holds.")
@click.option(
    "--retry",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Try again for so long when the server goes away (30).",
)
@options.as_json
@options.quiet
def load(
    url: str, graph: str, database: str | None, replace: bool, retry: float | None, as_json: bool, quiet: bool
) -> None:
    """Loads the graph into the Neo4j server at URL (neo4j://host:7687 or bolt://host:7687).

    User and password come from KG_NEO4J_USER and KG_NEO4J_PASSWORD. Only what differs from what the
    database holds is written or deleted; what is not ours is never touched. A load that broke off is finished
    by running it again.
    """
    from kg.errors import UsageError

    if not options.is_url(url):
        raise UsageError(f"{url!r} is no address of a Neo4j server. Give one such as neo4j://localhost:7687.")
    tables = options.folder(graph).graph()
    with (
        options.connect(url, database, retry=retry) as store,
        render.progress("Loading", quiet=quiet) as progress,
    ):
        report = store.load(tables, replace=replace, progress=_counting(progress))
    if as_json:
        render.json(report)
    elif not quiet:
        render.note(
            f"Loaded: {report.nodes_written} nodes and {report.relationships_written} relationships written, "
            f"{report.nodes_deleted} and {report.relationships_deleted} deleted."
        )
        if report.kept:
            render.note(f"Kept because something else points at them: {', '.join(report.kept)}.")


def _counting(progress: Callable[[str, int, int | None], None] | None) -> Callable[[int, int], None] | None:
    return progress and (lambda done, total: progress("Loading", done, total))


COMMANDS = (export, load)
