"""``Evaluation`` and its parts: measures with intervals, wrong answers, and what a model that writes wrote."""

from pydantic import Field

from tunesmith.artifacts.base import Artifact
from tunesmith.settings import EvaluateSettings


class Interval(Artifact):
    """A measured value with its 95% interval."""

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
    """One wrong answer: where it stands, what was right, what came, how sure the model was.

    ``off``: of a number, how far it is from the right one; it has no confidence.
    """

    path: str
    line: int
    text: str
    truth: str
    answer: str
    confidence: float
    off: float | None = None


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


class Bin(Artifact):
    """Answers of about the same confidence: their mean confidence, and the share of them that was right."""

    confidence: float
    right: Interval
    rows: int


class Calibration(Artifact):
    """Whether a confidence of 80% means right 8 times in 10; confidence is the probability of the answer.

    ``error`` is the expected calibration error over ``bins`` (Guo et al. 2017), ``error_after`` the one with logits
    divided by ``temperature``, which was fitted on ``fitted_on`` and is saved with the model; ``because`` says why it
    is what it is; ``bins_after`` are those of the confidences that it makes. ``chance`` is the error that confidences
    which are right would show on as many rows, and ``p`` how often they would show as much as ``error``.
    """

    error: Interval
    bins: tuple[Bin, ...]
    temperature: float = 1.0
    error_after: Interval | None = None
    bins_after: tuple[Bin, ...] = ()
    fitted_on: str = ""
    because: str = ""
    chance: float = 0.0
    p: float = 1.0


class Temperature(Artifact):
    """What logits are divided by before they become confidences; it lies beside the model's weights."""

    temperature: float = 1.0
    fitted_on: str = ""
    because: str = ""


class LabelThresholds(Artifact):
    """From which probability on each label is given, where any number of labels may be; it lies beside the weights.

    ``cuts``: by label, of the model's own probabilities, before any temperature; empty: 0.5 for all. ``because`` says
    how they came about, or why there are none.
    """

    cuts: dict[str, float] = Field(default_factory=dict)
    fitted_on: str = ""
    because: str = ""


class OwnThresholds(Artifact):
    """What ``fitted`` brought on rows: ``metric`` with 0.5 for every label, and what the thresholds add to it, paired.

    ``shown``: the thresholds by label as they are to be held against the probabilities that ``predict`` gives.
    """

    fitted: LabelThresholds
    shown: dict[str, float] = Field(default_factory=dict)
    metric: str = ""
    plain: Interval | None = None
    gain: Interval | None = None


class Costs(Artifact):
    """The mean cost of a row by the prices that the user named for errors.

    ``plain``: of the likeliest answers; ``least``: of the answers that cost least by the model's confidences;
    ``saved``: the first minus the second, paired. ``changed``: the share of rows whose answer is another one.
    """

    plain: Interval
    least: Interval
    saved: Interval
    changed: float


class Threshold(Artifact):
    """Answering only where confidence is ``at_least``: the share of rows answered, and how many of those are right."""

    at_least: float
    answered: float
    right: Interval


class Slice(Artifact):
    """``metric`` on some of the rows: those whose property ``by`` is ``name``; ``rest`` on all the others.

    It is the main metric, or one that means the same in every part of the rows: a mean over classes does not.

    ``p`` is two-sided, of the difference to the rest, corrected for all slices that were looked at (Holm 1979).
    ``is_worse``: on the bad side with p below 0.05. ``share_of_errors``: of all wrong rows, those in this slice.
    """

    by: str
    name: str
    rows: int
    value: Interval
    rest: float
    p: float
    is_worse: bool
    share_of_errors: float = 0.0
    metric: str = ""


class Robustness(Artifact):
    """``metric`` when texts are written a little otherwise, on the same ``rows``; ``change`` names how.

    ``difference`` is to the texts as they are, paired; ``answers_changed`` the share of rows with another answer.
    """

    change: str
    rows: int
    value: Interval
    difference: Interval
    answers_changed: float
    example: str = ""
    metric: str = ""


class Baseline(Artifact):
    """A rule that costs nothing, on the same rows. ``difference``: the model's ``metric`` minus its own, paired.

    ``words`` say what the rule is, and by how much the model is better.
    """

    name: str
    metrics: dict[str, Interval]
    difference: Interval
    p: float
    seconds: float = 0.0
    metric: str = ""
    words: str = ""


CROSS = "cross-validation"
"""What takes the place of a split's name where every row was scored by the model of another fold."""


class Evaluation(Artifact):
    """Scores of one split, each with an interval; confusion is rows = truth, columns = answer.

    Of a model that writes, ``samples`` shows what it wrote, ``hardest`` the rows it foretold worst, the worst first;
    ``base`` holds the measures, of the same rows, of the model before training. ``written`` of the rows were written
    to; measures of what was written rest on those alone.

    ``settings``: those that it was made with, where they need not be the plan's: the run was tested once more.

    ``label_thresholds``: from which probability on each label is given, where several may be.

    ``rough``: metrics whose intervals are only rough: too little stands behind them for any rule to hold.

    ``doubtful`` are the rows whose answers were least sure, right ones included; ``suspects`` wrong answers so sure
    that the label is the likelier error; ``slices`` the parts of the rows that were looked at, the worst first.
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
    calibration: Calibration | None = None
    thresholds: tuple[Threshold, ...] = ()
    label_thresholds: OwnThresholds | None = None
    costs: Costs | None = None
    slices: tuple[Slice, ...] = ()
    robustness: tuple[Robustness, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    doubtful: tuple[Mistake, ...] = ()
    suspects: tuple[Mistake, ...] = ()
    rough: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    settings: EvaluateSettings | None = None
