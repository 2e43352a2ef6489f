"""Facts, and where they are kept: the ontology, the store over Bolt, and the embedded server."""
