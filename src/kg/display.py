"""How an answer leaves for other tools: flat rows for a data frame, a networkx graph, HTML for a notebook."""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.errors import UsageError

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Row = Mapping[str, Any]

FIRST_ROWS = 50
"""Rows that a notebook shows; the answer holds all of them."""

FIRST_QUOTES = 3
"""Quotes shown of a row."""

_INNER = ("via", "evidence", "facts", "properties")


def flat(row: Row) -> dict[str, Any]:
    """A row without nested parts: its chain in words, its best quote and the paper that it is from.

    >>> link = {"subject_name": "Alpaca", "object_name": "LLaMA 7B", "relation": "BUILT_ON", "how": "fine-tuned"}
    >>> flat({"name": "Alpaca", "via": [link], "evidence": [{"quote": "We tune.", "paper": "p1", "year": 2023}]})
    {'name': 'Alpaca', 'chain': 'Alpaca –fine-tuned→ LLaMA 7B', 'quote': 'We tune.', 'paper': 'p1', 'year': 2023, 'quotes': 1}
    """
    if not _is_told(row):
        return dict(row)
    plain = {k: v for k, v in row.items() if k not in _INNER}
    best: Row = next(iter(row["evidence"]), {})
    source = {k: best[k] for k in ("quote", "paper", "title", "year", "url") if k in best}
    return {**plain, "chain": chain(row["via"]), **source, "quotes": len(row["evidence"])}


def chain(links: Sequence[Row]) -> str:
    """Links in words; where one begins with what the last ended with, that is said once.

    >>> a = {"subject_name": "A", "object_name": "B", "relation": "BUILT_ON", "how": "merged"}
    >>> b = {"subject_name": "B", "object_name": "C", "relation": "PART_OF", "member": "size"}
    >>> chain([a, b])
    'A –merged→ B –size of→ C'
    """
    text, end = "", None
    for link in links:
        here, there = str(link.get("subject_name", "")), link.get("object_name")
        joint = "" if here == end else f"{'; ' if text else ''}{here}"
        text += joint + (f" –{_how(link)}→ {there}" if there is not None else "")
        end = there
    return text


def frame(rows: Iterable[Row]) -> "pd.DataFrame":
    """The flat rows as a pandas data frame; a UsageError says how to get pandas where it is not there."""
    try:
        import pandas as pd
    except ImportError as error:
        raise UsageError("to_pandas() needs pandas: pip install 'paper-kg[pandas]'.") from error
    return pd.DataFrame(
        [flat(row) for row in rows]
    ).convert_dtypes()  # whole numbers stay whole beside absent ones


def network(rows: Iterable[Row]) -> "nx.MultiDiGraph[str]":
    """The links of all rows, from what is built to what it is built on; of a query, the nodes and relationships.

    A node has `name` and `type`, an edge `relation`, what qualifies it, and its best quote and paper. The key of an
    edge is its id.
    """
    import networkx as nx

    found: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for row in rows:
        for link in row["via"] if _is_told(row) else ():
            _add_link(found, link, row["evidence"])
        if not _is_told(row):
            for value in row.values():
                _add_value(found, value)
        elif "id" in row and not row["via"]:
            found.add_node(row["id"], **_scalars({k: row[k] for k in ("name", "type") if k in row}))
    return found


def as_html(question: str, rows: Sequence[Row], notes: Iterable[str]) -> str:
    """The answer as HTML that may stand in any page: all text escaped, links only to http and https.

    >>> print(as_html("1 < 2", [{"n": "<b>"}], []))
    <div class="kg-answer"><p><b>1 &lt; 2</b></p><table><thead><tr><th>n</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table></div>
    """
    shown = rows[:FIRST_ROWS]
    parts = [f"<p><b>{_text(question)}</b></p>"] if question else []
    told = [row for row in shown if _is_told(row)]
    if told:
        cards = [row for row in told if "facts" in row]
        parts += [_card(row) for row in cards]
        parts.append(_answer_table([row for row in told if "facts" not in row]))
    elif shown:
        parts.append(_plain_table(shown))
    else:
        parts.append("<p>No rows.</p>")
    if len(rows) > len(shown):
        parts.append(f"<p>… and {len(rows) - len(shown):,} more rows</p>")
    parts += [f"<p><small>{_text(note)}</small></p>" for note in notes]
    return f'<div class="kg-answer">{"".join(parts)}</div>'


def _is_told(row: Row) -> bool:
    """Whether a row is one of kg's own, with its chain and quotes, and not of a person's Cypher."""
    return isinstance(row.get("via"), list) and isinstance(row.get("evidence"), list)


def _how(link: Row) -> str:
    if link.get("relation") == "PART_OF":
        return f"{link.get('member', 'member')} of"
    return str(link.get("how") or link.get("outcome") or link.get("relation", "")).replace("_", " ").lower()


def _add_link(found: "nx.MultiDiGraph[str]", link: Row, evidence: Iterable[Row]) -> None:
    if link.get("subject") is None or link.get("object") is None:
        return
    for end in ("subject", "object"):
        found.add_node(link[end], **_scalars({k: link.get(f"{end}_{k}") for k in ("name", "type")}))
    ends = ("edge", "subject", "subject_name", "subject_type", "object", "object_name", "object_type")
    own = {k: v for k, v in link.items() if k not in ends}
    best: Row = next((e for e in evidence if e.get("edge") == link.get("edge")), {})
    told = {k: best.get(k) for k in ("quote", "paper", "url")}
    key = link.get("edge") or f"{link['subject']}|{link.get('relation')}|{link['object']}"
    found.add_edge(link["subject"], link["object"], key=key, **_scalars({**own, **told}))


