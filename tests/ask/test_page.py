"""The page of an answer, opened in a real browser: whole, alone, and safe whatever a paper's text holds."""

from pathlib import Path

import pytest

from browser import Browser
from kg.ask import as_html, ask, lineage, show
from kg.stores import Store
from kg.types import Answer

HOSTILE = "</script><script>window.hacked = 1</script>\"'><img src=x onerror='window.hacked = 2'><b>bold</b> & {{ 7*7 }}"


def write(folder: Path, answer: Answer) -> Path:
    path = folder / "page.html"
    path.write_text(as_html(answer), "utf8")
    return path


def hostile() -> Answer:
    """A lineage in which every text is an attack."""
    link = {
        "edge": HOSTILE, "subject": HOSTILE, "subject_name": HOSTILE, "subject_type": HOSTILE, "relation": "BUILT_ON",
        "object": "y", "object_name": HOSTILE, "object_type": "Model", "how": HOSTILE, "support": 2,
    }  # fmt: skip
    pieces = [
        {"edge": HOSTILE, "paper": HOSTILE, "title": HOSTILE, "url": url, "quote": HOSTILE, "year": 2023}
        for url in ("javascript:window.hacked=3", "https://example.org/?a=\"><script>window.hacked=4</script>", "data:text/html,x")
    ]  # fmt: skip
    for i, piece in enumerate(pieces):
        piece |= {"paper": f"{HOSTILE}{i}", "start": 100, "subject_start": 109, "subject_end": 117}
    row = {"id": HOSTILE, "name": HOSTILE, "type": HOSTILE, "kind": "derivative", "hops": 1, "via": [link]}
    return Answer(HOSTILE, HOSTILE, {"id": "y", "x": HOSTILE}, [row | {"evidence": pieces}], [HOSTILE])


def test_a_page_shows_every_row_with_its_quote_and_a_link(
    store: Store, browser: Browser, tmp_path: Path
) -> None:
    answer = lineage(store, "llama")
    path = write(tmp_path, answer)
    browser.open(path)
    assert browser.run("return document.title") == "What is built on LLaMA"
    shown = browser.run("return [...document.querySelectorAll('main .chip')].map(c => c.textContent)")
    assert {row["name"] for row in answer.rows} <= set(shown)
    text = browser.run("return document.body.innerText")
    for row in answer.rows:
        for piece in row["evidence"][:1]:
            assert piece["quote"] in text
    links = browser.run("return [...document.querySelectorAll('figcaption a')].map(a => a.href)")
    assert "https://arxiv.org/abs/2303.00002" in links
    assert browser.asked() == [path.resolve().as_uri()]  # nothing else was asked for
    assert browser.told() == []


def test_the_find_box_keeps_what_matches_and_what_it_hangs_on(
    store: Store, browser: Browser, tmp_path: Path
) -> None:
    browser.open(write(tmp_path, lineage(store, "llama")))
    seen = (
        "return [...document.querySelectorAll('main li:not(.gone) > .node > .chip')].map(c => c.textContent)"
    )
    everything = browser.run(seen)
    type_in = "const f = document.getElementById('find'); f.value = arguments[0]; f.dispatchEvent(new Event('input'));"
    browser.run(type_in, "minigpt")
    found = browser.run(seen)
    assert "MiniGPT-4" in found
    assert "Vicuna" in found  # on the way to it
    assert "Guanaco" not in found
    assert browser.run("return document.getElementById('found').value").endswith("found")
    browser.run(type_in, "")
    assert browser.run(seen) == everything
    visible = "return [...document.querySelectorAll('figure')].filter(f => f.offsetHeight > 0).length"
    assert browser.run(visible) > 0
    browser.run("document.getElementById('quotes').click()")
    assert browser.run(visible) == 0


def test_nothing_in_a_text_becomes_code_or_a_dangerous_link(browser: Browser, tmp_path: Path) -> None:
    path = write(tmp_path, hostile())
    browser.open(path)
    assert browser.run("return window.hacked ?? null") is None
    assert browser.run("return document.querySelectorAll('img, b').length") == 0
    assert browser.run("return document.querySelectorAll('script').length") == 1
    assert browser.run("return document.querySelector('h1').textContent")[1:] == HOSTILE[1:]
    assert HOSTILE in browser.run("return document.querySelector('blockquote').textContent")
    protocols = browser.run("return [...document.querySelectorAll('a')].map(a => a.protocol)")
    assert protocols == ["https:"]
    marks = browser.run(
        "return [...document.querySelectorAll('mark')].map(m => [m.className, m.textContent])"
    )
    assert ["subject", "<script>"] in marks
    assert browser.asked() == [path.resolve().as_uri()]


def test_the_policy_of_the_page_lets_nothing_in_or_out(
    browser: Browser, store: Store, tmp_path: Path
) -> None:
    browser.open(write(tmp_path, lineage(store, "llama")))
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'https://example.org/x.png'; document.body.append(i);"
    )
    assert browser.run("return window.hacked ?? null") is None
    assert (
        browser.run("return fetch('https://example.org/').then(() => 'sent', () => 'blocked')") == "blocked"
    )
    assert sum("Content Security Policy" in line for line in browser.told()) >= 3


def test_the_same_answer_makes_the_same_page(store: Store) -> None:
    assert as_html(lineage(store, "llama")) == as_html(lineage(store, "llama"))


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_sticks_out_of_a_narrow_window(
    store: Store, browser: Browser, tmp_path: Path, width: int
) -> None:
    page = write(tmp_path, lineage(store, "llama"))
    browser.open(page)
    browser.run("document.body.style.width = arguments[0] + 'px'", width - 30)
    assert browser.run("return document.body.scrollWidth <= arguments[0]", width)


def test_other_answers_make_pages_too(store: Store, browser: Browser, tmp_path: Path) -> None:
    answers = [lineage(store, "MiniGPT-4", direction="up"), show(store, "BERT"), show(store, "2305.00006")]
    answers += [ask(store, q) for q in ("results on SQuAD", "the largest models", "what is LLaMA trained on")]
    for answer in answers:
        browser.open(write(tmp_path, answer))
        text = browser.run("return document.body.textContent")
        assert all(row["name"] in text for row in answer.rows)
        assert browser.told() == []
