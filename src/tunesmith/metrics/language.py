"""How well a language model foretells texts: loss and perplexity, per token and per character.

A perplexity per token depends on what the tokens are; per character it does not, so models
with other tokenizers can be compared on the same texts.
"""

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.counted import Counted, each_apart
from tunesmith.metrics.intervals import Floats
from tunesmith.metrics.scored import scored
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
    return _scored(language_counts(sums, characters), resampling)


def language_counts(sums: Floats, characters: NDArray[np.int64]) -> Counted:
    """What each text counts towards the metrics of ``language_scores``; arguments are the same."""
    return each_apart(np.column_stack([sums, characters]).astype(np.float64), _foretold)


def _scored(counted: Counted, resampling: Resampling) -> ScoreSheet:
    return ScoreSheet(scored(counted, resampling), {})


def _foretold(table: Floats) -> dict[str, Floats]:
    loss, right, tokens, letters = table.T
    tokens, letters = np.maximum(tokens, 1.0), np.maximum(letters, 1.0)
    return {
        "loss": loss / tokens,
        "perplexity": np.exp(loss / tokens),
        "perplexity_character": np.exp(loss / letters),
        "bits_character": loss / letters / np.log(2),
        "token_accuracy": right / tokens,
    }


def masked_scores(sums: Floats, *, resampling: Resampling) -> ScoreSheet:
    """Scores of tokens that were hidden, over n texts; the resampled units are whole texts.

    masked_loss is the mean loss L / T in nats, masked_perplexity its exponential, masked_accuracy the share
    that was the model's first choice. Several tokens are hidden at once, so this is neither the perplexity of a
    text nor the pseudo-perplexity of Salazar et al. (2020), who hide one at a time.

    Args:
        sums: (n, 3): of each text the summed loss in nats, the hidden tokens that were foretold right, all hidden ones.
    """
    return _scored(masked_counts(sums), resampling)


def masked_counts(sums: Floats) -> Counted:
    """What each text counts towards the metrics of ``masked_scores``; the argument is the same."""
    return each_apart(np.asarray(sums, np.float64), _unmasked)


def _unmasked(table: Floats) -> dict[str, Floats]:
    loss, right, tokens = table.T
    tokens = np.maximum(tokens, 1.0)
    return {
        "masked_loss": loss / tokens,
        "masked_perplexity": np.exp(loss / tokens),
        "masked_accuracy": right / tokens,
    }
