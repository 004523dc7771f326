"""What a name alone decides: its entity's key, what the lexicon says, and the families that it stands under.

Every function here is pure in the name (and the lexicon), so that a name resolves alike in every paper.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kg.lexicon import Parent, canonical
from kg.schema import schema
from kg.text import fold, without_tex

_CAPITALS = re.compile(r"[A-Z0-9]")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Naming:
    """What a name stands for: the key of its entity, how it reads, and the lexicon's word on it.

    `kind` tells apart what may share a key: "system" (something built), "data", or "" for the types whose keys
    have a prefix. `traits` are version, size, variants and revision: names that differ there are different things.
    The lexicon's `name` and `type` are there where it knows this name; a `soft` type is a leaning, any other
    settles the kind too.
    """

    key: str
    kind: str
    shown: str
    folded: str
    traits: tuple[str, ...]
    family: str | None
    name: str | None
    type: str | None
    soft: bool
    parameters: int | None
    active: int | None

    @property
    def known(self) -> bool:
        """Whether the lexicon has it."""
        return self.name is not None


Read = tuple[Naming, tuple[Parent, ...]]
"""What a name stands for, and the families over it as the lexicon gives them."""

_at_hand: Mapping[tuple[str, str], Read] = {}


def prime(known: Mapping[tuple[str, str], Read]) -> None:
    """Has at hand what was read of these spellings and types before, in place of what was at hand.

    Names are read by pure functions, so whether they were read now or then never shows.
    """
    global _at_hand
    _at_hand = known


@functools.cache
def kind_of(type: str) -> str:
    """Whether a type of entity is a system, data or something else.

    >>> kind_of("Method"), kind_of("Benchmark"), kind_of("Task")
    ('system', 'data', '')
    """
    flags = schema().types[type]
    return "system" if flags.system else "data" if flags.data else ""


def name_of(spelling: str, type: str) -> Naming:
    """What a spelling of an entity of that type stands for, wherever it is read.

    >>> name_of("Llama-2-7b-chat-hf", "Model").key == name_of("LLaMA 2 7B Chat", "Model").key
    True
    """
    return read(spelling, type)[0]


def read(spelling: str, type: str) -> Read:
    """As `name_of`, with the families over it."""
    return _at_hand.get((spelling, type)) or _read(spelling, type)


def _read(spelling: str, type: str) -> Read:
    shown, kind = without_tex(spelling), kind_of(type)
    found = canonical(spelling, type)
    entry = found.entry
    if entry and entry.soft and kind_of(entry.type) != kind:
        entry = None
    elif entry:
        kind = kind_of(entry.type)
    named = Naming(
        key=found.key,
        kind=kind,
        shown=shown or spelling,
        folded=fold(shown) or spelling,
        traits=found.parsed.suffix if kind else (),
        family=next((p.key for p in reversed(found.parents) if p.known), None),
        name=entry.name if entry else None,
        type=entry.type if entry else None,
        soft=entry.soft if entry else False,
        parameters=found.parsed.parameters,
        active=found.parsed.active,
    )
    return named, found.parents


def families(spelling: str, type: str) -> list[Parent]:
    """The families that a name stands under, nearest first; a version behind which one stands stays in `member`.

    >>> [(p.key, p.member) for p in families("Llama-2-7B-Chat", "Model")]
    [('llama-2-7b', 'variant'), ('llama-2', 'variant'), ('llama', 'version')]
    """
    found: list[Parent] = []
    for parent in read(spelling, type)[1]:
        before = found[-1].member if found else parent.member
        member = "version" if "version" in (before, parent.member) else before
        found.append(replace(parent, member=member))
    return found


def alias_refused(alias: str, name: str, type: str) -> str | None:
    """Why an alias of a name may not be its name in other papers; None where the two names allow it.

    >>> alias_refused("HiAM", "Hierarchical Attention Module", "Method")
    >>> alias_refused("Foo", "Foo-7B", "Model")
    'its version, size or variant differs'
    >>> alias_refused("CNN", "Hierarchical Attention Module", "Method")
    'it abbreviates something else'
    """
    a, n = name_of(alias, type), name_of(name, type)
    if a.known:
        return "the lexicon knows it as a name of its own"
    if a.traits != n.traits:
        return "its version, size or variant differs"
    if a.family and n.family and a.family != n.family:
        return "its family differs"
    if abbreviation(alias, name):
        return None
    if not n.kind:  # tasks and metrics are phrases, and papers vary them freely
        return "it is no abbreviation"
    return "it abbreviates something else" if _is_strange_acronym(alias, name) else None


def abbreviation(one: str, other: str) -> tuple[str, str] | None:
    """Short and long form where one of two names is the acronym of the other.

    >>> abbreviation("Low-Rank Adaptation", "LoRA"), abbreviation("Alpaca", "Stanford Alpaca")
    (('LoRA', 'Low-Rank Adaptation'), None)
    """
    short, long = _by_length(one, other)
    return (short, long) if _is_acronym(short) and abbreviates(short, long) else None


def meaning(long: str) -> str:
    """A long form without what papers vary in it: hyphens, case and plurals.

    >>> meaning("Pre-trained Language Models") == meaning("pretrained language model")
    True
    """
    return "".join(word.removesuffix("s") for word in fold(long).split())


def abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short form stand in its long form, in order, the first one first.

    >>> abbreviates("LoRA", "Low-Rank Adaptation"), abbreviates("CNN", "Retentive Network")
    (True, False)
    """
    rest = iter("".join(_WORDS.findall(long.casefold())))
    letters = "".join(_WORDS.findall(short.casefold()))
    return long[:1].casefold() == letters[:1] and all(c in rest for c in letters)


def _is_strange_acronym(one: str, other: str) -> bool:
    """Whether one is an acronym that the other neither spells out nor holds as a word."""
    short, long = _by_length(one, other)
    return _is_acronym(short) and short.casefold() not in _WORDS.findall(long.casefold())


def _by_length(one: str, other: str) -> tuple[str, str]:
    short, long = sorted((one, other), key=lambda t: (len(_WORDS.findall(t)), len(t), t))
    return short, long


def _is_acronym(text: str) -> bool:
    capitals = len(_CAPITALS.findall(text))
    return len(_WORDS.findall(text)) == 1 and 2 <= len(text) <= 10 and 2 * capitals >= len(text)
