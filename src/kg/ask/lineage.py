"""Who descends from whom: the walk of `kg.descent` over a store, each row with its chain and its quotes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from kg.ask.evidence import batches, evidence
from kg.ask.lookup import Found, find
from kg.descent import KINDS, MAX_HOPS, Chain, Direction, End, Link, Terms, as_link, walk
from kg.errors import UsageError
from kg.schema import schema
from kg.types import Answer

if TYPE_CHECKING:
    from kg.stores import Store

Row = dict[str, Any]

BASES = ("Model", "Dataset", "Benchmark", "Method")
"""Types whose lineage can be asked; of the same name, the first is meant."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What makes lineage between nodes of a kind: how a thing is built, and the rest of the Cypher that says so."""

    builds: str
    carried: str

    @property
    def links(self) -> str:
        return f"{self.builds}|PART_OF"


_SYSTEMS = _Line("BUILT_ON", "r.carries IN $carries")
_DATA = _Line("DERIVED_FROM", "type(r) = 'DERIVED_FROM'")

# The rules of `kg.descent` as one query: `head` lies before the last link that builds, `tail` after it.
_ENOUGH = "r.support >= $min_support AND r.confidence >= $min_confidence"
_CROSSED = "(r.crossed OR r.origin = 'name')"
# Every pattern begins at a node that is known already: the embedded store searches from the left.
_DOWN = """CALL () {{
  MATCH t = (base:{label} {{id: $id}})<-[tail:PART_OF*0..4]-(named)
  WHERE all(r IN tail WHERE {crossed})
  MATCH (named)<-[r:{builds}]-(x)
  WHERE {enough} AND {shown}
  MATCH h = (x)<-[head:{links}*0..8]-(d)
  WHERE ({carried} OR size(head) = 0)
    AND all(r IN head WHERE ({carried} AND {enough}) OR ({crossed} AND r.member IN ['size', 'variant']))
    AND none(n IN nodes(h) WHERE n IN nodes(t))
  RETURN d, CASE WHEN any(r IN head WHERE type(r) = 'PART_OF') THEN 1 ELSE 0 END AS rank,
         size(head) + 1 + size(tail) AS hops
  UNION
  MATCH (base:{label} {{id: $id}})<-[tail:PART_OF*1..4]-(d)
  WHERE all(r IN tail WHERE {crossed}) OR (size(tail) = 1 AND all(r IN tail WHERE {enough}))
  RETURN d, 2 AS rank, size(tail) AS hops
}}
"""
_UP = """CALL () {{
  MATCH h = (base:{label} {{id: $id}})-[head:{links}*0..8]->(x)
  WHERE all(r IN head WHERE ({carried} AND {enough}) OR ({crossed} AND r.member IN ['size', 'variant']))
  MATCH (x)-[r:{builds}]->(named)
  WHERE ({carried} OR size(head) = 0) AND {enough} AND {shown}
  MATCH t = (named)-[tail:PART_OF*0..4]->(d)
  WHERE all(r IN tail WHERE {crossed}) AND none(n IN nodes(t) WHERE n IN nodes(h))
  RETURN d, CASE WHEN any(r IN head WHERE type(r) = 'PART_OF') THEN 1 ELSE 0 END AS rank,
         size(head) + 1 + size(tail) AS hops
  UNION
  MATCH (base:{label} {{id: $id}})-[tail:PART_OF*1..4]->(d)
  WHERE all(r IN tail WHERE {crossed}) OR (size(tail) = 1 AND all(r IN tail WHERE {enough}))
  RETURN d, 2 AS rank, size(tail) AS hops
}}
"""
_RESULT = """WITH d, rank, hops ORDER BY rank, hops
WITH d, collect({rank: rank, hops: hops})[0] AS best
RETURN d.id AS id, d.name AS name, ['derivative', 'via-family', 'member'][best.rank] AS kind, best.hops AS hops
ORDER BY best.rank, name, id"""


