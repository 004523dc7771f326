"""What tests share: the optional data folder beside the checkout."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The optional folder of real pages, papers and annotations; `KG_SHARED` says where else it is."""
    folder = Path(os.environ.get("KG_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        reason = f"no data folder at {folder}; set KG_SHARED"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return folder
