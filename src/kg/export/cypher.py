"""A Cypher script that makes the graph in any database that speaks Cypher: constraints, nodes, relationships.

Everything is MERGE on `id`, so the script may run twice. Values stand in the text as literals, which is the one
way that needs no client; every string is escaped, and property names are quoted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from kg.generate import constraints
from kg.graph import Graph, Node, Relationship
from kg.jsonl import atomic
from kg.schema import schema
from kg.text import storable

T = TypeVar("T")
_BATCH_ROWS, _BATCH_CHARACTERS = 500, 200_000


def write(graph: Graph, path: Path) -> Mapping[str, int]:
    """Writes the script; run it with `cypher-shell -f FILE`, or statement by statement."""
    with atomic(path) as file:
        file.write("// The graph of kg. Run it in an empty database: cypher-shell -f this file\n")
        file.writelines(f"{statement};\n" for statement in constraints(schema()))
        nodes = _statements(file, graph.nodes(), lambda n: (n.label,), _node, _NODES)
        own = {"id": graph.generation, "format": schema().format, "generation": graph.generation}
        _statements(
            file, [Node("KnowledgeGraph", graph.generation, own)], lambda n: (n.label,), _node, _NODES
        )
        edges = _statements(
            file,
            graph.relationships(),
            lambda r: (r.type, r.source_label, r.target_label),
            _relationship,
            _RELATIONSHIPS,
        )
    return {"nodes": nodes, "relationships": edges}


# Reading a script is mostly parsing it, so a row says nothing twice: a relationship's id is made of its ends.
_NODES = "UNWIND [\n{rows}\n] AS row\nMERGE (n:{0} {{id: row.id}}) SET n += row;\n"
_RELATIONSHIPS = (
    "UNWIND [\n{rows}\n] AS row\nMATCH (a:{1} {{id: row.a}}) MATCH (b:{2} {{id: row.b}})\n"
    "MERGE (a)-[r:{0} {{id: row.a + '|{0}|' + row.b}}]->(b) SET r += row.r;\n"
)


def literal(value: Any) -> str:
    r"""A value as Cypher reads it, in Neo4j and elsewhere.

    >>> print(literal({"name": 'say "so"', "tags": ["a\n", True, 1.5e30]}))
    {`name`: "say \"so\"", `tags`: ["a\n", true, 1.5e30]}
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{_ESCAPED.sub(_escape, storable(value))}"'
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'`{name}`: {literal(v)}' for name, v in value.items())}}}"
    return repr(value).replace("e+", "e")


_ESCAPED = re.compile(r'["\\\n\r\t]')
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def _node(node: Node) -> str:
    return literal({**node.properties, "id": node.id})


def _relationship(link: Relationship) -> str:
    """A row of two ends, and what it says beside its id."""
    rest = {name: value for name, value in link.properties.items() if name != "id"}
    return f"{{a: {literal(link.source)}, b: {literal(link.target)}, r: {literal(rest)}}}"


def _statements(
    file: IO[str],
    items: Iterable[T],
    key: Callable[[T], tuple[str, ...]],
    row: Callable[[T], str],
    template: str,
) -> int:
    """One statement for each batch of one kind; returns how many rows were written."""
    count = 0
    for kind, rows in _batches(items, key, row):
        file.write(template.format(*kind, rows=",\n".join(rows)))
        count += len(rows)
    return count


def _batches(
    items: Iterable[T], key: Callable[[T], tuple[str, ...]], row: Callable[[T], str]
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    waiting: dict[tuple[str, ...], list[str]] = {}
    sizes: dict[tuple[str, ...], int] = {}
    for item in items:
        kind, text = key(item), row(item)
        waiting.setdefault(kind, []).append(text)
        sizes[kind] = sizes.get(kind, 0) + len(text)
        if len(waiting[kind]) == _BATCH_ROWS or sizes[kind] > _BATCH_CHARACTERS:
            yield kind, waiting.pop(kind)
            del sizes[kind]
    yield from waiting.items()
