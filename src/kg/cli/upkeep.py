"""Commands on kg's own parts: the schema."""

from pathlib import Path

import click

from kg.cli import options
from kg.errors import SchemaError


@click.group()
def schema() -> None:
    """The types, relations and properties that the graph is made of."""


@schema.command("show")
@options.as_json
def show_schema(as_json: bool) -> None:
    """Prints the schema: types, relations, how something is built on something."""
    from kg.generate import reference_page
    from kg.schema import schema as load

    click.echo(
        load().model_dump_json(by_alias=True, indent=2) if as_json else reference_page(load()), nl=as_json
    )


@schema.command("build")
@click.option("--checkout", type=click.Path(path_type=Path), default=".", help="A checkout of kg.")
def build_schema(checkout: Path) -> None:
    """Makes anew the JSON Schema, constraints and reference page of a checkout."""
    from kg.generate import build

    for path in build(checkout):
        click.echo(path)


@schema.command("check")
@click.option("--checkout", type=click.Path(path_type=Path), default=".", help="A checkout of kg.")
def check_schema(checkout: Path) -> None:
    """Tells whether what is generated from the schema is fresh."""
    from kg.generate import stale

    if outdated := stale(checkout):
        raise SchemaError(f"Stale: {', '.join(outdated)}. Run: kg schema build")


COMMANDS = (schema,)
