"""`Graph` → files; one module per format."""
