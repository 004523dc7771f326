"""Where the learned weights are: those that ship with kg, or a folder of your own that `kg train` wrote."""

import os
from pathlib import Path

from kg.errors import InputError

SHIPPED = Path(__file__).parent.parent / "model"
FILES = ("coreference.npz", "entities.npz", "pairs.npz", "sizes.npz")
VARIABLE = "KG_MODEL"


def model_folder() -> Path:
    """The folder of weights that KG_MODEL names, else the shipped one; an InputError names what it lacks."""
    given = os.environ.get(VARIABLE)
    if not given:
        return SHIPPED
    folder = Path(given)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} ({VARIABLE}) lacks {', '.join(missing)}. "
            f"Make the folder with `kg train GOLD -o {folder}`, or unset {VARIABLE} to read with the shipped weights."
        )
    return folder


def use_model(folder: Path) -> None:
    """Reads with the weights of this folder from now on, in this process and in those that it starts."""
    os.environ[VARIABLE] = str(folder.resolve())
    model_folder()
