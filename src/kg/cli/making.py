"""Commands that make a graph: extract, build, remove, demo."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import click

from kg.cli import options, render
from kg.cli.boundary import EMPTY
from kg.errors import UsageError

_papers = click.argument(
    "papers", nargs=-1, required=True, type=click.Path(allow_dash=True), metavar="PAPERS…"
)
_processes = click.option(
    "--processes", type=click.IntRange(1), help="How many to read with; default: one a core."
)


@click.command()
@_papers
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="Where to write; - is stdout (the default)."
)
@options.mapping
@_processes
@options.uses_lexicon
@options.model
@options.quiet
def extract(
    papers: tuple[str, ...], output: str, mapping: dict[str, str], processes: int | None, quiet: bool
) -> int:
    """Reads PAPERS (files, folders, or - for stdin) into records: one JSON line a paper, in input order.

    What cannot be read as a paper is set aside beside FILE, as FILE.rejects.jsonl, with the reason
    (kg.rejects.jsonl where the records go to stdout).
    """
    from kg.build import extract_to

    rejects = Path("kg.rejects.jsonl" if output == "-" else f"{output}.rejects.jsonl")
    with _opened(output) as file, render.progress("Extracting", quiet=quiet) as progress:
        report = extract_to(
            papers, file, mapping=mapping, processes=processes, progress=progress, rejects=rejects
        )
    if not quiet:
        render.note(f"{report.papers:,} papers read{_set_aside(report.rejected, rejects)}.")
    return 0 if report.papers else EMPTY


@click.command()
@click.argument("papers", nargs=-1, type=click.Path(allow_dash=True), metavar="PAPERS…")
@options.graph
@options.lexicon
@click.option("--no-lexicon", is_flag=True, help="No longer with names of your own.")
@options.curation
@click.option("--fresh", is_flag=True, help="Start from no papers.")
@options.mapping
@_processes
@options.model
@options.as_json
@options.quiet
def build(
    papers: tuple[str, ...],
    graph: str,
    lexicon: tuple[str, ...] | None,
    no_lexicon: bool,
    curation: str | None,
    fresh: bool,
    mapping: dict[str, str],
    processes: int | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Adds PAPERS (files, folders, or - for stdin) to the graph, and refreshes what it has of them.

    Takes BibTeX, RIS, CSL-JSON, Zotero CSV, OpenAlex, Semantic Scholar, arXiv (snapshot, Atom, OAI-PMH), ACL
    Anthology, OpenReview and conference lists, page dumps, a .txt or .md of one paper, JSON, CSV, TSV, Parquet
    and records of `kg extract`, also .gz and .zst. All of it is done, or none. Without PAPERS, brings the graph
    up to date with its corrections and with this version of kg.
    """
    from kg.build import build as run

    folder = options.folder(graph)
    if not papers and not folder.exists:
        raise UsageError(f"There is no graph at {folder.path} yet, so name the PAPERS to build it from.")
    with render.progress("Building", quiet=quiet) as progress:
        report = run(
            papers,
            folder,
            fresh=fresh,
            mapping=mapping,
            curation=curation,
            lexicon=() if no_lexicon else lexicon,
            processes=processes,
            progress=progress,
        )
    if as_json:
        render.json(report)
    elif not quiet:
        for line in report.unmatched:
            render.note(f"Matches nothing: {line}")
        changes = {
            "added": report.added,
            "refreshed": report.refreshed,
            "unchanged": report.unchanged,
            "duplicates": report.duplicates,
            "read again": report.reread,
        }
        told = ", ".join(f"{n:,} {what}" for what, n in changes.items() if n) or "none"
        render.note(
            f"{report.papers:,} papers: {told}{_set_aside(report.rejected, folder.path / 'rejects.jsonl')}."
        )
        render.note(
            f'{folder.path} holds {report.total:,}. Ask it: kg ask -g {folder.path} "what is built on Llama"'
        )
    return 0 if report.total else EMPTY


@click.command()
@click.argument("papers", nargs=-1, required=True, metavar="PAPER…")
@options.graph
@options.as_json
@options.quiet
def remove(papers: tuple[str, ...], graph: str, as_json: bool, quiet: bool) -> None:
    """Removes papers from the graph, each named by its key (arXiv id, DOI) or by the id that its input gave it."""
    from kg.build import remove as run

    with render.progress("Removing", quiet=quiet) as progress:
        report = run(options.folder(graph), papers, progress=progress)
    if as_json:
        render.json(report)
    elif not quiet:
        render.note(f"Removed {', '.join(report.removed)}.")
        if report.left:
            render.note(f"Other copies of the same title stay: {', '.join(report.left)}.")


@click.command()
@click.option(
    "-g", "--graph", default="demo.kg", show_default=True, metavar="GRAPH", help="Where to put the graph."
)
@options.quiet
def demo(graph: str, quiet: bool) -> None:
    """Builds a graph from the bundled papers and asks it what is built on Llama."""
    import importlib.resources

    from kg.ask import ask
    from kg.build import build as run

    folder = options.folder(graph)
    with (
        importlib.resources.as_file(importlib.resources.files("kg.demo") / "papers.jsonl") as papers,
        render.progress("Building", quiet=quiet) as progress,
    ):
        report = run([papers], folder, fresh=True, progress=progress)
    if not quiet:
        render.note(f"{report.papers} papers that ship with kg, now a graph in {folder.path}.\n")
    question = "what is built on Llama"
    click.echo(f'$ kg ask -g {folder.path} "{question}"')
    with folder.store() as store:
        render.answer(ask(store, question))
    if not quiet:
        render.note(f"\nNow yours: kg build PAPERS -g my.kg    kg show -g {folder.path} Mistral    kg --help")


def _opened(output: str) -> Any:
    from kg.jsonl import atomic

    stdout: IO[str] = sys.stdout
    return nullcontext(stdout) if output == "-" else atomic(Path(output))


def _set_aside(count: int, where: Path) -> str:
    return f"; {count:,} set aside, see {where}" if count else ""


COMMANDS = (extract, build, remove, demo)
