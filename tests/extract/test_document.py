from hypothesis import given
from hypothesis import strategies as st

from kg.extract.document import Document


def words(text: str) -> list[str]:
    return Document(text, 0).words


def test_names_stand_free():
    assert words("BERT-based") == ["BERT", "-", "based"]
    assert words("BERT/RoBERTa") == ["BERT", "/", "RoBERTa"]
    assert words("LLaMA(7B)") == ["LLaMA", "(", "7B", ")"]
    assert words("Llama-2-7b-chat") == ["Llama-2-7b", "-", "chat"]
    assert words("GPT-4's scores") == ["GPT-4", "'s", "scores"]


def test_numbers_stay_in_names():
    assert words("Qwen2.5 and GPT-4o, pass@1") == ["Qwen2.5", "and", "GPT-4o", ",", "pass@1"]
    assert words("10,000 images") == ["10,000", "images"]


def test_full_stop_leaves_a_name_at_the_end():
    assert words("with FLAN-PaLM 62B.") == ["with", "FLAN", "-", "PaLM", "62B", "."]


def test_negation_is_a_word():
    assert words("don't isn’t") == ["do", "n't", "is", "n’t"]


def test_sentences_end_where_they_should():
    text = "A title without end\nWe use BERT, e.g. in Sec. 3. It works! Does it?"
    document = Document(text, 19)
    assert [text[a:b] for a, b in document.sentence_spans] == [
        "A title without end",
        "We use BERT, e.g. in Sec. 3.",
        "It works!",
        "Does it?",
    ]


def test_quote_is_the_shortest_run_of_sentences():
    text = "Title\nOne is here. Two is there. Three is nowhere."
    document = Document(text, 5)
    start, end = document.quote(text.index("here"), text.index("there"))
    assert text[start:end] == "One is here. Two is there."


def test_spacy_sees_the_same_words():
    document = Document("LoRA-tuned models\nWe don't fine-tune GPT-4\tor T5.", 17)
    assert [t.text for t in document.doc] == document.words
    assert document.doc is document.doc


@given(st.text(max_size=200), st.integers(0, 200))
def test_words_and_sentences_cover_the_text(text, cut):
    document = Document(text, min(cut, len(text)))
    assert [text[a:b] for a, b in zip(document.starts, document.ends, strict=True)] == document.words
    covered = {i for a, b in zip(document.starts, document.ends, strict=True) for i in range(a, b)}
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
    assert sorted(document.sentences) == document.sentences
    for (first, last), (start, end) in zip(document.sentences, document.sentence_spans, strict=True):
        assert start <= document.starts[first]
        assert document.starts[last - 1] < end
