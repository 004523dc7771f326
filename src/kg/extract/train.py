"""Learns all weights from annotated papers, step by step; each learns from what the ones before read unseen.

Entities first (`train_entities`), then which names are one thing (`train_coreference`), whose a size is
(`train_sizes`), and which relation holds between two names (`train_pairs`). What a step reads of a paper when it has not
learnt from it is what the next one gets to see, so that each knows the mistakes of those before.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from kg.extract.coreference import joined
from kg.extract.document import Document
from kg.extract.gold import Gold, read_gold
from kg.extract.linear import Linear, save
from kg.extract.train_coreference import train_coreference
from kg.extract.train_entities import train_entities
from kg.extract.train_pairs import train_pairs
from kg.extract.train_sizes import train_sizes
from kg.extract.weights import write_weights
from kg.types import RecordEntity

_Read = tuple[Gold, Document, Sequence[RecordEntity]]


def train(
    gold_paths: Iterable[Path],
    out_folder: Path,
    *,
    texts: Iterable[Document] | None = None,
    folds: int = 3,
    rounds: int = 60,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, float]:
    """Writes the four files of weights into a folder; gives F1 of each relation on papers not learnt from.

    `gold_paths`: JSON Lines of annotated papers (id, title, abstract, entities, triples); `texts`: unlabelled papers to
    learn clusters of words from, else the shipped clusters serve; `folds`: parts that are read by what has learnt from
    the others; `rounds`: of the tagger's optimiser. The same gold gives the same bytes on the same machine; some five
    minutes of one core for a thousand papers. Needs `pip install paper-kg[train]`; an InputError says which line is no
    annotated paper or that there are too few.
    """
    paths = list(gold_paths)
    papers = [(g, Document(g.paper.text, len(g.paper.title))) for g in read_gold(paths)]
    entities = train_entities(paths, texts=texts, folds=folds, rounds=rounds, say=say)
    read = [(gold, document, entities.unseen[document.text]) for gold, document in papers]
    same = train_coreference(read)
    say(f"names that are one thing: learnt from {len(read):,} papers")
    unseen = _joined_unseen(read)
    sizes = train_sizes(gold for gold, _ in papers)
    say("sizes: learnt which amounts are sizes, and whose")
    out_folder.mkdir(parents=True, exist_ok=True)
    write_weights(entities.weights, out_folder / "entities.npz")
    save(out_folder / "coreference.npz", ("same", same))
    save(out_folder / "sizes.npz", ("is_size", sizes.is_size), ("whose", sizes.whose))
    return train_pairs(
        paths, out_folder, entities=lambda documents: [unseen[d.text] for d in documents], say=say
    )


def _joined_unseen(read: Sequence[_Read]) -> dict[str, list[RecordEntity]]:
    """The entities of each paper, joined by a model that had not seen it."""
    halves: list[Linear] = [train_coreference([r for i, r in enumerate(read) if i % 2 != f]) for f in (0, 1)]
    return {
        document.text: joined(document, found, halves[i % 2]) for i, (_, document, found) in enumerate(read)
    }
