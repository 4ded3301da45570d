"""Which format is written again by whom."""

from collections.abc import Callable
from pathlib import Path

from tunesmith.registry import Registry
from tunesmith.rooms.check.mend.rewrite import plain, tables, trees
from tunesmith.rooms.check.mend.works import Work

Writer = Callable[[Work, Path], str]

WRITERS: Registry[Writer] = Registry(
    "format that can be written again",
    {
        "tsv": tables.write,
        "csv": tables.write,
        "semicolon": tables.write,
        "lines": plain.write_lines,
        "label-space-text": plain.write_label_space,
        "fasttext": plain.write_fasttext,
        "conll": plain.write_words,
        "jsonl": trees.write_lines,
        "json": trees.write_documents,
        "json-objects": trees.write_documents,
    },
)
