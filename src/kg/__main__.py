"""`python -m kg` and the `kg` command."""

import sys


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    from kg.cli import boundary

    sys.exit(boundary.run())


if __name__ == "__main__":
    main()
