"""Records → flat staging tables: one Parquet file per kind of row, written as the records stream by.

`doc` numbers the records as they come; it joins the tables and never leaves them, so no order of input shows.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kg.curation import Added
from kg.errors import RecordError
from kg.jsonl import check, dumps, record_to_json
from kg.keys import paper_key
from kg.names import key
from kg.text import fold, one_line, without_tex
from kg.types import PAPER, Evidence, Record, Result, Triple

Row = tuple[Any, ...]

RESULT = "RESULT"
"""What a claim that reports a score has in place of a relation."""

# Statements that only a model can be the subject of: there PAPER is the paper's own unnamed model.
_OF_A_MODEL = frozenset({"BUILT_ON", "TRAINED_ON"})
PARAMETERS, ACTIVE = frozenset({"parameters"}), frozenset({"active parameters", "activated parameters"})
TRAINING_TOKENS = frozenset({"training tokens"})

TABLES = {
    "docs": "doc:int32 key:string folded:string identified:bool updated:string published:string digest:string "
    "tie:string input_id:string name:string title:string abstract:string year:int64 date_origin:string url:string curated:bool",
    "entities": "doc:int32 name:string type:string introduced:bool confidence:int64 guessed:bool",
    "added": "doc:int32 entry:string",
    "spellings": "doc:int32 name:string type:string spelling:string",
    "mentions": "doc:int32 name:string type:string start:int64 end:int64 spelling:string",
    "statements": "doc:int32 number:int32 relation:string subject:string subject_type:string unnamed:bool "
    "object:string object_type:string size:string how:string outcome:string member:string value:double "
    "unit:string confidence:int64 metric:string score:string",
    "evidence": "doc:int32 number:int32 gaps:int32 start:int64 end:int64 quote:string subject_start:int64 "
    "subject_end:int64 subject_text:string object_start:int64 object_end:int64 object_text:string rule:string "
    "kind:string json:string",
    "sizes": "doc:int32 size:string name:string value:double unit:string",
}
_BATCH = 8192


def stage(records: Iterable[Record | Added], folder: Path, *, first: int = 0) -> None:
    """Writes the staging tables of records, and of facts that a person added, into a new folder, in constant memory.

    `first` numbers the first one. A RecordError names the record that breaks the contract.
    """
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        tables = {
            name: stack.enter_context(Table(folder / f"{name}.parquet", TABLES[name])) for name in TABLES
        }
        for doc, given in enumerate(records, first):
            fact = given if isinstance(given, Added) else None
            record = given.record if isinstance(given, Added) else given
            check(record)
            tables["docs"].add([_doc(doc, record, fact)])
            tables["added"].add([(doc, fact.entry.text)] if fact else [])
            guessed = fact.guessed if fact else frozenset[str]()
            tables["entities"].add(
                (doc, e.name, e.type, e.introduced, e.confidence, e.name in guessed) for e in record.entities
            )
            tables["spellings"].add(_spellings(doc, record))
            tables["mentions"].add(_mentions(doc, record))
            statements: list[Triple | Result] = [*record.triples, *record.results]
            tables["statements"].add(_statements(doc, record, statements))
            tables["evidence"].add(_evidence(doc, record, statements))
            tables["sizes"].add(_sizes(doc, record))


def digest(record: Record) -> str:
    """A hash of all that a record says; where its file lay does not count.

    The graph depends on the records by nothing else.
    """
    data = record_to_json(record)
    data.pop("source", None)
    return hashlib.sha256(dumps(data).encode("utf8")).hexdigest()


def size_key(triple: Triple) -> str:
    """The id of a size: value and unit, or the words where no value was read.

    >>> size_key(Triple("Alpaca", "HAS_SIZE", "7B", value=7e9, unit="parameters"))
    'size:7000000000-parameters'
    """
    if triple.value is None:
        return key(triple.object, "Size")
    return key(f"{_number(triple.value)} {triple.unit or ''}", "Size")


def size_name(triple: Triple) -> str:
    """A size as people write it.

    >>> size_name(Triple("Alpaca", "HAS_SIZE", "7B", value=7_000_000_000, unit="parameters"))
    '7B parameters'
    >>> size_name(Triple("SQuAD", "HAS_SIZE", "107,785 questions", value=107785, unit="questions"))
    '107785 questions'
    """
    if triple.value is None:
        return one_line(triple.object)
    for letter, factor in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        short = f"{triple.value / factor:.6g}"
        if triple.value >= factor and len(short) <= 5 and float(short) * factor == triple.value:
            return f"{short}{letter} {triple.unit or ''}".strip()
    return f"{_number(triple.value)} {triple.unit or ''}".strip()


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _doc(doc: int, record: Record, fact: Added | None) -> Row:
    paper = record.paper
    own = paper.id if fact else paper_key(paper)
    text = hashlib.sha256(paper.text.encode("utf8", "replace")).hexdigest()
    return (
        doc,
        own,
        "" if fact else fold(paper.title),  # a source is found by its address alone
        fact is not None or not own.startswith("t:"),
        paper.updated or "",
        paper.published,
        text,
        digest(record),
        paper.id,
        without_tex(paper.title) or paper.id,
        paper.title,
        paper.abstract,
        year(paper.published),
        paper.date_origin,
        paper.url,
        fact is not None,
    )


def year(published: str | None) -> int | None:
    """The year of an ISO date of any precision; None where it does not begin with one.

    >>> year("2023-02"), year("2023"), year("soon"), year(None)
    (2023, 2023, None, None)
    """
    digits = (published or "")[:4]
    return int(digits) if len(digits) == 4 and digits.isascii() and digits.isdigit() else None


def _spellings(doc: int, record: Record) -> Iterator[Row]:
    for e in record.entities:
        for spelling in sorted({e.name, *e.aliases}):
            yield doc, e.name, e.type, spelling


def _mentions(doc: int, record: Record) -> Iterator[Row]:
    text = record.paper.text
    for e in record.entities:
        for start, end in sorted(set(e.mentions)):
            yield doc, e.name, e.type, start, end, text[start:end]


def _statements(doc: int, record: Record, statements: list[Triple | Result]) -> Iterator[Row]:
    types = {e.name: e.type for e in record.entities}
    for number, s in enumerate(statements):
        subject = None if s.subject == PAPER else s.subject
        if isinstance(s, Triple):
            sized = s.relation == "HAS_SIZE"
            unnamed = subject is None and (s.relation in _OF_A_MODEL or (sized and s.unit in PARAMETERS))
            yield (
                *(doc, number, s.relation, subject, types.get(s.subject, "Paper"), unnamed),
                *((None, "Size", size_key(s)) if sized else (s.object, types[s.object], None)),
                *(s.how, s.outcome, s.member, s.value, s.unit, s.confidence, None, None),
            )
        else:
            if subject is not None and subject not in types:
                raise RecordError(
                    f"Record {record.paper.id!r}: a result's subject {s.subject!r} is no entity of it."
                )
            on = s.on if s.on in types else None
            yield (
                *(doc, number, RESULT, subject, types.get(s.subject, "Paper"), False),
                *(on, types.get(on or ""), None, None, None, None, None, None),
                *(s.confidence, s.metric, s.value),
            )


def _evidence(doc: int, record: Record, statements: list[Triple | Result]) -> Iterator[Row]:
    text = record.paper.text
    for number, statement in enumerate(statements):
        for e in statement.evidence:
            subject, target = e.subject or (None, None), e.object or (None, None)
            yield (
                *(
                    doc,
                    number,
                    (e.subject is None) + (e.object is None),
                    *e.sentence,
                    text[slice(*e.sentence)],
                ),
                *(*subject, text[slice(*e.subject)] if e.subject else None),
                *(*target, text[slice(*e.object)] if e.object else None),
                *(e.rule, e.kind, _place_json(e, text)),
            )


def _place_json(e: Evidence, text: str) -> str:
    found = {
        "start": e.sentence[0],
        "end": e.sentence[1],
        "quote": text[slice(*e.sentence)],
        "subject": list(e.subject) if e.subject else None,
        "object": list(e.object) if e.object else None,
        "rule": e.rule,
        "kind": e.kind,
    }
    return dumps({k: v for k, v in found.items() if v is not None})


def _sizes(doc: int, record: Record) -> Iterator[Row]:
    for t in record.triples:
        if t.relation == "HAS_SIZE":
            yield doc, size_key(t), size_name(t), None if t.value is None else float(t.value), t.unit


class Table:
    """A Parquet file that rows are added to, written a batch at a time."""

    def __init__(self, path: Path, columns: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {
            "int32": pa.int32(),
            "int64": pa.int64(),
            "double": pa.float64(),
            "string": pa.string(),
            "bool": pa.bool_(),
        }
        self._schema = pa.schema(
            [(column, types[type]) for column, type in (c.split(":") for c in columns.split())]
        )
        self._writer = pq.ParquetWriter(path, self._schema, compression="lz4")
        self._rows: list[Row] = []
        self.count = 0

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Adds rows, as tuples in the order of the columns."""
        before = len(self._rows)
        self._rows.extend(rows)
        self.count += len(self._rows) - before
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self._schema)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._rows = []
