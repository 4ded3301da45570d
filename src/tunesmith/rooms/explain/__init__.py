"""explain: how a model came to an answer, as numbers and as a page."""

from tunesmith.rooms.explain.arrays import write_arrays
from tunesmith.rooms.explain.explain import Explained, explain
from tunesmith.rooms.explain.media import Viewer, explain_media
from tunesmith.rooms.explain.media_nearest import KnownFiles, known_files, with_like_files
from tunesmith.rooms.explain.media_page import media_page
from tunesmith.rooms.explain.media_telling import trusted_media
from tunesmith.rooms.explain.media_trust import trust_media
from tunesmith.rooms.explain.nearest import Known, known, with_neighbours
from tunesmith.rooms.explain.page import explain_page
from tunesmith.rooms.explain.reader import Reader, Row
from tunesmith.rooms.explain.telling import trusted
from tunesmith.rooms.explain.trust import trust

__all__ = [
    "Explained",
    "Known",
    "KnownFiles",
    "Reader",
    "Row",
    "Viewer",
    "explain",
    "explain_media",
    "explain_page",
    "known",
    "known_files",
    "media_page",
    "trust",
    "trust_media",
    "trusted",
    "trusted_media",
    "with_like_files",
    "with_neighbours",
    "write_arrays",
]
