"""Every format gives the same papers; what is broken is set aside or told in one line."""

import contextlib
import csv
import gzip
import io
import itertools
import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import sources
from kg.errors import InputError, UsageError
from kg.text import fold, one_line, storable
from kg.types import Paper, Reject

ROWS = [
    {"id": "a1", "title": "Alpaca: A Small Follower", "abstract": "Alpaca is LLaMA 7B, fine-tuned on 52K demonstrations.", "published": "2023-03-13"},
    {"id": "2307.09288v2", "title": "Llama 2, “Chat” & more", "abstract": "Line one; 1,5\nline two\twith <b>marks</b> &amp; $\\alpha$.", "published": "2023"},
    {"id": "b7", "title": "Zephyr, said “briefly”: \"7B\"", "abstract": "", "published": ""},
]  # fmt: skip


def as_json_lines(rows: list[dict]) -> bytes:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows).encode()


def as_json_array(rows: list[dict]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def as_json_line_array(rows: list[dict]) -> bytes:
    return b"[" + b",\n".join(json.dumps(r).encode() for r in rows) + b"]"


def as_held_array(rows: list[dict]) -> bytes:
    return json.dumps({"meta": {"count": [len(rows)]}, "papers": rows}).encode()


def as_objects(rows: list[dict]) -> bytes:
    return "\n".join(json.dumps(r, indent=2) for r in rows).encode()


def as_table(delimiter: str):
    def write(rows: list[dict]) -> bytes:
        file = io.StringIO()
        writer = csv.DictWriter(file, list(ROWS[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        return file.getvalue().encode()

    return write


def as_spreadsheet(rows: list[dict]) -> bytes:
    return b"\xef\xbb\xbf" + as_table(";")(rows)


def as_utf16(rows: list[dict]) -> bytes:
    return as_table("\t")(rows).decode().encode("utf-16")


def as_parquet(rows: list[dict]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows).append_column("more", pa.array([[1]] * len(rows))), file)
    return file.getvalue()


WRITERS = {
    "json lines": as_json_lines,
    "json array": as_json_array,
    "json array, one a line": as_json_line_array,
    "json held in an object": as_held_array,
    "json objects": as_objects,
    "csv": as_table(","),
    "tsv": as_table("\t"),
    "csv of a spreadsheet": as_spreadsheet,
    "csv with bars": as_table("|"),
    "utf-16": as_utf16,
    "parquet": as_parquet,
}
PACKED = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip in two members": lambda b: gzip.compress(b[:40]) + gzip.compress(b[40:]),
    "gzip padded with zeros": lambda b: (
        gzip.compress(b[:40]) + bytes(20_000) + gzip.compress(b[40:]) + bytes(60)
    ),
    "zstd": zstandard.ZstdCompressor().compress,
    "zstd in two frames": lambda b: zstandard.compress(b[:40]) + zstandard.compress(b[40:]),
}


def bare(papers) -> list[Paper]:
    """Papers without the place they were read from; no rejects."""
    papers = list(papers)
    assert not [p for p in papers if isinstance(p, Reject)]
    return [replace(p, source=None) for p in papers]


def expected(rows: list[dict]) -> list[tuple]:
    return [(r["id"], one_line(r["title"]), one_line(r["abstract"])) for r in rows]


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("format", WRITERS)
def test_every_format_packed_in_every_way_gives_the_same_papers(tmp_path, format, packed):
    file = tmp_path / "without-suffix"
    file.write_bytes(PACKED[packed](WRITERS[format](ROWS)))
    first, second, third = bare(sources.read([file]))
    assert [(p.id, p.title, p.abstract) for p in (first, second, third)] == expected(ROWS)
    assert (first.published, first.date_origin, first.arxiv, first.url) == ("2023-03-13", "input", None, None)
    assert (second.arxiv, second.url) == ("2307.09288", "https://arxiv.org/abs/2307.09288")
    assert (third.published, third.date_origin) == (None, None)


# what a text editor can hold; line ends inside fields are folded to blanks on reading anyway
written = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\",;|\n\t'\\"),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(written, written), min_size=1, max_size=5),
    format=st.sampled_from(sorted(WRITERS)),
)
def test_any_text_survives_every_format(tmp_path_factory, rows, format):
    papers = [
        {"id": f"p{i}", "title": f"T {t}", "abstract": a, "published": ""} for i, (t, a) in enumerate(rows)
    ]
    file = tmp_path_factory.mktemp("any") / "papers"
    file.write_bytes(WRITERS[format](papers))
    found = [(p.id, p.title, p.abstract) for p in bare(sources.read([file]))]
    assert found == [(i, one_line(storable(t)), one_line(storable(a))) for i, t, a in expected(papers)]


