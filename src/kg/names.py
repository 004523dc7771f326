"""The grammar of names: family, version, size and variant of a model's name, and the key that folds its spellings.

A name is read as `family version size variant… revision`. What follows the family is grammar only where every
word of it is: "Llama-2-7B-Chat" is a Llama, "Llama-3-Physician" and "TinyLlama" are names of their own.
Nothing here knows any model; what is known about names stands in `kg.lexicon`.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kg.text import without_tex

_NUMBER = r"[0-9]+(?:\.[0-9]+)*"
_VERSION = re.compile(rf"v{_NUMBER}[a-z]?|{_NUMBER}[ov]?")
_PLAIN = re.compile(rf"{_NUMBER}[ov]?")
_SIZE = re.compile(r"(?:([0-9]+)x)?([0-9]+(?:\.[0-9]+)?)([bmt])")
_ACTIVE = re.compile(r"a([0-9]+(?:\.[0-9]+)?)([bm])")
# A context length ("128k"), a count of experts ("16e") or a picture's side ("336px").
_EXTENT = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:k|e|px)")
# A date in two, three or four of its parts (0613, 2407, 241022, 20240229), or the counter of a service (001).
_REVISION = re.compile(
    r"(?:0[1-9]|1[0-2])[0-3][0-9]|2[0-9](?:0[1-9]|1[0-2])(?:[0-3][0-9])?|20[0-9]{6}|00[0-9]"
)
_GLUED = re.compile(rf"(.*?[^\W\d_]{{2}})(v{_NUMBER}[a-z]?|{_NUMBER}[ovbmkt]?)")
_WHOLE = re.compile(r".*[^s]t5")  # CodeT5, ByT5, FlanT5: T5 is one word; but SST5 is SST-5
_DATE = re.compile(r"(?<![^\W_])(20[0-9]{2})[-_]([01][0-9])[-_]([0-3][0-9])(?![^\W_])")
_BITS = re.compile(r"(?<![A-Za-z0-9.])([1-8])[-_ ]?bits?(?![^\W_])", re.IGNORECASE)
_PRECISION = re.compile(r"(?<![^\W_])(fp|bf|int|nf)[-_ ](4|8|16|32)(?![^\W_])", re.IGNORECASE)
_LLAMA_CPP = re.compile(r"[-_. ]i?q[2-8](?:_[0-9a-z]+)+$", re.IGNORECASE)  # quantisations such as Q4_K_M
_POSSESSIVE = re.compile(r"(?<=\w)['’]s?$")
_TEX_ACCENT = re.compile(r"\\([\"'`^~])\s*\{?([A-Za-z])\}?")
_ACCENTS = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303"}

SIZES = frozenset("tiny mini small medium base large huge giant xs xl xxl xxxl nano micro".split())
"""Words that say how big a member of a family is."""

VARIANTS = SIZES | frozenset(
    "chat instruct it sft dpo rlhf turbo preview pro ultra plus flash lite max sonnet opus haiku instant "
    "thinking uncased cased latest high low experimental exp dev schnell".split()
)
"""Words that name a variant of a model when they stand behind it."""

FORMATS = frozenset(
    "hf gguf ggml gptq awq exl2 bnb mlx onnx safetensors fp32 fp16 bf16 fp8 fp4 nvfp4 nf4 int8 int4 w4a16 w8a8 "
    "1bit 2bit 3bit 4bit 5bit 6bit 8bit".split()
)
"""Words for a file format or a quantisation; they say nothing about which model it is."""

_FACTORS = {"m": 10**6, "b": 10**9, "t": 10**12}


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name taken apart. `base` is the family as written, `base_key` its folded form.

    `version` ("2", "3.1", "v2", "4o") is the number behind the family; whether it is one (GPT-2) or not
    (ResNet-50) only a lexicon knows. `size` is text ("7b", "8x7b", "235b"), `parameters` its value where the text
    says it, `active` the parameters active per token. `variant` holds words, `revision` dates and v0.x.
    """

    text: str
    base: str
    base_key: str
    version: str | None = None
    size: str | None = None
    active_size: str | None = None
    variant: tuple[str, ...] = ()
    revision: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def parameters(self) -> int | None:
        """Number of parameters that the name states; a product such as 8x7B is none.

        >>> parse("Llama-2-7b-chat-hf").parameters
        7000000000
        """
        match = _SIZE.fullmatch(self.size or "")
        return None if match is None or match[1] else _value(match[2], match[3])

    @property
    def active(self) -> int | None:
        """Number of parameters active per token that the name states.

        >>> parse("Qwen3-235B-A22B").active
        22000000000
        """
        match = _ACTIVE.fullmatch(self.active_size or "")
        return None if match is None else _value(match[1], match[2])

    @property
    def suffix(self) -> tuple[str, ...]:
        """What stands behind the family, folded and in order: version, size, variants, revision.

        >>> parse("LLaMA 2-Chat 7B").suffix
        ('2', '7b', 'chat')
        """
        sizes = tuple(s for s in (self.version, self.size, self.active_size) if s)
        return (*sizes, *self.variant, *self.revision)

    @property
    def key(self) -> str:
        """The folded name: family, version, size, variants and revision with one hyphen between."""
        rest = self.suffix[1:] if self.version else self.suffix
        return "-".join((_attached(self.base_key, self.version), *rest))

    @property
    def display(self) -> str:
        """A readable form: as written where the text holds the words in this order, else joined by hyphens.

        >>> parse("Llama 2-Chat 7b").display
        'Llama-2-7b-Chat'
        """
        return _written(self.text, (self.base, *self.suffix)) or "-".join(
            (self.base, *(_written(self.text, (word,)) or word for word in self.suffix))
        )


