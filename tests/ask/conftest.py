"""A small, rich graph, written by hand as the four tables and loaded into a real store.

Every statement is a paper's sentence; edges, support and claims follow from the statements.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.graph import Graph, write_table
from kg.schema import schema
from kg.stores import Store

Row = dict[str, Any]


def _models(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "Model")


TYPES = {
    **_models("LLaMA", "LLaMA-7B", "LLaMA-13B", "Llama 2", "Llama-2-7B", "Llama-2-7B-Chat", "Llama 3", "Llama-3-8B"),
    **_models("Llama-3-8B-Instruct", "Alpaca", "Vicuna", "Vicuna-7B", "Vicuna-13B", "Vicuna-v1.5", "Guanaco", "LLaVA"),
    **_models("MiniGPT-4", "TinyLlama", "TinyLlama-Chat", "Llama-3-Physician", "Mistral", "Mistral-7B", "Zephyr"),
    **_models("BERT", "DistilBERT", "TinyBERT", "BioBERT", "RoBERTa", "CLIP", "ViT", "T5", "Flan-T5", "GPT-4", "GPT-3"),
    **_models("Ouro", "Boros", "Phoenix", "PhoenixChat", "Orca", "StackLLaMA", "Lonely"),
    **dict.fromkeys(
        ("C4", "Wikipedia", "ImageNet", "ImageNet-R", "ShareGPT", "Alpaca-52K", "OASST1", "SQuAD", "SQuAD 2.0"),
        "Dataset",
    ),
    **dict.fromkeys(("SST-2", "BookCorpus", "The Pile", "LAION"), "Dataset"),
    **dict.fromkeys(("MMLU", "MMLU-Pro", "HumanEval", "GLUE", "MT-Bench"), "Benchmark"),
    **dict.fromkeys(("LoRA", "QLoRA", "DPO", "RLHF"), "Method"),
    **dict.fromkeys(("machine translation", "question answering", "image classification"), "Task"),
    **dict.fromkeys(("accuracy", "F1", "BLEU"), "Metric"),
}  # fmt: skip
ALIASES = {
    "DistilBERT": ["Distil-BERT"],
    "machine translation": ["MT"],
    "The Pile": ["Pile"],
    "CLIP": ["Contrastive Language-Image Pre-training"],
}
FAMILIES = {"LLaMA", "Llama 2", "Llama 3", "Vicuna", "Mistral", "TinyLlama"}
SUSPECT = {"Phoenix"}

# child, kind of member, family: what the names themselves say
BY_NAME = [
    ("LLaMA-7B", "size", "LLaMA"),
    ("LLaMA-13B", "size", "LLaMA"),
    ("Llama 2", "version", "LLaMA"),
    ("Llama-2-7B", "size", "Llama 2"),
    ("Llama-2-7B-Chat", "variant", "Llama-2-7B"),
    ("Llama 3", "version", "LLaMA"),
    ("Llama-3-8B", "size", "Llama 3"),
    ("Llama-3-8B-Instruct", "variant", "Llama-3-8B"),
    ("Vicuna-7B", "size", "Vicuna"),
    ("Vicuna-13B", "size", "Vicuna"),
    ("Vicuna-v1.5", "version", "Vicuna"),
    ("Mistral-7B", "size", "Mistral"),
    ("TinyLlama-Chat", "variant", "TinyLlama"),
]

# key, title, year, what it introduces, what it states: sentence, then (subject, relation, object, qualifiers)
PAPERS: list[tuple[str, str, int | None, list[str], list[tuple[str, list[tuple[Any, ...]]]]]] = [
    ("2302.00001", "LLaMA: small models on open data", 2023, ["LLaMA"], [
        ("LLaMA comes in sizes from 7B to 65B parameters.", [
            ("LLaMA", "HAS_SIZE", "7B", {"number": 7e9, "number_unit": "parameters"}),
            ("LLaMA", "HAS_SIZE", "65B", {"number": 65e9, "number_unit": "parameters"})]),
        ("LLaMA-13B was trained on C4 and Wikipedia.", [
            ("LLaMA-13B", "TRAINED_ON", "C4", {}), ("LLaMA-13B", "TRAINED_ON", "Wikipedia", {})]),
        ("LLaMA-13B outperforms GPT-3 on MMLU.", [
            ("LLaMA-13B", "COMPARED_TO", "GPT-3", {"outcome": "better"}),
            ("LLaMA-13B", "EVALUATED_ON", "MMLU", {})]),
    ]),
    ("2303.00002", "Alpaca follows instructions", 2023, ["Alpaca", "Alpaca-52K"], [
        ("Alpaca is fine-tuned from LLaMA-7B on Alpaca-52K.", [
            ("Alpaca", "BUILT_ON", "LLaMA-7B", {"how": "fine-tuned"}),
            ("Alpaca", "TRAINED_ON", "Alpaca-52K", {})]),
        ("Alpaca-52K holds 52k examples.", [
            ("Alpaca-52K", "HAS_SIZE", "52k examples", {"number": 52e3, "number_unit": "examples"})]),
    ]),
    ("2303.00003", "Vicuna chats", 2023, ["Vicuna", "Vicuna-13B", "MT-Bench"], [
        ("Vicuna is obtained by fine-tuning LLaMA on ShareGPT.", [
            ("Vicuna", "BUILT_ON", "LLaMA", {"how": "fine-tuned"}),
            ("Vicuna", "TRAINED_ON", "ShareGPT", {})]),
        ("On MT-Bench, Vicuna-13B is better than Alpaca and behind GPT-4.", [
            ("Vicuna-13B", "COMPARED_TO", "Alpaca", {"outcome": "better"}),
            ("Vicuna-13B", "COMPARED_TO", "GPT-4", {"outcome": "worse"}),
            ("Vicuna-13B", "EVALUATED_ON", "MT-Bench", {})]),
        ("Vicuna-13B reaches a score of 6.57 on MT-Bench.", [
            ("Vicuna-13B", "RESULT", "MT-Bench", {"metric": "score", "score": "6.57"})]),
    ]),
    ("2304.00004", "LLaVA sees and talks", 2023, ["LLaVA"], [
        ("LLaVA connects CLIP with Vicuna-13B, which it fine-tunes.", [
            ("LLaVA", "BUILT_ON", "CLIP", {"how": "component"}),
            ("LLaVA", "BUILT_ON", "Vicuna-13B", {"how": "fine-tuned"})]),
        ("LLaVA answers questions about pictures.", [("LLaVA", "ADDRESSES", "question answering", {})]),
    ]),
    ("2304.00005", "MiniGPT-4 with a frozen language model", 2023, ["MiniGPT-4"], [
        ("MiniGPT-4 keeps Vicuna-7B frozen and adapts to it.", [
            ("MiniGPT-4", "BUILT_ON", "Vicuna-7B", {"how": "adapted"})]),
        ("MiniGPT-4 is compared with LLaVA.", [("MiniGPT-4", "COMPARED_TO", "LLaVA", {"outcome": "unknown"})]),
    ]),
    ("2305.00006", "QLoRA: tuning on one card", 2023, ["QLoRA", "Guanaco"], [
        ("Guanaco is LLaMA fine-tuned with QLoRA on OASST1.", [
            ("Guanaco", "BUILT_ON", "LLaMA", {"how": "fine-tuned"}),
            ("Guanaco", "USES", "QLoRA", {}), ("Guanaco", "TRAINED_ON", "OASST1", {})]),
        ("QLoRA extends LoRA.", [("QLoRA", "USES", "LoRA", {})]),
        ("On the Vicuna benchmark Guanaco does as well as Vicuna.", [
            ("Guanaco", "COMPARED_TO", "Vicuna", {"outcome": "similar"})]),
        ("We also apply QLoRA to T5.", [("QLoRA", "APPLIED_TO", "T5", {})]),
    ]),
    ("2306.00007", "A second look at Guanaco", 2023, [], [
        ("Guanaco, a fine-tuned LLaMA, scores 41.7% accuracy on MMLU.", [
            ("Guanaco", "BUILT_ON", "LLaMA", {"how": "fine-tuned"}),
            ("Guanaco", "RESULT", "MMLU", {"metric": "accuracy", "score": "41.7%"}),
            ("Guanaco", "EVALUATED_ON", "MMLU", {})]),
        ("It is worse than Vicuna there.", [("Guanaco", "COMPARED_TO", "Vicuna", {"outcome": "worse"})]),
    ]),
    ("2307.00008", "Llama 2 opens up", 2023, ["Llama 2", "Llama-2-7B", "Llama-2-7B-Chat"], [
        ("Llama 2 was trained on 2T tokens.", [
            ("Llama 2", "HAS_SIZE", "2T tokens", {"number": 2e12, "number_unit": "training tokens"})]),
        ("Llama-2-7B-Chat is instruction-tuned from Llama-2-7B with RLHF.", [
            ("Llama-2-7B-Chat", "BUILT_ON", "Llama-2-7B", {"how": "instruction-tuned"}),
            ("Llama-2-7B-Chat", "USES", "RLHF", {})]),
        ("Llama 2 scores 45.3% accuracy on MMLU.", [
            ("Llama 2", "RESULT", "MMLU", {"metric": "accuracy", "score": "45.3%"}),
            ("Llama 2", "EVALUATED_ON", "MMLU", {})]),
    ]),
    ("2309.00009", "Reading far with Llama 2", 2023, [], [
        ("Our models continue the pretraining of Llama 2 on longer texts.", [
            ("unnamed@2309.00009", "BUILT_ON", "Llama 2", {"how": "continued-pretraining"})]),
        ("We evaluate on HumanEval.", [("2309.00009", "EVALUATED_ON", "HumanEval", {})]),
    ]),
    ("2401.00010", "TinyLlama: small on purpose", 2024, ["TinyLlama", "TinyLlama-Chat"], [
        ("TinyLlama takes over the architecture of Llama 2 and has 1.1B parameters.", [
            ("TinyLlama", "BUILT_ON", "Llama 2", {"how": "architecture"}),
            ("TinyLlama", "HAS_SIZE", "1.1B", {"number": 1.1e9, "number_unit": "parameters"})]),
        ("StackLLaMA starts from the weights of TinyLlama.", [
            ("StackLLaMA", "BUILT_ON", "TinyLlama", {"how": "initialised"})]),
    ]),
    ("2404.00011", "Llama-3-Physician", 2024, ["Llama-3-Physician"], [
        ("Llama-3-Physician continues the pretraining of Llama-3-8B and beats GPT-4.", [
            ("Llama-3-Physician", "BUILT_ON", "Llama-3-8B", {"how": "continued-pretraining"}),
            ("Llama-3-Physician", "COMPARED_TO", "GPT-4", {"outcome": "better"})]),
    ]),
    ("2310.00012", "Mistral in seven billion", 2023, ["Mistral-7B"], [
        ("Mistral-7B outperforms Llama 2 on MMLU.", [
            ("Mistral-7B", "COMPARED_TO", "Llama 2", {"outcome": "better"}),
            ("Mistral-7B", "EVALUATED_ON", "MMLU", {})]),
        ("Mistral-7B gets 60.1% accuracy on MMLU and 30.5% accuracy on HumanEval.", [
            ("Mistral-7B", "RESULT", "MMLU", {"metric": "accuracy", "score": "60.1%"}),
            ("Mistral-7B", "RESULT", "HumanEval", {"metric": "accuracy", "score": "30.5%"})]),
    ]),
    ("2310.00013", "Zephyr aligns", 2023, ["Zephyr"], [
        ("Zephyr distils preferences into Mistral-7B with DPO.", [
            ("Zephyr", "BUILT_ON", "Mistral-7B", {"how": "fine-tuned"}), ("Zephyr", "USES", "DPO", {})]),
        ("We apply DPO to Mistral as well.", [("DPO", "APPLIED_TO", "Mistral", {})]),
    ]),
    ("1810.00014", "BERT reads both ways", 2018, ["BERT"], [
        ("BERT is trained on BookCorpus and Wikipedia.", [
            ("BERT", "TRAINED_ON", "BookCorpus", {}), ("BERT", "TRAINED_ON", "Wikipedia", {})]),
        ("BERT is evaluated on GLUE and SQuAD.", [
            ("BERT", "EVALUATED_ON", "GLUE", {}), ("BERT", "EVALUATED_ON", "SQuAD", {})]),
        ("BERT has 340M parameters.", [
            ("BERT", "HAS_SIZE", "340M", {"number": 340e6, "number_unit": "parameters"})]),
        ("BERT is made for question answering.", [("BERT", "ADDRESSES", "question answering", {})]),
        ("BERT reaches an F1 of 93.2 on SQuAD.", [
            ("BERT", "RESULT", "SQuAD", {"metric": "F1", "score": "93.2"})]),
    ]),
    ("1910.00015", "DistilBERT is smaller", 2019, ["DistilBERT"], [
        ("DistilBERT is distilled from BERT and has 66M parameters.", [
            ("DistilBERT", "BUILT_ON", "BERT", {"how": "distilled"}),
            ("DistilBERT", "HAS_SIZE", "66M", {"number": 66e6, "number_unit": "parameters"})]),
        ("DistilBERT is behind BERT on GLUE.", [
            ("DistilBERT", "COMPARED_TO", "BERT", {"outcome": "worse"}),
            ("DistilBERT", "EVALUATED_ON", "GLUE", {})]),
    ]),
    ("1909.00016", "TinyBERT is smaller still", 2019, ["TinyBERT"], [
        ("TinyBERT is distilled from BERT.", [("TinyBERT", "BUILT_ON", "BERT", {"how": "distilled"})]),
        ("TinyBERT beats DistilBERT.", [("TinyBERT", "COMPARED_TO", "DistilBERT", {"outcome": "better"})]),
    ]),
    ("1901.00017", "BioBERT for medicine", 2019, ["BioBERT"], [
        ("BioBERT continues the pretraining of BERT.", [
            ("BioBERT", "BUILT_ON", "BERT", {"how": "continued-pretraining"})]),
        ("RoBERTa shares the architecture of BERT.", [
            ("RoBERTa", "BUILT_ON", "BERT", {"how": "architecture"})]),
    ]),
    ("2103.00018", "CLIP matches text and pictures", 2021, ["CLIP"], [
        ("CLIP encodes pictures with ViT.", [("CLIP", "BUILT_ON", "ViT", {"how": "component"})]),
        ("CLIP is tested on ImageNet and ImageNet-R.", [
            ("CLIP", "EVALUATED_ON", "ImageNet", {}), ("CLIP", "EVALUATED_ON", "ImageNet-R", {})]),
        ("CLIP classifies images.", [("CLIP", "ADDRESSES", "image classification", {})]),
        ("LAION was filtered by CLIP.", [("LAION", "USES", "CLIP", {})]),
        ("LAION holds 400M pairs.", [("LAION", "HAS_SIZE", "400M pairs", {"number": 4e8, "number_unit": "pairs"})]),
    ]),
    ("1910.00019", "T5 turns all into text", 2019, ["T5", "C4"], [
        ("T5 is trained on C4 for machine translation.", [
            ("T5", "TRAINED_ON", "C4", {}), ("T5", "ADDRESSES", "machine translation", {})]),
        ("T5 reaches 28.4 BLEU on machine translation.", [
            ("T5", "RESULT", "machine translation", {"metric": "BLEU", "score": "28.4"})]),
        ("T5 comes with 11B parameters at most.", [
            ("T5", "HAS_SIZE", "11B", {"number": 11e9, "number_unit": "parameters"})]),
    ]),
    ("2210.00020", "Flan-T5 follows", 2022, ["Flan-T5"], [
        ("Flan-T5 is T5 after instruction tuning.", [
            ("Flan-T5", "BUILT_ON", "T5", {"how": "instruction-tuned"})]),
        ("Flan-T5 sees SQuAD while it learns and is tested on SQuAD 2.0.", [
            ("Flan-T5", "TRAINED_ON", "SQuAD", {}), ("Flan-T5", "EVALUATED_ON", "SQuAD 2.0", {})]),
    ]),
    ("1806.00021", "Questions without answers", 2018, ["SQuAD 2.0"], [
        ("SQuAD 2.0 extends SQuAD with questions that have no answer.", [
            ("SQuAD 2.0", "DERIVED_FROM", "SQuAD", {}),
            ("SQuAD 2.0", "ADDRESSES", "question answering", {})]),
    ]),
    ("2406.00022", "MMLU-Pro is harder", 2024, ["MMLU-Pro"], [
        ("MMLU-Pro is built from MMLU.", [("MMLU-Pro", "DERIVED_FROM", "MMLU", {})]),
        ("ImageNet-R renders classes of ImageNet.", [("ImageNet-R", "DERIVED_FROM", "ImageNet", {})]),
        ("SST-2 is a task of GLUE.", [("SST-2", "PART_OF", "GLUE", {"member": "variant"})]),
    ]),
    ("2402.00023", "Merging in circles", 2024, ["Ouro", "Boros"], [
        ("Ouro is merged from Boros and Alpaca.", [
            ("Ouro", "BUILT_ON", "Boros", {"how": "merged"}), ("Ouro", "BUILT_ON", "Alpaca", {"how": "merged"})]),
        ("Boros is merged from Ouro.", [("Boros", "BUILT_ON", "Ouro", {"how": "merged"})]),
    ]),
    ("2304.00024", "Phoenix rises", 2023, ["Phoenix"], [
        ("Phoenix is fine-tuned from LLaMA-7B.", [("Phoenix", "BUILT_ON", "LLaMA-7B", {"how": "fine-tuned"})]),
    ]),
    ("2305.00025", "Phoenix for the sky", None, ["Phoenix", "PhoenixChat"], [
        ("PhoenixChat is fine-tuned from Phoenix.", [
            ("PhoenixChat", "BUILT_ON", "Phoenix", {"how": "fine-tuned"})]),
        ("We train our own network on The Pile.", [("unnamed@2305.00025", "TRAINED_ON", "The Pile", {})]),
    ]),
    ("2306.00026", "Orca learns from explanations", 2023, ["Orca"], [
        ("Orca imitates GPT-4 and starts from LLaMA-13B.", [
            ("Orca", "BUILT_ON", "GPT-4", {"how": "distilled"}),
            ("Orca", "BUILT_ON", "LLaMA-13B", {"how": "fine-tuned"})]),
        ("Orca surpasses Vicuna-13B.", [("Orca", "COMPARED_TO", "Vicuna-13B", {"outcome": "better"})]),
    ]),
]  # fmt: skip


def node_id(name: str) -> str:
    if "@" in name or name in {p[0] for p in PAPERS}:
        return name
    known = {"Llama 2": "llama-2", "Llama 3": "llama-3", "SQuAD 2.0": "squad-2.0", "The Pile": "the-pile"}
    prefix = {"Task": "task:", "Metric": "metric:"}.get(type_of(name), "")
    return prefix + known.get(name, name.lower().replace(" ", "-"))


def type_of(name: str) -> str:
    if name.startswith("unnamed@"):
        return "Model"
    if name in {p[0] for p in PAPERS}:
        return "Paper"
    return TYPES.get(name, "Size")


def named(name: str) -> str:
    titles = {p[0]: p[1] for p in PAPERS}
    if name.startswith("unnamed@"):
        return f'unnamed model of "{titles[name.removeprefix("unnamed@")]}"'
    return titles.get(name, name)


def end(name: str) -> tuple[str, str]:
    kind = type_of(name)
    return (f"size:{name.lower().replace(' ', '-')}" if kind == "Size" else node_id(name)), kind


def claims_of(paper: str, title: str, year: int | None, sentences: list[Any]) -> Iterator[Row]:
    start = len(title) + 1
    for sentence, statements in sentences:
        for subject, relation, target, qualifiers in statements:
            (s, s_type), (o, o_type) = end(subject), end(target)
            words = {f"{w}_text": n for w, n in (("subject", subject), ("object", target)) if n in sentence}
            row = {
                "id": f"{paper}|{s}|{relation}|{o}",
                "name": f"{named(subject)} {relation} {named(target)}",
                "paper": paper,
                "relation": relation,
                "subject": s,
                "subject_type": s_type,
                "object": o,
                "object_type": o_type,
                "quote": sentence,
                "start": start,
                "end": start + len(sentence),
                "confidence": 900,
                "rule": "by-hand",
                "kind": "text",
                "year": year,
                **qualifiers,
                **words,
            }
            if relation != "RESULT":
                row["edge"] = f"{s}|{relation}|{o}"
            yield {k: v for k, v in row.items() if v is not None}
        start += len(sentence) + 1


def tables() -> dict[str, list[Row]]:
    claims = [c for key, title, year, _, said in PAPERS for c in claims_of(key, title, year, said)]
    edges = {e["id"]: e for e in [*_stated_edges(claims), *_name_edges(), *_paper_edges(claims)]}
    return {
        "papers": [_paper(*p) for p in PAPERS],
        "entities": [*_entities(claims), *_sizes(claims)],
        "edges": list(edges.values()),
        "claims": claims,
    }


def _paper(key: str, title: str, year: int | None, _: list[str], said: list[Any]) -> Row:
    abstract = " ".join(sentence for sentence, _ in said)
    dated = {} if year is None else {"year": year, "published": str(year)}
    url = f"https://arxiv.org/abs/{key}"
    return {
        "id": key,
        "name": title,
        "title": title,
        "abstract": abstract,
        "input_id": key,
        "url": url,
        **dated,
    }


def _entities(claims: list[Row]) -> Iterator[Row]:
    unnamed = sorted({c["subject"] for c in claims if c["subject"].startswith("unnamed@")})
    for name in [*TYPES, *unnamed]:
        introducing = [p for p in PAPERS if name in p[3]]
        sizes = sorted(
            {
                int(c["number"])
                for c in claims
                if c["subject"] == node_id(name) and c.get("number_unit") == "parameters"
            }
        )
        by_name = {"7b": 7_000_000_000, "13b": 13_000_000_000, "8b": 8_000_000_000}
        origin = "text"
        for word, value in by_name.items():
            if not sizes and word in name.lower().split("-") and type_of(name) == "Model":
                sizes, origin = [value], "name"
        row: Row = {
            "id": node_id(name),
            "type": type_of(name),
            "name": named(name),
            "aliases": ALIASES.get(name, []),
            "papers": sum(name in sentence for p in PAPERS for sentence, _ in p[4]),
            "confidence": 900,
            "known": name in {"LLaMA", "BERT", "MMLU"},
            "named": not name.startswith("unnamed@"),
            "is_family": name in FAMILIES,
            "introduced": len(introducing),
            "homonym_suspect": name in SUSPECT,
        }
        years = [p[2] for p in introducing if p[2]]
        if years:
            row["introduced_year"] = min(years)
        if sizes:
            row |= {"parameters_min": sizes[0], "parameters_max": sizes[-1], "parameters_all": sizes}
            row |= {"parameters_origin": origin}
            row |= {"parameters": sizes[0]} if len(sizes) == 1 else {}
        for child, _, family in BY_NAME:
            if child == name:
                row["family"] = node_id(family)
        yield row


def _sizes(claims: list[Row]) -> Iterator[Row]:
    seen = {c["object"]: c for c in claims if c["object_type"] == "Size"}
    for key, c in seen.items():
        name = c["name"].split(" HAS_SIZE ")[1]
        yield {"id": key, "type": "Size", "name": name, "value": c["number"], "unit": c["number_unit"]}


def _stated_edges(claims: list[Row]) -> Iterator[Row]:
    grouped: dict[str, list[Row]] = {}
    for claim in claims:
        if "edge" in claim:
            grouped.setdefault(claim["edge"], []).append(claim)
    for key, several in grouped.items():
        first = several[0]
        years = [c["year"] for c in several if "year" in c]
        row = {
            "id": key,
            **{k: first[k] for k in ("relation", "subject", "subject_type", "object", "object_type")},
            "support": len({c["paper"] for c in several}),
            "confidence": 900,
        }
        row |= {"first_year": min(years), "last_year": max(years)} if years else {}
        if first["relation"] == "BUILT_ON":
            hows = sorted({c["how"] for c in several})
            row |= {"how": hows[0], "hows": hows, "carries": schema().carries(hows[0])}
        if first["relation"] == "PART_OF":
            row |= {"member": first["member"], "origin": "text", "crossed": False}
        if first["relation"] == "COMPARED_TO":
            counts = Counter(c["outcome"] for c in several)
            row |= {outcome: counts[outcome] for outcome in schema().outcomes}
        yield row


def _name_edges() -> Iterator[Row]:
    for child, member, family in BY_NAME:
        yield {
            "id": f"{node_id(child)}|PART_OF|{node_id(family)}",
            "relation": "PART_OF",
            "subject": node_id(child),
            "subject_type": "Model",
            "object": node_id(family),
            "object_type": "Model",
            "support": 0,
            "confidence": 1000,
            "member": member,
            "origin": "name",
            "crossed": True,
        }


def _paper_edges(claims: list[Row]) -> Iterator[Row]:
    for key, _, year, introduced, said in PAPERS:
        mentioned = {n for sentence, _ in said for n in TYPES if n in sentence}
        unnamed = {c["subject"] for c in claims if c["subject"] == f"unnamed@{key}"}
        for relation, names in (
            ("INTRODUCES", {*introduced, *unnamed}),
            ("MENTIONS", mentioned - {*introduced}),
        ):
            for name in sorted(names):
                row = {
                    "id": f"{key}|{relation}|{node_id(name)}",
                    "relation": relation,
                    "subject": key,
                    "subject_type": "Paper",
                    "object": node_id(name),
                    "object_type": type_of(name),
                    "support": 1,
                    "confidence": 900,
                    "spans": [0, 1],
                }
                yield row | ({"first_year": year, "last_year": year} if year else {})


def write_graph(folder: Path, rows: dict[str, list[Row]]) -> Graph:
    folder.mkdir(parents=True, exist_ok=True)
    for table, found in rows.items():
        ordered = sorted(found, key=lambda row: row["id"])
        write_table(folder, table, ordered, graph="toy", generation="1")
    return Graph(folder)


@pytest.fixture(scope="session")
def toy_graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return write_graph(tmp_path_factory.mktemp("ask") / "tables", tables())


@pytest.fixture(scope="session")
def store(toy_graph: Graph) -> Iterator[Store]:
    from kg.stores.embedded import open_store

    with open_store(toy_graph.folder.parent, write=True) as opened:
        opened.load(toy_graph)
        yield opened
