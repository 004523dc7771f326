"""Facts around a thing: edges in either direction, sizes and results, each row with the quotes behind it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.ask.evidence import AS_MAP, evidence, tidy
from kg.ask.lineage import members, papers_read, suspect_note
from kg.ask.lookup import Found, find
from kg.schema import schema
from kg.types import Answer

if TYPE_CHECKING:
    from kg.stores import Store

Row = dict[str, Any]

EDGE = (
    "r.id AS edge, type(r) AS relation, r.how AS how, r.carries AS carries, r.member AS member, "
    "r.origin AS origin, r.better AS better, r.similar AS similar, r.worse AS worse, "
    "coalesce(r.support, 0) AS support, coalesce(r.confidence, 0) AS confidence, "
    + ", ".join(f"{n}.id AS {n}_id, {n}.name AS {n}_name, labels({n})[0] AS {n}_type" for n in "so")
)
"""The columns of an edge `r` from `s` to `o`; see `edge_of`."""

_ENOUGH = "coalesce(r.support, 0) >= $min_support AND coalesce(r.confidence, 0) >= $min_confidence"


@dataclass(frozen=True, slots=True)
class Asking:
    """A question on its way to an answer: where to look, what was typed, and how well it must be supported."""

    store: "Store"
    question: str
    min_support: int = 0
    min_confidence: int = 0
    notes: list[str] = field(default_factory=list)

    def find(self, name: str, *types: str) -> Found:
        """The node that a name means; notes say so where the name could mean another."""
        found = find(self.store, name, types=types)
        self.notes.extend(found.notes)
        if found.suspect:
            self.notes.append(suspect_note(found.name))
        return found

    def answer(self, cypher: str, parameters: Mapping[str, Any], rows: Sequence[Row]) -> Answer:
        """The answer, with the footer of every answer."""
        limited = self.min_support or self.min_confidence
        empty = [] if rows or limited else ["No paper here says so."]
        notes = [*empty, *dict.fromkeys(self.notes), papers_read(self.store)]
        return Answer(self.question, cypher, dict(parameters), list(rows), notes)

    def rows(self, cypher: str, parameters: Mapping[str, Any]) -> tuple[list[Row], dict[str, Any]]:
        """The rows of a query that keeps to `$min_support` and `$min_confidence`; notes count what that hides."""
        limits = {"min_support": self.min_support, "min_confidence": self.min_confidence}
        rows = self.store.query(cypher, {**parameters, **limits})
        if any(limits.values()):
            every = self.store.query(cypher, {**parameters, "min_support": 0, "min_confidence": 0})
            if len(every) > len(rows):
                self.notes.append(
                    f"{len(every) - len(rows):,} hidden by the limits on support and confidence."
                )
        return rows, {**parameters, **limits}

    def scope(self, found: Found) -> list[str]:
        """The thing and its members by name: what is said of Llama-2-7B answers what is asked of Llama."""
        ids = members(self.store, found)
        if len(ids) > 1:
            count = f"{len(ids) - 1} member{'s'[: len(ids) > 2]}"
            self.notes.append(f"Counts what is said of the {count} of {found.name}.")
        return ids


def facts(
    asking: Asking,
    relation: str,
    *,
    subject: Found | None = None,
    object: Found | None = None,
    types: Sequence[str] = (),
    how: Sequence[str] = (),
    member: str | None = None,
    other: Found | None = None,
) -> Answer:
    """What stands at the other end of a relation from a thing: of `subject` the objects, of `object` the subjects.

    `types` limits what may answer, `other` to one thing and its members; `how` and `member` limit the qualifiers.
    Rows by support, then name.
    """
    known = subject or object
    assert known is not None
    where = [_ENOUGH]
    where += ["r.how IN $hows"] if how else []
    where += ["r.member = $member"] if member else []
    where += [f"{'o' if subject else 's'}.id IN $others"] if other else []
    cypher = _facts_cypher(known.type, relation, known_end="s" if subject else "o", types=types, where=where)
    given: Row = {"ids": [known.id] if subject and relation == "PART_OF" else asking.scope(known)}
    given |= {"hows": list(how)} if how else {}
    given |= {"member": member} if member else {}
    given |= {"others": asking.scope(other)} if other else {}
    rows, parameters = asking.rows(cypher, given)
    return asking.answer(cypher, parameters, merged(rows, "o" if subject else "s"))


def comparisons(
    asking: Asking, known: Found, *, outcome: str | None = None, other: Found | None = None
) -> Answer:
    """What a thing was compared with, whoever stood first; `outcome` is its own: better or worse."""
    opposite = {"better": "worse", "worse": "better"}
    given: Row = {"ids": asking.scope(known)}
    given |= {"others": asking.scope(other)} if other else {}
    parts = []
    for known_end, other_end, wanted in (("s", "o", outcome), ("o", "s", opposite.get(outcome or ""))):
        where = [_ENOUGH]
        where += [f"r.{wanted} > 0"] if wanted else []
        where += [f"{other_end}.id IN $others"] if other else []
        told = f" AND c.outcome = '{wanted}'" if wanted else ""
        parts.append(
            _facts_cypher(known.type, "COMPARED_TO", known_end=known_end, where=where, told=told, order=False)
        )
    cypher = "\nUNION ALL\n".join(parts)
    rows, parameters = asking.rows(cypher, given)
    for row in rows:
        row["far"] = "o" if row["s_id"] in given["ids"] else "s"
    return asking.answer(cypher, parameters, merged(rows))


def _facts_cypher(
    label: str,
    relation: str,
    *,
    known_end: str,
    types: Sequence[str] = (),
    where: Sequence[str] = (),
    told: str = "",
    order: bool = True,
) -> str:
    far = "o" if known_end == "s" else "s"
    pattern = f"(s)-[r:{relation}]->(o)" if known_end == "s" else f"(o)<-[r:{relation}]-(s)"
    limits = [*where, f"({' OR '.join(f'{far}:{t}' for t in types)})"] if types else list(where)
    lines = [
        f"UNWIND $ids AS id MATCH ({known_end}:{label} {{id: id}})",
        f"MATCH {pattern}",
        f"WHERE {' AND '.join(limits)}",
        f"OPTIONAL MATCH (s)<-[:HAS_SUBJECT]-(c:Claim)<-[:STATES]-(p:Paper) WHERE c.edge = r.id{told}",
        f"RETURN {EDGE},",
        f"  collect({AS_MAP}) AS evidence",
    ]
    lines += [f"ORDER BY support DESC, {far}_name, {far}_id, edge"] if order else []
    return "\n".join(lines)


def merged(rows: Iterable[Row], far: str | None = None) -> list[Row]:
    """One row for each thing that answers, its edges in `via`, their evidence together; by support, then name.

    `far` is the end of the edge that answers, `s` or `o`; without it each row says so itself.
    """
    found: dict[str, Row] = {}
    for row in rows:
        end = far or row["far"]
        mine = found.setdefault(row[f"{end}_id"], _fresh(row, end))
        mine["via"].append(edge_of(row))
        mine["evidence"].extend(e for e in row["evidence"] if e["paper"] is not None)
        mine["support"] = max(mine["support"], row["support"])
        mine["confidence"] = max(mine["confidence"], row["confidence"])
    for row in found.values():
        row["evidence"] = tidy(row["evidence"])
    return sorted(found.values(), key=lambda r: (-r["support"], r["name"].casefold(), r["id"]))


def _fresh(row: Row, end: str) -> Row:
    kind = row[f"{end}_type"]
    return {
        "id": row[f"{end}_id"],
        "name": row[f"{end}_name"],
        "type": kind,
        "kind": kind,
        "support": 0,
        "confidence": 0,
        "via": [],
        "evidence": [],
    }


def edge_of(row: Row) -> Row:
    """An edge as an answer shows it, without what has no value."""
    shown = {
        "edge": row["edge"],
        "subject": row["s_id"],
        "subject_name": row["s_name"],
        "subject_type": row["s_type"],
        "relation": row["relation"],
        "object": row["o_id"],
        "object_name": row["o_name"],
        "object_type": row["o_type"],
        **{k: row.get(k) for k in ("how", "carries", "member", "origin")},
        "outcome": _outcome({k: row[k] for k in ("better", "similar", "worse") if row.get(k)}),
        **{k: row.get(k) for k in ("support", "confidence")},
    }
    return {k: v for k, v in shown.items() if v is not None}


def _outcome(counts: Row) -> str | None:
    """How a comparison came out, with the numbers of papers where they disagree.

    >>> _outcome({"better": 2}), _outcome({"better": 2, "worse": 1}), _outcome({})
    ('better', 'better 2, worse 1', None)
    """
    return (
        next(iter(counts)) if len(counts) == 1 else ", ".join(f"{k} {n}" for k, n in counts.items()) or None
    )


_SIZES = f"""UNWIND $ids AS id MATCH (s:LABEL {{id: id}})
OPTIONAL MATCH (s)-[r:HAS_SIZE]->(o) WHERE ($unit IS NULL OR o.unit CONTAINS $unit) AND {_ENOUGH}
OPTIONAL MATCH (s)<-[:HAS_SUBJECT]-(c:Claim)<-[:STATES]-(p:Paper) WHERE c.edge = r.id
RETURN {EDGE}, o.value AS number, o.unit AS unit, s.id = $id AS own,
  s.parameters_origin AS origin_of_size, s.parameters_all AS parameters, collect({AS_MAP}) AS evidence
