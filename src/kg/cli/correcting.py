"""Commands that correct a graph for good: fix, which writes a line of its curation.yaml."""

from typing import TYPE_CHECKING, Any

import click

from kg.cli import options, render
from kg.cli.boundary import EMPTY
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.curation import Entry

_note = click.option("--note", default="", metavar="TEXT", help="Why, or by whom: a comment behind the line.")
_TYPES = ("Model", "Dataset", "Benchmark", "Method", "Task", "Metric")


@click.group()
def fix() -> None:
    """Corrects the graph for good: each command writes one line of its curation.yaml, which every build applies.

    Delete the line to undo it. Behind a name, "(Dataset)" or "(2401.00001)" says which of several is meant:
    the thing of that type, or that paper's.
    """


@fix.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@options.graph
@_note
def same(names: tuple[str, ...], graph: str, note: str) -> None:
    """Makes several names one thing, shown as the first.

    A single name says that all papers mean one thing by it.
    """
    _write(graph, note, "same", list(names))


@fix.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@options.graph
@_note
def different(names: tuple[str, ...], graph: str, note: str) -> None:
    """Makes names that are taken for one thing several.

    kg fix different Zeus "Zeus (2401.00001)": what that paper calls so is another thing.
    """
    _write(graph, note, "different", list(names))


@fix.command()
@click.argument("name")
@click.argument("new")
@options.graph
@_note
def rename(name: str, new: str, graph: str, note: str) -> None:
    """Shows the thing called NAME as NEW; its id stays."""
    _write(graph, note, "rename", {name: new})


@fix.command("type")
@click.argument("name")
@click.argument("type", type=click.Choice(_TYPES, case_sensitive=False))
@options.graph
@_note
def type_(name: str, type: str, graph: str, note: str) -> None:
    """Says what kind of thing NAME is."""
    _write(graph, note, "type", {name: type})


@fix.command()
@click.argument("name")
@click.argument("family", required=False)
@click.option("--none", "alone", is_flag=True, help="It belongs to no family.")
@options.graph
@_note
def family(name: str, family: str | None, alone: bool, graph: str, note: str) -> None:
    """Puts NAME under FAMILY, or under none, whatever its name looks like."""
    if alone == bool(family):
        raise UsageError("Name the family, or say --none: kg fix family Harrier-7B Harrier.")
    _write(graph, note, "family", {name: family})


@fix.command()
@click.argument("what", nargs=-1, required=True, metavar="NAME | SUBJECT RELATION OBJECT")
@click.option("--paper", metavar="PAPER", help="Only what this paper states; without it, every paper.")
@options.graph
@_note
def reject(what: tuple[str, ...], paper: str | None, graph: str, note: str) -> None:
    """Takes out an edge, one paper's claim, or a NAME that is no such thing.

    \b
    kg fix reject Alpaca BUILT_ON GPT-3
    kg fix reject Alpaca BUILT_ON GPT-3 --paper 2401.00001
    kg fix reject PAPER TRAINED_ON MMLU --paper 2401.00001     the paper's own unnamed model
    kg fix reject "our framework"
    """
    value: Any
    if len(what) == 1:
        value = {"subject": what[0], "paper": paper} if paper else what[0]
    elif len(what) in (2, 3):
        value = dict(zip(("subject", "relation", "object"), what, strict=False))
        value |= {"paper": paper} if paper else {}
    else:
        raise UsageError(f"reject takes a name, or subject, relation and object; this is {len(what)} words.")
    _write(graph, note, "reject", value)


@fix.command()
@click.argument("subject")
@click.argument("relation")
@click.argument("object")
@click.option("--url", required=True, help="The source: an address; of a paper in the graph, that paper.")
@click.option("--quote", required=True, help="The words of the source that say so.")
@click.option("--how", help="Of BUILT_ON: fine-tuned, distilled, merged …")
@click.option("--outcome", help="Of COMPARED_TO: better, similar, worse.")
@click.option("--member", help="Of PART_OF: size, variant, version.")
@click.option("--value", help="Of HAS_SIZE: the number; else read from OBJECT.")
@click.option("--unit", help="Of HAS_SIZE: parameters, training tokens …")
@click.option("--title", help="The source's title, where it is no paper of the graph.")
@click.option("--published", metavar="DATE", help="The source's date, as YYYY, YYYY-MM or YYYY-MM-DD.")
@options.graph
@_note
def add(subject: str, relation: str, object: str, graph: str, note: str, **fields: str | None) -> None:
    """Adds a fact that no paper in the graph states where kg can read it."""
    value = {"subject": subject, "relation": relation, "object": object}
    _write(graph, note, "add", value | {k: v for k, v in fields.items() if v is not None})


@fix.command("list")
@options.graph
@options.as_json
@options.everything
def list_(graph: str, as_json: bool, everything: bool) -> int:
    """Lists the corrections, and whether each still matches something."""
    folder = options.folder(graph)
    rows = [
        {"line": e.line, "correction": e.text, "acts": "yes" if acted else "matches nothing"}
        for e, acted in folder.corrections()
    ]
    if as_json:
        render.json(rows)
        return 0 if rows else EMPTY
    render.table(rows, everything=everything)
    render.note(f"{len(rows)} corrections in {folder.curation_file}.")
    return 0 if rows else EMPTY


def _write(graph: str, note: str, action: str, value: Any) -> None:
    from kg.curation import entry

    folder = options.folder(graph)
    written, unknown = folder.correct(entry(action, value, file=f"kg fix {action}"), note=note)
    for name, near in unknown:
        render.note(f"Nothing in the graph is called {name!r} yet.{_maybe(near)}")
    render.note(f"{written.where}: {written.text}")
    render.note(_after(folder.path, written))


def _maybe(near: list[str]) -> str:
    return f" Did you mean {', '.join(near)}?" if near else ""


def _after(path: Any, entry: "Entry") -> str:
    return f"The next command on {path} applies it; delete line {entry.line} to undo it."


COMMANDS = (fix,)
