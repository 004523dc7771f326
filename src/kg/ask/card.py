"""The card of a thing: what it is called, and what papers say about it, with quotes."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kg.ask.evidence import AS_MAP, evidence, tidy
from kg.ask.facts import EDGE, amount, edge_of
from kg.ask.lineage import papers_read, suspect_note
from kg.ask.lookup import Found, find
from kg.schema import schema
from kg.types import Answer

if TYPE_CHECKING:
    from kg.stores import Store

Row = dict[str, Any]

_EDGES = """MATCH (s:{label} {{id: $id}})-[r:{relations}]->(o) RETURN {columns}
UNION ALL
MATCH (o:{label} {{id: $id}})<-[r:{relations}]-(s) RETURN {columns}"""

_CLAIMS = """MATCH (p:Paper {{id: $id}})-[:STATES]->(c:Claim)
RETURN c.id AS id, c.name AS name, c.relation AS relation, {evidence} AS evidence ORDER BY name, id"""

_RESULTS = """MATCH (n:{label} {{id: $id}})<-[:HAS_SUBJECT|HAS_OBJECT]-(c:Claim) WHERE c.relation = 'RESULT'
MATCH (c)<-[:STATES]-(p:Paper)
MATCH (c)-[:HAS_SUBJECT]->(s)
OPTIONAL MATCH (c)-[:HAS_OBJECT]->(o)
RETURN c.id AS id, s.id AS s_id, s.name AS s_name, labels(s)[0] AS s_type, o.id AS o_id, o.name AS o_name,
  labels(o)[0] AS o_type, c.metric AS metric, c.score AS score, {evidence} AS evidence
