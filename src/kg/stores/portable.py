"""Refuses the one thing in Cypher that the embedded engine answers wrongly without saying so."""

import re
from collections.abc import Iterator

from kg.errors import QueryError

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>`(?:[^`]|``)*`|[^\W\d]\w*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CLAUSES = frozenset(
    "match where with return create merge delete detach set remove unwind call foreach union yield order limit skip".split()
)
Token = tuple[str, int, int]


def check_portable(cypher: str) -> None:
    """Raises a QueryError for an inline map that uses a relationship matched since the last WITH.

    The embedded engine finds no rows for these, and no error; in a WHERE it finds them.

    >>> check_portable("MATCH ()-[r:BUILT_ON]->(b) MATCH (p:Paper) WHERE p.id = r.paper RETURN p")
    >>> check_portable("MATCH ()-[r:BUILT_ON]->(b) MATCH (p:Paper {id: r.paper}) RETURN p")
    Traceback (most recent call last):
        ...
    kg.errors.QueryError: The embedded store finds nothing for `{id: r.paper}`, as it uses the relationship `r` in an inline map. Write it as a WHERE: MATCH (p:Paper) WHERE p.id = r.paper
    """
    for map_start, map_end, variable, pattern in _maps(cypher):
        written = cypher[map_start:map_end]
        raise QueryError(
            f"The embedded store finds nothing for `{written}`, as it uses the relationship `{variable}` in an "
            f"inline map. Write it as a WHERE: {_rewrite(pattern, written)}"
        )


def _maps(cypher: str) -> Iterator[tuple[int, int, str, str]]:
    """Inline maps of MATCH patterns with the relationship that they use, and the pattern up to the map."""
    tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(cypher) if not m.group("skip")]
    clause, links, open_braces = "", set[str](), list[int]()
    for i, (token, start, _) in enumerate(tokens):
        word = token.lower()
        if token in "{[(":
            opened = _opener(tokens, i)
            if token == "{" and clause == "match" and not open_braces and opened is not None:
                end = _closing(tokens, i)
                used = _used(tokens[i + 1 : end], links)
                if used:
                    yield start, tokens[end][2], used, cypher[tokens[opened][1] : start]
            if token == "[" and clause == "match" and not open_braces:
                links |= _link(tokens, i)
            if token == "{":
                open_braces.append(i)
        elif token == "}" and open_braces:
            open_braces.pop()
        elif word in _CLAUSES and not open_braces and not _is_property(tokens, i):
            if word == "with" and i and tokens[i - 1][0].lower() in ("starts", "ends"):
                continue
            clause = word
            if word in ("with", "return", "union"):
                links = set()


def _opener(tokens: list[Token], brace: int) -> int | None:
    """The parenthesis or bracket of the pattern whose map opens here: `(p:Paper {`, `-[r:USES {`."""
    i = brace - 1
    while i >= 0 and (tokens[i][0] in ":|&!%*." or tokens[i][0][0] in "`_" or tokens[i][0].isalnum()):
        i -= 1
    if i < 0 or tokens[i][0] not in "([":
        return None
    before = tokens[i - 1] if i else ("", 0, 0)
    if tokens[i][0] == "[":
        return i if before[0] == "-" else None
    called = before[2] == tokens[i][1] and (before[0].isidentifier() or before[0].startswith("`"))
    return None if called and before[0].lower() not in _CLAUSES else i


def _link(tokens: list[Token], bracket: int) -> set[str]:
    """The variable of a single relationship that opens here; one of variable length is a list, and works."""
    if not bracket or tokens[bracket - 1][0] != "-":
        return set()
    inside = [t for t, _, _ in tokens[bracket + 1 : _closing(tokens, bracket)]]
    named = bool(inside) and (inside[0].startswith("`") or inside[0].isidentifier())
    return (
        {inside[0]} if named and "*" not in inside[: inside.index("{") if "{" in inside else None] else set()
    )


def _used(inside: list[Token], links: set[str]) -> str:
    for i, (token, _, _) in enumerate(inside):
        key = i + 1 < len(inside) and inside[i + 1][0] == ":"
        if token in links and not key and not _is_property(inside, i):
            return token
    return ""


def _is_property(tokens: list[Token], i: int) -> bool:
    return i > 0 and tokens[i - 1][0] in (".", "$")


def _closing(tokens: list[Token], opening: int) -> int:
    depth = 0
    for i in range(opening, len(tokens)):
        depth += (tokens[i][0] in "{[(") - (tokens[i][0] in "}])")
        if depth == 0:
            return i
    return len(tokens) - 1


def _rewrite(pattern: str, written: str) -> str:
    """A simple map as a WHERE; how to write it, where it is not simple."""
    found = re.fullmatch(r"\(\s*(\w*)\s*((?::\s*\w+)*)\s*", pattern)
    pairs = re.findall(r"(\w+)\s*:\s*([^,{}]+?)\s*(?:,|\}$)", written)
    if not found or not pairs:
        return "name what the map belongs to, and compare its properties there"
    variable = found[1] or "x"
    conditions = " AND ".join(f"{variable}.{key} = {value}" for key, value in pairs)
    return f"MATCH ({variable}{found[2]}) WHERE {conditions}"
