"""Reads and checks the curated YAML, and compiles it; errors name the file and the line."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import SchemaError
from kg.lexicon.entries import Entry, folded, squeezed, to_row
from kg.names import member, parse

FOLDER = Path(__file__).parent

# A file's name up to the first underscore says the type of its entries: models_vision.yaml.
FILES = {
    "models": "Model",
    "datasets": "Dataset",
    "benchmarks": "Benchmark",
    "methods": "Method",
    "tasks": "Task",
    "metrics": "Metric",
}
_TEXT, _TRUTH, _LIST = "text", "true or false", "a list of texts"
_FIELDS = {
    "name": _TEXT,
    "aliases": _LIST,
    "family": _TEXT,
    "year": "a year",
    "context": _TRUTH,
    "case": _TRUTH,
    "capital": _TRUTH,
    "soft": _TRUTH,
    "first": _LIST,
    "sizes": _TEXT,
}
_DATA = {"Dataset", "Benchmark"}


@dataclass(frozen=True, slots=True)
class Line:
    """An entry and where it stands."""

    entry: Entry
    file: str
    number: int

    def error(self, problem: str) -> SchemaError:
        """What is wrong with this entry."""
        return SchemaError(f"{self.file}:{self.number}: {self.entry.name!r} {problem}")


def read(folder: Path = FOLDER) -> list[Line]:
    """All entries of a folder of YAML files, in order of type and file, checked; raises SchemaError."""
    lines = [
        line for stem in FILES for path in sorted(folder.glob(f"{stem}*.yaml")) for line in _read_file(path)
    ]
    _check_surfaces(lines)
    _check_families(lines)
    return lines


def compiled(folder: Path = FOLDER) -> str:
    """The compiled form that `entries.loaded` reads: the same text for the same YAML."""
    entries = _with_versions([line.entry for line in read(folder)])
    index: dict[str, list[str]] = {}
    for i, entry in enumerate(entries):
        for form in index_forms(entry):
            index.setdefault(form, []).append(str(i))
    lines = "\n".join(f"{form}\t{' '.join(ids)}" for form, ids in sorted(index.items()))
    body = "\n".join(map(to_row, entries)) + "\n\n" + lines + "\n"
    return hashlib.sha256(body.encode()).hexdigest()[:16] + "\n" + body


def _with_versions(entries: list[Entry]) -> list[Entry]:
    """Marks the families that have a known version."""
    versioned = {(e.family, e.type) for e in entries if is_version(e)}
    return [e._replace(versioned=(e.name, e.type) in versioned) for e in entries]


def is_version(entry: Entry) -> bool:
    """Whether an entry is a version of its family."""
    return entry.family is not None and member(parse(entry.name), parse(entry.family)) == "version"


def index_forms(entry: Entry) -> tuple[str, ...]:
    """All keys of the index that lead to an entry."""
    return tuple(dict.fromkeys((*forms(entry), *_first_members(entry))))


def _first_members(entry: Entry) -> Iterator[str]:
    """Forms, behind a '&', of the family's members that belong to this first version: Llama-7B, LLaMA-13B."""
    for size in entry.first:
        yield "&" + folded(f"{entry.family}-{size}")


def read_text(text: str, name: str, type: str | None) -> list[Line]:
    """The entries of a text, which agree with each other; without a type, each says its own or the file's name does.

    A SchemaError names the line that is wrong.
    """
    lines = list(_read_text(text, name, type))
    _check_surfaces(lines)
    for line in lines:
        if line.entry.first and not line.entry.family:
            raise line.error("has `first` but no family")
    return lines


def _read_file(path: Path) -> Iterator[Line]:
    yield from _read_text(path.read_text("utf8"), path.name, FILES[path.stem.split("_")[0]])


def _read_text(text: str, name: str, type: str | None) -> Iterator[Line]:
    import yaml

    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SchemaError(
            f"{name}:{line}: is not YAML: {getattr(error, 'problem', None) or error}"
        ) from error
    if root is not None and not isinstance(root, yaml.SequenceNode):
        raise SchemaError(
            f"{name}:1: a lexicon is a list of entries, one a line: - {{name: BERT, year: 2018}}"
        )
    usual = FILES.get(Path(name).stem.split("_")[0])
    for node in [] if root is None else root.value:
        number = node.start_mark.line + 1
        fields = yaml.constructor.SafeConstructor().construct_object(node, deep=True)
        yield Line(_entry(fields, type, usual, f"{name}:{number}"), name, number)