def lineage(
    store: "Store",
    name: str,
    *,
    direction: Literal["down", "up", "path"] = "down",
    other: str | None = None,
    carries: Collection[str] | None = None,
    max_hops: int = MAX_HOPS,
    min_confidence: int = 0,
    min_support: int = 0,
    limit: int | None = None,
) -> Answer:
    """What is built on a thing (`down`), what it is built on (`up`), or how it and `other` hang together (`path`).

    Rows have `id`, `name`, `type`, `kind` (derivative, via-family, member), `via` (the chain of links, read from
    what descends), `evidence` (what papers state of the links that build, never empty for a derivative), `hops`,
    `support` (papers behind the weakest link that builds), `confidence` (per mille) and `named`. They are ordered
    by kind, support, name. Data sets descend by DERIVED_FROM.

    `carries` names what a BUILT_ON must carry to count at all (weights, knowledge, design, part, unstated);
    without it, what carries weights, knowledge or is unstated is followed, and design and part make direct rows.
    `cypher` finds the same rows, without chains and quotes, when run by hand (up to 8 links before the last that
    builds and 4 memberships after it); the walk asks for the same links a frontier at a time, so that popular bases
    stay fast. `min_support` counts papers, `min_confidence` is per mille.
    """
    base = _base(store, name)
    terms = _terms(carries, min_support=min_support, min_confidence=min_confidence)
    if direction == "path":
        if other is None:
            raise UsageError("A path needs two names: lineage(store, name, direction='path', other=NAME).")
        return _path(store, base, _base(store, other), terms, max_hops)
    links = _Links(store, base, direction)
    chains = walk(base.id, links.fetch, terms, direction=direction, max_hops=max_hops)
    found = _found(chains.values(), direction)
    every = chains
    if min_support or min_confidence:
        every = walk(base.id, links.fetch, _unlimited(terms), direction=direction, max_hops=max_hops)
    notes = [
        *base.notes,
        *_warnings(base, (chain for _, chain in found)),
        *_hidden(len(every) - len(found), min_support, min_confidence),
        *_empty(base, found, direction),
        *_cut(len(found), limit),
        papers_read(store),
    ]
    rows = [_row(*each) for each in found[:limit]]
    _add_evidence(store, rows)
    question = f"what is built on {base.name}" if direction == "down" else f"what is {base.name} built on"
    return Answer(question, _cypher(base, terms, direction), _parameters(base, terms), rows, notes)


def _base(store: "Store", name: str) -> Found:
    """The thing named; of a paper, the one model that it introduces, named or not."""
    found = find(store, name, types=BASES)
    if found.type != "Paper":
        return found
    cypher = "MATCH (:Paper {id: $id})-[:INTRODUCES]->(m:Model) RETURN m.id AS id, m.name AS name ORDER BY name, id"
    models = store.query(cypher, {"id": found.id})
    if len(models) != 1:
        names = ", ".join(m["name"] for m in models) or "no model"
        raise UsageError(f"{found.name!r} is a paper and introduces {names}. Ask for one model by its name.")
    return find(store, models[0]["id"], types=BASES)


def papers_read(store: "Store") -> str:
    """How many papers the graph knows, for the footer."""
    count = store.query("MATCH (p:Paper) RETURN count(p) AS n")[0]["n"]
    return f"{count:,} paper{'s'[: count != 1]} read."


def members(store: "Store", base: Found) -> list[str]:
    """The ids of a thing and its members by name, sizes, variants and versions; for facts asked of a family."""
    links = _Links(store, base, "down", relations="PART_OF")
    terms = Terms(crossed=frozenset())
    found = walk(base.id, links.fetch, terms, direction="down", max_hops=4)
    return [base.id, *sorted(n for n, chain in found.items() if all(x.crossed for x in chain.links))]


class _Links:
    """Fetches the links around a base, a frontier at a time, each node once."""

    def __init__(
        self, store: "Store", base: Found, direction: Direction, *, relations: str | None = None
    ) -> None:
        self.store, self.direction = store, direction
        self.relations = relations or _line(base).links
        self.ends = {base.id: End(base.id, base.name, base.type, suspect=base.suspect)}
        self.known: dict[str, list[Link]] = {}

    def fetch(self, ids: Collection[str]) -> Iterable[Link]:
        missing: dict[str, list[str]] = {}
        for node in ids:
            if node not in self.known:
                self.known[node] = []
                missing.setdefault(self.ends[node].type, []).append(node)
        for label, nodes in missing.items():
            for some in batches(nodes):
                self._load(label, some)
        return [link for node in ids for link in self.known[node]]

    def _load(self, label: str, ids: list[str]) -> None:
        pattern = "(near)<-[r:{}]-(far)" if self.direction == "down" else "(near)-[r:{}]->(far)"
        cypher = (
            f"UNWIND $ids AS id MATCH (near:{label} {{id: id}}) "
            f"MATCH {pattern.format(self.relations)} RETURN near.id AS near, {_LINK_COLUMNS}"
        )
        for row in self.store.query(cypher, {"ids": ids}):
            near = self.ends[row["near"]]
            far = self.ends.setdefault(row["far"], _end(row))
            ends = (far, near) if self.direction == "down" else (near, far)
            self.known[near.id].append(as_link(row["id"], ends[0], row["relation"], ends[1], row))


_LINK_COLUMNS = (
    "far.id AS far, far.name AS name, labels(far)[0] AS type, far.named AS named, far.homonym_suspect AS suspect, "
    "r.id AS id, type(r) AS relation, r.how AS how, r.carries AS carries, r.member AS member, "
    "r.origin AS origin, r.crossed AS crossed, r.support AS support, r.confidence AS confidence"
)


