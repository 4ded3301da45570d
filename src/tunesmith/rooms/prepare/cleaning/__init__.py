"""Cleaning: named steps over every text, words cut apart, stop-words dropped; the same wherever texts are read."""
