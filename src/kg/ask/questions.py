"""Questions in plain English: a table of forms, each a few patterns and the function that answers them.

A pattern is a regular expression in which words in capitals stand for the vocabulary of `kg.ask.wording`, and X, Y
for names.
Forms are tried in the order of the table; the first whose names are all known answers.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.ask import facts as f
from kg.ask.card import show
from kg.ask.facts import DATA, ENTITIES, SYSTEMS, Asking
from kg.ask.lineage import BASES, lineage, papers_read, shared_ancestors
from kg.ask.wording import HOWS, KINDS, compiled, plain
from kg.errors import NotFoundError, UsageError
from kg.quantity import quantities
from kg.schema import schema
from kg.types import Answer

if TYPE_CHECKING:
    from kg.stores import Store

Slots = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of question: what it is called, an example to show, its patterns, and how it is answered."""

    name: str
    example: str
    patterns: tuple[str, ...]
    answer: Callable[[Asking, Slots], Answer]
    loose: bool = False  # so general that an unknown name means another question

    def read(self, text: str) -> Slots | None:
        """The slots of the form in a question, or None where it is of another form."""
        for pattern in self.patterns:
            if match := compiled(pattern).fullmatch(text):
                found = {k: v.strip() for k, v in match.groupdict().items() if v}
                kinds = [v for k, v in found.items() if k.startswith("kind")]
                return found | ({"kind": kinds[0]} if kinds else {})
        return None


def ask(store: "Store", question: str, *, min_support: int = 0, min_confidence: int = 0) -> Answer:
    """Answers a question in plain English; `examples` lists the forms that it may have.

    Every row has `id`, `name`, `kind`, `via` (the edges that answer) and `evidence` (paper, quote, offsets).
    `cypher` with `parameters` is the query that ran; for lineage, one that finds the same rows by hand. What is no
    known form gives no rows, and notes that say what can be asked; an unknown name raises NotFoundError with near
    misses. `min_support` counts papers, `min_confidence` is per mille.
    """
    text = plain(question)
    unknown: NotFoundError | None = None
    for form in FORMS:
        slots = form.read(text)
        if slots is None or (form.loose and unknown):
            continue
        try:
            return form.answer(Asking(store, question, min_support, min_confidence), slots)
        except NotFoundError as error:
            if _SEVERAL.search(error.name) and not error.suggestions:
                return _cannot(store, question, text, "Ask one thing at a time.")
            if not form.loose or (error.suggestions and len(error.name.split()) < 4):
                unknown = unknown or error
    if unknown is not None:
        raise unknown
    return _cannot(store, question, text)


def _types(slots: Slots, default: Sequence[str] = ()) -> tuple[str, ...]:
    kind = slots.get("kind", "").lower()
    for word, types in KINDS.items():
        if re.search(rf"\b{word}s?\b", kind):
            return types
    return tuple(default)


def _is_data(type_: str) -> bool:
    return type_ in DATA


# Answers, in the order of the table. Each is given the slots that its patterns found.


def _down(asking: Asking, slots: Slots) -> Answer:
    return _lineage(asking, slots["x"], "down")


def _up(asking: Asking, slots: Slots) -> Answer:
    return _lineage(asking, slots["x"], "up")


def _between(asking: Asking, slots: Slots) -> Answer:
    return _lineage(asking, slots["x"], "path", slots["y"])


def _lineage(asking: Asking, name: str, direction: str, other: str | None = None) -> Answer:
    found = lineage(
        asking.store,
        name,
        direction=direction,  # type: ignore[arg-type]
        other=other,
        min_support=asking.min_support,
        min_confidence=asking.min_confidence,
    )
    return Answer(asking.question, found.cypher, found.parameters, found.rows, found.notes)


def _built_how(asking: Asking, slots: Slots) -> Answer:
    base = asking.find(slots["x"], *BASES)
    how = _how(slots["how"])
    if _is_data(base.type):  # "fine-tuned on Alpaca-52K" speaks of data
        return f.facts(asking, "TRAINED_ON", object=base, types=_only(slots, SYSTEMS))
    if base.type == "Method":  # "fine-tuned with LoRA" speaks of a method
        return f.facts(asking, "USES", object=base, types=_only(slots, SYSTEMS))
    return f.facts(asking, "BUILT_ON", object=base, how=how)


def _what_built_how(asking: Asking, slots: Slots) -> Answer:
    return f.facts(asking, "BUILT_ON", subject=asking.find(slots["x"], *SYSTEMS), how=_how(slots["how"]))


def _how(words: str) -> list[str]:
    for how, pattern in HOWS.items():
        if re.fullmatch(pattern, words, re.IGNORECASE):
            return [how]
    return [how for how in schema().hows if how == words.lower()]


def _carrying(what: str) -> Callable[[Asking, Slots], Answer]:
    hows = [how for how, carries in schema().hows.items() if carries == what]
    return lambda asking, slots: f.facts(
        asking, "BUILT_ON", object=asking.find(slots["x"], "Model"), how=hows
    )


def _only(slots: Slots, allowed: Sequence[str]) -> tuple[str, ...]:
    """The types that the question names, where the relation has them at all."""
    return tuple(t for t in _types(slots) if t in allowed)


def _trained_on(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], *DATA, "Method")
    relation = "USES" if found.type == "Method" else "TRAINED_ON"
    return f.facts(asking, relation, object=found, types=_only(slots, SYSTEMS))


def _training_data(asking: Asking, slots: Slots) -> Answer:
    return f.facts(asking, "TRAINED_ON", subject=asking.find(slots["x"], *SYSTEMS))


