"""The demo papers hold together: ids, dates, lengths, and that they tell of lineage and of comparison."""

import datetime
import re

from kg.demo import papers
from kg.text import fold, storable

PAPERS = list(papers())
TEXT = "\n".join(p.text for p in PAPERS)


def test_enough_and_each_once():
    assert len(PAPERS) >= 60
    assert len({p.id for p in PAPERS}) == len(PAPERS)
    assert len({fold(p.title) for p in PAPERS}) == len(PAPERS)


def test_dates_are_iso_and_agree_with_the_arxiv_id():
    for paper in PAPERS:
        assert paper.published is not None
        year, month, *_ = parts = [int(part) for part in paper.published.split("-")]
        assert datetime.date(year, month, parts[2] if len(parts) == 3 else 1).year >= 2018
        if paper.arxiv:
            # an arXiv id is given on the day of submission or the next working day
            submitted = (2000 + int(paper.id[:2])) * 12 + int(paper.id[2:4])
            assert 0 <= submitted - (year * 12 + month) <= 1, paper.id


def test_urls_lead_to_the_paper_or_the_release():
    for paper in PAPERS:
        if paper.arxiv:
            assert paper.url == f"https://arxiv.org/abs/{paper.id}"
        else:
            assert re.fullmatch(r"demo-[a-z0-9.-]+", paper.id)
            assert paper.url is not None
            assert paper.url.startswith("https://")


def test_texts_are_short_clean_prose():
    for paper in PAPERS:
        sentences = re.findall(r"[.?!](?:\s|$)", paper.abstract)
        assert 3 <= len(sentences) <= 7, (paper.id, len(sentences))
        assert len(paper.text) <= 1200
        assert storable(paper.text) == paper.text
        assert not re.search(r"\s{2,}|^\s|\s$|\s[.,;]", paper.abstract), paper.id


def test_lines_of_descent_and_comparison_are_there():
    for family in ("LLaMA", "Llama 2", "Mistral 7B", "Qwen2.5", "Gemma 2", "BERT", "T5", "CLIP"):
        assert len([p for p in PAPERS if family in p.text]) >= 3, family
    assert len([p for p in PAPERS if "Stable Diffusion" in p.text]) >= 6
    for words in (
        "fine-tuned from",
        "distilled from",
        "initialised",
        "merges",
        "outperforms",
        "compared with",
    ):
        assert words in TEXT, words