@functools.lru_cache(maxsize=65536)
def parse(name: str) -> Name:
    """Takes a name apart by grammar alone; any text has a parse.

    >>> parse("LLaMA2-7B-Chat").suffix, parse("Llama-3-Physician-8B").base_key
    (('2', '7b', 'chat'), 'llama-3-physician')
    """
    text = _cleaned(name)
    words = _words(text) or _signs(text)
    first = _suffix_start(words)
    written, folded = [w for w, _ in words[:first]], [w for _, w in words[:first]]
    base = text if first == len(words) else _written(text, written) or "-".join(written)
    return _read_suffix(Name(text, base, _joined(folded)), [w for _, w in words[first:]])


def key(name: str, type: str = "Model") -> str:
    """The id of an entity of that name: the same for Model, Dataset, Benchmark and Method.

    NFKC, lower case, letters and digits of any script, `+ # .` kept, other runs one hyphen, in the order of the
    grammar, without file formats. Task, Metric and Size are only folded, and have the schema's prefix. Never empty.

    >>> key("Llama-2-7b-chat-hf"), key("LLaMA 2 7B Chat"), key("Llama 2-Chat 7B")
    ('llama-2-7b-chat', 'llama-2-7b-chat', 'llama-2-7b-chat')
    >>> key("llama-2.7b"), key("LoRA+"), key("YOLO v8"), key("GPT4o"), key("ViT-B/16")
    ('llama-2.7b', 'lora+', 'yolov8', 'gpt-4o', 'vit-b16')
    >>> key("Machine Translation", "Task")
    'task:machine-translation'
    """
    prefix = _prefix(type)
    if prefix:
        return prefix + _plain_key(name.removeprefix(prefix))
    return _key(name)


def parents(name: Name, is_family: Callable[[str], bool]) -> list[tuple[Name, str]]:
    """The names that this one is a member of by grammar, nearest first, each with the kind of membership.

    A variant or size of any name makes a member. A version does so where `is_family` says that the key of what is
    left is a family: GPT-2 is a GPT, "Top-5" is no Top.

    >>> [(n.key, kind) for n, kind in parents(parse("Llama-2-7B-Chat"), {"llama"}.__contains__)]
    [('llama-2-7b', 'variant'), ('llama-2', 'size'), ('llama', 'version')]
    """
    found: list[tuple[Name, str]] = []
    while (step := shorter(name)) is not None:
        if name.version != step[0].version and not is_family(step[0].key):
            break
        found.append(step)
        name = step[0]
    return found


