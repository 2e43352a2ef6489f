"""From sources to facts: case files, indicators and asset classes become batches for the graph."""
