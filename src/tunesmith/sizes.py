"""How much there is, split by split and class by class, by named bands.

What is trained on has bands by task: how much there is to learn from. What is scored on has bands by the interval
that a score on it can have, since what it is for is to tell.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tunesmith.artifacts import SplitFacts, TextFacts
from tunesmith.words import say

NAMES = ("none", "little", "workable", "ample")
"""The bands, ascending."""


class Bands(NamedTuple):
    """Where the named bands begin: below ``least`` none, below ``little`` little, from ``ample`` on ample."""

    least: int
    little: int
    ample: int
    unit: str = "rows"

    def name(self, amount: int) -> str:
        """The band of an amount."""
        # As many bounds as are passed, so many names further.
        return NAMES[sum(amount >= limit for limit in (self.least, self.little, self.ample))]


# With fewer than 10 rows, splits of a tenth each stay empty. Up to about 1,000 rows the score of a fine-tuned
# BERT depends strongly on the seed (Zhang et al. 2021, "Revisiting Few-sample BERT Fine-tuning"); FewCLUE calls
# its splits of 32 to 240 rows few-shot. The other bounds scale that by how much a row says: a chat model follows
# instructions after 1,000 good answers (Zhou et al. 2023, LIMA), and Tiny Shakespeare, a million characters, is
# the customary least for a character model from scratch.
BANDS = {
    "text-classification": Bands(10, 300, 5_000),
    "token-classification": Bands(10, 1_000, 10_000),
    "language-modeling": Bands(2_000, 100_000, 1_000_000, unit="characters"),
    "generation": Bands(10, 1_000, 10_000),
    "title-generation": Bands(10, 1_000, 10_000),
    "chat": Bands(10, 200, 1_000),
    "preference": Bands(10, 500, 5_000),
    "image-classification": Bands(10, 500, 5_000),
    "audio-classification": Bands(10, 500, 5_000),
}
DEFAULT_BANDS = Bands(10, 500, 5_000)

# Of one class, or type of entity. Studies of learning from few examples give 8 or 64 a class (Tunstall et al. 2022,
# SetFit): below the one there is nothing to go by, up to the other it is a matter of the method. From 500 on the tenth
# that is set apart judges the class to within 15 points, and single rows have lost their weight.
CLASS_BANDS = Bands(8, 64, 500)

# Twice 1.96 standard errors hold 95% of a normal distribution.
Z95 = 1.959964

# Two models of the same kind mostly lie within a few points of each other: wider than this, a score cannot tell
# which is better. (Card et al. 2020, "With Little Power Comes Great Responsibility", on small test sets.)
WANTED_HALF_WIDTH = 0.03

# Wider than this, a score of 80% may be a model that is right in nine rows of ten, or in seven.
SERIOUS_HALF_WIDTH = 0.10

# Past ±20 points a class that is nearly always recognised (90%) cannot be told from one that fails half the time.
JUDGEABLE_HALF_WIDTH = 0.20

# A score on fewer rows moves by ten points and more with a single one.
LEAST_SCORED = 10

# The splits in which training rows are looked for, in this order: one file named "test" is still all there is.
TRAINING = ("train", "dev", "test")


@dataclass(frozen=True, kw_only=True)
class Size:
    """An amount and its band; ``half_width`` of the 95% interval of a share that is scored on so many, else None."""

    amount: int
    band: str
    half_width: float | None = None


@dataclass(frozen=True, kw_only=True)
class SplitSize:
    """One split: ``whole`` in ``unit`` (rows, entities or characters), and its classes by name."""

    split: str
    unit: str
    whole: Size
    classes: dict[str, Size]
    is_trained_on: bool


def in_words(band: str) -> str:
    """A band's name in the user's language."""
    return {
        "none": say("too little", "太少"),
        "little": say("little", "偏少"),
        "workable": say("enough", "够用"),
        "ample": say("ample", "充足"),
    }.get(band, band)


def half_width(rows: int) -> float:
    """Half the width of the 95% Wilson interval of a share of one half measured on ``rows`` rows.

    Wilson 1927; one half is where it is widest. With no rows it is 0.5: everything is possible.
    """
    if rows == 0:
        return 0.5
    spread = Z95 * math.sqrt(0.25 / rows + Z95**2 / (4 * rows**2))
    return spread / (1 + Z95**2 / rows)


def rows_needed(width: float) -> int:
    """Rows that bring half the 95% interval of a share of one half to ``width`` (the normal law, inverted)."""
    return math.ceil((Z95 / (2 * width)) ** 2)


def bands(task: str) -> Bands:
    """The bands of what a task is trained on."""
    return BANDS.get(task, DEFAULT_BANDS)


def training_split(splits: Mapping[str, SplitFacts]) -> str:
    """The split that is trained on; empty where there is none."""
    return next((name for name in TRAINING if name in splits), "")


def amount(split: SplitFacts, task: str, facts: TextFacts) -> int:
    """How much a split holds, in the unit of the task's bands; rows without a label do not count."""
    if bands(task).unit == "characters":
        # Characters are counted over all splits; the share of the rows is near enough for a band.
        return facts.characters * split.rows // max(1, facts.rows)
    return split.rows - split.unlabelled


def sizes(task: str, splits: Mapping[str, SplitFacts], facts: TextFacts) -> tuple[SplitSize, ...]:
    """Every split that is trained or scored on, with its classes; those of the training split stand in all of them.

    Args:
        splits: as a Health has them.
        facts: over all splits.
    """
    training = training_split(splits)
    found = []
    for name, split in splits.items():
        if name != training and not _is_scored_on(split, splits[training]):
            continue
        if name == training:
            whole = Size(amount=(n := amount(split, task, facts)), band=bands(task).name(n))
            classes = {label: Size(amount=n, band=CLASS_BANDS.name(n)) for label, n in split.labels.items()}
            unit = bands(task).unit
        else:
            whole, unit = _scored(split, task, facts)
            labels = dict.fromkeys(splits[training].labels, 0) | split.labels
            classes = {label: _judged(n, fewest=1, limits=_CLASS_WIDTHS) for label, n in labels.items()}
        found.append(SplitSize(split=name, unit=unit, whole=whole, classes=classes, is_trained_on=name == training))
    return tuple(found)


_WIDTHS = (SERIOUS_HALF_WIDTH, WANTED_HALF_WIDTH)
_CLASS_WIDTHS = (JUDGEABLE_HALF_WIDTH, SERIOUS_HALF_WIDTH)


def _is_scored_on(split: SplitFacts, training: SplitFacts) -> bool:
    """Not where labels are what is learned and this split has none."""
    return bool(split.labels) or not training.labels


def _scored(split: SplitFacts, task: str, facts: TextFacts) -> tuple[Size, str]:
    if bands(task).unit == "characters":
        # Perplexity averages over characters, and a tenth of the text is what is set apart.
        n, limits = amount(split, task, facts), bands(task)
        tenth = Bands(limits.least // 10, limits.little // 10, limits.ample // 10)
        return Size(amount=n, band=tenth.name(n)), limits.unit
    is_tagged = task == "token-classification"
    n = sum(split.labels.values()) if is_tagged else amount(split, task, facts)
    return _judged(n, fewest=LEAST_SCORED, limits=_WIDTHS), "entities" if is_tagged else "rows"


def _judged(rows: int, *, fewest: int, limits: tuple[float, float]) -> Size:
    width = half_width(rows)
    band = NAMES[(rows >= fewest) * (1 + sum(width <= limit for limit in limits))]
    return Size(amount=rows, band=band, half_width=width)
