"""Known names: what the field calls its models, data, methods, tasks and metrics, with aliases, families, years.

The names are curated in the YAML files of this folder (README.md says what the fields mean); `python -m kg.lexicon`
checks them and writes `compiled.tsv`, which loads in milliseconds. `canonical` says which entity a name names.
"""

from kg.lexicon.entries import Entry, Lexicon, folded, lexicon
from kg.lexicon.layers import Layer, in_use, read_layers, use, using
from kg.lexicon.naming import Canonical, Parent, canonical

__all__ = [
    "Canonical",
    "Entry",
    "Layer",
    "Lexicon",
    "Parent",
    "canonical",
    "folded",
    "in_use",
    "lexicon",
    "read_layers",
    "use",
    "using",
]
