"""prepare: rows become splits, are cleaned, and become token ids, once, in memory-mapped Arrow."""

from tunesmith.rooms.prepare.augment.edits import Synonyms
from tunesmith.rooms.prepare.cleaning.choose import chosen, must_be_known
from tunesmith.rooms.prepare.cleaning.cleaner import Cleaner
from tunesmith.rooms.prepare.cleaning.kept import CLEANING, kept_in
from tunesmith.rooms.prepare.cleaning.segment import pieces
from tunesmith.rooms.prepare.documents.decide import decide as documents
from tunesmith.rooms.prepare.documents.join import join, needs_joining
from tunesmith.rooms.prepare.encode import Encoding, encode_split
from tunesmith.rooms.prepare.prepare import prepare
from tunesmith.rooms.prepare.split import label_counts
from tunesmith.rooms.prepare.split_wishes import columns, must_go_together

__all__ = [
    "CLEANING",
    "Cleaner",
    "Encoding",
    "Synonyms",
    "chosen",
    "columns",
    "documents",
    "encode_split",
    "join",
    "kept_in",
    "label_counts",
    "must_be_known",
    "must_go_together",
    "needs_joining",
    "pieces",
    "prepare",
]
