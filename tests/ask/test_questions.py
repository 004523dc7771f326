"""Every form of question, in the words that people use, over a real store."""

import pytest

from kg.ask import FORMS, ask, lineage, show
from kg.ask.wording import plain
from kg.errors import NotFoundError, UsageError
from kg.graph import Graph
from kg.stores import Store

DOWN_LLAMA_2 = {"llama-2-7b-chat", "tinyllama", "unnamed@2309.00009", "llama-2-7b"}
DOWN_BERT = {"distilbert", "tinybert", "biobert", "roberta"}

# question → ids of the rows
QUESTIONS: dict[str, set[str]] = {
    # descendants
    "what is built on Llama 2": DOWN_LLAMA_2,
    "What is built on Llama 2?": DOWN_LLAMA_2,
    "which models are built upon LLaMA-2?": DOWN_LLAMA_2,
    "what's based on llama2": DOWN_LLAMA_2,
    "models based on the Llama 2 family": DOWN_LLAMA_2,
    "Please list all the models that are built on top of Llama 2.": DOWN_LLAMA_2,
    "derivatives of Llama 2": DOWN_LLAMA_2,
    "what are the descendants of Llama 2": DOWN_LLAMA_2,
    "show me what descends from Llama 2": DOWN_LLAMA_2,
    "which models descend from Llama 2": DOWN_LLAMA_2,
    "which models derive from Llama 2": DOWN_LLAMA_2,
    "what was derived from Llama 2": DOWN_LLAMA_2,
    "which models use Llama 2 as a base": DOWN_LLAMA_2,
    "models using Llama 2 as their backbone": DOWN_LLAMA_2,
    "Llama 2-based models": DOWN_LLAMA_2,
    "Llama 2 derivatives": DOWN_LLAMA_2,
    "can you tell me which LLMs were built on BERT?": DOWN_BERT,
    # ancestors
    "what is Alpaca built on": {"llama-7b", "llama"},
    "What is Alpaca based on?": {"llama-7b", "llama"},
    "what was Alpaca built from": {"llama-7b", "llama"},
    "which model is Alpaca based on": {"llama-7b", "llama"},
    "ancestors of Alpaca": {"llama-7b", "llama"},
    "what are the ancestors of Alpaca?": {"llama-7b", "llama"},
    "where does Alpaca come from": {"llama-7b", "llama"},
    "what does Alpaca descend from?": {"llama-7b", "llama"},
    "what does Alpaca build on": {"llama-7b", "llama"},
    "the base model of Alpaca": {"llama-7b", "llama"},
    "Alpaca's lineage": {"llama-7b", "llama"},
    "lineage of Alpaca": {"llama-7b", "llama"},
    # between two
    "how is Alpaca related to LLaMA": {"llama"},
    "path between LLaMA and Alpaca": {"llama"},
    "is Alpaca built on LLaMA?": {"llama"},
    "does Alpaca descend from LLaMA": {"llama"},
    "how does Alpaca descend from LLaMA": {"llama"},
    "what connects Alpaca and LLaMA": {"llama"},
    "the path from Alpaca to LLaMA": {"llama"},
    "is Alpaca fine-tuned from LLaMA": {"llama"},
    "is BERT built on LLaMA": set(),
    # how built
    "models fine-tuned from LLaMA": {"guanaco", "alpaca", "vicuna", "phoenix", "orca"},
    "which models are finetuned from LLaMA-7B": {"alpaca", "phoenix"},
    "fine-tunes of LLaMA-7B": {"alpaca", "phoenix"},
    "fine-tuned versions of LLaMA-7B": {"alpaca", "phoenix"},
    "what has been fine tuned from LLaMA-7B": {"alpaca", "phoenix"},
    "which models were distilled from BERT": {"distilbert", "tinybert"},
    "distillations of BERT": {"distilbert", "tinybert"},
    "what is merged from Boros": {"ouro"},
    "instruction-tuned versions of T5": {"flan-t5"},
    "models initialised from TinyLlama": {"stackllama"},
    "continued pretraining of Llama-3-8B": {"llama-3-physician"},
    "models fine-tuned on Alpaca-52K": {"alpaca"},
    "what was DistilBERT distilled from?": {"bert"},
    "what is Alpaca fine-tuned from": {"llama-7b"},
    "which model was Flan-T5 instruction-tuned from": {"t5"},
    "models with the architecture of BERT": {"roberta"},
    "which models share the architecture of Llama 2": {"tinyllama"},
    "models with CLIP as a component": {"llava"},
    "what uses ViT as its vision encoder": {"clip"},
    # training
    "which models are trained on C4": {"llama-13b", "t5"},
    "models trained on C4": {"llama-13b", "t5"},
    "what was pre-trained on Wikipedia": {"llama-13b", "bert"},
    "what trains on BookCorpus": {"bert"},
    "what was trained on the Pile": {"unnamed@2305.00025"},
    "what was BERT trained on": {"bookcorpus", "wikipedia"},
    "what data was BERT trained on?": {"bookcorpus", "wikipedia"},
    "which datasets was BERT pretrained on": {"bookcorpus", "wikipedia"},
    "training data of BERT": {"bookcorpus", "wikipedia"},
    "What is the training data for BERT?": {"bookcorpus", "wikipedia"},
    "BERT's training data": {"bookcorpus", "wikipedia"},
    "what was LLaMA trained on": {"c4", "wikipedia"},
    "what was Alpaca fine-tuned on": {"alpaca-52k"},
    # tests
    "which models are evaluated on MMLU": {"guanaco", "llama-2", "llama-13b", "mistral-7b"},
    "models tested on MMLU": {"guanaco", "llama-2", "llama-13b", "mistral-7b"},
    "what has been benchmarked on GLUE": {"bert", "distilbert"},
    "who evaluates on GLUE": {"bert", "distilbert"},
    "which papers are evaluated on HumanEval": {"2309.00009"},
    "what was CLIP evaluated on": {"imagenet", "imagenet-r"},
    "which benchmarks was CLIP tested on?": {"imagenet", "imagenet-r"},
    "evaluations of CLIP": {"imagenet", "imagenet-r"},
    "benchmarks for CLIP": {"imagenet", "imagenet-r"},
    # sizes
    "how big is BERT": {"size:340m"},
    "How large is DistilBERT?": {"size:66m"},
    "how many parameters does BERT have": {"size:340m"},
    "how many examples does Alpaca-52K have?": {"size:52k-examples"},
    "how many pairs are in LAION": {"size:400m-pairs"},
    "what is the size of BERT": {"size:340m"},
    "number of parameters of BERT": {"size:340m"},
    "parameter count of BERT": {"size:340m"},
    "BERT's size": {"size:340m"},
    "how big is Mistral-7B": {"mistral-7b"},
    "models larger than 20B": {"llama"},
    "which models are bigger than 20 billion parameters": {"llama"},
    "models with more than 20B parameters": {"llama"},
    "models over 20,000,000,000 parameters": {"llama"},
    "which models are larger than T5": {"llama", "llama-13b", "vicuna-13b"},
    "models smaller than 1B": {"bert", "distilbert"},
    "models with less than 100 million parameters": {"distilbert"},
    "which models have fewer than 100M parameters?": {"distilbert"},
    "models under 100M": {"distilbert"},
    "models between 300M and 1.5B": {"bert", "tinyllama"},
    "models between 10 and 12B": {"t5"},
    "models with between 300 million and 2 billion parameters": {"bert", "tinyllama"},
    "datasets with more than 100M pairs": {"laion"},
    "datasets larger than 10k examples": {"alpaca-52k"},
    "datasets with fewer than 60k examples": {"alpaca-52k"},
    # introductions
    "who introduced BERT": {"1810.00014"},
    "which paper introduces BERT?": {"1810.00014"},
    "where was BERT introduced": {"1810.00014"},
    "when was BERT released": {"1810.00014"},
    "paper introducing MT-Bench": {"2303.00003"},
    "what paper proposed QLoRA": {"2305.00006"},
    "which paper is C4 introduced in": {"1910.00019"},
    "what does 2303.00003 introduce": {"vicuna", "vicuna-13b", "mt-bench"},
    "what does the paper 'Vicuna chats' introduce?": {"vicuna", "vicuna-13b", "mt-bench"},
    "models introduced by 2303.00003": {"vicuna", "vicuna-13b", "mt-bench"},
    "models introduced in 2022": {"flan-t5"},
    "which models were released in 2021?": {"clip"},
    "datasets introduced before 2019": {"squad-2.0"},
    "models introduced between 2021 and 2022": {"clip", "flan-t5"},
    "models from 2021-2022": {"clip", "flan-t5"},
    "models published since 2024": {"tinyllama", "tinyllama-chat", "llama-3-physician", "ouro", "boros"},
    "papers from 2022": {"2210.00020"},
    # comparisons
    "what is LLaVA compared with": {"minigpt-4"},
    "which models are compared to LLaVA": {"minigpt-4"},
    "baselines of Zephyr": set(),
    "how does Vicuna-13B compare with GPT-4": {"gpt-4"},
    "compare Alpaca and Vicuna-13B": {"vicuna-13b"},
    "Vicuna-13B vs GPT-4": {"gpt-4"},
    "does Orca outperform Vicuna-13B?": {"vicuna-13b"},
    "is TinyBERT better than DistilBERT": {"distilbert"},
    "what does Mistral-7B outperform": {"llama-2"},
    "which models does Mistral-7B beat?": {"llama-2"},
    "models outperformed by Vicuna-13B": {"alpaca"},
    "what outperforms GPT-4": {"llama-3-physician"},
    "which models are better than Alpaca": {"vicuna-13b"},
    "what is better than DistilBERT?": {"tinybert", "bert"},
    "what is DistilBERT outperformed by": {"tinybert", "bert"},
    "which model beats Vicuna-13B": {"orca", "gpt-4"},
    # data
    "datasets derived from SQuAD": {"squad-2.0"},
    "which datasets are built from ImageNet": {"imagenet-r"},
    "benchmarks based on MMLU": {"mmlu-pro"},
    "what is derived from MMLU": {"mmlu-pro"},
    "what is MMLU-Pro derived from": {"mmlu"},
    "sources of ImageNet-R": {"imagenet"},
    "what is built on SQuAD": {"squad-2.0"},
    # tasks
    "models for machine translation": {"t5"},
    "which models address machine translation": {"t5"},
    "models for MT": {"t5"},
    "what can be used for image classification": {"clip"},
    "models that do question answering": {"bert", "llava"},
    "datasets for question answering": {"squad-2.0"},
    "which datasets are there for question answering?": {"squad-2.0"},
    "what is T5 used for": {"task:machine-translation"},
    "which tasks does T5 address": {"task:machine-translation"},
    "tasks of CLIP": {"task:image-classification"},
    # methods
    "methods applied to T5": {"qlora"},
    "which methods are applied to Mistral?": {"dpo"},
    "methods for T5": {"qlora"},
    "what was QLoRA applied to": {"t5"},
    "what uses LoRA": {"qlora"},
    "which models use QLoRA": {"guanaco"},
    "models using DPO": {"zephyr"},
    "which datasets use CLIP": {"laion"},
    "where is RLHF used": {"llama-2-7b-chat"},
    "what does Guanaco use": {"qlora"},
    "which methods does Guanaco use?": {"qlora"},
    "methods used by Zephyr": {"dpo"},
    # results
    "results on MMLU": {"mistral-7b", "llama-2", "guanaco"},
    "what are the results on MMLU?": {"mistral-7b", "llama-2", "guanaco"},
    "scores on SQuAD": {"bert"},
    "BLEU on machine translation": {"t5"},
    "best result on MMLU": {"mistral-7b"},
    "which model is best on MMLU?": {"mistral-7b"},
    "state of the art on SQuAD": {"bert"},
    "results of Mistral-7B": {"mistral-7b"},
    "results of Mistral-7B on HumanEval": {"mistral-7b"},
    "what does BERT score on SQuAD": {"bert"},
    "how well does BERT do on SQuAD?": {"bert"},
    "accuracy of Guanaco on MMLU": {"guanaco"},
    # families
    "members of the Vicuna family": {"vicuna-7b", "vicuna-13b", "vicuna-v1.5"},
    "which models belong to Vicuna": {"vicuna-7b", "vicuna-13b", "vicuna-v1.5"},
    "sizes of Vicuna": {"vicuna-7b", "vicuna-13b"},
    "versions of Vicuna": {"vicuna-v1.5"},
    "which family does Vicuna-7B belong to?": {"vicuna"},
    "what is SST-2 part of": {"glue"},
    # more ways to put it
    "between LLaMA and Alpaca": {"llama"},
    "what models have been built using T5": {"flan-t5"},
    "what extends T5": set(),
    "family tree of Llama 2": DOWN_LLAMA_2,
    "what has Llama 2 as its backbone": DOWN_LLAMA_2,
    "which models inherit from BERT": DOWN_BERT,
    "on which model is Alpaca based": {"llama-7b", "llama"},
    "how was Alpaca made": {"llama-7b", "llama"},
    "Mistral-7B outperforms what?": {"llama-2"},
    "difference between BERT and DistilBERT": {"distilbert"},
    "which is better, Vicuna-13B or GPT-4": {"gpt-4"},
    "BERT parameters": {"size:340m"},
    "how many tokens was Llama 2 trained on": {"size:2t-tokens"},
    "how much data was Llama 2 trained on": {"size:2t-tokens", "llama-2-7b", "llama-2-7b-chat"},
    "models with 340M parameters": {"bert"},
    "340M models": {"bert"},
    "models of 11B": {"t5"},
    "models with about 350M parameters": {"bert"},
    "models trained with RLHF": {"llama-2-7b-chat"},
    "which models were fine-tuned with QLoRA?": {"guanaco"},
    "what datasets were used to train BERT?": {"bookcorpus", "wikipedia"},
    "on what data was BERT trained": {"bookcorpus", "wikipedia"},
    "how was BERT trained": {"bookcorpus", "wikipedia"},
    "what data does Alpaca use": {"alpaca-52k"},
    "on which benchmarks was CLIP evaluated": {"imagenet", "imagenet-r"},
    "what benchmarks are used to evaluate CLIP": {"imagenet", "imagenet-r"},
    "which models came out in 2021": {"clip"},
    "what year was BERT introduced": {"1810.00014"},
    "what is LoRA used for": {"qlora"},
    "common ancestors of Ouro and Orca": {"llama"},
    "what do Alpaca and Phoenix have in common": {"llama", "llama-7b"},
    "was BERT trained on Wikipedia": {"wikipedia"},
    "was BERT trained on C4": set(),
    "is CLIP evaluated on ImageNet?": {"imagenet"},
    "does Zephyr use DPO": {"dpo"},
    "does Zephyr use LoRA": set(),
    # papers
    "which papers mention QLoRA": {"2305.00006"},
    "papers about Mistral": {"2310.00012", "2310.00013"},
    "where is T5 mentioned": {"1910.00019", "2210.00020", "2305.00006"},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_question(store: Store, question: str) -> None:
    answer = ask(store, question)
    assert {row["id"] for row in answer.rows} == QUESTIONS[question]
    assert answer.question == question
    assert answer.cypher
    for row in answer.rows:
        assert {"id", "name", "kind", "via", "evidence"} <= row.keys()
        assert all(e["quote"] and e["paper"] for e in row["evidence"])
    assert store.query(answer.cypher, answer.parameters) or not answer.rows


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_example_of_a_form_is_read_by_it_first(form) -> None:
    assert next(x for x in FORMS if x.read(plain(form.example)) is not None) is form


def test_there_are_many_forms() -> None:
    assert len(FORMS) >= 25
    assert len({form.name for form in FORMS}) == len(FORMS)


@pytest.mark.parametrize(
    ("question", "first", "value"),
    [
        ("the most built-on models", "bert", "4 built on it"),
        ("which model is the most built on", "bert", "4 built on it"),
        ("most used datasets", "mmlu", "4 trained or tested on it"),
        ("the most used methods", "dpo", "1 use it"),
        ("most evaluated benchmarks", "mmlu", "4 evaluated on it"),
        ("the largest models", "llama", "65B parameters"),
        ("what are the 3 largest models", "llama", "65B parameters"),
        ("smallest models", "distilbert", "66M parameters"),
        ("the newest models", "boros", "2024"),
        ("how many models are there?", "Model", "43"),
        ("how many papers do you know", "Paper", "26"),
    ],
)
def test_rankings(store: Store, question: str, first: str, value: str) -> None:
    rows = ask(store, question).rows
    assert (rows[0]["id"], rows[0]["value"]) == (first, value)
    assert len(rows) == 3 or "3" not in question


def test_how_many_counts_what_the_question_finds(store: Store) -> None:
    answer = ask(store, "how many models are built on Llama 2")
    assert answer.notes[0] == "3 derivative, 1 member."
    assert {row["id"] for row in answer.rows} == DOWN_LLAMA_2


def test_two_questions_at_once_are_not_guessed_at(store: Store) -> None:
    answer = ask(store, "what is built on Llama and trained on ShareGPT")
    assert answer.rows == []
    assert "Ask one thing at a time." in answer.notes


def test_evidence_of_a_comparison_is_of_its_outcome(store: Store) -> None:
    (row,) = ask(store, "what outperforms GPT-4").rows
    assert row["via"][0]["outcome"] == "better"
    assert [e["quote"] for e in row["evidence"]] == [
        "Llama-3-Physician continues the pretraining of Llama-3-8B and beats GPT-4."
    ]


def test_results_come_best_first(store: Store) -> None:
    assert [row["score"] for row in ask(store, "results on MMLU").rows] == ["60.1%", "45.3%", "41.7%"]


def test_a_size_that_only_the_name_tells_says_so(store: Store) -> None:
    (row,) = ask(store, "how big is Mistral-7B").rows
    assert (row["number"], row["origin"], row["evidence"]) == (7_000_000_000, "name", [])


def test_what_is_said_of_members_counts_and_is_told(store: Store) -> None:
    answer = ask(store, "what was LLaMA trained on")
    assert answer.rows[0]["via"][0]["subject"] == "llama-13b"
    assert "Counts what is said of the 8 members of LLaMA." in answer.notes


def test_limits_hide_rows_and_count_them(store: Store) -> None:
    answer = ask(store, "models fine-tuned from LLaMA", min_support=2)
    assert [row["id"] for row in answer.rows] == ["guanaco"]
    assert "4 hidden by the limits on support and confidence." in answer.notes


@pytest.mark.parametrize(
    "question",
    [
        "will it rain tomorrow in Ouagadougou",
        "why do transformers work so well on long documents",
        "write me a poem about attention",
        "what is the meaning of life, the universe and everything",
    ],
)
def test_what_cannot_be_answered_says_what_can(store: Store, question: str) -> None:
    answer = ask(store, question)
    assert answer.rows == []
    assert answer.notes[0].startswith("I can't answer")
    assert "what is built on Llama" in answer.notes[0]


def test_an_unknown_name_is_an_error_with_near_misses(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"No entity named 'Vicunna'\. Did you mean Vicuna") as error:
        ask(store, "what is built on Vicunna")
    assert error.value.suggestions[0] == "Vicuna"


def test_a_size_of_something_without_one_is_told(store: Store) -> None:
    with pytest.raises(UsageError, match="how big GPT-4 is"):
        ask(store, "models larger than GPT-4")


def test_examples_lists_every_form(store: Store) -> None:
    rows = ask(store, "examples").rows
    assert [row["id"] for row in rows] == [form.name for form in FORMS]


def test_a_bare_name_is_shown(store: Store) -> None:
    assert ask(store, "vicuna").rows[0]["kind"] == "card"
    assert ask(store, "What is CLIP?").rows[0]["id"] == "clip"


@pytest.mark.neo4j
@pytest.mark.timeout(1200)  # a busy machine takes a second to plan each of these queries for the first time
def test_neo4j_answers_the_same(neo4j, store: Store, toy_graph: Graph) -> None:
    with neo4j.connect() as other:
        other.load(toy_graph)
        for question in (form.example for form in FORMS if form.name != "what a paper introduces"):
            assert ask(other, question).rows == ask(store, question).rows, question
        assert show(other, "llama").rows == show(store, "llama").rows
        for name, direction in (("llama", "down"), ("boros", "up"), ("squad", "down")):
            answer = lineage(store, name, direction=direction)
            assert lineage(other, name, direction=direction).rows == answer.rows, name
            assert other.query(answer.cypher, answer.parameters) == store.query(
                answer.cypher, answer.parameters
            )