def _tested_on(asking: Asking, slots: Slots) -> Answer:
    return f.facts(
        asking, "EVALUATED_ON", object=asking.find(slots["x"], *DATA), types=_only(slots, ("Model", "Method"))
    )


def _tests(asking: Asking, slots: Slots) -> Answer:
    return f.facts(asking, "EVALUATED_ON", subject=asking.find(slots["x"], *SYSTEMS))


def _size(asking: Asking, slots: Slots) -> Answer:
    return f.sizes(asking, asking.find(slots["x"], "Model", *DATA), unit=_unit(slots.get("unit")))


def _unit(word: str | None) -> str | None:
    if word == "data":
        return None
    return quantities(f"2000 {word}")[0].unit if word and quantities(f"2000 {word}") else word


def _same_size(asking: Asking, slots: Slots) -> Answer:
    number, unit = _quantity(asking, slots["n"], slots, largest=True)
    margin = 0.1 if "about" in slots else 0.005
    return _of_size(asking, slots, number * (1 - margin), number * (1 + margin), unit)


def _larger(asking: Asking, slots: Slots) -> Answer:
    low, unit = _quantity(asking, slots["n"], slots, largest=True)
    return _of_size(asking, slots, _above(low), 1e30, unit)


def _smaller(asking: Asking, slots: Slots) -> Answer:
    high, unit = _quantity(asking, slots["n"], slots, largest=False)
    return _of_size(asking, slots, 0, _below(high), unit)


def _between_sizes(asking: Asking, slots: Slots) -> Answer:
    high, unit = _quantity(asking, slots["m"], slots, largest=True)
    low, _ = _quantity(asking, _with_scale(slots["n"], slots["m"]), slots, largest=False)
    return _of_size(asking, slots, min(low, high), max(low, high), unit)


def _of_size(asking: Asking, slots: Slots, low: float, high: float, unit: str) -> Answer:
    types = _types(slots)
    if unit == "parameters" and not set(types) & set(DATA):
        return f.models_of_size(asking, low, high)
    named = slots.get("n", "").split()[-1:] == [unit] or unit != "parameters"
    return f.things_of_size(asking, low, high, unit if named else "", types or ("Model", *DATA))


def _quantity(asking: Asking, text: str, slots: Slots, *, largest: bool) -> tuple[float, str]:
    """A number as typed, or the size of the model named in its place."""
    found = quantities(text) or quantities(f"{text} parameters")
    if found:
        return float(found[0].value), found[0].unit or "parameters"
    model = asking.find(text, "Model")
    column = "max" if largest else "min"
    cypher = f"MATCH (m:Model {{id: $id}}) RETURN m.parameters_{column} AS n"
    rows = asking.store.query(cypher, {"id": model.id})
    if not rows or rows[0]["n"] is None:
        raise UsageError(f"No paper here says how big {model.name} is. Give a number, such as 7B.")
    return float(rows[0]["n"]), "parameters"


def _with_scale(low: str, high: str) -> str:
    """ "between 7 and 13B": the first number has the scale of the second."""
    if quantities(low) or not (scale := re.search(r"(?i)\d\s*([a-z]+)", high)):
        return low
    return f"{low.strip()}{scale[1] if len(scale[1]) <= 2 else ' ' + scale[1]}"


def _above(number: float) -> float:
    return number * (1 + 1e-9)


def _below(number: float) -> float:
    return number * (1 - 1e-9)


def _introduced_by(asking: Asking, slots: Slots) -> Answer:
    return f.introductions(asking, asking.find(slots["x"], *ENTITIES))


def _introduces(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], "Paper")
    if found.type != "Paper":
        return f.introductions(asking, found)
    return f.introduced_by(asking, found)


def _in_years(asking: Asking, slots: Slots) -> Answer:
    low, high = _years(slots)
    types = _types(slots, ("Model", *DATA, "Method"))
    if types == ("Paper",):
        return f.papers_of(asking, low, high)
    return f.introduced_in(asking, low, high, [t for t in types if t != "Paper"])


def _years(slots: Slots) -> tuple[int, int]:
    first, last = int(slots["from"]), int(slots.get("to", slots["from"]))
    when = slots.get("when", "in").lower()
    if "to" in slots or when in ("in", "during", "from", "between"):
        return first, last
    return {"since": (first, 9999), "after": (first + 1, 9999), "before": (0, first - 1)}.get(
        when, (0, first)
    )


def _compared(asking: Asking, slots: Slots) -> Answer:
    return f.comparisons(asking, asking.find(slots["x"], *SYSTEMS))


def _versus(asking: Asking, slots: Slots) -> Answer:
    return f.comparisons(asking, asking.find(slots["x"], *SYSTEMS), other=asking.find(slots["y"], *SYSTEMS))


def _outperforms(asking: Asking, slots: Slots) -> Answer:
    return f.comparisons(asking, asking.find(slots["x"], *SYSTEMS), outcome="better")


def _outperformed_by(asking: Asking, slots: Slots) -> Answer:
    return f.comparisons(asking, asking.find(slots["x"], *SYSTEMS), outcome="worse")


def _derived(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], *DATA)
    if _is_data(found.type):
        return f.facts(asking, "DERIVED_FROM", object=found)
    return _down(asking, slots)


def _derived_from(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], *DATA)
    if _is_data(found.type):
        return f.facts(asking, "DERIVED_FROM", subject=found)
    return _up(asking, slots)