def shorter(name: Name) -> tuple[Name, str] | None:
    """The name without the last part of its suffix, and the kind of member that this part makes.

    >>> shorter(parse("GPT-4-0613"))[0].key, shorter(parse("BERT-base"))[1], shorter(parse("BERT"))
    ('gpt-4', 'size', None)
    """
    if name.revision:
        return replace(name, revision=name.revision[:-1]), "version"
    if name.variant:
        kind = "size" if name.variant[-1] in SIZES and not name.size else "variant"
        return replace(name, variant=name.variant[:-1]), kind
    if name.size or name.active_size:
        return replace(name, size=None, active_size=None), "size"
    return (replace(name, version=None), "version") if name.version else None


def member(name: Name, family: Name) -> str:
    """How a name differs from that of a family it belongs to: by version, size, or else variant.

    >>> member(parse("GPT-2"), parse("GPT")), member(parse("DALL-E 3"), parse("DALL-E"))
    ('version', 'version')
    >>> member(parse("BERT-base"), parse("BERT")), member(parse("Qwen2.5-Math"), parse("Qwen2.5"))
    ('size', 'variant')
    """
    if name.base_key != family.base_key:
        behind = name.base_key.removeprefix(family.base_key).removeprefix("-")
        return "version" if family.version is None and _VERSION.fullmatch(behind) else "variant"
    if (name.version, name.revision) != (family.version, family.revision):
        return "version"
    step = shorter(name)
    by_word = step is not None and step[1] == "size" and step[0].variant == family.variant
    return "size" if name.size != family.size or by_word else "variant"


@functools.lru_cache(maxsize=65536)
def _key(name: str) -> str:
    # Putting words in order can make neighbours that read differently ("x v chat 8"), so until nothing moves.
    seen: dict[str, None] = {}
    after = parse(name).key
    while after not in seen:
        seen[after] = None
        after = parse(after).key
    turning = list(seen)
    return min(turning[turning.index(after) :])


def _plain_key(name: str) -> str:
    text = _cleaned(name)
    return "-".join(w for _, w in _split(text) or _signs(text))


@functools.cache
def _prefix(type: str) -> str:
    from kg.schema import schema

    return schema().types[type].prefix


def _cleaned(name: str) -> str:
    text = _TEX_ACCENT.sub(lambda m: m[2] + _ACCENTS[m[1]], name)
    text = unicodedata.normalize("NFKC", without_tex(text))
    text = _POSSESSIVE.sub("", text).strip()
    return _LLAMA_CPP.sub("", text)


def _words(text: str) -> list[tuple[str, str]]:
    """The words of a name as (written, folded), numbers cut from the word before, lone letters joined to them."""
    text = _PRECISION.sub(r"\1\2", _BITS.sub(r"\1bit", _DATE.sub(r"\1\2\3", text)))
    found: list[tuple[str, str]] = []
    for word in _split(text):
        for piece in _cut(word):
            if found and len(found[-1][1]) == 1 and found[-1][1].isalpha() and _PLAIN.fullmatch(piece[1]):
                last = found.pop()
                piece = (last[0] + piece[0], last[1] + piece[1])
            found.append(piece)
    return found


def _split(text: str) -> list[tuple[str, str]]:
    """Runs of letters, digits and `+ # .` as (written, folded); a lone `+` or `#` goes to the word before."""
    kept = "".join(c if _stays(c) else "" if unicodedata.category(c) == "Cf" else " " for c in text)
    found: list[tuple[str, str]] = []
    for run in kept.split():
        written = run.strip(".")
        if not any(c.isalnum() for c in written):
            if found and written.strip("+#") == "":
                found[-1] = (found[-1][0] + written, found[-1][1] + written)
            continue
        folded = unicodedata.normalize("NFKC", written.lower())
        found.append((written, _greek(folded)))
    return found


def _stays(character: str) -> bool:
    return character.isalnum() or character in "+#." or unicodedata.category(character)[0] == "M"


