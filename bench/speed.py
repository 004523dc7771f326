"""Speed as ratios, measured side by side in one run on one core: `make bench PAPERS=FILE`, or bench/speed.py [PAPERS…].

kg reads the papers once each, so that no text is seen twice: entities, relations, sizes and scores, learned part and
all. spaCy's default NER pipeline (blank English with a freshly initialised `ner`; weights do not matter for speed)
reads a part of the same texts in between. Time is the processor's, so that other work on the machine counts little.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from itertools import islice
from statistics import median

ROUNDS = 7
WARM, OURS_PER_ROUND, SPACY_PER_ROUND = 600, 300, 40
NEEDED = WARM + ROUNDS * OURS_PER_ROUND


def main(paths: list[str]) -> None:
    """Prints papers per second of both, and the median of the ratios of the rounds."""
    _one_core()
    from kg import sources
    from kg.demo import papers as demo_papers
    from kg.extract import extractor
    from kg.types import Paper

    found = sources.read(paths) if paths else demo_papers()
    papers = [p for p in islice(found, NEEDED) if isinstance(p, Paper)]
    if len(papers) < NEEDED:
        print(
            f"only {len(papers)} papers: texts repeat, which flatters kg; {NEEDED:,} do not: make bench PAPERS=FILE"
        )
        papers = (papers * (1 + NEEDED // len(papers)))[:NEEDED]
    reader, ner = extractor(), _spacy_ner([p.text for p in papers[:20]])
    _drain(reader.extract_all(papers[:WARM], processes=1))
    rates = []
    for start in range(WARM, NEEDED, OURS_PER_ROUND):
        batch = papers[start : start + OURS_PER_ROUND]
        texts = [p.text for p in batch[:SPACY_PER_ROUND]]
        ours = _rate(lambda batch=batch: _drain(reader.extract_all(batch, processes=1)), len(batch))
        theirs = _rate(lambda texts=texts: _drain(ner.pipe(texts)), len(texts))
        rates.append((ours, theirs, ours / theirs))
        print(_line(*rates[-1]))
    print("median\n" + _line(*map(median, zip(*rates, strict=True))))


def _one_core() -> None:
    """Keeps to one processor; before numpy is imported, which asks how many threads it may have."""
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _line(ours: float, theirs: float, ratio: float) -> str:
    return f"kg {ours:8,.0f} papers/s   spaCy NER {theirs:6,.0f} papers/s   ratio {ratio:5.1f}"


def _rate(work: Callable[[], None], count: int) -> float:
    """Papers per second of processor time."""
    start = time.process_time()
    work()
    return count / (time.process_time() - start)


def _drain(items: Iterable[object]) -> None:
    for _ in items:
        pass


def _spacy_ner(texts: list[str]):
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    for label in ("Model", "Dataset", "Benchmark", "Method", "Task", "Metric"):
        ner.add_label(label)
    nlp.initialize(lambda: [Example.from_dict(nlp.make_doc(t), {"entities": []}) for t in texts])
    list(nlp.pipe(texts))
    return nlp


if __name__ == "__main__":
    main(sys.argv[1:])
