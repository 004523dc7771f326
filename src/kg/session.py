"""An open graph, for scripts and notebooks: `kg.open` gives a session, and its methods are the command's questions.

    with kg.open("seeds.kg") as g:
        g.ask("what is built on Llama").to_pandas()

Every answer iterates as dicts and shows itself in a notebook. A session of a graph folder holds no server: the store
ends by itself when the last process that uses it has gone, however it went.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from kg.errors import GraphError, UsageError
from kg.types import Answer, Paper

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from kg.build import BuildReport, Papers, RemoveReport
    from kg.folder import GraphFolder
    from kg.graph import Graph
    from kg.stores import Store


def open(
    graph: str | os.PathLike[str],
    *,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
    create: bool = False,
) -> "Session":
    """Opens a graph's folder, or a Neo4j server that holds one, such as `neo4j://localhost:7687`.

    `create` makes a folder where there is none, to `add` papers to. `user`, `password` and `database` are for a
    server; without them KG_NEO4J_USER, KG_NEO4J_PASSWORD and KG_NEO4J_DATABASE hold. A GraphError says that there is
    no graph, a StoreUnavailableError within seconds that no server answers.
    """
    from kg.stores import SCHEMES

    address = os.fspath(graph)
    if address.partition("://")[0].lower() in SCHEMES and "://" in address:
        return Session(_connected(address, user, password, database))
    if user or password or database:
        raise UsageError(
            "user, password and database are for a Neo4j server; a graph's folder needs none of them."
        )
    from kg.folder import GraphFolder

    folder = GraphFolder(address)
    if not folder.exists and not create:
        len(folder)  # raises the error that says what is there
    return Session(folder)


class Session:
    """An open graph: a folder with its embedded store, or a Neo4j server. `kg.open` makes one.

    Its store is connected when first asked. Close it, or use it in a `with`.
    """

    def __init__(self, graph: "GraphFolder | Store") -> None:
        from kg.folder import GraphFolder

        self._folder = graph if isinstance(graph, GraphFolder) else None
        self._store = None if isinstance(graph, GraphFolder) else graph
        self._closed = False

    @property
    def path(self) -> Path | None:
        """The graph's folder; None of a server."""
        return self._folder.path if self._folder is not None else None

    @property
    def store(self) -> "Store":
        """The database behind, for what the other methods do not offer; opened for reading."""
        if self._closed:
            raise UsageError("This graph has been closed. Open it again: kg.open(…).")
        if self._store is None:
            assert self._folder is not None
            self._store = self._folder.store()
        return self._store

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None, /, **more: Any) -> Answer:
        """The rows of a Cypher query; parameters by keyword, or as a mapping.

        `g.query("MATCH (m:Model {name: $name}) RETURN m", name="Alpaca")`. It may only read; a QueryError says what
        is wrong with it.
        """
        given = {**(parameters or {}), **more}
        return Answer("", cypher, given, self.store.query(cypher, given))

    def ask(self, question: str, *, min_confidence: int = 0, min_support: int = 0) -> Answer:
        """Answers a question in plain English, such as "what is built on Llama"; `kg ask examples` lists the forms."""
        from kg.ask import ask

        return ask(self.store, question, min_confidence=min_confidence, min_support=min_support)

    def lineage(
        self,
        name: str,
        *,
        direction: Literal["down", "up", "path"] = "down",
        other: str | None = None,
        carries: Collection[str] | None = None,
        max_hops: int | None = None,
        min_confidence: int = 0,
        min_support: int = 0,
        limit: int | None = None,
    ) -> Answer:
        """What is built on a thing (`down`), what it is built on (`up`), or the way between it and `other` (`path`).

        As `kg.ask.lineage`, which says what rows and options mean.
        """
        from kg.ask import lineage

        return lineage(
            self.store,
            name,
            direction="path" if other is not None else direction,
            other=other,
            carries=carries,
            min_confidence=min_confidence,
            min_support=min_support,
            limit=limit,
            **({} if max_hops is None else {"max_hops": max_hops}),
        )

    def show(self, name: str, *, limit: int = 20) -> Answer:
        """The card of a thing or a paper: its names, type, sizes and dates, then its facts with quotes."""
        from kg.ask import show

        return show(self.store, name, limit=limit)

    def evidence(self, subject: str, relation: str | None = None, object: str | None = None) -> Answer:
        """What papers state of a subject, relation and object: one row for each sentence, with its offsets."""
        from kg.ask import stated

        return stated(self.store, subject, relation, object)

    def counts(self) -> dict[str, Any]:
        """How many papers, entities, edges and claims there are, by type and relation."""
        return self.store.counts()

    def to_networkx(
        self, *, view: str | None = None, around: str | None = None, hops: int = 1, min_support: int = 0
    ) -> "nx.MultiDiGraph[str]":
        """The graph in memory, as `kg export` draws it: an arrow goes from what is built to what it is built on.

        `view` is one of `kg.export.VIEWS`, such as "lineage"; `around` a name, of whose neighbourhood so many `hops`
        are taken; `min_support` counts the papers that must state an edge.
        """
        from kg.ask import find
        from kg.export.networks import to_networkx
        from kg.export.picture import VIEWS, Picture

        shown = view or next(iter(VIEWS))
        if shown not in VIEWS:
            raise UsageError(f"No view is called {view!r}. There are {', '.join(VIEWS)}.")
        with self._tables() as tables:
            center = None if around is None else find(self.store, around).id
            return to_networkx(Picture(tables, shown, min_support, around=center, hops=hops))

    def add(
        self,
        papers: "Papers | Paper | Mapping[str, Any] | pd.DataFrame",
        *,
        mapping: Mapping[str, str] | None = None,
    ) -> "BuildReport":
        """Adds papers, and refreshes what the graph has of them; all of them, or none.

        `papers` are files or folders, as `kg build` takes them, or papers themselves: dicts with `title` and
        `abstract` (and `id`, `published`, `url` …), `Paper` objects, or a data frame with such columns. The report
        counts what was added, refreshed and set aside.
        """
        from kg.build import build

        folder = self._own("add")
        self._leave()  # the store is loaded by whoever builds
        return build(_listed(papers), folder, mapping=mapping)

    def remove(self, *papers: str) -> "RemoveReport":
        """Removes papers, each by its key or by the id that its input gave it; all of them, or none."""
        from kg.build import remove

        folder = self._own("remove")
        self._leave()
        return remove(folder, papers)

    def close(self) -> None:
        """Lets go of the store and the records; twice does no harm."""
        self._leave()
        if self._folder is not None:
            self._folder.close()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        where = self._folder.path if self._folder is not None else self._store and self._store.address
        return f"<kg graph {where}{', closed' if self._closed else ''}>"

    @contextmanager
    def _tables(self) -> "Iterator[Graph]":
        """The tables of the folder; of a server, what it holds, read back."""
        if self._folder is not None:
            yield self._own("to_networkx").graph()
            return
        from kg.stores.readback import tables

        with TemporaryDirectory(prefix="kg-tables-") as folder:
            yield tables(self.store, Path(folder))

    def _own(self, what: str) -> "GraphFolder":
        if self._closed:
            raise UsageError("This graph has been closed. Open it again: kg.open(…).")
        if self._folder is None:
            raise UsageError(
                f"{what}() works on a graph's folder, of which a server holds a copy: open the folder, "
                "and `kg load` it into the server."
            )
        return self._folder

    def _leave(self) -> None:
        if self._store is not None:
            self._store.close()
            if self._folder is not None:
                self._store = None


def _connected(address: str, user: str | None, password: str | None, database: str | None) -> "Store":
    from kg.stores import connect

    store = connect(
        address,
        user=user or os.environ.get("KG_NEO4J_USER"),
        password=password or os.environ.get("KG_NEO4J_PASSWORD"),
        database=database or os.environ.get("KG_NEO4J_DATABASE"),
    )
    try:
        if not store.graph:
            raise GraphError(f"{store.address} holds no graph of kg. Load one: kg load {address} -g GRAPH")
    except BaseException:
        store.close()
        raise
    return store


def _listed(papers: Any) -> "Papers":
    """Files as they are, one paper as a list of one, a data frame as its rows."""
    if isinstance(papers, Paper | Mapping):
        return [papers]
    rows: Papers = papers.to_dict("records") if hasattr(papers, "to_dict") else papers
    return rows
