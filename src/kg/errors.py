"""The errors of kg, and the one exit code of each.

KgError                    3   something of ours went wrong; the message ends with the way out
├── UsageError             2   the command was used wrongly
├── NotFoundError          1   no entity or paper of that name; carries near misses
├── InputError             3   a file cannot be read at all
├── RecordError            3   a record breaks the contract (offsets, names, types)
├── SchemaError            3   schema/ or a rule or lexicon file is wrong
├── CurationError          3   a line of curation.yaml is wrong
├── GraphError             3   the graph folder is missing, busy, or of another format
└── StoreError             3   a database refused or is not there
    ├── StoreUnavailableError  nothing answers at that address
    ├── ForeignDatabaseError   it holds what is not ours
    └── QueryError             the Cypher is wrong, or writes where it may only read
"""

from collections.abc import Sequence


class KgError(Exception):
    """Base of every error that kg raises on purpose; `str(error)` is one line with the way out."""

    exit_code = 3


class UsageError(KgError):
    """The command or function was called with arguments that do not go together."""

    exit_code = 2


class NotFoundError(KgError):
    """Nothing in the graph has that name; `name` is what was asked, `suggestions` the near misses."""

    exit_code = 1

    def __init__(self, name: str, suggestions: Sequence[str] = (), *, kind: str = "entity") -> None:
        self.name, self.suggestions, self.kind = name, tuple(suggestions), kind
        near = (
            f" Did you mean {_either(self.suggestions)}?"
            if suggestions
            else " `kg stats` shows what is there."
        )
        super().__init__(f"No {kind} named {name!r}.{near}")


class InputError(KgError):
    """A file of papers or records cannot be read at all."""


class RecordError(KgError):
    """A record breaks the contract."""


class SchemaError(KgError):
    """A YAML file of the schema, the rules or the lexicon is wrong."""


class CurationError(KgError):
    """A line of a file of corrections is wrong; `file` and `line` say which."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        self.file, self.line, self.problem = file, line, problem
        super().__init__(f"{file}:{line}: {problem}")


class GraphError(KgError):
    """The graph folder is missing, busy or of another format."""


class StoreError(KgError):
    """A database refused a request."""


class StoreUnavailableError(StoreError):
    """No database answers at that address."""


class ForeignDatabaseError(StoreError):
    """The database holds something that is not this graph."""


class QueryError(StoreError):
    """The Cypher is wrong or not allowed."""


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
