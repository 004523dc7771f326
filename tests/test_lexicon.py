"""The lexicon: what it finds, which entity it says a name names, and what it refuses to compile."""

import random
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import SchemaError
from kg.lexicon import __main__ as command
from kg.lexicon import canonical, folded, lexicon
from kg.lexicon.curated import FOLDER, compiled, read
from kg.lexicon.entries import COMPILED, loaded
from kg.names import FORMATS, key, parse

# A slow machine is no failure.
no_clock = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("llama2", "Llama 2"),
        ("LLaMA v2", "Llama 2"),
        ("Llamas", "Llama"),
        ("vision transformers", "ViT"),
        ("ViTs", "ViT"),
        ("XLM-RoBERTa", "XLM-R"),
        ("Multilingual BERT", "mBERT"),
        ("mask rcnn", "Mask R-CNN"),
        ("YOLO v8", "YOLOv8"),
        ("wav2vec2", "wav2vec 2.0"),
        ("Tulu-3", "Tülu 3"),
        ("DALL·E 2", "DALL-E 2"),
        ("SD 1.5", "Stable Diffusion 1.5"),
        ("R1", "DeepSeek-R1"),
        ("Claude Sonnet 4", "Claude 4 Sonnet"),
        ("segment anything model", "SAM"),
        ("Memory Networks", "Memory Network"),
    ],
)
def test_finds_names_as_they_are_written(surface, name):
    entry = lexicon().find(surface, "Model")
    assert entry is not None
    assert entry.name == name


@pytest.mark.parametrize(
    "surface",
    [
        "simple",
        "Complex",
        "shapes",
        "part",
        "video clip",
        "keep track",
        "orca",
        "memory networks",
        "efficient ViT",
        "Top-5",
        "",
    ],
)
def test_leaves_ordinary_words_alone(surface):
    assert lexicon().find(surface, "Model") is None


@pytest.mark.parametrize(
    ("name", "id", "chain"),
    [
        ("LLaMA2-7B-Chat-GPTQ", "llama-2-7b-chat", "llama-2-7b:variant llama-2:size llama:version"),
        ("meta-llama/Llama-2-7b-chat-hf", "llama-2-7b-chat", "llama-2-7b:variant llama-2:size llama:version"),
        ("Meta's Llama-3", "llama-3", "llama:version"),
        ("LLaMA models", "llama", ""),
        ("LLaMA-7B", "llama-7b", "llama-1:size llama:version"),
        ("Llama-1-65B", "llama-65b", "llama-1:size llama:version"),
        ("Llama 70B", "llama-70b", "llama:size"),
        ("Llama-9", "llama-9", "llama:version"),
        ("GPT-2", "gpt-2", "gpt:version"),
        ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-0613", "gpt-3.5-turbo:version gpt-3.5:variant gpt:version"),
        ("OpenAI's o1-mini", "o1-mini", "o1:size o-series:variant"),
        ("Claude Opus 4.1", "claude-4.1-opus", "claude-4:version claude:version"),
        (
            "Qwen-2.5-Math 7B Instruct",
            "qwen-2.5-math-7b-instruct",
            "qwen-2.5-math-7b:variant qwen-2.5-math:size qwen-2.5:variant qwen:version",
        ),
        (
            "Mistral-Small-24B-Instruct",
            "mistral-24b-small-instruct",
            "mistral-24b-small:variant mistral-small:size mistral:size",
        ),
        (
            "R1-Distill-Qwen-7B",
            "deepseek-r1-distill-qwen-7b",
            "deepseek-r1-distill-qwen:size deepseek-r1-distill:variant deepseek-r1:variant deepseek:variant",
        ),
        ("ResNet-1202", "resnet-1202", "resnet:size"),
        ("ViT-L/14", "vit-l14", "vit:size"),
        ("Swin-T", "swin-t", "swin-transformer:size"),
        ("BERT-base-uncased", "bert-base-uncased", "bert-base:variant bert:size"),
        ("TinyLlama-1.1B", "tinyllama-1.1b", "tinyllama:size"),
        ("OpenLLaMA", "openllama", ""),
        ("Code Llama 7B", "code-llama-7b", "code-llama:size"),
        ("LLaMA-Adapter", "llama-adapter", ""),
        ("Llama-3-Physician", "llama-3-physician", ""),
        ("K2", "k2", ""),
        ("BERT-6", "bert-6", ""),
        ("Wav2Vec 2.0", "wav2vec-2.0", "wav2vec:version"),
        ("Top-5", "top-5", ""),
        ("FooLM-7B-Chat", "foolm-7b-chat", "foolm-7b:variant foolm:size"),
    ],
)
def test_canonical_names_and_their_families(name, id, chain):
    found = canonical(name, "Model")
    assert found.key == id
    assert " ".join(f"{p.key}:{p.member}" for p in found.parents) == chain


