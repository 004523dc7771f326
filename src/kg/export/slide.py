"""A drawing as SVG, PNG or PDF that stands on a slide: the centre, what hangs on it in columns, words on every line.

Bases stand to the left and derivatives to the right; each thing has a row of its own, so that nothing overlaps
however long a name is. Text is measured in the font that is drawn, which comes with matplotlib: the same drawing
gives the same bytes. SVG keeps text as text, to be searched and edited.
"""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kg.errors import UsageError
from kg.export.drawing import Arrow, Box, Drawing, is_dashed
from kg.jsonl import atomic
from kg.schema import schema
from kg.text import storable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

FORMATS = ("svg", "png", "pdf")

# All in points.
_ROW, _BOX, _PAD, _MARGIN = 27.0, 19.0, 9.0, 26.0
_HEAD, _BEND, _WORD_GAP = 8.0, 46.0, 11.0
_LONGEST = 44  # characters of a name
_TEXT, _QUIET, _LINE, _OTHER = "#202124", "#5f6368", "#3c4043", "#9aa0a6"
_DOTS_PER_INCH = 160


def write(drawing: Drawing, path: Path, format: str) -> Mapping[str, int]:
    """Draws to a file of one of `FORMATS`; a UsageError where matplotlib is not installed."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError(
            f"A picture as .{format} is drawn by matplotlib, which is not installed: pip install matplotlib. "
            "Without it, .dot (Graphviz), .mmd (Mermaid) and .gexf (Gephi) can be written, and .html of a lineage."
        ) from error
    page = _arranged(drawing)
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kg", "pdf.fonttype": 42}):
        figure = Figure(figsize=(page.width / 72, page.height / 72), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, page.width), ylim=(page.height, 0))
        axes.axis("off")
        _paint(axes, page)
        with atomic(path, "wb") as file:
            _save(figure, file, format, _metadata(drawing, format))
    return {"boxes": len(drawing.boxes), "arrows": len(drawing.arrows)}


def _save(figure: "Figure", file: IO[bytes], format: str, metadata: dict[str, Any]) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # SVG has the text all the same
        figure.savefig(file, format=format, dpi=_DOTS_PER_INCH, metadata=metadata)


def _metadata(drawing: Drawing, format: str) -> dict[str, Any]:
    """A title, and neither the day nor the versions of the run."""
    dated: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": "kg"},
        "pdf": {"CreationDate": None, "Creator": "kg", "Producer": None},
    }
    return {"Title": storable(drawing.title), **dated.get(format, {"Software": "kg"})}


@dataclass(frozen=True, slots=True)
class _Branch:
    """How a box hangs on the one nearer to the centre."""

    parent: str
    side: int  # 1: to the right, derivatives; -1: to the left, bases
    depth: int
    arrows: tuple[Arrow, ...]

    @property
    def label(self) -> str:
        said = dict.fromkeys(a.label for a in self.arrows)
        papers = max(a.support for a in self.arrows)
        return " · ".join(said) + (f", {papers} papers" if papers > 1 else "")


@dataclass(frozen=True, slots=True)
class _Spot:
    """A box on the page: left end, middle and width."""

    box: Box
    text: str
    x: float
    y: float
    width: float

    def end(self, side: int) -> float:
        return self.x + self.width if side > 0 else self.x


@dataclass(frozen=True, slots=True)
class _Page:
    centre: str
    title: str
    notes: Sequence[str]
    spots: Mapping[str, _Spot]
    gutters: Mapping[tuple[int, int], float]  # side and depth → room for the words before that column
    branches: Mapping[str, _Branch]
    width: float
    height: float


def _arranged(drawing: Drawing) -> _Page:
    branches = _branches(drawing)
    rows = _rows(drawing, branches)
    texts = {i: _shortened(drawing.boxes[i].name) for i in rows}
    widths = {i: _width(text, _font(10, bold=True)) + 2 * _PAD for i, text in texts.items()}
    gutters = _gutters(branches)
    lefts = _lefts(drawing.centre, branches, gutters, widths)
    notes = [*drawing.notes, *_left_out(drawing, branches)]
    top = _MARGIN + 34 + 13 * len(notes)
    shift = _MARGIN - min(lefts.values())
    spots = {
        i: _Spot(drawing.boxes[i], texts[i], lefts[i] + shift, top + (rows[i] + 0.5) * _ROW, widths[i])
        for i in rows
    }
    right = max(spot.end(1) for spot in spots.values())
    words = max(_width(drawing.title, _font(15, bold=True)), *(_width(n, _font(9)) for n in notes), 0)
    page = _Page(
        drawing.centre,
        drawing.title,
        notes,
        spots,
        gutters,
        branches,
        0,
        top + (max(rows.values()) + 1) * _ROW + 48,
    )
    legend = sum(_width(text, _font(9)) + 34 for text, *_ in _legend(page))
    return replace(page, width=max(right, _MARGIN + words, _MARGIN + legend) + _MARGIN)


def _left_out(drawing: Drawing, branches: Mapping[str, _Branch]) -> Iterator[str]:
    """What a tree cannot show: edges between things that do not hang on each other."""
    if further := len(drawing.arrows) - sum(len(branch.arrows) for branch in branches.values()):
        yield f"{further:,} further edge{'s'[: further != 1]} between these, not drawn"


def _branches(drawing: Drawing) -> dict[str, _Branch]:
    """Each box but the centre, hung on a neighbour nearer to it, by the best supported arrow."""
    between: dict[str, dict[str, list[Arrow]]] = {}
    for a in sorted(drawing.arrows, key=_rank):
        between.setdefault(a.subject, {}).setdefault(a.object, []).append(a)
        between.setdefault(a.object, {}).setdefault(a.subject, []).append(a)
    found: dict[str, _Branch] = {}
    frontier = [drawing.centre]
    while frontier:
        following = []
        for here in frontier:
            for other, arrows in between.get(here, {}).items():
                if other != drawing.centre and other not in found:
                    side = 1 if arrows[0].subject == other else -1
                    depth, near = 1, found.get(here)
                    if near is not None:
                        side, depth = near.side, near.depth + 1
                    found[other] = _Branch(here, side, depth, tuple(arrows))
                    following.append(other)
        frontier = following
    return found


def _rank(arrow: Arrow) -> tuple[object, ...]:
    lineage = schema().relations[arrow.relation].lineage if arrow.relation in schema().relations else False
    return (not lineage, -arrow.support, arrow.subject, arrow.relation, arrow.object)


def _rows(drawing: Drawing, branches: Mapping[str, _Branch]) -> dict[str, float]:
    """Which row each box is on, from 0; a parent stands in the middle of its children."""
    children: dict[tuple[str, int], list[str]] = {}
    place = {i: n for n, i in enumerate(drawing.boxes)}
    for child in sorted(branches, key=place.__getitem__):
        children.setdefault((branches[child].parent, branches[child].side), []).append(child)
    sides = [_leaves_first(drawing.centre, side, children) for side in (1, -1)]
    middle = max(rows[drawing.centre] for rows in sides)
    found = {i: row + middle - rows[drawing.centre] for rows in sides for i, row in rows.items()}
    top = min(found.values())
    return {i: row - top for i, row in found.items()}


def _leaves_first(root: str, side: int, children: Mapping[tuple[str, int], list[str]]) -> dict[str, float]:
    rows: dict[str, float] = {}
    free = 0.0
    waiting = [(root, False)]
    while waiting:
        node, done = waiting.pop()
        below = children.get((node, side), [])
        if done:
            rows[node] = (rows[below[0]] + rows[below[-1]]) / 2
        elif below:
            waiting.append((node, True))
            waiting += [(child, False) for child in reversed(below)]
        else:
            rows[node], free = free, free + 1
    return rows


def _gutters(branches: Mapping[str, _Branch]) -> dict[tuple[int, int], float]:
    found: dict[tuple[int, int], float] = {}
    for branch in branches.values():
        column = branch.side, branch.depth
        found[column] = max(_width(branch.label, _font(8)), found.get(column, 0.0))
    return found


def _lefts(
    centre: str,
    branches: Mapping[str, _Branch],
    gutters: Mapping[tuple[int, int], float],
    widths: Mapping[str, float],
) -> dict[str, float]:
    """The left end of each box: a column for each step from the centre.

    A column is as wide as those of its boxes on which something hangs; the others have their row to themselves.
    """
    parents = {branch.parent for branch in branches.values()}
    found = {centre: -widths[centre] / 2}
    for side in (1, -1):
        edge = widths[centre] / 2
        for depth in sorted(depth for s, depth in gutters if s == side):
            column = [i for i, b in branches.items() if (b.side, b.depth) == (side, depth)]
            edge += gutters[side, depth] + 2 * _WORD_GAP + _BEND + _HEAD
            found.update((i, edge if side > 0 else -edge - widths[i]) for i in column)
            edge += max((widths[i] for i in column if i in parents), default=0.0)
    return found


def _paint(axes: "Axes", page: _Page) -> None:
    y = _MARGIN + 8
    _say(axes, _MARGIN, y, page.title, _font(15, bold=True), _TEXT)
    for row, line in enumerate(page.notes):
        _say(axes, _MARGIN, y + 20 + 13 * row, line, _font(9), _QUIET)
    for child, branch in page.branches.items():
        _paint_branch(axes, page, child, branch)
    for i, spot in page.spots.items():
        _paint_box(axes, spot, centre=i == page.centre)
    _paint_legend(axes, page)


def _paint_box(axes: "Axes", spot: _Spot, *, centre: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    colour = _colour(spot.box.type)
    axes.add_patch(
        FancyBboxPatch(
            (spot.x, spot.y - _BOX / 2),
            spot.width,
            _BOX,
            boxstyle="round,pad=0,rounding_size=5",
            facecolor=colour if centre else _tint(colour),
            edgecolor=colour,
            linestyle="--" if spot.box.possible else "-",
            linewidth=1.2,
            zorder=3,
        )
    )
    ink = "white" if centre else _TEXT
    _say(axes, spot.x + spot.width / 2, spot.y, spot.text, _font(10, bold=True), ink, align="center")


def _paint_branch(axes: "Axes", page: _Page, id: str, branch: _Branch) -> None:
    """A line straight through the words beside the child, then bent to the parent; its head is at the base."""
    child, parent = page.spots[id], page.spots[branch.parent]
    side, arrow = branch.side, branch.arrows[0]
    start, end = child.end(-side), parent.end(side)
    to_child = arrow.object == id
    near = start - side * (page.gutters[side, branch.depth] + 2 * _WORD_GAP)
    tip = near - side * _BEND
    middle = (near + tip) / 2
    points = [(start - side * (_HEAD if to_child else 0), child.y), (near, child.y)]
    points += [(middle, child.y), (middle, parent.y), (tip, parent.y)]
    points.append((end + side * (0 if to_child else _HEAD), parent.y))
    _paint_line(axes, points, arrow)
    if to_child:
        _paint_head(axes, start, child.y, side, arrow)
    else:
        _paint_head(axes, end, parent.y, -side, arrow)
    inset = _WORD_GAP + (_HEAD if to_child else 0)
    words = start - side * inset
    _say(
        axes,
        words,
        child.y,
        branch.label,
        _font(8),
        _QUIET,
        align="right" if side > 0 else "left",
        paper=True,
    )


def _paint_line(axes: "Axes", points: Sequence[tuple[float, float]], arrow: Arrow) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    codes = [Outline.MOVETO, Outline.LINETO, *[Outline.CURVE4] * 3, Outline.LINETO]
    axes.add_patch(
        PathPatch(
            Outline(points, codes),
            fill=False,
            edgecolor=_stroke(arrow),
            linewidth=1.0 if is_dashed(arrow) else 1 + 0.4 * min(max(arrow.support - 1, 0), 4),
            linestyle=(0, (4, 2.5)) if is_dashed(arrow) else "-",
            zorder=1,
        )
    )


def _paint_head(axes: "Axes", x: float, y: float, direction: int, arrow: Arrow) -> None:
    back = x - direction * _HEAD
    axes.fill([x, back, back], [y, y - 3.5, y + 3.5], color=_stroke(arrow), linewidth=0, zorder=2)


def _paint_legend(axes: "Axes", page: _Page) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = _MARGIN, page.height - _MARGIN
    for text, colour, style in _legend(page):
        if style in (None, "box"):
            patch = FancyBboxPatch(
                (x, y - 4.5),
                13,
                9,
                boxstyle="round,pad=0,rounding_size=2.5",
                facecolor=_tint(colour) if style is None else "white",
                edgecolor=colour,
                linestyle="-" if style is None else (0, (2, 1.5)),
            )
            axes.add_patch(patch)
        else:
            axes.plot([x, x + 14], [y, y], color=colour, linestyle=style, linewidth=1.2)
        _say(axes, x + 18, y, text, _font(9), _QUIET)
        x += _width(text, _font(9)) + 34


def _legend(page: _Page) -> Iterator[tuple[str, str, Any]]:
    """What the colours and lines on this page mean: text, colour, and the style of a line."""
    types = {spot.box.type for spot in page.spots.values()}
    yield from ((name, _colour(name), None) for name in schema().types if name in types)
    arrows = [branch.arrows[0] for branch in page.branches.values()]
    if any(_builds(a) for a in arrows):
        yield "built on", _LINE, "-"
    if any(map(is_dashed, arrows)):
        yield "size, variant or version of", _LINE, (0, (4, 2.5))
    if any(not _builds(a) and not is_dashed(a) for a in arrows):
        yield "otherwise related", _OTHER, "-"
    if any(spot.box.possible for spot in page.spots.values()):
        yield "possible: stated of its family", _LINE, "box"


def _builds(arrow: Arrow) -> bool:
    return arrow.relation in ("BUILT_ON", "DERIVED_FROM")


def _stroke(arrow: Arrow) -> str:
    return _LINE if _builds(arrow) or is_dashed(arrow) else _OTHER


def _colour(type: str) -> str:
    return schema().types[type].colour if type in schema().types else _OTHER


def _tint(colour: str) -> str:
    """A colour mixed with much white.

    >>> _tint("#000000")
    '#d9d9d9'
    """
    mixed = (round(0.15 * int(colour[i : i + 2], 16) + 0.85 * 255) for i in (1, 3, 5))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _shortened(name: str) -> str:
    line = storable(" ".join(name.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _say(
    axes: "Axes",
    x: float,
    y: float,
    text: str,
    font: "FontProperties",
    colour: str,
    *,
    align: str = "left",
    paper: bool = False,
) -> None:
    """Text as it stands, dollars and all; on white `paper` where a line runs below it."""
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5} if paper else None
    axes.text(
        x, y, storable(text), fontproperties=font, color=colour, ha=align, va="center_baseline",
        parse_math=False, bbox=behind, zorder=4 if not paper else 2,
    )  # fmt: skip


@functools.cache
def _font(size: float, *, bold: bool = False) -> "FontProperties":
    """The font that comes with matplotlib, whatever fonts the machine has."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties

    file = Path(get_data_path(), "fonts", "ttf", f"DejaVuSans{'-Bold' if bold else ''}.ttf")
    return FontProperties(fname=file, size=size, weight="bold" if bold else "normal")


def _width(text: str, font: "FontProperties") -> float:
    """How wide a text is drawn, in points."""
    import warnings

    from matplotlib.textpath import text_to_path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        width, _, _ = text_to_path.get_text_width_height_descent(storable(text), font, ismath=False)
    return math.ceil(width)
