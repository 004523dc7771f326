"""What records become: each rule of names, families, sizes and edges on a few papers."""

import pytest

from kg.errors import RecordError
from kg.schema import schema


def test_spellings_of_one_model_are_one_entity(say, graph_of):
    graph = graph_of(
        say("1", "Chatting", "We test Llama-2-7b-chat-hf.", ["Model Llama-2-7b-chat-hf"]),
        say("2", "Talking", "We test LLaMA 2 7B Chat.", ["Model LLaMA 2 7B Chat"]),
        say(
            "3",
            "Speaking",
            "We test LLaMA2-7B-Chat and Llama-2-7b.",
            ["Model LLaMA2-7B-Chat", "Model Llama-2-7b"],
        ),
    )
    assert graph.entities["llama-2-7b-chat"]["papers"] == 3
    assert graph.entities["llama-2-7b"]["papers"] == 1


def test_members_hang_under_their_family_by_name(say, graph_of):
    graph = graph_of(
        say(
            "1",
            "Alpaca follows instructions",
            "Alpaca is fine-tuned from Llama-2-7B-Chat.",
            ["Model! Alpaca", "Model Llama-2-7B-Chat"],
            [("Alpaca", "BUILT_ON", "Llama-2-7B-Chat", {"how": "fine-tuned"})],
        )
    )
    up, node = [], "llama-2-7b-chat"
    while node := graph.entities[node].get("family"):
        up.append(node)
    assert up[-2:] == ["llama-2", "llama"]
    edge = graph.edge("llama-2", "PART_OF", "llama")
    assert (edge["support"], edge["origin"], edge["member"], edge["crossed"]) == (0, "name", "version", True)
    assert not [c for c in graph.claims.values() if c["relation"] == "PART_OF"]
    assert graph.entities["llama"]["is_family"]
    assert graph.entities["llama"]["papers"] == 0


@pytest.mark.parametrize("name", ["TinyLlama", "OpenLLaMA", "Code Llama", "LLaMA-Adapter", "K2"])
def test_only_grammar_makes_a_member(say, graph_of, name):
    graph = graph_of(say("1", "Small models", f"We use {name} and Llama.", [f"Model {name}", "Model Llama"]))
    assert "llama" not in {target for _, target in graph.links("PART_OF")}


def test_an_unknown_family_needs_a_paper_or_two_members(say, graph_of):
    alone = graph_of(say("1", "One", "We train Zorblax-7B.", ["Model! Zorblax-7B"]))
    assert set(alone.entities) == {"zorblax-7b"}
    two = graph_of(
        say("1", "Two", "We train Zorblax-7B and Zorblax-13B.", ["Model! Zorblax-7B", "Model! Zorblax-13B"])
    )
    assert two.links("PART_OF") == [("zorblax-13b", "zorblax"), ("zorblax-7b", "zorblax")]
    named = graph_of(
        say("1", "One", "We train Zorblax-7B.", ["Model! Zorblax-7B"]),
        say("2", "Two", "We like Zorblax.", ["Model Zorblax"]),
    )
    assert named.links("PART_OF") == [("zorblax-7b", "zorblax")]
    assert named.edge("zorblax-7b", "PART_OF", "zorblax")["member"] == "size"


def test_sizes_in_names_become_properties(say, graph_of):
    graph = graph_of(say("1", "One", "We train Zorblax-7B.", ["Model! Zorblax-7B"]))
    entity = graph.entities["zorblax-7b"]
    assert (entity["parameters"], entity["parameters_origin"]) == (7_000_000_000, "name")
    assert entity["parameters_all"] == [7_000_000_000]
    assert not graph.links("HAS_SIZE")