def _entry(fields: Any, type: str | None, usual: str | None, where: str) -> Entry:
    if not isinstance(fields, dict) or "name" not in fields:
        raise SchemaError(f"{where}: an entry is a map with a name, such as {{name: BERT, year: 2018}}")
    said = fields.get("type") if type is None else None
    if type is None:
        fields = {field: value for field, value in fields.items() if field != "type"}
    for field, value in fields.items():
        if field not in _FIELDS:
            raise SchemaError(f"{where}: unknown field {field!r}; there are {', '.join(_FIELDS)}")
        if not _is(_FIELDS[field], value):
            raise SchemaError(f"{where}: {field} is {value!r}, but should be {_FIELDS[field]}; quote numbers")
    type = type or said or usual
    if type not in FILES.values():
        raise SchemaError(
            f"{where}: type is {type!r}; say which of {', '.join(FILES.values())} it is, "
            "or name the file so: models.yaml, datasets.yaml …"
        )
    if fields.get("sizes") not in (None, "number", "letter"):
        raise SchemaError(f"{where}: sizes is {fields['sizes']!r}, but should be number or letter")
    lists = {f: tuple(fields.get(f, ())) for f in ("aliases", "first")}
    return Entry(**{**fields, **lists, "type": type})


def _is(kind: str, value: Any) -> bool:
    if kind == _LIST:
        return isinstance(value, list) and all(_is(_TEXT, v) for v in value)
    if kind == _TRUTH:
        return isinstance(value, bool)
    if kind == _TEXT:
        return isinstance(value, str) and value == " ".join(value.split()) != ""
    return isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2100


def forms(entry: Entry) -> Iterator[str]:
    """The keys of an entry in the index: folded, as written and in the order of the grammar.

    Where case matters: exact behind a '=' for one word, folded behind a '^' for several.
    """
    for surface in (entry.name, *entry.aliases):
        one_word = " " not in surface
        if entry.case and one_word and surface != surface.lower():
            yield "=" + squeezed(surface)
        else:
            mark = "^" if entry.capital and not one_word else ""
            yield from (mark + folded(surface), mark + folded(parse(surface).key))


def _check_surfaces(lines: Iterable[Line]) -> None:
    """No surface may lead to two entries of one type, nor to two types unless one needs a hint."""
    seen: dict[str, list[Line]] = {}
    for line in lines:
        for form in dict.fromkeys(forms(line.entry)):
            if form.strip("=^+#") == "":
                raise line.error("has a surface without a letter or digit")
            for other in seen.get(form, ()):
                if not _may_share(line.entry, other.entry):
                    raise line.error(
                        f"shares the surface {form.strip('=^')!r} with {other.entry.name!r} "
                        f"({other.entry.type}) in {other.file}:{other.number}; keep it in one, or mark the less "
                        "usual one `context: true` if the types differ"
                    )
            seen.setdefault(form, []).append(line)


def _may_share(a: Entry, b: Entry) -> bool:
    return a.type != b.type and (a.context or b.context)


def _check_families(lines: Iterable[Line]) -> None:
    by_name: dict[str, list[Entry]] = {}
    for line in lines:
        by_name.setdefault(line.entry.name, []).append(line.entry)
    for line in lines:
        entry, chain = line.entry, [line.entry.name]
        if entry.first and not entry.family:
            raise line.error("has `first` but no family")
        while entry.family:
            above = [e for e in by_name.get(entry.family, ()) if alike(e.type, entry.type)]
            if not above:
                raise line.error(f"has the unknown family {entry.family!r}; add it, or correct the name")
            if entry.family in chain:
                raise line.error(f"is in a circle of families: {' < '.join((*chain, entry.family))}")
            chain.append(entry.family)
            entry = above[0]


def alike(a: str, b: str) -> bool:
    """Whether one type may be the family of the other."""
    return a == b or {a, b} == _DATA
