"""Which entity a name names: one pure function of the name, by the grammar of `kg.names` and then the lexicon."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.lexicon.entries import Entry, lexicon
from kg.names import Name, key, member, parse, shorter

_NAMED = ("Model", "Dataset", "Benchmark", "Method")
_OWNER = re.compile(
    r"(?:(?:Open|x)AI|Google(?: DeepMind| Research| AI)?|DeepMind|Meta(?: AI)?|Facebook|Microsoft|Anthropic|NVIDIA|"
    r"Alibaba|Amazon|Apple|IBM|Cohere|Baidu|Tencent|Huawei|ByteDance|Salesforce|Stanford|DeepSeek|Mistral AI|Moonshot AI|"
    r"Zhipu AI|Hugging ?Face|Stability AI|EleutherAI)(?:['’]s?)?[\s-]+(?=\S)",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(r"[\w.-]+/(?=[\w.-]+$)")
_GENERIC = re.compile(
    r"(?:\s+(?:model|series|famil(?:y|ies)|checkpoint|architecture|backbone|network|encoder|dataset|data set|corpus|"
    r"benchmark|LLM|VLM|MLLM|(?:large )?language model|API)s?|[-\s](?:based|like|style|type|family))$",
    re.IGNORECASE,
)
# Where a family writes the size of its members by letter: ViT-L/14, Swin-T, DeiT-Ti, SiT-XL/2.
_NOT_WORD = re.compile(r"[^\w.]+|_")
_LETTER_SIZE = re.compile(r"(.+?)-(?:ti|xxl|xl|xs|so400m|[tsblhg])(?:-?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Parent:
    """A name that another is a member of; `member` is size, variant or version, `known` whether the lexicon has it."""

    key: str
    name: str
    member: str
    known: bool


@dataclass(frozen=True, slots=True)
class Canonical:
    """The entity that a name names: its id, the name to display, and its families, nearest first.

    `entry` is that of the name itself or None; `parsed` is the canonical name taken apart; `steps` say in words how
    the name was understood.
    """

    key: str
    name: str
    entry: Entry | None
    parsed: Name
    parents: tuple[Parent, ...]
    steps: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether the lexicon has this very name, not only its family."""
        return self.entry is not None


@functools.lru_cache(maxsize=65536)
def canonical(name: str, type: str = "Model") -> Canonical:
    """Resolves a name of the given type.

    >>> c = canonical("LLaMA2-7B-Chat-GPTQ")
    >>> c.key, c.name, [(p.key, p.member) for p in c.parents]
    ('llama-2-7b-chat', 'Llama 2 7B Chat', [('llama-2-7b', 'variant'), ('llama-2', 'size'), ('llama', 'version')])
    >>> canonical("DeepSeek's R1 model").name
    'DeepSeek-R1'
    """
    steps: list[str] = []
    parsed, entry = _understood(name, type, steps)
    if type not in _NAMED:
        shown = entry.name if entry else parsed.text
        return Canonical(key(shown, type), shown, entry, parsed, (), (*steps, f"id: {key(shown, type)}"))
    if entry is None and parsed.dropped:
        parsed = parse(parsed.display)
    parents = tuple(_parents(parsed, entry, type))
    steps.append(f"id: {key(parsed.text)}")
    if parents:
        steps.append("member of: " + " < ".join(f"{p.key} ({p.member})" for p in parents))
    return Canonical(key(parsed.text), parsed.text, entry, parsed, parents, tuple(steps))


def _understood(name: str, type: str, steps: list[str]) -> tuple[Name, Entry | None]:
    """The canonical name, and its entry; in `steps`, how it was found."""
    for form in _forms(name):
        entry = _find(form, type)
        if entry is not None:
            steps.append(_said(name, form, f"lexicon: {form!r} is {entry.name!r} ({entry.type})"))
            return parse(entry.name), entry
        if type in _NAMED and (rest := _by_prefix(parse(form), type)):
            steps += [_said(name, form, _grammar(parse(form))), f"lexicon: {rest[1]}"]
            return parse(rest[0]), _find(rest[0], type)
    steps.append(f"{_grammar(parse(name))}; not in the lexicon")
    return parse(name), None


def _forms(name: str) -> Iterator[str]:
    """The name, then without its owner ("OpenAI's o1"), without what it is ("Llama models"), and without both."""
    whole = parse(name).text or name
    for form in dict.fromkeys((whole, _OWNER.sub("", whole, count=1), _REPOSITORY.sub("", whole, count=1))):
        yield form
        while (shorter_form := _GENERIC.sub("", form)) not in (form, ""):
            form = shorter_form
            yield form


def _find(surface: str, type: str) -> Entry | None:
    """An entry of this type, else for a named type of any other named one: a type may change, an id should not."""
    entry = lexicon().find(surface, type)
    if entry is None and type in _NAMED:
        entry = next((e for t in _NAMED if (e := lexicon().find(surface, t)) and not e.context), None)
    return entry