ORDER BY own DESC, s_name, s_id, unit, number, edge"""


def sizes(asking: Asking, known: Found, *, unit: str | None = None) -> Answer:
    """The sizes stated of a thing and its members, its own first, and those that only a name tells."""
    cypher = _SIZES.replace("LABEL", known.type)
    given = {"ids": asking.scope(known), "id": known.id, "unit": unit}
    rows, parameters = asking.rows(cypher, given)
    shown = [size for row in rows for size in _size_rows(row, unit)]
    return asking.answer(cypher, parameters, shown)


def _size_rows(row: Row, unit: str | None) -> Iterable[Row]:
    if row["edge"] is not None:
        yield _size_row(row)
    elif row["origin_of_size"] == "name" and unit in (None, "parameters"):
        yield from (_named_size(row, number) for number in row["parameters"])


def _size_row(row: Row) -> Row:
    return {
        "id": row["o_id"],
        "name": f"{row['s_name']}: {amount(row['number'], row['unit'])}",
        "type": row["o_type"],
        "kind": row["o_type"],
        "of": row["s_id"],
        "number": row["number"],
        "unit": row["unit"],
        "support": row["support"],
        "confidence": row["confidence"],
        "via": [edge_of(row)],
        "evidence": tidy(e for e in row["evidence"] if e["paper"] is not None),
    }


def _named_size(row: Row, number: int) -> Row:
    return {
        "id": row["s_id"],
        "name": f"{row['s_name']}: {amount(number, 'parameters')}, as its name says",
        "type": row["s_type"],
        "kind": row["s_type"],
        "of": row["s_id"],
        "number": number,
        "unit": "parameters",
        "origin": "name",
        "support": 0,
        "via": [],
        "evidence": [],
    }


def amount(number: float, unit: str | None) -> str:
    """A quantity to read.

    >>> amount(7e9, "parameters"), amount(52_000, "examples"), amount(1.46e9, "parameters"), amount(12, None)
    ('7B parameters', '52k examples', '1.46B parameters', '12')
    """
    for factor, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            text = f"{number / factor:.4g}{letter}"
            break
    else:
        text = f"{number:g}"
    return f"{text} {unit}" if unit else text


def models_of_size(asking: Asking, low: float, high: float) -> Answer:
    """Models with a number of parameters from `low` to `high`, smallest first; evidence where a paper states it."""
    cypher = (
        "MATCH (m:Model) WHERE any(v IN m.parameters_all WHERE v >= $low AND v <= $high)\n"
        "RETURN m.id AS id, m.name AS name, [v IN m.parameters_all WHERE v >= $low AND v <= $high] AS numbers,\n"
        "  m.parameters_origin AS origin ORDER BY numbers[0], name, id"
    )
    rows = asking.store.query(cypher, {"low": low, "high": high})
    stated = _stated_sizes(asking.store, [r["id"] for r in rows], "Model", low, high, "parameters")
    return asking.answer(cypher, {"low": low, "high": high}, [_sized(r, stated) for r in rows])


def _sized(row: Row, stated: Mapping[str, Row]) -> Row:
    edges = stated.get(row["id"], {"via": [], "evidence": []})
    return {
        "id": row["id"],
        "name": row["name"],
        "type": "Model",
        "kind": "Model",
        "value": ", ".join(amount(n, "parameters") for n in row["numbers"]),
        "numbers": row["numbers"],
        **({"origin": row["origin"]} if row["origin"] else {}),
        **edges,
    }


def _stated_sizes(
    store: "Store", ids: Sequence[str], label: str, low: float, high: float, unit: str
) -> dict[str, Row]:
    cypher = _facts_cypher(
        label, "HAS_SIZE", known_end="s", where=["o.unit = $unit AND o.value >= $low AND o.value <= $high"]
    )
    found: dict[str, Row] = {}
    for row in store.query(cypher, {"ids": list(ids), "unit": unit, "low": low, "high": high}):
        mine = found.setdefault(row["s_id"], {"via": [], "evidence": []})
        mine["via"].append(edge_of(row))
        mine["evidence"] += tidy(e for e in row["evidence"] if e["paper"] is not None)
    return found


def things_of_size(asking: Asking, low: float, high: float, unit: str, types: Sequence[str]) -> Answer:
    """What has a size in a unit other than parameters from `low` to `high`: data sets by examples, models by tokens."""
    labels = "|".join(types)
    cypher = (
        f"MATCH (s:{labels})-[r:HAS_SIZE]->(o:Size)\n"
        f"WHERE o.unit CONTAINS $unit AND o.value >= $low AND o.value <= $high AND {_ENOUGH}\n"
        "OPTIONAL MATCH (s)<-[:HAS_SUBJECT]-(c:Claim)<-[:STATES]-(p:Paper) WHERE c.edge = r.id\n"
        f"RETURN {EDGE}, o.value AS number, o.unit AS unit, collect({AS_MAP}) AS evidence\n"
        "ORDER BY number, s_name, s_id, edge"
    )
    rows, parameters = asking.rows(cypher, {"low": low, "high": high, "unit": unit})
    found = merged(rows, "s")
    amounts: dict[str, list[str]] = {}
    for row in rows:
        amounts.setdefault(row["s_id"], []).append(amount(row["number"], row["unit"]))
    return asking.answer(cypher, parameters, [{**r, "value": ", ".join(amounts[r["id"]])} for r in found])


_RESULTS = """UNWIND $ids AS id MATCH (known:{label} {{id: id}})
MATCH (known)<-[:{link}]-(c:Claim) WHERE c.relation = 'RESULT' AND c.confidence >= $min_confidence
MATCH (c)<-[:STATES]-(p:Paper)
MATCH (c)-[:HAS_SUBJECT]->(s)
OPTIONAL MATCH (c)-[:HAS_OBJECT]->(o)
RETURN s.id AS s_id, s.name AS s_name, labels(s)[0] AS s_type, o.id AS o_id, o.name AS o_name,
  labels(o)[0] AS o_type, c.metric AS metric, c.score AS score, {evidence} AS evidence
