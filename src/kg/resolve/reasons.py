"""Why two names are one entity, or two: the steps that resolving takes, in words."""

from typing import Any

from kg.curation import Curation, Entry
from kg.graph import Graph
from kg.lexicon import Canonical, canonical, lexicon
from kg.resolve.curated import Rules
from kg.resolve.tables import ALIASES
from kg.text import fold
from kg.types import PAPER


def why(a: str, b: str, *, graph: Graph | None = None, curation: Curation | None = None) -> list[str]:
    """Says step by step what two names resolve to, and whether that is one entity; `b` may be `a` again.

    With a graph, also what its papers decided: aliases that hold in all papers or only in their own, and names
    that several papers coined. With corrections, also which of them have a say.

    >>> print(*why("Llama-2-7b-chat-hf", "LLaMA 2 7B Chat")[-1:])
    One entity: llama-2-7b-chat.
    >>> why("Llama 2", "Llama")[-1]
    'Two entities: llama-2 is a version of llama.'
    """
    lines: list[str] = []
    found: dict[str, Canonical] = {}
    keys: dict[str, str] = {}
    rules = Rules(curation or Curation())
    for name in dict.fromkeys((a, b)):
        found[name] = read = _read(name)
        lines += [f"{name}", *(f"  {step}" for step in read.steps)]
        keys[name], said = _corrected(rules, name, read)
        lines += [f"  {line}" for line in said]
        if graph is not None:
            lines += [f"  {line}" for line in _in_graph(graph, keys[name])]
    return [*lines, _verdict([_target(graph, keys[name]) for name in (a, b)], found[a], found[b])]


def _corrected(rules: Rules, name: str, read: Canonical) -> tuple[str, list[str]]:
    """The key of a name with the corrections, and the lines of those that have a say in it."""
    type = read.entry.type if read.entry else "Model"
    lines = [f"{e.where}: {e.text}" for e in rules.entries_on(name, type)]
    key = rules.name_of(name, type).key
    return key, [*lines, *([f"so its id is {key}"] if key != read.key else [])]


def unknown_names(graph: Graph, entry: Entry, curation: Curation) -> list[tuple[str, list[str]]]:
    """The names of a correction that stand for nothing in the tables, each with names there that look like it."""
    from rapidfuzz import fuzz, process

    if not (graph.folder / "entities.parquet").is_file() or entry.action == "add":
        return []
    rules, unknown = Rules(curation), []
    for name in entry.names:
        if name is None or name.name == PAPER or (entry.relation == "HAS_SIZE" and name is entry.names[1]):
            continue
        keys = {key for some in (rules, Rules(Curation())) for key, _ in some.things(name)}
        if not any(_entities(graph, key) or _decisions(graph, key) for key in sorted(keys)):
            names = {row["name"]: fold(row["name"]) for row in graph.rows("entities")}
            near = process.extract(fold(name.name), names, scorer=fuzz.ratio, limit=3, score_cutoff=72)
            unknown.append((str(name), [found for _, _, found in near]))
    return unknown


def _read(name: str) -> Canonical:
    entry = lexicon().find(name)
    return canonical(name, entry.type if entry else "Model")


def _verdict(keys: list[str], a: Canonical, b: Canonical) -> str:
    one, two = keys
    if one == two:
        return f"One entity: {one}."
    for low, high, key in ((a, two, one), (b, one, two)):
        for parent in low.parents:
            if parent.key == high:
                return f"Two entities: {key} is a {parent.member} of {high}."
    return f"Two entities: {one} and {two}."


def _target(graph: Graph | None, key: str) -> str:
    rows = _decisions(graph, key) if graph is not None else []
    return next((str(r["target"]) for r in rows if r["alias"] == key and r["refused"] is None), key)


def _in_graph(graph: Graph, key: str) -> list[str]:
    lines = []
    for row in _decisions(graph, key):
        told = f"{row['papers']} of {row['papers_with_it']} papers that give {row['alias']} a meaning say {row['target']}"
        so = "so it is that in every paper" if row["refused"] is None else f"only there: {row['refused']}"
        lines.append(f"{told}; {so}")
    for row in _entities(graph, key):
        if row["id"].startswith(f"{key}@data"):
            lines.append(f"{row['id']}: data of the same name as a system")
        elif row["id"] != key:
            lines.append(f"{row['id']}: coined by that paper alone")
        elif row["homonym_suspect"]:
            lines.append(f"{row['introduced']} papers introduce it; two things may share the name")
    return lines


def _decisions(graph: Graph, key: str) -> list[dict[str, Any]]:
    return _where(graph, ALIASES, "alias = ? OR target = ?", key, key)


def _entities(graph: Graph, key: str) -> list[dict[str, Any]]:
    return _where(graph, "entities.parquet", "id = ? OR starts_with(id, ?)", key, f"{key}@", order="id")


def _where(
    graph: Graph, table: str, condition: str, *values: str, order: str = "ALL"
) -> list[dict[str, Any]]:
    import duckdb

    path = graph.folder / table
    if not path.is_file():
        return []
    query = f"SELECT * FROM read_parquet(?) WHERE {condition} ORDER BY {order}"
    with duckdb.connect() as database:
        rows = database.execute(query, [str(path), *values])
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
