"""The one place where errors become exit codes.

0 answered · 1 an empty answer · 2 wrong use · 3 our errors · 4 the unexpected · 130 Ctrl-C
"""

import os
import sys
from collections.abc import Sequence

import click

from kg.errors import KgError

EMPTY, WRONG_USE, UNEXPECTED, INTERRUPTED = 1, 2, 4, 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs `kg` with the arguments (default: the process's own) and returns its exit code."""
    from kg.cli import cli

    try:
        code = cli.main(arguments, prog_name="kg", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        _say(f"{error.format_message()} See: kg {_command(error)}--help")
        return WRONG_USE
    except (KeyboardInterrupt, click.Abort):
        _say("Stopped; nothing was left half done.")
        return INTERRUPTED
    except KgError as error:
        _say(str(error))
        return error.exit_code
    except BrokenPipeError:
        # the reader of our output left (`kg query … | head`): no fault, and no second complaint at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    if os.environ.get("KG_DEBUG"):
        raise error
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f" at {os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where else ""
    _say(
        f"An unexpected {type(error).__name__}{place}: {error}. This is a defect of kg: please report it with "
        "the output of the same command under KG_DEBUG=1."
    )
    return UNEXPECTED


def _command(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path.partition(' ')[2]} ".lstrip() if context else ""


def _say(message: str) -> None:
    print(f"kg: {' '.join(message.split())}", file=sys.stderr)
