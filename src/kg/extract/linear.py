"""A linear model over hashed features whose scores are sums of integers, so that they never vary.

Floating sums depend on their order, and rows of a matrix product on the rows beside them; integers do not.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

SCALE = 1024
"""An integer weight is this many times the learned one."""


class Linear:
    """Weights of one or more classes: `score(features)` gives an integer per class, `SCALE` per logit."""

    def __init__(self, classes: Sequence[str], weights: Any, bias: Sequence[int]) -> None:
        self.classes = tuple(classes)
        self.bias = [int(b) for b in bias]
        self._mask = weights.shape[1] - 1
        # plain lists: a gather of some forty single weights is faster than numpy's set-up
        self._rows: list[list[int]] = [row.tolist() for row in weights]

    def buckets(self, features: Iterable[str]) -> list[int]:
        """Where the features stand; the same text always in the same place."""
        mask = self._mask
        return [crc32(f.encode()) & mask for f in features]

    def score(self, features: Iterable[str]) -> list[int]:
        """One integer per class."""
        buckets = self.buckets(features)
        return [b + sum(map(row.__getitem__, buckets)) for b, row in zip(self.bias, self._rows, strict=True)]

    @classmethod
    def load(cls, arrays: Any, name: str) -> "Linear":
        """Takes the model called `name` out of a loaded `.npz`."""
        return cls(
            [str(c) for c in arrays[f"{name}.classes"]],
            arrays[f"{name}.weights"],
            arrays[f"{name}.bias"].tolist(),
        )

    def arrays(self, name: str) -> dict[str, Any]:
        """The arrays to save under `name`."""
        import numpy as np

        return {
            f"{name}.classes": np.array(self.classes),
            f"{name}.weights": np.array(self._rows, dtype=np.int16),
            f"{name}.bias": np.array(self.bias, dtype=np.int32),
        }


def probability(score: int) -> int:
    """Per mille of a single logit.

    >>> probability(0), probability(3 * SCALE), probability(-99 * SCALE)
    (500, 953, 0)
    """
    return round(1000 / (1 + math.exp(-max(-40.0, min(40.0, score / SCALE)))))


def fit(
    rows: Sequence[Iterable[str]],
    labels: Sequence[str],
    *,
    bits: int = 16,
    strength: float = 1.0,
    weights: Sequence[float] | None = None,
) -> Linear:
    """Logistic regression on hashed features: one class scores `label != ""`, more classes one row each.

    `bits`: 2**bits buckets; `strength`: inverse of the L2 penalty. Needs scikit-learn (`pip install paper-kg[train]`).
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    size = 1 << bits
    if len(set(labels)) < 2:  # nothing to tell apart: always what was seen, or no
        sure = 10 * SCALE if any(labels) else -10 * SCALE
        return Linear([next(iter(labels), "") or "yes"], np.zeros((1, size), np.int16), [sure])
    indices: list[int] = []
    starts = [0]
    for row in rows:
        indices.extend(crc32(f.encode()) & (size - 1) for f in row)
        starts.append(len(indices))
    matrix = csr_matrix((np.ones(len(indices), np.float64), indices, starts), shape=(len(rows), size))
    matrix.sum_duplicates()
    model = LogisticRegression(C=strength, max_iter=400, tol=1e-4, solver="lbfgs")
    model.fit(matrix, list(labels), sample_weight=weights)
    learned, bias = model.coef_, model.intercept_
    classes = [str(c) for c in model.classes_]
    if len(classes) == 2:
        classes = classes[1:]
    limit = np.iinfo(np.int16).max
    rounded = np.clip(np.rint(learned * SCALE), -limit, limit).astype(np.int16)
    return Linear(classes, rounded, np.rint(bias * SCALE).astype(np.int64).tolist())


def save(path: Path, *models: tuple[str, Linear]) -> None:
    """Writes models into one `.npz`, the same bytes for the same weights."""
    import io
    import zipfile

    import numpy as np

    from kg.jsonl import atomic

    arrays = {k: v for name, model in models for k, v in model.arrays(name).items()}
    with atomic(path, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in sorted(arrays):
            buffer = io.BytesIO()
            np.save(buffer, arrays[key], allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )
