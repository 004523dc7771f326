"""Where the nodes of a picture lie: each thing in the middle of what hangs on it, and these in rows; always the same.

Every node has at most one parent: what it is built on or the family that it belongs to, else, where nothing is
built on it either, the neighbour that most papers name with it. A node and its children are a disc, the children in
rings around it, the largest inside; discs without a parent stand in rows, the largest first. There are no iterations
and no random numbers, so 100,000 nodes take seconds and the bytes never differ; discs do not overlap, so lineages
stay apart. Programs that refine by forces may start from here.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Place = tuple[float, float]
Line = tuple[str, str, bool, int]
"""Subject, object, whether lineage walks it, support."""

_GAP = 3.0


def places(sizes: Mapping[str, float], lines: Iterable[Line]) -> dict[str, Place]:
    """The centre of each node of `sizes` (node → radius), to a tenth, in the unit of the radii.

    >>> places({"a": 5.0, "b": 5.0, "c": 5.0}, [("b", "a", True, 1)])
    {'a': (8.0, -16.0), 'c': (8.0, -40.0), 'b': (24.0, -16.0)}
    """
    children = _children(sizes, _parents(sizes, list(lines)))
    order = list(children[None])
    for node in order:  # grows while it runs: parents before children
        order += children.get(node, ())
    reach: dict[str, float] = {}
    offsets: dict[str, Place] = {}  # from the middle of the parent's disc
    own: dict[str, Place] = {}  # from the middle of a node's disc to the node
    for node in reversed(order):
        below = sorted(children.get(node, ()), key=lambda n: (-reach[n], n))
        discs = _disc(sizes[node] + _GAP, [reach[n] for n in below])
        own[node], *spots = discs.spots
        reach[node] = discs.reach
        offsets.update(zip(below, spots, strict=True))
    roots = sorted(children[None], key=lambda n: (-reach[n], n))
    offsets.update(zip(roots, _rows([reach[n] for n in roots]), strict=True))
    middle: dict[str, Place] = {}
    for node in order:
        x, y = offsets[node]
        for child in children.get(node, ()):
            offsets[child] = x + offsets[child][0], y + offsets[child][1]
        middle[node] = round(x + own[node][0], 1) + 0.0, round(y + own[node][1], 1) + 0.0
    return middle


def _parents(sizes: Mapping[str, float], lines: Sequence[Line]) -> dict[str, str]:
    """Node → what it hangs on, without circles."""
    degree: dict[str, int] = {}
    for subject, object, _, _ in lines:
        degree[subject], degree[object] = degree.get(subject, 0) + 1, degree.get(object, 0) + 1
    bases = {object for _, object, lineage, _ in lines if lineage}
    best: dict[str, tuple[bool, int, int, str]] = {}
    for subject, object, lineage, support in lines:
        ways = [(subject, object)] if lineage else [(subject, object), (object, subject)]
        for child, parent in ways:
            if child != parent and (lineage or child not in bases):
                way = (lineage, support, degree[parent], parent)
                best[child] = max(way, best.get(child, way))
    return _without_circles({node: best[node][3] for node in sizes if node in best}, degree)


def _without_circles(parents: dict[str, str], degree: Mapping[str, int]) -> dict[str, str]:
    """Where parents go round in a circle, the node with the most edges becomes a root."""
    free: set[str] = set()
    for start in list(parents):
        way: dict[str, None] = {}
        node = start
        while node in parents and node not in free and node not in way:
            way[node] = None
            node = parents[node]
        if node in way:
            steps = list(way)
            circle = steps[steps.index(node) :]
            del parents[max(circle, key=lambda n: (degree[n], n))]
        free.update(way)
    return parents


def _children(sizes: Mapping[str, float], parents: Mapping[str, str]) -> dict[str | None, list[str]]:
    children: dict[str | None, list[str]] = {None: []}
    for node in sizes:
        children.setdefault(parents.get(node), []).append(node)
    return children


@dataclass(frozen=True, slots=True)
class _Disc:
    """A core and the discs around it, each by its centre, in a disc of radius `reach` around (0, 0)."""

    spots: list[Place]
    reach: float


def _disc(core: float, radii: Sequence[float]) -> _Disc:
    """Discs in rings around a core, the radii falling; a ring begins where the largest of the last one ends."""
    spots: list[Place] = [(0.0, 0.0)]
    inner = core
    while len(spots) <= len(radii):
        distance = inner + radii[len(spots) - 1]
        angles, turn = _ring(distance, radii, len(spots) - 1)
        inner = distance + radii[len(spots) - 1]
        spots += [(distance * math.cos(a / turn), distance * math.sin(a / turn)) for a in angles]
    x, y, reach = _around(spots, [core, *radii])
    if reach >= inner:
        return _Disc(spots, inner)
    return _Disc([(a - x, b - y) for a, b in spots], reach)


def _around(spots: Sequence[Place], radii: Sequence[float]) -> tuple[float, float, float]:
    """Centre and radius of a small disc that holds all discs: grown from the first, as Ritter does with points."""
    (x, y), reach = spots[0], radii[0]
    for _ in range(2):  # the second pass takes up what rounding left out
        for (a, b), radius in zip(spots, radii, strict=True):
            away = math.hypot(a - x, b - y)
            if away + radius > reach * (1 + 1e-12):
                wider = (reach + away + radius) / 2
                step = (wider - reach) / away
                x, y, reach = x + (a - x) * step, y + (b - y) * step, wider
    return x, y, reach


def _rows(radii: Sequence[float]) -> list[Place]:
    """Discs in rows of one width, downwards, about a square in all; the radii fall."""
    width = max(2 * max(radii, default=0), math.sqrt(sum(4 * r * r for r in radii)))
    spots: list[Place] = []
    x = y = row = 0.0
    for radius in radii:
        if x + 2 * radius > width and x:
            x, y = 0.0, y - row
        row = 2 * radius if not x else row
        spots.append((x + radius, y - radius))
        x += 2 * radius
    return spots


def _ring(distance: float, radii: Sequence[float], first: int) -> tuple[list[float], float]:
    """The angles of the discs from `first` that fit on one ring, and what part of the ring they fill."""
    angles: list[float] = []
    end = 0.0
    for radius in radii[first:]:
        half = math.asin(min(1.0, radius / distance))
        if angles and end + 2 * half > 2 * math.pi:
            break
        angles.append(end + half)
        end += 2 * half
    return [a - angles[0] for a in angles], min(1.0, end / (2 * math.pi))
