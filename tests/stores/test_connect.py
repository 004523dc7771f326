"""Connecting to a Neo4j: what is told when it is not there, or refuses us, and never a password."""

import socket
import time

import pytest

from kg.errors import StoreError, StoreUnavailableError
from kg.stores import connect


def test_a_server_that_is_not_there_is_told_at_once():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(
        StoreUnavailableError, match=r"No database answers at .*Connection refused.*Is it started"
    ):
        connect(f"bolt://127.0.0.1:{port}", user="neo4j", password="a secret")
    assert time.monotonic() - began < 20  # the driver alone would try for half a minute


def test_a_server_that_says_nothing_is_told():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        with pytest.raises(StoreUnavailableError, match="No database answers"):
            connect(f"bolt://127.0.0.1:{mute.getsockname()[1]}")


@pytest.mark.parametrize("uri", ["http://localhost:7474", "localhost:7687", "bolt://", "papers.kg", ""])
def test_what_is_no_address_is_told(uri):
    with pytest.raises(StoreError, match="neo4j://HOST:PORT"):
        connect(uri)


def test_a_password_in_the_address_is_not_repeated():
    with pytest.raises(StoreError, match="KG_NEO4J_PASSWORD") as told:
        connect("bolt://neo4j:hunter2hunter2@localhost")
    assert "hunter2" not in str(told.value)
    with pytest.raises(StoreError) as told:
        connect("http://neo4j:hunter2hunter2@localhost")
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    ("user", "password"), [("neo4j", "wrong-wrong"), ("nobody", "wrong-wrong"), (None, None)]
)
def test_wrong_and_missing_credentials_are_told(neo4j, user, password):
    if neo4j.password is None:
        pytest.skip("the given Neo4j asks for no password")
    with pytest.raises(StoreUnavailableError, match=r"refuses .*KG_NEO4J_USER") as told:
        connect(neo4j.uri, user=user, password=password)
    assert "wrong-wrong" not in str(told.value)


def test_right_credentials_open(neo4j):
    with neo4j.connect() as store:
        assert store.query("RETURN 1 AS n") == [{"n": 1}]
        assert str(neo4j.password) not in repr(store.address)


def test_an_unknown_database_is_told(neo4j):
    with neo4j.connect(database="nosuch") as store, pytest.raises(StoreUnavailableError, match="'nosuch'"):
        store.query("RETURN 1 AS n")
