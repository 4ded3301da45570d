"""tunesmith: hand over the file you already have, get back a model that you can trust."""

__version__ = "0.1.0"
