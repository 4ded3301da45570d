"""How well a model tells the better of two answers from the worse.

The reward that a model implies for an answer y to x is, but for a factor and what depends on x alone, how much
likelier it finds y than the model did that it began as: ln π(y|x) − ln π₀(y|x) (Rafailov et al. 2023, equation 5).
Where the start is not known, it is the mean log-probability of a token, as ORPO compares (Hong et al. 2024).
"""

import numpy as np

from tunesmith.metrics.intervals import Floats, interval, resampled
from tunesmith.metrics.sheet import Resampling, ScoreSheet

METRICS = ("preference_accuracy", "preference_margin", "loss", "perplexity", "perplexity_character")

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


def preference_scores(pairs: Floats, known: Floats, *, resampling: Resampling) -> ScoreSheet:
    """Scores over n pairs, which are what is resampled.

    preference_accuracy is the share of pairs whose better answer has the larger reward, a tie counting half;
    preference_margin the mean difference. loss, perplexity and perplexity_character are the better answers', as of
    texts: a model may come to tell answers apart and yet find both unlikely.

    Args:
        pairs, known: as of ``margins``.
    """
    apart = margins(pairs, known)
    right = np.where(np.abs(apart) < TIE, 0.5, apart > 0)
    units = np.column_stack([np.ones(len(pairs)), right, apart, -pairs[:, 0], pairs[:, 1], known[:, 0]])
    counts = np.ones(len(units), np.int64)
    rows, right_sum, margin, loss, tokens, letters = resampled(counts, lambda weights: weights @ units, resampling).T
    tokens, letters = np.maximum(tokens, 1.0), np.maximum(letters, 1.0)
    tables = {
        "preference_accuracy": right_sum / rows,
        "preference_margin": margin / rows,
        "loss": loss / tokens,
        "perplexity": np.exp(loss / tokens),
        "perplexity_character": np.exp(loss / letters),
    }
    return ScoreSheet({name: interval(table, resampling.level) for name, table in tables.items()}, {})
