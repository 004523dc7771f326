"""Finds what a person means by a name: case, hyphens, plurals, aliases and words such as "the … family" forgiven."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.errors import NotFoundError
from kg.names import key
from kg.schema import schema
from kg.text import fold

if TYPE_CHECKING:
    from kg.stores import Store

PREFERENCE = ("Model", "Dataset", "Benchmark", "Method", "Task", "Metric", "Paper")
"""Which of several things of one name is meant, where nothing else decides."""

_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_KIND_WORDS = re.compile(
    r"\s+(?:famil(?:y|ies)|series|herd|suite|models?|checkpoints?|architectures?|data ?sets?|corp(?:us|ora)"
    r"|benchmarks?|leaderboard|methods?|tasks?|metrics?|papers?)$",
    re.IGNORECASE,
)
_QUOTES = "\"'“”‘’«»`"
_SUGGESTIONS = 5
_LIKENESS = 72.0  # of 100; below this a near miss is none


@dataclass(frozen=True, slots=True)
class Found:
    """A node found by name; `others` are further nodes that the name may mean, best first."""

    id: str
    name: str
    type: str
    papers: int = 0
    is_family: bool = False
    suspect: bool = False
    others: tuple["Found", ...] = field(default=(), compare=False)

    @property
    def notes(self) -> list[str]:
        """What to say about the choice; empty where there was none."""
        if not self.others:
            return []
        named = ", ".join(f"{o.name} ({o.type}, id {o.id})" for o in self.others[:3])
        more = len(self.others) - 3
        rest = f" and {more} more" if more > 0 else ""
        return [f"{self.name} is read as the {self.type} {self.id}; the name may also mean {named}{rest}."]


def find(store: "Store", name: str, *, types: Sequence[str] = ()) -> Found:
    """The node that a name as typed means: an id, a name, an alias, a paper's id or title.

    An exact name goes before an alias, an alias before a spelling that only looks alike; then the types asked
    for come first, then `PREFERENCE`, then what more papers mention. A NotFoundError carries near misses.
    """
    spellings = _spellings(name)
    wanted = tuple(dict.fromkeys((*types, *PREFERENCE)))
    found: list[tuple[int, Found]] = []
    for candidates in (_by_id, _by_spelling):
        found += candidates(store, spellings)
        if any(not types or candidate.type in types for _, candidate in found):
            break
    if found:
        return _chosen(found, wanted, only=types)
    names = _resembling(store, spellings[-1])
    if found := _looking_alike(names, spellings):
        return _chosen(found, wanted, only=types)
    raise NotFoundError(name, _near_misses(names, spellings[-1], wanted))


def _spellings(name: str) -> list[str]:
    """The name as typed, then without quotes, articles and words that only say what it is.

    >>> _spellings("the Llama 2 models")
    ['the Llama 2 models', 'Llama 2 models', 'the Llama 2', 'Llama 2']
    """
    typed = " ".join(name.split()).strip(_QUOTES + " ")
    bare = _ARTICLE.sub("", typed)
    found = [typed, bare, _KIND_WORDS.sub("", typed), _KIND_WORDS.sub("", bare)]
    return [spelling for spelling in dict.fromkeys(found) if spelling] or [typed]


_COLUMNS = (
    "n.id AS id, n.name AS name, labels(n)[0] AS type, coalesce(n.papers, 0) AS papers, "
    "coalesce(n.is_family, false) AS is_family, coalesce(n.homonym_suspect, false) AS suspect"
)


def _everywhere(match: str) -> str:
    """One query over every label; a label on each MATCH is what lets a store use its index."""
    return " UNION ALL ".join(f"{match.replace('LABEL', label)}" for label in PREFERENCE)


def _by_id(store: "Store", spellings: Sequence[str]) -> list[tuple[int, Found]]:
    ids: dict[str, int] = {}
    for rank, spelling in enumerate(spellings):
        for possible in (spelling, *_keys(spelling)):
            ids.setdefault(possible, rank)
    cypher = _everywhere(f"UNWIND $ids AS id MATCH (n:LABEL {{id: id}}) RETURN {_COLUMNS}")
    found = store.query(cypher, {"ids": list(ids)})
    return [(ids[row["id"]], Found(**row)) for row in found]


def _keys(spelling: str) -> Iterable[str]:
    plain = key(spelling)
    yield from (plain, f"{plain}@data")
    yield from (key(spelling, t.name) for t in schema().types.values() if t.prefix and not t.literal)


def _by_spelling(store: "Store", spellings: Sequence[str]) -> list[tuple[int, Found]]:
    cypher = _everywhere(
        "MATCH (n:LABEL) WHERE toLower(n.name) IN $names "
        f"OR any(a IN coalesce(n.aliases, []) WHERE toLower(a) IN $names) RETURN {_COLUMNS}"
    )
    lower = [spelling.lower() for spelling in spellings]
    found = [Found(**row) for row in store.query(cypher, {"names": lower})]
    return [(0 if f.name.lower() in lower else 1, f) for f in found]


_Names = list[tuple[Found, tuple[str, ...]]]


def _resembling(store: "Store", spelling: str) -> _Names:
    """Names that share enough pieces of three letters with a spelling; the store compares, few come over."""
    pieces = sorted(
        {word[i : i + 3] for word in fold(spelling).split() for i in range(max(1, len(word) - 2))}
    )
    cypher = _everywhere(
        "MATCH (n:LABEL) WITH n, toLower(reduce(t = n.name, a IN coalesce(n.aliases, []) | t + ' ' + a)) AS text "
        "WITH n, size([p IN $pieces WHERE text CONTAINS p]) AS shared WHERE shared >= $enough "
        "WITH n, shared ORDER BY shared DESC, size(n.name), n.id LIMIT 300 "
        f"RETURN {_COLUMNS}, coalesce(n.aliases, []) AS aliases"
    )
    rows = store.query(cypher, {"pieces": pieces, "enough": max(1, len(pieces) // 4)})
    return [(Found(**{k: v for k, v in r.items() if k != "aliases"}), _surfaces(r)) for r in rows]


def _surfaces(row: dict[str, Any]) -> tuple[str, ...]:
    own_id = (row["id"],) if row["type"] != "Paper" else ()
    return tuple(dict.fromkeys((row["name"], *own_id, *row["aliases"])))


def _looking_alike(names: _Names, spellings: Sequence[str]) -> list[tuple[int, Found]]:
    wanted = {_compact(spelling) for spelling in spellings} - {""}
    return [(0, f) for f, surfaces in names if any(_compact(s) in wanted for s in surfaces)]


def _compact(name: str) -> str:
    """Letters and digits only, without a plural s: "Stable-Diffusions" is "stablediffusion"."""
    folded = fold(name).replace(" ", "")
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss") else folded


def _chosen(found: list[tuple[int, Found]], wanted: Sequence[str], *, only: Sequence[str]) -> Found:
    """The best of the candidates, those of the types asked for first."""
    best: dict[str, tuple[int, Found]] = {}
    for rank, candidate in found:
        if candidate.id not in best or rank < best[candidate.id][0]:
            best[candidate.id] = rank, candidate
    ordered = sorted(
        best.values(),
        key=lambda c: (
            c[1].type not in only if only else False,
            c[0],
            wanted.index(c[1].type),
            -c[1].papers,
            c[1].id,
        ),
    )
    first = ordered[0][1]
    others = tuple(other for _, other in ordered[1:])
    return Found(first.id, first.name, first.type, first.papers, first.is_family, first.suspect, others)


def _near_misses(names: _Names, name: str, wanted: Sequence[str]) -> list[str]:
    """Names that begin alike or are spelt alike, the likeliest first."""
    from rapidfuzz import fuzz, process

    asked = fold(name)
    choices = {
        (i, s): fold(s) for i, (f, surfaces) in enumerate(names) for s in surfaces if f.type != "Paper"
    }
    likely = process.extract(asked, choices, scorer=fuzz.ratio, limit=50, score_cutoff=_LIKENESS)
    beginning = [
        (text, 90.0, at) for at, text in choices.items() if len(asked) > 2 and text.startswith(asked)
    ]
    scored: dict[int, float] = {}
    for _, score, (i, _) in (*likely, *beginning):
        scored[i] = max(score, scored.get(i, 0.0))
    ordered = sorted(
        scored.items(),
        key=lambda s: (
            -s[1],
            wanted.index(names[s[0]][0].type),
            -names[s[0]][0].papers,
            names[s[0]][0].name,
        ),
    )
    return list(dict.fromkeys(names[i][0].name for i, _ in ordered))[:_SUGGESTIONS]
