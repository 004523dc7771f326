"""Writes docs/quality.md: how well kg reads annotated papers that its weights have not seen.

    python docs/make_quality.py --model WEIGHTS "model pages=dev.jsonl" "arXiv 2024-25=dev_recent.jsonl" …

WEIGHTS is a folder that `kg train` wrote from other papers.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from kg.evaluate import Scores, evaluate, papers, read_annotated
from kg.extract import extractor
from kg.extract.learned import use_model
from kg.jsonl import record_to_json
from kg.schema import schema

PAGE = Path(__file__).with_name("quality.md")
FIGURES = {
    "entity/core": "Model, Dataset, Benchmark: found and typed",
    "entity/named": "the same and Method",
    "entity/named, any type": "the same, of whatever type",
    "introduced": "what the paper introduces, typed",
    "triple/core": "BUILT_ON, PART_OF, TRAINED_ON, EVALUATED_ON, HAS_SIZE, COMPARED_TO",
    "triple/core (object only)": "the same, whatever the subject",
    "triple/all": "all relations",
    "result": "scores, with data and metric",
}
CAUSES = """\
## What goes wrong

The ten commonest causes, counted by eye over papers not learnt from; the sentences are made up in the manner of the real
ones.

1. **A phrase or a name?** "We study *loss-aware token skipping* and find it helps." Whether a coined phrase in lower case
   names a method is where annotators hesitate too; half of what is introduced and missed is of this kind.
2. **Model or Method.** "FoldFormer is a framework for training folding networks." What is trained and predicts is a Model,
   what is done to models is a Method; abstracts often say neither.
3. **Whose is it?** "Built on Llama 2, the system also has a guard model. It is fine-tuned on chats." The subject of "it",
   "our approach" or of no word at all is taken to be the paper's one system; with several systems the wrong one may get it.
4. **Used, applied to, or built on.** "We fine-tune BERT and RoBERTa to compare their attention." A new model or a study
   of old ones? The words are the same; kg stays on the careful side and calls it applied to.
5. **The owner of a number.** "We train 1B and 7B variants on 300B tokens, against 2T for Llama 2." The amounts are found;
   one in four goes to a neighbour.
6. **Numbers of a study.** "We analyse 45 models on 12 languages": scope of a study, no size of anything.
7. **Dataset or Benchmark.** "We test on TextVQA and a new set of 500 charts." A set that is used both ways is annotated
   either way.
8. **Implied facts.** "MedCoder, our Mistral for hospitals, reads discharge letters." No word of making stands there.
9. **Background and own work.** "Following LLaVA, we connect a vision tower to the language model." Inspiration or ancestor?
10. **Wide nouns as tasks.** "for better reasoning over long documents": a task to one reader, a property to the next.
"""


def page(model: Path, sets: dict[str, Path]) -> str:
    """The page, measured now."""
    use_model(model)
    scored = {name: _scores(path) for name, path in sets.items()}
    lines = [
        "# How well it reads",
        "",
        "Made by `docs/make_quality.py` from `kg eval` over annotated papers, with weights that `kg train` learnt from other "
        "papers; the shipped weights have since learnt from these papers too. P: share of what is read that is "
        "annotated; R: share of what is annotated that is read; F1 with its 95 % interval, by drawing papers anew.",
        "",
        *_tables(scored),
        *_reliability(scored),
        CAUSES,
    ]
    return "\n".join(lines)


def _scores(path: Path) -> Scores:
    annotated = list(read_annotated(path))
    return evaluate(annotated, [record_to_json(r) for r in extractor().extract_all(papers(annotated))])


def _tables(scored: dict[str, Scores]) -> Iterator[str]:
    types = {f"entity/{t}": t for t in (*schema().named_types, "Task", "Metric")}
    relations = {f"triple/{r}": r for r in schema().claim_relations}
    for title, figures in (("In all", FIGURES), ("By type", types), ("By relation", relations)):
        yield f"## {title}"
        yield ""
        for name, scores in scored.items():
            yield f"**{name}**, {len(scores.papers)} papers"
            yield ""
            yield "| | annotated | read | P | R | F1 | 95 % |"
            yield "|---|---|---|---|---|---|---|"
            yield from (_row(scores, figure, told) for figure, told in figures.items())
            yield ""


def _row(scores: Scores, figure: str, told: str) -> str:
    count = scores.total[figure]
    low, high = scores.interval(figure)
    numbers = f"{count.precision:.3f} | {count.recall:.3f} | **{count.f1:.3f}** | {low:.3f} – {high:.3f}"
    return f"| {told} | {count.gold} | {count.predicted} | {numbers} |"


def _reliability(scored: dict[str, Scores]) -> Iterator[str]:
    judged = [j for scores in scored.values() for j in scores.judged]
    together = Scores([], [], judged)
    yield "## What confidence means"
    yield ""
    yield "The share that is annotated, of everything that was read with a confidence in that range, all sets together."
    yield ""
    yield "| read | confidence, per mille | how many | right |"
    yield "|---|---|---|---|"
    kinds = (
        ("names", schema().named_types),
        ("tasks and metrics", ("Task", "Metric")),
        ("triples", schema().claim_relations),
    )
    for told, what in kinds:
        for band in together.reliability(what):
            yield f"| {told} | {band.low} – {band.high} | {band.count} | {band.right:.2f} |"
    yield ""


def main() -> None:
    """Measures and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="weights that have not seen the papers")
    parser.add_argument("sets", nargs="+", metavar="NAME=GOLD")
    given = parser.parse_args()
    sets = {name: Path(path) for name, _, path in (s.partition("=") for s in given.sets)}
    PAGE.write_text(page(given.model, sets), "utf8")


if __name__ == "__main__":
    main()
