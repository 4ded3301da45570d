"""``Reading``: what the files are and where their rows lie. It fixes the columns of every task's Arrow files:

====================  =================================================================
task                  columns of ``Reading.splits[name].path``
====================  =================================================================
text-classification   text, [text2], label (string, null where unlabelled)
multi-label-classification  text, [text2], labels (list of string, empty where none fits, null where unlabelled)
regression            text, [text2], score (float64, null where unlabelled)
token-classification  tokens (list of string), tags (list of string, null where unlabelled)
language-modeling     text
generation            title, content
chat                  messages (list of struct<role, content>)
preference            messages (up to the answer), chosen, rejected
image-classification  path, label
audio-classification  path, label
====================  =================================================================

and after those, in every one: source (int32, index into ``Reading.sources``) and line
(int64, 1-based line of the file, or the ordinal of the record where lines mean nothing).
"""

from typing import Any, Literal

from tunesmith.artifacts.base import Artifact


class RowCount(Artifact):
    """Rows of data: ``total`` = ``used`` + ``rejected``, always."""

    total: int
    used: int
    rejected: int


class Source(Artifact):
    """One file that was read (or one member of an archive: ``archive.zip/member``)."""

    path: str
    split: str
    format: str
    encoding: str
    bytes: int
    sha256: str
    rows: RowCount


class SetAside(Artifact):
    """A file of the folder that was not used as data, and why."""

    path: str
    because: str


class Hypothesis(Artifact):
    """One way to understand the files, with what speaks for it. ``score`` lies in [0, 1]."""

    task: str
    format: str
    columns: dict[str, str | int]
    score: float
    evidence: tuple[str, ...]


class SplitFile(Artifact):
    """One split: its Arrow file and how many rows it holds."""

    path: str
    rows: int


class Documents(Artifact):
    """What one document of a corpus of lines is (line, paragraph or file), and why.

    Documents that are much longer than ``part`` characters are cut into parts of about that size.
    """

    unit: Literal["line", "paragraph", "file"]
    because: str
    part: int


class Reading(Artifact):
    """What the files are and where their rows lie.

    ``columns`` maps a role (text, text2, label, tokens, tags, title, content, question,
    answer, messages, path) to the column's name, or to its 1-based position where there
    is no header. ``labels`` counts labels, or entity types for token-classification,
    over all labelled splits. ``files`` are the absolute paths that were asked for.
    ``hypotheses[0]`` is what was taken. ``splits`` uses the
    names train, dev, test and unlabelled; files without a given split are all train.
    Of a corpus of lines, ``documents`` says which of them make up a text, once that was found out.
    """

    task: str
    format: str
    encoding: str
    columns: dict[str, str | int]
    has_header: bool
    tag_scheme: str = ""
    files: tuple[str, ...] = ()
    documents: Documents | None = None
    sources: tuple[Source, ...]
    set_aside: tuple[SetAside, ...] = ()
    hypotheses: tuple[Hypothesis, ...]
    is_close: bool = False
    would_change: str = ""
    rows: RowCount
    splits: dict[str, SplitFile]
    labels: dict[str, int]
    preview: tuple[dict[str, Any], ...]
    rejects: str
    key: str
