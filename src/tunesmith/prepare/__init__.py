"""prepare: rows become splits and token ids, once, in memory-mapped Arrow."""

from tunesmith.prepare.prepare import prepare

__all__ = ["prepare"]
