"""Records → `Graph`: names to entities, families, edges with support."""