MARK = "Get trending papers in your email inbox"  # what these pages begin with
PAGE = f"""{MARK} once a day!
{MARK}!
SubscribeVicuna, Briefly
{{long}} It ends.
Koala
{{long}} It ends too, at https://example.org/koala
"""
SPACED_PAGE = f"""new

{MARK}!

Subscribe

by{"AK and the research community"}

Mar 11

Orca, Briefly

{{long}} It ends.

A Title Without Abstract

Guanaco

Short, but a sentence.

{{long}} A second paragraph."""
LONG = "Vicuna is LLaMA 13B fine-tuned on conversations that users shared. " * 6


def test_pages_of_both_layouts_also_one_after_the_other(tmp_path):
    one, other = PAGE.format(long=LONG), SPACED_PAGE.format(long=LONG)
    titles = ["Vicuna, Briefly", "Koala", "Orca, Briefly", "A Title Without Abstract", "Guanaco"]
    for text, want in (
        (one, titles[:2]),
        (other, titles[2:]),
        (one + other, titles),
        (one.rstrip() + "." + one, titles[:2] * 2),  # no line end between
        (other + one, titles[2:] + titles[:2]),
        (other + other, titles[2:] * 2),
    ):
        (tmp_path / "page.txt").write_text(text)
        papers = bare(sources.read(tmp_path / "page.txt"))
        assert [p.title for p in papers] == want
        assert not any("trending" in p.abstract or p.abstract.endswith("new") for p in papers)
        assert all(len(p.abstract) > 300 for p in papers if p.title not in titles[3:])
    assert (papers[1].abstract, papers[2].abstract) == (
        "",
        f"Short, but a sentence. {LONG}A second paragraph.",
    )
    assert papers[0].id.startswith("t:")
    assert papers[0].id == papers[3].id


def test_the_seed_pages_hold_exactly_their_papers(shared):
    papers, gold = [], {}
    for page, path in enumerate(sorted((shared / "seeds").glob("*.txt"))):
        found = bare(sources.read(path))
        papers.append(found)
        gold |= {f"{page:03}-{i:03}": (p.title, p.abstract) for i, p in enumerate(found)}
    every = list(itertools.chain(*papers))
    assert [len(p) for p in papers] == [352, 290, 247, 94, 97]
    assert len(every) == 1080
    assert len({fold(p.title) for p in every}) == len({p.id for p in every}) == 993
    for part in ("train", "dev"):
        for line in (shared / "gold" / f"{part}.jsonl").read_text("utf8").splitlines():
            known = json.loads(line)
            assert gold[known["id"]] == (known["title"], known["abstract"])
    assert bare(sources.read(shared / "seeds")) == every


def test_the_corpus_reads_whole(shared):
    papers = bare(sources.read(shared / "corpus" / "abstracts.jsonl.gz"))
    assert len(papers) == len({p.id for p in papers}) == 25_000
    assert sum(p.published is not None for p in papers) == 24_055


