"""The graph in a database, over Bolt: Neo4j at an address, or the embedded store of a graph folder."""
