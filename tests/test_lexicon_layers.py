"""Names of one's own over the shipped ones: what wins, what is wrong, and that reading and resolving use them."""

import json

import pytest

from kg.build import build
from kg.errors import SchemaError
from kg.extract import extractor
from kg.folder import GraphFolder
from kg.lexicon import canonical, lexicon, read_layers, using
from kg.types import Paper

LAB = """\
- {name: Harrier, type: Model}
- {name: Harrier-7B, type: Model, family: Harrier, aliases: [HR7]}
- {name: BirdSong-1M, type: Dataset}
- {name: Orca, type: Dataset}
- {name: BERT, type: Model, aliases: [Berta]}
- {name: Gemini Nest, type: Model, family: Gemini}
"""


@pytest.fixture
def layer(tmp_path):
    def write(text, name="lab.yaml"):
        (tmp_path / name).write_text(text, "utf8")
        return tmp_path / name

    return write


def test_the_users_names_win_within_the_block(layer):
    before = lexicon()
    with using(read_layers([layer(LAB)])):
        assert lexicon().find("harrier 7b", "Model").name == "Harrier-7B"
        assert [(p.key, p.known) for p in canonical("Harrier-7B-Chat").parents] == [
            ("harrier-7b", True),
            ("harrier", True),
        ]
        assert {e.type for e in lexicon().all("Orca")} == {"Dataset"}
        assert lexicon().find("Orca 2").family is None, "a version of the model that is no longer called so"
        assert lexicon().find("Berta").year == before.find("BERT").year
        assert lexicon().find("Bidirectional Encoder Representations from Transformers") == lexicon().find(
            "Berta"
        )
        assert lexicon().digest != before.digest
        assert {e.name for e in lexicon().own} >= {"Harrier", "Harrier-7B", "BirdSong-1M", "Orca", "BERT"}
        assert len(lexicon().entries()) == len(before.entries()) + 4
    assert lexicon() is before
    assert canonical("Harrier-7B").parents[0].known is False


def test_a_later_file_wins(layer):
    layers = read_layers([layer(LAB), layer("- {name: Harrier}", "tasks.yaml")])
    with using(layers):
        assert [e.type for e in lexicon().all("harrier")] == ["Task"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {name: A, type: Model}\n- {name: B, typ: Model}", "lab.yaml:2: unknown field 'typ'"),
        ("- {name: A}", "lab.yaml:1: type is None; say which"),
        ("- {name: A, type: Modell}", "type is 'Modell'"),
        ("- {name: A, type: Model, family: Nobody}", "lab.yaml:1: 'A' has the unknown family 'Nobody'"),
        ("- {name: A, type: Model, family: B}\n- {name: B, type: Model, family: A}", "circle of families"),
        ("- {name: A, type: Model}\n- {name: a, type: Model}", "shares the surface"),
        ("- {name: A, type: Model", "lab.yaml:"),
        ("name: A", "lab.yaml:1: a lexicon is a list"),
        ("- {name: 4, type: Model}", "quote numbers"),
    ],
)
def test_a_wrong_line_is_told(layer, text, problem):
    with pytest.raises(SchemaError, match=r"lab\.yaml") as error:
        read_layers([layer(text)])
    assert problem in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SchemaError, match="Cannot read the lexicon"):
        read_layers([tmp_path / "none.yaml"])


TEXT = "Kite is fine-tuned from Harrier on BirdSong-1M."


def _found(record):
    return {e.name: e.type for e in record.entities}


def test_reading_finds_them_in_other_processes_too(layer):
    papers = [Paper(str(n), "A study", TEXT) for n in range(3)]
    plain = extractor().version
    with using(read_layers([layer(LAB)])):
        reader = extractor()
        assert reader.version != plain
        for processes in (1, 2):
            for record in reader.extract_all(papers, processes=processes):
                assert _found(record).items() >= {"Harrier": "Model", "BirdSong-1M": "Dataset"}.items()
                assert record.extractor == reader.version
    assert extractor().version == plain


def test_a_graph_keeps_its_names_and_reads_stale_records_again(layer, tmp_path):
    papers = tmp_path / "papers.jsonl"
    papers.write_text(json.dumps({"id": "2401.11111", "title": "A study", "abstract": TEXT}) + "\n", "utf8")
    folder = GraphFolder(tmp_path / "g.kg")
    build([papers], folder, store=False)
    plain = {p.name: p.read_bytes() for p in folder.graph().folder.glob("*.parquet")}
    lab = layer(LAB)
    assert build([], folder, lexicon=[lab], store=False).reread == 1
    assert _found(folder.record("2401.11111"))["BirdSong-1M"] == "Dataset"
    entities = {e["id"]: e for e in folder.graph().rows("entities")}
    assert entities["harrier"]["known"]
    assert build([], folder, store=False).reread == 0, "they are remembered"
    lab.write_text(LAB.replace("BirdSong-1M", "BirdSong-2M"), "utf8")
    assert folder.fresh, "a file that changed acts on the next build"
    assert build([], folder, store=False).reread == 1
    lab.unlink()
    assert build([], folder, store=False).reread == 0, "as they were, where the file is gone"
    assert build([], folder, lexicon=[], store=False).reread == 1
    assert {p.name: p.read_bytes() for p in folder.graph().folder.glob("*.parquet")} == plain
