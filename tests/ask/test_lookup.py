"""Names as people type them."""

import pytest

from kg.ask import find
from kg.errors import NotFoundError
from kg.stores import Store


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        ("llama", "llama"),
        ("LLaMA", "llama"),
        ("  the LLaMA  family ", "llama"),
        ("LLaMAs", "llama"),
        ("“LLaMA”", "llama"),
        ("llama2", "llama-2"),
        ("Llama-2", "llama-2"),
        ("llama 2 models", "llama-2"),
        ("LLaMA 2 7B Chat", "llama-2-7b-chat"),
        ("Llama-2-7b-chat-hf", "llama-2-7b-chat"),
        ("flan t5", "flan-t5"),
        ("FlanT5", "flan-t5"),
        ("distil-bert", "distilbert"),
        ("Distil-BERT", "distilbert"),
        ("Distil BERT", "distilbert"),
        ("Contrastive Language-Image Pre-training", "clip"),
        ("contrastive language image pretraining", "clip"),
        ("imagenet dataset", "imagenet"),
        ("the ImageNet data set", "imagenet"),
        ("the Pile", "the-pile"),
        ("Pile", "the-pile"),
        ("SQuAD2.0", "squad-2.0"),
        ("MMLU benchmark", "mmlu"),
        ("Machine Translation", "task:machine-translation"),
        ("machine-translation", "task:machine-translation"),
        ("MT", "task:machine-translation"),
        ("task:machine-translation", "task:machine-translation"),
        ("bleu", "metric:bleu"),
        ("2302.00001", "2302.00001"),
        ("LLaMA: small models on open data", "2302.00001"),
        ("llama small models on open data", "2302.00001"),
        ("unnamed@2309.00009", "unnamed@2309.00009"),
    ],
)
def test_found(store: Store, typed: str, id: str) -> None:
    assert find(store, typed).id == id


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("lama", "LLaMA"),
        ("Vicunna", "Vicuna"),
        ("vic", "Vicuna"),
        ("mistrall", "Mistral"),
        ("DistillBERT", "DistilBERT"),
        ("machin translation", "machine translation"),
    ],
)
def test_near_misses_come_likeliest_first(store: Store, typed: str, near: str) -> None:
    with pytest.raises(NotFoundError) as error:
        find(store, typed)
    assert error.value.suggestions[0] == near
    assert str(error.value).endswith("?")


def test_nothing_alike_suggests_nothing(store: Store) -> None:
    with pytest.raises(NotFoundError) as error:
        find(store, "zzzzqqqq")
    assert error.value.suggestions == ()


def test_a_model_is_meant_before_a_paper_of_the_same_title(store: Store) -> None:
    found = find(store, "Llama-3-Physician")
    assert (found.type, found.id) == ("Model", "llama-3-physician")
    assert find(store, "llama-3-physician", types=("Paper",)).type == "Paper"


def test_what_else_a_name_may_mean_is_told(store: Store) -> None:
    found = find(store, "Llama-3-Physician", types=("Paper",))
    assert [o.id for o in found.others] == ["llama-3-physician"]
    (note,) = found.notes
    assert note.startswith("Llama-3-Physician is read as the Paper 2404.00011;")
    assert note.endswith("may also mean Llama-3-Physician (Model, id llama-3-physician).")
    assert find(store, "Alpaca").notes == []
