"""How good written answers are: overlap with what should have come, and what they are like by themselves.

Every measure of overlap is 1 for a text with itself, in any script. Scores are shares of
0 to 1, also BLEU and chrF, which are often given as percent.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Interval
from tunesmith.metrics.counted import Counted, each_apart
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.overlap import bleu, bleu_sums, chrf, chrf_sums, grams, rouge
from tunesmith.metrics.scored import scored
from tunesmith.metrics.segments import pieces, words
from tunesmith.metrics.sheet import Resampling, ScoreSheet

REPEATED = 4
"""Words in a row that make a repetition: shorter runs come again in any text."""

_ROUGE, _EXACT, _REPEATED, _RUNS, _LENGTHS, _STOPPED, _BLEU, _CHRF = 3, 3, 4, 5, slice(6, 8), 8, slice(9, 19), 19
"""Where a text's columns lie: three of ROUGE, then one each, then those of BLEU and chrF."""


def writing_scores(
    answers: Sequence[str], references: Sequence[str], stopped: Sequence[bool], *, resampling: Resampling
) -> ScoreSheet:
    """Scores of n answers; the resampled units are whole texts.

    rouge_1, rouge_2, rouge_l: mean F1; chrf, bleu: of all texts together; exact_match: the same
    but for white space; distinct_1, distinct_2: different words, and pairs of words, among all
    that were written (Li et al. 2016); repetition: the share of 4 words in a row that the same
    answer had before; length_ratio: characters written for each that should have come;
    stop_rate: answers that ended by themselves.

    Args:
        answers: what was written.
        references: what should have come, as many.
        stopped: whether each answer ended by the end token rather than at the limit.
    """
    counted = writing_counts(answers, references, stopped)
    return ScoreSheet(scored(counted, resampling) | _distinct(answers), {})


def writing_counts(answers: Sequence[str], references: Sequence[str], stopped: Sequence[bool]) -> Counted:
    """What each text counts towards the metrics of ``writing_scores`` but distinct_1 and distinct_2."""
    units = np.stack([_units(*row) for row in zip(answers, references, stopped, strict=True)])
    return each_apart(np.column_stack([units, np.ones(len(units))]), _measures)


def _measures(sums: Floats) -> dict[str, Floats]:
    rows = sums[:, -1]
    ours, theirs = sums[:, _LENGTHS].T
    return {
        "rouge_1": sums[:, 0] / rows,
        "rouge_2": sums[:, 1] / rows,
        "rouge_l": sums[:, 2] / rows,
        "chrf": chrf(sums[:, _CHRF:-1]),
        "bleu": bleu(sums[:, _BLEU]),
        "exact_match": sums[:, _EXACT] / rows,
        "repetition": sums[:, _REPEATED] / np.maximum(sums[:, _RUNS], 1.0),
        "length_ratio": ours / np.maximum(theirs, 1.0),
        "stop_rate": sums[:, _STOPPED] / rows,
    }


def _units(answer: str, reference: str, has_stopped: bool) -> NDArray[np.float64]:
    """What one text counts, (37,)."""
    ours, theirs = words(answer), words(reference)
    runs = grams(ours, REPEATED)
    alone = [
        *rouge(ours, theirs),
        answer.split() == reference.split(),
        runs.total() - len(runs),
        runs.total(),
        len(answer),
        len(reference),
        has_stopped,
    ]
    sums = bleu_sums(pieces(answer), pieces(reference)), chrf_sums(answer, reference)
    return np.concatenate([np.asarray(alone, np.float64), *sums])


def _distinct(answers: Sequence[str]) -> dict[str, Interval]:
    """Distinct-1 and -2. Without an interval: texts that are drawn twice would always look less diverse."""
    found = {}
    for order in (1, 2):
        every = [run for answer in answers for run in grams(words(answer), order).elements()]
        share = len(set(every)) / max(1, len(every))
        found[f"distinct_{order}"] = Interval(value=share, low=share, high=share)
    return found
