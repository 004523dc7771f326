import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest

from kg.errors import InputError
from kg.extract.clusters import learn_clusters
from kg.extract.document import Document
from kg.extract.memory import Counts, Index, Memory, features
from kg.extract.reader import Reader
from kg.extract.tagger import LABELS, OUT, Tagger, _decode
from kg.extract.train_entities import Teacher, global_features, read_gold, rows_of, train_entities
from kg.extract.weights import read_weights, write_weights

NAMES = [
    "Alder",
    "Birch",
    "Cedar",
    "Douglas",
    "Elm",
    "Fir",
    "Ginkgo",
    "Hazel",
    "Ivy",
    "Juniper",
    "Kapok",
    "Larch",
]


def gold(folder: Path) -> Path:
    path = folder / "gold.jsonl"
    lines = []
    for i, name in enumerate(NAMES):
        base = NAMES[i - 1]
        lines.append(
            {
                "id": str(i),
                "title": f"{name}Net: A Model for Parsing",
                "abstract": f"We present {name}Net, a model for parsing. It is built on {base}Net. "
                f"On the TreeBank-{i} dataset {name}Net is better.",
                "entities": [
                    {"name": f"{name}Net", "type": "Model", "aliases": [], "introduced": True},
                    {"name": f"{base}Net", "type": "Model", "aliases": [], "introduced": False},
                    {"name": f"TreeBank-{i}", "type": "Dataset", "aliases": [], "introduced": False},
                ],
                "triples": [],
            }
        )
    path.write_text("\n".join(map(json.dumps, lines)), "utf8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    return written(folder)


def written(folder: Path) -> Path:
    path = folder / "entities.npz"
    write_weights(train_entities([gold(folder)], folds=2, rounds=15).weights, path)
    return path


def test_learns_what_the_gold_shows(trained):
    document = Document("MapleNet: A Model for Parsing\nWe present MapleNet, built on OakNet.", 29)
    (entities,) = Reader(read_weights(trained)).read([document])
    assert {"MapleNet": True, "OakNet": False}.items() <= {e.name: e.introduced for e in entities}.items()


def test_same_gold_same_bytes(trained, tmp_path):
    assert written(tmp_path).read_bytes() == trained.read_bytes()


def test_too_little_gold_is_told(tmp_path):
    path = tmp_path / "few.jsonl"
    path.write_text('{"id":"1","title":"A","abstract":"B","entities":[],"triples":[]}\n', "utf8")
    with pytest.raises(InputError, match="too few"):
        train_entities([path])


def test_the_tagger_sums_what_the_teacher_shows(tmp_path):
    """The scores of the compiled tagger are those of the plain features, feature by feature."""
    examples = read_gold([gold(tmp_path)])
    teacher = Teacher(examples)
    index = Index(teacher.memory.counts)
    clusters = {"parsing": (1, 2, 3), "Net": (0, 1, 1), "built": (3, 1, 2)}
    shown = {
        e.id: list(rows_of(e, global_features(e, index, [(teacher.memory.view, "g")]), clusters))
        for e in examples
    }
    names = sorted({f for s in shown.values() for rows, _ in s for row in rows for f in row})
    random_ = np.random.default_rng(0)
    names = [n for n in names if random_.random() < 0.7]
    weights = random_.integers(-500, 500, (len(names), len(LABELS))).astype(np.int32)
    number = {n: i for i, n in enumerate(names)}
    tagger = Tagger(names, weights, np.zeros((len(LABELS), len(LABELS)), np.int32), clusters)
    prepared = [
        (e.document, tagger.words(e.document), global_features(e, index, [(teacher.memory.view, "g")]))
        for e in examples
    ]
    layout, scores = tagger._emissions(prepared)
    for at, example in enumerate(examples):
        sentences = [s for s in layout if s[0] == at]
        for (_, _, start, length), (rows, _) in zip(sentences, shown[example.id], strict=True):
            for i in range(length):
                hits = [number[f] for f in rows[i] if f in number]
                assert (scores[start + i] == weights[hits].sum(0)).all()


def allowed(before: str, after: str) -> bool:
    return after[0] != "I" or before[2:] == after[2:] != ""


def test_losses_are_those_of_all_labellings():
    """What a span costs against the best labelling, by trying every labelling of three words."""
    random_ = np.random.default_rng(1)
    scores = random_.integers(-800, 800, (5, len(LABELS))).astype(np.int32)
    transitions = random_.integers(-300, 300, (len(LABELS), len(LABELS))).astype(np.int32)
    worth = {}
    for path in itertools.product(range(len(LABELS)), repeat=3):
        names = [LABELS[p] for p in path]
        if allowed("O", names[0]) and all(allowed(a, b) for a, b in itertools.pairwise(names)):
            worth[path] = int(
                sum(scores[1 + t, p] for t, p in enumerate(path))
                + sum(transitions[a, b] for a, b in itertools.pairwise(path))
            )
    best = max(worth.values())
    (found,) = _decode([(0, 0, 1, 3)], scores, transitions, 100_000, 1)
    assert len(found) == 3 * (OUT - 1)
    for span in found:
        begin = LABELS.index(f"B-{span.type}")
        with_it = {p: w for p, w in worth.items() if p[span.first] == begin}
        top = max(with_it, key=with_it.__getitem__)
        assert span.loss == best - with_it[top]
        inside = [LABELS[p] == f"I-{span.type}" for p in (*top[span.first + 1 :], 0)]
        assert span.last == span.first + 1 + inside.index(False)


def test_a_paper_does_not_learn_from_itself(tmp_path):
    examples = read_gold([gold(tmp_path)])
    teacher = Teacher(examples)
    assert teacher.memory.view("aldernet").texts == 2  # its own paper, and the one that builds on it
    assert teacher.without(examples[0].id)("aldernet") == Counts(1, (1, 0, 0, 0, 0, 0))
    assert teacher.without(examples[5].id)("aldernet") == teacher.memory.view("aldernet")


def test_names_are_found_longest_first():
    names = ["swin transformer", "swin", "transformer", "swin transformer v2"]
    index = Index(names)
    assert [m.name for m in index.matches("a swin transformer v2 of transformer".split())] == [
        "swin transformer v2", "swin transformer", "swin", "transformer", "transformer"
    ]  # fmt: skip
    memory = Memory({n: Counts(3, (3, 0, 0, 0, 0, 0)) for n in names})
    bundles = features(index.matches(["swin", "transformer"]), [(memory.view, "g")])
    marked = [(at, feature) for at, bundle in bundles for feature in bundle]
    assert (0, "g=BModelh") in marked
    assert (1, "g=IModelh") in marked


@pytest.mark.parametrize("seed", range(5))
def test_the_index_misses_no_name(seed):
    random_ = random.Random(seed)
    names = {" ".join(random_.choices("abc", k=random_.randint(1, 4))) for _ in range(15)}
    words = random_.choices("abcd", k=40)
    expected = {
        (i, j, " ".join(words[i:j]))
        for i in range(40)
        for j in range(i + 1, 41)
        if " ".join(words[i:j]) in names
    }
    assert set(Index(names).matches(words)) == expected


def test_words_in_like_company_share_a_cluster():
    texts = [
        f"T\nwe {verb} the {noun} on a {place} today."
        for verb in ("train", "tune", "test")
        for noun in ("model", "network", "parser")
        for place in ("corpus", "treebank", "benchmark")
    ]
    clusters = learn_clusters([Document(t, 1) for t in texts])
    assert clusters["corpus"][0] == clusters["treebank"][0]
    assert clusters["model"][0] == clusters["network"][0]
    assert all(len(c) == 3 for c in clusters.values())
