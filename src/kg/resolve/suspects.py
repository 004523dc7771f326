"""What looks wrong in a graph, each with the command that would mend it."""

import shlex
from collections.abc import Iterator
from typing import Any

from kg.graph import Graph
from kg.resolve.tables import SELF

Row = dict[str, Any]

KINDS = ("namesake", "size", "itself", "cycle", "benchmark")


def suspects(graph: Graph) -> list[Row]:
    """Rows with `kind`, `what`, `why`, `papers` and `mend`, the arguments of a `kg fix` command.

    Kinds: `namesake` (several papers introduce one name), `size` (papers disagree about parameters), `itself` (a
    paper says that a model is built on itself, or that a family is built on its own member), `cycle` (each built on
    the next), `benchmark` (something is trained on one). What to mend is a guess; look at the quotes first.
    """
    import duckdb

    with duckdb.connect() as database:
        for table in ("papers", "entities", "edges", "claims"):
            database.read_parquet(str(graph.folder / f"{table}.parquet")).create_view(table)
        if (graph.folder / SELF).is_file():
            database.read_parquet(str(graph.folder / SELF)).create_view("self")
        else:
            database.execute("CREATE TABLE self (id VARCHAR, paper VARCHAR, relation VARCHAR)")
        finders = (_namesakes, _sizes, _of_itself, _cycles, _benchmarks)
        return [row for find in finders for row in find(database)]


def command(row: Row, graph: str) -> str:
    """The command of a row, ready for a shell.

    >>> command({"mend": ("different", "Zeus", "Zeus (2401.00001)")}, "my.kg")
    "kg fix different Zeus 'Zeus (2401.00001)' -g my.kg"
    """
    return shlex.join(("kg", "fix", *row["mend"], "-g", graph))


def _rows(database: Any, query: str) -> list[Row]:
    found = database.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _row(kind: str, what: str, why: str, papers: list[str], *mend: str) -> Row:
    return {"kind": kind, "what": what, "why": why, "papers": papers, "mend": mend}


def _namesakes(database: Any) -> Iterator[Row]:
    """The first paper keeps the name; what the later ones introduce is another thing."""
    query = """
        SELECT e.name, e.type, list(g.subject ORDER BY p.published NULLS LAST, g.subject) AS papers
        FROM entities e
        JOIN edges g ON g.object = e.id AND g.relation = 'INTRODUCES'
        JOIN papers p ON p.id = g.subject
        WHERE e.homonym_suspect
        GROUP BY e.id, e.name, e.type
        ORDER BY count(*) DESC, e.name, e.id"""
    for row in _rows(database, query):
        others = [f"{row['name']} ({paper})" for paper in row["papers"][1:]]
        why = f"{len(row['papers'])} papers introduce it; `kg fix same {shlex.quote(row['name'])}` if it is one thing"
        yield _row("namesake", row["name"], why, row["papers"], "different", row["name"], *others)


def _sizes(database: Any) -> Iterator[Row]:
    """The size that the fewest papers state is the one to doubt."""
    query = """
        SELECT e.id, e.name, s.name AS size, g.support, list(c.paper ORDER BY c.paper) AS papers
        FROM entities e
        JOIN edges g ON g.subject = e.id AND g.relation = 'HAS_SIZE'
        JOIN claims c ON c.edge = g.id
        JOIN entities s ON s.id = g.object AND s.unit = 'parameters'
        WHERE e.size_conflict
        GROUP BY e.id, e.name, s.id, s.name, g.support
        ORDER BY e.name, e.id, g.support DESC, s.name"""
    by_id: dict[str, list[Row]] = {}
    for row in _rows(database, query):
        by_id.setdefault(row["id"], []).append(row)
    for rows in by_id.values():
        doubted, told = rows[-1], ", ".join(f"{r['size']} ({r['support']})" for r in rows)
        mend = _rejection(doubted["id"], doubted["name"], "HAS_SIZE", doubted["size"], doubted["papers"])
        yield _row("size", doubted["name"], f"papers disagree: {told}", doubted["papers"], *mend)


