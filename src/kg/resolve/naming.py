"""What a name alone decides: its entity's key, what the lexicon says, and the families that it stands under.

Every function here is pure in the name (and the lexicon), so that a name resolves alike in every paper.
"""

import re
from dataclasses import dataclass

from kg import names
from kg.lexicon import Entry, lexicon
from kg.schema import schema
from kg.text import fold, without_tex

_CAPITALS = re.compile(r"[A-Z0-9]")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Naming:
    """What a name stands for: the key of its entity, how it reads, and the lexicon's word on it.

    `kind` tells apart what may share a key: "system" (something built), "data", or "" for the types whose keys
    have a prefix. `traits` are version, size, variants and revision: names that differ there are different things.
    """

    key: str
    kind: str
    shown: str
    folded: str
    traits: tuple[str, ...]
    family: str | None
    known: bool
    name: str | None  # the lexicon's
    type: str | None  # the lexicon's
    parameters: int | None
    active: int | None


@dataclass(frozen=True, slots=True)
class Parent:
    """A family that a name stands under; `member` is version wherever a version lies between."""

    name: str
    key: str
    member: str
    known: bool


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
    shown, kind = without_tex(spelling), kind_of(type)
    entry = _entry(spelling, kind)
    parsed = names.parse(entry.name if entry else spelling)
    return Naming(
        key=names.key(entry.name if entry else spelling, type),
        kind=kind,
        shown=shown or spelling,
        folded=fold(shown) or spelling,
        traits=parsed.suffix if kind else (),
        family=entry.family if entry else None,
        known=entry is not None,
        name=entry.name if entry else None,
        type=entry.type if entry else None,
        parameters=parsed.parameters,
        active=parsed.active,
    )


def families(spelling: str, type: str) -> list[Parent]:
    """The families that a name stands under, nearest first: by grammar, and by the lexicon.

    >>> [(p.key, p.member) for p in families("Foo-2-7B-Chat", "Model")]
    [('foo-2-7b', 'variant'), ('foo-2', 'variant')]
    """
    kind, member = kind_of(type), None
    found = []
    entry = _entry(spelling, kind)
    for n, how in names.parents(names.parse(entry.name if entry else spelling), _is_family):
        member = "version" if "version" in (member, how) else member or how
        above = _entry(n.display, kind)
        found.append(Parent(n.display, names.key(n.display, type), member, above is not None))
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
    if not (_abbreviation_fits if a.kind else _one_abbreviates)(alias, name):
        return "it abbreviates something else" if a.kind else "it is no abbreviation"
    return None


def abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short form stand in its long form, in order, the first one first.

    >>> abbreviates("LoRA", "Low-Rank Adaptation"), abbreviates("CNN", "Retentive Network")
    (True, False)
    """
    rest = iter("".join(_WORDS.findall(long.casefold())))
    letters = "".join(_WORDS.findall(short.casefold()))
    return long[:1].casefold() == letters[:1] and all(c in rest for c in letters)


def _abbreviation_fits(one: str, other: str) -> bool:
    """An acronym goes only with its own long form, or with a longer name that holds it as a word."""
    short, long = _by_length(one, other)
    if not _is_acronym(short):
        return True
    return short.casefold() in _WORDS.findall(long.casefold()) or abbreviates(short, long)


def _one_abbreviates(one: str, other: str) -> bool:
    """Tasks and metrics are phrases, and papers vary them freely: only an acronym stands for them elsewhere."""
    short, long = _by_length(one, other)
    return _is_acronym(short) and abbreviates(short, long)


def _by_length(one: str, other: str) -> tuple[str, str]:
    short, long = sorted((one, other), key=lambda t: (len(_WORDS.findall(t)), len(t), t))
    return short, long


def _is_acronym(text: str) -> bool:
    capitals = len(_CAPITALS.findall(text))
    return len(_WORDS.findall(text)) == 1 and 2 <= len(text) <= 10 and 2 * capitals >= len(text)


def _entry(spelling: str, kind: str) -> Entry | None:
    return next((e for e in lexicon().all(spelling) if kind_of(e.type) == kind), None)


def _is_family(key: str) -> bool:
    return any(names.key(e.name) == key for e in lexicon().all(key))
