"""``Ratings``: what people said of one or several systems, how far they agree, and how far that can be trusted."""

from typing import Literal

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.comparison import Finding
from tunesmith.artifacts.evaluation import Interval

Basis = Literal["choices", "grades", "right"]
"""What a preference was told from: from a choice between two answers, or from what each of them got by itself."""


class Preferred(Artifact):
    """``first`` against ``second``, by people.

    Attributes:
        share: of the votes that prefer ``first``, a tie counting half for each; 95%, for other items and, from six
            raters up, for other raters.
        wins, ties, losses: votes, of ``first``.
        items: that were judged; one question is one item, however many votes it got.
        p: two-sided, of a share of one half, corrected for all preferences that were looked at (Holm 1979).
        sign: two-sided p of the sign test over items, a second opinion that assumes next to nothing; not corrected.
        finding: of ``first``; ``unclear`` where ``p`` is not below 0.05, or the items are too few for any test.
        items_needed: about how many items in all would tell a preference of this size, with a power of 80%; None
            where it is told, or too small for anybody to judge enough.
        tellable: the smallest distance of ``share`` from one half that these items would tell, with that power.
    """

    first: str
    second: str
    criterion: str
    basis: Basis
    share: Interval
    wins: int
    ties: int
    losses: int
    items: int
    p: float
    sign: float
    finding: Finding
    items_needed: int | None = None
    tellable: float = 0.5


class Standing(Artifact):
    """A system among several, by Bradley and Terry's model: ``chance`` to be preferred to another of them."""

    system: str
    criterion: str
    chance: Interval
    strength: Interval
    rank: Interval
    votes: int


class Graded(Artifact):
    """The grades of a system by one criterion; ``counts`` from the lowest grade to the highest."""

    system: str
    criterion: str
    mean: Interval
    counts: tuple[int, ...]
    votes: int
    items: int


class Right(Artifact):
    """How many answers of a system people found right; of tags, sentences that nobody changed.

    ``tokens``: of tags, the share of words whose tag stayed. ``corrected`` votes named what would have been right.
    """

    system: str
    criterion: str
    share: Interval
    votes: int
    items: int
    corrected: int = 0
    tokens: Interval | None = None


class PairAgreement(Artifact):
    """Two raters over the ``items`` that both judged; kappa is Cohen's, of grades with quadratic weights.

    It is None where both always gave one and the same answer.
    """

    first: str
    second: str
    items: int
    kappa: Interval | None


class Agreement(Artifact):
    """How far raters agree by one criterion, over the ``items`` that two or more of them judged.

    ``same`` is the share of pairs of votes that are equal, ``most`` the share of the most frequent vote. ``alpha`` is
    Krippendorff's, at ``level``; ``kappa`` Fleiss'. Both are None where all votes are equal: there was nothing to
    disagree about.
    """

    criterion: str
    level: Literal["nominal", "ordinal", "interval"]
    items: int
    raters: int
    same: Interval
    most: float
    alpha: Interval | None
    kappa: Interval | None
    pairs: tuple[PairAgreement, ...] = ()


class Bias(Artifact):
    """Of the choices without ties, the share that fell on the answer shown first (``position``), or on the longer one.

    ``is_told``: the interval does not hold one half.
    """

    name: Literal["position", "length"]
    share: Interval
    votes: int
    is_told: bool


class Rater(Artifact):
    """One rater.

    Attributes:
        votes: all of them, by all criteria.
        seconds: median for an item.
        gold: share right of ``gold_votes`` on items with a known answer.
        again: share of ``again_votes`` on repeated items that were as the first time.
        others: share of votes that are what most of the others said, over ``others_items`` items.
        kappa: the same beyond chance (Cohen's).
        doubts: why the votes look like chance, in words; whoever has one is shown with and without.
        remarks: what else stands out.
    """

    name: str
    votes: int
    seconds: float
    gold: Interval | None = None
    gold_votes: int = 0
    again: Interval | None = None
    again_votes: int = 0
    others: Interval | None = None
    others_items: int = 0
    kappa: Interval | None = None
    doubts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class Judged(Artifact):
    """What some raters' votes say: ``votes`` without those on gold items and repeats."""

    raters: tuple[str, ...]
    votes: int
    items: int
    preferred: tuple[Preferred, ...] = ()
    standings: tuple[Standing, ...] = ()
    graded: tuple[Graded, ...] = ()
    right: tuple[Right, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    biases: tuple[Bias, ...] = ()


class Ratings(Artifact):
    """All that votes say. ``whole`` rests on all raters, ``without`` on those whose votes do not look like chance.

    ``without`` is None where nobody is doubted, or everybody is. ``limits`` are sentences on what cannot be told.
    """

    kind: Literal["ab", "scale", "right", "tags"]
    systems: tuple[str, ...]
    criteria: tuple[str, ...]
    items: int
    votes: int
    gold_votes: int
    again_votes: int
    raters: tuple[Rater, ...]
    whole: Judged
    without: Judged | None = None
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