def _greek(word: str) -> str:
    """A Greek letter alone by its name, as TeX writes it: PixArt-α is PixArt-alpha."""
    if len(word) == 1 and "\u03b1" <= word <= "\u03c9":
        return unicodedata.name(word).rsplit(" ", 1)[-1].lower().replace("lamda", "lambda")
    return word


def _cut(word: tuple[str, str]) -> list[tuple[str, str]]:
    """A number cut from the word it is glued to: Llama2, GPT4o, YOLOv8, LLaMA7B; T5 and wav2vec stay."""
    written, folded = word
    match = _GLUED.fullmatch(folded)
    if match is None or folded in FORMATS or _WHOLE.fullmatch(folded):
        return [word]
    if len(written) != len(folded):  # lower case can be longer, as of İ
        written = folded
    cut = match.end(1)
    return [(written[:cut], folded[:cut]), (written[cut:], folded[cut:])]


def _signs(text: str) -> list[tuple[str, str]]:
    """Words for a name without a letter or digit: its code points, so that different signs stay different."""
    return [(c, f"u{ord(c)}") for c in text if not c.isspace()] or [("unnamed", "unnamed")]


def _suffix_start(words: list[tuple[str, str]]) -> int:
    """Index of the first word of the grammatical suffix; the first word is always family.

    A format alone makes no suffix: "SmoothQuant-int8" is a name, "Llama-2-7B-int8" is Llama-2-7B.
    """
    first = len(words)
    while first > 1 and _is_grammar(words[first - 1][1]):
        first -= 1
    only_formats = all(w in FORMATS for _, w in words[first:])
    return len(words) if only_formats else first


def _is_grammar(word: str) -> bool:
    return (
        word in VARIANTS
        or word in FORMATS
        or any(p.fullmatch(word) for p in (_VERSION, _SIZE, _ACTIVE, _EXTENT))
    )


def _read_suffix(name: Name, words: list[str]) -> Name:
    for word in words:
        name = _with_word(name, word)
    return name


def _with_word(name: Name, word: str) -> Name:
    if word in FORMATS:
        return replace(name, dropped=(*name.dropped, word))
    if _VERSION.fullmatch(word):
        return _with_number(name, word)
    if _SIZE.fullmatch(word) and name.size is None:
        return replace(name, size=word)
    if _ACTIVE.fullmatch(word) and name.active_size is None:
        return replace(name, active_size=word)
    return replace(name, variant=(*name.variant, word))


def _with_number(name: Name, word: str) -> Name:
    """A number is the version, but a date behind something else, or v0.2 behind a size, a revision."""
    dated = _REVISION.fullmatch(word) and (name.suffix or word.startswith("0"))
    if dated or (name.size and word.startswith("v0.")):
        return replace(name, revision=(*name.revision, word))
    if name.version is None:
        return replace(name, version=word)
    return replace(name, variant=(*name.variant, word))


def _joined(words: list[str]) -> str:
    """Folded words with hyphens between, and numbers attached."""
    return functools.reduce(
        lambda text, w: _attached(text, w) if _VERSION.fullmatch(w) else f"{text}-{w}", words
    )


def _attached(base: str, version: str | None) -> str:
    """A number behind a word: llama-2, but yolov8, and sd3, deepseek-vl2 behind one or two letters."""
    if not version:
        return base
    last = base.rsplit("-", 1)[-1]
    glue = "" if last.isalpha() and (version[0] == "v" or len(last) <= 2) else "-"
    return f"{base}{glue}{version}"


def _written(text: str, words: Sequence[str]) -> str | None:
    """The stretch of the text that holds just these words, in this order, with no letter or digit between."""
    small, first = text.lower(), words[0].lower()
    start = small.find(first) if len(small) == len(text) else -1
    while start >= 0:
        end = start + len(first)
        for word in words[1:]:
            while end < len(small) and not (small[end].isalnum() or small[end] in "+#"):
                end += 1
            if not small.startswith(word.lower(), end):
                break
            end += len(word)
        else:
            return text[start:end]
        start = small.find(first, start + 1)
    return None


def _value(number: str, factor: str) -> int:
    return round(float(number) * _FACTORS[factor])
