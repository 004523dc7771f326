"""Commands that answer: ask, lineage, show, query, stats, why."""

import sys
from typing import Any, Literal

import click

from kg.cli import options, render
from kg.cli.boundary import EMPTY
from kg.types import Answer


@click.command()
@click.argument("question", nargs=-1, required=True)
@options.answer_options
@click.option("--cypher", "show_cypher", is_flag=True, help="Print the Cypher that answered.")
def ask(question: tuple[str, ...], show_cypher: bool, **given: Any) -> int:
    """Answers a question in plain English, with quotes.

    \b
    kg ask "what is built on Llama"
    kg ask "which models are larger than 100B"
    kg ask "what outperforms GPT-4"
    kg ask examples        lists the forms of question
    """
    from kg.ask import ask as answer

    with options.reading(given["graph"], given["database"]) as store:
        found = answer(
            store,
            " ".join(question),
            min_confidence=given["min_confidence"],
            min_support=given["min_support"],
        )
    return _show(found, show_cypher=show_cypher, **given)


@click.command()
@click.argument("name")
@click.option("--up", "direction", flag_value="up", help="What it is built on.")
@click.option(
    "--down", "direction", flag_value="down", default="down", help="What is built on it (the default)."
)
@click.option("--path", "other", metavar="OTHER", help="How it descends from OTHER, or OTHER from it.")
@click.option(
    "--carries",
    metavar="WHAT,…",
    help="Follow only what carries these: weights, knowledge, design, part, unstated.",
)
@click.option("--hops", type=click.IntRange(1, 20), default=8, show_default=True, help="How far to go.")
@click.option(
    "--format", "form", type=click.Choice(["tree", "mermaid", "dot"]), default="tree", help="How to draw it."
)
@click.option("--cypher", "show_cypher", is_flag=True, help="Print the Cypher that answered.")
@options.answer_options
def lineage(
    name: str,
    direction: Literal["down", "up"],
    other: str | None,
    carries: str | None,
    hops: int,
    form: str,
    show_cypher: bool,
    **given: Any,
) -> int:
    """Draws what was built on NAME, what it was built on, or the way between two."""
    from kg.ask import lineage as answer

    with options.reading(given["graph"], given["database"]) as store:
        found = answer(
            store,
            name,
            direction="path" if other else direction,
            other=other,
            carries=tuple(carries.split(",")) if carries else None,
            max_hops=hops,
            min_confidence=given["min_confidence"],
            min_support=given["min_support"],
        )
    return _show(found, show_cypher=show_cypher, form=form, **given)


@click.command()
@click.argument("name")
@options.answer_options
def show(name: str, **given: Any) -> int:
    """Shows what the papers say about NAME: a card of facts with quotes."""
    from kg.ask import show as answer

    with options.reading(given["graph"], given["database"]) as store:
        found = answer(store, name)
    return _show(found, show_cypher=False, **given)


@click.command()
@click.argument("cypher")
@options.graph
@options.database
@options.as_json
@options.everything
@click.option(
    "--param",
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the query; JSON or text.",
)
@click.option("--write", is_flag=True, help="Allow the query to change the database.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Give up after so long."
)
def query(
    cypher: str,
    graph: str,
    database: str | None,
    as_json: bool,
    everything: bool,
    parameters: tuple[str, ...],
    write: bool,
    timeout: float | None,
) -> int:
    """Runs CYPHER ("-" reads it from stdin) and prints the rows."""
    text = sys.stdin.read() if cypher == "-" else cypher
    with options.reading(graph, database, write=write) as store:
        rows = store.query(text, dict(map(_parameter, parameters)), write=write, timeout=timeout)
    if as_json:
        render.json(rows)
    else:
        render.table(rows, everything=everything)
    return 0 if rows else EMPTY


@click.command()
@options.graph
@options.database
@options.as_json
@options.everything
@click.option(
    "--suspects", "doubt", is_flag=True, help="What looks wrong, each with the command that mends it."
)
def stats(graph: str, database: str | None, as_json: bool, everything: bool, doubt: bool) -> int:
    """Counts papers, entities, edges and claims, by type and relation.

    With --suspects, lists namesakes, sizes in conflict, models built on themselves, cycles, and benchmarks used as
    training data. Look at the quotes (kg show) before you run what mends them.
    """
    if doubt:
        return _suspects(graph, as_json=as_json, everything=everything)
    with options.reading(graph, database) as store:
        counts = store.counts()
    if as_json:
        render.json(counts)
        return 0
    render.table(
        [{"": k, "count": counts[k]} for k in ("papers", "entities", "edges", "claims")], everything=True
    )
    for title in ("types", "relations"):
        click.echo()
        render.table([{title: k, "count": v} for k, v in counts[title].items() if v], everything=True)
    return 0


def _suspects(graph: str, *, as_json: bool, everything: bool) -> int:
    from kg.resolve.suspects import command, suspects

    folder = options.folder(graph)
    rows = [row | {"mend": command(row, str(folder.path))} for row in suspects(folder.graph())]
    if as_json:
        render.json(rows)
    else:
        render.table(
            [{k: row[k] for k in ("kind", "what", "why", "mend")} for row in rows], everything=everything
        )
        render.note(f"{len(rows)} suspects.")
    return 0 if rows else EMPTY


@click.command()
@click.argument("one")
@click.argument("other", required=False)
@options.graph
@options.uses_lexicon
def why(one: str, other: str | None, graph: str) -> None:
    """Tells step by step what a name resolves to, or why two names are one entity or two.

    Where there is a graph, also what its papers decided.
    """
    from kg.lexicon import in_use, using
    from kg.resolve.reasons import why as reasons

    folder = None if options.is_url(graph) else options.folder(graph)
    if folder is None or not folder.exists:
        lines = reasons(one, other or one)
    else:
        with using(folder.lexicon or in_use()):
            lines = reasons(one, other or one, graph=folder.graph(), curation=folder.curation)
    for line in lines:
        click.echo(line)


def _show(answer: Answer, *, show_cypher: bool, form: str = "tree", **given: Any) -> int:
    if given["output"]:
        render.answer_file(answer, given["output"], everything=given["everything"])
    elif given["as_json"]:
        render.answer_json(answer)
    else:
        render.answer(answer, form=form, everything=given["everything"])
    if show_cypher and not given["as_json"] and not given["output"]:
        render.cypher(answer)
    return 0 if answer.rows else EMPTY


def _parameter(given: str) -> tuple[str, Any]:
    """`year=2024` as a number, `name=Llama` as text."""
    import json

    from kg.errors import UsageError

    name, equals, value = given.partition("=")
    if not equals:
        raise UsageError(f"--param {given!r} is not NAME=VALUE, for example --param name=Llama.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


COMMANDS = (ask, lineage, show, query, stats, why)
