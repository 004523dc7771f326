"""Reads and writes records, one JSON object a line, always the same bytes for the same record."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kg.errors import RecordError
from kg.schema import schema
from kg.types import PAPER, Evidence, Paper, Record, RecordEntity, Result, Triple

FORMAT = 1
_PAPER_FIELDS = (
    "id",
    "title",
    "abstract",
    "published",
    "updated",
    "date_origin",
    "arxiv",
    "doi",
    "url",
    "source",
)


def dumps(value: Any) -> str:
    """Canonical JSON of one line: no blanks, no ASCII escapes, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def record_to_json(record: Record) -> dict[str, Any]:
    """The record contract as plain data; what has no value is left out."""
    paper = record.paper
    return {
        "format": FORMAT,
        **{f: v for f in _PAPER_FIELDS if (v := getattr(paper, f)) is not None},
        "extractor": record.extractor,
        "entities": [
            {
                "name": e.name,
                "type": e.type,
                "aliases": list(e.aliases),
                "introduced": e.introduced,
                "confidence": e.confidence,
                "mentions": [list(m) for m in e.mentions],
            }
            for e in record.entities
        ],
        "triples": [_triple_to_json(t) for t in record.triples],
        "results": [
            {
                "subject": r.subject,
                "on": r.on,
                "metric": r.metric,
                "value": r.value,
                "confidence": r.confidence,
                "evidence": [_evidence_to_json(e) for e in r.evidence],
            }
            for r in record.results
        ],
    }


def record_from_json(data: dict[str, Any]) -> Record:
    """A record from plain data; a RecordError says which field is wrong."""
    try:
        if data.get("format", FORMAT) != FORMAT:
            raise RecordError(
                f"Record {data.get('id')!r} has format {data['format']}, this kg reads {FORMAT}. "
                "Extract it again, or use the kg that wrote it."
            )
        return Record(
            paper=Paper(**{f: data[f] for f in _PAPER_FIELDS if f in data}),
            extractor=data.get("extractor", ""),
            entities=tuple(
                RecordEntity(
                    name=e["name"],
                    type=e["type"],
                    aliases=tuple(e.get("aliases", ())),
                    introduced=bool(e.get("introduced", False)),
                    confidence=e.get("confidence", 1000),
                    mentions=tuple((m[0], m[1]) for m in e.get("mentions", ())),
                )
                for e in data.get("entities", ())
            ),
            triples=tuple(_triple_from_json(t) for t in data.get("triples", ())),
            results=tuple(
                Result(
                    subject=r["subject"],
                    on=r.get("on"),
                    metric=r.get("metric"),
                    value=r["value"],
                    confidence=r.get("confidence", 1000),
                    evidence=tuple(_evidence_from_json(e) for e in r.get("evidence", ())),
                )
                for r in data.get("results", ())
            ),
        )
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        name = data.get("id") if isinstance(data, dict) else data
        raise RecordError(f"Record {name!r} breaks the contract: {error!r}") from error


