"""Records → `Graph`: names to entities, families, edges with support.

The graph is a pure function of the set of records. Names are settled in plain Python over the distinct names
(`naming`); everything else is relational work, in the SQL files of `sql/`, run by DuckDB out of core. Every
list there is ordered and no aggregate depends on the order of rows, so the tables are the same bytes whatever
the order of the records, the number of threads or the size of batches.
"""

from kg.resolve.curated import check
from kg.resolve.memory import Kept
from kg.resolve.reasons import unknown_names, why
from kg.resolve.staging import digest
from kg.resolve.tables import acted, resolve, stamp, version

__all__ = ["Kept", "acted", "check", "digest", "resolve", "stamp", "unknown_names", "version", "why"]