ORDER BY o_name, metric, s_name, s_id, score"""

_LOW_IS_GOOD = ("perplexity", "ppl", "error", "wer", "cer", "fid", "loss", "mae", "mse", "rmse", "fvd", "eer")


def results(
    asking: Asking,
    known: Found,
    *,
    of: bool = False,
    other: Found | None = None,
    best: bool = False,
) -> Answer:
    """Scores that papers report on a data set or task, or `of` a model; with `best`, of each metric the best."""
    label, link = known.type, "HAS_SUBJECT" if of else "HAS_OBJECT"
    cypher = _RESULTS.format(label=label, link=link, evidence=AS_MAP)
    parameters = {"ids": asking.scope(known), "min_confidence": asking.min_confidence}
    rows = asking.store.query(cypher, parameters)
    if other is not None:
        wanted = set(asking.scope(other))
        rows = [row for row in rows if row["o_id" if of else "s_id"] in wanted]
    shown = sorted((_result_row(row, of) for row in rows), key=_by_score)
    if best:
        first: dict[Any, Row] = {}
        for row in shown:
            first.setdefault((row["metric"], row["on"]), row)
        shown = list(first.values())
        asking.notes.append("The best that papers here report, as far as their numbers compare.")
    return asking.answer(cypher, parameters, shown)


def _result_row(row: Row, of: bool) -> Row:
    metric = row["metric"] or "score"
    on = f" on {row['o_name']}" if row["o_name"] else ""
    piece = {k: v for k, v in row["evidence"].items() if v is not None}
    link = {
        "edge": None,
        "subject": row["s_id"],
        "subject_name": row["s_name"],
        "subject_type": row["s_type"],
        "relation": "RESULT",
        "object": row["o_id"],
        "object_name": row["o_name"],
        "object_type": row["o_type"],
        "metric": row["metric"],
        "score": row["score"],
        "support": 1,
    }
    return {
        "id": row["s_id"],
        "name": row["s_name"],
        "type": row["s_type"],
        "kind": row["s_type"],
        "value": f"{row['score']} {metric}{on}",
        "metric": row["metric"],
        "score": row["score"],
        "on": row["o_name"],
        "via": [{k: v for k, v in link.items() if v is not None}],
        "evidence": [piece],
    }


def _by_score(row: Row) -> tuple[Any, ...]:
    """By data set and metric, then the best first: the highest, but the lowest error."""
    number = _number(row["score"])
    low = any(word in (row["metric"] or "").lower() for word in _LOW_IS_GOOD)
    unread = number is None
    return (row["on"] or "", row["metric"] or "", unread, (number or 0) * (1 if low else -1), row["name"])


def _number(score: str) -> float | None:
    match = re.search(r"-?\d[\d,]*(?:\.\d+)?", score or "")
    return float(match[0].replace(",", "")) if match else None


def introductions(asking: Asking, known: Found) -> Answer:
    """The papers that introduce a thing, earliest first."""
    cypher = (
        f"UNWIND $ids AS id MATCH (o:{known.type} {{id: id}})<-[r:INTRODUCES]-(s:Paper)\n"
        f"RETURN {EDGE}, s.year AS year, s.published AS published, s.url AS url ORDER BY year, s_id"
    )
    rows = asking.store.query(cypher, {"ids": [known.id]})
    return asking.answer(cypher, {"ids": [known.id]}, [paper_row(row) for row in rows])


def mentions(asking: Asking, known: Found) -> Answer:
    """The papers that introduce or mention a thing or its members, latest first."""
    cypher = (
        f"UNWIND $ids AS id MATCH (o:{known.type} {{id: id}})<-[r:INTRODUCES|MENTIONS]-(s:Paper)\n"
        f"RETURN {EDGE}, s.year AS year, s.published AS published, s.url AS url\n"
        "ORDER BY coalesce(year, 0) DESC, s_name, s_id, edge"
    )
    parameters = {"ids": asking.scope(known)}
    rows: dict[str, Row] = {}
    for row in asking.store.query(cypher, parameters):
        rows.setdefault(row["s_id"], paper_row(row))
    return asking.answer(cypher, parameters, list(rows.values()))


def paper_row(row: Row) -> Row:
    """A row for a paper that introduces or mentions something; its title is the quote."""
    year = {"year": row["year"], "value": str(row["year"])} if row["year"] else {}
    title = {"paper": row["s_id"], "title": row["s_name"], "quote": row["s_name"], "start": 0}
    piece = {**title, "end": len(row["s_name"]), "url": row["url"], "year": row["year"]}
    return {
        "id": row["s_id"],
        "name": row["s_name"],
        "type": "Paper",
        "kind": "Paper",
        **year,
        "via": [edge_of(row)],
        "evidence": [{k: v for k, v in piece.items() if v is not None}],
    }


def introduced_by(asking: Asking, paper: Found) -> Answer:
    """What a paper introduces."""
    cypher = (
        "MATCH (s:Paper {id: $id})-[r:INTRODUCES]->(o)\n"
        f"RETURN {EDGE}, s.name AS title, s.year AS year, s.url AS url ORDER BY o_type, o_name, o_id"
    )
    rows = asking.store.query(cypher, {"id": paper.id})
    return asking.answer(cypher, {"id": paper.id}, [introduced_row(row) for row in rows])


def introduced_in(asking: Asking, low: int, high: int, types: Sequence[str]) -> Answer:
    """What papers of those years introduce, earliest first."""
    labels = "|".join(types)
    cypher = (
        f"MATCH (s:Paper)-[r:INTRODUCES]->(o:{labels}) WHERE s.year >= $low AND s.year <= $high\n"
        f"RETURN {EDGE}, s.name AS title, s.year AS year, s.url AS url ORDER BY year, o_name, o_id, s_id"
    )
    rows = asking.store.query(cypher, {"low": low, "high": high})
    return asking.answer(cypher, {"low": low, "high": high}, [introduced_row(row) for row in rows])


def introduced_row(row: Row) -> Row:
    """A row for a thing that a paper introduces; the paper's title is the quote."""
    shown = paper_row({**row, "published": None})
    return {**shown, "id": row["o_id"], "name": row["o_name"], "type": row["o_type"], "kind": row["o_type"]}


