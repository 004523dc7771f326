"""Known names: models, families, datasets, benchmarks, methods, tasks, metrics; curated YAML and its compiled form."""
