"""Graph ⇄ database, over Bolt: the embedded server and Neo4j behind one class."""
