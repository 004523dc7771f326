"""The graph in a database, over Bolt: Neo4j at an address, or the embedded store of a graph folder."""

from kg.errors import StoreError
from kg.stores.bolt import RETRY_SECONDS, Address, LoadReport, Store

__all__ = ["RETRY_SECONDS", "LoadReport", "Store", "connect"]

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def connect(
    uri: str,
    *,
    user: str | None = None,
    password: str | None = None,
    database: str | None = None,
    retry: float = RETRY_SECONDS,
) -> Store:
    """The store at an address such as `neo4j://localhost:7687`; without `database`, the server's default one.

    Connects before it returns, and raises within seconds a StoreUnavailableError that says what to do. What is
    transient is tried again for `retry` seconds.
    """
    from urllib.parse import urlsplit

    parts = urlsplit(uri)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise StoreError(f"{_bare(uri)!r} is no address of a database. Write it as neo4j://HOST:PORT.")
    if parts.username or parts.password:
        raise StoreError(
            "Keep user and password out of the address: set KG_NEO4J_USER and KG_NEO4J_PASSWORD."
        )
    store = Store(Address(uri, user, password, database), retry=retry)
    try:
        store.verify()
    except BaseException:
        store.close()
        raise
    return store


def _bare(uri: str) -> str:
    """The address without what may be a password."""
    scheme, slashes, rest = uri.rpartition("//")
    return scheme + slashes + rest.rpartition("@")[2]