def papers_of(asking: Asking, low: int, high: int) -> Answer:
    """The papers of those years."""
    cypher = (
        "MATCH (s:Paper) WHERE s.year >= $low AND s.year <= $high\n"
        "RETURN s.id AS s_id, s.name AS s_name, s.year AS year, s.url AS url ORDER BY year, s_name, s_id"
    )
    rows = asking.store.query(cypher, {"low": low, "high": high})
    shown = [{**paper_row({**r, **_NO_EDGE}), "via": []} for r in rows]
    return asking.answer(cypher, {"low": low, "high": high}, shown)


_NO_EDGE = dict.fromkeys(("edge", "relation", "s_type", "o_id", "o_name", "o_type"))


def most(
    asking: Asking, relation: str, *, side: str, types: Sequence[str], doing: str, limit: int = 20
) -> Answer:
    """What has the most edges of a relation at one `side` (`s` or `o`), with a few of them as evidence."""
    far = "s" if side == "o" else "o"
    labels = "|".join(types)
    pattern = f"(s:{labels})-[r:{relation}]->(o)" if side == "s" else f"(o:{labels})<-[r:{relation}]-(s)"
    cypher = (
        f"MATCH {pattern} WHERE {_ENOUGH}\n"
        f"WITH {side} AS found, count(DISTINCT {far}) AS n ORDER BY n DESC, found.name, found.id LIMIT $limit\n"
        "RETURN found.id AS id, found.name AS name, labels(found)[0] AS type, n ORDER BY n DESC, name, id"
    )
    rows, parameters = asking.rows(cypher, {"limit": limit})
    examples = _examples(asking.store, rows, relation, side)
    shown = [
        {
            "id": row["id"],
            "name": row["name"],
            "type": row["type"],
            "kind": row["type"],
            "value": f"{row['n']} {doing}",
            "number": row["n"],
            **examples.get(row["id"], {"via": [], "evidence": []}),
        }
        for row in rows
    ]
    return asking.answer(cypher, parameters, shown)


