"""The learned part on disk: one file of arrays, a few megabytes, the same bytes for the same content.

Written by `kg.extract.train`, described in `kg/model/README.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.errors import SchemaError
from kg.extract.features import TYPES
from kg.extract.learned import model_folder
from kg.extract.memory import Counts
from kg.extract.tagger import Ints


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear classifier over named features, in integers: row of a feature → one weight for each class."""

    features: Sequence[str]
    weights: Ints
    bias: Ints


@dataclass(frozen=True, slots=True)
class Weights:
    """All that reading entities has learnt."""

    tagger_features: Sequence[str]
    tagger_weights: Ints
    transitions: Ints
    clusters: Mapping[str, tuple[int, ...]]  # word → its cluster at each granularity
    taught: Mapping[str, Counts]  # names in gold papers
    classifier: Linear  # candidate → class
    thresholds: Ints  # of each type, per mille


def write_weights(weights: Weights, path: Path) -> None:
    """Writes the file; names are sorted, so that equal weights give equal bytes."""
    parts: dict[str, npt.NDArray[Any]] = {
        "tagger_features": _joined(weights.tagger_features),
        "tagger_weights": _small(weights.tagger_weights),
        "transitions": weights.transitions.astype(np.int32),
        "thresholds": weights.thresholds.astype(np.int32),
    }
    words = sorted(weights.clusters)
    parts["cluster_words"] = _joined(words)
    parts["cluster_ids"] = np.array([weights.clusters[w] for w in words], np.uint16)
    names = sorted(weights.taught)
    rows = [(weights.taught[n].texts, *weights.taught[n].types) for n in names]
    parts["taught_names"] = _joined(names)
    parts["taught_counts"] = np.array(rows, np.uint16).reshape(len(rows), 1 + len(TYPES))
    parts["classifier_features"] = _joined(weights.classifier.features)
    parts["classifier_weights"] = _small(weights.classifier.weights)
    parts["classifier_bias"] = weights.classifier.bias.astype(np.int32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **parts)


def read_weights(path: Path | None = None) -> Weights:
    """Reads the file back; without a path that of the model folder."""
    path = path or model_folder() / "entities.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise SchemaError(
            f"Cannot read the weights {path}: {error}. Reinstall kg, or in a checkout rebuild them: kg train GOLD"
        ) from error
    words = _split(parts["cluster_words"])
    clusters = dict(zip(words, map(tuple, parts["cluster_ids"].tolist()), strict=True))
    rows = parts["taught_counts"].tolist()
    return Weights(
        tagger_features=_split(parts["tagger_features"]),
        tagger_weights=parts["tagger_weights"].astype(np.int32),
        transitions=parts["transitions"],
        clusters=clusters,
        taught={
            name: Counts(row[0], tuple(row[1:]))
            for name, row in zip(_split(parts["taught_names"]), rows, strict=True)
        },
        classifier=Linear(
            _split(parts["classifier_features"]),
            parts["classifier_weights"].astype(np.int32),
            parts["classifier_bias"].astype(np.int32),
        ),
        thresholds=parts["thresholds"],
    )


def _joined(texts: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode("utf8"), np.uint8)


def _split(array: npt.NDArray[Any]) -> list[str]:
    text = array.tobytes().decode("utf8")
    return text.split("\n") if text else []


def _small(weights: Ints) -> npt.NDArray[np.int16]:
    return np.clip(weights, -32767, 32767).astype(np.int16)
