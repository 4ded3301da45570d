"""prepare: rows become splits and token ids, once, in memory-mapped Arrow."""

from tunesmith.rooms.prepare.prepare import Encoding, encode_split, prepare
from tunesmith.rooms.prepare.split import label_counts

__all__ = ["Encoding", "encode_split", "label_counts", "prepare"]
