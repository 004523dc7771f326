"""A person's corrections: one entry a line in `curation.yaml`, read, checked, written.

    - same: [GPT-4V, GPT-4 with vision]          one thing, shown under the first name
    - same: [Zeus]                               all that papers call so is one thing
    - different: [Zeus, Zeus (2401.00001)]       that paper's Zeus is another one
    - rename: {Frobnik: FrobNIK}
    - type: {Zork: Dataset}
    - family: {Harrier-7B: Harrier}              null: of no family
    - reject: {subject: A, relation: BUILT_ON, object: B, paper: "2401.00001"}
    - reject: our framework                      no such thing
    - add: {subject: A, relation: BUILT_ON, object: B, how: fine-tuned, url: "https://…", quote: "A is …"}

Names are given as people write them; "(Dataset)" or "(2401.00001)" behind a name says which of several is meant.
The order of entries, comments and layout do not matter to the graph: entries are compared by `text`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import CurationError
from kg.keys import arxiv_id, doi
from kg.lexicon import lexicon
from kg.quantity import quantities
from kg.schema import schema
from kg.text import one_line, storable
from kg.types import PAPER, Evidence, Paper, Record, RecordEntity, Triple

FILE = "curation.yaml"
"""The file of a graph's folder."""

CURATED = "curated"
"""The kind of evidence that an added fact has."""

RESULT = "RESULT"
ACTIONS = ("same", "different", "rename", "type", "family", "reject", "add")
HEAD = """\
# Corrections of this graph, one a line; delete a line to undo it. `kg fix --help` writes them, `kg fix list` shows
# what each one does.
"""

_REJECT = ("subject", "relation", "object", "paper")
_QUALIFIERS = ("how", "outcome", "member", "value", "unit")
_ADD = ("subject", "relation", "object", *_QUALIFIERS, "url", "quote", "title", "published")
_BEHIND = re.compile(r"(.*\S)\s*\(([^()]+)\)")
_PLAIN = re.compile(r"[^\W\d_][\w +./@()'-]*[\w+)]|[^\W\d_]")
_WORDS = frozenset("true false yes no on off null y n nan inf".split())


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a person writes it, of a type or of one paper where they say so."""

    name: str
    type: str | None = None
    paper: str | None = None

    @classmethod
    def read(cls, text: str) -> "Name":
        """A name with what stands in brackets behind it, if that is a type or a paper's key.

        >>> Name.read("SQuAD (Dataset)"), Name.read("Zeus (2401.00001)").paper, Name.read("BERT (large)").name
        (Name(name='SQuAD', type='Dataset', paper=None), '2401.00001', 'BERT (large)')
        """
        name, type, paper = one_line(storable(text)), None, None
        while (found := _BEHIND.fullmatch(name)) is not None:
            behind = found[2].strip()
            if type is None and behind in schema().entity_types:
                name, type = found[1], behind
            elif paper is None and (key := _paper(behind)):
                name, paper = found[1], key
            else:
                break
        return cls(name, type, paper)

    def __str__(self) -> str:
        return self.name + "".join(f" ({part})" for part in (self.type, self.paper) if part)


@dataclass(frozen=True, slots=True)
class Entry:
    """One correction; `text` is its canonical form on one line, `line` where it stands in `file`.

    same, different: `names`. rename, type, family: the one of `names`, and `to`. reject: `relation` is None where
    the thing itself is rejected; an absent `subject` or `object` in `names` is None. add: `fields` hold the rest.
    """

    action: str
    names: tuple[Name | None, ...]
    to: str | None = None
    relation: str | None = None
    paper: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0

    @property
    def text(self) -> str:
        """The entry as it would be written, without the dash."""
        return f"{self.action}: {self._value()}"

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"

    def error(self, problem: str) -> CurationError:
        """What is wrong with this entry."""
        return CurationError(self.file, self.line, problem)

    def _value(self) -> str:
        if self.action in ("same", "different"):
            return f"[{', '.join(_written(str(n)) for n in self.names)}]"
        if self.action in ("rename", "type", "family"):
            return f"{{{_written(str(self.names[0]))}: {_written(self.to)}}}"
        if self.action == "reject" and self.relation is None and self.paper is None:
            return _written(str(self.names[0]))
        subject, target = (*self.names, None)[:2]
        fields = {
            "subject": subject,
            "relation": self.relation,
            "object": target,
            "paper": self.paper,
            **dict(self.fields),
        }
        told = (f"{k}: {_written(str(v))}" for k, v in fields.items() if v is not None)
        return f"{{{', '.join(told)}}}"


@dataclass(frozen=True, slots=True)
class Added:
    """A fact that an entry adds, as a record of its source; `guessed` are the names whose type nobody said."""

    entry: Entry
    record: Record
    guessed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Curation:
    """The entries of a file; equal entries count once, and their order says nothing."""

    entries: tuple[Entry, ...] = ()

    @property
    def digest(self) -> str:
        """A hash of what the entries say; empty without any."""
        texts = sorted({e.text for e in self.entries})
        return hashlib.sha256("\n".join(texts).encode("utf8")).hexdigest()[:16] if texts else ""

    def of(self, *actions: str) -> list[Entry]:
        """The entries of these actions, each once, in one order whatever the file's."""
        found = {e.text: e for e in reversed(self.entries) if e.action in actions}
        return [found[text] for text in sorted(found)]

    def added(self) -> list[Added]:
        """The added facts, each as a record of its source."""
        sources: dict[str, list[Entry]] = {}
        for entry in self.of("add"):
            sources.setdefault(source_key(dict(entry.fields)["url"]), []).append(entry)
        return [fact for key, entries in sorted(sources.items()) for fact in _added(key, entries)]


