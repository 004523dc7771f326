"""A picture of the graph as a drawing: what lies around one thing, or a whole view for programs that place it."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from kg.errors import UsageError
from kg.export import slide
from kg.export.drawing import Arrow, Box, Drawing, dot, drawing, mermaid, words
from kg.export.picture import LINEAGE, Picture, label
from kg.jsonl import atomic

LARGEST = 24
"""Things on one slide; above that no projector shows their names."""


def write_slide(picture: Picture, path: Path, format: str) -> dict[str, int]:
    """Draws what lies around one thing, the best supported first, as SVG, PNG or PDF."""
    if picture.around is None:
        raise UsageError(
            f"A .{format} shows what lies around one thing: --around NAME, with --hops and --view. "
            "The whole graph is for Gephi: write it as .gexf."
        )
    return dict(slide.write(_drawn(picture, largest=LARGEST), path, format))


def write_dot(picture: Picture, path: Path) -> dict[str, int]:
    """Writes the picture for Graphviz."""
    return _write(path, dot, _drawn(picture))


def write_mermaid(picture: Picture, path: Path) -> dict[str, int]:
    """Writes the picture as a Mermaid flowchart."""
    return _write(path, mermaid, _drawn(picture))


def _write(path: Path, form: Callable[[Drawing], str], drawn: Drawing) -> dict[str, int]:
    with atomic(path) as file:
        file.write(form(drawn))
    return {"nodes": len(drawn.boxes), "edges": len(drawn.arrows)}


def _drawn(picture: Picture, *, largest: int | None = None) -> Drawing:
    """All nodes and edges of a picture, or its centre and the nearest of them, the best supported first."""
    boxes = {node.id: Box(node.id, label(node), node.label) for node in picture.nodes()}
    arrows = [
        Arrow(e.source, e.target, e.type, words(e.type, e.properties), e.properties.get("support", 0))
        for e in picture.edges()
    ]
    centre = picture.around or ""
    notes = []
    if centre:
        kept = _nearest(centre, arrows, boxes, largest or len(boxes))
        notes = [
            f"{_counted(len(kept) - 1, len(boxes) - 1)} within {picture.hops} link{'s'[: picture.hops != 1]}"
        ]
        boxes = {i: boxes[i] for i in kept}
    title = f"Around {boxes[centre].name}" if centre else "Who built what on what"
    return drawing(title, centre, boxes.values(), arrows, notes)


def _counted(shown: int, there: int) -> str:
    return f"{there:,} things" if shown == there else f"The {shown:,} best supported of {there:,} things"


def _nearest(centre: str, arrows: Iterable[Arrow], boxes: Mapping[str, Box], largest: int) -> list[str]:
    """The centre, then step by step what lies around it: lineage first, then by support, then by name."""
    beside: dict[str, list[tuple[tuple[bool, int, str, str], str]]] = {}
    for a in arrows:
        for here, there in ((a.subject, a.object), (a.object, a.subject)):
            rank = (a.relation not in LINEAGE, -a.support, boxes[there].name.casefold(), there)
            beside.setdefault(here, []).append((rank, there))
    kept = {centre: None}
    frontier = [centre]
    while frontier and len(kept) < largest:
        steps = sorted(step for here in frontier for step in beside.get(here, ()))
        new = dict.fromkeys(there for _, there in steps if there not in kept)
        frontier = list(new)[: largest - len(kept)]
        kept.update(dict.fromkeys(frontier))
    return list(kept)
