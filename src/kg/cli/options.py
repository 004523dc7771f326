"""Options that several commands share, and how a graph option becomes something open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.folder import GraphFolder
    from kg.stores.bolt import Store

SCHEMES = ("bolt", "neo4j", "bolt+s", "neo4j+s", "bolt+ssc", "neo4j+ssc")

graph = click.option(
    "-g",
    "--graph",
    envvar="KG_GRAPH",
    default="papers.kg",
    show_default=True,
    show_envvar=True,
    metavar="GRAPH",
    help="The graph's folder; reading commands also take a Neo4j URL.",
)


def _lexicon(**more: Any) -> Callable[..., Any]:
    return click.option(
        "--lexicon",
        multiple=True,
        type=click.Path(),
        envvar="KG_LEXICON",
        show_envvar=True,
        metavar="FILE",
        callback=lambda context, _p, value: _with_names(context, value),
        help="Names of your own, over those that kg knows; may be given several times.",
        **more,
    )


lexicon, uses_lexicon = _lexicon(), _lexicon(expose_value=False)
curation = click.option(
    "--curation",
    metavar="FILE",
    help="Corrections to use from now on, in place of curation.yaml in the graph's folder.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
everything = click.option("--all", "everything", is_flag=True, help="Show every row, not the first 20.")
database = click.option(
    "--database", envvar="KG_NEO4J_DATABASE", show_envvar=True, help="The database of a Neo4j server."
)
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress and no counts on stderr.")
min_support = click.option(
    "--min-support", type=click.IntRange(0), default=0, help="Only what so many papers state."
)
min_confidence = click.option(
    "--min-confidence",
    type=click.IntRange(0, 1000),
    default=0,
    help="Only what was read with this confidence, per mille.",
)
model = click.option(
    "--model",
    envvar="KG_MODEL",
    show_envvar=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    expose_value=False,
    callback=lambda _c, _p, value: use_model(value),
    help="Read with the weights that `kg train` wrote there.",
)
output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the answer to FILE; its suffix picks the format: .html .txt .json .mmd .dot, "
    "a lineage also .svg .png .pdf.",
)
mapping = click.option(
    "--map",
    "mapping",
    metavar="FIELD=COLUMN,…",
    callback=lambda _c, _p, value: parse_mapping(value),
    help="Which column of a table or JSON holds id, title, abstract, published.",
)


def use_model(folder: Path | None) -> None:
    """Reads with the weights of a folder, where one is given."""
    if folder:
        from kg.extract.learned import use_model

        use_model(folder)


def _with_names(context: click.Context, files: tuple[str, ...]) -> tuple[str, ...] | None:
    """Reads the files and uses them while the command runs."""
    if files:
        from kg.lexicon import read_layers, using

        context.with_resource(using(read_layers(files)))
    return files or None


def parse_mapping(value: str | None) -> dict[str, str]:
    """`id=ID,title=Title` as a dict; a UsageError names the piece that is wrong."""
    found = {}
    for piece in (value or "").split(","):
        if piece:
            field, equals, column = piece.partition("=")
            if not equals or not field.strip() or not column.strip():
                raise UsageError(
                    f"--map {piece!r} is not FIELD=COLUMN, for example --map title=Title,abstract=Summary."
                )
            found[field.strip()] = column.strip()
    return found


def is_url(graph: str) -> bool:
    """Whether the graph option names a database server rather than a folder."""
    return graph.partition("://")[0].lower() in SCHEMES and "://" in graph


def folder(graph: str) -> "GraphFolder":
    """The graph's folder; a UsageError where a server's address was given."""
    from kg.folder import GraphFolder

    if is_url(graph):
        raise UsageError(
            f"This command works on a graph's folder, not on {graph}. Build one with -g FOLDER, then `kg load {graph}`."
        )
    return GraphFolder(Path(graph))


@contextmanager
def reading(graph: str, database: str | None = None, *, write: bool = False) -> Iterator["Store"]:
    """Opens what the graph option names, for reading, or to `write` into it by queries that say so."""
    if is_url(graph):
        store = connect(graph, database)
    else:
        if database:
            raise UsageError("--database names a database of a Neo4j server; a graph's folder has only one.")
        store = _up_to_date(folder(graph)).store(write=write)
    with store:
        yield store


def _up_to_date(opened: "GraphFolder") -> "GraphFolder":
    """The folder with its tables made; says so where records, corrections or kg itself changed since."""
    from kg.cli import render

    if not opened.exists or opened.fresh:
        return opened
    render.note(
        f"{opened.path} changed since its graph was made (papers, corrections or kg itself); making it anew."
    )
    for entry, acted in opened.corrections():
        if not acted:
            render.note(f"Matches nothing: {entry.where}: {entry.text}")
    return opened


def connect(url: str, database: str | None, *, retry: float | None = None) -> "Store":
    """Connects to a Neo4j server, with user and password from the environment."""
    import os

    from kg.stores import RETRY_SECONDS
    from kg.stores import connect as connect_store

    return connect_store(
        url,
        user=os.environ.get("KG_NEO4J_USER"),
        password=os.environ.get("KG_NEO4J_PASSWORD"),
        database=database,
        retry=RETRY_SECONDS if retry is None else retry,
    )


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that prints rows."""
    for option in (as_json, everything, output, min_confidence, min_support, database, graph):
        command = option(command)
    return command