def test_one_entity_for_every_spelling_of_its_name():
    for spellings in (
        ["DeepSeek-R1", "DeepSeek R1", "Deepseek's R1", "R1", "DeepSeek-R1 model"],
        ["GPT-4V", "GPT-4V(ision)", "GPT-4 Vision", "gpt4v"],
        ["Llama-2-13B", "LLaMA2 13B", "Llama 2 (13B)", "LLaMA v2 13B"],
        ["Stable Diffusion v1.5", "SD 1.5", "SD-v1.5", "Stable Diffusion 1.5"],
    ):
        assert len({canonical(s).key for s in spellings}) == 1, spellings


def test_known_says_whether_the_very_name_is_known():
    assert canonical("Llama 2").known
    assert not canonical("Llama-2-7B").known
    assert [p.known for p in canonical("Llama-2-7B-Chat").parents] == [False, True, True]


def test_steps_say_how_a_name_was_understood():
    steps = canonical("LLaMA2-7B-Chat-GPTQ").steps
    assert "dropped gptq" in steps[0]
    assert "'Llama 2'" in steps[1]
    assert steps[-2:] == (
        "id: llama-2-7b-chat",
        "member of: llama-2-7b (variant) < llama-2 (size) < llama (version)",
    )


def test_an_alias_of_a_task_or_metric_has_its_prefix():
    assert canonical("Object Detection", "Task").key == "task:object-detection"
    assert canonical("No Such Task", "Task").parents == ()


def test_canonical_of_a_canonical_name_is_itself():
    models = [e for e in lexicon().entries() if e.type == "Model"]
    for entry in random.Random(0).sample(models, 1500):
        found = canonical(entry.name, entry.type)
        assert found.name == parse(entry.name).text
        assert found.entry == entry


def test_every_surface_leads_to_its_entry():
    for surface, entry in random.Random(1).sample(list(lexicon().surfaces()), 3000):
        assert entry in lexicon().all(surface), surface


def test_parents_of_known_models_end_and_are_known():
    for entry in lexicon().entries():
        if entry.type == "Model" and entry.family:
            parents = canonical(entry.name, "Model").parents
            assert parents, entry
            assert parents[0].name == entry.family
            assert len({p.key for p in parents}) == len(parents)


def test_enough_models_are_known():
    models = [e for e in lexicon().entries() if e.type == "Model"]
    assert len(models) > 3000
    assert {"Llama", "GPT", "Qwen", "Mistral", "BERT", "T5", "CLIP"} <= {e.name for e in models}
    years = [e.year for e in models if e.year]
    assert min(years) >= 1894
    assert max(years) <= 2026


def test_no_two_known_models_share_an_id():
    ids = [key(e.name) for e in lexicon().entries() if e.type == "Model"]
    assert len(set(ids)) == len(ids)


def test_no_generic_class_is_a_name():
    for word in "CNN RNN LSTM GRU GAN VAE LLM GNN MLP MoE PLM Transformer transformer autoencoder".split():
        assert lexicon().find(word, "Model") is None, word


def test_the_families_and_their_members():
    families = lexicon().families
    assert {"Llama 1", "Llama 2", "Llama 3"} <= {e.name for e in families["Llama"]}
    assert "Code Llama" not in families["Llama"]


