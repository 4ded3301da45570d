"""The formats: each a reader with a confidence. A new one is a new file and a line here."""

from tunesmith.read.records import Format
from tunesmith.registry import Registry

FORMATS: Registry[Format] = Registry(
    "format",
    {
        "parquet": "tunesmith.read.columnar:PARQUET",
        "jsonl": "tunesmith.read.trees:JSONL",
        "json": "tunesmith.read.trees:JSON",
        "json-objects": "tunesmith.read.trees:OBJECTS",
        "fasttext": "tunesmith.read.texts:FASTTEXT",
        "conll": "tunesmith.read.tagged:CONLL",
        "tsv": "tunesmith.read.tables:TSV",
        "csv": "tunesmith.read.tables:CSV",
        "semicolon": "tunesmith.read.tables:SEMICOLON",
        "label-space-text": "tunesmith.read.texts:LABEL_SPACE",
        "lines": "tunesmith.read.texts:LINES",
        "image-folder": "tunesmith.read.media:IMAGES",
        "audio-folder": "tunesmith.read.media:SOUNDS",
    },
)
