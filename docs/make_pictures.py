"""Draws the pictures of the README and the tree in it from the bundled papers; `--check` tells whether they are stale.

They show what kg reads, so they change when its reading changes.
"""

import importlib.resources
import re
import sys
import tempfile
from pathlib import Path

from kg.ask import as_text, ask, find, lineage, write
from kg.build import build
from kg.export import write as export
from kg.folder import GraphFolder

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
QUESTION = "what is built on LLaMA 7B"
FENCE = re.compile(rf'(?<=\$ kg ask "{QUESTION}"\n).*?(?=```)', re.DOTALL)


def made(folder: Path) -> dict[Path, str]:
    """The files as they should be, from a graph built in a folder."""
    graph = GraphFolder(folder / "demo.kg")
    with importlib.resources.as_file(importlib.resources.files("kg.demo") / "papers.jsonl") as papers:
        build([papers], graph, fresh=True)
    with graph.store() as store:
        tree = as_text(ask(store, QUESTION)) + "\n"
        write(lineage(store, "Llama"), folder / "built-on-llama.svg", limit=20)
        vicuna = find(store, "Vicuna").id
    export(graph.graph(), folder / "around-vicuna.svg", around=vicuna)
    pictures = {DOCS / p.name: p.read_text("utf8") for p in folder.glob("*.svg")}
    return {**pictures, README: FENCE.sub(lambda _: tree, README.read_text("utf8"), count=1)}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        files = made(Path(temporary))
    for path, text in files.items():
        if "--check" not in sys.argv:
            path.write_text(text, "utf8")
        elif not path.is_file() or path.read_text("utf8") != text:
            sys.exit(f"{path.name} is stale: make build-generated")
