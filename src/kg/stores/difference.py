"""What was loaded last and what is to be loaded now: the rows to write and the rows to delete.

A store's `Loaded` folder keeps the tables that a database holds. A load first puts the new tables beside the old
ones, and when it is done takes the old ones away, so a load that breaks off leaves both: the database then holds a
mixture of them, and the next load starts from that.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from kg.errors import GraphError
from kg.graph import TABLES, Graph, Node, Relationship, columns, write_table

T = TypeVar("T")
Place = tuple[str, str]
"""A node's label and id."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two graphs of a few rows: `old` rows that are gone or have changed, `new` rows that are so or are new."""

    old: Graph
    new: Graph

    def count(self) -> int:
        """How many nodes and relationships there are to write; an upper bound of what is deleted comes on top."""
        return _size(self.new) + _size(self.old)

    def gone_nodes(self) -> Iterator[Node]:
        """Nodes of `old` that `new` has not, under this label."""
        return _without(self.old.nodes(), self.new.nodes(), _node_row, _node_place, _node_place)

    def gone_relationships(self, *, relabels: bool) -> Iterator[Relationship]:
        """Relationships of `old` that `new` has not; where nodes `relabel` in place, whatever their ends' labels."""
        same = _link_identity if relabels else _link_place
        return _without(self.old.relationships(), self.new.relationships(), _link_row, same, _link_place)

    def relabelled(self) -> Iterator[tuple[Node, str]]:
        """Nodes of `old` with the label that they have in `new`, where it is another."""
        for _, before, after in _joined(self.old.nodes(), self.new.nodes(), _node_row):
            for node in before:
                for other in after:
                    if other.label != node.label:
                        yield node, other.label


class Loaded:
    """The folder of what a database holds: the tables, one set or, after a load that broke off, several."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def graphs(self) -> list[Graph]:
        """The tables that the database holds, or a mixture of which; none when nothing is known."""
        graphs = [Graph(path) for _, path in self._numbered()]
        return graphs if all(map(_readable, graphs)) else []

    def _numbered(self) -> list[tuple[int, Path]]:
        if not self.folder.is_dir():
            return []
        return sorted((int(p.name), p) for p in self.folder.iterdir() if p.name.isdecimal())

    def before(self, generation: str) -> list[Graph] | None:
        """What a database of that generation holds, or with "" is a mixture of; None when that is not known here."""
        graphs = self.graphs()
        if generation:
            graphs = [g for g in graphs if g.generation == generation][-1:]
        return graphs or None

    def begin(self, graph: Graph) -> None:
        """Notes that these tables are being loaded; hard links where the file system has them."""
        known = self._numbered()
        number = known[-1][0] + 1 if known else 0
        started = self.folder / "new"
        try:
            if (
                not known
            ):  # what there is before the first load: nothing, which a load that breaks off must know
                _empty(self.folder / "0", graph.id)
                number = 1
            shutil.rmtree(started, ignore_errors=True)
            started.mkdir(parents=True)
            for table in TABLES:
                _copy(graph.folder / f"{table}.parquet", started / f"{table}.parquet")
            started.rename(self.folder / str(number))
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def finish(self) -> None:
        """Notes that the tables begun last are what the database holds."""
        for _, old in self._numbered()[:-1]:
            shutil.rmtree(old)

    def forget(self) -> None:
        """Forgets everything: the database is empty, or is about to be."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def work(self) -> Path:
        """A folder for what is needed while loading, empty at first, whatever an earlier load has left there."""
        path = self.folder / "work"
        shutil.rmtree(path, ignore_errors=True)
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        return path

    @property
    def kept(self) -> list[Place]:
        """Nodes that were to be deleted and that others' relationships needed."""
        path = self.folder / "kept.json"
        return [(label, id) for label, id in json.loads(path.read_text("utf8"))] if path.is_file() else []

    @kept.setter
    def kept(self, places: Iterable[Place]) -> None:
        from kg.jsonl import atomic

        try:
            with atomic(self.folder / "kept.json") as file:
                json.dump(sorted(places), file)
        except OSError as error:
            raise unwritable(self.folder, error) from error


@contextmanager
def difference(before: list[Graph], graph: Graph, *, work: Path | None = None) -> Iterator[Difference]:
    """What to write and delete in a database that holds `before`, or a mixture of several, to hold `graph`.

    DuckDB compares whole rows, out of core; the folder of the result is a temporary one in `work`.
    """
    import duckdb

    with TemporaryDirectory(prefix="kg-difference-", dir=work) as name:
        folder = Path(name)
        try:
            _compare(before, graph, folder)
        except (duckdb.IOException, OSError) as error:
            raise unwritable(folder, error) from error
        yield Difference(Graph(folder / "old"), Graph(folder / "new"))


