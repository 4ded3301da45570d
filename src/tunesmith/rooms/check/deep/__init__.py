"""Checks that take minutes, as a small model is fitted many times: wrong labels, and what more data would bring."""
