"""The command line: open, call the function of the same name, render."""

import click

import kg
from kg.cli import answers, comparing, correcting, making, moving, reading, upkeep


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `kg demo`. The graph is one folder: -g GRAPH, or KG_GRAPH, or papers.kg.",
)
@click.version_option(kg.__version__, prog_name="kg")
def cli() -> None:
    """Reads machine-learning papers and answers who built what on what, with the sentence that says so."""


for _module in (making, answers, comparing, correcting, moving, reading, upkeep):
    for _command in _module.COMMANDS:
        cli.add_command(_command)