def test_a_size_is_a_node_per_value_and_unit(say, graph_of):
    graph = graph_of(
        say(
            "1",
            "Two sizes",
            "Frobnik comes with 7B and 13 billion parameters, trained on 2T tokens.",
            ["Model! Frobnik"],
            [
                ("Frobnik", "HAS_SIZE", "7B", {"value": 7_000_000_000, "unit": "parameters"}),
                ("Frobnik", "HAS_SIZE", "13 billion parameters", {"value": 13e9, "unit": "parameters"}),
                ("Frobnik", "HAS_SIZE", "2T tokens", {"value": 2e12, "unit": "training tokens"}),
            ],
        ),
        say(
            "2",
            "Again",
            "Frobnik has 7 billion parameters.",
            ["Model Frobnik"],
            [("Frobnik", "HAS_SIZE", "7 billion parameters", {"value": 7e9, "unit": "parameters"})],
        ),
    )
    assert graph.edge("frobnik", "HAS_SIZE", "size:7000000000-parameters")["support"] == 2
    size = graph.entities["size:7000000000-parameters"]
    assert (size["name"], size["value"], size["unit"], size["papers"]) == (
        "7B parameters",
        7e9,
        "parameters",
        2,
    )
    model = graph.entities["frobnik"]
    assert (model["parameters_min"], model["parameters_max"]) == (7_000_000_000, 13_000_000_000)
    assert "parameters" not in model
    assert model["training_tokens"] == 2_000_000_000_000
    assert model["parameters_origin"] == "text"
    assert not model["size_conflict"]


def test_papers_that_disagree_about_a_size(say, graph_of):
    def sized(id, value):
        text = f"Frobnik has {value}B parameters."
        size = {"value": value * 1e9, "unit": "parameters"}
        return say(
            id,
            f"Paper {id}",
            text,
            ["Model Frobnik"],
            [("Frobnik", "HAS_SIZE", f"{value}B parameters", size)],
        )

    assert graph_of(sized("1", 7), sized("2", 70)).entities["frobnik"]["size_conflict"]
    rounded = graph_of(sized("1", 7), sized("2", 6.7)).entities["frobnik"]
    assert not rounded["size_conflict"]
    assert rounded["parameters_all"] == [6_700_000_000, 7_000_000_000]


def test_a_rounded_name_gives_way_to_the_text(say, graph_of):
    size = {"value": 6.7e9, "unit": "parameters"}
    said = ("Zorblax-7B", "HAS_SIZE", "6.7B parameters", size)
    graph = graph_of(say("1", "One", "Zorblax-7B has 6.7B parameters.", ["Model! Zorblax-7B"], [said]))
    entity = graph.entities["zorblax-7b"]
    assert (entity["parameters"], entity["parameters_origin"]) == (6_700_000_000, "text")


def test_the_type_is_what_most_papers_say(say, graph_of):
    papers = [
        say(str(n), f"Title {n}", "We use Frobnik.", [f"{type} Frobnik"])
        for n, type in enumerate(["Method", "Model", "Method"])
    ]
    assert graph_of(*papers).entities["frobnik"]["type"] == "Method"


def test_the_lexicon_knows_the_type_better(say, graph_of):
    papers = [say(str(n), f"Title {n}", "We use BERT.", ["Method BERT"]) for n in range(3)]
    entity = graph_of(*papers).entities["bert"]
    assert (entity["type"], entity["known"]) == ("Model", True)


def test_a_name_that_is_system_and_data_is_two(say, graph_of):
    graph = graph_of(
        say("1", "One", "The Frobnik model.", ["Model! Frobnik"]),
        say("2", "Two", "The Frobnik corpus.", ["Dataset! Frobnik"]),
    )
    assert {i: e["type"] for i, e in graph.entities.items()} == {
        "frobnik": "Model",
        "frobnik@data": "Dataset",
    }
    assert graph.links("INTRODUCES")[0][1] == "frobnik" or graph.links("INTRODUCES")[1][1] == "frobnik"
    assert not any(e["homonym_suspect"] for e in graph.entities.values())


def test_coined_twice_and_used_by_nobody_else_is_two(say, graph_of):
    one = say("2401.00001", "One", "We propose ZEUS.", ["Model! ZEUS"])
    two = say("2402.00002", "Two", "We propose Zeus.", ["Method! Zeus"])
    graph = graph_of(one, two)
    assert {i: (e["type"], e["name"]) for i, e in graph.entities.items()} == {
        "zeus@2401.00001": ("Model", "ZEUS (2401.00001)"),
        "zeus@2402.00002": ("Method", "Zeus (2402.00002)"),
    }
    assert graph.entities["zeus@2401.00001"]["aliases"] == ["ZEUS"]

    three = graph_of(one, two, say("2403.00003", "Three", "We compare with ZEUS.", ["Model ZEUS"]))
    assert (three.entities["zeus"]["homonym_suspect"], three.entities["zeus"]["introduced"]) == (True, 2)


