"""What votes say: preferences, grades, shares right, how far raters agree, and who among them can be trusted."""

from tunesmith.rooms.rate.result.result import result

__all__ = ["result"]