_EXAMPLES = 3


def _examples(store: "Store", rows: Sequence[Row], relation: str, side: str) -> dict[str, Row]:
    """For each row its best supported edges, with their evidence."""
    by_type: dict[str, list[str]] = {}
    for row in rows:
        by_type.setdefault(row["type"], []).append(row["id"])
    found: dict[str, Row] = {}
    pattern = f"(s)-[r:{relation}]->(o)" if side == "s" else f"(o)<-[r:{relation}]-(s)"
    for label, ids in by_type.items():
        cypher = (
            f"UNWIND $ids AS id MATCH ({side}:{label} {{id: id}}) MATCH {pattern} "
            f"RETURN {EDGE} ORDER BY support DESC, s_name, o_name, edge"
        )
        for row in store.query(cypher, {"ids": ids}):
            mine = found.setdefault(row[f"{side}_id"], {"via": [], "evidence": []})
            if len(mine["via"]) < _EXAMPLES:
                mine["via"].append(edge_of(row))
    edges = [v for mine in found.values() for v in mine["via"]]
    pieces = evidence(store, ((v["edge"], v["subject"], v["subject_type"]) for v in edges))
    for mine in found.values():
        mine["evidence"] = [e for v in mine["via"] for e in pieces.get(v["edge"], ())]
    return found