def test_a_member_goes_with_the_namesake_of_its_own_paper(say, graph_of):
    graph = graph_of(
        say("2401.00001", "One", "We propose Zork, as Zork-7B.", ["Model! Zork", "Model! Zork-7B"]),
        say("2402.00002", "Two", "We propose Zork.", ["Model! Zork"]),
    )
    assert graph.links("PART_OF") == [("zork-7b", "zork@2401.00001")]
    others = graph_of(
        say("2401.00001", "One", "We propose Zork.", ["Model! Zork"]),
        say("2402.00002", "Two", "We propose Zork.", ["Model! Zork"]),
        say("2403.00003", "Three", "We use Zork-7B.", ["Model Zork-7B"]),
    )
    assert others.entities["zork"]["homonym_suspect"], "who uses a member uses the family's name"


def test_a_papers_own_unnamed_model(say, graph_of):
    graph = graph_of(
        say(
            "2309.16039",
            "Longer contexts",
            "We train Llama 2 on. Our model has 7B parameters. It is tested on SQuAD and uses LoRA.",
            ["Model Llama 2", "Dataset SQuAD", "Method LoRA"],
            [
                ("PAPER", "BUILT_ON", "Llama 2", {"how": "continued-pretraining"}),
                ("PAPER", "HAS_SIZE", "7B parameters", {"value": 7e9, "unit": "parameters"}),
                ("PAPER", "EVALUATED_ON", "SQuAD"),
                ("PAPER", "USES", "LoRA"),
            ],
        )
    )
    own = graph.entities["unnamed@2309.16039"]
    assert (own["name"], own["named"], own["parameters"]) == (
        'unnamed model of "Longer contexts"',
        False,
        7 * 10**9,
    )
    assert ("2309.16039", "unnamed@2309.16039") in graph.links("INTRODUCES")
    assert graph.links("BUILT_ON") == [("unnamed@2309.16039", "llama-2")]
    assert [s for s, _ in graph.links("EVALUATED_ON") + graph.links("USES")] == ["2309.16039"] * 2
    assert all(e["named"] for i, e in graph.entities.items() if not i.startswith("unnamed@"))


def test_a_study_without_a_model_makes_none(say, graph_of):
    graph = graph_of(
        say("1", "A study", "We test on SQuAD.", ["Dataset SQuAD"], [("PAPER", "EVALUATED_ON", "SQuAD")])
    )
    assert not [i for i in graph.entities if i.startswith("unnamed")]


def test_an_alias_of_all_that_use_it_is_global(say, graph_of):
    long = say(
        "1",
        "One",
        "Hierarchical Zebra Attention (HZA) is new.",
        ["Method! Hierarchical Zebra Attention = HZA"],
    )
    short = say("2", "Two", "We use HZA.", ["Method HZA"])
    graph = graph_of(long, short)
    entity = graph.entities["hierarchical-zebra-attention"]
    assert (entity["papers"], entity["name"], entity["aliases"]) == (
        2,
        "HZA",
        ["Hierarchical Zebra Attention"],
    )
    assert "hza" not in graph.entities


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("Method! HZA", "a paper introduces it"),
        ("Method Hidden Zone Analysis = HZA", "papers disagree"),
    ],
)
def test_an_alias_stays_local(say, graph_of, other, why):
    long = say(
        "1", "One", "Hierarchical Zebra Attention (HZA).", ["Method! Hierarchical Zebra Attention = HZA"]
    )
    against = say("2", "Two", "Here HZA stands for Hidden Zone Analysis.", [other])
    third = say("3", "Three", "We use HZA.", ["Method HZA"])
    assert graph_of(long, against, third).entities["hza"]["papers"] >= 1, why