def _of_itself(database: Any) -> Iterator[Row]:
    query = """
        SELECT e.name, list(DISTINCT s.paper ORDER BY s.paper) AS papers,
            min(s.subject_text) AS subject, min(s.object_text) AS object
        FROM self s
        JOIN entities e USING (id)
        WHERE s.relation = 'BUILT_ON'
        GROUP BY e.id, e.name
        ORDER BY e.name, e.id"""
    for row in _rows(database, query) if _has_texts(database) else []:
        one, other = row["subject"] or row["name"], row["object"] or row["name"]
        if one == other:
            continue  # one name for one thing: what was read is no statement, and is no edge
        why = f"a paper builds {one} on {other}, which are taken for one thing"
        yield _row("itself", row["name"], why, row["papers"], "different", other, one)
    query = """
        SELECT g.subject AS id, s.name AS subject, o.name AS object, list(DISTINCT c.paper ORDER BY c.paper) AS papers
        FROM edges g
        JOIN edges m ON m.relation = 'PART_OF' AND m.subject = g.object AND m.object = g.subject
        JOIN entities s ON s.id = g.subject
        JOIN entities o ON o.id = g.object
        JOIN claims c ON c.edge = g.id
        WHERE g.relation = 'BUILT_ON'
        GROUP BY g.id, g.subject, s.name, o.name
        ORDER BY s.name, o.name, g.id"""
    for row in _rows(database, query):
        why = f"is built on {row['object']}, a member of its own"
        mend = _rejection(row["id"], row["subject"], "BUILT_ON", row["object"], row["papers"], every=True)
        yield _row("itself", row["subject"], why, row["papers"], *mend)


def _has_texts(database: Any) -> bool:
    return "subject_text" in {row[0] for row in database.execute("DESCRIBE self").fetchall()}


def _cycles(database: Any) -> Iterator[Row]:
    """Of the links of a cycle the one that the fewest papers state, with the least confidence, is to doubt."""
    import networkx as nx

    query = """
        SELECT g.subject, g.object, s.name AS subject_name, o.name AS object_name, g.support, g.confidence,
            list(DISTINCT c.paper ORDER BY c.paper) AS papers
        FROM edges g
        JOIN entities s ON s.id = g.subject
        JOIN entities o ON o.id = g.object
        JOIN claims c ON c.edge = g.id
        WHERE g.relation = 'BUILT_ON'
        GROUP BY ALL
        ORDER BY g.subject, g.object"""
    links = {(row["subject"], row["object"]): row for row in _rows(database, query)}
    built: Any = nx.DiGraph(list(links))
    for found in sorted(sorted(c) for c in nx.strongly_connected_components(built) if len(c) > 1):
        cycle = [links[edge] for edge in nx.find_cycle(built.subgraph(found), source=found[0])]
        weak = min(cycle, key=lambda r: (r["support"], r["confidence"] or 0, r["subject"]))
        why = " → ".join([cycle[0]["subject_name"], *(r["object_name"] for r in cycle)])
        mend = _rejection(
            weak["subject"], weak["subject_name"], "BUILT_ON", weak["object_name"], weak["papers"], every=True
        )
        yield _row("cycle", cycle[0]["subject_name"], why, weak["papers"], *mend)


def _benchmarks(database: Any) -> Iterator[Row]:
    """What several papers train on is a data set; what one does may be misread."""
    query = """
        SELECT o.name AS object, list(DISTINCT c.paper ORDER BY c.paper) AS papers,
            min(g.subject) AS subject, min(c.name) AS claim, count(DISTINCT g.subject) AS subjects
        FROM edges g
        JOIN entities o ON o.id = g.object AND o.type = 'Benchmark'
        JOIN claims c ON c.edge = g.id
        WHERE g.relation = 'TRAINED_ON'
        GROUP BY o.id, o.name
        ORDER BY count(DISTINCT c.paper) DESC, o.name, o.id"""
    names = dict(database.execute("SELECT id, name FROM entities").fetchall())
    for row in _rows(database, query):
        why = f"a benchmark that {len(row['papers'])} papers train on"
        if len(row["papers"]) > 1 or row["subjects"] > 1:
            yield _row("benchmark", row["object"], why, row["papers"], "type", row["object"], "Dataset")
        else:
            subject = row["subject"]
            mend = _rejection(
                subject, names.get(subject) or subject, "TRAINED_ON", row["object"], row["papers"], every=True
            )
            why = f"{names.get(subject, 'a paper')} is trained on it, says one paper"
            yield _row("benchmark", row["object"], why, row["papers"], *mend)


def _rejection(
    id: str, subject: str, relation: str, target: str, papers: list[str], *, every: bool = False
) -> tuple[str, ...]:
    """The words of `kg fix reject`; a paper's own unnamed model, or the paper itself, goes by PAPER."""
    own = id.startswith("unnamed@") or id in papers
    said = ("reject", "PAPER" if own else subject, relation, target)
    return said if every and not own else (*said, "--paper", papers[0])
