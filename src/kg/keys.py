"""Which paper a paper is: its arXiv id, its DOI, or else its title, as one key."""

import hashlib
import re

from kg.text import fold, one_line
from kg.types import Paper

# A bare id, or one of the addresses under which it goes; a version, `.pdf` and what follows ? or # drop off.
_ARXIV = re.compile(
    r"""(?: arxiv: | oai:arxiv\.org:
          | (?:https?://)? (?:[\w-]+\.)* (?:arxiv|alphaxiv|ar5iv)(?:\.labs\.arxiv)?\.org/
            (?:abs|pdf|html|ps|format|src|e-print)/
          | (?:https?://)? (?:www\.)? huggingface\.co/papers/
          | (?:(?:https?://)?(?:dx\.|www\.)?doi\.org/ | doi:\s*)? 10\.48550/arxiv\.
        )?
        (?: (?P<new> (?:0[7-9]|[1-8]\d)(?:0[1-9]|1[0-2]) \. \d{4,5} )
          | (?P<archive> [a-z]+(?:-[a-z]+)? ) (?:\.[a-z]{2})? / (?P<old> (?:9[1-9]|0[0-7])(?:0[1-9]|1[0-2])\d{3} ) )
        (?:v\d+)? (?:\.pdf)? /? (?:[?\#]\S*)?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DOI = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S*[^\s.,;)\]}>\"'])[.,;)\]}>\"']*",
    re.IGNORECASE | re.ASCII,
)


def arxiv_id(field: str | None) -> str | None:
    """The arXiv id, without version, that a whole field (an id, an address, a DOI) stands for.

    >>> arxiv_id("2302.13971v2"), arxiv_id("https://arxiv.org/pdf/2302.13971v1.pdf")
    ('2302.13971', '2302.13971')
    >>> arxiv_id("10.48550/arXiv.2302.13971"), arxiv_id("https://huggingface.co/papers/2302.13971")
    ('2302.13971', '2302.13971')
    >>> arxiv_id("math.GT/0309136"), arxiv_id("arXiv:cs/0112017v1")
    ('math/0309136', 'cs/0112017')
    >>> arxiv_id("2345.12345"), arxiv_id("1706.03762 and others"), arxiv_id(None)
    (None, None, None)
    """
    found = _ARXIV.fullmatch(field.strip()) if field else None
    if not found:
        return None
    return found["new"] or f"{found['archive'].lower()}/{found['old']}"


def doi(field: str | None) -> str | None:
    """The DOI, in lower case, that a whole field stands for.

    >>> doi("https://doi.org/10.18653/v1/N19-1423"), doi("doi:10.1000/ABC.")
    ('10.18653/v1/n19-1423', '10.1000/abc')
    >>> doi("https://example.org/10.1000/abc") is None
    True
    """
    found = _DOI.fullmatch(field.strip()) if field else None
    return found[1].lower() if found else None


def arxiv_month(identifier: str) -> str:
    """The month, as YYYY-MM, in which an arXiv id was given.

    >>> arxiv_month("2302.13971"), arxiv_month("cs/0112017"), arxiv_month("hep-th/9901001")
    ('2023-02', '2001-12', '1999-01')
    """
    digits = identifier.rpartition("/")[2]
    century = "19" if digits[:2] >= "91" else "20"  # arXiv began in 1991
    return f"{century}{digits[:2]}-{digits[2:4]}"


def title_key(title: str) -> str:
    """The key of a paper that only its title identifies.

    >>> title_key("The Llama 3 Herd of Models") == title_key("the LLAMA 3 herd of models.")
    True
    """
    known_by = fold(title) or one_line(title)  # a title of marks only folds to nothing
    return f"t:{hashlib.sha256(known_by.encode('utf8', 'replace')).hexdigest()[:16]}"


def paper_key(paper: Paper) -> str:
    """The key of a paper: its arXiv id without version, else its DOI in lower case, else a hash of its title.

    >>> paper_key(Paper("2302.13971v1", "LLaMA", "", doi="10.1/x"))
    '2302.13971'
    >>> paper_key(Paper("a1", "LLaMA", "", doi="10.48550/arXiv.2302.13971"))
    '2302.13971'
    >>> paper_key(Paper("a1", "BERT", "", url="https://doi.org/10.18653/v1/N19-1423"))
    '10.18653/v1/n19-1423'
    >>> paper_key(Paper("a1", "BERT", ""))
    't:32987c4b7a9fb90e'
    """
    fields = (paper.arxiv, paper.doi, paper.id, paper.url)
    for recognise in (arxiv_id, doi):
        for field in fields:
            if key := recognise(field):
                return key
    return title_key(paper.title)
