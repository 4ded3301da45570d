"""Recognise the files that the user has, and stream their rows into Arrow files."""

from tunesmith.read.reading import read

__all__ = ["read"]
