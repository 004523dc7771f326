"""`Store` → `Answer`: find a name, lineage, card, questions in plain English."""
