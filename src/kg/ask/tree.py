"""Answers as text, JSON, Mermaid and DOT: pure functions from an `Answer` to a string."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.schema import schema
from kg.types import Answer

Row = dict[str, Any]

_HEADINGS = {
    "derivative": "",
    "via-family": "possible, because stated of the family",
    "member": "members of the family, not counted as built on it",
}
_UPWARD_HEADINGS = {**_HEADINGS, "member": "the families that it belongs to"}
_WIDTH = 160


def as_text(answer: Answer, *, quotes: int = 1, limit: int | None = None, width: int = _WIDTH) -> str:
    """A tree of a lineage, a card, or a list, each row with up to `quotes` quotes cut to `width` characters."""
    shown = answer.rows[:limit]
    if shown and shown[0]["kind"] == "card":
        lines = list(_card(shown, quotes, width))
    elif any("hops" in row for row in shown):
        lines = list(_forest(answer, shown, quotes, width))
    else:
        lines = [line for row in shown for line in _item(row, quotes, width)]
    if len(answer.rows) > len(shown):
        lines.append(f"… and {len(answer.rows) - len(shown):,} more (--all)")
    return "\n".join(lines)


def as_json(answer: Answer) -> str:
    """The whole answer: question, cypher, parameters, rows, notes."""
    return json.dumps(as_data(answer), ensure_ascii=False, indent=2)


def as_data(answer: Answer) -> Row:
    """The whole answer as plain data."""
    return {
        "question": answer.question,
        "cypher": answer.cypher,
        "parameters": answer.parameters,
        "rows": answer.rows,
        "notes": answer.notes,
    }


def as_mermaid(answer: Answer) -> str:
    """A Mermaid flowchart of all links of the answer, from what is built to what it is built on."""
    nodes, links = _network(answer.rows)
    lines = ["flowchart BT"]
    lines += [f'  n{i}["{_mermaid(name)}"]' for i, name in enumerate(nodes.values())]
    at = {node: i for i, node in enumerate(nodes)}
    lines += [
        f'  n{at[link["subject"]]} {_arrow(link)}|"{_mermaid(_how(link))}"| n{at[link["object"]]}'
        for link in links
    ]
    return "\n".join(lines) + "\n"


def as_dot(answer: Answer) -> str:
    """A Graphviz digraph of all links of the answer, from what is built to what it is built on."""
    nodes, links = _network(answer.rows)
    lines = ["digraph lineage {", "  rankdir=BT;", "  node [shape=box, style=rounded];"]
    lines += [f"  {_dot(node)} [label={_dot(name)}];" for node, name in nodes.items()]
    for link in links:
        style = ", style=dashed" if link["relation"] == "PART_OF" else ""
        lines.append(
            f"  {_dot(link['subject'])} -> {_dot(link['object'])} [label={_dot(_how(link))}{style}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


RENDERINGS: Mapping[str, Callable[[Answer], str]] = {
    "tree": as_text,
    "json": as_json,
    "mermaid": as_mermaid,
    "dot": as_dot,
}
"""What an answer can be written as."""


@dataclass(slots=True)
class _Branch:
    """A node of the tree, the link that leads to it, and what hangs below."""

    name: str
    link: Row
    below: dict[str, "_Branch"] = field(default_factory=dict)


def _forest(answer: Answer, rows: Sequence[Row], quotes: int, width: int) -> Iterator[str]:
    base = answer.parameters.get("id")
    up = any(row["via"][0]["subject"] == base for row in rows)
    headings = _UPWARD_HEADINGS if up else _HEADINGS
    name = _base_name(rows[0], up)
    for kind, heading in headings.items():
        some = [row for row in rows if row["kind"] == kind]
        if some:
            yield f"{name} — {heading}" if heading else name
            yield from _below(_grown(some, up), _quotes(rows, quotes, width))


def _base_name(row: Row, up: bool) -> str:
    return str(row["via"][0]["subject_name"] if up else row["via"][-1]["object_name"])


def _grown(rows: Iterable[Row], up: bool) -> _Branch:
    root = _Branch("", {})
    for row in rows:
        here = root
        for link in row["via"] if up else reversed(row["via"]):
            end = "object" if up else "subject"
            here = here.below.setdefault(link[end], _Branch(link[f"{end}_name"], link))
    return root


def _below(branch: _Branch, said: Mapping[str, list[str]], indent: str = "") -> Iterator[str]:
    last = len(branch.below) - 1
    for i, child in enumerate(branch.below.values()):
        corner, rail = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
        yield f"{indent}{corner}{_label(child)}"
        rest = f"{indent}{rail}{'│  ' if child.below else '   '}"
        yield from (f"{rest}{quote}" for quote in said.get(child.link["edge"], ()))
        yield from _below(child, said, indent + rail)


def _label(branch: _Branch) -> str:
    papers = f", {branch.link['support']} papers" if branch.link.get("support", 0) > 1 else ""
    return f"{branch.name}  [{_how(branch.link)}{papers}]"


def _quotes(rows: Iterable[Row], quotes: int, width: int) -> dict[str, list[str]]:
    """The first quotes of each link, by its edge, for the line where the tree shows that link."""
    found: dict[str, list[str]] = {}
    for piece in (piece for row in rows for piece in row["evidence"]):
        mine, quote = found.setdefault(piece["edge"], []), _quote(piece, width)
        if len(mine) < quotes and quote not in mine:
            mine.append(quote)
    return found


def _item(row: Row, quotes: int, width: int) -> Iterator[str]:
    yield f"{row['name']}{_facts(row)}"
    yield from (f"   {_quote(e, width)}" for e in row["evidence"][:quotes])


def _facts(row: Row) -> str:
    """What a row says beside its name: the value asked for, else the link that answers."""
    if "value" in row:
        return f"  {row['value']}"
    links = [f"{v['subject_name']} {_how(v)} {v.get('object_name', '')}".strip() for v in row["via"][:2]]
    return f"  [{'; '.join(links)}]" if links else ""


def _card(rows: Sequence[Row], quotes: int, width: int) -> Iterator[str]:
    card, *facts = rows
    yield f"{card['name']} · {card['type']} · {card['id']}"
    for label, value in card["facts"].items():
        yield f"  {label}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
    heading = None
    for row in facts:
        if row["heading"] != heading:
            heading = row["heading"]
            yield f"{heading}"
        link = row["via"][0]
        detail = ", ".join(link[k] for k in ("how", "member", "outcome") if k in link)
        yield f"  {row['name']}" + (f"  [{detail}]" if detail else "")
        yield from (f"     {_quote(e, width)}" for e in row["evidence"][:quotes])


def _quote(piece: Row, width: int) -> str:
    return f"“{shortened(piece['quote'], width)}” ({piece['paper']})"


def shortened(text: str, width: int) -> str:
    """Text on one line, cut at a word with an ellipsis where it is longer than `width`.

    >>> shortened("a sentence of some length", 15)
    'a sentence of …'
    """
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rsplit(" ", 1)[0] + " …"


def _how(link: Row) -> str:
    if link.get("relation") == "PART_OF":
        return f"{link.get('member', 'member')} of"
    if "outcome" in link:
        return f"is {link['outcome']} compared with"
    relation = schema().relations.get(link.get("relation", ""))
    return str(link.get("how") or (relation.reads if relation else ""))


def _network(rows: Iterable[Row]) -> tuple[dict[str, str], list[Row]]:
    nodes: dict[str, str] = {}
    links: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        for link in row["via"]:
            if link.get("object") is None:
                continue
            nodes[link["subject"]] = link["subject_name"]
            nodes[link["object"]] = link["object_name"]
            links[link["subject"], link["relation"], link["object"]] = link
    return nodes, list(links.values())


def _arrow(link: Row) -> str:
    return "-.->" if link["relation"] == "PART_OF" else "-->"


def _mermaid(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "#quot;").replace("<", "&lt;").replace(">", "&gt;")


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
