"""Learns the pair classifier from annotated papers.

One logistic regression a relation over the pairs whose types it allows, a threshold a relation chosen by
cross-validation, and two small classifiers that say how a model was built and how a comparison ended.
Needs scikit-learn (`pip install paper-kg[train]`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.extract.document import Document
from kg.extract.gold import Gold, read_gold
from kg.extract.pairs import GROUPS, HOWS, OUTCOMES, RELATIONS, SCALE, Book, Seer
from kg.extract.slots import slots
from kg.schema import schema
from kg.types import PAPER, RecordEntity

Entities = Callable[[Sequence[Document]], list[list[RecordEntity]]]
Say = Callable[[str], None]
FOLDS = 5
STRENGTH = 0.1
RARE = 4
SMALL = 0.08
KEPT = 20_000
NEVER = -30.0
"""The score of what the gold holds too few of to learn."""
_BATCH = 64


@dataclass(slots=True)
class Rows:
    """Training pairs: the rows of the book that each shows, what the gold says of it, where it comes from."""

    seen: list[Any]  # one array of rows a pair
    groups: list[int]
    labels: list[dict[str, str | None]]  # relation -> how or outcome
    types: list[tuple[str, str]]
    papers: list[int]
    read: list[bool]  # between entities as the extractor reads them, not as annotated
    missed: dict[str, int]  # gold triples that no pair stands for


def train_pairs(
    gold_paths: Iterable[Path],
    out_folder: Path,
    *,
    entities: Entities | None = None,
    say: Say = lambda _: None,
) -> dict[str, float]:
    """Writes `pairs.npz` into the folder; gives F1 of each relation in cross-validation.

    `entities` gives the entities of documents as the extractor reads them, best by a reader that has not learnt
    from these papers. It is then learnt from both these and the annotated entities, and thresholds suit what is
    read; without it only the annotated ones are taken.
    """
    papers = list(read_gold(gold_paths))
    rows = Rows([], [], [], [], [], [], dict.fromkeys(RELATIONS, 0))
    book = Book()
    seer = Seer(book)
    for start in range(0, len(papers), _BATCH):
        batch = papers[start : start + _BATCH]
        documents = [Document(g.paper.text, len(g.paper.title)) for g in batch]
        found = entities(documents) if entities else [list(g.entities) for g in batch]
        for number, (gold, document, named) in enumerate(zip(batch, documents, found, strict=True), start):
            missed = _collect(rows, seer, gold, document, named, number, read=entities is not None)
            for relation in missed:
                rows.missed[relation] += 1
            if entities:
                _collect(rows, seer, gold, document, list(gold.entities), number, read=False)
    return _learn(rows, book.names, out_folder, say)


def _collect(
    rows: Rows,
    seer: Seer,
    gold: Gold,
    document: Document,
    named: list[RecordEntity],
    number: int,
    *,
    read: bool,
) -> list[str]:
    """Adds the pairs of a paper; gives the relations of the triples that none of them stands for."""
    import numpy as np

    truth = _truth(gold, named)
    seen = seer.pairs(slots(document, named))
    for pair in seen.pairs:
        shown = (seen.of_object[pair.object] | seen.of_subject[pair.subject] | pair.seen) - {None}
        rows.seen.append(np.fromiter(sorted(r for r in shown if r is not None), np.int32))
        rows.groups.append(GROUPS.index(seen.roles[pair.subject][0]))
        rows.labels.append(truth.pop((pair.subject, pair.object), {}))
        subject = "Paper" if pair.subject < 0 else named[pair.subject].type
        rows.types.append((subject, named[pair.object].type))
        rows.papers.append(number)
        rows.read.append(read)
    return [relation for left in truth.values() for relation in left]


def _truth(gold: Gold, found: Sequence[RecordEntity]) -> dict[Any, dict[str, str | None]]:
    """The gold's triples between the entities found: (subject, object) -> relation -> how or outcome.

    A triple between things that were not found keeps its names as key.
    """
    where = {_fold(s): i for i, e in reversed(list(enumerate(found))) for s in (e.name, *e.aliases)}
    forms = {e.name: [_fold(s) for s in (e.name, *e.aliases)] for e in gold.entities}

    def index(name: str) -> int | str:
        if name == PAPER:
            return -1
        return next((where[s] for s in forms.get(name, [_fold(name)]) if s in where), name)

    truth: dict[Any, dict[str, str | None]] = {}
    for triple in gold.triples:
        if triple["relation"] in RELATIONS:
            key = (index(triple["subject"]), index(triple["object"]))
            said = triple.get("how") or triple.get("outcome")
            truth.setdefault(key, {})[triple["relation"]] = said
    return truth


def _fold(name: str) -> str:
    kept = "".join(c for c in name.lower() if c.isalnum() or c == "+")
    return kept[:-1] if len(kept) > 3 and kept.endswith("s") and not kept.endswith("ss") else kept


def _matrix(rows: Rows, width: int) -> tuple[Any, Any]:
    """A sparse matrix of what is not rare, once for any subject and once for its group; and its columns.

    Column c stands for row c % width of the book: c // width is 0 for any subject, else the group + 1.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    both = [np.concatenate((s, s + width * (g + 1))) for s, g in zip(rows.seen, rows.groups, strict=True)]
    ends = np.cumsum([0, *map(len, both)])
    indices = np.concatenate(both)
    columns = width * (len(GROUPS) + 1)
    kept = np.flatnonzero(np.bincount(indices, minlength=columns) >= RARE)
    place = np.full(columns, -1, np.int64)
    place[kept] = np.arange(len(kept))
    common = place[indices] >= 0
    ends = np.concatenate(([0], np.cumsum(common)))[ends]
    data = np.ones(int(common.sum()))
    return csr_matrix((data, place[indices[common]], ends), shape=(len(both), len(kept))), kept


