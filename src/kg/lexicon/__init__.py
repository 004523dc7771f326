"""Known names of models, data, methods, tasks and metrics: curated YAML and its compiled form."""
