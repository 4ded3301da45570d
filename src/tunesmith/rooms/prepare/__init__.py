"""prepare: rows become splits and token ids, once, in memory-mapped Arrow."""

from tunesmith.rooms.prepare.prepare import Encoding, encode_split, prepare

__all__ = ["Encoding", "encode_split", "prepare"]
