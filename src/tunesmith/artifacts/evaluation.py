"""``Evaluation`` and its parts: measures with intervals, wrong answers, and what a model that writes wrote."""

from pydantic import Field

from tunesmith.artifacts.base import Artifact


class Interval(Artifact):
    """A measured value with its 95% bootstrap interval."""

    value: float
    low: float
    high: float


class ClassScore(Artifact):
    """Precision, recall and F1 of one class or entity type; ``support`` is its true count."""

    precision: Interval
    recall: Interval
    f1: Interval
    support: int


class Mistake(Artifact):
    """One wrong answer: where it stands, what was right, what came, how sure the model was."""

    path: str
    line: int
    text: str
    truth: str
    answer: str
    confidence: float


class Sample(Artifact):
    """What the model wrote for one row, beside what should have come and what the model wrote before training.

    ``base`` is None where nothing was there before training, or nobody asked it. ``has_stopped``: the answer ended by
    itself, not at the limit of its length.
    """

    path: str
    line: int
    prompt: str
    reference: str
    answer: str
    base: str | None = None
    has_stopped: bool = True


class Hard(Artifact):
    """A row that the model foretold badly: ``loss`` in nats for each of its ``tokens``."""

    path: str
    line: int
    text: str
    loss: float
    tokens: int


CROSS = "cross-validation"
"""What takes the place of a split's name where every row was scored by the model of another fold."""


class Evaluation(Artifact):
    """Scores of one split, each with an interval; confusion is rows = truth, columns = answer.

    Of a model that writes, ``samples`` shows what it wrote, ``hardest`` the rows it foretold worst, the worst first;
    ``base`` holds the measures, of the same rows, of the model before training. ``written`` of the rows were written
    to; measures of what was written rest on those alone.
    """

    run: str
    split: str
    rows: int
    main: str
    metrics: dict[str, Interval]
    per_class: dict[str, ClassScore]
    confusion_labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    samples: tuple[Sample, ...] = ()
    hardest: tuple[Hard, ...] = ()
    base: dict[str, Interval] = Field(default_factory=dict)
    written: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
