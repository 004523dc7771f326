"""Slides: legible in a real browser, the same bytes every time, and told where matplotlib is missing."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import pytest
from lxml import etree

from browser import Browser
from kg import export
from kg.errors import UsageError
from kg.export import slide
from kg.export.drawing import Arrow, Box, drawing

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>$x_1$ & \\frac{1}{2}</b> \x00 模型"


def lineage() -> slide.Drawing:
    """A base with 18 derivatives, three of them with more below, one of a long and one of a strange name."""
    names = {"base": "LLaMA", "long": "a name " * 20, "nasty": NASTY}
    boxes = [Box(i, name, "Model") for i, name in names.items()]
    arrows = [Arrow("long", "base", "BUILT_ON", "continued-pretraining", 3)]
    arrows += [Arrow("nasty", "base", "PART_OF", "size of")]
    for i in range(16):
        boxes.append(Box(f"d{i}", f"Derivative {i}", "Model", possible=i == 7))
        arrows.append(Arrow(f"d{i}", "base" if i % 4 else "long", "BUILT_ON", "fine-tuned", 1))
        boxes.append(Box(f"data{i}", f"Corpus {i}", "Dataset"))
        arrows.append(Arrow(f"d{i}", f"data{i}", "TRAINED_ON", "is trained on", 1))
    boxes.append(Box("left", "An older model", "Model"))
    arrows.append(Arrow("base", "left", "BUILT_ON", "distilled", 1))
    arrows.append(Arrow("d1", "d2", "BUILT_ON", "merged", 1))
    return drawing("What is built on LLaMA", "base", boxes, arrows, ["18 stated by papers"])


def texts(path: Path) -> list[str]:
    return ["".join(t.itertext()) for t in etree.parse(path).iter(f"{SVG}text")]


def test_an_svg_holds_names_words_title_and_legend_as_text(tmp_path):
    slide.write(lineage(), tmp_path / "a.svg", "svg")
    found = texts(tmp_path / "a.svg")
    for words in (
        "What is built on LLaMA", "18 stated by papers", "1 further edge between these, not drawn", "LLaMA",
        "continued-pretraining, 3 papers", "size of", "distilled", "Model", "Dataset", "built on",
        NASTY.replace("\x00", "\ufffd"), "possible: stated of its family",
    ):  # fmt: skip
        assert words in found
    assert found.count("fine-tuned") == 16
    assert next(t for t in found if t.startswith("a name")).endswith("…")


def test_no_two_texts_overlap_in_a_real_browser(tmp_path, browser: Browser):
    slide.write(lineage(), tmp_path / "a.svg", "svg")
    browser.open(tmp_path / "a.svg")
    boxes = browser.run(
        "return [...document.querySelectorAll('text')].map(t => { const b = t.getBoundingClientRect();"
        " return [t.textContent, b.left, b.top, b.right, b.bottom]; })"
    )
    width = browser.run("return document.documentElement.getBoundingClientRect().right")
    assert len(boxes) > 70
    for (one, *a), (other, *b) in itertools.combinations(boxes, 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3], f"{one!r} lies on {other!r}"
    assert all(0 <= left < right <= width for _, left, _, right, _ in boxes)
    assert not browser.told()


@pytest.mark.parametrize("form", slide.FORMATS)
def test_the_same_drawing_gives_the_same_bytes_without_a_date(tmp_path, form):
    slide.write(lineage(), tmp_path / "a", form)
    slide.write(lineage(), tmp_path / "b", form)
    written = (tmp_path / "a").read_bytes()
    assert written == (tmp_path / "b").read_bytes()
    assert not re.search(rb"20[2-9]\d-[01]\d|/CreationDate|matplotlib", written, re.IGNORECASE)


def test_a_png_is_large_and_painted(tmp_path):
    slide.write(lineage(), tmp_path / "a.png", "png")
    pixels = matplotlib.image.imread(tmp_path / "a.png")
    assert pixels.shape[1] > 1200
    assert (pixels[0, 0, :3] == 1).all()
    assert 0.01 < (pixels[:, :, :3].min(axis=2) < 0.5).mean() < 0.5


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_neighbourhood_is_drawn_and_a_whole_graph_is_not(graph, tmp_path, form):
    written = export.write(graph, tmp_path / f"a.{form}", around="alpaca", hops=2)
    assert written.counts == {"boxes": 5, "arrows": 5}
    with pytest.raises(UsageError, match=r"--around NAME.*\.gexf"):
        export.write(graph, tmp_path / f"b.{form}")


def test_the_best_supported_are_drawn_where_there_are_many(make, table_rows, tmp_path):
    for i in range(100):
        table_rows["entities"].append({"id": f"m{i:03}", "type": "Model", "name": f"M{i}"})
        table_rows["edges"].append(
            {"id": f"m{i:03}|BUILT_ON|alpaca", "relation": "BUILT_ON", "subject": f"m{i:03}", "subject_type": "Model",
             "object": "alpaca", "object_type": "Model", "support": i, "how": "distilled"}
        )  # fmt: skip
    for rows in table_rows.values():
        rows.sort(key=lambda row: row["id"])
    graph = make(tmp_path / "many", table_rows)
    assert export.write(graph, tmp_path / "a.svg", around="alpaca").counts["boxes"] == 24
    found = texts(tmp_path / "a.svg")
    assert "The 23 best supported of 103 things within 1 link" in found
    assert {"M99", "M80", "distilled, 99 papers"} <= set(found)
    assert not {"M1", "M50"} & set(found)


def test_without_matplotlib_the_way_out_is_told(tmp_path):
    script = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from kg.export import slide\nfrom kg.export.drawing import Box, drawing\nfrom pathlib import Path\n"
        "slide.write(drawing('t', 'a', [Box('a', 'A', 'Model')], []), Path('a.svg'), 'svg')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "pip install matplotlib" in done.stderr
    assert not list(tmp_path.iterdir())
