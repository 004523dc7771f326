"""What must hold for any bytes: each target reads them in one way and raises where something does not hold.

An input is a paper, a reject with its reason, or one clear error; a name has a key. `fuzz.py` runs the targets.
"""

import contextlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

from kg import sources
from kg.errors import InputError
from kg.jsonl import dumps, record_from_json, record_to_json
from kg.keys import paper_key
from kg.names import key, parents, parse
from kg.sources import FORMATS, Format
from kg.sources.dates import iso
from kg.sources.shapes import shape_of
from kg.sources.stream import HEAD, Row, Source, open_source, peek
from kg.text import storable
from kg.types import Paper, Record, Reject

ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
NAMED = {  # a name that lets a format know its own, where it asks
    "BibTeX": "x.bib",
    "text of one paper": "x.txt",
}


def check(found: object, source: Source) -> None:
    """Whether a record that a format found is a paper, or a reject, that the rest of the way can take."""
    if isinstance(found, Row):
        assert found.line >= 1
        found = sources._paper(source, found, {})
    if isinstance(found, Reject):
        assert found.reason
        assert len(found.excerpt) <= 160
        dumps([found.file, found.line, found.reason, found.excerpt]).encode()
        return
    assert isinstance(found, Paper)
    assert found.title
    assert found.title == " ".join(found.title.split())
    assert found.abstract == " ".join(found.abstract.split())
    for date in (found.published, found.updated):
        assert date is None or ISO.fullmatch(date), date
    assert paper_key(found)
    for text in (found.id, found.title, found.abstract, found.url, found.source):
        assert text is None or text == storable(text)
    written = dumps(record_to_json(Record(found, "fuzz")))
    assert record_from_json(json.loads(written.encode())).paper == found


def format_target(name: str, format: Format) -> Callable[[bytes], None]:
    """Reads bytes as a format, whether it would know them as its own or not."""

    def target(data: bytes) -> None:
        head, stream = peek(io.BytesIO(data), HEAD)  # type: ignore[arg-type]
        source = Source(NAMED.get(name, "x"), head, stream, compressed=True)
        with contextlib.suppress(InputError):
            format.recognise(source, {})
            for found in format.rows(source, {}):
                check(found, source)

    return target


def shapes(data: bytes) -> None:
    """Any JSON object is a record of some shape."""
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(data)
        if isinstance(value, dict):
            source = Source("x", b"", io.BytesIO())  # type: ignore[arg-type]
            shape_of(value, {}).wanted(list(value), {})
            check(Row(1, value), source)


def files(data: bytes) -> None:
    """A file of any bytes, packed or not, named as text of one paper so that no format is left out."""
    path = Path(f"{_folder()}/x.txt")
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        for found in sources.read([path]):
            assert isinstance(found, Paper | Reject)


def packed(data: bytes) -> None:
    """Unpacking gives bytes or one clear error."""
    path = Path(f"{_folder()}/x.gz")
    path.write_bytes(data)
    with (
        contextlib.suppress(InputError, OSError, EOFError),
        contextlib.closing(open_source(str(path)).stream) as s,
    ):
        while s.read(1 << 16):
            pass


def dates(data: bytes) -> None:
    """A date is ISO text or none."""
    found = iso(data.decode("utf8", "surrogateescape"))
    assert found is None or ISO.fullmatch(found), found


def names(data: bytes) -> None:
    """A name has a key, which is its own key, and parents that get shorter."""
    text = storable(data.decode("utf8", "replace"))
    if not text.strip():
        return
    name = parse(text)
    plain = key(text)
    assert plain
    assert not any(c.isspace() for c in plain)
    assert key(plain) == plain, (text, plain, key(plain))
    chain = [name, *(parent for parent, _ in parents(name, lambda key: True))]
    lengths = [len(name.suffix) for name in chain]
    assert lengths == sorted(set(lengths), reverse=True), text


def _folder() -> str:
    return _FOLDER.setdefault("at", __import__("tempfile").mkdtemp(prefix="kg-fuzz-"))


_FOLDER: dict[str, str] = {}

TARGETS: dict[str, Callable[[bytes], None]] = {
    **{re.sub(r"\W+", "-", name.lower()): format_target(name, f) for name, f in FORMATS.items()},
    "shapes": shapes,
    "files": files,
    "packed": packed,
    "dates": dates,
    "names": names,
}
