"""A graph of our shape and of any size, made up: bench/synthetic.py FOLDER [NODES] writes its tables.

Of the nodes 20 % are papers, 20 % entities, 60 % claims, with about five relationships a node. A few things are in
most papers, most things in a few: the model `frob-0` is the most popular base. One link of lineage in fifty
leads anywhere, so there are cycles. Rows come of hashes of their numbers,
so the same size makes the same tables. No sentence is anybody's.
"""

import sys
from pathlib import Path

from kg.graph import TABLES, Graph, columns

GRAPH = "synthetic"

# u(key) is a number in [0, 1) that hangs on the key alone; few(n, key, k) one below n, small the more often the higher k.
_SETUP = """
CREATE MACRO u(key) AS (hash(key) >> 11) / 9007199254740992.0;
CREATE MACRO few(n, key, k) AS least(n - 1, floor(n * pow(u(key), k)))::BIGINT;
CREATE TABLE kinds AS SELECT * FROM (VALUES {kinds}) AS k(type, prefix, many);
CREATE MACRO of_type(t) AS CASE t {many} END;
CREATE TABLE p AS
  SELECT 'p-' || lpad(i::VARCHAR, 7, '0') AS id, i, 2012 + few(14, 'year' || i, 0.4) AS year FROM range({papers}) r(i);
CREATE TABLE e AS
  SELECT k.prefix || i AS id, k.type, i FROM kinds k, range({entities}) r(i) WHERE i < k.many;
CREATE TABLE said AS
  WITH numbered AS (
    SELECT j, j % {papers} AS paper, u('relation' || j) AS what, few(of_type('Model'), 'subject' || j, 1) AS s FROM range({claims}) r(j)),
  named AS (
    SELECT *, CASE WHEN what < .20 THEN 'BUILT_ON' WHEN what < .40 THEN 'EVALUATED_ON' WHEN what < .50 THEN 'TRAINED_ON'
      WHEN what < .70 THEN 'COMPARED_TO' WHEN what < .80 THEN 'USES' WHEN what < .90 THEN 'ADDRESSES' ELSE 'RESULT' END AS relation
    FROM numbered),
  targeted AS (
    SELECT *, CASE relation WHEN 'EVALUATED_ON' THEN 'Benchmark' WHEN 'RESULT' THEN 'Benchmark' WHEN 'TRAINED_ON' THEN 'Dataset'
      WHEN 'USES' THEN 'Method' WHEN 'ADDRESSES' THEN 'Task' ELSE 'Model' END AS object_type FROM named)
  SELECT 'c' || lpad(j::VARCHAR, 8, '0') AS id, j, paper, relation, 'frob-' || s AS subject, object_type, k.prefix || o AS object,
    ['fine-tuned', 'fine-tuned', 'distilled', 'adapted', 'architecture', 'component'][1 + few(6, 'how' || j, 1)] AS how,
    ['better', 'similar', 'worse', 'unknown'][1 + few(4, 'outcome' || j, 1)] AS outcome, 500 + few(500, 'sure' || j, 0.3) AS confidence
  FROM (SELECT *, CASE WHEN relation = 'BUILT_ON' AND j % 50 > 0 THEN few(greatest(s, 1), 'object' || j, 3)
                       ELSE few(of_type(object_type), 'object' || j, 3) END AS o FROM targeted)
  JOIN kinds k ON k.type = object_type WHERE object_type <> 'Model' OR s <> o;
CREATE MACRO carried(how) AS CASE how WHEN 'distilled' THEN 'knowledge' WHEN 'adapted' THEN 'unstated' WHEN 'architecture' THEN 'design'
  WHEN 'component' THEN 'part' ELSE 'weights' END;
CREATE TABLE seen AS
  SELECT DISTINCT p.id AS paper, year, k.prefix || CASE n WHEN 0 THEN p.i % k.many ELSE few(k.many, 'seen' || p.i || ' ' || n, 2.5) END AS thing,
    k.type, n = 0 AS new
  FROM p, range(13) r(n), kinds k WHERE k.type = ['Model', 'Model', 'Method', 'Benchmark', 'Dataset', 'Task', 'Model', 'Model',
    'Method', 'Dataset', 'Metric', 'Model', 'Benchmark'][n + 1];
"""
_KINDS = {
    "Model": ("frob-", 0.6),
    "Dataset": ("data-", 0.15),
    "Benchmark": ("bench-", 0.05),
    "Method": ("method-", 0.15),
    "Task": ("task:t-", 0.04),
    "Metric": ("metric:", 0.01),
}
_ROWS = {
    "papers": """SELECT id, 'A study of ' || i AS name, 'A study of ' || i AS title, 'It says what it says of model ' || i || '.' AS abstract,
        year::VARCHAR AS published, year, id AS input_id FROM p""",
    "entities": """SELECT id, type, upper(id[1]) || id[2:] AS name, CASE WHEN i % 7 = 0 THEN ['alias ' || id] END AS aliases,
        coalesce(n, 0) AS papers, 900 AS confidence, i < 50 AS known, type <> 'Model' OR i % 5 > 0 AS named,
        CASE WHEN type = 'Model' THEN i % 10 = 0 END AS is_family, first_year AS first_mentioned_year,
        CASE WHEN type = 'Model' AND i % 3 = 0 THEN (1 + i % 400) * 1000000000 END AS parameters,
        CASE WHEN type = 'Model' AND i % 3 = 0 THEN (1 + i % 400) * 1000000000 END AS parameters_min,
        CASE WHEN type = 'Model' AND i % 3 = 0 THEN (1 + i % 400) * 1000000000 END AS parameters_max,
        CASE WHEN type = 'Model' AND i % 3 = 0 THEN [(1 + i % 400) * 1000000000] END AS parameters_all
        FROM e LEFT JOIN (SELECT thing, count(*) AS n, min(year) AS first_year FROM seen GROUP BY 1) ON thing = id""",
    "edges": """SELECT subject || '|' || relation || '|' || object AS id, relation, subject, 'Model' AS subject_type, object,
          any_value(object_type ORDER BY said.id) AS object_type, count(DISTINCT paper) AS support, max(confidence) AS confidence, min(year) AS first_year,
          max(year) AS last_year, CASE WHEN relation = 'BUILT_ON' THEN min(how) END AS how,
          CASE WHEN relation = 'BUILT_ON' THEN list_sort(list(DISTINCT how)) END AS hows,
          CASE WHEN relation = 'BUILT_ON' THEN carried(min(how)) END AS carries,
          CASE WHEN relation = 'COMPARED_TO' THEN count(*) FILTER (outcome = 'better') END AS better,
          CASE WHEN relation = 'COMPARED_TO' THEN count(*) FILTER (outcome = 'similar') END AS similar,
          CASE WHEN relation = 'COMPARED_TO' THEN count(*) FILTER (outcome = 'worse') END AS worse,
          CASE WHEN relation = 'COMPARED_TO' THEN count(*) FILTER (outcome = 'unknown') END AS unknown
        FROM said JOIN p ON p.i = paper WHERE relation <> 'RESULT' GROUP BY relation, subject, object
        UNION ALL BY NAME
        SELECT paper || '|' || r || '|' || thing AS id, r AS relation, paper AS subject, 'Paper' AS subject_type, thing AS object,
          type AS object_type, 1 AS support, 900 AS confidence, year AS first_year, year AS last_year, [0, 5] AS spans
        FROM (SELECT *, CASE WHEN new THEN 'INTRODUCES' ELSE 'MENTIONS' END AS r FROM seen)
        UNION ALL BY NAME
        SELECT id || '|PART_OF|' || 'frob-' || (i - i % 10) AS id, 'PART_OF' AS relation, id AS subject, 'Model' AS subject_type,
          'frob-' || (i - i % 10) AS object, 'Model' AS object_type, 0 AS support, 'size' AS member, 'name' AS origin, true AS crossed
        FROM e WHERE type = 'Model' AND i % 10 IN (1, 2)""",
    "claims": """SELECT said.id, subject, 'Model' AS subject_type, object, object_type, subject || ' ' || relation || ' ' || object AS name,
        confidence, year, p.id AS paper, CASE WHEN relation <> 'RESULT' THEN subject || '|' || relation || '|' || object END AS edge,
        relation, 'It says what it says of model ' || paper || '.' AS quote, 12 AS "start", 42 AS "end", 'bench/made-up' AS rule, 'text' AS kind,
        CASE WHEN relation = 'BUILT_ON' THEN how END AS how, CASE WHEN relation = 'COMPARED_TO' THEN outcome END AS outcome,
        CASE WHEN relation = 'RESULT' THEN 'accuracy' END AS metric, CASE WHEN relation = 'RESULT' THEN (j % 1000) / 10.0 || '%' END AS score
        FROM said JOIN p ON p.i = paper""",
}


