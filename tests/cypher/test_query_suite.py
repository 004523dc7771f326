"""153 queries as people write them for Neo4j, on every store: which give the expected rows, unchanged.

`fixture.cypher` is a small lineage graph; `queries.jsonl` holds name, query, parameters, what to run before, and the
expected rows, in order or not.
"""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kg.stores.embedded import open_store

HERE = Path(__file__).parent
QUERIES = [json.loads(line) for line in (HERE / "queries.jsonl").read_text("utf8").splitlines()]
FIXTURE = (HERE / "fixture.cypher").read_text("utf8").splitlines()

# What does not give the expected rows, by name and why.
EMBEDDED = {
    "gql_shortest": "no SHORTEST prefix; shortestPath() works",
    "gql_any_shortest": "no ANY SHORTEST prefix",
    "gql_all_shortest": "no ALL SHORTEST prefix; allShortestPaths() works",
    "fulltext": "no full-text indexes in Cypher",
    "dynamic_reltype_create": "no dynamic type in CREATE",
    "cypher25_next": "no NEXT",
    "cypher_prefix": "no CYPHER 5 prefix",
    "inline_map_rel_property": "finds nothing; `Store.query` refuses it",
    "db_labels": "lists the labels of the schema, also those without nodes",
}
NEO4J = {
    "cypher25_filter_let": "Cypher 25 only",
    "cypher25_when": "Cypher 25 only",
    "cypher25_next": "Cypher 25 only",
    "apoc": "no APOC",
}


def test_on_the_embedded_store(tmp_path):
    with open_store(tmp_path, write=True) as store:
        address = store._writing(True)
        failed = _failed(address.uri, address.user, address.password, address.database)
    assert failed == set(EMBEDDED)
    assert len(QUERIES) - len(failed) == 144


def test_on_neo4j(neo4j):
    with neo4j.connect() as store:
        for kind, listed in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
            for row in store.query(f"SHOW {listed} YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
                store.query(f"DROP {kind} {row['name']}", write=True)
    failed = _failed(neo4j.uri, neo4j.user, neo4j.password, None)
    with neo4j.connect() as store:
        store.query("DROP INDEX paper_text IF EXISTS", write=True)
    assert failed == set(NEO4J)
    assert len(QUERIES) - len(failed) == 149


def _failed(uri: str, user: str | None, password: str | None, database: str | None) -> set[str]:
    """The names of the queries that do not give what is expected."""
    import neo4j

    failed, dirty = set(), True
    with (
        closing(neo4j.GraphDatabase.driver(uri, auth=(user, password) if user else None)) as driver,
        closing(driver.session(database=database)) as session,
    ):

        def run(cypher: str, parameters: dict[str, Any] | None = None) -> list[list[Any]]:
            return [
                [_plain(value) for value in row.values()] for row in session.run(cypher, parameters or {})
            ]

        for query in QUERIES:
            if dirty or query["setup"]:
                run("MATCH (n) DETACH DELETE n")
                for statement in FIXTURE:
                    run(statement)
            dirty = bool(query["setup"])
            try:
                for step in query["setup"]:
                    run(*(step if isinstance(step, list) else [step]))
                rows = json.loads(json.dumps(run(query["cypher"], query["params"]), default=str))
                if query["name"] == "keys_properties":  # in the order in which this server first met the keys
                    rows = [[sorted(keys), *rest] for keys, *rest in rows]
                good = query["expected"] is None or _same(rows, query["expected"], ordered=query["ordered"])
            except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError):
                good = False
            if not good:
                failed.add(query["name"])
    return failed


def _plain(value: Any) -> Any:
    from neo4j.graph import Node, Relationship

    if isinstance(value, Node):
        return {"~node": min(value.labels), **_plain(dict(value.items()))}
    if isinstance(value, Relationship):
        return {"~rel": value.type, **_plain(dict(value.items()))}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.iso_format() if hasattr(value, "iso_format") else value


def _same(got: list[Any], expected: list[Any], *, ordered: bool) -> bool:
    return _close(got, expected) if ordered else _close(_sorted(got), _sorted(expected))


def _sorted(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True, default=str))


def _close(a: Any, b: Any) -> bool:
    """Equal, floats to a millionth."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_close, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_close(a[key], b[key]) for key in a)
    if isinstance(a, float) or isinstance(b, float):
        return not isinstance(a, bool) and not isinstance(b, bool) and a == pytest.approx(b, abs=1e-6)
    return type(a) is type(b) and a == b
