"""Files of papers → `Paper`; one module per format, recognised by content."""