def _for_task(asking: Asking, slots: Slots) -> Answer:
    types = _types(slots, ENTITIES)
    found = asking.find(slots["x"], "Task")
    if found.type != "Task":
        return _instead_of_task(asking, slots, found.type)
    return f.facts(asking, "ADDRESSES", object=found, types=types if types != ("Paper",) else ())


def _instead_of_task(asking: Asking, slots: Slots, type_: str) -> Answer:
    """ "benchmarks for BERT" and "methods for T5" ask what it was tested on and what was applied to it."""
    if _is_data(type_):
        return _tested_on(asking, {"x": slots["x"]})
    if _types(slots) == ("Method",):
        return _applied_to(asking, {"x": slots["x"]})
    if set(_types(slots)) & set(DATA):
        return (_training_data if "training" in slots["kind"].lower() else _tests)(asking, slots)
    raise NotFoundError(slots["x"], kind="task")


def _tasks(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], *SYSTEMS)
    answer = f.facts(asking, "ADDRESSES", subject=found)
    return answer if answer.rows or found.type != "Method" else _users(asking, slots)


def _applied_to(asking: Asking, slots: Slots) -> Answer:
    return f.facts(
        asking,
        "APPLIED_TO",
        object=asking.find(slots["x"], "Model"),
        types=_only(slots, ("Method", "Paper")),
    )


def _application(asking: Asking, slots: Slots) -> Answer:
    return f.facts(asking, "APPLIED_TO", subject=asking.find(slots["x"], "Method"))


def _users(asking: Asking, slots: Slots) -> Answer:
    types = _only(slots, ("Model", "Method", *DATA))
    return f.facts(asking, "USES", object=asking.find(slots["x"], "Method", "Model"), types=types)


def _used(asking: Asking, slots: Slots) -> Answer:
    types = _only(slots, ("Model", "Method", *DATA))
    relation = "TRAINED_ON|USES" if set(types) & set(DATA) else "USES"
    return f.facts(asking, relation, subject=asking.find(slots["x"], *SYSTEMS), types=types)


def _results_on(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], *DATA, "Task")
    if found.type in SYSTEMS:
        return f.results(asking, found, of=True)
    return f.results(asking, found)


def _results_of(asking: Asking, slots: Slots) -> Answer:
    found = asking.find(slots["x"], *SYSTEMS)
    other = asking.find(slots["y"], *DATA, "Task") if "y" in slots else None
    if found.type not in SYSTEMS and other is None:
        return f.results(asking, found)
    return f.results(asking, found, of=True, other=other)


def _best(asking: Asking, slots: Slots) -> Answer:
    return f.results(asking, asking.find(slots["x"], *DATA, "Task"), best=True)


def _members(asking: Asking, slots: Slots) -> Answer:
    kind = {"size": "size", "variant": "variant", "version": "version"}.get(
        slots.get("member", "").lower().rstrip("s")
    )
    family = asking.find(slots["x"], *BASES)
    return f.facts(asking, "PART_OF", object=family, member=kind)


def _family(asking: Asking, slots: Slots) -> Answer:
    return f.facts(asking, "PART_OF", subject=asking.find(slots["x"], *BASES))


def _mentions(asking: Asking, slots: Slots) -> Answer:
    return f.mentions(asking, asking.find(slots["x"], *ENTITIES))


def _most_built_on(asking: Asking, slots: Slots) -> Answer:
    return f.most(asking, "BUILT_ON", side="o", types=("Model",), doing="built on it")


def _most(asking: Asking, slots: Slots) -> Answer:
    doing = slots["doing"].lower()
    types = _types(slots, DATA)
    if re.match("evaluat|test|benchmark", doing):
        return f.most(asking, "EVALUATED_ON", side="o", types=DATA, doing="evaluated on it")
    if doing.startswith("compar"):
        return f.most(asking, "COMPARED_TO", side="o", types=SYSTEMS, doing="compared with it")
    if doing.startswith("train"):
        return f.most(asking, "TRAINED_ON", side="o", types=DATA, doing="trained on it")
    if types == ("Task",):
        return f.most(asking, "ADDRESSES", side="o", types=("Task",), doing="address it")
    if types == ("Model",):
        return f.most(asking, "BUILT_ON", side="o", types=("Model",), doing="built on it")
    if set(types) & set(DATA):
        return f.most(
            asking, "TRAINED_ON|EVALUATED_ON", side="o", types=types, doing="trained or tested on it"
        )
    return f.most(asking, "USES", side="o", types=types, doing="use it")


def _extremes(asking: Asking, slots: Slots) -> Answer:
    largest = slots["end"].lower() in ("largest", "biggest", "greatest")
    return f.extremes(asking, largest=largest, limit=_top(slots))


_NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "ten": 10}


def _top(slots: Slots) -> int:
    asked = slots.get("top", "20").lower()
    return _NUMBERS.get(asked) or int(asked)


def _latest(asking: Asking, slots: Slots) -> Answer:
    types = [t for t in _types(slots, ("Model",)) if t != "Paper"] or list(ENTITIES)
    newest = slots["end"].lower() not in ("oldest", "earliest", "first")
    return f.latest(asking, types, newest=newest, limit=_top(slots))


def _count(asking: Asking, slots: Slots) -> Answer:
    return f.count(asking, _types(slots, ENTITIES))


def _count_answers(asking: Asking, slots: Slots) -> Answer:
    """The answer to the question without "how many", and how many rows of each kind it has."""
    found = ask(
        asking.store,
        f"which {slots['rest']}",
        min_support=asking.min_support,
        min_confidence=asking.min_confidence,
    )
    kinds = Counter(row["kind"] for row in found.rows)
    told = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items()) or "None"
    return Answer(asking.question, found.cypher, found.parameters, found.rows, [f"{told}.", *found.notes])