def _model(name: Name) -> Entry | None:
    """The model of a name taken apart, as it would be written or in the order of the grammar."""
    return lexicon().find(name.display, "Model") or lexicon().find(name.key, "Model")


def _by_prefix(parsed: Name, type: str) -> tuple[str, str] | None:
    """The name rewritten with the lexicon's name for its longest known beginning, and what was done."""
    for part in _beginnings(parsed):
        entry = _find(part.display, type) or _find(part.key, type)
        if entry is not None and not (entry.context and part.display != entry.name):
            rest = _difference(parsed, part)
            head = entry.name
            done = f"{part.display!r} is {entry.name!r}"
            if entry.family and rest and rest[0] in map(str.lower, entry.first):
                head, done = entry.family, f"{done}, to which {entry.family}-{rest[0]} belongs"
            if part.display == head and not parsed.dropped:
                return parsed.text, done
            joint = " " if " " in head else "-"
            return joint.join((head, *(_shown(parsed, word) for word in rest))), done
    return None


def _beginnings(name: Name) -> Iterator[Name]:
    """The name without more and more of its suffix; a variant is tried without the size too (Mistral Small 24B)."""
    part: Name | None = name
    while part is not None:
        yield part
        if part.variant and part.size:
            yield _without_size(part)
        step = shorter(part)
        part = step[0] if step else None


def _without_size(name: Name) -> Name:
    return replace(name, size=None, active_size=None, revision=())


def _difference(whole: Name, part: Name) -> tuple[str, ...]:
    rest = list(whole.suffix)
    for word in part.suffix:
        rest.remove(word)
    return tuple(rest)


def _shown(name: Name, word: str) -> str:
    if re.fullmatch(r"[ax0-9.]+[bmt]", word):
        return word.upper().replace("X", "x")
    start = name.text.lower().find(word)
    return name.text[start : start + len(word)] if start >= 0 else word


def _parents(name: Name, entry: Entry | None, type: str) -> Iterator[Parent]:
    """Families of a name, nearest first: the lexicon's where it knows the name, else the grammar's."""
    seen = {key(name.text)}
    while True:
        step = _family(name, entry, type) or (_by_grammar(name) if type == "Model" else None)
        if step is None:
            return
        name, entry, kind = step
        if (
            key(name.text) in seen
        ):  # the lexicon's own families have no circle; with grammar in between, be sure
            return
        seen.add(key(name.text))
        yield Parent(key(name.text), name.text, kind, entry is not None)


_Step = tuple[Name, Entry | None, str]


def _family(name: Name, entry: Entry | None, type: str) -> _Step | None:
    if entry is None or entry.family is None:
        return None
    above = lexicon().named(entry.family, type) or lexicon().named(entry.family)
    return (parse(entry.family), above, _kind(name, above)) if above else None


def _kind(name: Name, family: Entry) -> str:
    """The kind of member, size where the family's numbers or letters are sizes."""
    kind, letter = member(name, parse(family.name)), _by_letter(name)
    if letter is not None and letter[1] == family:
        return "size"
    return "size" if kind == "version" and family.sizes == "number" else kind


def _by_grammar(name: Name) -> _Step | None:
    if (first := _first_version(name)) is not None:
        return parse(first.name), first, "size"
    if (letter := _by_letter(name)) is not None:
        return letter
    if name.variant and name.size and not name.revision:
        known = _model(_without_size(name))
        if known is not None:
            return parse(known.name), known, "size"
    return _shorter(name)


def _shorter(name: Name) -> _Step | None:
    step = shorter(name)
    if step is None:
        return None
    part, kind = step
    known = _model(part)
    if name.version != part.version:
        if known is None or not (known.versioned or known.sizes == "number"):
            return None
        kind = "size" if known.sizes == "number" else kind
    return parse(known.name if known else part.display), known, kind


def _first_version(name: Name) -> Entry | None:
    """Of a bare family's member, the first version that it belongs to: LLaMA-7B is a Llama 1."""
    bare = name.size and not (name.version or name.variant or name.revision)
    return lexicon().first_version(name.display) if bare else None


def _by_letter(name: Name) -> _Step | None:
    """The family of ViT-L/14, Swin-T, EfficientNet-B0 and the like."""
    match = _LETTER_SIZE.fullmatch(_NOT_WORD.sub("-", name.text.lower()))
    family = lexicon().find(match[1], "Model") if match else None
    return (parse(family.name), family, "size") if family and family.sizes == "letter" else None


def _grammar(name: Name) -> str:
    parts = [f"family {name.base!r}"]
    for what in ("version", "size", "active_size"):
        if value := getattr(name, what):
            parts.append(f"{what.replace('_size', '')} {value}")
    for what in ("variant", "revision", "dropped"):
        if words := getattr(name, what):
            parts.append(f"{what} {' '.join(words)}")
    return "grammar: " + ", ".join(parts)


def _said(name: str, form: str, step: str) -> str:
    return step if form == name else f"{name!r} read as {form!r}; {step}"
