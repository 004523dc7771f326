"""`Paper` → `Record`: what one paper says, read by rules and a small learned model."""

from kg.extract.extractor import Extractor, extractor

__all__ = ["Extractor", "extractor"]
