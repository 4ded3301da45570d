"""Recognise the files that the user has, and stream their rows into Arrow files."""

from tunesmith.read.prediction import read_for_prediction
from tunesmith.read.reading import read
from tunesmith.read.rows import rejects

__all__ = ["read", "read_for_prediction", "rejects"]