def test_an_acronym_goes_only_with_its_own_long_form(say, graph_of):
    def paper(id, long):
        return say(id, f"Title {id}", f"We use {long} (ESR).", [f"Method ESR = {long}"])

    speech, success = "extreme speech recognition", "exact success rate"
    graph = graph_of(
        paper("1", speech), paper("2", speech), paper("3", success), say("4", "Four", "ESR.", ["Method ESR"])
    )
    assert graph.entities["esr"]["papers"] == 3, "most papers that spell it out mean speech recognition"
    assert graph.entities["esr"]["aliases"] == [speech]
    assert graph.entities["exact-success-rate"]["papers"] == 1
    tied = graph_of(paper("1", speech), paper("3", success), say("4", "Four", "ESR.", ["Method ESR"]))
    assert {i: e["papers"] for i, e in tied.entities.items()} == {
        "esr": 1,
        "extreme-speech-recognition": 1,
        "exact-success-rate": 1,
    }
    plural = graph_of(paper("1", "extreme speech recogniser"), paper("2", "Extreme Speech-Recognisers"))
    assert list(plural.entities) == ["esr"]


def test_a_long_form_that_is_known_names_its_acronym(say, graph_of):
    graph = graph_of(say("1", "One", "We use Stanford Alpaca (SA).", ["Model SA = Stanford Alpaca"]))
    assert [target for _, target in graph.links("MENTIONS")] == ["alpaca"]


def test_a_slip_of_the_type_makes_no_second_entity(say, graph_of):
    papers = [say(str(n), f"Title {n}", "On Zorkset.", ["Dataset Zorkset"]) for n in range(4)]
    slip = say("9", "Nine", "On Zorkset.", ["Method Zorkset"])
    (entity,) = graph_of(*papers, slip).entities.values()
    assert (entity["id"], entity["type"], entity["papers"]) == ("zorkset", "Dataset", 5)
    both = graph_of(*papers, say("9", "Nine", "We propose Zorkset.", ["Method! Zorkset"]))
    assert set(both.entities) == {"zorkset", "zorkset@data"}


def test_the_lexicon_settles_whether_a_name_is_data(say, graph_of):
    said = ("PAPER", "EVALUATED_ON", "BERT")
    graph = graph_of(
        say("1", "One", "We use BERT.", ["Model BERT"]),
        say("2", "Two", "We test on BERT.", ["Dataset! BERT"], [said]),
    )
    assert {i: e["type"] for i, e in graph.entities.items()} == {"bert": "Model"}
    assert not graph.links("EVALUATED_ON"), "no paper is evaluated on a model"
    assert graph.links("USES") != []


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("Zorblax-7B", "Zorblax"),  # another size
        ("Zorblax 2", "Zorblax"),  # another version
        ("Zorblax-Chat", "Zorblax"),  # another variant
        ("Zorblax", "BERT"),  # a name that is known
        ("Frobnicating Network", "CNN"),  # no long form of it
    ],
)
def test_an_alias_that_is_another_name_stays_local(say, graph_of, name, alias):
    graph = graph_of(
        say("1", "One", f"We call {name} here {alias}.", [f"Model! {name} = {alias}"]),
        say("2", "Two", f"We use {alias}.", [f"Model {alias}"]),
    )
    mentions = {target for paper, target in graph.links("MENTIONS")}
    introduced = {target for paper, target in graph.links("INTRODUCES")}
    assert len(mentions) == 1
    assert not mentions & introduced


def test_every_entity_of_a_paper_is_introduced_or_mentioned_once(say, graph_of):
    text = "Frobnik, or FROBNIK, beats BERT. Frobnik is new."
    graph = graph_of(say("1", "One", text, ["Model! Frobnik", "Model FROBNIK", "Model BERT"]))
    paper = next(iter(graph.papers))
    assert graph.links("INTRODUCES") == [(paper, "frobnik")]
    assert graph.links("MENTIONS") == [(paper, "bert")]
    spans = graph.edge(paper, "INTRODUCES", "frobnik")["spans"]
    whole = f"One\n{text}"
    assert [whole[a:b] for a, b in zip(spans[::2], spans[1::2], strict=True)] == [
        "Frobnik",
        "FROBNIK",
        "Frobnik",
    ]


