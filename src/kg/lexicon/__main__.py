"""`python -m kg.lexicon` checks the curated names and writes their compiled form."""

import sys

from kg.errors import KgError
from kg.jsonl import atomic
from kg.lexicon.curated import compiled
from kg.lexicon.entries import COMPILED


def main() -> int:
    """Writes compiled.json; an error names the line to mend."""
    try:
        text = compiled()
    except KgError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    with atomic(COMPILED, "w") as file:
        file.write(text)
    print(f"{COMPILED.name}: {text.count(chr(10)) - 5} entries, {len(text.encode())} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
