"""What Bolt gives and takes, as plain values that JSON can say."""

import math
from collections.abc import Mapping
from typing import Any

from kg.text import storable


def plain(value: Any) -> Any:
    """A value of a result as strings, numbers, booleans, lists and dicts.

    A node is its properties and `label`; a relationship its properties and `type`, with `source` and `target`
    where the result holds these nodes; a path `nodes` and `relationships`. Dates are ISO text, bytes hexadecimal
    text. Ids that the database made up never leave it.
    """
    if value is None or type(value) in _PLAIN:
        return value
    return _plain(value)


_PLAIN = frozenset((str, int, bool))


def _plain(value: Any) -> Any:
    from neo4j.graph import Node, Path, Relationship
    from neo4j.spatial import Point

    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Node):
        return {**_properties(value), "label": ":".join(sorted(value.labels))}
    if isinstance(value, Relationship):
        return {**_properties(value), "type": value.type, **_ends(value)}
    if isinstance(value, Path):
        return {
            "nodes": [plain(n) for n in value.nodes],
            "relationships": [plain(r) for r in value.relationships],
        }
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Point):
        return {"srid": value.srid, "coordinates": [plain(c) for c in value]}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return value.iso_format() if hasattr(value, "iso_format") else str(value)


def sendable(value: Any) -> Any:
    """A parameter as Bolt takes it: what no database stores replaced in strings, tuples as lists."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(k)): sendable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [sendable(v) for v in value]
    return value


def _properties(entity: Any) -> dict[str, Any]:
    return {k: plain(v) for k, v in sorted(entity.items())}


def _ends(relationship: Any) -> dict[str, Any]:
    ends = zip(("source", "target"), relationship.nodes, strict=False)
    return {name: node["id"] for name, node in ends if node is not None and "id" in node}