SNAPSHOT = {
    "id": "0704.0001", "submitter": "A Person", "authors": "A Person", "title": "A title\n  over lines", "comments": None,
    "journal-ref": None, "doi": "10.1103/PhysRevD.1 10.1/second", "report-no": None, "categories": "cs.CL cs.LG",
    "license": None, "abstract": "  We train BERT\non text.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}, {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"}],
    "update_date": "2008-11-26", "authors_parsed": [["Person", "A", ""]],
}  # fmt: skip


@pytest.mark.parametrize("format", ["json lines", "parquet"])
def test_the_arxiv_snapshot(tmp_path, format):
    old = SNAPSHOT | {"id": "math/0309136", "doi": None, "versions": []}
    (tmp_path / "snapshot").write_bytes(WRITERS[format]([SNAPSHOT, old]))
    new, early = bare(sources.read(tmp_path / "snapshot"))
    assert new == Paper(
        "0704.0001", "A title over lines", "We train BERT on text.", published="2007-04-02", updated="2008-11-26",
        date_origin="input", arxiv="0704.0001", doi="10.1103/physrevd.1", url="https://arxiv.org/abs/0704.0001",
    )  # fmt: skip
    assert (early.arxiv, early.published, early.date_origin) == ("math/0309136", "2003-09", "arxiv")


def test_broken_records_are_set_aside_and_the_rest_is_read(tmp_path):
    lines = [
        b'{"id": 1, "title": "Kept", "abstract": null, "year": 2020}',
        b'{"id": 2, "title": "cut',
        b'{"id": 3, "abstract": "no title"}',
        b'{"id": 4, "title": ["a", "list"]}',
        b'["no", "object"]',
        b'{"id": 2301.1, "title": "a number for an id"}',
        b'{"id": 7, "title": "caf\xe9"}',
        b'{"id": 8, "title": "T", "published": {"year": 2020}}',
        b"[" * 100_000,
        b"",
        b'{"id": 11.0, "title": "Kept too \\ud800\\u0000", "abstract": NaN, "published": "no date"}',
    ]
    file = tmp_path / "mixed.jsonl"
    file.write_bytes(b"\n".join(lines))
    found = list(sources.read([file]))
    kept, rejects = ([f for f in found if isinstance(f, kind)] for kind in (Paper, Reject))
    assert [(p.id, p.title, p.abstract, p.published) for p in kept] == [
        ("1", "Kept", "", "2020"),
        ("11", "Kept too \ufffd\ufffd", "", None),
    ]
    assert [r.line for r in rejects] == [2, 3, 4, 5, 6, 7, 8, 9]
    reasons = " | ".join(r.reason for r in rejects)
    for part in ("Unterminated string", "no title", "a list, not text", "an array, not an object", "lost digits",
                 "not UTF-8 (byte 0xe9)", "an object, not text", "recursion"):  # fmt: skip
        assert part in reasons
    assert {r.file for r in rejects} == {str(file)}
    assert all(r.excerpt and len(r.excerpt) <= 160 for r in rejects)

    with sources.Rejects(tmp_path / "rejects.jsonl") as aside:
        for reject in rejects:
            aside.add(reject)
    assert (aside.count, aside.first) == (8, rejects[0])
    written = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text("utf8").splitlines()]
    assert [Reject(**w) for w in written] == rejects


def test_a_broken_object_of_an_array_costs_only_itself(tmp_path):
    good = json.dumps({"title": "Good [1] \\", "abstract": 'with "quotes" } and {'})
    for broken in (
        '{"title": "never ends}',
        '{"title" "no colon"}',
        '{"title": "a", }',
        "12",
        '{"title": "x"]]',
    ):
        (tmp_path / "a.json").write_text(f"[\n{good},\n{broken},\n{good}\n,{good}]")
        found = list(sources.read([tmp_path / "a.json"]))
        assert [type(f) for f in found[:2]] == [Paper, Reject], broken
        assert found[1].line == 3
        assert sum(isinstance(f, Paper) for f in found) >= 2, broken
    (tmp_path / "a.json").write_text(f"[{good},\n{good[:20]}")
    first, second = sources.read([tmp_path / "a.json"])
    assert isinstance(first, Paper)
    assert "does not end" in second.reason


