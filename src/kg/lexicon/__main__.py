"""`python -m kg.lexicon` checks the curated names and writes their compiled form."""

import sys

from kg.errors import KgError
from kg.jsonl import atomic
from kg.lexicon.curated import compiled
from kg.lexicon.entries import COMPILED, loaded


def main() -> int:
    """Writes compiled.tsv; an error names the line to mend."""
    try:
        text = compiled()
    except KgError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    with atomic(COMPILED, "w") as file:
        file.write(text)
    print(
        f"{COMPILED.name}: {len(loaded(text).entries())} entries, {len(text.encode())} bytes", file=sys.stderr
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
