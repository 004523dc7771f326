"""What looks wrong, and that the command that is given mends it."""

import shlex

from kg.curation import Curation, entry, parse
from kg.resolve import resolve
from kg.resolve.suspects import command, suspects


def _mended(row) -> Curation:
    """The correction that a row's command would write."""
    action, *words = row["mend"]
    if action in ("same", "different"):
        return Curation((entry(action, words),))
    if action in ("type", "rename"):
        return Curation((entry(action, {words[0]: words[1]}),))
    value = dict(zip(("subject", "relation", "object"), words[:3], strict=True))
    value |= {"paper": words[4]} if "--paper" in words else {}
    return Curation((entry("reject", value),))


def test_every_kind_is_found_and_mended(say, tmp_path):
    built, trained = {"how": "fine-tuned"}, ("Kite", "TRAINED_ON", "Nestbench")
    size = {"unit": "parameters"}
    records = [
        say("2401.00001", "One", "We propose Zeus. Kite is trained on Nestbench.", ["Model! Zeus", "Model Kite", "Benchmark Nestbench"], [trained]),
        say("2402.00002", "Two", "We propose Zeus.", ["Model! Zeus"]),
        say("2403.00003", "Three", "We use Zeus. Zork has 7B.", ["Model Zeus", "Model Zork"], [("Zork", "HAS_SIZE", "7B", {"value": 7e9, **size})]),
        say("2404.00004", "Four", "Zork has 70B. Ada is tuned from Bob.", ["Model Zork", "Model Ada", "Model Bob"], [("Zork", "HAS_SIZE", "70B", {"value": 7e10, **size}), ("Ada", "BUILT_ON", "Bob", built)]),
        say("2405.00005", "Five", "Bob is tuned from Ada.", ["Model Ada", "Model Bob"], [("Bob", "BUILT_ON", "Ada", built)]),
        say("2406.00006", "Six", "Quux is tuned from Quux-7B.", ["Model Quux", "Model Quux-7B"], [("Quux", "BUILT_ON", "Quux-7B", built)]),
    ]  # fmt: skip
    graph = resolve(records, tmp_path / "a", graph="g", generation="1")
    found = suspects(graph)
    assert [(row["kind"], row["what"]) for row in found] == [
        ("namesake", "Zeus"),
        ("size", "Zork"),
        ("itself", "Quux"),
        ("cycle", "Ada"),
        ("benchmark", "Nestbench"),
    ]
    assert command(found[0], "my.kg") == "kg fix different Zeus 'Zeus (2402.00002)' -g my.kg"
    for row in found:
        assert shlex.split(command(row, "my.kg"))[:2] == ["kg", "fix"]
        again = resolve(records, tmp_path / "b", graph="g", generation="1", curation=_mended(row))
        left = [(r["kind"], r["what"]) for r in suspects(again)]
        assert (row["kind"], row["what"]) not in left, row
        assert len(left) == len(found) - 1


def test_two_things_taken_for_one(say, tmp_path):
    said = [("HarrierX", "BUILT_ON", "Harrier", {"how": "fine-tuned"})]
    record = say("1", "One", "HarrierX is tuned from Harrier.", ["Model HarrierX", "Model Harrier"], said)
    wrong = parse("- same: [Harrier, HarrierX]")
    (row,) = suspects(resolve([record], tmp_path, graph="g", generation="1", curation=wrong))
    assert (row["kind"], row["mend"]) == ("itself", ("different", "Harrier", "HarrierX"))