def _end(row: Row) -> End:
    return End(row["far"], row["name"], row["type"], row["named"] is not False, bool(row["suspect"]))


def _line(base: Found) -> _Line:
    return _DATA if schema().types[base.type].data else _SYSTEMS


def _terms(carries: Collection[str] | None, *, min_support: int, min_confidence: int) -> Terms:
    known = sorted(set(schema().hows.values()))
    if unknown := sorted(set(carries or ()) - set(known)):
        raise UsageError(f"BUILT_ON carries no {unknown[0]!r}. Choose from {', '.join(known)}.")
    if carries is None:
        return Terms(frozenset(schema().crossed), None, min_support, min_confidence)
    return Terms(frozenset(carries), frozenset(carries), min_support, min_confidence)


def _unlimited(terms: Terms) -> Terms:
    return replace(terms, min_support=0, min_confidence=0)


def _end_of(chain: Chain, direction: str) -> End:
    return chain.links[0].subject if direction == "down" else chain.links[-1].object


def _row(end: End, chain: Chain) -> Row:
    suspects = _suspects(chain)
    row = {
        "id": end.id,
        "name": end.name,
        "type": end.type,
        "named": end.named,
        "kind": chain.kind,
        "hops": chain.hops,
        "support": chain.support,
        "confidence": chain.confidence,
        "via": [shown(link) for link in chain.links],
        "evidence": [],
    }
    return row | ({"warnings": [suspect_note(n) for n in sorted(suspects)]} if suspects else {})


def shown(link: Link) -> Row:
    """A link as an answer shows it, without what has no value."""
    row = {
        "edge": link.id,
        "subject": link.subject.id,
        "subject_name": link.subject.name,
        "subject_type": link.subject.type,
        "relation": link.relation,
        "object": link.object.id,
        "object_name": link.object.name,
        "object_type": link.object.type,
        "how": link.how,
        "carries": link.carries,
        "member": link.member,
        "origin": link.origin,
        "support": link.support,
        "confidence": link.confidence,
    }
    return {k: v for k, v in row.items() if v is not None}


def suspect_note(name: str) -> str:
    """The warning of a chain through a name that several papers introduce."""
    return f"Several papers introduce {name}: two things may share the name."


def _by_support(found: tuple[End, Chain]) -> tuple[Any, ...]:
    """The order of rows: by kind, support, name."""
    end, chain = found
    return (KINDS.index(chain.kind), -chain.support, end.name.casefold(), end.id)


def _found(chains: Iterable[Chain], direction: str) -> list[tuple[End, Chain]]:
    """Chains with the ends that are found by them, in the order of rows."""
    return sorted(((_end_of(chain, direction), chain) for chain in chains), key=_by_support)


def _add_evidence(store: "Store", rows: Sequence[Row]) -> None:
    """Gives each row what papers state of its links that build; of a member, of its memberships."""
    wanted = {row["id"]: _evident(row) for row in rows}
    edges = {link["edge"]: link for links in wanted.values() for link in links}
    found = evidence(store, ((e, link["subject"], link["subject_type"]) for e, link in edges.items()))
    for row in rows:
        row["evidence"] = [piece for link in wanted[row["id"]] for piece in found.get(link["edge"], ())]


def _evident(row: Row) -> list[Row]:
    building = [link for link in row["via"] if link["relation"] != "PART_OF"]
    return building or row["via"]


def _warnings(base: Found, chains: Iterable[Chain]) -> list[str]:
    found = {name for chain in chains for name in _suspects(chain)} | ({base.name} if base.suspect else set())
    return sorted(map(suspect_note, found))


def _suspects(chain: Chain) -> set[str]:
    return {end.name for link in chain.links for end in (link.subject, link.object) if end.suspect}


def _hidden(count: int, min_support: int, min_confidence: int) -> list[str]:
    asked = {"support": min_support, "confidence": min_confidence}
    reason = " and ".join(f"{k} under {v}" for k, v in asked.items() if v)
    return [f"{count:,} row{'s'[: count != 1]} hidden: {reason}."] if count > 0 else []


def _empty(base: Found, found: Sequence[tuple[End, Chain]], direction: str) -> list[str]:
    if any(chain.kind != "member" for _, chain in found):
        return []
    builds = "derived from" if _line(base) is _DATA else "built on"
    if direction == "down":
        return [f"No paper here says that anything is {builds} {base.name}."]
    return [f"No paper here says what {base.name} is {builds}."]


def _cut(count: int, limit: int | None) -> list[str]:
    more = count - limit if limit is not None else 0
    return [f"… and {more:,} more."] if more > 0 else []


