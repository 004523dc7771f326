"""Which Cypher the embedded store refuses: inline maps that use a relationship matched since the last WITH."""

import pytest

from kg.errors import QueryError
from kg.stores.portable import check_portable

R = "MATCH (a)-[r:BUILT_ON]->(b)"


@pytest.mark.parametrize(
    ("cypher", "rewrite"),
    [
        (f"{R} MATCH (p:Paper {{id: r.paper}}) RETURN p", "MATCH (p:Paper) WHERE p.id = r.paper"),
        (f"{R}, (p:Paper {{id: r.paper}}) RETURN p", "MATCH (p:Paper) WHERE p.id = r.paper"),
        (
            f"{R} OPTIONAL MATCH (p {{id: r.paper, year: 2023}}) RETURN p",
            "WHERE p.id = r.paper AND p.year = 2023",
        ),
        (f"{R} MATCH ({{id: r.paper}}) RETURN 1", "MATCH (x) WHERE x.id = r.paper"),
        (f"{R} UNWIND [1] AS x MATCH (p:Paper {{id: r.paper}}) RETURN p", "WHERE p.id = r.paper"),
        (f"{R} MATCH (c:Claim {{relation: type(r)}}) RETURN c", "WHERE c.relation = type(r)"),
        (f"{R} MATCH (p {{id: head(r.papers)}}) RETURN p", "WHERE p.id = head(r.papers)"),
        (f"{R} MATCH (c)-[q:USES {{paper: r.paper}}]->(d) RETURN q", "compare its properties there"),
        ("match ()-[`a b`]->() match (p{id:`a b`.paper}) return p", "WHERE p.id = `a b`.paper"),
        (f"{R} // WITH\n /* WITH */ MATCH (p:Paper {{id: r.paper}}) RETURN p", "WHERE p.id = r.paper"),
        (f"{R} WHERE a.name STARTS WITH 'x' MATCH (p {{id: r.paper}}) RETURN p", "WHERE p.id = r.paper"),
    ],
)
def test_refused_with_the_rewrite(cypher, rewrite):
    with pytest.raises(QueryError) as told:
        check_portable(cypher)
    assert rewrite in str(told.value)


@pytest.mark.parametrize(
    "cypher",
    [
        f"{R} MATCH (p:Paper) WHERE p.id = r.paper RETURN p",
        f"{R} WITH r MATCH (p:Paper {{id: r.paper}}) RETURN p",
        f"{R} WITH r.paper AS id MATCH (p:Paper {{id: id}}) RETURN p",
        f"{R} RETURN {{id: r.paper}} AS row, a {{.id, how: r.how}} AS model",
        f"{R} WHERE EXISTS {{ MATCH (p:Paper {{id: r.paper}}) }} RETURN a",
        f"{R} RETURN COUNT {{ MATCH (p:Paper {{id: r.paper}}) }} AS n",
        f"{R} MERGE (p:Paper {{id: r.paper}}) RETURN p",
        f"{R} CREATE (p:Paper {{id: r.paper}})",
        f"{R} MATCH (p:Paper {{r: 'a', id: b.r}}) RETURN p",
        f"{R} MATCH (p:Paper {{id: 'r.paper'}}) RETURN p",
        f"{R} MATCH (p:Paper {{id: $r}}) RETURN p",
        "MATCH ()-[rs:BUILT_ON*1..2]->() MATCH (p:Paper {id: rs[0].paper}) RETURN p",
        "MATCH (b:Paper) MATCH (p:Paper {id: b.id}) RETURN p",
        "UNWIND $rows AS r MATCH (p:Paper {id: r.id}) RETURN p",
        "MATCH (a)-[:BUILT_ON {how: 'merged'}]->(b) RETURN a",
        "MATCH (a) RETURN [r IN [1, 2] | r] AS l",
        "MATCH (n RETURN n",
        "}{)(][",
        "",
    ],
)
def test_let_through(cypher):
    check_portable(cypher)
