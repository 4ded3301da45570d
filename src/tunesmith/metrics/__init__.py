"""Scores with intervals, from counts alone: NumPy and nothing heavier, fast enough for every epoch.

``classification`` scores one answer per row, ``entities`` scores tagged sentences, ``tags``
knows the tag schemes, ``sheet`` holds the result.
"""