def check(record: Record) -> None:
    """Raises RecordError unless names, types, offsets and quotes of the record hold together."""
    known = {e.name: e for e in record.entities}
    paper, length = record.paper.id, len(record.paper.text)
    if len(known) != len(record.entities):
        raise RecordError(f"Record {paper!r} names an entity twice.")

    def inside(span: tuple[int, int] | None, what: str) -> None:
        if span is not None and not 0 <= span[0] < span[1] <= length:
            raise RecordError(
                f"Record {paper!r}: {what} {span} lies outside its text of {length} characters."
            )

    text = record.paper.text
    for entity in record.entities:
        surfaces = {entity.name, *entity.aliases}
        for span in entity.mentions:
            inside(span, f"a mention of {entity.name!r}")
            if text[span[0] : span[1]] not in surfaces:
                raise RecordError(
                    f"Record {paper!r}: {text[span[0] : span[1]]!r} is no name of {entity.name!r}."
                )
    seen = set()
    for triple in record.triples:
        if triple.identity in seen:
            raise RecordError(f"Record {paper!r} states {triple.identity} twice.")
        seen.add(triple.identity)
        if not triple.evidence:
            raise RecordError(
                f"Record {paper!r}: {triple.subject} {triple.relation} {triple.object} has no evidence."
            )
        subject = (
            "Paper"
            if triple.subject == PAPER
            else known[triple.subject].type
            if triple.subject in known
            else ""
        )
        target = (
            "Size"
            if triple.relation == "HAS_SIZE"
            else known[triple.object].type
            if triple.object in known
            else ""
        )
        if not schema().allows(subject, triple.relation, target):
            raise RecordError(
                f"Record {paper!r}: {triple.subject!r} ({subject or 'unknown'}) {triple.relation} "
                f"{triple.object!r} ({target or 'unknown'}) is not in the schema."
            )
    statements: tuple[Triple | Result, ...] = (*record.triples, *record.results)
    for statement in statements:
        for evidence in statement.evidence:
            inside(evidence.sentence, "a sentence")
            for argument in (evidence.subject, evidence.object):
                inside(argument, "an argument")
                if argument and not (
                    evidence.sentence[0] <= argument[0] and argument[1] <= evidence.sentence[1]
                ):
                    raise RecordError(
                        f"Record {paper!r}: argument {argument} is not inside sentence {evidence.sentence}."
                    )


def read_records(path: Path) -> Iterator[Record]:
    """Streams the records of a file (plain, .gz or .zst), checked; a RecordError names the line."""
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    record = record_from_json(json.loads(line))
                    check(record)
                except (RecordError, json.JSONDecodeError) as error:
                    raise RecordError(f"{path}, line {number}: {error}") from error
                yield record


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path, "rt", encoding="utf8")
    if path.suffix == ".zst":
        import zstandard

        found: IO[str] = zstandard.open(path, "rt", encoding="utf8")
        return found
    return path.open(encoding="utf8")


def write_records(records: Iterable[Record], file: IO[str]) -> int:
    """Writes records in the order given, each checked first; returns how many."""
    count = 0
    for record in records:
        check(record)
        file.write(dumps(record_to_json(record)) + "\n")
        count += 1
    return count


@contextmanager
def atomic(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Opens a file that appears under its name only when the block ends well; else nothing is left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        options: dict[str, Any] = {} if "b" in mode else {"encoding": "utf8", "newline": "\n"}
        with os.fdopen(handle, mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _triple_to_json(t: Triple) -> dict[str, Any]:
    qualifiers = {"how": t.how, "outcome": t.outcome, "member": t.member, "value": t.value, "unit": t.unit}
    return {
        "subject": t.subject,
        "relation": t.relation,
        "object": t.object,
        **{k: v for k, v in qualifiers.items() if v is not None},
        "confidence": t.confidence,
        "evidence": [_evidence_to_json(e) for e in t.evidence],
    }


def _triple_from_json(t: dict[str, Any]) -> Triple:
    return Triple(
        subject=t["subject"],
        relation=t["relation"],
        object=t["object"],
        **{k: t.get(k) for k in ("how", "outcome", "member", "value", "unit")},
        confidence=t.get("confidence", 1000),
        evidence=tuple(_evidence_from_json(e) for e in t.get("evidence", ())),
    )


def _evidence_to_json(e: Evidence) -> dict[str, Any]:
    return {
        "kind": e.kind,
        "sentence": list(e.sentence),
        "subject": list(e.subject) if e.subject else None,
        "object": list(e.object) if e.object else None,
        "rule": e.rule,
    }


def _evidence_from_json(e: dict[str, Any]) -> Evidence:
    def span(value: Any) -> tuple[int, int] | None:
        return (value[0], value[1]) if value else None

    return Evidence(
        (e["sentence"][0], e["sentence"][1]),
        span(e.get("subject")),
        span(e.get("object")),
        e.get("rule", ""),
        e.get("kind", "text"),
    )
