"""How answers, rows and progress look: rich on a terminal, plain elsewhere, JSON on request."""

import json as json_module
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import click

from kg.types import Answer

FIRST = 20
"""How many rows a terminal shows without --all."""


def json(value: Any) -> None:
    """Prints a value as JSON, indented."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    click.echo(json_module.dumps(value, ensure_ascii=False, indent=2, default=str))


def note(text: str) -> None:
    """Says something on stderr."""
    click.echo(text, err=True)


def table(rows: Sequence[Mapping[str, Any]], *, everything: bool = False) -> None:
    """Prints rows as a table: aligned on a terminal, tab-separated in a pipe."""
    if not rows:
        return
    columns = list(dict.fromkeys(c for row in rows for c in row))
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(cell(row.get(c)) for c in columns))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    shown = rows if everything else rows[:FIRST]
    grid = Table(*(escape(c) for c in columns), box=None, header_style="bold", pad_edge=False)
    for row in shown:
        grid.add_row(*(Text(cell(row.get(c))) for c in columns))
    Console(highlight=False).print(grid)
    more(len(rows) - len(shown))


def more(hidden: int) -> None:
    """Says how many rows were not shown."""
    if hidden > 0:
        note(f"… and {hidden} more (--all)")


def cell(value: Any) -> str:
    """One value on one line.

    >>> cell(None), cell(["a", 2]), cell({"id": "x"}), cell("a\\nb")
    ('', 'a, 2', '{"id": "x"}', 'a b')
    """
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value):
        return ", ".join(map(str, value))
    text = (
        json_module.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, (dict, list))
        else str(value)
    )
    return " ".join(text.split())


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[str, int, int | None], None] | None]:
    """A bar on stderr while a long work runs.

    Yields a function (what is being done, how much is done, of how much), or None without a terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def update(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=what.capitalize() or title, completed=done, total=total)

        yield update


def answer(found: Answer, *, form: str = "tree", everything: bool = False) -> None:
    """Prints an answer: a tree with quotes, a card, a list; its notes on stderr."""
    from kg.ask import as_dot, as_mermaid, as_text

    if form == "mermaid":
        click.echo(as_mermaid(found), nl=False)
    elif form == "dot":
        click.echo(as_dot(found), nl=False)
    elif found.rows:
        width = shutil.get_terminal_size((160, 24)).columns if sys.stdout.isatty() else 160
        click.echo(
            as_text(
                found,
                limit=None if everything or not sys.stdout.isatty() else FIRST,
                width=max(60, width - 12),
            )
        )
    for line in found.notes:
        note(line)


def answer_file(found: Answer, path: Path, *, everything: bool = False) -> None:
    """Writes an answer with rows to a file, pictures of the first rows; its notes and what was written on stderr."""
    from kg.ask import write

    for line in found.notes:
        note(line)
    if found.rows:
        write(found, path, limit=None if everything else FIRST)
        note(f"Wrote {path}.")


def answer_json(found: Answer) -> None:
    """Prints an answer as one JSON object."""
    from kg.ask import as_data

    json(as_data(found))


def cypher(found: Answer) -> None:
    """Prints the Cypher that answered, with its parameters."""
    click.echo(f"\n{found.cypher}")
    if found.parameters:
        click.echo(f"// {json_module.dumps(found.parameters, ensure_ascii=False, default=str)}")


def explanation(told: Mapping[str, Any]) -> None:
    """Prints what was read in a text, and what was not, with reasons."""
    for entity in told["entities"]:
        marks = " introduced" if entity["introduced"] else ""
        also = f"  also {', '.join(entity['aliases'])}" if entity["aliases"] else ""
        click.echo(f"{entity['type']:<10}{entity['name']}{also}  ({entity['confidence'] / 10:.0f} %{marks})")
    for triple in told["triples"]:
        detail = ", ".join(str(triple[k]) for k in ("how", "outcome", "value", "unit") if k in triple)
        click.echo(
            f"\n{triple['subject']} {triple['relation']} {triple['object']}"
            + (f"  [{detail}]" if detail else "")
        )
        for evidence in triple["evidence"]:
            click.echo(f"   “{evidence['quote']}”")
            click.echo(f"   read by {evidence['rule']} ({triple['confidence'] / 10:.0f} %)")
    for result in told["results"]:
        parts = [
            result["subject"],
            result["metric"] or "score",
            result["value"],
            f"on {result['on']}" if result["on"] else "",
        ]
        click.echo(f"\n{' '.join(p for p in parts if p)}  [result]")
    if told["dropped"]:
        click.echo("\nnot read:")
        for dropped in told["dropped"]:
            click.echo(f"   {dropped['what']}: {dropped['reason']}")