def test_edges_count_papers_and_never_add_up_confidence(say, graph_of):
    def built(id, how, year, confidence):
        said = ("Frobnik", "BUILT_ON", "BERT", {"how": how, "confidence": confidence})
        return say(
            id, f"Title {id}", "Frobnik on BERT.", ["Model Frobnik", "Model BERT"], [said], published=year
        )

    graph = graph_of(
        built("1", "distilled", "2021", 700),
        built("2", "fine-tuned", "2020-05", 800),
        built("3", "adapted", "2022", 600),
    )
    edge = graph.edge("frobnik", "BUILT_ON", "bert")
    assert (edge["support"], edge["confidence"], edge["first_year"], edge["last_year"]) == (
        3,
        800,
        2020,
        2022,
    )
    assert (edge["how"], edge["hows"], edge["carries"]) == (
        "adapted",
        ["adapted", "distilled", "fine-tuned"],
        "unstated",
    )
    more = graph_of(
        *[built(str(n), how, "2021", 700) for n, how in enumerate(["distilled", "adapted", "distilled"])]
    )
    assert (
        more.edge("frobnik", "BUILT_ON", "bert")["how"],
        more.edge("frobnik", "BUILT_ON", "bert")["carries"],
    ) == ("distilled", "knowledge")


def test_comparisons_count_their_outcomes(say, graph_of):
    def compared(id, outcome):
        said = ("Frobnik", "COMPARED_TO", "BERT", {"outcome": outcome})
        return say(id, f"Title {id}", "Frobnik and BERT.", ["Model Frobnik", "Model BERT"], [said])

    edge = graph_of(compared("1", "better"), compared("2", "better"), compared("3", "unknown")).edge(
        "frobnik", "COMPARED_TO", "bert"
    )
    assert [edge[k] for k in schema().outcomes] == [2, 0, 0, 1]


def test_part_of_in_a_text_is_not_crossed_unless_the_name_says_so(say, graph_of):
    graph = graph_of(
        say(
            "1",
            "A suite",
            "Frobnik is part of Zorblax, as is Zorblax-7B.",
            ["Model Frobnik", "Model Zorblax", "Model Zorblax-7B"],
            [("Frobnik", "PART_OF", "Zorblax"), ("Zorblax-7B", "PART_OF", "Zorblax", {"member": "size"})],
        )
    )
    told, named = graph.edge("frobnik", "PART_OF", "zorblax"), graph.edge("zorblax-7b", "PART_OF", "zorblax")
    assert (told["origin"], told["crossed"], told["support"]) == ("text", False, 1)
    assert (named["origin"], named["crossed"], named["support"]) == ("name", True, 1)


def test_a_claim_shows_its_quote_and_words(say, graph_of):
    text = "We present Alpaca. Alpaca is fine-tuned from BERT. It is good."
    said = ("Alpaca", "BUILT_ON", "BERT", {"how": "fine-tuned"})
    graph = graph_of(
        say("2303.00001", "A title", text, ["Model! Alpaca", "Model BERT"], [said], published="2023")
    )
    (claim,) = graph.claims.values()
    whole = f"A title\n{text}"
    assert claim["quote"] == "Alpaca is fine-tuned from BERT." == whole[claim["start"] : claim["end"]]
    assert (claim["subject_text"], claim["object_text"]) == ("Alpaca", "BERT")
    assert whole[claim["object_start"] : claim["object_end"]] == "BERT"
    assert (claim["name"], claim["edge"]) == ("Alpaca BUILT_ON BERT", "alpaca|BUILT_ON|bert")
    assert (claim["paper"], claim["year"], claim["rule"], claim["kind"]) == (
        "2303.00001",
        2023,
        "by/hand",
        "text",
    )
    assert claim["edge"] in graph.edges


def test_results_are_claims_without_an_edge(say, graph_of):
    graph = graph_of(
        say(
            "1",
            "Scores",
            "Frobnik reaches 41.7% accuracy on MMLU and 12 on average.",
            ["Model! Frobnik", "Benchmark MMLU", "Metric accuracy"],
            [
                ("Frobnik", "RESULT", "MMLU", {"metric": "accuracy", "value": "41.7%"}),
                ("Frobnik", "RESULT", None, {"value": "12"}),
            ],
        )
    )
    rows = sorted(graph.claims.values(), key=lambda c: c["score"])
    assert [(c["relation"], c["score"], c.get("metric"), c.get("object")) for c in rows] == [
        ("RESULT", "12", None, None),
        ("RESULT", "41.7%", "accuracy", "mmlu"),
    ]
    assert rows[1]["name"] == "Frobnik: 41.7% accuracy on MMLU"
    assert not any("edge" in c for c in rows)


