"""How well a model tells the better of two answers from the worse.

The reward that a model implies for an answer y to x is, but for a factor and what depends on x alone, how much
likelier it finds y than the model did that it began as: ln π(y|x) − ln π₀(y|x) (Rafailov et al. 2023, equation 5).
Where the start is not known, it is the mean log-probability of a token, as ORPO compares (Hong et al. 2024).
"""

import numpy as np

from tunesmith.metrics.counted import Counted, each_apart
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.scored import scored
from tunesmith.metrics.sheet import Resampling, ScoreSheet

METRICS = (
    "preference_loss", "preference_accuracy", "preference_margin", "loss", "perplexity", "perplexity_character",
)  # fmt: skip

BETA = 0.1
"""β of DPO and λ of ORPO in their papers: what preference_loss is taken with, so that runs can be compared."""

EPSILON = 1e-7
"""A mean log-probability this near to zero is rounding."""

TIE = 1e-3
"""Margins below this, in nats, are the rounding of two sums over answers: neither is preferred."""


def margins(pairs: Floats, known: Floats) -> Floats:
    """The better answer's reward minus the worse one's, in nats, (n,).

    Args:
        pairs: (n, 4): log-probability and tokens of the better answer, then of the worse.
        known: (n, 3): characters of the better answer, and both log-probabilities at the start, NaN where unknown.
    """
    likelihoods, tokens, start = pairs[:, [0, 2]], np.maximum(pairs[:, [1, 3]], 1.0), known[:, 1:]
    rewards = np.where(np.isnan(start), likelihoods / tokens, likelihoods - start)
    found: Floats = rewards[:, 0] - rewards[:, 1]
    return found


def losses(pairs: Floats, known: Floats) -> Floats:
    """What is learned from each pair, (n,): DPO's loss where the start is known, else ORPO's, with ``BETA``.

    See ``models.pairs`` for the formulas.

    Args:
        pairs, known: as of ``margins``.
    """
    mean = pairs[:, [0, 2]] / np.maximum(pairs[:, [1, 3]], 1.0)
    odds = mean - np.log(-np.expm1(np.minimum(mean, -EPSILON)))
    by_odds = -mean[:, 0] + BETA * np.logaddexp(0.0, odds[:, 1] - odds[:, 0])
    by_gain = np.logaddexp(0.0, -BETA * margins(pairs, known))
    found: Floats = np.where(np.isnan(known[:, 1]), by_odds, by_gain)
    return found


def preference_scores(pairs: Floats, known: Floats, *, resampling: Resampling) -> ScoreSheet:
    """Scores over n pairs, which are what is resampled.

    preference_loss is the mean of ``losses``: unlike the accuracy it still falls once most pairs are told apart,
    so the best state is chosen by it. preference_accuracy is the share of pairs whose better answer has the larger
    reward, a tie counting half; preference_margin the mean difference. loss, perplexity and perplexity_character
    are the better answers', as of texts: a model may come to tell answers apart and yet find both unlikely.

    Args:
        pairs, known: as of ``margins``.
    """
    counted = preference_counts(pairs, known)
    return ScoreSheet(scored(counted, resampling), {})


def preference_counts(pairs: Floats, known: Floats) -> Counted:
    """What each pair counts towards the metrics of ``preference_scores``; arguments are the same."""
    apart = margins(pairs, known)
    right = np.where(np.abs(apart) < TIE, 0.5, apart > 0)
    learned = losses(pairs, known)
    units = np.column_stack([np.ones(len(pairs)), learned, right, apart, -pairs[:, 0], pairs[:, 1], known[:, 0]])
    return each_apart(units, _measures)


def _measures(table: Floats) -> dict[str, Floats]:
    rows, missing, right_sum, margin, loss, tokens, letters = table.T
    tokens, letters = np.maximum(tokens, 1.0), np.maximum(letters, 1.0)
    return {
        "preference_loss": missing / rows,
        "preference_accuracy": right_sum / rows,
        "preference_margin": margin / rows,
        "loss": loss / tokens,
        "perplexity": np.exp(loss / tokens),
        "perplexity_character": np.exp(loss / letters),
    }
