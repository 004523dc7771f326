"""The walk of lineage against the definition of descent, spelt out naively over every simple path."""

import re
from collections.abc import Collection, Iterable

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.descent import KINDS, Chain, Direction, End, Link, Terms, walk

TERMS = Terms(crossed=frozenset({"weights", "knowledge", "unstated"}))
LETTERS = {"carried": "C", "direct": "D", "inherits": "I", "version": "V", "told": "T", "": "-"}

# The definition, as words over the links of a path read from what descends: C a BUILT_ON that is crossed, D one
# that is not, I membership as a size or variant, V as a version, T a membership that only a paper states.
DEFINITION = {
    "derivative": re.compile("(C+|D)[IV]*"),
    "via-family": re.compile("[CI]*I[CI]*C[IV]*"),
    "member": re.compile("[IV]+|T"),
}


def built(subject: str, target: str, carries: str = "weights", support: int = 1) -> Link:
    return Link(
        f"{subject}|BUILT_ON|{target}",
        End(subject, subject, "Model"),
        "BUILT_ON",
        End(target, target, "Model"),
        builds=True,
        carries=carries,
        support=support,
    )


def part(subject: str, target: str, member: str | None = "size", crossed: bool = True) -> Link:
    return Link(
        f"{subject}|PART_OF|{target}",
        End(subject, subject, "Model"),
        "PART_OF",
        End(target, target, "Model"),
        builds=False,
        member=member,
        crossed=crossed,
        support=0 if crossed else 1,
    )


def lineage(
    links: Iterable[Link], base: str, direction: Direction = "down", terms: Terms = TERMS, max_hops: int = 12
) -> dict[str, Chain]:
    links = list(links)

    def fetch(ids: Collection[str]) -> list[Link]:
        near = [x.object.id if direction == "down" else x.subject.id for x in links]
        return [link for link, node in zip(links, near, strict=True) if node in ids]

    return walk(base, fetch, terms, direction=direction, max_hops=max_hops)


def kinds(chains: dict[str, Chain]) -> dict[str, str]:
    return {node: chain.kind for node, chain in chains.items()}


