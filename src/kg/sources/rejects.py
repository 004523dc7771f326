"""What is set aside, kept with its reason in a file of JSON Lines."""

from dataclasses import asdict
from pathlib import Path

from kg.jsonl import atomic, dumps
from kg.types import Reject


class Rejects:
    """A file of {file, line, reason, excerpt}, in place of what stood there before; none where none came.

    It appears when the block ends well. `count` says how many were added, `first` is the first of them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open = atomic(path)
        self.count = 0
        self.first: Reject | None = None

    def __enter__(self) -> "Rejects":
        self._file = self._open.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.__exit__(*error)  # type: ignore[arg-type]
        if not any(error) and not self.count:
            self.path.unlink()

    def add(self, reject: Reject) -> None:
        """Writes one."""
        self._file.write(dumps(asdict(reject)) + "\n")
        self.count += 1
        self.first = self.first or reject
