"""Loads and validates `schema/`: the types, relations and properties that everything else is made from."""

import functools
import importlib.resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kg.errors import SchemaError

PropertyType = Literal["string", "string[]", "integer", "integer[]", "float", "boolean"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class EntityType(_Strict):
    """A label of the graph and the flags that code may branch on."""

    name: str
    description: str = Field(alias="is")
    examples: tuple[str, ...] = ()
    entity: bool = False
    named: bool = False
    system: bool = False
    data: bool = False
    literal: bool = False
    prefix: str = ""
    iri: str
    colour: str = Field(pattern="^#[0-9a-f]{6}$")


class Relation(_Strict):
    """A relation: what it says, between which types, and the flags that code may branch on."""

    name: str
    description: str = Field(alias="is")
    subject: tuple[str, ...]
    object: tuple[str, ...]
    claim: bool = False
    lineage: bool = False
    structure: bool = False
    qualifiers: tuple[str, ...] = ()
    reads: str
    iri: str


class Property(_Strict):
    """A property of nodes or relationships; `of` names the types or relations that may have it."""

    name: str
    type: PropertyType
    of: tuple[str, ...]
    description: str = Field(alias="is")


class Schema(_Strict):
    """Everything that `schema/entities.yaml` and `schema/relations.yaml` say."""

    format: int
    types: dict[str, EntityType]
    relations: dict[str, Relation]
    node_properties: dict[str, Property]
    edge_properties: dict[str, Property]
    hows: dict[str, str]
    crossed: tuple[str, ...]
    outcomes: tuple[str, ...]
    members: tuple[str, ...]
    origins: tuple[str, ...]

    @model_validator(mode="after")
    def _references_exist(self) -> "Schema":
        for relation in self.relations.values():
            for name in (*relation.subject, *relation.object):
                if name not in self.types:
                    raise ValueError(f"relation {relation.name} names the unknown type {name!r}")
        for what in self.crossed:
            if what not in self.hows.values():
                raise ValueError(f"`crossed` names {what!r}, which no `how` carries")
        return self

    @property
    def entity_types(self) -> tuple[str, ...]:
        """Types that count as entities, in the order of the schema."""
        return tuple(t.name for t in self.types.values() if t.entity)

    @property
    def named_types(self) -> tuple[str, ...]:
        """Types found by their name: Model, Dataset, Benchmark, Method."""
        return tuple(t.name for t in self.types.values() if t.named)

    @property
    def claim_relations(self) -> tuple[str, ...]:
        """Relations that papers state."""
        return tuple(r.name for r in self.relations.values() if r.claim)

    @property
    def edge_relations(self) -> tuple[str, ...]:
        """Relations that count as edges."""
        return tuple(r.name for r in self.relations.values() if not r.structure)

    def allows(self, subject_type: str, relation: str, object_type: str) -> bool:
        """Whether the relation may hold between these types."""
        known = self.relations.get(relation)
        return known is not None and subject_type in known.subject and object_type in known.object

    def carries(self, how: str | None) -> str:
        """What a `how` carries; an unknown or absent one carries `unstated`."""
        return self.hows.get(how or "other", "unstated")

    def properties_of(self, type_or_relation: str) -> tuple[Property, ...]:
        """The properties that nodes of a type, or relationships of a relation, may have."""
        where = self.node_properties if type_or_relation in self.types else self.edge_properties
        return tuple(p for p in where.values() if type_or_relation in p.of)


@functools.cache
def schema() -> Schema:
    """The schema of this installation: `kg/_schema` in a wheel, `schema/` in an editable checkout."""
    return load(_folder())


def load(folder: Path) -> Schema:
    """Reads the two YAML files of a folder; a SchemaError names what is wrong in them."""
    entities, relations = _yaml(folder / "entities.yaml"), _yaml(folder / "relations.yaml")
    try:
        types = {name: EntityType(name=name, **t) for name, t in entities["types"].items()}
        return Schema(
            format=entities["format"],
            types=types,
            relations={name: Relation(name=name, **r) for name, r in relations["relations"].items()},
            node_properties=_properties(entities["properties"], _groups(types)),
            edge_properties=_properties(relations["properties"], {"": _edge_names(relations)}),
            **{k: relations[k] for k in ("hows", "crossed", "outcomes", "members", "origins")},
        )
    except (ValidationError, KeyError, TypeError) as error:
        raise SchemaError(f"{folder}: {_first_problem(error)}") from error


def _folder() -> Path:
    packaged = Path(str(importlib.resources.files("kg"))) / "_schema"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "schema"


def _yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.load(path.read_text("utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise SchemaError(
            f"Cannot read {path}: {error.strerror}. Reinstall kg, or restore schema/."
        ) from error
    except yaml.YAMLError as error:
        raise SchemaError(f"{path} is not YAML: {error}") from error


def _groups(types: dict[str, EntityType]) -> dict[str, tuple[str, ...]]:
    return {"": tuple(types), "entity": tuple(t.name for t in types.values() if t.entity)}


def _edge_names(relations: Any) -> tuple[str, ...]:
    return tuple(name for name, r in relations["relations"].items() if not r.get("structure"))


def _properties(raw: dict[str, Any], groups: dict[str, tuple[str, ...]]) -> dict[str, Property]:
    found = {}
    for name, fields in raw.items():
        of = fields.get("of", "")
        of = [of] if isinstance(of, str) else of
        expanded = tuple(dict.fromkeys(t for o in of for t in groups.get(o, (o,))))
        found[name] = Property(name=name, **{**fields, "of": expanded})
    return found


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"missing or misplaced {error}"
