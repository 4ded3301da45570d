"""How well a language model foretells texts: loss and perplexity, per token and per character.

A perplexity per token depends on what the tokens are; per character it does not, so models
with other tokenizers can be compared on the same texts.
"""

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.intervals import Floats, interval, resampled
from tunesmith.metrics.sheet import Resampling, ScoreSheet


def language_scores(sums: Floats, characters: NDArray[np.int64], *, resampling: Resampling) -> ScoreSheet:
    """Scores over n texts; the resampled units are whole texts, since tokens of one text are no independent draws.

    With L the summed loss in nats, T the tokens that were foretold and C the characters:
    loss L / T, perplexity exp(L / T), perplexity_character exp(L / C), bits_character
    L / (C ln 2), token_accuracy the share of tokens that were the model's first choice.

    Args:
        sums: (n, 3): of each text the summed loss in nats, the tokens that were foretold right, all tokens.
        characters: (n,) characters of each text.
    """
    units = np.column_stack([sums, characters]).astype(np.float64)
    counts = np.ones(len(units), np.int64)
    loss, right, tokens, letters = resampled(counts, lambda weights: weights @ units, resampling).T
    tokens, letters = np.maximum(tokens, 1.0), np.maximum(letters, 1.0)
    tables = {
        "loss": loss / tokens,
        "perplexity": np.exp(loss / tokens),
        "perplexity_character": np.exp(loss / letters),
        "bits_character": loss / letters / np.log(2),
        "token_accuracy": right / tokens,
    }
    return ScoreSheet({name: interval(table, resampling.level) for name, table in tables.items()}, {})