def read(path: Path) -> Curation:
    """The corrections of a file; none where there is no file. A CurationError names the line that is wrong."""
    if not path.is_file():
        return Curation()
    try:
        return parse(path.read_text("utf8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise CurationError(str(path), 1, f"cannot be read: {error}. It must be a text in UTF-8.") from error


def parse(text: str, file: str = FILE) -> Curation:
    """The corrections that a text holds.

    >>> [e.text for e in parse("- same: [GPT-4V, GPT-4 with vision]  # Ann\\n- type: {Zork: Dataset}").entries]
    ['same: [GPT-4V, GPT-4 with vision]', 'type: {Zork: Dataset}']
    """
    import yaml

    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark, at = getattr(error, "problem_mark", None), getattr(error, "position", 0)
        line = mark.line + 1 if mark else text.count("\n", 0, at) + 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise CurationError(file, line, f"is not YAML: {one_line(str(problem))}") from error
    if root is None:
        return Curation()
    if not isinstance(root, yaml.SequenceNode):
        raise CurationError(file, _line(root), "The file is a list: begin each correction with '- '.")
    return Curation(tuple(entry for node in root.value for entry in _entries(node, file)))


def append(
    path: Path, entry: Entry, *, note: str = "", check: Callable[[Curation], object] = lambda _: None
) -> Entry:
    """Writes an entry as the last line of a file, which keeps all else as it is; gives it with its line.

    A CurationError where the file could not be read with it, or `check` refuses the whole; then nothing is written.
    An entry that is there already is not written again.
    """
    from kg.jsonl import atomic

    for there in read(path).entries:
        if there.text == entry.text:
            return there
    before = path.read_text("utf8") if path.is_file() else HEAD
    before += "" if before.endswith("\n") or not before else "\n"
    comment = f"  # {one_line(storable(note))}" if note else ""
    after = f"{before}- {entry.text}{comment}\n"
    placed = replace(entry, file=path.name, line=before.count("\n") + 1)
    try:
        whole = parse(after, path.name)
    except CurationError as error:
        raise placed.error(
            f"No line can be added behind what the file ends with ({error.problem})"
        ) from error
    if [e.text for e in whole.entries][-1:] != [entry.text]:
        raise placed.error(
            "No line can be added behind what the file ends with; write a list, one '- ' a line"
        )
    check(whole)
    with atomic(path) as file:
        file.write(after)
    return placed


def entry(action: str, value: Any, *, file: str = "", line: int = 0) -> Entry:
    """One entry from plain data as YAML would give it; a CurationError says what is wrong.

    >>> entry("type", {"Zork": "Dataset"}).text
    'type: {Zork: Dataset}'
    """
    found = list(_READ[action](value, lambda problem: CurationError(file, line, problem)))
    if len(found) != 1:
        raise CurationError(file, line, f"{action} must say one thing here")
    return replace(found[0], file=file, line=line)


def source_key(url: str) -> str:
    """The key of the source that an address names: a paper's where it is one's, else the address.

    >>> source_key("https://arxiv.org/abs/2302.13971v1"), source_key(" https://example.org/card ")
    ('2302.13971', 'https://example.org/card')
    """
    return arxiv_id(url) or doi(url) or one_line(url)


def _entries(node: Any, file: str) -> Iterator[Entry]:
    line = _line(node)

    def wrong(problem: str) -> CurationError:
        return CurationError(file, line, problem)

    data = _plain(node, wrong)
    if not isinstance(data, dict) or len(data) != 1:
        raise wrong(f"A correction is one of {', '.join(ACTIONS)} and what it says, such as: - same: [A, B]")
    ((action, value),) = data.items()
    if action not in _READ:
        raise wrong(f"{action!r} is no correction; there are {', '.join(ACTIONS)}")
    for found in _READ[action](value, wrong):
        yield replace(found, file=file, line=line)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _plain(node: Any, wrong: Any) -> Any:
    """Data of a node with every scalar as it is written: 2401.10 stays "2401.10", "No" a name; null is None."""
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return None if node.tag.endswith(":null") else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, wrong) for child in node.value]
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = _plain(key, wrong)
        if not isinstance(name, str) or name in found:
            raise wrong(f"{name!r} is there twice, or is no text; quote it")
        found[name] = _plain(value, wrong)
    return found


