"""Answers as text, JSON, Mermaid and DOT: pure functions from an `Answer` to a string."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kg.errors import UsageError
from kg.export.drawing import Arrow, Box, Drawing, dot, drawing, mermaid, words
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
    return mermaid(_drawing(answer, answer.rows))


def as_dot(answer: Answer) -> str:
    """A Graphviz digraph of all links of the answer, from what is built to what it is built on."""
    return dot(_drawing(answer, answer.rows))


def as_drawing(answer: Answer, *, limit: int | None = None) -> Drawing:
    """A lineage for a slide: its first `limit` rows; members only where nothing is built on anything.

    A UsageError where the answer is no lineage.
    """
    if not any("hops" in row for row in answer.rows):
        raise UsageError(
            "Only a lineage with rows can be drawn as a picture; write this answer as .html, .json or .txt."
        )
    built = [row for row in answer.rows if row["kind"] != "member"] or answer.rows
    shown = built[:limit]
    return replace(_drawing(answer, shown), notes=(" · ".join(_counts(answer.rows, shown)),))


RENDERINGS: Mapping[str, Callable[[Answer], str]] = {
    "tree": as_text,
    "json": as_json,
    "mermaid": as_mermaid,
    "dot": as_dot,
}
"""What an answer can be written as; `kg.ask.files` has these and more by their suffix."""


@dataclass(slots=True)
class Branch:
    """A node of the tree, the link that leads to it, and what hangs below."""

    name: str
    link: Row
    below: dict[str, "Branch"] = field(default_factory=dict)


def _forest(answer: Answer, rows: Sequence[Row], quotes: int, width: int) -> Iterator[str]:
    up = is_upward(answer)
    name = base_name(rows[0], up)
    for kind, heading in headings(up).items():
        some = [row for row in rows if row["kind"] == kind]
        if some:
            yield f"{name} — {heading}" if heading else name
            yield from _below(grown(some, up), _quotes(rows, quotes, width))


def is_upward(answer: Answer) -> bool:
    """Whether a lineage tells what a thing is built on."""
    base = answer.parameters.get("id")
    return any(row["via"][0]["subject"] == base for row in answer.rows)


def headings(up: bool) -> Mapping[str, str]:
    """Kind of row → its heading in a lineage."""
    return _UPWARD_HEADINGS if up else _HEADINGS


def base_name(row: Row, up: bool) -> str:
    """The name of what a lineage was asked of."""
    return str(row["via"][0]["subject_name"] if up else row["via"][-1]["object_name"])


def grown(rows: Iterable[Row], up: bool) -> Branch:
    """The chains of rows as one tree, from what was asked."""
    root = Branch("", {})
    for row in rows:
        here = root
        for link in row["via"] if up else reversed(row["via"]):
            end = "object" if up else "subject"
            here = here.below.setdefault(link[end], Branch(link[f"{end}_name"], link))
    return root


def _below(branch: Branch, said: Mapping[str, list[str]], indent: str = "") -> Iterator[str]:
    last = len(branch.below) - 1
    for i, child in enumerate(branch.below.values()):
        corner, rail = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
        yield f"{indent}{corner}{_label(child)}"
        rest = f"{indent}{rail}{'│  ' if child.below else '   '}"
        yield from (f"{rest}{quote}" for quote in said.get(child.link["edge"], ()))
        yield from _below(child, said, indent + rail)


def _label(branch: Branch) -> str:
    return f"{branch.name}  [{says(branch.link)}]"


def says(link: Row) -> str:
    """How a thing hangs on the next, and how many papers say so where several do."""
    return _how(link) + (f", {link['support']} papers" if link.get("support", 0) > 1 else "")


def _quotes(rows: Iterable[Row], quotes: int, width: int) -> dict[str, list[str]]:
    """The first quotes of each link, by its edge, for the line where the tree shows that link."""
    found: dict[str, list[str]] = {}
    for piece in (piece for row in rows for piece in row["evidence"]):
        mine, quote = found.setdefault(piece["edge"], []), _quote(piece, width)
        if len(mine) < quotes and quote not in mine:
            mine.append(quote)
    return found


def _item(row: Row, quotes: int, width: int) -> Iterator[str]:
    yield f"{row['name']}{facts(row)}"
    yield from (f"   {_quote(e, width)}" for e in row["evidence"][:quotes])


def facts(row: Row) -> str:
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
        said = detail(row["via"][0])
        yield f"  {row['name']}" + (f"  [{said}]" if said else "")
        yield from (f"     {_quote(e, width)}" for e in row["evidence"][:quotes])


def detail(link: Row) -> str:
    """What a fact of a card says beside its relation."""
    return ", ".join(link[k] for k in ("how", "member", "outcome") if k in link)


def _quote(piece: Row, width: int) -> str:
    return f"“{shortened(piece['quote'], width)}” ({piece['paper']})"


def shortened(text: str, width: int) -> str:
    """Text on one line, cut at a word with an ellipsis where it is longer than `width`.

    >>> shortened("a sentence of some length", 15)
    'a sentence of …'
    """
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rsplit(" ", 1)[0] + " …"


def _counts(rows: Sequence[Row], shown: Sequence[Row]) -> Iterator[str]:
    """How many rows there are of each kind, and how many of these are not drawn."""
    said = {
        "derivative": "{} stated by papers",
        "via-family": "{} possible, as stated of the family",
        "member": "{} members of the family apart",
    }
    for kind, text in said.items():
        there, drawn = (sum(row["kind"] == kind for row in some) for some in (rows, shown))
        if there:
            cut = f" ({drawn:,} drawn)" if 0 < drawn < there else ""
            yield text.format(f"{there:,}") + cut


def _how(link: Row) -> str:
    return words(link.get("relation", ""), link)


def _drawing(answer: Answer, rows: Sequence[Row]) -> Drawing:
    """The links of rows as a drawing; a thing that only `via-family` rows reach is possible."""
    firm = {
        link[end]
        for row in rows
        if row["kind"] != "via-family"
        for link in row["via"]
        for end in _ENDS
        if end in link
    }
    boxes: dict[str, Box] = {}
    arrows = []
    for link in (link for row in rows for link in row["via"] if link.get("object") is not None):
        for end in reversed(_ENDS):
            id = link[end]
            boxes[id] = Box(id, link[f"{end}_name"], link.get(f"{end}_type", ""), possible=id not in firm)
        arrows.append(
            Arrow(link["subject"], link["object"], link["relation"], _how(link), link.get("support", 0))
        )
    centre = str(answer.parameters.get("id", ""))
    if centre in boxes:
        boxes[centre] = replace(boxes[centre], possible=False)
    return drawing(title(answer.question), centre, boxes.values(), arrows)


_ENDS = ("subject", "object")


def title(question: str) -> str:
    """A question as the title of a page or picture.

    >>> title("what is built on Llama")
    'What is built on Llama'
    """
    return question[:1].upper() + question[1:]
