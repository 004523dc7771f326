"""`Store` → `Answer`: find a name, lineage, card, questions in plain English."""

from kg.ask.lineage import lineage
from kg.ask.lookup import Found, find

__all__ = ["Found", "find", "lineage"]
