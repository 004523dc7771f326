"""The house stands: imports point down, heavy packages come late, what is generated is fresh, nothing foreign is in it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SOURCE = CHECKOUT / "src" / "kg"

# From the ground up; those on one floor do not import each other, but within a package all may.
FLOORS = (
    {"errors", "text"},
    {"display"},
    {"types"},
    {"keys", "schema"},
    {"jsonl"},
    {"names", "quantity", "lexicon", "graph", "descent", "demo", "generate"},
    {"curation"},
    {"sources", "extract", "resolve", "stores", "export"},
    {"ask", "evaluate"},
    {"folder"},
    {"build", "diff"},
    {"session"},
    {"cli"},
    {"__main__"},
)
LEVEL = {name: level for level, floor in enumerate(FLOORS) for name in floor}
# Lexicon stands on the grammar of names.
ALLOWED = {("lexicon", "names"), ("jsonl", "schema")}
HEAVY = {
    "spacy",
    "neo4j",
    "arcadedb",
    "networkx",
    "pandas",
    "duckdb",
    "pyarrow",
    "rich",
    "sklearn",
    "scipy",
    "pycrfsuite",
    "rapidfuzz",
    "bibtexparser",
    "defusedxml",
    "pylatexenc",
    "matplotlib",
    "jinja2",
}

MODULES = sorted(p for p in SOURCE.rglob("*.py"))


def part(path: Path) -> str:
    """The floor's part that a file belongs to."""
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node
            if node.module == "kg":
                yield from ((f"kg.{alias.name}", node) for alias in node.names)


def test_every_part_has_its_floor():
    assert {part(p) for p in MODULES} - {"__init__"} <= LEVEL.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_down(path):
    here = part(path)
    if here == "__init__":
        return
    for name, node in imports(ast.parse(path.read_text("utf8"))):
        pieces = name.split(".")
        if pieces[0] != "kg" or len(pieces) == 1:
            continue
        there = pieces[1]
        if there == here or there.startswith("__") or (here, there) in ALLOWED:
            continue
        assert LEVEL[there] < LEVEL[here], f"{here} imports {there} (line {node.lineno})"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_heavy_packages_are_imported_where_they_are_used(path):
    tree = ast.parse(path.read_text("utf8"))
    for node in tree.body:
        found = [node] if isinstance(node, ast.Import | ast.ImportFrom) else []
        for name, where in (pair for n in found for pair in imports(n)):
            assert name.split(".")[0] not in HEAVY, (
                f"{path.name} imports {name} at the top (line {where.lineno})"
            )


def test_the_lexicon_is_compiled_from_its_yaml():
    subprocess.run([sys.executable, "-m", "kg.lexicon", "--check"], check=True)


def test_the_reference_of_the_command_line_is_fresh():
    subprocess.run([sys.executable, str(CHECKOUT / "docs" / "make_cli.py"), "--check"], check=True)


def test_every_link_in_the_documents_leads_somewhere():
    for page in [
        *CHECKOUT.glob("*.md"),
        *(CHECKOUT / "docs").glob("*.md"),
        CHECKOUT / "schema" / "README.md",
    ]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_versions_are_pinned_without_an_address():
    lines = [
        x
        for x in (CHECKOUT / "constraints.txt").read_text("utf8").splitlines()
        if x and not x.startswith("#")
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    assert len(lines) > 20