def _in_common(asking: Asking, slots: Slots) -> Answer:
    found = shared_ancestors(asking.store, slots["x"], slots["y"])
    return Answer(asking.question, found.cypher, found.parameters, found.rows, found.notes)


def _is_it_so(relation: str, *types: str) -> Callable[[Asking, Slots], Answer]:
    """Yes, with the sentence; or no row."""
    return lambda asking, slots: f.facts(
        asking, relation, subject=asking.find(slots["x"], *SYSTEMS), other=asking.find(slots["y"], *types)
    )


def _show(asking: Asking, slots: Slots) -> Answer:
    found = show(asking.store, slots["x"])
    return Answer(asking.question, found.cypher, found.parameters, found.rows, found.notes)


def _examples(asking: Asking, slots: Slots) -> Answer:
    rows = [{"id": x.name, "name": x.example, "kind": "example", "via": [], "evidence": []} for x in FORMS]
    return Answer(asking.question, "", {}, rows, [])


FORMS: tuple[Form, ...] = (
    Form(
        "examples",
        "examples",
        (
            r"(?:help|examples?|questions?|(?:what|which questions?) can (?:i|you|one|it) (?:ask|answer)(?: you)?)",
        ),
        _examples,
    ),
    Form(
        "most built on",
        "the most built-on models",
        (
            r"LEAD(?:KIND )?TOP(?:most|top|best known)(?: often| widely| frequently)? (?:built[- ]?(?:up)?on|built|reused|derived[- ]from|extended|fine-?tuned|influential|popular base)(?: (?:on|from))?(?: KIND)?",
            r"LEADmost popular base models?",
            r"LEADKIND (?:is|are) (?:the )?most (?:often )?(?:built (?:up)?on|reused|fine-?tuned|influential)",
            r"LEADmost (?:derivatives|descendants)",
        ),
        _most_built_on,
    ),
    Form(
        "most used",
        "the most used datasets",
        (
            r"LEADTOP(?:most|top)(?: (?:often|widely|frequently|commonly))? (?P<doing>used|popular|common|frequent|addressed|studied|evaluated(?:[- ]on)?|tested(?:[- ]on)?|benchmarked|compared(?:[- ](?:with|to|against))?|trained(?:[- ]on)?)(?: KIND)?",
            r"LEADKIND (?:is|are) (?:the )?most (?:often |widely )?(?P<doing>used|popular|common|addressed|evaluated on|tested on|trained on|compared (?:with|to|against))",
        ),
        _most,
    ),
    Form(
        "largest",
        "the largest models",
        (
            r"LEADTOP(?P<end>largest|biggest|greatest|smallest|tiniest)(?: KIND)?(?: by parameters| here)?",
            r"LEADKIND (?:is|are) (?:the )?(?P<end>largest|biggest|smallest)",
        ),
        _extremes,
    ),
    Form(
        "newest",
        "the newest models",
        (
            r"LEADTOP(?:most )?(?P<end>newest|latest|recent|oldest|earliest|first) KIND",
            r"LEADKIND (?:is|are) (?:the )?(?P<end>newest|latest|oldest)",
        ),
        _latest,
    ),
    Form(
        "counts",
        "how many models are there",
        (
            r"how many (?:different )?KIND(?: (?:are|do|does|did|have|has)(?: (?:there|you|it|we|kg))?(?: (?:know|have|has|hold|contain|read))?)?(?: (?:about|in (?:it|here|there|the graph)|in total|altogether))?",
            r"(?:the )?(?:number|count) of KIND",
        ),
        _count,
    ),
    Form(
        "how many do",
        "how many models are built on LLaMA",
        (
            r"how many (?P<rest>KIND (?:are|is|were|was|have|has|do|did|use|uses|descend|derive|outperform|beat|address|belong|mention|with|for|on)\b.+)",
        ),
        _count_answers,
    ),
    Form(
        "introduced in a year",
        "models introduced in 2023",
        (
            r"LEAD(?:INTRODUCED )?WHENYEARS",
            r"LEAD(?:INTRODUCED )WHENYEARS",
            r"what (?:was|were|has been) INTRODUCED WHENYEARS",
        ),
        _in_years,
    ),
    Form(
        "of a size",
        "models with 7B parameters",
        (
            r"LEAD(?:(?:with|having|have|has|of|at|sized?) )+(?:exactly |(?P<about>about|around|roughly|some|~) ?)?NUMBER",
            r"(?:FILLER)*(?P<n>[\d.]+ ?[kmbt]) KIND",
        ),
        _same_size,
    ),
    Form(
        "between sizes",
        "models between 7B and 13B",
        (r"LEAD(?:sized |with |having |that have )?(?:between|from) NUMBER (?:and|to|-) UPPER",),
        _between_sizes,
    ),
    Form(
        "larger than",
        "models larger than 70B",
        (
            r"LEAD(?:with |having |that have |have |has )?(?:larger|bigger|greater|more|over|above|at least|exceeding|upwards of|>=?)(?: than)? NUMBER",
            r"LEAD(?:larger|bigger|greater) than (?P<n>.+)",
        ),
        _larger,
    ),
    Form(
        "smaller than",
        "models smaller than 1B",
        (
            r"LEAD(?:with |having |that have |have |has )?(?:smaller|less|fewer|lower|under|below|at most|up to|<=?)(?: than)? NUMBER",
            r"LEAD(?:smaller|tinier) than (?P<n>.+)",
        ),
        _smaller,
    ),
    Form(
        "how big",
        "how big is LLaMA",
        (
            r"how (?:big|large|small|long|heavy|huge) BE X",
            r"how many (?P<unit>[a-z]+) (?:does|do|did|has|have) X(?: (?:have|has|hold|contain|comprise|include|use|need|got))?",
            r"how many (?P<unit>[a-z]+) (?:(?:are|is|were) )?(?:in|of|for) X",
            r"(?:on )?how (?:many|much) (?P<unit>[a-z]+) (?:was|were|is|are) X (?:pre-?)?trained(?: (?:on|with))?",
            r"X parameters",
            r"(?:FILLER)*(?:number of )?(?P<unit>parameter|token|example|image|pair|document|hour)s?(?: counts?| sizes?| numbers?)? (?:of|in) X",
            r"(?:FILLER)*sizes? (?:of|is|are|BE) X",
            r"X's? (?:sizes?|parameter count|number of parameters)",
        ),
        _size,
    ),
    Form(
        "how built",
        "models fine-tuned from LLaMA",
        (
            r"LEAD(?P<how>HOW)(?:ly)?(?: (?:versions?|variants?|models?|checkpoints?|derivatives?))? (?:of|from|on|with|using|out of|into|for|on top of) X",
            r"LEAD(?P<how>fine-?tunes?|adapts?|extends?|merges?|distill?s?|compress(?:es)?) X",
            r"LEADX (?P<how>fine-?tunes|distillations|quanti[sz]ations|merges|adaptations|extensions)",
        ),
        _built_how,
    ),
    Form(
        "what it was made from",
        "what was DistilBERT distilled from",
        (r"(?:what|which KIND|which) BE X (?P<how>HOW) (?:from|of|out of|with)",),
        _what_built_how,
    ),
    Form(
        "sharing a design",
        "models with the architecture of BERT",
        (
            r"LEAD(?:with|shar(?:es?|ing)|us(?:es?|ing)|follow(?:s|ing)?|adopt(?:s|ing)?|tak(?:es?|ing)(?: over)?)? ?(?:the )?(?:same )?(?:architecture|design) (?:of|as|from) X",
            r"LEAD(?:with|us(?:es?|ing)) (?:the |an? )?X(?:'s)? (?:architecture|design)",
        ),
        _carrying("design"),
    ),
    Form(
        "as a part",
        "models with CLIP as a component",
        (
            r"LEAD(?:with|us(?:es?|ing)|contain(?:s|ing)?|includ(?:es?|ing)|embed(?:s|ding)?) X as (?:a |an |its |their |the )?(?:component|part|encoder|vision encoder|text encoder|module|building block)",
            r"LEAD(?:contain(?:s|ing)?|wrap(?:s|ping)?) X",
        ),
        _carrying("part"),
    ),
    Form(
        "path",
        "how is MiniGPT-4 related to LLaMA",
        (
            r"(?:is|was|are|were) X (?:BUILT|derived|descended|made|distilled|HOW) ON Y",
            r"(?:does|do|did) X (?:descend|derive|come|stem|build|originate) ON Y",
            r"how (?:does|do|did) X (?:descend|derive|come|stem|relate|build|connect) (?:ON|to) Y",
            r"how (?:is|are|was|were) X (?:related|connected|linked|tied) (?:to|with) Y",
            r"how (?:is|are|was|were) X and Y (?:related|connected|linked)",
            r"between X and Y",
            r"(?:FILLER)*(?:path|paths|chain|way|link|connection|relation|relationship|lineage)s? (?:from|between|of) X (?:to|and|with) Y",
            r"what (?:connects|links|relates) X (?:and|to|with) Y",
        ),
        _between,
    ),
    Form(
        "in common",
        "common ancestors of Ouro and Orca",
        (
            r"LEAD(?:common|shared|joint) (?:ancestors?|bases?|roots?|origins?|base models?) (?:of|between|for) X and Y",
            r"what (?:do|does|did) X and Y (?:have in common|share|both (?:build|descend|derive|come) (?:on|from))",
            r"(?:what|which)(?: KIND)? (?:are|were|is) (?:both )?X and Y (?:both )?(?:built|based) (?:on|from)",
        ),
        _in_common,
    ),
    Form(
        "whether trained on",
        "was BERT trained on Wikipedia",
        (r"(?:is|was|were|are|has|did|does) X (?:been )?(?:TRAINED) (?:on|with|using|from) Y",),
        _is_it_so("TRAINED_ON", *DATA),
    ),
    Form(
        "whether tested on",
        "was CLIP evaluated on ImageNet",
        (r"(?:is|was|were|are|has|did|does) X (?:been )?TESTED (?:on|with|against) Y",),
        _is_it_so("EVALUATED_ON", *DATA),
    ),
    Form(
        "whether it uses",
        "does Zephyr use DPO",
        (r"(?:does|do|did|is|has) X USES Y",),
        _is_it_so("USES", "Method", "Model", *DATA),
    ),
    Form(
        "training data",
        "what was BERT trained on",
        (
            r"(?:on|with) (?:what|which)(?: KIND)? BE X (?:pre-?)?TRAINED",
            r"LEADused (?:to|for|in|when) (?:pre-?|fine-?)?(?:train|tun)(?:e|ing)? X",
            r"how BE X trained",
            r"(?:what|which)(?: KIND)? (?:BE|has|have) X (?:been )?(?:TRAINED|HOW) (?:on|with|using|over)",
            r"(?:what|which)(?: KIND)? (?:does|do|did) X (?:TRAINED) (?:on|with|from|over)",
            r"(?:what|which) KIND (?:does|do|did) X USES (?:for|in) (?:pre-?)?training",
            r"(?:FILLER)*(?:pre-?)?training (?:data|sets?|corpus|corpora|data ?sets?|mix(?:ture)?) (?:of|for|used (?:by|for)|behind) X",
            r"(?:FILLER)*(?:data|data ?sets?|corpora|corpus) (?:used )?(?:for|in|to) (?:pre-?)?train(?:ing)? X",
            r"(?:FILLER)*(?:data|data ?sets?) (?:that )?X (?:was|is|were|are) (?:TRAINED) on",
            r"X'?s? training (?:data|sets?|corpus|data ?sets?)",
        ),
        _training_data,
    ),
    Form(
        "trained on",
        "which models are trained on C4",
        (r"LEADTRAINED (?:on|with|using|over|from) X",),
        _trained_on,
    ),
    Form(
        "its tests",
        "what was CLIP evaluated on",
        (
            r"(?:on|with|against) (?:what|which)(?: KIND)? BE X TESTED",
            r"LEADused (?:to|for) (?:evaluat(?:e|ing)|test(?:ing)?|benchmark(?:ing)?|assess(?:ing)?) X",
            r"(?:what|which|where)(?: KIND)? (?:BE|has|have) X (?:been )?TESTED(?: (?:on|with|against|by|using))?",
            r"(?:what|which)(?: KIND)? (?:does|do|did) X (?:report|test|evaluate|use for (?:evaluation|testing)) ?(?:on)?",
            r"(?:FILLER)*(?:evaluations?|test sets?|tests?) (?:of|for|used for|used by) X",
        ),
        _tests,
    ),
    Form(
        "tested on",
        "which models are evaluated on MMLU",
        (
            r"LEADTESTED (?:on|with|against|using|by) X",
            r"LEAD(?:report(?:s|ed)? )?evaluations? on X",
        ),
        _tested_on,
    ),
    Form(
        "applied to",
        "methods applied to T5",
        (r"LEAD(?:appl(?:y|ied|icable|ies)|tried) (?:to|on|with|for) X",),
        _applied_to,
    ),
    Form(
        "its application",
        "what was LoRA applied to",
        (
            r"(?:what|which|where)(?: KIND)? (?:BE|has|have|can) X (?:been |be )?(?:applied|tried)(?: (?:to|on|with))?",
            r"(?:FILLER)*applications? of X",
        ),
        _application,
    ),
    Form(
        "derived data",
        "datasets derived from SQuAD",
        (
            r"FILLER*(?:data ?sets?|data|corpora|benchmarks?) (?:FILLER)*(?:derived|BUILT|sampled|drawn|taken|collected|extracted|extended|adapted) ON X",
            r"FILLER*(?:data ?sets?|data|corpora|benchmarks?) (?:that )?(?:extend|derive from|build on|come from) X",
            r"LEADderived from X",
        ),
        _derived,
    ),
    Form(
        "its sources",
        "what is MMLU-Pro derived from",
        (
            r"(?:what|which)(?: KIND)? BE X (?:derived|sampled|drawn|taken|collected|extracted) (?:from|out of|on)",
            r"(?:FILLER)*sources? (?:of|for|behind) X",
        ),
        _derived_from,
    ),
    Form(
        "descendants",
        "what is built on Llama",
        (
            r"LEADBUILT ON X",
            r"LEAD(?:descend(?:s|ed|ing|ents?)?|deriv(?:es?|ing|ed)|stem(?:s|med|ming)?|com(?:es?|ing)|originat(?:es?|ed|ing)) (?:directly )?(?:from|of|out of|ON) X",
            r"LEAD(?:derivatives?|descendants?|children|offspring|successors?|spin-?offs?|downstream models?|heirs?|progeny) (?:of|from|for) X",
            r"LEAD(?:tree|family tree) (?:of|for|from|under) X",
            r"LEADinherit(?:s|ed|ing)? from X",
            r"LEAD(?:USES|with|has|have|takes?) X as (?:a |an |its |their |the )?(?:base|backbone|foundation|starting point|base model|foundation model)",
            r"LEADX(?:'s)? (?:derivatives?|descendants?|children|offspring|successors?|spin-?offs?|family tree)",
            r"X-(?:based|derived) (?:models?|systems?|llms?)",
        ),
        _down,
    ),
    Form(
        "ancestors",
        "what is Vicuna built on",
        (
            r"(?:on|from) (?:what|which)(?: KIND)? (?:BE) X (?:BUILT|derived|descended)",
            r"how BE X (?:made|built|created)",
            r"(?:what|which|who)(?: KIND)? (?:BE|does|do|did) X BUILT ON",
            r"(?:what|which|where)(?: KIND)? (?:does|do|did) X (?:build|derive|descend|come|stem|originate|inherit|start) ?(?:ON)?",
            r"(?:what|which)(?: KIND)? (?:does|do|did) X extend",
            r"(?:what|which)(?: KIND)? (?:is|was|are|were) X (?:descended|derived|made|distilled) ON",
            r"(?:FILLER)*(?:ancestors?|ancestry|parents?|origins?|base models?|base|bases|backbone|foundations?|roots?|provenance|lineage|predecessors?) (?:of|for|behind) X",
            r"X(?:'s)? (?:ancestors?|ancestry|parents?|origins?|base models?|backbone|roots|lineage|base)",
        ),
        _up,
    ),
    Form(
        "compare two",
        "how does Vicuna-13B compare with GPT-4",
        (
            r"(?:FILLER)*(?:differences?|comparisons?) between X and Y",
            r"how (?:does|do|did|is|are) X (?:differ|different) from Y",
            r"(?:what|which|who)(?: KIND)? is (?:better|stronger|best),? X or Y",
            r"compare X (?:and|with|to|against|versus|vs\.?) Y",
            r"how (?:does|do|did) X (?:compare|perform|fare|do|stack up)(?: (?:to|with|against|compared (?:to|with)|versus|vs\.?|relative to)) Y",
            r"X (?:versus|vs\.?) Y",
            r"(?:is|are|was|does|do|did) X BEATS Y",
            r"(?:is|are|was) X (?:better|worse|stronger|weaker) than Y",
            r"(?:FILLER)*comparisons? (?:of|between) X (?:and|with|to) Y",
        ),
        _versus,
    ),
    Form(
        "compared with",
        "what is LLaVA compared with",
        (
            r"(?:what|which|who)(?: KIND)? (?:BE|does|do|did|has|have) X (?:been )?(?:compared?|compete) (?:with|to|against)",
            r"LEAD(?:compar(?:ed?|es|ing)|compet(?:es?|ing)) (?:with|to|against) X",
            r"(?:FILLER)*(?:comparisons?|baselines?|competitors?|rivals?|alternatives?) (?:of|with|for|to) X",
        ),
        _compared,
    ),
    Form(
        "outperforms",
        "what does Mistral-7B outperform",
        (
            r"(?:what|which|who)(?: KIND)? (?:does|do|did|has|can) X (?:outperform(?:ed)?|beat(?:en)?|surpass(?:ed)?|exceed(?:ed)?|outscore|do better than|outdo)",
            r"LEADBEATEN by X",
            r"X BEATS (?:what|which models?|whom|who)",
            r"LEAD(?:worse|weaker|behind|inferior)(?: than| to)? X",
        ),
        _outperforms,
    ),
    Form(
        "outperformed by",
        "what outperforms GPT-4",
        (
            r"LEADBEATS X",
            r"(?:what|which|who)(?: KIND)? (?:BE|has|have) X (?:been )?BEATEN by",
            r"(?:what|which|who)(?: KIND)? (?:is|was) X (?:worse|weaker) than",
        ),
        _outperformed_by,
    ),
    Form(
        "best result",
        "best result on MMLU",
        (
            r"LEAD(?:best|highest|top|state[- ]of[- ]the[- ]art|sota|leading|record|strongest)(?: KIND)?(?: (?:results?|scores?|performance|accuracy|numbers?|performing models?))?(?: (?:on|for|at|in|of)) X",
            r"(?:what|who|which(?: KIND)?) (?:is|does|performs?|scores?|leads?) (?:the )?(?:best|highest|top)? ?(?:on|at|for) X",
            r"(?:what|who|which(?: KIND)?) leads X",
            r"(?:sota|state[- ]of[- ]the[- ]art|leaderboard) (?:on|for|of) X",
        ),
        _best,
    ),
    Form(
        "results of a model",
        "results of Mistral-7B on HumanEval",
        (
            r"(?:FILLER)*(?:results?|scores?|performance|accuracy|f1|bleu|numbers) (?:of|by|for|from) X (?:on|at|in|for) Y",
            r"how (?:well|good|bad|badly) (?:does|do|did|is|are|was) X (?:(?:do|perform|score|work|fare) )?(?:on|at|in) Y",
            r"(?:what|which)(?: (?:score|result|accuracy|f1|bleu|results|scores))? (?:does|do|did) X (?:score|reach|get|achieve|report|obtain|have)(?: (?:on|at|in) Y)?",
            r"X(?:'s)? (?:results?|scores?|performance|accuracy|f1|bleu) (?:on|at|in|for) Y",
            r"(?:FILLER)*(?:results?|scores?|performance) (?:of|by) X",
            r"how (?:well|good) (?:does|do|did|is) X(?: (?:do|perform|score))?",
        ),
        _results_of,
    ),
    Form(
        "results on",
        "results on MMLU",
        (
            r"(?:FILLER)*(?:reported )?(?:results?|scores?|performances?|accurac(?:y|ies)|f1|bleu|numbers|leaderboard) (?:on|for|at|in|from) X",
            r"(?:what|which)(?: KIND)? (?:report|reports|have|has|reported) (?:results?|scores?|numbers) (?:on|for) X",
            r"X (?:results?|scores?|leaderboard)",
        ),
        _results_on,
    ),
    Form(
        "members",
        "members of the LLaMA family",
        (
            r"LEAD(?P<member>members?|sizes?|variants?|versions?|checkpoints?|generations?|parts?)(?: (?:there )?(?:is|are))?(?: (?:of|in|from|for)) X",
            r"LEAD(?:belong(?:s|ing)?|part|members?) (?:to|of|in) X",
            r"(?:what|which|who)(?: KIND)? (?:is|are) in X",
            r"X (?P<member>members|variants|versions|checkpoints)",
        ),
        _members,
    ),
    Form(
        "family",
        "which family does Llama-2-7B belong to",
        (
            r"(?:what|which) (?:famil(?:y|ies)|series|suite) (?:does|do|is|are|did) X (?:belong(?:s)? to|part of|in|a member of|a part of|from|come from)",
            r"(?:FILLER)*(?:famil(?:y|ies)|series) (?:of|for) X",
            r"what (?:is|are) X (?:a )?(?:part|member|version|variant|size) of",
        ),
        _family,
    ),
    Form(
        "introducing paper",
        "who introduced BERT",
        (
            r"(?:who|what|which)(?: (?:paper|papers|work|team|article))?(?: first)? INTRODUCED X",
            r"(?:where|when|in which papers?|by which papers?|by whom|in what papers?|in what year) (?:is|was|were|are|did|has) X(?: been)?(?: first)? (?:INTRODUCED|come out|appear)(?: (?:in|by))?",
            r"(?:(?:in )?(?:what|which) year|how old) (?:is|was|were|did) X(?: (?:INTRODUCED|come out))?",
            r"(?:what|which|who|in which|by which)(?: KIND)? (?:is|was|were) X(?: first)? INTRODUCED(?: (?:by|in))?",
            r"(?:FILLER)*(?:original )?(?:papers?|publications?|work) (?:INTRODUCED|behind|of|for|that (?:first )?INTRODUCED|which INTRODUCED) X",
            r"(?:FILLER)*(?:introduction|source) of X",
            r"X (?:paper|was introduced (?:by|in))",
        ),
        _introduced_by,
    ),
    Form(
        "what a paper introduces",
        "what does 2302.13971 introduce",
        (
            r"(?:what|which)(?: KIND)? (?:does|do|did|has) (?:the )?(?:paper )?X (?:INTRODUCED|contribute)",
            r"LEADINTRODUCED (?:by|in) (?:the )?(?:paper )?X",
            r"(?:FILLER)*contributions? of (?:the )?(?:paper )?X",
        ),
        _introduces,
    ),
    Form(
        "mentions",
        "which papers mention LoRA",
        (
            r"(?:FILLER)*(?:papers?|articles?|works?|publications?) (?:FILLER)*(?:mention(?:s|ing|ed)?|about|on|citing|cite|cites|discuss(?:es|ing)?|nam(?:es?|ing)|talk(?:s|ing)? about|refer(?:s|ring)? to) X",
            r"(?:where|who|what|which papers?) (?:is|are|was|were)? ?(?:mentions?|mentioned|cites?|discuss(?:es)?) X",
            r"(?:where|in which papers?|by whom) (?:is|are|was|were) X (?:mentioned|cited|named|discussed)",
            r"(?:FILLER)*mentions? of X",
        ),
        _mentions,
    ),
    Form(
        "tasks of",
        "what is T5 used for",
        (
            r"(?:what|which)(?: KIND)? (?:is|are|was|were|can) X (?:be )?(?:used|made|good|meant|designed|intended|suited|built)(?: for)",
            r"(?:what|which) (?:tasks?|problems?) (?:does|do|did|can|is|are|was) X (?:ADDRESS|do|for|made for|used for|good at|work on)",
            r"(?:what) (?:does|do|can) X (?:ADDRESS|do)",
            r"(?:FILLER)*(?:tasks?|uses?|purpose) (?:of|for|addressed by|solved by) X",
        ),
        _tasks,
    ),
    Form(
        "what it uses",
        "what does Guanaco use",
        (
            r"(?:what|which)(?: KIND)? (?:does|do|did|is|are) X USES",
            r"(?:FILLER)*(?:ingredients?|dependencies) of X",
            r"(?:FILLER)*KIND (?:used|employed) by X",
        ),
        _used,
    ),
    Form(
        "users",
        "what uses LoRA",
        (
            r"LEADUSES X",
            r"(?:where|in what|in which KIND|by what|by which KIND|by whom) (?:is|are|was|were) X (?:used|employed)",
            r"(?:what|which)(?: KIND)? (?:is|are|was|were) X used (?:in|by)",
            r"(?:FILLER)*(?:users|uses) of X",
        ),
        _users,
    ),
    Form(
        "for a task",
        "models for machine translation",
        (
            r"LEADKIND (?:FILLER)*(?:(?:used|made|built|meant|designed|suited|intended|good|useful|available) )?(?:for|about|doing|on|ADDRESS|that ADDRESS|which ADDRESS|that do|that can do) X",
            r"LEADADDRESS X",
            r"(?:what|who|which(?: KIND)?) can (?:do|ADDRESS|be used for) X",
        ),
        _for_task,
    ),
    Form(
        "about",
        "tell me about CLIP",
        (
            r"(?:what|who) (?:is|are|was|were) X",
            r"(?:tell me|what do (?:you|papers) (?:know|say)|what is (?:known|said)|facts|information|info) (?:about|on) X",
            r"(?:describe|show) X",
            r"(?:everything|all|anything|something|more)(?: (?:you know|there is))? (?:about|on) X",
            r"X",
        ),
        _show,
        loose=True,
    ),
)
"""All forms, the particular before the general."""


_SEVERAL = re.compile(r"(?i)\b(?:and|or|but|not|without|except|both)\b")


def _cannot(store: "Store", question: str, text: str, *more: str) -> Answer:
    named = {form.name: form for form in FORMS}
    examples = "; ".join(named[name].example for name in _SHOWN)
    note = (
        f"I can't answer {text!r}. I can answer: {examples}. `kg ask examples` lists all {len(FORMS)} forms."
    )
    return Answer(question, "", {}, [], [note, *more, papers_read(store)])


_SHOWN = (
    "descendants", "ancestors", "path", "trained on", "tested on", "how big", "larger than", "outperformed by",
    "for a task", "results on", "introducing paper", "about",
)  # fmt: skip
