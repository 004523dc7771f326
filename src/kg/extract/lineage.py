"""What may be read as lineage: the classifier's word alone is not enough, the sentence must say so.

"Compared with" must never become "built on". So a pair that no rule read is believed only where the base is named
beside words of making, outside of every comparison, and where what is built is the paper's own; and the base of
"the resulting model" is looked up in the sentence before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.extract.pairs import PAPER_INDEX, Pairs, Read, Scored, likeness
from kg.extract.slots import Sentence, Slots
from kg.names import parse
from kg.types import Evidence, RecordEntity, Triple

_MAKING = re.compile(
    r"^(?:based|-based|-style|built|build|builds|building|finetun\w*|fine-tun\w*|instruction-tun\w*|initiali[sz]\w*|distil\w*|"
    r"adapt\w*|exten[ds]\w*|backbones?|continual\w*|continuous\w*|continued|further|pretrain\w*|architectures?|version|versions|"
    r"variants?|merg\w*|quanti[sz]\w*|prun\w*|compress\w*|upon|atop|derived|modif\w*|upgrad\w*|retrofit\w*|equip\w*|"
    r"encoders?|decoders?|teacher|student|starting|warm-start\w*|lora|adapters?|frozen|weights|checkpoints?|convert\w*|transform\w*)$"
)
_COMPOSED = re.compile(
    r"^(?:integrat\w*|incorporat\w*|combin\w*|compris\w*|consist\w*|compos\w*|components?|equip\w*|stages?|branch\w*|"
    r"modules?|cascad\w*|unif\w*|introduc\w*)$"
)
_COMPARING = re.compile(
    r"^(?:similar\w*|outperform\w*|surpass\w*|exceed\w*|beat\w*|rival\w*|match\w*|compar\w*|competitive|contrast|par|"
    r"against|versus|vs\.?|than|superior|like|unlike|better|worse|close|behind|ahead|such|performs?)$"
)
_RESULT = ("resulting", "final", "obtained", "trained", "adapted", "tuned", "finetuned")
_MODEL_WORDS = (
    "model",
    "models",
    "system",
    "systems",
    "llm",
    "llms",
    "checkpoint",
    "network",
    "family",
    "series",
    "variant",
)
_TRAINING = re.compile(
    r"^(?:appl(?:y|ies|ied|ying)|finetun\w*|train(?:s|ed|ing)?|continual\w*|continu\w*|pretrain\w*|adapt\w*|tun(?:e|ed|ing)|"
    r"distil\w*|initiali[sz]\w*|extend\w*|start(?:s|ed|ing)?)$"
)
_HOWS = (
    ("continued-pretraining", re.compile(r"continual|continued pre|continuous|further pre", re.IGNORECASE)),
    ("distilled", re.compile(r"distil", re.IGNORECASE)),
    ("initialised", re.compile(r"initiali[sz]", re.IGNORECASE)),
    ("fine-tuned", re.compile(r"fine-?tun|\btun|\btrain", re.IGNORECASE)),
)
RULE = "built_on/resulting-model"
CONFIDENCE = 900


def says_lineage(read: Slots, seen: Pairs, pair: Scored, rule: Read | None) -> bool:
    """Whether the text says that the subject was made from the object, beyond what a classifier feels.

    Its name may say so (AceGPT, of GPT) where the text speaks of the base more than once and not only to compare; or a
    word of making or of composition beside a mention. In a title such words may be the topic, and tell nothing of a
    model that has no name.
    """
    if rule is not None:
        return rule.subject in (None, pair.subject) and (
            rule.subject == pair.subject or _is_own(read, pair.subject)
        )
    if not _is_own(read, pair.subject):
        return False
    guarded = {(r.sentence, r.hit.object) for r in seen.read.get(pair.object, ()) if r.hit.rule.guard}
    mentions = read.where[pair.object]
    if (
        pair.subject != PAPER_INDEX
        and _is_in_name(read.entities[pair.subject], read.entities[pair.object])
        and len(mentions) > 1
        and any(m not in guarded and not _is_compared(read.sentences[m[0]], m[1]) for m in mentions)
    ):
        return True
    return any(
        (s, item) not in guarded and _is_made(read.sentences[s], item)
        for s, item in mentions
        if s > 0 or pair.subject != PAPER_INDEX or read.sentences[0].items[item + 1 : item + 2] == ["-based"]
    )


def _is_own(read: Slots, subject: int) -> bool:
    return subject == PAPER_INDEX or read.entities[subject].introduced


def _is_in_name(made: RecordEntity, base: RecordEntity) -> bool:
    """Whether the name of one holds the name of the other, as GhostBERT does BERT; a size or variant is a member."""
    return (
        likeness(made, base) in ("start", "end", "in")
        and parse(made.name).base_key != parse(base.name).base_key
    )


def _is_compared(sentence: Sentence, item: int) -> bool:
    """Whether a word of comparison stands up to eight words before the mention."""
    return any(_COMPARING.match(word) for word in sentence.items[max(0, item - 8) : item])


def _is_made(sentence: Sentence, item: int) -> bool:
    """Whether a word of making stands within six words of the mention, or one of composition beside it."""
    near = sentence.items[max(0, item - 6) : item] + sentence.items[item + 1 : item + 7]
    wide = sentence.items[max(0, item - 8) : item] + sentence.items[item + 1 : item + 5]
    return any(_MAKING.match(word) for word in near) or any(_COMPOSED.match(word) for word in wide)


@dataclass(frozen=True, slots=True)
class _Place:
    sentence: int
    item: int
    entity: int


def resulting_models(read: Slots) -> Iterator[Triple]:
    """ "We apply it to X. The resulting model, Y, …": Y is built on X."""
    for sentence in read.sentences[1:]:
        for item, entity in sentence.mentions:
            if read.entities[entity].type == "Model" and _is_result(sentence, item):
                base = _base(read, sentence.index, item, entity)
                if base is not None:
                    yield _triple(read, _Place(sentence.index, item, entity), base)


def _is_result(sentence: Sentence, item: int) -> bool:
    before = [
        w
        for w in sentence.items[max(0, item - 6) : item]
        if w not in (",", "is", "as", "named", "called", "dubbed", "termed")
    ]
    return len(before) >= 2 and before[-1] in _MODEL_WORDS and before[-2] in _RESULT


def _base(read: Slots, index: int, item: int, result: int) -> _Place | None:
    """The last model trained on before, in the same sentence or the one before it."""
    for s, stop in ((index, item), (index - 1, None)):
        sentence = read.sentences[s]
        items = sentence.items[:stop]
        trained = next((i for i, w in enumerate(items) if _TRAINING.match(w)), None)
        if s < 1 or trained is None:
            continue
        models = [
            (i, e)
            for i, e in sentence.mentions
            if trained < i < len(items) and e != result and read.entities[e].type == "Model"
        ]
        if len({e for _, e in models}) == 1 and not read.entities[models[0][1]].introduced:
            return _Place(s, *models[0])
    return None


def _triple(read: Slots, result: _Place, base: _Place) -> Triple:
    subject, object_ = read.span(result.sentence, result.item), read.span(base.sentence, base.item)
    quote = read.document.quote(min(subject[0], object_[0]), max(subject[1], object_[1]))
    return Triple(
        read.entities[result.entity].name,
        "BUILT_ON",
        read.entities[base.entity].name,
        how=_how(read, base.sentence),
        confidence=CONFIDENCE,
        evidence=(Evidence(quote, subject, object_, RULE),),
    )


def _how(read: Slots, sentence: int) -> str:
    """What was done, by the words of the sentence that trains, else of the title."""
    text = read.document.text
    for start, end in (read.document.sentence_spans[sentence], (0, read.document.title_end)):
        for how, pattern in _HOWS:
            if pattern.search(text, start, end):
                return how
    return "adapted"
