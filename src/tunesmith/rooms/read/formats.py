"""The formats: each a reader with a confidence. A new one is a new file and a line here."""

from tunesmith.registry import Registry
from tunesmith.rooms.read.records import Format

FORMATS: Registry[Format] = Registry(
    "format",
    {
        # Those with the surest marks first: a format that is sure of itself ends the search.
        "parquet": "tunesmith.rooms.read.columnar:PARQUET",
        "jsonl": "tunesmith.rooms.read.trees:JSONL",
        "json": "tunesmith.rooms.read.trees:JSON",
        "json-objects": "tunesmith.rooms.read.trees:OBJECTS",
        "fasttext": "tunesmith.rooms.read.texts:FASTTEXT",
        "conll": "tunesmith.rooms.read.tagged:CONLL",
        "tsv": "tunesmith.rooms.read.tables:TSV",
        "csv": "tunesmith.rooms.read.tables:CSV",
        "semicolon": "tunesmith.rooms.read.tables:SEMICOLON",
        "label-space-text": "tunesmith.rooms.read.texts:LABEL_SPACE",
        "lines": "tunesmith.rooms.read.texts:LINES",
        "image-folder": "tunesmith.rooms.read.media:IMAGES",
        "audio-folder": "tunesmith.rooms.read.media:SOUNDS",
    },
)