def _fit(table: Any, labels: Any, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=strength, solver="liblinear", dual=True, tol=5e-2, max_iter=300, random_state=0
    )
    return model.fit(table, labels)


def _learn(rows: Rows, names: list[str], out_folder: Path, say: Say) -> dict[str, float]:
    """Fits, chooses thresholds, quantises and writes."""
    import numpy as np

    allows = schema().allows
    table, kept = _matrix(rows, len(names))
    papers, read = np.array(rows.papers), np.array(rows.read)
    judged = read if read.any() else ~read
    weights = np.zeros((len(kept), len(RELATIONS)))
    bias, thresholds, reached = np.zeros(len(RELATIONS)), np.zeros(len(RELATIONS)), {}
    for column, relation in enumerate(RELATIONS):
        at = np.array([i for i, (s, o) in enumerate(rows.types) if allows(s, relation, o)], dtype=np.intp)
        y = np.array([relation in rows.labels[i] for i in at])
        x, fold, asked = table[at], papers[at] % FOLDS, judged[at]
        if any(y[fold != f].sum() < RARE for f in range(FOLDS)):
            bias[column], reached[relation] = NEVER, 0.0
            continue
        scores = np.zeros(len(at))
        for f in range(FOLDS):
            model = _fit(x[fold != f], y[fold != f], STRENGTH)
            scores[fold == f] = model.decision_function(x[fold == f])
        missed = rows.missed[relation]
        thresholds[column], reached[relation] = _threshold(scores[asked], y[asked], missed)
        model = _fit(x, y, STRENGTH)
        weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]
        say(f"{relation}: F1 {reached[relation]:.3f} unseen, from {y[asked].sum() + missed:,} triples")
    said = [_say(table, rows, *which) for which in (("BUILT_ON", HOWS), ("COMPARED_TO", OUTCOMES))]
    _write(out_folder, names, kept, weights, bias, thresholds, said)
    return reached


def _threshold(scores: Any, truth: Any, missed: int) -> tuple[float, float]:
    """The score above which F1 is best, and that F1; a little smoothed."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    hit = np.cumsum(truth[order])
    f1 = 2 * hit / (np.arange(1, len(order) + 1) + truth.sum() + missed)
    width = max(1, int(truth.sum() // 12))
    window = np.ones(2 * width + 1)
    smooth = np.convolve(f1, window, mode="same") / np.convolve(np.ones(len(f1)), window, mode="same")
    best = int(np.argmax(smooth))
    return float(scores[order[best]]), float(f1[best])


def _say(table: Any, rows: Rows, relation: str, classes: Sequence[str]) -> tuple[Any, Any]:
    """Weights and bias of the classifier of `how` or `outcome`, learnt on the gold's pairs: one class at a time."""
    import numpy as np

    at = [i for i, label in enumerate(rows.labels) if label.get(relation) in classes]
    y = np.array([rows.labels[i][relation] for i in at])
    x = table[at]
    common = np.flatnonzero(np.bincount(x.indices, minlength=x.shape[1]) >= RARE)
    x = x[:, common]
    weights, bias = np.zeros((table.shape[1], len(classes))), np.full(len(classes), NEVER)
    for column, name in enumerate(classes):
        if RARE <= (y == name).sum() < len(y):
            model = _fit(x, y == name, STRENGTH)
            weights[common, column], bias[column] = model.coef_[0], model.intercept_[0]
    return weights, bias


def _least(weights: Any, small: float) -> float:
    """The weight below which none is kept: of a small gold every weight is small, so the heaviest rows stay."""
    import numpy as np

    heaviest = np.sort(np.abs(weights).max(axis=1))[::-1][:KEPT]
    return min(small, float(heaviest[-1])) if len(heaviest) else small


def _write(
    folder: Path, names: list[str], kept: Any, weights: Any, bias: Any, thresholds: Any, said: list[Any]
) -> None:
    """Folds what is common to all groups of subjects into each, drops what weighs nothing, rounds."""
    import io
    import zipfile

    import numpy as np

    from kg.jsonl import atomic

    every = np.hstack([weights, *(w for w, _ in said)])
    every[np.abs(every) < _least(every, SMALL / 4)] = 0
    heavy = np.flatnonzero(np.abs(every).max(axis=1) > 0)
    used = sorted({int(c) % len(names) for c in kept[heavy]}, key=lambda r: names[r])
    place = {row: i for i, row in enumerate(used)}
    folded = np.zeros((len(used), len(GROUPS), every.shape[1]))
    for c in heavy:
        group, row = divmod(int(kept[c]), len(names))
        folded[place[row], slice(None) if group == 0 else group - 1] += every[c]
    folded[np.abs(folded) < _least(folded.reshape(len(used), -1), SMALL)] = 0
    rows = np.flatnonzero(np.abs(folded).max(axis=(1, 2)) > 0)
    folded = folded[rows]
    limit = np.iinfo(np.int16).max
    arrays = {
        "names": np.frombuffer("\n".join(names[used[r]] for r in rows).encode(), dtype=np.uint8),
        "weights": np.clip(np.rint(folded * SCALE), -limit, limit).astype(np.int16),
        "bias": np.rint(np.concatenate([bias, *(b for _, b in said)]) * SCALE).astype(np.int32),
        "thresholds": np.rint(thresholds * SCALE).astype(np.int32),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with (
        atomic(folder / "pairs.npz", "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for key in sorted(arrays):
            buffer = io.BytesIO()
            np.save(buffer, arrays[key], allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )
