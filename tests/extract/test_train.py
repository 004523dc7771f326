"""`train` and `kg train` on a handful of papers: four files that the reader then reads with, the same bytes twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="training needs scikit-learn")
pytest.importorskip("pycrfsuite", reason="training needs python-crfsuite")

from kg.errors import InputError
from kg.extract.learned import FILES, SHIPPED, model_folder
from kg.extract.train import train
from toy_gold import gold


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    train([gold(folder)], folder / "weights", folds=2, rounds=15)
    return folder / "weights"


def kg(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


def test_writes_all_the_reader_needs(weights):
    assert sorted(p.name for p in weights.iterdir()) == list(FILES)


def test_the_command_writes_the_same_bytes_and_says_how_to_use_them(weights, tmp_path):
    done = kg("train", str(gold(tmp_path)), "-o", str(tmp_path / "again"), "--folds", "2")
    assert done.returncode == 0, done.stderr
    assert "--model" in done.stderr
    for name in ("coreference.npz", "sizes.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (weights / name).read_bytes()


def test_reads_with_the_weights_that_are_named(weights, tmp_path):
    text = "Robin: a small model for question answering\nWe present Robin, a 7B model which is fine-tuned from LLaMA."
    by_option = kg("explain", "--json", "--model", str(weights), text)
    by_variable = kg("explain", "--json", text, KG_MODEL=str(weights))
    assert by_option.returncode == 0, by_option.stderr
    assert by_option.stdout == by_variable.stdout
    assert {"Robin", "LLaMA"} <= {e["name"] for e in json.loads(by_option.stdout)["entities"]}


def test_the_version_of_records_tells_the_weights(weights, monkeypatch):
    from kg.extract import Extractor

    shipped = Extractor().version
    monkeypatch.setenv("KG_MODEL", str(weights))
    assert Extractor().version != shipped


def test_a_folder_without_weights_is_told(tmp_path, monkeypatch):
    assert model_folder() == SHIPPED
    monkeypatch.setenv("KG_MODEL", str(tmp_path))
    with pytest.raises(InputError, match=r"lacks coreference\.npz.*kg train"):
        model_folder()
    done = kg("explain", "--model", str(tmp_path), "We present BERT.")
    assert done.returncode == 3
    assert "kg train" in done.stderr


def test_too_little_gold_is_one_line(tmp_path):
    path = gold(tmp_path, ["Robin"])
    done = kg("train", str(path), "-o", str(tmp_path / "weights"))
    assert done.returncode == 3
    assert "too few" in done.stderr
    assert not (tmp_path / "weights").exists()
