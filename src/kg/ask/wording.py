"""The words of questions: what is left out before a question is read, and the vocabulary of its patterns."""

import functools
import itertools
import re
from collections.abc import Mapping

from kg.ask.facts import DATA, SYSTEMS


def plain(question: str) -> str:
    """A question without greeting, politeness and the mark at its end.

    >>> plain("Could you please show me which models are built on Llama?")
    'which models are built on Llama'
    """
    text = " ".join(question.replace("’", "'").split()).rstrip("?!. ")
    text = re.sub(r"\b(what|who|where|which|how)'s\b", r"\1 is", text, flags=re.IGNORECASE)
    previous = None
    while previous != text:
        previous, text = text, _COURTESY.sub("", text).strip(" ,")
    return text


_COURTESY = re.compile(
    r"^(?:please|kindly|hi|hello|hey|ok|okay|so|and|now|(?:can|could|would|will) you(?= )|do you know|tell me(?! about)"
    r"|show(?: me)?(?= \w+ \w)|give(?: me)?|list(?: me)?|find(?: me)?|name|i(?:'d| would) like to (?:know|see)"
    r"|i (?:want|need) to (?:know|see)|let me (?:know|see)|explain(?: to me)?)(?=[ ,])[ ,]*|[ ,]+please$",
    re.IGNORECASE,
)

KINDS: Mapping[str, tuple[str, ...]] = {
    "model": ("Model",),
    "system": SYSTEMS,
    "llm": ("Model",),
    "checkpoint": ("Model",),
    "network": ("Model",),
    "method": ("Method",),
    "technique": ("Method",),
    "dataset": DATA,
    "data set": DATA,
    "corpus": DATA,
    "corpora": DATA,
    "data": DATA,
    "benchmark": DATA,
    "task": ("Task",),
    "metric": ("Metric",),
    "paper": ("Paper",),
}

# What the capitals in patterns stand for. LEAD is any beginning that adds nothing: "which of the models are …".
VOCABULARY = {
    "KIND": r"(?P<kind>(?:language |base |foundation |vision |open |chat |evaluation |training )*"
    r"(?:models?|systems?|llms?|checkpoints?|networks?|methods?|techniques?|data ?sets?|corpus|corpora|data"
    r"|benchmarks?|tasks?|metrics?|papers?))",
    "FILLER": r"(?:(?:what|which|who|that|there|is|are|was|were|has|have|had|been|being|be|the|all|any|some|of|other"
    r"|every|everything|anything|things?|works?|ones?|a|an|named|known|open|popular|directly|also|mainly|it|do|does|did|get|gets"
    r"|they|people|others|here|so|different)\s+)",
    "BUILT": r"(?:built|build|builds|based|bases|founded|constructed|developed|made|created|grown)",
    "ON": r"(?:on top of|out of|off of|off|upon|on|from|with|over|atop|using)",
    "BE": r"(?:is|are|was|were|has been|have been|gets?|got)",
    "DO": r"(?:does|do|did|can|has|have)",
    "TRAINED": r"(?:(?:pre-?|post-?|re)?-?train(?:ed|ing|s)?|learn(?:ed|t|s)?)",
    "TESTED": r"(?:evaluat(?:ed|e|es)|test(?:ed|s)?|benchmark(?:ed|s)?|assess(?:ed)?|validat(?:ed|es?)|measured|scored)",
    "INTRODUCED": r"(?:introduc(?:ed|es?|ing)|propos(?:ed|es?|ing)|present(?:ed|s|ing)?|releas(?:ed|es?|ing)"
    r"|publish(?:ed|es|ing)?|creat(?:ed|es?|ing)|develop(?:ed|s|ing)?|describ(?:ed|es?|ing)|contribut(?:ed|es?)|c[ao]me out(?: with)?|appear(?:ed|s)?|made|invented)",
    "BEATS": r"(?:out-?performs?|out-?performed|beats?|surpass(?:es|ed)?|exceeds?|exceeded|outscores?|outdoes"
    r"|(?:does |do |is |are |performs? )?(?:better|stronger|more accurate) than|(?:is |are )?superior to)",
    "BEATEN": r"(?:out-?performed|beaten|surpassed|exceeded|outscored|outdone)",
    "USES": r"(?:uses?|used|using|utili[sz](?:es?|ing)|employs?|employing|rel(?:y|ies) on|relying on|makes? use of|builds? in)",
    "ADDRESS": r"(?:address(?:es|ing)?|solv(?:es?|ing)|tackl(?:es?|ing)|performs?|performing|support(?:s|ing)?|handles?)",
    "NUMBER": r"(?P<n>[\d.,]+ ?(?:[kmbt]|bn|thousand|million|billion|trillion)?(?:[ -](?!and|to)[a-z ]+)?)",
    "UPPER": r"(?P<m>[\d.,]+ ?(?:[kmbt]|bn|thousand|million|billion|trillion)?(?:[ -][a-z ]+)?)",
    "YEARS": r"(?P<from>(?:19|20)\d\d)(?:\s*(?:-|–|to|and|until)\s*(?P<to>(?:19|20)\d\d))?",
    "WHEN": r"(?:(?P<when>in|during|since|after|before|until|from|between|by)\s+)?",
    "TOP": r"(?:top )?(?:(?P<top>\d+|one|two|three|five|ten) )?",
    "X": r"(?P<x>.+?)",
    "Y": r"(?P<y>.+?)",
}
VOCABULARY["LEAD"] = rf"(?:{VOCABULARY['FILLER']}*(?:{VOCABULARY['KIND']}\s+)?{VOCABULARY['FILLER']}*)"

# How a model was built, as people say it.
HOWS: Mapping[str, str] = {
    "fine-tuned": r"fine-?\s?tun(?:ed?|es|ing|ings)",
    "distilled": r"distil(?:led|ls?|lations?|l?ing)?",
    "merged": r"merge[ds]?|merging",
    "compressed": r"compress(?:ed|ions?|es)?|quanti[sz](?:ed|ations?)|prun(?:ed|ings?)",
    "initialised": r"initiali[sz](?:ed|ations?)|warm-?started",
    "continued-pretraining": r"(?:continual(?:ly)?|continued|further) pre-?\s?train(?:ed|ing|ings)",
    "instruction-tuned": r"instruct(?:ion)?-?\s?tun(?:ed|es|ing|ings)",
    "adapted": r"adapt(?:ed|ations?|s)?",
    "extended": r"exten(?:ded|sions?|ds?)",
}
VOCABULARY["HOW"] = "(?:{})".format("|".join(f"(?:{p})" for p in HOWS.values()))
_CAPITALS = re.compile("|".join(sorted(VOCABULARY, key=len, reverse=True)))


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression that a pattern stands for; the groups of KIND are kind0, kind1 …"""
    text = _CAPITALS.sub(lambda m: VOCABULARY[m[0]], pattern)
    numbers = itertools.count()  # a group may not have the same name twice
    text = re.sub(r"\?P<kind>", lambda _: f"?P<kind{next(numbers)}>", text)
    return re.compile(text, re.IGNORECASE)