def extremes(asking: Asking, *, largest: bool, limit: int = 20) -> Answer:
    """The models with the most or fewest parameters."""
    column, order = ("parameters_max", " DESC") if largest else ("parameters_min", "")
    cypher = (
        f"MATCH (m:Model) WHERE m.{column} IS NOT NULL\n"
        f"RETURN m.id AS id, m.name AS name, [m.{column}] AS numbers, m.parameters_origin AS origin\n"
        f"ORDER BY m.{column}{order}, name, id LIMIT $limit"
    )
    rows = asking.store.query(cypher, {"limit": limit})
    stated = _stated_sizes(asking.store, [r["id"] for r in rows], "Model", 0, 1e30, "parameters")
    return asking.answer(cypher, {"limit": limit}, [_sized(r, stated) for r in rows])


def latest(asking: Asking, types: Sequence[str], *, newest: bool, limit: int = 20) -> Answer:
    """What was introduced last, or first, by the year of the paper."""
    cypher = (
        f"MATCH (s:Paper)-[r:INTRODUCES]->(o:{'|'.join(types)}) WHERE s.year IS NOT NULL\n"
        f"RETURN {EDGE}, s.name AS title, s.year AS year, s.url AS url\n"
        f"ORDER BY coalesce(s.published, toString(year)){' DESC' if newest else ''}, o_name, o_id, s_id LIMIT $limit"
    )
    rows = asking.store.query(cypher, {"limit": limit})
    return asking.answer(cypher, {"limit": limit}, [introduced_row(row) for row in rows])


def count(asking: Asking, types: Sequence[str]) -> Answer:
    """How many there are of some types."""
    cypher = "\nUNION ALL\n".join(f"MATCH (n:{t}) RETURN '{t}' AS type, count(n) AS n" for t in types)
    rows = asking.store.query(cypher)
    shown = [
        {
            "id": row["type"],
            "name": row["type"],
            "kind": "count",
            "value": f"{row['n']:,}",
            "number": row["n"],
            "via": [],
            "evidence": [],
        }
        for row in rows
    ]
    return asking.answer(cypher, {}, shown)


ENTITIES = tuple(t.name for t in schema().types.values() if t.entity and not t.literal)
DATA = tuple(t.name for t in schema().types.values() if t.data)
SYSTEMS = tuple(t.name for t in schema().types.values() if t.system)
