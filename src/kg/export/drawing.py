"""A drawing of few things and how they hang together: what a slide shows, and DOT and Mermaid of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.schema import schema


@dataclass(frozen=True, slots=True)
class Box:
    """One thing: `possible` where only its family is said to descend."""

    id: str
    name: str
    type: str
    possible: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """One edge, from what is built to what it is built on; `label` says how."""

    subject: str
    object: str
    relation: str
    label: str
    support: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and arrows around a centre, with a title and the notes below it."""

    title: str
    centre: str
    boxes: Mapping[str, Box]
    arrows: tuple[Arrow, ...]
    notes: tuple[str, ...] = field(default=())


def drawing(
    title: str, centre: str, boxes: Iterable[Box], arrows: Iterable[Arrow], notes: Iterable[str] = ()
) -> Drawing:
    """A drawing of arrows between the boxes, each once, in a fixed order."""
    kept = {box.id: box for box in boxes}
    once = {(a.subject, a.relation, a.object): a for a in arrows if a.subject in kept and a.object in kept}
    return Drawing(title, centre, kept, tuple(once.values()), tuple(notes))


def words(relation: str, properties: Mapping[str, Any]) -> str:
    """What an arrow says: how it was built, what kind of member it is, how a comparison ended.

    >>> words("BUILT_ON", {"how": "fine-tuned"}), words("PART_OF", {"member": "size"}), words("USES", {})
    ('fine-tuned', 'size of', 'uses')
    """
    if relation == "PART_OF":
        return f"{properties.get('member', 'member')} of"
    if "outcome" in properties:
        return f"is {properties['outcome']} compared with"
    known = schema().relations.get(relation)
    return str(properties.get("how") or (known.reads if known else ""))


def mermaid(drawing: Drawing) -> str:
    """A Mermaid flowchart, from what is built to what it is built on."""
    at = {box: i for i, box in enumerate(drawing.boxes)}
    lines = ["flowchart BT"]
    lines += [f'  n{at[box.id]}["{_mermaid(box.name)}"]' for box in drawing.boxes.values()]
    lines += [
        f'  n{at[a.subject]} {"-.->" if is_dashed(a) else "-->"}|"{_mermaid(a.label)}"| n{at[a.object]}'
        for a in drawing.arrows
    ]
    return "\n".join(lines) + "\n"


def dot(drawing: Drawing) -> str:
    """A Graphviz digraph, from what is built to what it is built on, in the colours of the schema's legend."""
    lines = ["digraph lineage {", "  rankdir=BT;", '  node [shape=box, style="rounded,filled"];']
    for box in drawing.boxes.values():
        fill = f"{schema().types[box.type].colour}33" if box.type in schema().types else "#ffffff"
        lines.append(f"  {_dot(box.id)} [label={_dot(box.name)}, fillcolor={_dot(fill)}];")
    for a in drawing.arrows:
        style = ", style=dashed" if is_dashed(a) else ""
        lines.append(f"  {_dot(a.subject)} -> {_dot(a.object)} [label={_dot(a.label)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def is_dashed(arrow: Arrow) -> bool:
    """Whether an arrow says of which family something is, and not how it was made."""
    return arrow.relation == "PART_OF"


def _mermaid(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "#quot;").replace("<", "&lt;").replace(">", "&gt;")


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