def _add_value(found: "nx.MultiDiGraph[str]", value: Any) -> None:
    """Nodes and relationships as `kg.stores` gives them, on their own, in lists and in paths."""
    if isinstance(value, list):
        for item in value:
            _add_value(found, item)
    elif isinstance(value, Mapping) and {"nodes", "relationships"} <= value.keys():
        _add_value(found, [*value["nodes"], *value["relationships"]])
    elif isinstance(value, Mapping) and {"type", "source", "target"} <= value.keys():
        own = {"relation": value["type"], **{k: v for k, v in value.items() if k != "type"}}
        key = value.get("id") or f"{value['source']}|{value['type']}|{value['target']}"
        found.add_edge(value["source"], value["target"], key=key, **_scalars(own, "source", "target", "id"))
    elif isinstance(value, Mapping) and {"id", "label"} <= value.keys():
        found.add_node(value["id"], **_scalars({"type": value["label"], **value}, "label", "id"))


def _scalars(values: Row, *without: str) -> dict[str, Any]:
    """Attributes that every format of networkx can write."""
    plain = (str, int, float, bool)
    return {k: v for k, v in values.items() if k not in without and isinstance(v, plain)}


def _plain_table(rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = ([_value(row.get(name)) for name in names] for row in rows)
    return _table(names, body)


def _answer_table(rows: Sequence[Row]) -> str:
    """A line for each row: what it is, how it answers, and what papers say."""
    if not rows:
        return ""
    body = ([_name(row), _reason(row), "<br>".join(_quotes(row["evidence"]))] for row in rows)
    return _table(["name", "how", "papers say"], body)


def _table(names: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in names)
    lines = ("".join(f"<td>{cell}</td>" for cell in line) for line in body)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _card(row: Row) -> str:
    title = f"<p><b>{_text(row.get('name', ''))}</b> · {_text(row.get('type', ''))} · <code>{_text(row.get('id', ''))}</code></p>"
    facts = (([f"{_text(label)}", _value(value)]) for label, value in row["facts"].items())
    lines = "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in facts)
    return f"{title}<table><tbody>{lines}</tbody></table>" if lines else title


def _name(row: Row) -> str:
    name = f"<b>{_text(row.get('name', ''))}</b>"
    kind = row.get("heading") or (row.get("kind") if row.get("kind") in ("via-family", "member") else None)
    return f"{name}<br><small>{_text(kind)}</small>" if kind else name


def _reason(row: Row) -> str:
    said = [str(row["value"])] if "value" in row else []
    said += [chain(row["via"])] if row["via"] else []
    return "<br>".join(map(_text, said))


def _quotes(evidence: Sequence[Row]) -> Iterator[str]:
    for piece in evidence[:FIRST_QUOTES]:
        yield f"“{_marked(piece)}” {_source(piece)}"
    if len(evidence) > FIRST_QUOTES:
        yield f"… and {len(evidence) - FIRST_QUOTES} more"


def _marked(piece: Row) -> str:
    """A quote with the words for subject and object in bold."""
    quote, start = str(piece.get("quote", "")), piece.get("start") or 0
    spans = sorted(
        (piece[f"{end}_start"] - start, piece[f"{end}_end"] - start)
        for end in ("subject", "object")
        if piece.get(f"{end}_start") is not None and piece.get(f"{end}_end") is not None
    )
    text, at = "", 0
    for first, last in spans:
        if at <= first < last <= len(quote):
            text += f"{_text(quote[at:first])}<b>{_text(quote[first:last])}</b>"
            at = last
    return text + _text(quote[at:])


def _source(piece: Row) -> str:
    shown = f"({_text(piece.get('title') or piece.get('paper', ''))}{_year(piece)})"
    return link(shown, piece.get("url"))


def _year(piece: Row) -> str:
    return f", {_text(piece['year'])}" if piece.get("year") else ""


def link(shown: str, address: Any) -> str:
    """HTML as a link, where the address is one of the web; else as it is.

    >>> link("a", "https://example.org/?a=1&b=2"), link("a", "javascript:alert(1)")
    ('<a href="https://example.org/?a=1&amp;b=2" rel="noopener">a</a>', 'a')
    """
    if not isinstance(address, str) or not address.lower().startswith(("https://", "http://")):
        return shown
    return f'<a href="{_text(address)}" rel="noopener">{shown}</a>'


def _value(value: Any) -> str:
    """One value in a cell; an address becomes a link."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, Mapping) and {"nodes", "relationships"} <= value.keys():
        return _path(value)
    if isinstance(value, Mapping):
        name = value.get("name") or value.get("type")
        return _text(name if isinstance(name, str) else dict(value))
    return link(_text(value), value)


def _path(path: Row) -> str:
    """A path of a query in words: arrows point as its relationships do."""
    nodes, text = path["nodes"], ""
    for node, relationship in zip(nodes, [*path["relationships"], None], strict=False):
        text += str(node.get("name") or node.get("id", ""))
        if relationship is not None:
            how = _how({"relation": relationship.get("type"), **relationship})
            text += f" –{how}→ " if relationship.get("source") == node.get("id") else f" ←{how}– "
    return _text(text)


def _text(value: Any) -> str:
    return html.escape(str(value), quote=True)