def _texts(value: Any, least: int, wrong: Any, example: str) -> list[Name]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise wrong(f"needs a list of names: {example}")
    names = [Name.read(v) for v in value]
    if len(names) < least or len(set(names)) < len(names):
        raise wrong(f"needs {least} or more names, each once: {example}")
    return names


def _same(value: Any, wrong: Any) -> Iterator[Entry]:
    yield Entry("same", tuple(_texts(value, 1, wrong, "same: [GPT-4V, GPT-4 with vision]")))


def _different(value: Any, wrong: Any) -> Iterator[Entry]:
    names = _texts(value, 2, wrong, "different: [Zeus, Zeus (2401.00001)]")
    yield Entry("different", tuple(names))


def _pairs(value: Any, wrong: Any, example: str) -> Iterator[tuple[Name, str | None]]:
    if not isinstance(value, dict) or not value or not all(isinstance(v, str | None) for v in value.values()):
        raise wrong(f"needs a name and what it becomes: {example}")
    for name, to in value.items():
        if not name.strip() or (to is not None and not to.strip()):
            raise wrong(f"has an empty name: {example}")
        yield Name.read(name), None if to is None else one_line(storable(to))


def _rename(value: Any, wrong: Any) -> Iterator[Entry]:
    for name, to in _pairs(value, wrong, "rename: {Frobnik: FrobNIK}"):
        if to is None:
            raise wrong("needs the new name: rename: {Frobnik: FrobNIK}")
        yield Entry("rename", (name,), to)


def _type(value: Any, wrong: Any) -> Iterator[Entry]:
    known = [t.name for t in schema().types.values() if t.entity and not t.literal]
    for name, to in _pairs(value, wrong, "type: {Zork: Dataset}"):
        if to not in known:
            raise wrong(f"{to!r} is no type; there are {', '.join(known)}")
        if name.paper:
            raise wrong("A type is that of a name in all papers; part it from its namesake with `different`")
        yield Entry("type", (name,), to)


def _family(value: Any, wrong: Any) -> Iterator[Entry]:
    for name, to in _pairs(value, wrong, "family: {Harrier-7B: Harrier}"):
        if name.paper:
            raise wrong("A family is that of a name in all papers; leave the paper out")
        yield Entry("family", (name,), to)