def _compare(before: list[Graph], graph: Graph, folder: Path) -> None:
    """Writes the rows that differ into the tables `old` and `new` of the folder."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"SET temp_directory = {_quoted(folder / 'spill')}")
        for side in ("old", "new"):
            (folder / side).mkdir()
        for table in TABLES:
            names = ", ".join(f'"{c}"' for c in columns(table))
            new = f"SELECT {names} FROM read_parquet({_quoted(graph.folder / f'{table}.parquet')})"
            olds = [
                f"SELECT {names} FROM read_parquet({_quoted(g.folder / f'{table}.parquet')})" for g in before
            ]
            nothing = f"SELECT * FROM ({new}) LIMIT 0"
            all_old = " INTERSECT ".join(f"({o})" for o in olds) or nothing
            any_old = " UNION ".join(f"({o})" for o in olds) or nothing
            for side, rows in (
                ("new", f"({new}) EXCEPT ({all_old})"),
                ("old", f"({any_old}) EXCEPT ({new})"),
            ):
                path = _quoted(folder / side / f"{table}.parquet")
                connection.execute(f"COPY (SELECT * FROM ({rows}) ORDER BY id) TO {path} (FORMAT parquet)")


def expected(graph: Graph) -> tuple[dict[str, int], dict[str, int]]:
    """How many nodes of each label and relationships of each type the graph has."""
    import duckdb

    def tally(table: str, column: str) -> dict[str, int]:
        source = _quoted(graph.folder / f"{table}.parquet")
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"SELECT {column}, count(*) FROM read_parquet({source}) GROUP BY 1"
            ).fetchall()
        return {str(key): int(n) for key, n in rows}

    papers, claims = graph.count("papers"), graph.count("claims")
    objects = tally("claims", "object IS NOT NULL").get("True", 0)
    links = {"STATES": claims, "HAS_SUBJECT": claims, "HAS_OBJECT": objects}
    return {**tally("entities", "type"), "Paper": papers, "Claim": claims}, {
        **tally("edges", "relation"),
        **links,
    }


def _size(graph: Graph) -> int:
    return sum(graph.count(table) * (4 if table == "claims" else 1) for table in TABLES)


def _without(old: Iterator[T], new: Iterator[T], row: Any, same: Any, place: Any) -> Iterator[T]:
    """What is in `old` and has none the `same` in `new`, once for each `place`."""
    for _, before, after in _joined(old, new, row):
        remain, seen = {same(x) for x in after}, set()
        for x in before:
            if same(x) not in remain and place(x) not in seen:
                seen.add(place(x))
                yield x


def _joined(old: Iterator[T], new: Iterator[T], row: Any) -> Iterator[tuple[Any, list[T], list[T]]]:
    """Merges two streams in the same order: for each row of `old`, what comes of it there and in `new`."""
    others = groupby(new, row)
    there = next(others, None)
    for key, before in groupby(old, row):
        while there is not None and there[0] < key:
            there = next(others, None)
        after: list[T] = []
        if there is not None and there[0] == key:
            after = list(there[1])
            there = next(others, None)
        yield key, list(before), after


def _node_row(node: Node) -> tuple[int, str]:
    """Where a node stands among the rows of a graph: papers, then entities, then claims, by id."""
    return {"Paper": 0, "Claim": 2}.get(node.label, 1), node.id


def _node_place(node: Node) -> Place:
    return node.label, node.id


def _link_row(link: Relationship) -> tuple[int, str]:
    """Where a relationship stands among the rows: edges by id, then those of each claim."""
    if link.type == "STATES":
        return 1, link.target
    return (1, link.source) if link.type in ("HAS_SUBJECT", "HAS_OBJECT") else (0, link.id)


def _link_identity(link: Relationship) -> tuple[str, ...]:
    return link.type, link.id, link.source, link.target


def _link_place(link: Relationship) -> tuple[str, ...]:
    return *_link_identity(link), link.source_label, link.target_label


def _readable(graph: Graph) -> bool:
    """Whether the tables have the columns of today: those of another version of kg cannot be compared."""
    import pyarrow.parquet as pq

    try:
        return all(
            pq.read_schema(graph.folder / f"{table}.parquet").names == list(columns(table))
            for table in TABLES
        )
    except (OSError, ValueError):
        return False


def _empty(folder: Path, graph: str) -> None:
    for table in TABLES:
        write_table(folder, table, [], graph=graph, generation="")


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # tables are replaced, never changed
    except OSError:
        shutil.copyfile(source, target)


def unwritable(folder: Path, error: Exception) -> GraphError:
    """What to say where a folder cannot be written, for want of rights or of room."""
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return GraphError(f"Cannot write in {folder}: {reason}. It must be writable, with room on its disk.")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
