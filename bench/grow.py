"""How long one paper takes from a file into the answers of a large graph: bench/grow.py RECORDS FOLDER [--copies N].

RECORDS are records of `kg extract`. A graph is made of them in FOLDER, with `--copies 4` of four times as many: the
copies have new arXiv ids, other titles and other letters in the names that their papers coin, so they are other papers
about other things; offsets, and names that many papers share, stay. Then one new paper at a time is added by `kg build`, each in a
process of its own as on the command line, and asked for. Printed are seconds by the clock and of the processor (of
the process; the store's server comes on top), by phase, and the peak memory of both.
"""

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.types import Record

COINED = {"Model", "Dataset", "Benchmark", "Method"}
PAPER = {
    "title": "Quokka-{n}B: a small language model",
    "abstract": "We present Quokka-{n}B, a language model fine-tuned from Llama 3.1 8B on UltraChat. "
    "Quokka-{n}B outperforms Alpaca on MMLU.",
    "published": "2026-01-01",
}


def main(arguments: list[str]) -> None:
    """Makes the graph where there is none, adds papers, prints what that took."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("records", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    graph = given.folder / f"grow-{given.copies}.kg"
    if not graph.exists():
        _build(given.records, given.copies, graph)
    for n in range(1, given.rounds + 1):
        number = n + int(time.time()) % 10**6 * 10
        paper = {"id": f"bench-{number}", **{k: v.format(n=number) for k, v in PAPER.items()}}
        file = given.folder / "one.jsonl"
        file.write_text(json.dumps(paper) + "\n", "utf8")
        _round(graph, file, f"Quokka-{number}B")


def _build(records: Path, copies: int, graph: Path) -> None:
    from kg.build import add_records
    from kg.folder import GraphFolder

    start = time.perf_counter()
    report = add_records(copied(records, copies), graph, store=False)
    made = time.perf_counter()
    with GraphFolder(graph).store() as store:
        counts = store.counts()
    told = ", ".join(f"{counts[k]:,} {k}" for k in ("papers", "entities", "edges", "claims"))
    print(
        f"{report.total:,} records: tables {made - start:.0f} s, store {time.perf_counter() - made:.0f} s; {told}"
    )


def copied(file: Path, copies: int) -> Iterator[Record]:
    """The records, and so many less one copies of each, as if this version had read them all."""
    from kg.extract import extractor
    from kg.jsonl import read_records

    version = extractor().version  # else the first build would read every text anew
    for copy in range(copies):
        for number, record in enumerate(read_records(file)):
            yield dataclasses.replace(renamed(record, copy, number), extractor=version)


def renamed(record: Record, copy: int, number: int) -> Record:
    """A copy with an id of its own, and the letters of coined names moved on by `copy`."""
    if not copy:
        return record
    identifier = f"{70 + copy}{1 + number // 100_000:02d}.{number % 100_000:05d}"
    coined = {e.name for e in record.entities if e.introduced and e.type in COINED}
    text = list(record.paper.text)
    for entity in record.entities:
        for start, end in entity.mentions if entity.name in coined else ():
            text[start:end] = [moved(c, copy) for c in record.paper.text[start:end]]
    length = len(record.paper.title)
    named = {at for e in record.entities for start, end in e.mentions for at in range(start, end)}
    for word in re.finditer(r"[^\W\d_]+", record.paper.title):  # another title, which names nothing else
        if named.isdisjoint(range(*word.span())):
            text[word.start() : word.end()] = [moved(c, copy) for c in word[0]]
            break
    new = "".join(text)

    def name(old: str) -> str:
        return "".join(moved(c, copy) for c in old) if old in coined else old

    paper = dataclasses.replace(
        record.paper,
        id=identifier,
        arxiv=identifier,
        doi=None,
        url=None,
        title=new[:length],
        abstract=new[length + 1 :],
    )
    made = dataclasses.replace(
        record,
        paper=paper,
        entities=tuple(
            dataclasses.replace(
                e,
                name=name(e.name),
                aliases=tuple(moved_all(e.aliases, copy) if e.name in coined else e.aliases),
            )
            for e in record.entities
        ),
        triples=tuple(
            dataclasses.replace(t, subject=name(t.subject), object=name(t.object)) for t in record.triples
        ),
        results=tuple(
            dataclasses.replace(r, subject=name(r.subject), on=r.on and name(r.on)) for r in record.results
        ),
    )
    if holds(made):
        return made
    plain = dataclasses.replace(
        paper, title=f"{record.paper.title[:-1]}{copy}", abstract=record.paper.abstract
    )
    other = dataclasses.replace(record, paper=plain)
    return other if holds(other) else dataclasses.replace(other, entities=(), triples=(), results=())


def holds(record: Record) -> bool:
    """Whether the record keeps the contract: a mention inside another makes some that do not."""
    from kg.errors import RecordError
    from kg.jsonl import check

    try:
        check(record)
    except RecordError:
        return False
    return True


def moved(character: str, by: int) -> str:
    """A letter so many places on, in its case; anything else stays."""
    for first, last in ("az", "AZ"):
        if first <= character <= last:
            return chr((ord(character) - ord(first) + 7 * by) % 26 + ord(first))
    return character


def moved_all(names: Iterable[str], by: int) -> Iterator[str]:
    """Names with their letters moved."""
    return ("".join(moved(c, by) for c in name) for name in names)


def _round(graph: Path, file: Path, name: str) -> None:
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, __file__, "--one", str(graph), str(file)], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    said = child.stdout.read()
    server = _peak(graph)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"the build failed: {status}")
    built = time.perf_counter() - start
    asked = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-m", "kg", "lineage", "Llama 3.1 8B", "-g", str(graph), "--json"],
        capture_output=True,
        check=True,
    )
    assert name in {row["name"] for row in json.loads(found.stdout)["rows"]}, "the paper is not in the answer"
    answered = time.perf_counter() - asked
    print(
        f"added {built:6.1f} s (processor {used.ru_utime + used.ru_stime:5.1f} s), answered {answered:5.1f} s more; "
        f"peak {used.ru_maxrss / 1024:,.0f} MB, server {server:,.0f} MB; "
        + ", ".join(f"{what} {seconds:.1f}" for what, seconds in json.loads(said).items()),
        flush=True,
    )


def _peak(graph: Path) -> float:
    """The peak memory of the store's server in MB, where it still runs."""
    try:
        pid = json.loads((graph / "endpoint.json").read_text("utf8"))["pid"]
        lines = Path(f"/proc/{pid}/status").read_text("utf8").splitlines()
    except (OSError, ValueError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def one(graph: Path, file: Path) -> None:
    """As `kg build FILE -g GRAPH`, and prints the seconds of its phases."""
    start = time.perf_counter()
    from kg.build import build
    from kg.extract import extractor
    from kg.folder import GraphFolder

    spent: dict[str, float] = {}

    class Timed(GraphFolder):
        def graph(self, **options):
            began = time.perf_counter()
            found = super().graph(**options)
            spent["tables"] = spent.get("tables", 0.0) + time.perf_counter() - began
            return found

        def store(self, **options):
            began, tables = time.perf_counter(), spent.get("tables", 0.0)
            found = super().store(**options)
            spent["store"] = time.perf_counter() - began - (spent.get("tables", 0.0) - tables)
            return found

    _ = extractor().version
    loaded = time.perf_counter()
    report = build([file], Timed(graph))
    assert report.added == 1
    whole = time.perf_counter() - loaded
    read = whole - sum(spent.values())
    phases = {"start": loaded - start, "read and keep": read, **spent}
    print(json.dumps({what: round(seconds, 2) for what, seconds in phases.items()}), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
