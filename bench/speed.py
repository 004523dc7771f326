"""Speed as ratios, measured side by side in one run on one core: `make bench`, or bench/speed.py [PAPERS…].

kg reads the papers once each, so that no text is seen twice; spaCy's default NER pipeline (blank English with a
freshly initialised `ner`, weights do not matter for speed) reads a part of the same texts in between.
"""

import sys
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

ROUNDS = 5
OURS_PER_ROUND, SPACY_PER_ROUND = 400, 40


def main(paths: list[str]) -> None:
    """Prints papers per second of both, and the median of the ratios of the rounds."""
    from kg import sources
    from kg.demo import papers as demo_papers
    from kg.extract import extractor
    from kg.types import Paper

    found = sources.read(paths) if paths else demo_papers()
    papers = [p for p in islice(found, (ROUNDS + 1) * OURS_PER_ROUND) if isinstance(p, Paper)]
    if len(papers) < (ROUNDS + 1) * OURS_PER_ROUND:
        print(f"only {len(papers)} papers: texts repeat, which flatters kg; give a file of 2,400 or more")
        papers *= 1 + (ROUNDS + 1) * OURS_PER_ROUND // len(papers)
    reader, ner = extractor(), _spacy_ner([p.text for p in papers[:20]])
    batches = [papers[i * OURS_PER_ROUND : (i + 1) * OURS_PER_ROUND] for i in range(ROUNDS + 1)]
    _rate(lambda: _drain(reader.extract_all(batches[0], processes=1)), OURS_PER_ROUND)
    ratios = []
    for batch in batches[1:]:
        ours = _rate(lambda batch=batch: _drain(reader.extract_all(batch, processes=1)), len(batch))
        texts = [p.text for p in batch[:SPACY_PER_ROUND]]
        theirs = _rate(lambda texts=texts: _drain(ner.pipe(texts)), len(texts))
        ratios.append(ours / theirs)
        print(f"kg {ours:8,.0f} papers/s   spaCy NER {theirs:6,.0f} papers/s   ratio {ours / theirs:5.1f}")
    print(f"median ratio {sorted(ratios)[len(ratios) // 2]:.1f}")


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
    main([str(Path(p)) for p in sys.argv[1:]])
