"""Where nodes lie: apart, always in the same place, lineages together."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from kg.export.places import places

NODES = [f"n{i}" for i in range(24)]
LINES = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.booleans(), st.integers(0, 3)), max_size=40
)
SIZES = st.dictionaries(st.sampled_from(NODES), st.floats(4, 60), min_size=24, max_size=24)


@given(SIZES, LINES, st.integers())
def test_discs_never_overlap_and_order_never_matters(sizes, lines, seed):
    found = places(sizes, lines)
    assert set(found) == set(sizes)
    for i, one in enumerate(NODES):
        for other in NODES[:i]:
            assert math.dist(found[one], found[other]) > sizes[one] + sizes[other]
    shuffled = random.Random(seed).sample(lines, len(lines))
    backwards = dict(reversed(sizes.items()))
    assert places(backwards, shuffled) == found


def test_what_is_built_on_a_thing_lies_around_it():
    lines = [(f"child {i}", "base", True, 1) for i in range(30)]
    lines += [(f"other {i}", "elsewhere", True, 1) for i in range(30)]
    sizes = {name: 4.0 for line in lines for name in line[:2]}
    found = places(sizes, lines)
    for i in range(30):
        assert math.dist(found[f"child {i}"], found["base"]) < math.dist(
            found[f"child {i}"], found["elsewhere"]
        )


def test_a_chain_of_any_length_and_many_lone_nodes_are_placed():
    lines = [(f"{i + 1}", f"{i}", True, 1) for i in range(3000)]
    sizes = {f"{i}": 4.0 for i in range(9000)}
    found = places(sizes, lines)
    assert len(set(found.values())) == len(sizes)
