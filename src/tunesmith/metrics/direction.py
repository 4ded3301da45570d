"""Which way a metric is better."""

LOWER_IS_BETTER = frozenset(
    {
        "loss",
        "perplexity",
        "perplexity_character",
        "bits_character",
        "masked_loss",
        "preference_loss",
        "masked_perplexity",
        "repetition",
        "hamming_loss",
        "rmse",
        "mae",
    }
)


def worth(metric: str, value: float) -> float:
    """A number that is the higher the better, whatever the metric."""
    return -value if metric in LOWER_IS_BETTER else value
