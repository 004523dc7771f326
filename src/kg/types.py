"""The words of the house as types: what moves from a file of papers to an answer.

`Paper` is the input. `Record` holds all that one paper says; records are kept and are the truth. `Graph`
(see `kg.graph`) is a pure function of records. `Answer` is rows with the quotes behind them.
Offsets count Unicode code points in `paper.text`, 0-based, end exclusive.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg import display

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Span = tuple[int, int]

PAPER = "PAPER"
"""In a record, the subject that stands for the paper's own unnamed model or study."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as it was read from a file; `id` is what the input called it, verbatim, else its key."""

    id: str
    title: str
    abstract: str
    published: str | None = None  # ISO, as precise as known: YYYY, YYYY-MM, YYYY-MM-DD
    updated: str | None = None
    date_origin: str | None = None  # "input", or "arxiv" when taken from the id
    arxiv: str | None = None  # without version
    doi: str | None = None
    url: str | None = None
    source: str | None = None  # file and line, as read

    @property
    def text(self) -> str:
        """What is read: the title, a newline, the abstract."""
        return f"{self.title}\n{self.abstract}"


@dataclass(frozen=True, slots=True)
class Reject:
    """A record of the input that was set aside: where it stood and why."""

    file: str
    line: int | None
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters in a text with a type; nothing more."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a paper says something: the sentence, and the words that stand for subject and object there."""

    sentence: Span
    subject: Span | None = None
    object: Span | None = None
    rule: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class RecordEntity:
    """An entity as one paper names it; `name` is its fullest form in the text, character by character."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    introduced: bool = False
    confidence: int = 1000  # per mille
    mentions: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Triple:
    """Subject, relation, object as one paper states it; HAS_SIZE has `value` and `unit`."""

    subject: str
    relation: str
    object: str
    how: str | None = None  # BUILT_ON
    outcome: str | None = None  # COMPARED_TO: better, similar, worse, unknown
    member: str | None = None  # PART_OF: size, variant, version
    value: float | int | None = None
    unit: str | None = None
    confidence: int = 1000
    evidence: tuple[Evidence, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str, float | int | None, str | None]:
        """A record holds a triple once for each of these."""
        return (self.subject, self.relation, self.object, self.value, self.outcome)


@dataclass(frozen=True, slots=True)
class Result:
    """A score that a paper reports: `value` as in the text, `on` and `metric` null where unnamed."""

    subject: str
    on: str | None
    metric: str | None
    value: str
    confidence: int = 1000
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All that one paper says, self-contained: its text, and what was read from it by which `extractor`."""

    paper: Paper
    extractor: str
    entities: tuple[RecordEntity, ...] = ()
    triples: tuple[Triple, ...] = ()
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with the quotes behind them, and the Cypher that found them; a sequence of dicts.

    >>> answer = Answer("which models", "MATCH …", rows=[{"id": "alpaca", "name": "Alpaca", "via": [], "evidence": []}])
    >>> [row["name"] for row in answer], len(answer), answer[0]["id"]
    (['Alpaca'], 1, 'alpaca')
    """

    question: str
    cypher: str
    parameters: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what was hidden, read or assumed; for the footer

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> dict[str, Any]:
        return self.rows[place]

    def to_pandas(self) -> "pd.DataFrame":
        """The rows as a pandas data frame, with the chain in words and the best quote in place of nested parts."""
        return display.frame(self.rows)

    def to_networkx(self) -> "nx.MultiDiGraph[str]":
        """The links of the rows as a networkx graph, from what is built to what it is built on.

        Edges have `relation`, what qualifies it, `quote` and `paper`. Of a Cypher query, the nodes and relationships
        that it returned; only relationships both ends of which were returned.

        >>> link = {"subject": "alpaca", "object": "llama-7b", "relation": "BUILT_ON", "how": "fine-tuned"}
        >>> answer = Answer("", "", rows=[{"via": [link], "evidence": []}])
        >>> list(answer.to_networkx().edges(data="how"))
        [('alpaca', 'llama-7b', 'fine-tuned')]
        """
        return display.network(self.rows)

    def _repr_html_(self) -> str:
        """What a notebook shows: a table with quotes, and links to the papers."""
        return display.as_html(self.question, self.rows, self.notes)
