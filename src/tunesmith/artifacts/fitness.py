"""Parts of ``Health`` beside its findings: doubtful labels, a learning curve, a model's match."""

from typing import Literal

from tunesmith.artifacts.base import Artifact


class Row(Artifact):
    """Where a row came from, with the start of its text."""

    path: str
    line: int
    text: str = ""


class Suspect(Artifact):
    """A row whose label is probably wrong: what is given and what is more likely.

    ``doubt`` in [-1, 1] is the likely label's probability less the given one's, by a model that never saw the row.
    For tags ``text`` of the row is the sentence, and ``span`` the entity in it.
    """

    row: Row
    given: str
    likely: str
    doubt: float
    span: str = ""


class CurvePoint(Artifact):
    """The score of a simple model trained on ``rows`` rows, and the interval that holds it (95%)."""

    rows: int
    score: float
    low: float
    high: float


class Curve(Artifact):
    """How the score of a simple model grows with the training rows, and what twice as many would bring.

    ``points`` were measured; ``fit`` is the error's power law a + b · n^-c as ``(a, b, c)``; ``full`` and ``twice``
    are what it says for all rows that there are and for twice as many. ``gain`` is the difference
    between those with its own interval, as shares of one.
    """

    metric: str
    model: str
    scored_on: int
    points: tuple[CurvePoint, ...]
    fit: tuple[float, float, float]
    full: CurvePoint
    twice: CurvePoint
    gain: tuple[float, float, float]
    is_rising: bool


class FieldCut(Artifact):
    """What a model's window cuts of one field: shares of its rows and of its tokens, and the 95% quantile of tokens."""

    field: str
    rows: float
    tokens: float
    p95: int


class Match(Artifact):
    """How well a model's vocabulary and window fit the texts; ``grade`` is good, fair or poor.

    Shares are of one. ``rows`` were looked at. ``scripts`` are the texts' letters by script,
    ``known_scripts`` the vocabulary's entries. ``remedy`` is a cleaning step that makes many unknown tokens known,
    ``remedied_share`` what it leaves unknown.
    """

    model: str
    grade: Literal["good", "fair", "poor"]
    because: str
    rows: int
    unknown_share: float
    byte_share: float
    tokens_per_character: float
    tokens_per_word: float
    own_tokens_per_word: float
    scripts: dict[str, float]
    known_scripts: dict[str, float]
    window: int
    cuts: tuple[FieldCut, ...] = ()
    remedy: str = ""
    remedied_share: float = 0.0
