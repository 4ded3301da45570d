"""explain: how a model came to an answer, as numbers and as a page."""

from tunesmith.rooms.explain.arrays import write_arrays
from tunesmith.rooms.explain.explain import Explained, explain
from tunesmith.rooms.explain.nearest import Known, known, with_neighbours
from tunesmith.rooms.explain.page import explain_page
from tunesmith.rooms.explain.reader import Reader, Row
from tunesmith.rooms.explain.telling import trusted
from tunesmith.rooms.explain.trust import trust

__all__ = [
    "Explained",
    "Known",
    "Reader",
    "Row",
    "explain",
    "explain_page",
    "known",
    "trust",
    "trusted",
    "with_neighbours",
    "write_arrays",
]