any_name = st.one_of(
    st.text(max_size=20),
    st.builds(
        lambda entry, rest: " ".join((entry.name, *rest)),
        st.sampled_from(lexicon().entries()[:3000]),
        st.lists(
            st.sampled_from(["7B", "2", "v1.5", "Chat", "0613", "large", "model", *sorted(FORMATS)]),
            max_size=4,
        ),
    ),
)


@no_clock
@given(any_name)
def test_canonical_is_total_and_its_chain_has_no_circle(name):
    found = canonical(name)
    assert found.key == key(found.name)
    ids = [found.key, *(p.key for p in found.parents)]
    assert len(set(ids)) == len(ids)


@no_clock
@given(any_name, any_name)
def test_folding_knows_no_case(a, b):
    assert folded(a.upper().lower()) == folded(a.lower())
    if a.lower() == b.lower():
        assert folded(a) == folded(b)


def test_the_compiled_form_is_fresh():
    assert compiled() == COMPILED.read_text("utf8"), "run: python -m kg.lexicon"


def test_compiling_does_not_depend_on_the_run(tmp_path):
    program = "from kg.lexicon.curated import compiled; import hashlib; print(hashlib.sha256(compiled().encode()).hexdigest())"
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_what_is_compiled_is_what_was_curated():
    lines = read(FOLDER)
    assert [e._replace(versioned=False) for e in lexicon().entries()] == [line.entry for line in lines]


def lexicon_of(folder, **files):
    for stem, text in files.items():
        (folder / f"{stem}.yaml").write_text(text, "utf8")
    return loaded(compiled(folder))


def test_a_small_lexicon(tmp_path):
    small = lexicon_of(
        tmp_path,
        models="- {name: Foo}\n- {name: Foo 2, family: Foo, year: 2020}\n- {name: Foo 1, family: Foo, first: [7B]}\n",
        metrics="- {name: BLEU, aliases: [Bilingual Evaluation Understudy]}\n",
    )
    assert [e.name for e in small.families["Foo"]] == ["Foo 2", "Foo 1"]
    assert small.find("foo2").year == 2020
    assert small.first_version("foo 7b").name == "Foo 1"
    assert small.find("bilingual evaluation understudy").type == "Metric"
    assert small.find("Foo").versioned


def test_one_surface_may_have_two_types_where_one_needs_a_hint(tmp_path):
    small = lexicon_of(
        tmp_path, models="- {name: Chameleon}\n", datasets="- {name: Chameleon, context: true}\n"
    )
    assert small.find("chameleon").type == "Model"
    assert small.find("chameleon", "Dataset").context


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        (
            "- {name: Foo}\n- {name: Bar, aliases: [foo]}\n",
            "models.yaml:2: 'Bar' shares the surface 'foo' with 'Foo'",
        ),
        ("- {name: Foo, famly: Bar}\n", "models.yaml:1: unknown field 'famly'"),
        ("\n- {name: Foo, family: Bar}\n", "models.yaml:2: 'Foo' has the unknown family 'Bar'"),
        ("- {name: A1, family: B1}\n- {name: B1, family: A1}\n", "circle of families"),
        ("- {name: 2020}\n", "models.yaml:1: name is 2020, but should be text; quote numbers"),
        ("- {name: 'Foo  Bar'}\n", "should be text"),
        ("- {name: Foo, year: 20}\n", "year is 20"),
        ("- {name: Foo, aliases: Bar}\n", "aliases is 'Bar'"),
        ("- {name: Foo, context: 1}\n", "context is 1"),
        ("- {name: Foo, sizes: roman}\n", "sizes is 'roman'"),
        ("- {name: Foo, first: [7B]}\n", "`first` but no family"),
        ("- {name: '!?'}\n", "without a letter or digit"),
        ("- Foo\n", "models.yaml:1: an entry is a map with a name"),
        ("- {name: Foo\n", "models.yaml:2: is not YAML"),
    ],
)
def test_errors_name_file_and_line(tmp_path, models, problem):
    with pytest.raises(SchemaError) as error:
        lexicon_of(tmp_path, models=models)
    assert problem in str(error.value)


def test_the_command_writes_what_is_compiled(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "COMPILED", tmp_path / "compiled.tsv")
    assert command.main() == 0
    assert (tmp_path / "compiled.tsv").read_text("utf8") == compiled()
