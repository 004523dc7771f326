"""`kg why`: the steps in words."""

from kg.resolve import resolve, why


def test_steps_say_how_a_name_was_read():
    lines = why("LLaMA2-7B-Chat-GPTQ", "Llama 2 7B chat")
    assert lines[0] == "LLaMA2-7B-Chat-GPTQ"
    assert any("llama-2-7b-chat" in line for line in lines)
    assert lines[-1] == "One entity: llama-2-7b-chat."


def test_two_that_have_nothing_in_common():
    assert why("TinyLlama", "Llama")[-1] == "Two entities: tinyllama and llama."
    assert why("Llama-2-7B", "Llama 2")[-1] == "Two entities: llama-2-7b is a size of llama-2."


def test_what_papers_decided(say, tmp_path):
    both = ["Method! Hierarchical Zebra Attention = HZA", "Model! Zork"]
    graph = resolve(
        [
            say("2401.00001", "One", "Hierarchical Zebra Attention (HZA) and Zork.", both),
            say("2402.00002", "Two", "We propose Zork on top of HZA.", ["Model! Zork", "Method HZA"]),
        ],
        tmp_path,
        graph="test",
        generation="1",
    )
    lines = why("HZA", "Hierarchical Zebra Attention", graph=graph)
    assert lines[-1] == "One entity: hierarchical-zebra-attention."
    assert any("so it is that in every paper" in line for line in lines)
    assert why("HZA", "Hierarchical Zebra Attention")[-1].startswith("Two entities")
    assert [line for line in why("Zork", "Zork", graph=graph) if "coined by that paper alone" in line]