def _cypher(base: Found, terms: Terms, direction: str, *, where: str = "") -> str:
    line = _line(base)
    template = _DOWN if direction == "down" else _UP
    rules = template.format(
        label=base.type,
        builds=line.builds,
        links=line.links,
        carried=line.carried,
        crossed=_CROSSED,
        enough=_ENOUGH,
        shown="true" if terms.shown is None else line.carried,
    )
    return rules + where + _RESULT


def _parameters(base: Found, terms: Terms) -> Row:
    return {
        "id": base.id,
        "carries": sorted(terms.crossed),
        "min_support": terms.min_support,
        "min_confidence": terms.min_confidence,
    }


def _path(store: "Store", base: Found, other: Found, terms: Terms, max_hops: int) -> Answer:
    """The chain between two things, whichever descends; its one row is the ancestor. Else the note says what they share."""
    if base.id == other.id:
        raise UsageError(f"A path needs two things; both names mean {base.name}.")
    up = {x.id: _chains_up(store, x, terms, max_hops) for x in (base, other)}
    descendant, ancestor = (base, other) if other.id in up[base.id] else (other, base)
    chain = up[descendant.id].get(ancestor.id)
    notes = [*base.notes, *other.notes]
    if chain is None:
        descendant, ancestor = base, other
        if of_member := _of_member(store, base, other, terms, max_hops):
            descendant, ancestor, family, chain = of_member
            notes.append(
                f"Said of {descendant.name}, a member of {family.name}, not of {family.name} itself."
            )
        else:
            notes.append(_in_common(base, other, up))
    rows = [] if chain is None else [_row(_end_of(chain, "up"), chain)]
    _add_evidence(store, rows)
    notes += _warnings(base, [chain] if chain else [])
    cypher = _cypher(descendant, terms, "up", where="WITH d, rank, hops WHERE d.id = $other\n")
    question = f"how does {descendant.name} descend from {ancestor.name}"
    parameters = {**_parameters(descendant, terms), "other": ancestor.id}
    return Answer(question, cypher, parameters, rows, [*notes, papers_read(store)])


def _of_member(
    store: "Store", base: Found, other: Found, terms: Terms, max_hops: int
) -> tuple[Found, Found, Found, Chain] | None:
    """The shortest chain from a member of one thing to the other: member, ancestor, the family, chain."""
    for family, ancestor in ((base, other), (other, base)):
        links = _Links(store, ancestor, "down")
        below = walk(ancestor.id, links.fetch, terms, direction="down", max_hops=max_hops)
        chains = [below[m] for m in members(store, family) if m in below and below[m].kind != "member"]
        if chains:
            chain = min(chains, key=lambda c: (c.hops, -c.support, c.links[0].subject.id))
            return find(store, chain.links[0].subject.id, types=BASES), ancestor, family, chain
    return None


def shared_ancestors(store: "Store", name: str, other: str) -> Answer:
    """What two things both descend from; each row with the chain from the first, the quotes of both chains."""
    one, two = _base(store, name), _base(store, other)
    terms = _terms(None, min_support=0, min_confidence=0)
    first, second = (_chains_up(store, x, terms, MAX_HOPS) for x in (one, two))
    shared = [n for n in first if n in second]
    rows, others = ([_row(*each) for each in _found((up[n] for n in shared), "up")] for up in (first, second))
    _add_evidence(store, rows)
    _add_evidence(store, others)
    quotes = {row["id"]: row["evidence"] for row in others}
    for row in rows:
        row["evidence"] += [e for e in quotes[row["id"]] if e not in row["evidence"]]
    notes = [
        *one.notes,
        *two.notes,
        *_warnings(one, [up[n] for up in (first, second) for n in shared]),
        papers_read(store),
    ]
    cypher = _cypher(one, terms, "up", where="WITH d, rank, hops WHERE d.id IN $shared\n")
    parameters = {**_parameters(one, terms), "shared": sorted(shared)}
    return Answer(f"what do {one.name} and {two.name} descend from", cypher, parameters, rows, notes)


def _chains_up(store: "Store", base: Found, terms: Terms, max_hops: int) -> dict[str, Chain]:
    links = _Links(store, base, "up")
    return walk(base.id, links.fetch, terms, direction="up", max_hops=max_hops)


def _in_common(base: Found, other: Found, up: dict[str, dict[str, Chain]]) -> str:
    shared = set(up[base.id]) & set(up[other.id])
    if not shared:
        return f"No chain of papers' statements leads from {base.name} to {other.name} or back."
    first, second = up[base.id], up[other.id]
    nearest = min(shared, key=lambda n: (first[n].hops + second[n].hops, n))
    name = first[nearest].links[-1].object.name
    return f"Neither descends from the other; both descend from {name} ({nearest})."
