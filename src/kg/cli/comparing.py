"""Commands that compare: diff."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options, render
from kg.cli.boundary import EMPTY

if TYPE_CHECKING:
    from kg.diff import Change, Comparison

_path = click.Path(exists=False, path_type=Path)


@click.command()
@click.argument("old", type=_path)
@click.argument("new", type=_path)
@options.as_json
@options.everything
def diff(old: Path, new: Path, as_json: bool, everything: bool) -> int:
    """Shows what papers, entities, edges and claims are added, gone or changed from OLD to NEW.

    Each is a graph's folder, records of `kg extract` (a file, or a folder of such files), or a folder of tables that
    `kg export` wrote as CSV or Parquet. The exit code is 1 where nothing differs.
    """
    from kg.diff import compare

    with compare(old, new) as comparison:
        counts = comparison.counts
        if as_json:
            render.json({"counts": counts, **_changes(comparison)})
        else:
            _show(comparison, None if everything else render.FIRST)
    return 0 if any(n for kinds in counts.values() for n in kinds.values()) else EMPTY


def _show(comparison: "Comparison", limit: int | None) -> None:
    counts = comparison.counts
    render.table([{"": table, **kinds} for table, kinds in counts.items()], everything=True)
    for table, kinds in counts.items():
        for kind, count in kinds.items():
            if count:
                click.echo(f"\n{table} {kind}")
                for change in comparison.changes(table, kind, limit=limit):
                    click.echo(f"  {_line(change)}")
                render.more(count - min(count, limit or count))


def _line(change: "Change") -> str:
    from kg.ask.tree import shortened

    row = change.row
    said = f"  “{shortened(row['quote'], 120)}”" if row.get("quote") else ""
    what = " ".join(str(v) for k, v in row.items() if k not in ("quote", "paper", "type", "year"))
    about = [str(row[k]) for k in ("type", "paper", "year") if k in row]
    fields = [f"{name} {_value(old)} → {_value(new)}" for name, (old, new) in change.fields.items()]
    return f"{what}{f' ({about[0]})' if about else ''}{said}{': ' if fields else ''}{'; '.join(fields)}"


def _value(value: Any) -> str:
    from kg.ask.tree import shortened

    return "nothing" if value is None else shortened(render.cell(value), 60)


def _changes(comparison: "Comparison") -> dict[str, Any]:
    from kg.diff import KINDS
    from kg.graph import TABLES

    return {
        table: {kind: [_data(change) for change in comparison.changes(table, kind)] for kind in KINDS}
        for table in TABLES
    }


def _data(change: "Change") -> dict[str, Any]:
    fields = {name: {"old": old, "new": new} for name, (old, new) in change.fields.items()}
    return {"id": change.id, **change.row, **({"fields": fields} if fields else {})}


COMMANDS = (diff,)