def _reject(value: Any, wrong: Any) -> Iterator[Entry]:
    example = "reject: {subject: Alpaca, relation: BUILT_ON, object: GPT-3}, or reject: our framework"
    if isinstance(value, str) and value.strip():
        name = Name.read(value)
        yield Entry("reject", (replace(name, paper=None), None), paper=name.paper)
        return
    fields = _fields(value, _REJECT, ("subject",), wrong, example)
    relation = fields.get("relation")
    if relation is None:
        if "object" in fields:
            raise wrong(f"lacks relation: {example}")
        yield Entry("reject", (Name.read(fields["subject"]), None), paper=fields.get("paper"))
        return
    if relation not in (*schema().edge_relations, RESULT):
        raise wrong(_no_relation(relation, RESULT))
    if "object" not in fields and relation != RESULT:
        raise wrong(f"lacks object: {example}")
    subject, paper = Name.read(fields["subject"]), fields.get("paper")
    target = Name.read(fields["object"]) if "object" in fields else None
    if schema().relations[relation].subject == ("Paper",) if relation != RESULT else False:
        subject, paper = Name(PAPER), paper or fields["subject"]
    if subject.name == PAPER and not paper:
        raise wrong("has PAPER as subject, so it needs the paper: paper: 2401.00001")
    yield Entry("reject", (subject, target), relation=relation, paper=paper and one_line(paper))


def _add(value: Any, wrong: Any) -> Iterator[Entry]:
    example = (
        "add: {subject: Vicuna, relation: BUILT_ON, object: LLaMA, how: fine-tuned, "
        'url: "https://arxiv.org/abs/2306.05685", quote: "Vicuna is …"}'
    )
    fields = _fields(value, _ADD, ("subject", "relation", "object", "url", "quote"), wrong, example)
    relation = fields["relation"]
    if relation not in schema().claim_relations:
        raise wrong(_no_relation(relation))
    _check_qualifiers(relation, fields, wrong)
    if not re.match(r"https?://\S+$", fields["url"].strip()):
        raise wrong(f"url is {fields['url']!r}, but should be the address of the source, https://…")
    if "published" in fields and not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", fields["published"]):
        raise wrong(f"published is {fields['published']!r}, but should be YYYY, YYYY-MM or YYYY-MM-DD")
    names = (Name.read(fields["subject"]), Name.read(fields["object"]))
    for name, types in zip(
        names, (schema().relations[relation].subject, schema().relations[relation].object), strict=True
    ):
        if name.paper:
            raise wrong("An added fact names things, not those of one paper; leave the paper out")
        if name.type and name.type not in types:
            raise wrong(f"{name} cannot stand there in {relation}: only {', '.join(types)}")
    if names[0].name == names[1].name or names[1].name == PAPER:
        raise wrong("relates a thing to itself, or to PAPER")
    if names[0].name == PAPER and "Paper" not in schema().relations[relation].subject:
        raise wrong(f"{relation} has no PAPER as subject")
    rest = tuple((k, one_line(storable(fields[k]))) for k in _ADD[3:] if k in fields)
    yield Entry("add", names, relation=relation, fields=rest)


def _fields(
    value: Any, known: Iterable[str], needed: Iterable[str], wrong: Any, example: str
) -> dict[str, str]:
    if not isinstance(value, dict):
        raise wrong(f"needs fields: {example}")
    for field, given in value.items():
        if field not in known:
            raise wrong(f"unknown field {field!r}; there are {', '.join(known)}")
        if not isinstance(given, str) or not given.strip():
            raise wrong(f"{field} is {given!r}, but should be a text")
    if missing := [f for f in needed if f not in value]:
        raise wrong(f"lacks {', '.join(missing)}: {example}")
    return dict(value)


def _no_relation(given: str, *also: str) -> str:
    return f"{given!r} is no relation here; there are {', '.join((*schema().edge_relations, *also))}"


