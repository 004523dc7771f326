"""`Store` → `Answer`: find a name, lineage, card, questions in plain English; and how answers are drawn."""

from kg.ask.card import show
from kg.ask.evidence import stated
from kg.ask.files import write
from kg.ask.lineage import lineage
from kg.ask.lookup import Found, find
from kg.ask.page import as_html
from kg.ask.questions import FORMS, ask
from kg.ask.tree import RENDERINGS, as_data, as_dot, as_drawing, as_json, as_mermaid, as_text

__all__ = [
    "FORMS",
    "RENDERINGS",
    "Found",
    "as_data",
    "as_dot",
    "as_drawing",
    "as_html",
    "as_json",
    "as_mermaid",
    "as_text",
    "ask",
    "find",
    "lineage",
    "show",
    "stated",
    "write",
]
