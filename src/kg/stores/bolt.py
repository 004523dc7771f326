"""The store: a database that holds the graph, reached over Bolt, whichever it is."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from kg.errors import KgError, QueryError, StoreError, StoreUnavailableError
from kg.graph import Graph
from kg.schema import schema
from kg.stores.values import plain, sendable

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Session

    from kg.stores.difference import Loaded

T = TypeVar("T")
Rows = list[dict[str, Any]]
Progress = Callable[[int, int], None]
"""Called now and then with how many rows have been written, and of how many."""

_SILENT = logging.NullHandler()
CONNECT_SECONDS = 5.0
RETRY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did: rows written and deleted, and the nodes it `kept` that the graph no longer has.

    These are nodes that a relationship of someone's own still needs; the next load tries again to delete them.
    """

    nodes_written: int = 0
    nodes_deleted: int = 0
    relationships_written: int = 0
    relationships_deleted: int = 0
    kept: tuple[str, ...] = ()
    counts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database answers, and as whom; the password never shows."""

    uri: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None

    def __str__(self) -> str:
        return self.uri if self.database is None else f"{self.uri}, database {self.database!r}"


class Store:
    """A database that holds the graph: Neo4j at an address, or the embedded one (`kg.stores.embedded`)."""

    relabels = True  # whether a node can change its label

    def __init__(self, address: Address, *, retry: float = RETRY_SECONDS) -> None:
        self.address, self._retry = address, retry
        self._drivers: dict[Address, Driver] = {}
        self._connecting = threading.Lock()  # threads may share a store

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        write: bool = False,
        timeout: float | None = None,
    ) -> Rows:
        """The rows of a Cypher query as plain values, each a dict of column to value.

        Reads may not write unless `write`. `timeout` in seconds. A QueryError tells what is wrong with the query.
        """
        given = sendable(parameters or {})

        def work(transaction: "ManagedTransaction") -> Rows:
            result = transaction.run(cypher, given)
            columns = result.keys()
            return [dict(zip(columns, map(plain, r.values()), strict=True)) for r in result]

        return self._transact(work, write=write, timeout=timeout)

    @property
    def graph(self) -> dict[str, Any]:
        """The graph's own node, as id, format and generation; empty where the store holds no graph."""
        columns = "g.id AS id, g.format AS format, g.generation AS generation"
        found = self.query(f"MATCH (g:KnowledgeGraph) RETURN {columns} ORDER BY id LIMIT 1")
        return found[0] if found else {}

    @property
    def generation(self) -> str:
        """The generation of the graph that is wholly loaded; "" where there is none, or a load broke off."""
        return self.graph.get("generation") or ""

    def counts(self) -> dict[str, Any]:
        """Papers, entities, edges and claims, and how many of each of the `types` and `relations`."""
        types, relations = self._tallies()
        return {
            "papers": types["Paper"],
            "entities": sum(types[n] for n in schema().entity_types),
            "edges": sum(relations[n] for n in schema().edge_relations),
            "claims": types["Claim"],
            "types": types,
            "relations": relations,
        }

    def count(self, pattern: str) -> int:
        """How many `n` the pattern has, such as `(n:Model)`."""
        return int(self.query(f"MATCH {pattern} RETURN count(n) AS n")[0]["n"])

    def load(self, graph: Graph, *, replace: bool = False, progress: Progress | None = None) -> LoadReport:
        """Makes the store hold this graph: writes what is new, deletes what is gone, verifies the counts.

        A ForeignDatabaseError says that the database holds something else; `replace` empties it first.
        """
        from kg.stores.load import load

        return load(self, graph, self._loaded(graph), replace=replace, progress=progress)

    def declare(self) -> None:
        """A unique `id` and an index on `name` for each label, and a full-text index over names."""
        there = {row["name"] for row in self.query("SHOW INDEXES YIELD name")}
        missing = [statement for name, statement in declarations() if name not in there]
        for statement in missing:
            try:
                self.query(statement, write=True)
            except QueryError as error:
                raise StoreError(f"{self.address} does not take `{statement}`: {error}") from error
        if missing:
            self.query("CALL db.awaitIndexes(300)", write=True)

    def _loaded(self, graph: Graph) -> "Loaded":
        """What this database holds of the graph, noted beside the graph under the database's own id."""
        from kg.stores.difference import Loaded

        database = self.query("CALL db.info() YIELD id RETURN id")[0]["id"]
        return Loaded(graph.folder.parent / "loaded" / str(database)[:32])

    def verify(self) -> None:
        """Connects, or raises in seconds an error that says what to do."""
        self._driver(self._writing(False))

    def close(self) -> None:
        """Closes the connections; a store that is used again connects anew."""
        while self._drivers:
            self._drivers.popitem()[1].close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tallies(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many nodes there are of each label but the graph's own, and relationships of each type."""
        labels = (n for n in schema().types if n != "KnowledgeGraph")
        return self._tally({n: f"(n:{n})" for n in labels}), self._tally(
            {n: f"()-[n:{n}]->()" for n in schema().relations}
        )

    def _tally(self, patterns: Mapping[str, str]) -> dict[str, int]:
        counts = (f"MATCH {p} WITH count(n) AS n RETURN '{name}' AS name, n" for name, p in patterns.items())
        return {row["name"]: row["n"] for row in self.query(" UNION ALL ".join(counts))}

    def _writing(self, write: bool) -> Address:
        """The address, and as whom one reads or writes there."""
        return self.address

    def _driver(self, address: Address) -> "Driver":
        """A verified driver: the driver's own retries would be silent for half a minute before a dead server."""
        with self._connecting:
            if address not in self._drivers:
                self._drivers[address] = _connected(address, self._retry)
            return self._drivers[address]

    def _transact(
        self, work: "Callable[[ManagedTransaction], T]", *, write: bool, timeout: float | None = None
    ) -> T:
        """Runs a managed transaction: what is transient is tried again, so `work` may run twice."""
        from neo4j import unit_of_work

        bounded = unit_of_work(timeout=timeout)(work) if timeout else work
        address = self._writing(write)
        with self._session(address, write=write) as session:
            return session.execute_write(bounded) if write else session.execute_read(bounded)

    @contextmanager
    def _session(self, address: Address, *, write: bool) -> "Iterator[Session]":
        from neo4j import READ_ACCESS, WRITE_ACCESS

        driver = self._driver(address)
        mode = WRITE_ACCESS if write else READ_ACCESS
        with _told(address), driver.session(database=address.database, default_access_mode=mode) as session:
            yield session


def declarations() -> Iterator[tuple[str, str]]:
    """Names of constraints and indexes, each with its Cypher, from the schema."""
    for label in schema().types:
        unique, named = f"kg_{label.lower()}_id", f"kg_{label.lower()}_name"
        yield unique, f"CREATE CONSTRAINT {unique} IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
        yield named, f"CREATE INDEX {named} IF NOT EXISTS FOR (n:{label}) ON (n.name)"
    labels = "|".join(("Paper", *schema().entity_types))
    yield (
        "kg_names",
        f"CREATE FULLTEXT INDEX kg_names IF NOT EXISTS FOR (n:{labels}) ON EACH [n.name, n.aliases]",
    )


def _connected(address: Address, retry: float) -> "Driver":
    from neo4j import GraphDatabase

    logging.getLogger("neo4j").addHandler(_SILENT)  # what matters is raised
    with _told(address):
        driver = GraphDatabase.driver(
            address.uri,
            auth=(address.user, address.password or "") if address.user else None,
            connection_timeout=CONNECT_SECONDS,
            max_transaction_retry_time=retry,
            notifications_min_severity="OFF",
        )
        try:
            driver.verify_connectivity()
        except BaseException:
            driver.close()
            raise
    return driver


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turns the driver's errors into ours, each with the way out; no message of ours holds a password."""
    from neo4j import exceptions as e

    try:
        yield
    except KgError:
        raise
    except e.AuthError as error:
        who = f"user {address.user!r}" if address.user else "a caller without credentials"
        raise StoreUnavailableError(
            f"{address.uri} refuses {who}. Set KG_NEO4J_USER and KG_NEO4J_PASSWORD to its user and password."
        ) from error
    except (e.ServiceUnavailable, e.SessionExpired, OSError) as error:
        raise StoreUnavailableError(
            f"No database answers at {address.uri} ({_root(error)}). Is it started, and is that its Bolt port?"
        ) from error
    except e.ConfigurationError as error:
        raise StoreError(f"{address.uri} is no address of a database: {_brief(error)}") from error
    except e.Neo4jError as error:
        raise _refused(error, address) from error
    except e.DriverError as error:
        raise StoreError(f"{address}: {_brief(error)}") from error
    except (OverflowError, TypeError, ValueError) as error:
        raise QueryError(f"A parameter cannot be sent: {_brief(error)}") from error


def _refused(error: Any, address: Address) -> StoreError:
    code = error.code or ""
    if code.endswith(("DatabaseNotFound", "Database.DatabaseUnavailable")):
        return StoreUnavailableError(
            f"{address.uri} has no running database {address.database!r}. `SHOW DATABASES` lists what it has."
        )
    if error.is_retryable():
        return StoreUnavailableError(
            f"{address.uri} cannot do it now ({error.message}), nor could it when asked again. Try again later."
        )
    if code.endswith(("Security.Forbidden", "Statement.AccessMode")):
        return QueryError(f"This query writes, and it may only read; --write allows it. ({error.message})")
    if "ClientError.Transaction.TransactionTimedOut" in code:
        return QueryError("The query took longer than its timeout. Bound its paths, or give it more time.")
    return QueryError(f"The database refuses the query: {error.message}")


def _root(error: BaseException) -> str:
    """What the system says at the bottom of the driver's error: "Connection refused"."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (error.strerror if isinstance(error, OSError) else None) or _brief(error)


def _brief(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