def _check_qualifiers(relation: str, fields: Mapping[str, str], wrong: Any) -> None:
    s = schema()
    allowed = {"HAS_SIZE": {"value", "unit"}}.get(relation, set(s.relations[relation].qualifiers))
    choices = {"how": tuple(s.hows), "outcome": s.outcomes, "member": s.members}
    for field in _QUALIFIERS:
        if field not in fields:
            continue
        if field not in allowed:
            raise wrong(f"{relation} has no {field!r}")
        if field in choices and fields[field] not in choices[field]:
            raise wrong(f"{field} is {fields[field]!r}; there are {', '.join(choices[field])}")
        if field == "value" and not re.fullmatch(r"\d+(\.\d+)?([eE]\+?\d+)?", fields[field]):
            raise wrong(f"value is {fields[field]!r}, but should be a number such as 7000000000")


_READ = {
    "same": _same,
    "different": _different,
    "rename": _rename,
    "type": _type,
    "family": _family,
    "reject": _reject,
    "add": _add,
}


def _paper(text: str) -> str | None:
    """The key of a paper, where a text is just that."""
    return arxiv_id(text) or doi(text) or (text if re.fullmatch(r"t:[0-9a-f]{16}", text) else None)


def _written(text: str | None) -> str:
    """A scalar of flow YAML: plain where that is safe, else quoted.

    >>> _written("GPT-4 with vision"), _written("No"), _written("a: b"), _written("2401.10"), _written(None)
    ('GPT-4 with vision', '"No"', '"a: b"', '"2401.10"', 'null')
    """
    if text is None:
        return "null"
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _added(key: str, entries: list[Entry]) -> Iterator[Added]:
    """The facts of one source, whose text is all the quotes taken from it, one a line."""
    fields = [dict(e.fields) for e in entries]
    quotes = sorted({f["quote"] for f in fields})
    title = max((f["title"] for f in fields if "title" in f), default=min(f["url"] for f in fields))
    paper = Paper(
        key,
        title,
        "\n".join(quotes),
        published=max((f["published"] for f in fields if "published" in f), default=None),
        url=min(f["url"] for f in fields),
    )
    starts, at = dict[str, int](), len(title) + 1
    for quote in quotes:
        starts[quote], at = at, at + len(quote) + 1
    for e, f in zip(entries, fields, strict=True):
        span = (starts[f["quote"]], starts[f["quote"]] + len(f["quote"]))
        yield _fact(e, f, paper, Evidence(span, rule="curation", kind=CURATED))


def _fact(e: Entry, fields: Mapping[str, str], paper: Paper, evidence: Evidence) -> Added:
    subject, target = (name or Name("") for name in e.names)
    relation = schema().relations[e.relation or ""]
    ends = {subject: relation.subject, target: relation.object}
    named = {n: _type_of(n, types) for n, types in ends.items() if n.name != PAPER and "Size" not in types}
    entities = tuple(RecordEntity(n.name, type) for n, type in named.items())
    value, unit = _size(target.name, fields) if "Size" in relation.object else (None, None)
    triple = Triple(
        subject.name,
        relation.name,
        target.name,
        how=fields.get("how"),
        outcome=fields.get("outcome"),
        member=fields.get("member"),
        value=value,
        unit=unit,
        evidence=(evidence,),
    )
    guessed = frozenset(n.name for n in named if n.type is None)
    return Added(e, Record(paper, CURATED, entities, (triple,)), guessed)


def _type_of(name: Name, allowed: tuple[str, ...]) -> str:
    """The type said, else the lexicon's where the relation allows it, else the first that it allows."""
    if name.type:
        return name.type
    found = (lexicon().find(name.name, type) for type in allowed)
    return next((e.type for e in found if e), next(t for t in allowed if t != "Paper"))


def _size(text: str, fields: Mapping[str, str]) -> tuple[int | float | None, str | None]:
    """Value and unit as given, else as the text has them."""
    if "value" in fields:
        value = float(fields["value"])
        return int(value) if value.is_integer() else value, fields.get("unit", "parameters")
    read = quantities(text)
    return (read[0].value, read[0].unit) if len(read) == 1 else (None, None)
