"""Each format of other programs, from a small file of it: what is read, and what is set aside and why."""

import gzip
from pathlib import Path

import pytest

from kg import sources
from kg.errors import InputError
from kg.sources import FORMATS
from kg.sources.stream import open_source
from kg.types import Paper, Reject

FIXTURES = Path(__file__).parent / "fixtures"
FIELDS = ("id", "title", "abstract", "published", "updated", "date_origin", "arxiv", "doi", "url", "source")
GENERIC = {"JSON", "JSON Lines", "CSV or TSV"}

# file → format; then (line, fields that are not None) of each paper, or (line, part of the reason) of a reject
READ: dict[str, tuple[str, list[tuple[int, dict[str, str] | str]]]] = {
    "library.bib": (
        "BibTeX",
        [
            (7, {"id": "small2023alpaca", "title": "Alpaca at Night: Über-small Followers & their 50% Cost",
                 "abstract": "We fine-tune LLaMA 7B on 10,000 demonstrations – 20% fewer than Vicuna, for $2\\times$ the speed. It is “open”.",
                 "published": "2023-04-04", "date_origin": "input", "arxiv": "2304.01234", "url": "https://arxiv.org/abs/2304.01234"}),
            (17, {"id": "K-2", "title": 'A Model of "Quotes" Falcon', "abstract": "", "published": "2024-06", "date_origin": "input",
                  "doi": "10.18653/v1/2024.acl-long.7_x", "url": "https://aclanthology.org/2024.acl-long.7_x"}),
            (26, "a volume of proceedings"),
            (27, {"id": "twice", "title": "First Title", "abstract": "", "published": "2020", "date_origin": "input",
                  "arxiv": "2007.00001", "url": "https://arxiv.org/abs/2007.00001"}),
            (28, "broken BibTeX: Unexpectedly reached end"),
            (29, "no title"),
            (30, {"id": "last", "title": "An $x_{1}$ été with Mistral left", "abstract": "", "published": "2001-12",
                  "date_origin": "arxiv", "arxiv": "cs/0112017", "url": "https://arxiv.org/abs/cs/0112017"}),
        ],
    ),
    "references.ris": (
        "RIS",
        [
            (4, {"id": "10.1000/abc", "title": "Vicuna Reads the Night Sky", "published": "2023-02-27", "date_origin": "input",
                 "abstract": "Vicuna is LLaMA 13B, fine-tuned on chats. It goes on over lines - and even AB - dashes.",
                 "doi": "10.1000/abc", "url": "https://example.org/vicuna"}),
            (17, {"id": "2304.05555", "title": "Koala, Without an End", "abstract": "Koala is short.", "published": "2023",
                  "date_origin": "input", "arxiv": "2304.05555", "url": "https://arxiv.org/abs/2304.05555v1"}),
            (22, "no title"),
            (25, {"id": "dettmers", "title": "Guanaco", "abstract": "", "published": "2023-05", "date_origin": "input"}),
        ],
    ),
    "zotero.csv": (
        "CSV or TSV",
        [
            (2, {"id": "AB12CD34", "title": "Orca Minor", "abstract": 'Orca Minor is LLaMA 13B, tuned on "explanations".',
                 "published": "2023-06-05", "date_origin": "input", "arxiv": "2306.02707", "url": "http://example.org/orca"}),
            (4, {"id": "EF56GH78", "title": "A Survey of Falcon", "abstract": "", "published": "2024-03", "date_origin": "input",
                 "doi": "10.1000/birds", "url": "https://doi.org/10.1000/birds"}),
            (5, "of the kind 'note', not a paper"),
            (6, {"id": "MN34OP56", "title": "Undated in Words", "abstract": "", "published": "2022", "date_origin": "input"}),
        ],
    ),
    "headers.csv": (
        "CSV or TSV",
        [(2, {"id": "z1", "title": "MPT Grows", "abstract": "MPT-30B follows MPT-7B.", "published": "2023", "date_origin": "input"})],
    ),
    "csl.json": (
        "JSON",
        [
            (2, {"id": "person2023", "title": "Tulu in the Wild", "abstract": "Tülu is LLaMA & more, p < 0.05. Second.",
                 "published": "2023-06-07", "date_origin": "input", "doi": "10.1000/tulu", "url": "https://example.org/tulu"}),
            (3, {"id": "http://zotero.org/users/1/items/X", "title": "StarCoder Notes", "abstract": "", "published": "2023-05",
                 "date_origin": "input", "arxiv": "2305.06161", "url": "https://arxiv.org/abs/2305.06161"}),
            (4, {"id": "raw", "title": "A Title: in a List", "abstract": "", "published": "2022-03", "date_origin": "input"}),
            (5, {"id": "season", "title": "No Parts", "abstract": ""}),
            (6, "a date is not an object of date-parts"),
        ],
    ),
    "openalex.jsonl": (
        "JSON Lines",
        [
            (1, {"id": "https://openalex.org/W1", "title": "Bloom & Others", "abstract": "BLOOM is very large. BLOOM also was trained.",
                 "published": "2022-11-09", "date_origin": "input", "arxiv": "2211.05100", "doi": "10.1000/w1", "url": "https://example.org/bloom"}),
            (2, {"id": "https://openalex.org/W2", "title": "Only a Title", "abstract": "", "published": "2021", "date_origin": "input"}),
            (3, "paratext"),
            (4, "retracted"),
            (5, "places that are not numbers"),
            (6, {"id": "https://openalex.org/W6", "title": "Old Form", "abstract": "Two words.", "published": "2017-06", "date_origin": "arxiv",
                 "arxiv": "1706.03762", "doi": "10.48550/arxiv.1706.03762", "url": "https://arxiv.org/abs/1706.03762"}),
            (7, {"id": "https://openalex.org/W7", "title": "Far Places", "abstract": "Not far."}),
        ],
    ),
    "openalex-page.json": (
        "JSON",
        [
            (1, {"id": "https://openalex.org/W8", "title": "On a Page", "abstract": "Here.", "published": "2020-01-02", "date_origin": "input"}),
            (1, {"id": "https://openalex.org/W9", "title": "Next on It", "abstract": ""}),
        ],
    ),
    "s2-search.json": (
        "JSON",
        [
            (1, {"id": "0f0f", "title": "OPT Again", "abstract": "OPT is open.", "published": "2022-05-02", "date_origin": "input",
                 "arxiv": "2205.01068", "doi": "10.48550/arxiv.2205.01068", "url": "https://www.semanticscholar.org/paper/0f0f"}),
            (1, {"id": "1a1a", "title": "Nulls", "abstract": ""}),
            (1, "no title"),
        ],
    ),
    "s2-batch.json": (
        "JSON",
        [(1, "null, not an object"), (1, {"id": "3c", "title": "Of a Batch", "abstract": "One.", "published": "2019", "date_origin": "input"})],
    ),
    "s2-citations.json": (
        "JSON",
        [(1, {"id": "4d", "title": "It Cites", "abstract": "Another.", "published": "2024", "date_origin": "input"})],
    ),
    "s2-papers.jsonl": (
        "JSON Lines",
        [
            (1, {"id": "11", "title": "Bulk and Lower", "abstract": "", "published": "2020-07-01", "date_origin": "input",
                 "doi": "10.18653/v1/2020.acl-main.1", "url": "https://www.semanticscholar.org/paper/11"}),
            (2, {"id": "12", "title": "Without a Day", "abstract": "", "published": "2019", "date_origin": "input",
                 "arxiv": "1907.11692", "url": "https://arxiv.org/abs/1907.11692"}),
        ],
    ),
    "arxiv.atom.xml": (
        "Atom",
        [
            (5, {"id": "http://arxiv.org/abs/2302.13971v1", "title": "LLaMA & Co: Still Open", "published": "2023-02-27",
                 "abstract": "We read of LLaMA, where 1 < 2, and <b> & more.", "updated": "2023-03-01", "date_origin": "input",
                 "arxiv": "2302.13971", "doi": "10.1000/first", "url": "http://arxiv.org/abs/2302.13971v1"}),
            (21, {"id": "http://arxiv.org/abs/math/0309136v1", "title": "Before the Numbers Changed", "abstract": "Old.",
                  "published": "2003-09", "date_origin": "arxiv", "arxiv": "math/0309136", "url": "https://arxiv.org/abs/math/0309136"}),
            (26, "broken XML: not well-formed (invalid token) (line 26)"),
            (27, "does not end before the next begins"),
            (28, "arXiv answers: incorrect id format for 12"),
        ],
    ),
    "arxiv.rss.xml": (
        "Atom",
        [(6, {"id": "oai:arXiv.org:2403.08295v2", "title": "Gemma, Announced", "published": "2024-03-14", "date_origin": "input",
              "abstract": "Gemma is built from the research behind Gemini.", "arxiv": "2403.08295", "url": "https://arxiv.org/abs/2403.08295"})],
    ),
    "oai.xml": (
        "OAI-PMH",
        [
            (5, {"id": "0704.0001", "title": "Of arXiv's Own Form", "abstract": "BERT is read.", "published": "2007-04-02",
                 "updated": "2007-07-24", "date_origin": "input", "arxiv": "0704.0001", "doi": "10.1000/a", "url": "https://arxiv.org/abs/0704.0001"}),
            (15, "deleted oai:arXiv.org:0704.0002; if a graph holds it, take it out with `kg remove`"),
            (18, {"id": "0704.0003", "title": "Raw", "abstract": "Of versions.", "published": "2007-04-02", "updated": "2007-07-24",
                  "date_origin": "input", "arxiv": "0704.0003", "url": "https://arxiv.org/abs/0704.0003"}),
            (22, {"id": "oai:example.org:4", "title": "Of Dublin", "abstract": "GPT-2 is described.", "published": "2019-02-14",
                  "updated": "2020-05-01", "date_origin": "input", "arxiv": "1902.00001", "doi": "10.1000/core", "url": "http://arxiv.org/abs/1902.00001"}),
            (26, "metadata of another form"),
            (32, "badResumptionToken: The token has expired"),
        ],
    ),
    "anthology.xml": (
        "ACL Anthology XML",
        [
            (11, {"id": "2020.acl-main.1", "title": "Tuning BERT for n^2 Tokens", "abstract": "We tune BERT, see https://example.org/x.",
                  "published": "2020-07", "date_origin": "input", "doi": "10.18653/v1/2020.acl-main.1", "url": "https://aclanthology.org/2020.acl-main.1"}),
            (18, "retracted"),
            (19, {"id": "2020.acl-main.3", "title": "Without Address", "abstract": "", "published": "2020-07", "date_origin": "input",
                  "url": "https://aclanthology.org/2020.acl-main.3"}),
        ],
    ),
    "anthology-old.xml": (
        "ACL Anthology XML",
        [(5, {"id": "W17-0102", "title": "A Workshop Paper", "abstract": "", "published": "2017-04", "date_origin": "input",
              "url": "https://aclanthology.org/W17-0102"})],
    ),
    "openreview-v2.json": (
        "JSON",
        [
            (1, {"id": "AbCd", "title": "Mixtral Reviewed", "abstract": "Mixtral is a mixture.", "published": "2024-01-16",
                 "updated": "2024-03-09", "date_origin": "input", "url": "https://openreview.net/forum?id=AbCd"}),
            (1, "a reply"),
        ],
    ),
    "openreview-v1.json": (
        "JSON",
        [(1, {"id": "r1", "title": "Older Note", "abstract": "T5 is older.", "published": "2020-09-13", "date_origin": "input",
              "url": "https://openreview.net/forum?id=r1"})],
    ),
    "conference.json": (
        "JSON",
        [
            (1, {"id": "101", "title": "Phi at the Conference", "abstract": "Phi-2 has 2.7B parameters.", "published": "2023",
                 "date_origin": "input", "url": "https://openreview.net/forum?id=Phi2"}),
            (1, {"id": "102", "title": "No Address", "abstract": "", "published": "2022", "date_origin": "input"}),
        ],
    ),
    "paperlist.json": (
        "JSON",
        [(1, {"id": "x9", "title": "Listed Llama", "abstract": "Llama 2 is listed.", "published": "2024", "date_origin": "input",
              "url": "https://iclr.cc/virtual/2024/poster/17792"})],
    ),
    "daily.json": (
        "JSON",
        [(1, {"id": "2401.04088", "title": "Mixtral, Daily", "abstract": "Mixtral is read daily.", "published": "2024-01-08",
              "date_origin": "input", "arxiv": "2401.04088", "url": "https://arxiv.org/abs/2401.04088"})],
    ),
    "note.md": (
        "text of one paper",
        [(1, {"id": "10.1000/solar", "title": "Solar Notes", "published": "2023-12-23", "date_origin": "input",
              "abstract": "Solar 10.7B is made from Llama 2 by depth up-scaling, and continues from the weights of Mistral 7B. It is then tuned to follow.",
              "doi": "10.1000/solar", "url": "https://doi.org/10.1000/solar"})],
    ),
    "printed.txt": (
        "text of one paper",
        [(1, {"id": "2305.15334", "title": "Gorilla: A Follower of APIs and Tools", "published": "2023-05-24", "date_origin": "input",
              "abstract": "Gorilla is LLaMA 7B, fine-tuned on calls of APIs. It writes better calls than GPT-4 does, by our own count.",
              "arxiv": "2305.15334", "url": "https://arxiv.org/abs/2305.15334"})],
    ),
    "plain.txt": (
        "text of one paper",
        [(1, {"id": "t:60fade16176dde6c", "title": "Nougat Reads Pages",
              "abstract": "Nougat is built on Donut and reads scanned pages. It was trained on pages of arXiv and of PubMed Central. A second paragraph says that it is released."})],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_file_gives_its_papers_and_rejects_in_order(name):
    found = list(sources.read([FIXTURES / name]))
    expected = READ[name][1]
    assert len(found) == len(expected)
    for item, (line, what) in zip(found, expected, strict=True):
        if isinstance(what, str):
            assert isinstance(item, Reject), item
            assert (item.line, Path(item.file).name) == (line, name)
            assert what in item.reason
        else:
            assert isinstance(item, Paper), item
            given = {f: v for f in FIELDS if (v := getattr(item, f)) is not None}
            assert given == {**what, "source": f"{name}:{line}"}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("change", ["gzip", "windows", "mark", "cut"])
def test_a_file_is_known_by_its_content_packed_with_other_line_ends_or_cut_short(tmp_path, name, change):
    data = (FIXTURES / name).read_bytes()
    file = tmp_path / (name if READ[name][0] == "text of one paper" else "nameless")
    whole = [
        (p.title, p.abstract) if isinstance(p, Paper) else p.reason for p in sources.read([FIXTURES / name])
    ]
    file.write_bytes(
        {
            "gzip": gzip.compress(data),
            "windows": data.replace(b"\n", b"\r\n"),
            "mark": b"\xef\xbb\xbf" + data,
            "cut": data[: len(data) * 2 // 3],
        }[change]
    )
    try:
        found = [(p.title, p.abstract) if isinstance(p, Paper) else p.reason for p in sources.read([file])]
    except InputError:
        assert change == "cut"
        assert READ[name][0] in ("text of one paper", "CSV or TSV", "JSON")
        return
    if change == "cut":
        assert len(found) <= len(whole) + 1
    else:
        assert found == whole


@pytest.mark.parametrize("name", [n for n in READ if READ[n][0] not in GENERIC])
def test_the_right_format_is_the_only_one_that_knows_it(name):
    known = []
    for title, format in FORMATS.items():
        source = open_source(str(FIXTURES / name))
        if format.recognise(source, {}):
            known.append(title)
        source.stream.close()
    assert known[0] == READ[name][0]
    assert not set(known[1:]) & (set(FORMATS) - GENERIC - {"text of one paper"})


def test_every_format_has_a_fixture_here():
    seen = {FIXTURES / name for name in READ} | {FIXTURES / "s2-abstracts.jsonl", FIXTURES / "scan.pdf"}
    assert seen == set(FIXTURES.iterdir())


def test_a_pdf_is_set_aside_with_the_way_out(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"title": "A Title"}\n')
    (tmp_path / "b.pdf").write_bytes((FIXTURES / "scan.pdf").read_bytes())
    for given in ([tmp_path], sorted(tmp_path.iterdir())):
        paper, reject = sources.read(given)
        assert (paper.title, Path(reject.file).name) == ("A Title", "b.pdf")
        assert "`pdftotext FILE.pdf FILE.txt`" in reject.reason
    with pytest.raises(InputError, match="pdftotext"):
        list(sources.read([tmp_path / "b.pdf"]))


BOMB = """<?xml version="1.0"?>
<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY file SYSTEM "file:///etc/hostname">
 <!ENTITY % outside SYSTEM "http://127.0.0.1:9/x.dtd"> %outside; ]>
<feed xmlns="http://www.w3.org/2005/Atom">
<entry><id>1</id><title>Bomb &c;</title></entry>
<entry><id>2</id><title>Secrets &file;</title></entry>
<entry><id>3</id><title>Kept &amp; &#233;</title><summary><!DOCTYPE x></summary></entry>
<entry><id>4</id><title>Kept &amp; &#233;</title></entry>
</feed>"""


def test_entities_of_a_document_are_never_known(tmp_path):
    (tmp_path / "bomb.xml").write_text(BOMB)
    bomb, secrets, declared, kept = sources.read([tmp_path / "bomb.xml"])
    assert (bomb.line, bomb.reason) == (6, "broken XML: undefined entity (line 6)")
    assert (secrets.line, secrets.reason) == (7, "broken XML: undefined entity (line 7)")
    assert "broken XML" in declared.reason
    assert kept.title == "Kept & é"


def test_xml_says_its_encoding(tmp_path):
    text = '<?xml version="1.0" encoding="{}"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Mémoire</title></entry></feed>'
    for name in ("ISO-8859-1", "windows-1252", "utf-8", "UTF-16"):
        (tmp_path / "feed").write_bytes(text.format(name).encode(name))
        assert [p.title for p in sources.read([tmp_path / "feed"])] == ["Mémoire"]
    (tmp_path / "feed").write_bytes(text.format("utf-8").encode("latin-1"))
    (reject,) = sources.read([tmp_path / "feed"])
    assert "not UTF-8 (byte 0xe9)" in reject.reason
    (tmp_path / "feed").write_bytes(text.format("rot13").encode())
    assert [p.title for p in sources.read([tmp_path / "feed"])] == ["Mémoire"]


def test_xml_streams_and_skips_what_is_too_long(tmp_path):
    entry = "<entry><title>T{}</title><summary>{}</summary></entry>\n"
    with (tmp_path / "feed").open("w") as file:
        file.write('<feed xmlns="http://www.w3.org/2005/Atom">')
        file.write(entry.format(0, "x" * (5 << 20)))
        file.writelines(entry.format(n, "word " * 300) for n in range(1, 2000))
    first, *rest = sources.read([tmp_path / "feed"])
    assert "more than 4,194,304 characters" in first.reason
    assert [p.title for p in rest[:-1]] == [f"T{n}" for n in range(1, 2000)]
    assert "cut short" in rest[-1].reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("two.txt", "A Title\n\nAbstract\n" + "A sentence of some words. " * 9 + "\n\nB Title\n\nAbstract\n" + "Another one. " * 9),
        ("list.txt", "A Title\n" + "Another Title of Some Paper\n" * 40),
        ("long.txt", "A Title\n\n" + "A sentence of some words. " * 4000),
        ("readme.md", "# Papers\n\n" + "These are papers that I have read for a survey. " * 5),
        ("script.py", "A Title\n\n" + "A sentence of some words. " * 9),
        ("short.txt", "A Title\n\nToo short."),
    ],
)  # fmt: skip
def test_text_that_is_not_one_paper_is_not_taken_for_one(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="no format"):
        list(sources.read([tmp_path / name]))
    (reject,) = sources.read([tmp_path])
    assert reject.reason.startswith("of no format that `kg` knows")
    assert ("begins with its title" in reject.reason) == (name.endswith(".txt"))


def test_bad_bytes_cost_one_reference_only(tmp_path):
    (tmp_path / "x.ris").write_bytes(
        b"TY  - JOUR\nTI  - Kept\nER  - \nTY  - JOUR\nTI  - caf\xe9\nAB  - More\nER  - \nTY  - JOUR\nTI  - Kept too\nER  - \n"
    )
    (tmp_path / "x.bib").write_bytes(
        b"@misc{a, title={Kept}}\n@misc{b,\n title={caf\xe9}}\n@misc{c, title={Kept too}}\n"
    )
    for name in ("x.ris", "x.bib"):
        first, reject, last = sources.read([tmp_path / name])
        assert (first.title, last.title) == ("Kept", "Kept too")
        assert "not UTF-8 (byte 0xe9)" in reject.reason


def test_what_strings_define_is_filled_in(tmp_path):
    (tmp_path / "x.bib").write_text(
        '@string(lab = {Our } # "Lab")\n@misc{a, title = lab # ": " # {A {\\{}Title{\\}}}, month = 3 # {}, year = 2021}\n'
    )
    (paper,) = sources.read([tmp_path / "x.bib"])
    assert (paper.title, paper.published) == ("Our Lab: A {Title}", "2021-03")


def test_an_entry_whose_brace_stands_in_the_next_line_begins_where_it_begins(tmp_path):
    (tmp_path / "x.bib").write_text("@misc\n{falcon}")
    (reject,) = sources.read([tmp_path / "x.bib"])
    assert isinstance(reject, Reject)
    assert reject.line == 1


def test_words_before_the_first_entry_need_the_name_of_a_bibliography(tmp_path):
    text = "My papers on birds.\n\n@misc{a, title = {Falcon}}\n"
    (tmp_path / "x.bib").write_text(text)
    assert [p.title for p in sources.read([tmp_path / "x.bib"])] == ["Falcon"]
    (tmp_path / "x").write_text(text)
    with pytest.raises(InputError, match="no format"):
        list(sources.read([tmp_path / "x"]))


def test_abstracts_apart_from_their_papers_are_joined_in_any_order(tmp_path):
    papers, abstracts = FIXTURES / "s2-papers.jsonl", FIXTURES / "s2-abstracts.jsonl"
    for given in ([papers, abstracts], [abstracts, papers]):
        bulk, undated, left = sources.read(given)
        assert (bulk.abstract, undated.abstract) == ("", "RoBERTa is BERT, trained longer.")
        assert (left.line, Path(left.file).name) == (None, "s2-abstracts.jsonl")
        assert "1 abstract whose paper is not among the inputs" in left.reason
    alone = list(sources.read([abstracts]))
    assert ["an abstract apart from its paper" in r.reason for r in alone] == [True] * 3
    (tmp_path / "broken.jsonl").write_bytes(
        abstracts.read_bytes() + b'{"corpusid": 1, "abs\n{"corpusid": 2, "abstract": 3}\n'
    )
    reasons = [r.reason for r in sources.read([papers, tmp_path / "broken.jsonl"]) if isinstance(r, Reject)]
    assert [r[:17] for r in reasons] == ["broken JSON: Unte", "the abstract is n", "1 abstract whose "]
    (tmp_path / "cut.gz").write_bytes(gzip.compress(abstracts.read_bytes() * 99)[:-9])
    with pytest.raises(InputError, match="cut short"):
        list(sources.read([papers, tmp_path / "cut.gz"]))
