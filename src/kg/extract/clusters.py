"""Clusters of words that stand in like company, learnt from unlabelled texts.

Positive pointwise mutual information between words and their neighbours two to the left and two to the right,
reduced by a truncated singular value decomposition, then k-means at several granularities.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from kg.extract.document import Document

GRANULARITIES = (64, 256, 1024)
_CONTEXTS = 6_000
_SELDOM = 4
_DIMENSIONS = 100
_OFFSETS = (-2, -1, 1, 2)
_DIGIT = re.compile(r"\d")


def learn_clusters(documents: Iterable[Document]) -> dict[str, tuple[int, ...]]:
    """Word (digits as 0) → its cluster at each of GRANULARITIES. Titles are left out: their case differs."""
    from sklearn.cluster import MiniBatchKMeans

    sentences = [_sentence(d, a, b) for d in documents for a, b in d.sentences[1:]]
    words, vectors = _vectors(sentences)
    groups = []
    for size in GRANULARITIES:
        size = min(size, len(words))
        means = MiniBatchKMeans(size, random_state=0, batch_size=4096, n_init=3, max_iter=60)
        groups.append(means.fit(vectors).labels_.tolist())
    return {word: tuple(group) for word, *group in zip(words, *groups, strict=True)}


def _sentence(document: Document, first: int, last: int) -> list[str]:
    words = [_DIGIT.sub("0", w) for w in document.words[first:last]]
    if words[0][0].isupper() and words[0][1:].islower():
        words[0] = words[0].lower()
    return words


def _vectors(sentences: Sequence[Sequence[str]]) -> tuple[list[str], Any]:
    from scipy.sparse import coo_matrix, csr_matrix
    from sklearn.utils.extmath import randomized_svd

    count = Counter(chain.from_iterable(sentences))
    words = [w for w, n in count.items() if n >= _SELDOM]
    lower: Counter[str] = Counter()
    for word, n in count.items():
        lower[word.lower()] += n
    contexts = {w: i for i, (w, _) in enumerate(lower.most_common(_CONTEXTS))}
    number = {w: i for i, w in enumerate(words)}
    gap = [-1, -1]
    rows = np.array([*chain.from_iterable((*gap, *(number.get(w, -1) for w in s)) for s in sentences), *gap])
    columns = np.array(
        [*chain.from_iterable((*gap, *(contexts.get(w.lower(), -1) for w in s)) for s in sentences), *gap]
    )
    shape, table = (len(words), len(_OFFSETS) * len(contexts)), None
    for place, offset in enumerate(_OFFSETS):
        left, right = rows[2:-2], columns[2 + offset : len(columns) - 2 + offset]
        both = (left >= 0) & (right >= 0)
        part = coo_matrix(
            (np.ones(both.sum(), np.float32), (left[both], right[both] + place * len(contexts))), shape=shape
        ).tocsr()
        table = part if table is None else table + part
    assert table is not None
    total = table.sum()
    of_row = np.asarray(table.sum(1)).ravel() + 1e-9
    of_column = np.asarray(table.sum(0)).ravel() ** 0.75  # smoothed, so that seldom neighbours weigh less
    of_column = of_column / of_column.sum() * total + 1e-9
    cells = table.tocoo()
    value = np.log(np.maximum(cells.data * total / (of_row[cells.row] * of_column[cells.col]), 1e-9))
    kept = value > 0
    positive = csr_matrix((value[kept], (cells.row[kept], cells.col[kept])), shape=shape)
    left, weights, _ = randomized_svd(positive, min(_DIMENSIONS, min(shape) - 1), n_iter=4, random_state=0)
    vectors = left * np.sqrt(weights)
    return words, vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
