"""Answers as HTML: whatever a name, a quote or an address holds, nothing of it is mark-up."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.display import FIRST_ROWS
from kg.types import Answer

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table></div><iframe src='https://example.org'>",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    'https://example.org/" onmouseover="alert(1)',
    "data:text/html,<script>alert(1)</script>",
    "\x00\ud800",
    "‮evil",
]
ALLOWED = {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "small", "br", "code", "a"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text, self.links = "", list[str]()

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= {"class", "href", "rel"}
        self.links += [value for name, value in attrs if name == "href"]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def _read(answer: Answer) -> _Page:
    page = _Page()
    page.feed(answer._repr_html_())
    page.close()
    assert not page.open
    assert all(link.lower().startswith(("http://", "https://")) for link in page.links)
    return page


def _told(text: str) -> dict:
    link = {
        "subject": text,
        "subject_name": text,
        "object": text,
        "object_name": text,
        "relation": text,
        "how": text,
    }
    piece = {"edge": text, "paper": text, "title": text, "url": text, "quote": text, "start": 3, "year": text}
    spans = {"subject_start": 3, "subject_end": 5, "object_start": 4, "object_end": 900}
    return {"id": text, "name": text, "type": text, "heading": text, "value": text, "via": [link], "evidence": [{**piece, **spans}]}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_is_markup(text):
    card = {**_told(text), "facts": {text: [text, {"name": text}]}}
    path = {"nodes": [{"id": text, "name": text}], "relationships": []}
    plain = {text: text, "list": [text, 1], "node": {"label": text, "id": text, "name": text}, "path": path}
    for rows in ([_told(text)], [card], [plain]):
        page = _read(Answer(text, "", rows=rows, notes=[text]))
        assert text.strip("\x00") in page.text or text in page.text


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_text_comes_back_as_it_was(text):
    page = _read(Answer(text, "", rows=[{"n": text}]))
    if "\r" not in text and "\x00" not in text:
        assert page.text.count(text) >= 2 or not text


def test_quotes_link_to_their_paper_with_the_words_in_bold():
    piece = {"quote": "Zork is tuned from Bard.", "start": 10, "paper": "p", "title": "On Zork", "year": 2023}
    piece |= {"subject_start": 10, "subject_end": 14, "url": "https://example.org/?a=1&b=2"}
    html = Answer("", "", rows=[{"name": "Zork", "via": [], "evidence": [piece]}])._repr_html_()
    assert "“<b>Zork</b> is tuned from Bard.”" in html
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="noopener">(On Zork, 2023)</a>' in html


def test_many_rows_are_cut_and_counted():
    html = Answer("", "", rows=[{"n": i} for i in range(FIRST_ROWS + 7)])._repr_html_()
    assert html.count("<tr>") == FIRST_ROWS + 1
    assert "… and 7 more rows" in html
    assert "No rows." in Answer("q", "")._repr_html_()


def test_attributes_of_a_network_can_be_written(tmp_path):
    import networkx as nx

    answer = Answer("", "", rows=[{**_told("<x>"), "extra": None}])
    nx.write_graphml(answer.to_networkx(), tmp_path / "g.graphml")
    assert set(nx.read_graphml(tmp_path / "g.graphml")) == {"<x>"}