def synthetic(folder: Path, nodes: int) -> Graph:
    """Writes the tables of a graph of about so many nodes into the folder."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    from kg.graph import arrow_schema

    folder.mkdir(parents=True, exist_ok=True)
    entities = nodes // 5
    kinds = [(kind, prefix, max(1, int(share * entities))) for kind, (prefix, share) in _KINDS.items()]
    parts = {
        "papers": nodes // 5,
        "entities": entities,
        "claims": nodes * 3 // 5,
        "kinds": ", ".join(map(str, kinds)),
        "many": " ".join(f"WHEN '{kind}' THEN {many}" for kind, _, many in kinds),
    }
    meta = {"graph": GRAPH, "generation": f"{GRAPH}-{nodes}"}
    with duckdb.connect() as connection:
        connection.execute(_SETUP.format(**parts))
        for table in TABLES:
            wanted = arrow_schema(table)
            found = {d[0] for d in connection.execute(f"SELECT * FROM ({_ROWS[table]}) LIMIT 0").description}
            names = ", ".join(f'"{c}"' if c in found else f'NULL AS "{c}"' for c in columns(table))
            rows = connection.sql(f"SELECT {names} FROM ({_ROWS[table]}) ORDER BY id").to_arrow_reader(50_000)
            with pq.ParquetWriter(
                folder / f"{table}.parquet", wanted.with_metadata(meta), compression="zstd"
            ) as file:
                for batch in rows:
                    file.write_table(pa.Table.from_batches([batch]).cast(wanted), row_group_size=50_000)
    return Graph(folder)


if __name__ == "__main__":
    made = synthetic(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
    claims, results = made.count("claims"), sum("object" not in row for row in made.rows("claims"))
    print(
        f"{sum(made.count(t) for t in ('papers', 'entities', 'claims')):,} nodes, {made.count('edges') + 3 * claims - results:,} relationships"
    )
