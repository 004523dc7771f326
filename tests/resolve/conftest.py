"""Tables of the graph of a few records, as plain rows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.graph import TABLES, Row
from kg.resolve import resolve
from kg.types import Record


class Rows:
    """The rows of a graph by id."""

    def __init__(self, folder: Path, records: list[Record]) -> None:
        graph = resolve(records, folder, graph="test", generation="1")
        tables = {name: {row["id"]: row for row in graph.rows(name)} for name in TABLES}
        self.papers, self.entities, self.edges, self.claims = (tables[name] for name in TABLES)

    def links(self, relation: str) -> list[tuple[str, str]]:
        return sorted((e["subject"], e["object"]) for e in self.edges.values() if e["relation"] == relation)

    def edge(self, subject: str, relation: str, target: str) -> Row:
        return self.edges[f"{subject}|{relation}|{target}"]


@pytest.fixture
def graph_of(tmp_path: Path) -> Iterator[Callable[..., Rows]]:
    made = iter(range(100))
    return lambda *records: Rows(tmp_path / str(next(made)), list(records))
