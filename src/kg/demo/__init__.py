"""Demo papers shipped with the package: short summaries, in our own words, of papers and releases of real models.

An arXiv id as `id` is that of the real paper; what has none is called `demo-…` and `url` leads to its release.
"""

import importlib.resources
import json
import re
from collections.abc import Iterator

from kg.types import Paper

_ARXIV = re.compile(r"\d{4}\.\d{5}")


def papers() -> Iterator[Paper]:
    """The demo papers in file order, one a line of `papers.jsonl`.

    >>> next(papers()).title
    'LLaMA: Open and Efficient Foundation Language Models'
    """
    with importlib.resources.files(__name__).joinpath("papers.jsonl").open(encoding="utf8") as lines:
        for number, line in enumerate(lines, 1):
            yield _paper(json.loads(line), number)


def _paper(fields: dict[str, str], number: int) -> Paper:
    return Paper(
        **fields,
        date_origin="input",
        arxiv=fields["id"] if _ARXIV.fullmatch(fields["id"]) else None,
        source=f"demo/papers.jsonl:{number}",
    )
