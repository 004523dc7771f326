from kg.extract.document import Document
from kg.extract.memory import Index
from kg.extract.slots import slots
from kg.types import RecordEntity


def items(text: str, *names: str) -> list[list[str]]:
    named = [RecordEntity(n, "Model", mentions=((text.index(n), text.index(n) + len(n)),)) for n in names]
    return [s.items for s in slots(Document(text, 0), named).sentences]


def test_what_hyphens_join_is_one_item():
    assert items("We fine-tune state-of-the-art models .") == [
        ["we", "finetune", "state-of-the-art", "models", "."]
    ]


def test_a_name_is_cut_free_of_its_hyphens():
    assert items("A BERT-based model, a pre-BERT model", "BERT") == [
        ["a", "<M>", "-based", "model", ",", "a", "pre-bert", "model"]
    ]
    assert items("A pre-BERT model", "BERT") == [["a", "pre", "-", "<M>", "model"]]


def test_a_hyphen_with_blanks_joins_nothing():
    assert items("long - and medium- term") == [["long", "-", "and", "medium", "-", "term"]]


def test_items_cover_the_words_of_the_text():
    text = "We show that BERT-like and low-cost models work. They do-so well."
    read = slots(Document(text, 0), [RecordEntity("BERT", "Model", mentions=((13, 17),))])
    covered = [
        w for s in read.sentences for a, b in zip(s.first, s.last, strict=True) for w in range(a, b + 1)
    ]
    assert covered == list(range(len(read.document.words)))


def test_the_longest_remembered_name_comes_first():
    index = Index(["swin", "swin transformer", "swin transformer v2 base", "vision model zoo"])
    found = index.matches("a swin transformer v2 of the vision model and a swin".split())
    assert [(m.first, m.last) for m in found] == [(1, 3), (1, 2), (10, 11)]
