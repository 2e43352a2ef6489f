"""One folder a source: `source.yaml`, `connector.py` and `sample/`; they do not know one another."""
