"""An answer as one HTML page that needs nothing else: no network, no other file, and it says so to the browser.

Everything that came from a paper is escaped. The content security policy of the page allows its own style and
script, each by its hash, and nothing else; links leave it only for http and https.
"""

import base64
import hashlib
import importlib.resources
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kg.ask.tree import Branch, base_name, detail, facts, grown, headings, is_upward, says, title
from kg.keys import arxiv_id, doi
from kg.schema import schema
from kg.text import storable
from kg.types import Answer

Row = dict[str, Any]


def as_html(answer: Answer) -> str:
    """The whole answer as a page: a tree of a lineage, else its rows; quotes with their words marked, and links."""
    from jinja2 import Environment, select_autoescape
    from markupsafe import Markup

    style, script = _style(), _own("page.js")
    page = Environment(autoescape=select_autoescape(default=True), trim_blocks=True).from_string(
        _own("page.html")
    )
    return storable(
        page.render(
            title=title(answer.question),
            notes=answer.notes,
            types=_types(answer.rows),
            sections=list(_sections(answer)),
            cypher=answer.cypher,
            parameters=json.dumps(answer.parameters, ensure_ascii=False),
            style=Markup(style),
            script=Markup(script),
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )


def _own(name: str) -> str:
    return (importlib.resources.files("kg.ask") / name).read_text("utf8")


def _style() -> str:
    """The style sheet, with the colours of the schema's legend."""
    tones = (f".{t.name} {{ --tone: {t.colour}; }}\n" for t in schema().types.values())
    return _own("page.css") + "".join(tones)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _types(rows: Iterable[Row]) -> list[str]:
    """The types that the page shows, in the order of the schema."""
    found = {row.get("type") for row in rows}
    found |= {link.get(f"{end}_type") for row in rows for link in row["via"] for end in ("subject", "object")}
    return [name for name in schema().types if name in found]


def _sections(answer: Answer) -> Iterator[Row]:
    if any("hops" in row for row in answer.rows):
        yield from _lineage_sections(answer)
        return
    for heading in dict.fromkeys(row.get("heading", "") for row in answer.rows):
        rows = [row for row in answer.rows if row.get("heading", "") == heading]
        yield {"heading": heading, "nodes": [_item(row) for row in rows]}


def _lineage_sections(answer: Answer) -> Iterator[Row]:
    up = is_upward(answer)
    said = _evidence(answer.rows)
    for kind, heading in headings(up).items():
        rows = [row for row in answer.rows if row["kind"] == kind]
        if rows:
            end = rows[0]["via"][0] if up else rows[0]["via"][-1]
            yield {
                "kind": kind,
                "root": base_name(rows[0], up),
                "type": end.get("subject_type" if up else "object_type", ""),
                "heading": heading,
                "count": len(rows),
                "nodes": [_node(branch, said, up) for branch in grown(rows, up).below.values()],
            }


def _node(branch: Branch, said: dict[str, list[Row]], up: bool) -> Row:
    return {
        "name": branch.name,
        "type": branch.link.get("object_type" if up else "subject_type", ""),
        "says": says(branch.link),
        "evidence": said.get(branch.link["edge"], []),
        "below": [_node(child, said, up) for child in branch.below.values()],
    }


def _item(row: Row) -> Row:
    return {
        "name": row["name"],
        "type": row.get("type", ""),
        "says": _says(row),
        "evidence": [_piece(piece) for piece in row["evidence"]],
        "below": [],
    }


def _says(row: Row) -> str:
    if "heading" in row:
        return detail(row["via"][0])
    if row["kind"] != "card":
        return facts(row).strip().strip("[]")
    listed = ((k, ", ".join(map(str, v)) if isinstance(v, list) else v) for k, v in row["facts"].items())
    return " · ".join(f"{k}: {v}" for k, v in listed)


def _evidence(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Edge → what papers state of it, each piece once."""
    found: dict[str, dict[tuple[str, str], Row]] = {}
    for piece in (piece for row in rows for piece in row["evidence"]):
        found.setdefault(piece["edge"], {}).setdefault((piece["paper"], piece["quote"]), piece)
    return {edge: [_piece(piece) for piece in pieces.values()] for edge, pieces in found.items()}


def _piece(piece: Row) -> Row:
    source = (str(piece[k]) for k in ("paper", "year") if k in piece)
    return {
        "words": marked(piece),
        "title": piece.get("title") or piece["paper"],
        "address": address(piece),
        "source": " · ".join(source),
    }


def marked(piece: Row) -> Sequence[tuple[str, str]]:
    """A quote in runs: what stands for the subject, for the object, and the rest.

    >>> marked({"quote": "A is B.", "start": 5, "subject_start": 5, "subject_end": 6})
    [('A', 'subject'), (' is B.', '')]
    """
    quote, start = piece["quote"], piece.get("start", 0)
    spans = sorted(
        (piece[f"{role}_start"] - start, piece[f"{role}_end"] - start, role)
        for role in ("subject", "object")
        if f"{role}_start" in piece and f"{role}_end" in piece
    )
    runs, at = [], 0
    for begin, end, role in spans:
        if at <= begin < end <= len(quote):  # the words may stand in another sentence
            runs += [(quote[at:begin], ""), (quote[begin:end], role)]
            at = end
    return [(words, role) for words, role in (*runs, (quote[at:], "")) if words]


def address(piece: Row) -> str | None:
    """Where to read a paper: its own address if it is one of the web, else by its arXiv id or DOI.

    >>> address({"paper": "2302.13971"}), address({"paper": "t:1", "url": "javascript:alert(1)"})
    ('https://arxiv.org/abs/2302.13971', None)
    """
    if _WEB.match(given := piece.get("url") or ""):
        return str(given)
    paper = piece["paper"]
    if arxiv := arxiv_id(paper):
        return f"https://arxiv.org/abs/{arxiv}"
    if found := doi(paper):
        return f"https://doi.org/{found}"
    return None


_WEB = re.compile(r"https?://[^\s]+\Z", re.IGNORECASE)
