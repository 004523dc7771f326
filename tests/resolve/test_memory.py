"""What was staged and named before saves time and never shows: the same bytes with and without it."""

import json
import shutil
from pathlib import Path

import pytest

from kg.build import add_records, remove
from kg.folder import GraphFolder
from kg.graph import TABLES
from kg.resolve import memory, naming
from kg.resolve.tables import ALIASES


@pytest.fixture
def records(say):
    return [
        say(
            f"2303.{n:05d}",
            f"Zork-{n}B and others",
            f"Zork-{n}B, the Zebra Organised Reading Kernel (ZORK), is fine-tuned from Frobnik-{n % 3}-7B.",
            [
                f"Model! Zork-{n}B",
                "Method Zebra Organised Reading Kernel = ZORK",
                f"Model Frobnik-{n % 3}-7B",
            ],
            [(f"Zork-{n}B", "BUILT_ON", f"Frobnik-{n % 3}-7B", {"how": "fine-tuned"})],
        )
        for n in range(1, 8)
    ]


def _bytes(folder: Path) -> dict[str, bytes]:
    tables = GraphFolder(folder).graph().folder
    return {name: (tables / name).read_bytes() for name in (*(f"{t}.parquet" for t in TABLES), ALIASES)}


def _segments(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "memory" / "staged").iterdir())


def test_only_what_is_new_is_staged_and_named(records, tmp_path, monkeypatch):
    add_records(records[:5], tmp_path / "a", store=False)
    asked: list[str] = []
    read = naming._read
    monkeypatch.setattr(
        naming, "_read", lambda spelling, type: asked.append(spelling) or read(spelling, type)
    )
    add_records(records[5:6], tmp_path / "a", store=False)
    assert _segments(tmp_path / "a") == ["1", "2"]
    assert "Zork-6B" in asked
    assert "Zork-1B" not in asked
    add_records(records[:6], tmp_path / "b", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_what_is_gone_leaves_no_trace(records, tmp_path):
    add_records(records, tmp_path / "a", store=False)
    remove(tmp_path / "a", ["2303.00006", "2303.00007"], store=False)
    add_records(records[:5], tmp_path / "b", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")
    remove(tmp_path / "a", [r.paper.id for r in records[1:5]], store=False)  # most is gone: put together
    assert _segments(tmp_path / "a") == ["2"]
    add_records(records[:1], tmp_path / "c", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "c")
    add_records(records[1:], tmp_path / "a", store=False)
    add_records(records, tmp_path / "d", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "d")


def test_many_builds_are_put_together(records, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_MOST_FILES", 2)
    for record in records:
        add_records([record], tmp_path / "a", store=False)
    assert len(_segments(tmp_path / "a")) <= 2
    assert (
        len(list((tmp_path / "a" / "memory" / "names").iterdir())) <= 2 + 2
    )  # those of the last build on top
    add_records(records, tmp_path / "b", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


@pytest.mark.parametrize("harm", ["cut", "empty", "lost", "half", "other"])
def test_damage_is_mended(records, tmp_path, harm):
    add_records(records[:5], tmp_path / "a", store=False)
    kept = tmp_path / "a" / "memory"
    files = [kept / "staged" / "1" / "docs.parquet", kept / "staged" / "1" / "mentions.parquet"]
    files += list((kept / "names").iterdir())
    for file in files:
        if harm == "cut":
            file.write_bytes(file.read_bytes()[:40])
        elif harm == "empty":
            file.write_bytes(b"")
        elif harm == "lost":
            file.unlink()
    if harm == "half":  # a build that was killed leaves these
        shutil.copytree(kept / "staged" / "1", kept / "staged" / "new")
        (kept / "names" / "000009.9").write_bytes(b"PAR1")
    if harm == "other":  # made by another version of the code or lexicon
        (kept / "stamp.json").write_text(json.dumps({"version": "of yesterday"}))
    add_records(records[5:], tmp_path / "a", store=False)
    add_records(records, tmp_path / "b", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_a_record_in_place_of_another_counts_once(records, say, tmp_path):
    add_records(records, tmp_path / "a", store=False)
    other = say(
        "2303.00001", "Zork-1B and others", "Zork-1B is distilled from Frobnik-2-7B.", ["Model! Zork-1B"]
    )
    add_records([other], tmp_path / "a", store=False)
    add_records([other, *records[1:]], tmp_path / "b", store=False)
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_what_stands_beside_is_seen_and_not_kept(records, tmp_path):
    import duckdb

    from kg.resolve.memory import BESIDE, Memory
    from kg.resolve.staging import digest, stage

    stage(records[5:6], tmp_path / "beside", first=BESIDE)
    by_key = {r.paper.id: r for r in records[:5]}
    kept = memory.Kept(
        {key: digest(r) for key, r in by_key.items()}, lambda keys: (by_key[key] for key in sorted(keys))
    )
    for _ in range(2):
        with duckdb.connect() as database:
            known = Memory(tmp_path / "memory", "1")
            known.stage(database, kept, beside=tmp_path / "beside")
            assert database.execute("SELECT count(*), max(doc) FROM docs").fetchone() == (6, BESIDE)
    with duckdb.connect() as database:  # two of five are left: put together, without what stood beside
        known.stage(
            database,
            memory.Kept(dict(list(kept.digests.items())[:2]), kept.fetch),
            beside=tmp_path / "beside",
        )
        assert database.execute("SELECT count(*) FROM docs").fetchone() == (3,)
    assert len(known._known()) == 2
