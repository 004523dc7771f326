"""The grammar of names: tables of spellings that are one name or two, and laws for any text."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.names import FORMATS, VARIANTS, key, parents, parse

# A slow machine is no failure.
no_clock = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SAME = {
    "llama-2-7b-chat": [
        "Llama-2-7b-chat-hf",
        "LLaMA 2 7B Chat",
        "LLaMA2-7B-Chat",
        "Llama 2-Chat 7B",
        "llama_2_7b_chat",
        "Llama-2-7B-Chat-GPTQ",
        "Llama 2 7B Chat (4-bit)",
        "Llama-2-7B-chat.Q4_K_M",
        "LLaMA2-7B-Chat's",
        r"\textsc{Llama}-2-7B-Chat",
    ],
    "llama-2.7b": ["Llama-2.7B", "LLaMA 2.7B"],
    "lora+": ["LoRA+", "LoRA +"],
    "scannet++": ["ScanNet++"],
    "pointnet++": ["PointNet++"],
    "c4": ["C4"],
    "t5": ["T5", "T-5"],
    "t5-11b": ["T5-11B", "T5 11B"],
    "mt5": ["mT5"],
    "codet5": ["CodeT5"],
    "o3-mini-high": ["o3-mini (high)", "o3-mini-high", "O3 Mini high"],
    "gpt-4o": ["GPT-4o", "GPT4o", "gpt 4o"],
    "gpt-3.5-turbo": ["GPT-3.5-Turbo", "GPT3.5 turbo"],
    "yolov8": ["YOLOv8", "YOLO v8", "YOLO-V8"],
    "resnet-50": ["ResNet-50", "ResNet50", "resnet 50"],
    "vit-b16": ["ViT-B/16", "ViT-B16", "vit-b-16"],
    "wav2vec-2.0": ["wav2vec 2.0", "Wav2Vec2.0", "wav2vec-2.0"],
    "claude-3.5-sonnet": ["Claude 3.5 Sonnet", "Claude-3.5-Sonnet", "Claude Sonnet 3.5"],
    "gemini-1.5-pro-001": ["Gemini 1.5 Pro 001", "gemini-1.5-pro-001"],
    "gpt-4-0613": ["GPT-4-0613", "GPT-4 (0613)"],
    "o3-mini-20250416": ["o3-mini-2025-04-16", "o3-mini-20250416"],
    "mistral-7b-instruct-v0.2": [
        "Mistral-7B-Instruct-v0.2",
        "Mistral 7B Instruct v0.2",
        "Mistral-7B-v0.2-Instruct",
    ],
    "qwen-3-235b-a22b": ["Qwen3-235B-A22B", "Qwen 3 235B-A22B"],
    "u2-net": ["U2-Net", r"U$^2$-Net"],
    "zephyr-7b-beta": ["Zephyr-7B-β", r"Zephyr-7B-$\beta$"],
    "tülu-3": ["Tülu 3", 'T\\"ulu 3', "Tu\u0308lu-3"],
    "inceptionv3": ["Inception~v3", "Inception-V3"],
    "文心4": ["文心 4", "文心4"],
}


@pytest.mark.parametrize(("id", "name"), [(k, name) for k, names in SAME.items() for name in names])
def test_spellings_of_one_name_have_one_key(id, name):
    assert key(name) == id


@pytest.mark.parametrize(
    "names",
    [
        ("Llama-2.7B", "Llama-2-7B", "Llama-27B", "Llama-2-70B", "Llama-7B", "Llama-2-7B-Chat"),
        ("Llama", "TinyLlama", "OpenLLaMA", "Code Llama", "LLaMA-Adapter", "K2"),
        ("ImageNet-1K", "ImageNet-21K", "ImageNet", "Tiny-ImageNet"),
        ("CIFAR-10", "CIFAR-100", "CIFAR-10-C", "CIFAR-10.1"),
        ("MATH", "MATH-500", "MATH-5"),
        ("WMT14", "WMT 2014", "WMT16"),
        ("SST-2", "SST-5", "SST5"[:3]),
        ("LoRA", "LoRA+", "QLoRA", "LoRA-7B"),
        ("AWQ", "GPTQ", "int8", "SmoothQuant", "SmoothQuant-int8"),
        ("GPT-4", "GPT-4o", "GPT-4V", "GPT-4.1", "GPT-41", "GPT-4o-mini"),
        ("Mixtral-8x7B", "Mixtral-8x22B", "Mixtral-7B"),
        ("C", "C++", "C#"),
        ("∆", "∇", "♥", ""),
        ("模型", "数据集", "Модель", "نموذج"),
    ],
)
def test_different_things_keep_different_keys(names):
    assert len({key(name) for name in names}) == len(names)


def test_every_number_behind_a_family_tells_members_apart():
    names = [f"Foo-{v}-{s}B" for v in ("1", "2", "2.5", "3") for s in ("1.5", "7", "70")]
    names += [f"Foo-{s}B" for s in ("1.5", "7", "70", "2.7")] + ["Foo-1", "Foo-2", "Foo-2.5", "Foo"]
    assert len({key(n) for n in names}) == len(names)


def test_key_of_a_system_or_of_data_does_not_hold_the_type():
    assert len({key("MAE-2", type) for type in ("Model", "Dataset", "Benchmark", "Method")}) == 1


def test_tasks_and_metrics_are_only_folded_and_prefixed():
    assert key("Visual  Question-Answering", "Task") == "task:visual-question-answering"
    assert key("mAP50", "Metric") == "metric:map50"
    assert key(key("F1 score", "Metric"), "Metric") == "metric:f1-score"


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("Llama-2-7B-Chat", [("llama-2-7b", "variant"), ("llama-2", "size"), ("llama", "version")]),
        ("GPT-2", [("gpt", "version")]),
        ("Wav2Vec 2.0", []),
        ("Top-5", []),
        ("BERT-base-uncased", [("bert-base", "variant"), ("bert", "size")]),
        (
            "Mistral-7B-Instruct-v0.2",
            [("mistral-7b-instruct", "version"), ("mistral-7b", "variant"), ("mistral", "size")],
        ),
        ("TinyLlama-1.1B", [("tinyllama", "size")]),
        ("LLaMA-Adapter-7B", [("llama-adapter", "size")]),
        ("Llama-3-Physician", []),
        ("GPT-4-0613", [("gpt-4", "version"), ("gpt", "version")]),
        ("Qwen3-235B-A22B-Thinking", [("qwen-3-235b-a22b", "variant"), ("qwen-3", "size")]),
    ],
)
def test_parents(name, chain):
    found = parents(parse(name), {"llama", "gpt"}.__contains__)
    assert [(parent.key, member) for parent, member in found] == chain


@pytest.mark.parametrize(
    ("name", "parameters", "active"),
    [
        ("Llama-2-7B", 7_000_000_000, None),
        ("llama-2.7b", 2_700_000_000, None),
        ("wav2vec2-XLS-R-300M", 300_000_000, None),
        ("Qwen3-235B-A22B", 235_000_000_000, 22_000_000_000),
        ("Ling-1T", 10**12, None),
        ("Mixtral-8x7B", None, None),
        ("ResNet-50", None, None),
        ("Phi-3-mini-4k-instruct", None, None),
    ],
)
def test_sizes_in_names(name, parameters, active):
    assert (parse(name).parameters, parse(name).active) == (parameters, active)


def test_parts_of_a_name():
    name = parse("LLaMA 2-Chat 7B (4-bit)")
    assert (name.base, name.base_key, name.version, name.size) == ("LLaMA", "llama", "2", "7b")
    assert (name.variant, name.dropped) == (("chat",), ("4bit",))
    assert name.display == "LLaMA-2-7B-Chat"


def test_display_is_as_written_where_it_can_be():
    assert [n.display for n, _ in parents(parse("Qwen2.5-7B-Instruct"), {"qwen"}.__contains__)] == [
        "Qwen2.5-7B",
        "Qwen2.5",
        "Qwen",
    ]


WORDS = [
    *sorted(VARIANTS | FORMATS),
    *"Llama GPT T5 ViT b B x v o wav2vec2 LoRA+ C# 模型 İstanbul é β K2 4o a22b bit".split(),
    *"2 3.1 v2 v0.3 50 7B 2.7b 8x7B 350M 128k 0613 20240229 001 v8n 4-bit".split(),
]
names_like = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7)
separators = st.sampled_from(["-", " ", "_", " - ", "/", " ("])
any_text = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="abvxB70.4+-# /_$\\{}\"'%βİßé模²½", max_size=20),
    st.builds(lambda words, sep: sep.join(words), names_like, separators),
)


def test_a_key_is_its_own_key_however_long_putting_in_order_takes():
    plain = key("gp8-" + "v-3t-33-" * 24 + "3-3")
    assert key(plain) == plain


@no_clock
@given(any_text)
@example("x v chat 8")
@example("İ2")
@example("\u0345")
def test_a_key_is_its_own_key(text):
    assert key(key(text)) == key(text)


@no_clock
@given(any_text)
def test_a_key_is_never_empty_and_holds_no_blank(text):
    assert key(text)
    assert not any(c.isspace() for c in key(text))


@no_clock
@given(names_like, separators)
def test_separators_and_ascii_case_do_not_matter(words, separator):
    name = separator.join(words)
    assert key(name) == key(" ".join(words)) == key("-".join(words))
    ascii_only = "".join(c for c in name if c.isascii())
    assert key(ascii_only.upper()) == key(ascii_only.lower())


@no_clock
@given(
    st.sampled_from(["Llama", "Foo", "GPT", "SD", "模型"]),
    st.sampled_from(["2", "2.5", "v3"]),
    st.sampled_from(["7B", "70B", "1.5B"]),
)
def test_order_and_format_do_not_matter_but_numbers_do(family, version, size):
    whole = key(f"{family}-{version}-{size}-Chat")
    assert whole == key(f"{family} {version}-Chat {size}") == key(f"{family}-{version}-{size}-Chat-hf")
    assert (
        len(
            {
                whole,
                key(f"{family}-{size}-Chat"),
                key(f"{family}-{version}-Chat"),
                key(f"{family}-{version}-{size}"),
            }
        )
        == 4
    )


@no_clock
@given(any_text)
def test_parents_get_shorter_and_end(text):
    chain = parents(parse(text), lambda key: True)
    suffixes = [len(parse(text).suffix), *(len(name.suffix) for name, _ in chain)]
    assert suffixes == sorted(suffixes, reverse=True)
    assert len(set(suffixes)) == len(suffixes)