def test_a_paper_known_by_title_joins_the_identified_one(say, graph_of):
    bare = say("x1", "The Frobnik Models", "We present Frobnik.", ["Model! Frobnik"], published=None)
    known = say("2303.00001", "The Frobnik models.", "We present Frobnik, a model.", ["Model! Frobnik"])
    graph = graph_of(bare, known)
    assert list(graph.papers) == ["2303.00001"]
    assert graph.papers["2303.00001"]["abstract"] == "We present Frobnik, a model."
    assert not graph.entities["frobnik"]["homonym_suspect"]

    other = say("2305.00002", "The Frobnik Models", "Another paper of that title.", [])
    assert len(graph_of(bare, known, other).papers) == 3, "with two of that title, it is neither"


def test_the_latest_text_of_a_paper_holds(say, graph_of):
    old = say("2303.00001v1", "Frobnik", "We present Frobnik.", ["Model! Frobnik"], updated="2023-03-02")
    new = say("2303.00001v2", "Frobnik", "We present Zorblax.", ["Model! Zorblax"], updated="2023-06-01")
    for order in ((old, new), (new, old)):
        assert set(graph_of(*order).entities) == {"zorblax"}


def test_a_name_is_shown_as_most_papers_write_it_without_tex(say, graph_of):
    graph = graph_of(
        say("1", "One", "We use FrobNik.", ["Model FrobNik"]),
        say("2", "Two", "We use frobnik.", ["Model frobnik"]),
        say("3", "Three", r"We use \textsc{FrobNik}.", [r"Model \textsc{FrobNik}"]),
    )
    assert graph.entities["frobnik"]["name"] == "FrobNik"
    assert "aliases" not in graph.entities["frobnik"]


def test_years_come_from_the_papers(say, graph_of):
    graph = graph_of(
        say("1", "One", "We use Frobnik.", ["Model Frobnik"], published="2019-07"),
        say("2", "Two", "We present Frobnik.", ["Model! Frobnik"], published="2020-01-05"),
        say("3", "Three", "We use Zorblax.", ["Model Zorblax"], published=None),
    )
    assert (
        graph.entities["frobnik"]["introduced_year"],
        graph.entities["frobnik"]["first_mentioned_year"],
    ) == (2020, 2019)
    assert not {"introduced_year", "first_mentioned_year"} & set(graph.entities["zorblax"])


def test_statements_follow_the_types_that_papers_together_give(say, graph_of):
    text = "Zorblax is built on Frobnik."
    said = ("Zorblax", "BUILT_ON", "Frobnik", {"how": "adapted"})
    graph = graph_of(
        say("1", "One", text, ["Model Zorblax", "Model Frobnik"], [said]),
        say("2", "Two", "The Frobnik method.", ["Method Frobnik"]),
        say("3", "Three", "The method Frobnik.", ["Method Frobnik"]),
    )
    assert graph.links("USES") == [("zorblax", "frobnik")]
    assert not graph.links("BUILT_ON")


def test_what_merges_into_itself_is_no_statement(say, graph_of):
    said = ("Frobnik", "COMPARED_TO", "FROBNIK", {"outcome": "better"})
    graph = graph_of(say("1", "One", "Frobnik beats FROBNIK.", ["Model Frobnik", "Model FROBNIK"], [said]))
    assert not graph.claims


def test_a_broken_record_is_named(say, graph_of):
    with pytest.raises(RecordError, match="unheard"):
        graph_of(say("unheard", "One", "Frobnik.", ["Model Frobnik"], [("Frobnik", "BUILT_ON", "Nothing")]))


def test_no_records_make_an_empty_graph(graph_of):
    graph = graph_of()
    assert (graph.papers, graph.entities, graph.edges, graph.claims) == ({}, {}, {}, {})
