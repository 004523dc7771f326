import re

from kg.extract import extractor
from kg.jsonl import check, record_to_json
from kg.types import Paper


def papers(count: int) -> list[Paper]:
    return [
        Paper(
            str(i),
            f"Quill-{i}: Summaries with Less Data",
            f"We present Quill-{i}, a T5-based model with {i + 1}B parameters trained on CNN/DailyMail. "
            "It outperforms PEGASUS on XSum.",
        )
        for i in range(count)
    ]


def test_a_record_holds_its_paper_and_keeps_the_contract():
    paper = papers(1)[0]
    record = extractor().extract(paper)
    check(record)
    assert record.paper is paper
    assert record.extractor == extractor().version
    assert {"Quill-0", "T5", "XSum"} <= {e.name for e in record.entities}
    assert any(t.relation == "BUILT_ON" and t.object == "T5" for t in record.triples)


def test_version_names_code_and_data():
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12}", extractor().version)


def test_records_come_in_the_order_of_the_papers():
    many = papers(150)
    assert [r.paper.id for r in extractor().extract_all(iter(many))] == [p.id for p in many]


def test_more_processes_read_the_same():
    many = papers(600)
    alone = [record_to_json(r) for r in extractor().extract_all(many, processes=1)]
    assert [record_to_json(r) for r in extractor().extract_all(many, processes=2)] == alone


def test_stopping_early_ends_the_processes():
    reading = extractor().extract_all(papers(600), processes=2)
    assert next(reading).paper.id == "0"
    reading.close()


def test_no_papers_give_no_records():
    assert list(extractor().extract_all([])) == []
    assert list(extractor().extract_all([], processes=2)) == []
