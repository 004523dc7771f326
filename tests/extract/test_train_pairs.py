"""Training the classifier of pairs on a handful of papers: learnt, written, read again, the same bytes twice."""

import json
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="training needs scikit-learn")

from kg.extract.document import Document
from kg.extract.gold import locate
from kg.extract.pairs import RELATIONS, PairModel
from kg.extract.relations import triples
from kg.extract.slots import slots
from kg.extract.train_pairs import train_pairs

NAMES = ["Ardent", "Bexley", "Corvid", "Dunlin", "Egret", "Falcata", "Gannet", "Heron", "Ibis", "Jacana", "Kestrel",
         "Lapwing", "Merlin", "Nightjar", "Osprey", "Petrel"]  # fmt: skip


def paper(name: str) -> dict[str, object]:
    entities = [(name, "Model", True), ("LLaMA", "Model", False), ("Falcon", "Model", False)]
    return {
        "id": name,
        "title": f"{name}: a small model",
        "abstract": f"We present {name}, which is fine-tuned from LLaMA. It outperforms Falcon.",
        "entities": [{"name": n, "type": t, "aliases": [], "introduced": i} for n, t, i in entities],
        "triples": [
            {"subject": name, "relation": "BUILT_ON", "object": "LLaMA", "how": "fine-tuned"},
            {"subject": name, "relation": "COMPARED_TO", "object": "Falcon", "outcome": "better"},
        ],
    }


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(paper(n)) + "\n" for n in NAMES[:-1]))
    return path


def test_learns_what_the_gold_says_and_nothing_of_what_it_does_not(gold: Path, tmp_path: Path) -> None:
    reached = train_pairs([gold], tmp_path / "weights")
    assert reached["BUILT_ON"] > 0.9
    assert reached["DERIVED_FROM"] == 0
    unseen = paper(NAMES[-1])
    text = f"{unseen['title']}\n{unseen['abstract']}"
    read = slots(Document(text, len(str(unseen["title"]))), locate(text, unseen["entities"]))  # type: ignore[arg-type]
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
