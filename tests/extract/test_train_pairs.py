"""Training the classifier of pairs on a handful of papers: learnt, written, read again, the same bytes twice."""

from pathlib import Path

import pytest

import toy_gold
from toy_gold import NAMES, paper

pytest.importorskip("sklearn", reason="training needs scikit-learn")

from kg.extract.document import Document
from kg.extract.gold import locate
from kg.extract.pairs import RELATIONS, PairModel
from kg.extract.relations import triples
from kg.extract.slots import slots
from kg.extract.train_pairs import train_pairs


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return toy_gold.gold(tmp_path, NAMES[:-1])


def test_learns_what_the_gold_says_and_nothing_of_what_it_does_not(gold: Path, tmp_path: Path) -> None:
    reached = train_pairs([gold], tmp_path / "weights")
    assert reached["BUILT_ON"] > 0.9
    assert reached["DERIVED_FROM"] == 0
    unseen = paper(NAMES[-1])
    text = f"{unseen['title']}\n{unseen['abstract']}"
    read = slots(Document(text, len(unseen["title"])), locate(text, unseen["entities"]))
    found = triples(read, PairModel.load(tmp_path / "weights" / "pairs.npz"))
    assert {(t.subject, t.relation, t.object) for t in found} == {
        ("Petrel", "BUILT_ON", "LLaMA"),
        ("Petrel", "COMPARED_TO", "Falcon"),
    }
    assert set(reached) == set(RELATIONS)


def test_the_same_gold_gives_the_same_bytes(gold: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        train_pairs([gold], tmp_path / folder)
    assert (tmp_path / "a" / "pairs.npz").read_bytes() == (tmp_path / "b" / "pairs.npz").read_bytes()
