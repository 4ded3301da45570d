"""Whether the splits are alike: labels, lengths and words of what is trained on, and of what is scored on."""

import math
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.likeness.tokens import words
from tunesmith.rooms.check.drawn import Drawn, drawn
from tunesmith.rooms.check.rows import numbers
from tunesmith.rooms.check.survey import Draft, Survey, named
from tunesmith.sizes import TRAINING
from tunesmith.words import listed, say

# Rows drawn of each split: they tell a share, or how often a guess is right, to within 2 points.
ROWS = 5_000

# Differences that chance would make in more than one of a thousand splits are not told.
CHANCE = 0.001

# Share of the rows that would need another label for the splits to have the same shares (total variation). Scores
# that rest on the shares of classes, accuracy above all, move by up to as much.
LABELS_NOTED, LABELS_SERIOUS = 0.05, 0.20

LEAST_EXPECTED = 5

# The largest difference between the shares of texts up to some length (Kolmogorov and Smirnov).
LENGTHS_NOTED, LENGTHS_SERIOUS = 0.15, 0.40

# Lengths that differ by less do not matter to a model, however sure the difference is.
LENGTHS_RATIO = 1.2

# How often a classifier that only counts words tells a training row from one of the other split, of one each (area
# under its ROC curve): 50% is chance. "Failing Loudly" (Rabanser et al. 2019) finds such classifiers among the best
# detectors of shift. Of random halves of eleven data sets none came to more than 53%.
WORDS_NOTED, WORDS_SERIOUS = 0.65, 0.80

_BINS = 1 << 18


class Shift(NamedTuple):
    """What differs, how much of its serious bound, and how to say it."""

    size: float
    told: str


def drift(survey: Survey) -> Draft | None:
    """What the training split and the others differ in, beyond chance."""
    later = [name for name in TRAINING if name in survey.splits and name != survey.training]
    if not survey.training or not later:
        return None
    found = [shift for name in later for shift in _shifts(survey, name)]
    if not found:
        return None
    shown = listed([shift.told for shift in found], 6)
    return Draft(
        severity="warning" if max(shift.size for shift in found) >= 1 else "note",
        count=len(found),
        title=say("the splits are not alike", "各划分之间有差异"),
        message=say(
            f"Training and other rows differ: {shown}. Scores then tell about other texts than were trained on.",
            f"训练数据与其他划分不同\uff1a{shown}\u3002此时分数反映的是与训练数据不同的文本\u3002",
        ),
        do=say(
            "if the other split is what the model will meet, train on rows like it; else mix the files and split anew",
            "如果模型将来面对的就是另一划分那样的数据\uff0c请用类似的数据训练\uff1b否则请合并后重新划分",
        ),
    )


def _shifts(survey: Survey, later: str) -> list[Shift]:
    found = [_labels(survey, later)]
    if "text" in survey.fields and "path" not in survey.fields:
        one, other = (drawn(survey.reading, name, ROWS) for name in (survey.training, later))
        found += [_lengths(one, other), _words(one, other)]
    return [shift for shift in found if shift is not None]


def _labels(survey: Survey, later: str) -> Shift | None:
    one, other = (survey.splits[name].labels for name in (survey.training, later))
    names = sorted(set(one) | set(other))
    if len(names) < 2 or not one or not other:
        return None
    counts = np.array([[labels.get(name, 0) for name in names] for labels in (one, other)], np.float64)
    shares = counts / counts.sum(axis=1, keepdims=True)
    apart = float(np.abs(shares[0] - shares[1]).sum() / 2)
    expected = counts.sum(axis=0) * counts.sum(axis=1, keepdims=True) / counts.sum()
    # Chi-square is no law for classes of which a handful is expected (Cochran 1954).
    counted = (expected >= LEAST_EXPECTED).all(axis=0)
    if apart < LABELS_NOTED or counted.sum() < 2:
        return None
    value = float(((counts - expected) ** 2 / expected)[:, counted].sum())
    if _chi_square_tail(value, int(counted.sum()) - 1) > CHANCE:
        return None
    most = int(np.argmax(np.abs(shares[0] - shares[1])))
    label, before, after = named(names[most]), f"{shares[0][most]:.0%}", f"{shares[1][most]:.0%}"
    return Shift(
        apart / LABELS_SERIOUS,
        say(
            f"'{label}' is {before} of {survey.training} and {after} of {later}",
            f"“{label}”在 {survey.training} 中占 {before}\uff0c在 {later} 中占 {after}",
        ),
    )


