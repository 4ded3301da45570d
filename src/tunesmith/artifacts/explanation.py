"""``Explanation``: what an answer of a model came from, in numbers."""

from typing import Literal

from pydantic import Field

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.evaluation import Interval


class Word(Artifact):
    """A word, or a sign, of a text, with what it brings to the number that is explained.

    Attributes:
        gradient: by integrated gradients; all words together bring ``Explanation.value - empty``.
        gradient_other: likewise for the runner-up's number; None without one.
        without: the number when this word alone is taken away; None where it was not read.
        attention: share of the place that answers which attention rollout traces back to it.
        is_read: the model was given it: the text was not cut before it, and the tokenizer did not drop it.
    """

    text: str
    gradient: float = 0.0
    gradient_other: float | None = None
    without: float | None = None
    attention: float = 0.0
    is_read: bool = True


class Faith(Artifact):
    """How an order of the words does when the first of them go, or stay alone; see ``metrics.faithfulness``.

    Attributes:
        method: ``gradient``, ``occlusion`` or ``attention``.
        random_comprehensiveness, random_sufficiency: means of random orders.
        beats: share of random orders with a lower comprehensiveness.
        curve: the number as words go, at ``counts`` of them.
    """

    method: str
    comprehensiveness: float
    sufficiency: float
    random_comprehensiveness: float
    random_sufficiency: float
    beats: float
    curve: tuple[float, ...]


class Neighbour(Artifact):
    """A training row that the model takes for alike: cosine of the last states, and where it stands.

    ``agrees``: its label is the answer; None where rows have no labels.
    """

    text: str
    label: str
    similarity: float
    path: str
    line: int
    agrees: bool | None = None


class Grid(Artifact):
    """The places that a picture or a sound was cut into, row by row; of a sound rows are bands, high tones first.

    ``start`` and ``seconds``: the stretch of a sound that was looked into.
    """

    kind: Literal["picture", "sound"]
    rows: int
    columns: int
    start: float = 0.0
    seconds: float = 0.0


class Explanation(Artifact):
    """One answer and what it came from. Personal data is hidden in all texts.

    Attributes:
        text: what was read, as cleaned; ``answer`` to it, ``other`` the runner-up ("" without one). Of a label that was
            asked for, ``answer`` is that label, and ``other`` the likeliest beside it.
        given: where a text may have several labels, all that it gets; else None.
        about: what the number is of: ``class``, ``label``, ``number``, ``word`` (of a tagged sentence), ``answer``
            (of a model that writes) or ``next`` (the token behind a text, or in a gap).
        focus: place of the word that is explained in a tagged sentence, or of the gap; None elsewhere.
        is_share: the number is a probability; else a log-probability in nats, or a score as it is.
        value, empty: the number with all words and without any; ``value_other``, ``empty_other`` of the runner-up.
        steps: points of the path of integrated gradients; ``gap``: what their sum lacks; ``is_complete``: within 1%.
        counts: words gone at each point of ``Faith.curve``; ``random_low``, ``random_high``: 5% and 95% of random
            orders there.
        looked_at: training rows among which neighbours were looked for, of ``trained_on`` rows.
        positions: kind of position encoding; ``heads``: layers x heads of each part.
        notes: what a reader must know.
        grid: of a picture or a sound, whose places stand for words: ``text`` is then the file, and each word's text
            says where its place lies.
        verdict, checked, alike: the answer with its words, whether that is true of the model, and what training rows
            that are alike say of it, each in a sentence.
    """

    run: str
    task: str
    text: str
    answer: str
    other: str = ""
    given: tuple[str, ...] | None = None
    about: Literal["class", "label", "number", "word", "answer", "next"]
    focus: int | None = None
    is_share: bool
    value: float
    empty: float
    value_other: float | None = None
    empty_other: float | None = None
    steps: int
    gap: float
    is_complete: bool
    words: tuple[Word, ...]
    counts: tuple[int, ...] = ()
    faith: tuple[Faith, ...] = ()
    random_low: tuple[float, ...] = ()
    random_high: tuple[float, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    looked_at: int = 0
    trained_on: int = 0
    positions: str = ""
    heads: dict[str, tuple[int, int]] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    grid: Grid | None = None
    verdict: str = ""
    checked: str = ""
    alike: str = ""


class Trust(Artifact):
    """A method over many held-out texts: its gain in comprehensiveness over random orders of the same words.

    Attributes:
        method: as of ``Faith``; ``gradient-attention`` is the gain of the one over the other.
        gain: mean over ``rows`` texts, with its 95% interval over them.
        finding: than chance, and beyond it.
    """

    method: str
    rows: int
    gain: Interval
    finding: Literal["better", "worse", "unclear"]


class Explanations(Artifact):
    """What ``explain`` found: each text's explanation, and whether the methods can be trusted on this run's rows."""

    run: str
    page: str
    explanations: tuple[Explanation, ...]
    trust: tuple[Trust, ...] = ()
    trusted: str = ""