def test_rows_of_a_table_that_do_not_fit_are_set_aside(tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes(
        b'title,abstract,n\nA,"two\nlines",1\nB,un,quoted,2\nC\n\n,no title,3\nD\xff,x,4\nE,last,5\n'
    )
    found = list(sources.read([file]))
    assert [f.title if isinstance(f, Paper) else (f.line, f.reason.split(";")[0]) for f in found] == [
        "A",
        (4, "4 fields where the heading has 3"),
        (5, "1 fields where the heading has 3"),
        (7, "no title"),
        (8, "not UTF-8 (byte 0xff)"),
        "E",
    ]
    assert found[-1].source == "t.csv:9"


def test_tabs_without_quoting_keep_their_quotes(tmp_path):
    (tmp_path / "t.tsv").write_text('title\tabstract\n"Zero-shot" is a word\t"open\n"All ""quoted"""\ta\n')
    assert [(p.title, p.abstract) for p in bare(sources.read([tmp_path / "t.tsv"]))] == [
        ('"Zero-shot" is a word', '"open'),
        ('All "quoted"', "a"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"Paper ID": "x", "TITLE": "T", "Summary": "A", "Publication_Date": "Feb 27, 2023"},
        {"arxiv_id": "x", "title": "T", "abstract": "A", "year": 2023, "date": "2023-02-27"},
        {"id": "x", "paper-title": "T", "abstract_text": "A", "publishedAt": "2023-02-27T10:00:00.000Z"},
    ],
)
def test_columns_are_known_by_their_usual_names(tmp_path, row):
    (tmp_path / "p.jsonl").write_text(json.dumps(row))
    (paper,) = bare(sources.read([tmp_path / "p.jsonl"]))
    assert (paper.id, paper.title, paper.abstract, paper.published) == ("x", "T", "A", "2023-02-27")


def test_a_map_goes_before_the_usual_names(tmp_path):
    row = {"id": "no", "key": "yes", "headline": "T", "title": "no", "paper": {"summary": "A"}}
    mapping = {"id": "key", "title": "headline", "abstract": "paper.summary"}
    (tmp_path / "p.jsonl").write_text(json.dumps(row))
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "p.parquet")
    for name in ("p.jsonl", "p.parquet"):
        (paper,) = bare(sources.read([tmp_path / name], mapping=mapping))
        assert (paper.id, paper.title, paper.abstract) == ("yes", "T", "A")
    (tmp_path / "p.csv").write_text("key,headline\nyes,T\n")
    (paper,) = bare(sources.read([tmp_path / "p.csv"], mapping={"id": "key", "title": "headline"}))
    assert (paper.id, paper.title) == ("yes", "T")
    with pytest.raises(InputError, match=r"no column 'nope' to take the abstract from; it has key, headline"):
        list(sources.read([tmp_path / "p.csv"], mapping={"title": "headline", "abstract": "nope"}))
    with pytest.raises(UsageError, match="Cannot map 'titel'"):
        sources.read([tmp_path / "p.csv"], mapping={"titel": "headline"})


def test_ids_and_dates_come_from_addresses_where_the_input_has_no_others(tmp_path):
    rows = [
        {"title": "One", "url": "https://arxiv.org/abs/2305.14314v1"},
        {"title": "Two", "doi": "https://doi.org/10.18653/V1/N19-1423"},
        {"title": "Three", "id": "x", "doi": "10.48550/arXiv.1706.03762", "published": "2017"},
        {"title": "Four", "id": "  "},
    ]
    (tmp_path / "p.jsonl").write_bytes(as_json_lines(rows))
    one, two, three, four = bare(sources.read([tmp_path / "p.jsonl"]))
    assert (one.id, one.arxiv, one.published, one.date_origin) == (
        "2305.14314",
        "2305.14314",
        "2023-05",
        "arxiv",
    )
    assert (two.id, two.doi, two.url) == (
        "10.18653/v1/n19-1423",
        "10.18653/v1/n19-1423",
        "https://doi.org/10.18653/v1/n19-1423",
    )
    assert (three.id, three.arxiv, three.published, three.date_origin) == ("x", "1706.03762", "2017", "input")
    assert four.id.startswith("t:")


