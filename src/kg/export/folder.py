"""A folder that appears under its name only when it is whole, and never replaces what an export did not write."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import UsageError

_MARK = "export.json"


@contextmanager
def whole_folder(path: Path, format: str, generation: str) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its name when the block ends well; else nothing is left.

    An earlier export under that name goes; anything else there is a UsageError.
    """
    _check_replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield new
        files = sorted(p.relative_to(new).as_posix() for p in new.rglob("*") if p.is_file())
        mark = {"format": format, "generation": generation, "files": files}
        (new / _MARK).write_text(json.dumps(mark, indent=1) + "\n", "utf8")
        new.chmod(0o755)
        _swap(new, path)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _check_replaceable(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise UsageError(
            f"{path} is a file, and this format is a folder of files. Give another name, or remove it."
        )
    try:
        ours = {_MARK, *json.loads((path / _MARK).read_text("utf8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    found = {p.relative_to(path).as_posix() for p in path.rglob("*") if not p.is_dir()}
    if strange := sorted(found - ours):
        raise UsageError(f"{path} holds {strange[0]}, which no export wrote. Give another name, or empty it.")


def _swap(new: Path, path: Path) -> None:
    if path.exists():
        old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        os.replace(path, old)  # onto the empty folder
        os.replace(new, path)
        shutil.rmtree(old)
    else:
        os.replace(new, path)
