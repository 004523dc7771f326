"""Commands that show how well and why kg reads what it reads, and make it learn: explain, eval, train."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options, render
from kg.cli.boundary import EMPTY

if TYPE_CHECKING:
    from kg.evaluate import Scores


@click.command()
@click.argument("text", nargs=-1, required=True)
@options.uses_lexicon
@options.model
@options.as_json
def explain(text: tuple[str, ...], as_json: bool) -> int:
    """Shows what is read in TEXT ("-" for stdin): mentions, the rules and scores behind each triple, what was dropped.

    Of several lines the first is taken as the title.
    """
    from kg.extract import extractor

    given = " ".join(text)
    told = extractor().explain(sys.stdin.read() if given == "-" else given)
    if as_json:
        render.json(told)
    else:
        render.explanation(told)
    return 0 if told["entities"] else EMPTY


@click.command("eval")
@click.argument("gold", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="GOLD…")
@click.option(
    "--records", type=click.Path(path_type=Path), help="Score these records instead of reading GOLD's texts."
)
@click.option("--errors", type=click.IntRange(0), default=0, metavar="N", help="Show N mistakes too.")
@click.option(
    "--reliability", is_flag=True, help="Show how often what was read with which confidence is right."
)
@click.option("--intervals", is_flag=True, help="95 % intervals of F1, by drawing papers anew.")
@options.uses_lexicon
@options.model
@options.as_json
def evaluate(
    gold: tuple[Path, ...],
    records: Path | None,
    errors: int,
    reliability: bool,
    intervals: bool,
    as_json: bool,
) -> None:
    """Measures precision, recall and F1 against annotated papers (JSON Lines with entities and triples)."""
    import json

    from kg.evaluate import evaluate as score
    from kg.evaluate import papers, read_annotated
    from kg.extract import extractor
    from kg.jsonl import record_to_json

    annotated = [paper for path in gold for paper in read_annotated(path)]
    if records:
        predicted: list[dict[str, Any]] = [
            json.loads(line) for line in records.read_text("utf8").splitlines() if line
        ]
    else:
        predicted = [record_to_json(r) for r in extractor().extract_all(papers(annotated))]
    scores = score(annotated, predicted)
    rows = _bands(scores) if reliability else _rows(scores, intervals=intervals)
    if as_json:
        render.json(rows if reliability else {str(row.pop("figure")): row for row in rows})
        return
    render.table(rows, everything=True)
    for mistake in scores.mistakes[:errors]:
        click.echo("\t".join((mistake.paper, mistake.kind, mistake.what, mistake.text)))


def _bands(scores: "Scores") -> list[dict[str, Any]]:
    from kg.schema import schema

    return [
        {"read": what, "confidence": f"{b.low}–{b.high}", "predictions": b.count, "right": round(b.right, 3)}
        for what, kinds in (
            ("names", schema().named_types),
            ("tasks and metrics", ("Task", "Metric")),
            ("triples", schema().claim_relations),
        )
        for b in scores.reliability(kinds)
    ]


def _rows(scores: "Scores", *, intervals: bool) -> list[dict[str, Any]]:
    rows = []
    for figure, count in scores.total.items():
        row: dict[str, Any] = {
            "figure": figure,
            "gold": count.gold,
            "pred": count.predicted,
            "hit": count.hit,
        }
        row |= {"P": round(count.precision, 4), "R": round(count.recall, 4), "F1": round(count.f1, 4)}
        if intervals:
            row["95 %"] = [round(x, 3) for x in scores.interval(figure)]
        rows.append(row)
    return rows


@click.command()
@click.argument("gold", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="GOLD…")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where to write the weights; read with them by --model FOLDER or KG_MODEL.",
)
@click.option(
    "--folds", type=click.IntRange(2), default=3, show_default=True, help="Parts that read each other unseen."
)
@options.quiet
def train(gold: tuple[Path, ...], output: Path, folds: int, quiet: bool) -> None:
    """Learns the weights of the reader from annotated papers, the format that `kg eval` takes.

    The lexicon and the rules stay as they are. Needs `pip install 'paper-kg[train]'`.
    """
    from kg.errors import UsageError

    try:
        import pycrfsuite  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UsageError(f"Training needs {error.name}: pip install 'paper-kg[train]'.") from error
    from kg.extract.train import train as learn

    learn(gold, output, folds=folds, say=(lambda _: None) if quiet else render.note)
    if not quiet:
        render.note(f"Read with it: kg extract --model {output} PAPERS    kg eval --model {output} GOLD")


COMMANDS = (explain, evaluate, train)
