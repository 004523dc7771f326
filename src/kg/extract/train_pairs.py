"""Learns the pair classifier from annotated papers: `python -m kg.extract.train_pairs GOLD… -o FOLDER`.

One logistic regression a relation over the pairs whose types it allows, a threshold a relation chosen by
cross-validation, and two small classifiers that say how a model was built and how a comparison ended.
Needs scikit-learn (`pip install paper-kg[train]`).
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.extract.document import Document
from kg.extract.gold import Gold, read_gold
from kg.extract.pairs import GROUPS, HOWS, OUTCOMES, RELATIONS, SCALE, pairs, seen_by
from kg.extract.slots import slots
from kg.schema import schema
from kg.types import PAPER, RecordEntity

Entities = Callable[[Document], list[RecordEntity]]
FOLDS = 3
STRENGTH = 0.3
RARE = 4
SMALL = 0.015


@dataclass(slots=True)
class Rows:
    """Training pairs: features as indices into `names`, what the gold says, and where each comes from."""

    names: list[str]
    indices: list[Any]  # one array of feature indices a pair
    labels: list[dict[str, str | None]]  # relation -> how or outcome
    types: list[tuple[str, str]]
    papers: list[int]
    missed: dict[str, list[int]]  # gold triples that no pair stands for: their papers


def train_pairs(
    gold_paths: Iterable[Path], out_folder: Path, *, entities: Entities | None = None, verbose: bool = False
) -> dict[str, float]:
    """Writes `pairs.npz` into the folder; gives F1 of each relation in cross-validation.

    `entities` reads entities as the extractor will (trained on these, thresholds suit them); without it the
    annotated entities are taken.
    """
    rows = collect(read_gold(gold_paths), entities)
    return learn(rows, out_folder, verbose=verbose)


def collect(papers: Iterable[Gold], entities: Entities | None = None) -> Rows:
    """The pairs of annotated papers, with the entities annotated or those that `entities` reads."""
    import numpy as np

    names: dict[str, int] = {}
    rows = Rows([], [], [], [], [], {r: [] for r in RELATIONS})
    for number, gold in enumerate(papers):
        document = Document(gold.paper.text, len(gold.paper.title))
        found = list(gold.entities) if entities is None else entities(document)
        read = slots(document, found)
        truth = _truth(gold, found)
        seen = pairs(read)
        for pair in seen.pairs:
            features = {names.setdefault(f, len(names)) for f in seen_by(seen, pair)}
            rows.indices.append(np.array(sorted(features), dtype=np.int32))
            rows.labels.append(truth.pop((pair.subject, pair.object), {}))
            subject = "Paper" if pair.subject < 0 else found[pair.subject].type
            rows.types.append((subject, found[pair.object].type))
            rows.papers.append(number)
        for left in truth.values():
            for relation in left:
                rows.missed[relation].append(number)
    rows.names = list(names)
    return rows


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


def matrix(rows: Rows) -> tuple[Any, list[str]]:
    """A sparse matrix of the features that are not rare, and their names."""
    import numpy as np
    from scipy.sparse import csr_matrix

    starts = np.concatenate(([0], np.cumsum([len(i) for i in rows.indices])))
    indices = np.concatenate(rows.indices)
    count = np.bincount(indices, minlength=len(rows.names))
    kept = np.flatnonzero(count >= RARE)
    table = csr_matrix(
        (np.ones(len(indices), np.float64), indices, starts), shape=(len(rows.indices), len(rows.names))
    )
    return table[:, kept], [rows.names[i] for i in kept]


def _fit(table: Any, labels: Any, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    # L1: some hundred features a relation carry as much as all, and what is not weighed need not be looked up.
    model = LogisticRegression(
        C=strength, l1_ratio=1, solver="liblinear", tol=1e-2, max_iter=300, random_state=0
    )
    return model.fit(table, labels)


def learn(rows: Rows, out_folder: Path, *, verbose: bool = False) -> dict[str, float]:
    """Fits, chooses thresholds, quantises and writes."""
    import numpy as np

    allows = schema().allows
    table, names = matrix(rows)
    papers = np.array(rows.papers)
    weights = np.zeros((len(names), len(RELATIONS)))
    bias, thresholds, reached = np.zeros(len(RELATIONS)), np.zeros(len(RELATIONS)), {}
    for column, relation in enumerate(RELATIONS):
        rowset = np.array([i for i, (s, o) in enumerate(rows.types) if allows(s, relation, o)])
        y = np.array([relation in rows.labels[i] for i in rowset])
        x, fold = table[rowset], papers[rowset] % FOLDS
        scores = np.zeros(len(rowset))
        for f in range(FOLDS):
            model = _fit(x[fold != f], y[fold != f], STRENGTH)
            scores[fold == f] = model.decision_function(x[fold == f])
        thresholds[column], reached[relation] = _threshold(scores, y, len(rows.missed[relation]))
        model = _fit(x, y, STRENGTH)
        weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]
        if verbose:
            print(f"{relation:14}{y.sum():6}{reached[relation]:8.3f} at {thresholds[column]:.2f}", flush=True)
    said = [
        _say(table, rows, relation, classes)
        for relation, classes in (("BUILT_ON", HOWS), ("COMPARED_TO", OUTCOMES))
    ]
    _write(out_folder, names, weights, bias, thresholds, said)
    return reached


def _threshold(scores: Any, truth: Any, missed: int) -> tuple[float, float]:
    """The score above which F1 is best, and that F1; a little smoothed."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    hit = np.cumsum(truth[order])
    f1 = 2 * hit / (np.arange(1, len(order) + 1) + truth.sum() + missed)
    width = max(1, int(truth.sum() // 12))
    smooth = np.convolve(f1, np.ones(2 * width + 1) / (2 * width + 1), mode="same")
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
    weights, bias = np.zeros((table.shape[1], len(classes))), np.full(len(classes), -30.0)
    for column, name in enumerate(classes):
        if (y == name).sum() >= RARE:
            model = _fit(x, y == name, STRENGTH)
            weights[common, column], bias[column] = model.coef_[0], model.intercept_[0]
    return weights, bias


def _write(folder: Path, names: list[str], weights: Any, bias: Any, thresholds: Any, said: list[Any]) -> None:
    """Folds what is common to all groups of subjects into each, drops what weighs nothing, rounds."""
    import io
    import zipfile

    import numpy as np

    from kg.jsonl import atomic

    all_weights = np.hstack([weights, *(w for w, _ in said)])
    columns = all_weights.shape[1]
    base: dict[str, int] = {}
    for name in names:
        base.setdefault(name[1:], len(base))
    folded = np.zeros((len(base), len(GROUPS), columns))
    for row, name in enumerate(names):
        groups = range(len(GROUPS)) if name[0] == "*" else (GROUPS.index(name[0]),)
        for group in groups:
            folded[base[name[1:]], group] += all_weights[row]
    folded[np.abs(folded) < SMALL] = 0
    kept = np.flatnonzero(np.abs(folded).max(axis=(1, 2)) > 0)
    order = sorted(kept, key=lambda k: list_of[k]) if (list_of := list(base)) else []
    limit = np.iinfo(np.int16).max
    rounded = np.clip(np.rint(folded[order] * SCALE), -limit, limit).astype(np.int16)
    arrays = {
        "names": np.frombuffer("\n".join(list_of[k] for k in order).encode(), dtype=np.uint8),
        "weights": rounded,
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parents[1] / "model")
    parser.add_argument("--read", action="store_true", help="train on the entities that the extractor reads")
    options = parser.parse_args(arguments)
    entities = None
    if options.read:
        from kg.extract.entities import read_entities

        entities = read_entities
    train_pairs(options.gold, options.out, entities=entities, verbose=True)


if __name__ == "__main__":
    main()
