"""Recognise the files that the user has, and stream their rows into Arrow files."""

from tunesmith.rooms.read.classes import is_class_file
from tunesmith.rooms.read.prediction import read_for_prediction
from tunesmith.rooms.read.reading import read
from tunesmith.rooms.read.rows import rejects
from tunesmith.rooms.read.which_way import directed, prompted

__all__ = ["directed", "is_class_file", "prompted", "read", "read_for_prediction", "rejects"]