def naive(links: list[Link], base: str, direction: Direction) -> dict[str, tuple[str, int]]:
    """Firmest kind and, of that kind, the fewest links: every simple path, matched against the definition."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from([base])
    for link in links:
        graph.add_edge(link.subject.id, link.object.id, letter=LETTERS[TERMS.step(link)])
    found: dict[str, tuple[int, int]] = {}
    for node in set(graph) - {base}:
        ends = (node, base) if direction == "down" else (base, node)
        for path in nx.all_simple_edge_paths(graph, *ends):
            word = "".join(graph.edges[edge]["letter"] for edge in path)
            for rank, kind in enumerate(KINDS):
                if DEFINITION[kind].fullmatch(word):
                    found[node] = min(found.get(node, (9, 9)), (rank, len(path)))
    return {node: (KINDS[rank], hops) for node, (rank, hops) in found.items()}


names = st.sampled_from("ABCDEFG")
random_links = st.one_of(
    st.builds(
        built,
        names,
        names,
        st.sampled_from(["weights", "knowledge", "unstated", "design", "part"]),
        st.integers(1, 3),
    ),
    st.builds(part, names, names, st.sampled_from(["size", "variant", "version", None]), st.booleans()),
)
random_graphs = st.lists(random_links, max_size=14, unique_by=lambda x: x.id).map(
    lambda links: [x for x in links if x.subject.id != x.object.id]
)


@given(random_graphs, st.sampled_from(["down", "up"]))
def test_agrees_with_the_definition_over_every_simple_path(links: list[Link], direction: Direction) -> None:
    found = {n: (c.kind, c.hops) for n, c in lineage(links, "A", direction).items()}
    assert found == naive(links, "A", direction)


@given(random_graphs)
def test_what_is_down_from_one_is_up_from_the_other(links: list[Link]) -> None:
    for node, chain in lineage(links, "A").items():
        back = lineage(links, node, "up")["A"]
        assert (back.kind, back.hops) == (chain.kind, chain.hops)


@given(random_graphs, st.randoms(use_true_random=False), st.sampled_from(["down", "up"]))
def test_the_order_in_which_links_come_changes_nothing(links, random, direction: Direction) -> None:
    shuffled = links[:]
    random.shuffle(shuffled)
    assert lineage(links, "A", direction) == lineage(shuffled, "A", direction)


@given(random_graphs, st.sampled_from(["down", "up"]))
def test_a_chain_hangs_together_and_says_what_it_is(links: list[Link], direction: Direction) -> None:
    for node, chain in lineage(links, "A", direction).items():
        path = [chain.links[0].subject.id, *(x.object.id for x in chain.links)]
        assert (path[0], path[-1]) == ((node, "A") if direction == "down" else ("A", node))
        assert all(a.object == b.subject for a, b in zip(chain.links, chain.links[1:], strict=False))
        assert len(set(path)) == len(path)
        assert DEFINITION[chain.kind].fullmatch("".join(LETTERS[TERMS.step(x)] for x in chain.links))


CASES = {
    "what is built on a size is built on its family": (
        [built("alpaca", "llama-7b"), part("llama-7b", "llama")],
        {"alpaca": "derivative", "llama-7b": "member"},
    ),
    "and on the family of its family, version or not": (
        [built("x", "llama-3-8b"), part("llama-3-8b", "llama-3"), part("llama-3", "llama", "version")],
        {"x": "derivative", "llama-3-8b": "member", "llama-3": "member"},
    ),
    "what is said of a family is possible for its sizes": (
        [built("vicuna", "llama"), part("vicuna-7b", "vicuna")],
        {"vicuna": "derivative", "vicuna-7b": "via-family"},
    ),
    "and for what is built on them": (
        [built("vicuna", "llama"), part("vicuna-7b", "vicuna"), built("y", "vicuna-7b")],
        {"vicuna": "derivative", "vicuna-7b": "via-family", "y": "via-family"},
    ),
    "but not for another version": (
        [built("vicuna", "llama"), part("vicuna-1.5", "vicuna", "version"), built("y", "vicuna-1.5")],
        {"vicuna": "derivative"},
    ),
    "weights and knowledge go on": (
        [built("b", "llama"), built("c", "b", "knowledge"), built("d", "c", "unstated")],
        {"b": "derivative", "c": "derivative", "d": "derivative"},
    ),
    "a design is shown and not crossed": (
        [built("b", "llama", "design"), built("c", "b"), part("b-7b", "b")],
        {"b": "derivative"},
    ),
    "nor reached over another link": ([built("b", "llama"), built("c", "b", "part")], {"b": "derivative"}),
    "a design taken from a member is the family's too": (
        [built("b", "llama-7b", "design"), part("llama-7b", "llama")],
        {"b": "derivative", "llama-7b": "member"},
    ),
    "a family that only a paper states is not crossed": (
        [built("b", "m"), part("m", "llama", "size", crossed=False)],
        {"m": "member"},
    ),
    "a cycle is visited once": (
        [built("b", "llama"), built("c", "b"), built("b", "c"), built("llama", "c")],
        {"b": "derivative", "c": "derivative"},
    ),
    "a member is no derivative by way of itself": (
        [part("llama-2", "llama", "version"), part("llama-2-7b", "llama-2"), built("llama-2", "llama-2-7b")],
        {"llama-2": "member", "llama-2-7b": "member"},
    ),
    "a member that is built on the base is": (
        [part("llama-2", "llama", "version"), built("llama-2", "llama")],
        {"llama-2": "derivative"},
    ),
    "stated is firmer than possible, even if longer": (
        [
            built("v", "llama"),
            part("v-7b", "v"),
            built("v-7b", "mid"),
            built("mid", "mid-2"),
            built("mid-2", "llama"),
        ],
        {"v": "derivative", "mid-2": "derivative", "mid": "derivative", "v-7b": "derivative"},
    ),
}


@pytest.mark.parametrize(("links", "expected"), CASES.values(), ids=CASES.keys())
def test_case(links: list[Link], expected: dict[str, str]) -> None:
    assert kinds(lineage(links, "llama")) == expected


def test_the_shortest_chain_is_kept_then_the_best_supported_then_the_first_by_name() -> None:
    links = [
        built("x", "long"),
        built("long", "longer"),
        built("longer", "llama"),
        built("x", "weak", support=1),
        built("weak", "llama", support=9),
        built("x", "strong b", support=2),
        built("strong b", "llama"),
        built("x", "strong a", support=2),
        built("strong a", "llama"),
    ]
    assert [x.object.id for x in lineage(links, "llama")["x"].links] == ["strong a", "llama"]


def test_terms_decide_what_is_crossed_and_shown() -> None:
    links = [built("b", "llama", "design"), built("c", "b"), built("d", "c", "knowledge")]
    everything = Terms(crossed=frozenset({"weights", "knowledge", "unstated", "design", "part"}))
    weights = Terms(crossed=frozenset({"weights"}), shown=frozenset({"weights"}))
    assert set(lineage(links, "llama", terms=everything)) == {"b", "c", "d"}
    assert set(lineage(links, "llama", terms=weights)) == set()
    assert set(lineage(links, "b", terms=weights)) == {"c"}


def test_support_and_confidence_are_asked_of_statements_not_of_names() -> None:
    links = [
        built("b", "llama-7b", support=3),
        built("c", "llama-7b", support=1),
        part("llama-7b", "llama"),
        part("told", "llama", crossed=False),
    ]
    terms = Terms(crossed=TERMS.crossed, min_support=2)
    assert set(lineage(links, "llama", terms=terms)) == {"b", "llama-7b"}


def test_hops_are_bounded() -> None:
    links = [built(f"m{i + 1}", f"m{i}") for i in range(9)]
    assert set(lineage(links, "m0", max_hops=3)) == {"m1", "m2", "m3"}


def test_every_node_is_fetched_once() -> None:
    links = [built("b", "llama"), built("c", "b"), built("b", "c"), part("b", "c"), built("d", "b", "part")]
    asked: list[str] = []

    def fetch(ids: Collection[str]) -> list[Link]:
        asked.extend(ids)
        return [x for x in links if x.object.id in ids]

    walk("llama", fetch, TERMS, direction="down", max_hops=9)
    assert sorted(asked) == ["b", "c", "llama"]