def _chi_square_tail(value: float, degrees: int) -> float:
    """The probability that chi-square is larger, by the cube root's normal law (Wilson and Hilferty 1931)."""
    step = 2 / (9 * degrees)
    normal = ((value / degrees) ** (1 / 3) - (1 - step)) / math.sqrt(step)
    return 0.5 * math.erfc(normal / math.sqrt(2))


def _lengths(one: Drawn, other: Drawn) -> Shift | None:
    lengths = [np.sort(numbers(pc.utf8_length(rows.text))) for rows in (one, other)]
    if not all(part.size for part in lengths):
        return None
    every = np.unique(np.concatenate(lengths))
    below = [np.searchsorted(part, every, side="right") / part.size for part in lengths]
    apart = float(np.abs(below[0] - below[1]).max())
    # Kolmogorov's limit law: P(D > x sqrt((n + m) / nm)) is about 2 exp(-2 x²).
    bound = math.sqrt(-math.log(CHANCE / 2) / 2 * (1 / lengths[0].size + 1 / lengths[1].size))
    if apart < max(LENGTHS_NOTED, bound):
        return None
    middle = [int(np.median(part)) for part in lengths]
    quarters = [np.maximum(1, np.quantile(part, (0.25, 0.5, 0.75))) for part in lengths]
    if np.exp(np.abs(np.log(quarters[0] / quarters[1]))).max() < LENGTHS_RATIO:
        return None
    return Shift(
        apart / LENGTHS_SERIOUS,
        say(
            f"half of the texts of {one.split} have up to {middle[0]:,} characters, of {other.split} {middle[1]:,}",
            f"{one.split} 的文本长度中位数为 {middle[0]:,} 个字符\uff0c{other.split} 为 {middle[1]:,}",
        ),
    )


def _words(one: Drawn, other: Drawn) -> Shift | None:
    n, m = len(one.text), len(other.text)
    if min(n, m) < 2:
        return None
    told = told_apart(one, other)
    # The variance of the area where both are alike (Mann and Whitney 1947); half the rows are scored by each fold.
    spread = math.sqrt((n + m + 1) / (12 * n * m))
    # 3.1 standard deviations: one in a thousand, on one side.
    if told < max(WORDS_NOTED, 0.5 + 3.1 * spread):
        return None
    return Shift(
        (told - 0.5) / (WORDS_SERIOUS - 0.5),
        say(
            f"by its words alone a text of {other.split} is told from one of {one.split} in {told:.0%} of the cases"
            f" (chance: 50%)",
            f"仅凭用词\uff0c就有 {told:.0%} 的把握区分 {other.split} 与 {one.split} 的文本\uff08随机为 50%\uff09",
        ),
    )


def told_apart(one: Drawn, other: Drawn) -> float:
    """Area under the ROC curve of naive Bayes on hashed words, two folds, each scored by what the other fold taught."""
    parts = [words(rows.text) for rows in (one, other)]
    bins = np.concatenate([part.hashes for part in parts]) % np.uint32(_BINS)
    sizes = np.concatenate([np.diff(part.offsets) for part in parts])
    row = np.repeat(np.arange(sizes.size), sizes)
    is_other = np.arange(sizes.size) >= len(one.text)
    fold = np.random.default_rng(0).permutation(sizes.size) % 2
    areas = [_area(bins, row, sizes, is_other, fold == part) for part in (0, 1)]
    return sum(areas) / 2


def _area(
    bins: NDArray[np.uint32],
    row: NDArray[np.intp],
    sizes: NDArray[np.int64],
    is_other: NDArray[np.bool_],
    is_taught: NDArray[np.bool_],
) -> float:
    odds = np.zeros(_BINS)
    for side, sign in ((is_other, 1), (~is_other, -1)):
        counts = np.bincount(bins[(is_taught & side)[row]], minlength=_BINS) + 0.5
        odds += sign * np.log(counts / counts.sum())
    # By the mean over its words, or long texts would all stand at the ends.
    score = np.bincount(row, odds[bins], sizes.size) / np.maximum(1, sizes)
    scored, positive = score[~is_taught], is_other[~is_taught]
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return 0.5
    return float((_ranks(scored)[positive].sum() - n * (n + 1) / 2) / (n * m))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, those of equal values their mean."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], np.float64)
