"""``Health``: what is wrong with the data, what speaks for it; and ``Mended``, what was done about it."""

from typing import Literal

from pydantic import Field

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.fitness import Curve, Match, Row, Suspect

Severity = Literal["error", "warning", "note"]


class Finding(Artifact):
    """One thing to know about the data: what, how often, where, and what to do about it.

    ``title`` says it in a few words, with the count, for headings and the verdict.
    """

    code: str
    severity: Severity
    count: int
    rows: tuple[Row, ...] = ()
    title: str = ""
    message: str
    do: str


class TextFacts(Artifact):
    """Counts about the texts that later choices rest on. Lengths are in characters.

    ``length_quantiles`` are the lengths that 0, 1, … 100% of the texts do not exceed.
    """

    rows: int
    characters: int
    cjk_share: float
    latin_share: float
    length_median: int
    length_p95: int
    length_max: int
    length_quantiles: tuple[int, ...] = ()


class SplitFacts(Artifact):
    """Rows of one split; ``labels`` counts rows per class, or entities per type."""

    rows: int
    unlabelled: int = 0
    labels: dict[str, int] = Field(default_factory=dict)


class Health(Artifact):
    """Whether the data is good enough: findings, facts, and one line of verdict.

    ``facts`` covers all splits but unlabelled. ``band`` says how much there is to train on:
    none, little, workable or ample. ``match`` tells of the model that was looked at; the slow
    checks give ``suspects``, the most doubtful first, and the learning ``curve``.
    """

    findings: tuple[Finding, ...]
    facts: TextFacts
    splits: dict[str, SplitFacts] = Field(default_factory=dict)
    band: str = ""
    verdict: str
    is_trainable: bool
    match: Match | None = None
    suspects: tuple[Suspect, ...] = ()
    curve: Curve | None = None


class Mended(Artifact):
    """A mended copy of the data: ``rows_in`` = ``rows_out`` + ``dropped``, always.

    ``changed`` counts rows that stay with another text, label or tag, ``kinds`` the rows that each kind of mending
    changed or dropped, ``rejected`` the rows that could not be read and stand in the copy as they were.
    ``changes`` is the list of all that was done. ``is_own_format``: the copy is in the sources' own format.
    """

    files: tuple[str, ...]
    changes: str
    rows_in: int
    rows_out: int
    dropped: int
    changed: int
    rejected: int
    kinds: dict[str, int]
    is_own_format: bool
    notes: tuple[str, ...] = ()