ORDER BY o_name, metric, s_name, id"""


def show(store: "Store", name: str, *, limit: int = 20) -> Answer:
    """The card of a thing or a paper: the first row its names, type, sizes and dates, then a row for each fact.

    The first row has kind `card` and `facts`, a dict to read from top to bottom; the others have the relation as
    kind, the other end as `id` and `name`, a `heading`, `via` and `evidence`. Of each heading at most `limit` rows
    are given, the best supported; a note counts the rest.
    """
    found = find(store, name)
    notes = [*found.notes, *([suspect_note(found.name)] if found.suspect else [])]
    cypher = _EDGES.format(label=found.type, relations=_relations(found), columns=EDGE)
    facts = [_fact(found, row) for row in store.query(cypher, {"id": found.id})]
    rows = [row for row in facts if row["out"] or row["kind"] != "INTRODUCES"]  # the card itself names these
    rows += _statements(store, found) if found.type == "Paper" else _results(store, found)
    kept, more = _first(rows, limit)
    _add_evidence(store, kept)
    notes += [f"{heading}: {count:,} more." for heading, count in more.items()]
    card = _card(store, found, facts)
    answer_notes = [*notes, papers_read(store)]
    return Answer(f"show {found.name}", cypher, {"id": found.id}, [card, *kept], answer_notes)


def _relations(found: Found) -> str:
    """All relations but mentions, which the card only counts."""
    s = schema()
    at_either_end = [
        r.name
        for r in s.relations.values()
        if not r.structure and found.type in (*r.subject, *r.object) and r.name != "MENTIONS"
    ]
    return "|".join(at_either_end)


def _fact(found: Found, row: Row) -> Row:
    out = row["s_id"] == found.id
    far = "o" if out else "s"
    reads = schema().relations[row["relation"]].reads
    return {
        "id": row[f"{far}_id"],
        "name": row[f"{far}_name"],
        "type": row[f"{far}_type"],
        "kind": row["relation"],
        "heading": f"{found.name} {reads}" if out else f"{reads} {found.name}",
        "out": out,
        "support": row["support"],
        "via": [edge_of(row)],
        "evidence": [],
    }


def _statements(store: "Store", found: Found) -> list[Row]:
    """What a paper states, beside what it introduces."""
    rows = store.query(_CLAIMS.format(evidence=AS_MAP), {"id": found.id})
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "type": "Claim",
            "kind": row["relation"],
            "heading": "states",
            "out": True,
            "support": 1,
            "via": [{"relation": row["relation"], "subject_name": row["name"]}],
            "evidence": tidy([row["evidence"]]),
        }
        for row in rows
    ]


def _results(store: "Store", found: Found) -> list[Row]:
    cypher = _RESULTS.format(label=found.type, evidence=AS_MAP)
    return [_result(found, row) for row in store.query(cypher, {"id": found.id})]


def _result(found: Found, row: Row) -> Row:
    out = row["s_id"] == found.id
    other = (row["o_name"] or "") if out else row["s_name"]
    score = " ".join(filter(None, (row["score"], row["metric"])))
    return {
        "id": row["id"],
        "name": f"{score} ({other})" if other else score,
        "type": "Claim",
        "kind": "RESULT",
        "heading": f"results of {found.name}" if out else f"results on {found.name}",
        "out": out,
        "support": 1,
        "via": [{k: v for k, v in (*row.items(), ("relation", "RESULT")) if v is not None and k in _LINK}],
        "evidence": tidy([row["evidence"]]),
    }


_LINK = ("relation", "metric", "score")


def _first(rows: Iterable[Row], limit: int) -> tuple[list[Row], dict[str, int]]:
    """At most `limit` rows of each heading, in the order of the schema, and how many more there are."""
    order = {name: i for i, name in enumerate(schema().relations)}
    ordered = sorted(
        rows,
        key=lambda r: (
            not r["out"],
            order.get(r["kind"], 99) if r["heading"] != "states" else 99,
            r["heading"],
            -r["support"],
            r["name"].casefold(),
            r["id"],
        ),
    )
    kept, seen = [], dict[str, int]()
    for row in ordered:
        seen[row["heading"]] = seen.get(row["heading"], 0) + 1
        if seen[row["heading"]] <= limit:
            kept.append(row)
    return kept, {heading: n - limit for heading, n in seen.items() if n > limit}


def _add_evidence(store: "Store", rows: Sequence[Row]) -> None:
    edges = [row["via"][0] for row in rows if not row["evidence"] and "edge" in row["via"][0]]
    found = evidence(store, ((e["edge"], e["subject"], e["subject_type"]) for e in edges))
    for row in rows:
        row["evidence"] = row["evidence"] or found.get(row["via"][0].get("edge", ""), [])


def _card(store: "Store", found: Found, rows: Sequence[Row]) -> Row:
    properties = store.query(
        f"MATCH (n:{found.type} {{id: $id}}) RETURN properties(n) AS properties", {"id": found.id}
    )[0]["properties"]
    described = _paper_facts(properties) if found.type == "Paper" else _entity_facts(properties, rows)
    return {
        "id": found.id,
        "name": found.name,
        "type": found.type,
        "kind": "card",
        "facts": {k: v for k, v in described.items() if v not in (None, [], "", 0, False)},
        "properties": {k: properties[k] for k in sorted(properties)},
        "via": [],
        "evidence": [],
    }


def _paper_facts(p: Row) -> Row:
    return {
        "published": p.get("published") or p.get("year"),
        "url": p.get("url"),
        "read from": p.get("source"),
    }


def _entity_facts(p: Row, rows: Sequence[Row]) -> Row:
    introducing = [r for r in rows if r["kind"] == "INTRODUCES"]
    families = [r["name"] for r in rows if r["kind"] == "PART_OF" and r["out"]]
    return {
        "also called": p.get("aliases"),
        "family": families,
        "parameters": _parameters(p),
        "active parameters": amount(p["parameters_active"], None) if p.get("parameters_active") else None,
        "trained on tokens": amount(p["training_tokens"], None) if p.get("training_tokens") else None,
        "introduced by": [f"{r['name']} ({r['id']})" for r in introducing],
        "introduced in": p.get("introduced_year"),
        "first mentioned here in": p.get("first_mentioned_year"),
        "papers": p.get("papers"),
        "corrected by": p.get("curated"),
    }


def _parameters(p: Row) -> str | None:
    sizes = [amount(n, None) for n in p.get("parameters_all") or ()]
    if not sizes:
        return None
    origin = " (its name says so)" if p.get("parameters_origin") == "name" else ""
    doubt = " (papers disagree)" if p.get("size_conflict") else ""
    return ", ".join(sizes) + origin + doubt