def test_a_record_of_ours_is_read_as_the_paper_it_was(tmp_path):
    from kg.jsonl import write_records
    from kg.types import Record

    (tmp_path / "p.csv").write_text("title,url\nOne,https://arxiv.org/abs/2305.14314\nTwo,\n")
    papers = list(sources.read([tmp_path / "p.csv"]))
    with (tmp_path / "records.jsonl").open("w") as file:
        write_records((Record(p, "0.1.0") for p in papers), file)
    assert list(sources.read([tmp_path / "records.jsonl"])) == papers


def test_folders_are_read_in_order_and_strange_files_set_aside(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name in ("b/2.jsonl", "b/c/1.jsonl", "a.jsonl", ".hidden", ".git/x", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps({"title": name}))
    (tmp_path / "notes.md").write_text("Some notes.")
    (tmp_path / "empty.csv").touch()
    found = list(sources.read(tmp_path))
    assert [f.title for f in found if isinstance(f, Paper)] == [
        "a.jsonl",
        "b/2.jsonl",
        "b/c/1.jsonl",
        "b.jsonl",
    ]
    assert [(Path(f.file).name, f.line, f.reason[:9]) for f in found if isinstance(f, Reject)] == [
        ("empty.csv", None, "empty: it"),
        ("notes.md", None, "of no for"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"Dear reader, this is a letter.\n", "no format that `kg` knows: Parquet, page dump"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"<html></html>", "HTML"),
        (b"\x00\x01\x02\x03" * 99, "no format"),
        (
            b"name,authors,venue\na,b,c\n",
            "no column.* title|without a column of titles; it has name, authors, venue",
        ),
        (gzip.compress(as_json_lines(ROWS) * 50)[:-20], "cut short"),
        (zstandard.compress(as_json_lines(ROWS) * 50)[:-3], "cut short"),
        (
            gzip.compress(as_json_lines(ROWS))[:-8] + b"no crc!!",
            "cannot be read: its compressed data is damaged",
        ),
        (as_parquet(ROWS)[:-9], "no whole Parquet file"),
    ],
)
def test_an_unreadable_file_is_one_clear_error(tmp_path, content, says):
    file = tmp_path / "papers.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=says) as error:
        list(sources.read([file]))
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_paths_are_looked_at_before_the_first_paper(tmp_path):
    (tmp_path / "p.jsonl").write_bytes(as_json_lines(ROWS))
    with pytest.raises(InputError, match=r"missing\.csv does not exist\. Check the path"):
        sources.read([tmp_path / "p.jsonl", tmp_path / "missing.csv"])
    with pytest.raises(InputError, match="folder without files"):
        list(
            sources.read(
                [tmp_path.parent / tmp_path.name / ".." / tmp_path.name / "."][:0] or [_empty(tmp_path)]
            )
        )
    with pytest.raises(UsageError, match="once only"):
        sources.read(["-", "-"])


def _empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_decompression_bomb_is_refused(tmp_path, pack):
    (tmp_path / "bomb").write_bytes(pack(b'{"title": "x"}\n' + b" " * (300 << 20)))
    with pytest.raises(InputError, match="bomb"):
        list(sources.read([tmp_path / "bomb"]))


def test_an_endless_line_is_set_aside(tmp_path):
    endless = b'{"title": "' + b"x" * (5 << 20) + b'"}\n'
    (tmp_path / "p.jsonl").write_bytes(endless + as_json_lines(ROWS))
    first, *rest = sources.read([tmp_path / "p.jsonl"])
    assert "more than" in first.reason
    assert len(rest) == 3


