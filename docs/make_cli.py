"""Writes docs/cli.md from what `kg --help` says; `--check` tells whether it is stale."""

import sys
from pathlib import Path

import click

from kg.cli import cli

PAGE = Path(__file__).with_name("cli.md")


def page() -> str:
    """The reference: every command's help, as the terminal shows it."""
    parts = ["# The command line", "", "Made from `kg --help` by `make build-generated`.", ""]
    root = click.Context(cli, info_name="kg", max_content_width=100, terminal_width=100)
    for name, command in _commands(cli, "kg"):
        context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
        context.help_option_names = root.help_option_names
        parts += [f"## `{name}`", "", "```", command.get_help(context), "```", ""]
    return "\n".join(parts)


def _commands(group: click.Command, name: str) -> list[tuple[str, click.Command]]:
    found = [(name, group)]
    if isinstance(group, click.Group):
        for child in sorted(group.commands):
            found += _commands(group.commands[child], f"{name} {child}")
    return found


if __name__ == "__main__":
    if "--check" in sys.argv:
        if not PAGE.is_file() or PAGE.read_text("utf8") != page():
            sys.exit("docs/cli.md is stale: make build-generated")
    else:
        PAGE.write_text(page(), "utf8")