@pytest.mark.parametrize("format", ["json lines", "json array", "csv", "parquet"])
def test_stdin_gives_the_same_papers(format):
    code = "from kg import sources; print([p.title for p in sources.read('-')])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=gzip.compress(WRITERS[format](ROWS)),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == str([one_line(r["title"]) for r in ROWS])


def test_papers_stream_from_a_pipe_that_is_still_open(tmp_path):
    import os

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    first_seen = threading.Event()

    def feed() -> None:
        with pipe.open("wb") as file:
            file.write(as_json_lines(ROWS) * 2000)
            file.flush()
            first_seen.wait(30)

    thread = threading.Thread(target=feed)
    thread.start()
    papers = sources.read([pipe])
    first = next(papers)
    first_seen.set()
    assert first.title == "Alpaca: A Small Follower"
    assert sum(1 for _ in papers) == 5999
    thread.join()


def test_memory_does_not_grow_with_the_input(tmp_path):
    """Twenty times the papers, no more memory: measured in a process of its own."""
    code = (
        "import resource, sys; from kg import sources; n = sum(1 for _ in sources.read(sys.argv[1:]));"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    paper = {"title": "T", "abstract": "word " * 300, "authors": [{"name": "N"}] * 9}
    for suffix, write in (("json", as_json_line_array), ("jsonl", as_json_lines), ("parquet", as_parquet)):
        peaks = []
        for count in (1000, 20_000):
            file = tmp_path / f"{count}.{suffix}"
            file.write_bytes(write([paper | {"id": str(i)} for i in range(count)]))
            done = subprocess.run(
                [sys.executable, "-c", code, file], capture_output=True, check=True, text=True
            )
            read, peak = map(int, done.stdout.split())
            assert read == count
            peaks.append(peak)
        assert peaks[1] - peaks[0] < 20_000, suffix  # KiB; the papers are 30 MB


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda t: ('[{"title":' + t).encode("utf8", "replace"))
)
def test_any_bytes_give_papers_rejects_or_one_error(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("any") / "x"
    file.write_bytes(data)
    with contextlib.suppress(InputError):
        for found in sources.read([file]):
            assert isinstance(found, Paper | Reject)


@pytest.mark.parametrize("format", ["csv", "json lines", "json array"])
def test_broken_places_of_utf_16_are_set_aside(tmp_path, format):
    whole = WRITERS[format](ROWS).decode().encode("utf-16")
    (tmp_path / "cut").write_bytes(whole[:-1])  # in the middle of a character
    lone = whole.replace("briefly".encode("utf-16-le"), b"\x41\xd8" + "riefly".encode("utf-16-le"))
    (tmp_path / "lone").write_bytes(lone)  # half of a pair
    for name, reason in (("cut", ""), ("lone", "not UTF-16 (byte 0x")):
        found = list(sources.read([tmp_path / name]))
        assert [f.title for f in found[:2]] == [ROWS[0]["title"], one_line(ROWS[1]["title"])]
        assert any(reason in f.reason for f in found if isinstance(f, Reject))


def test_a_document_cut_behind_a_colon_is_told_so(tmp_path):
    (tmp_path / "p.json").write_text('{\n"papers":')
    (reject,) = sources.read([tmp_path / "p.json"])
    assert "cut short" in reject.reason


def test_whole_papers_are_no_abstracts(tmp_path):
    rows = [{"title": "T", "abstract": "word " * 200_000}, {"title": "Long " * 300}, {"title": "Kept"}]
    (tmp_path / "p.jsonl").write_bytes(as_json_lines(rows))
    abstract, title, kept = sources.read([tmp_path / "p.jsonl"])
    assert abstract.reason == "abstract of 999,999 characters, more than 10,000: is it a whole paper?"
    assert title.reason.startswith("title of 1,499 characters, more than 1,000")
    assert kept.title == "Kept"
