"""The learning rate over a run: linear warm-up, then linear decay to zero."""


def rate_factor(progress: float, warmup_share: float) -> float:
    """Share of the peak rate at ``progress`` (0 at the start of the run, 1 at its end)."""
    if progress < warmup_share:
        return progress / warmup_share
    return max(0.0, (1.0 - progress) / (1.0 - warmup_share))


def progress(step: int, steps: int, *, by_time: float = 0.0) -> float:
    """How much of the run is behind it: by steps, or ``by_time`` (0 to 1) where the time runs out first.

    Step 0 counts half a step, so that the first update is not lost to a rate of zero.
    """
    return max((step + 0.5) / steps, by_time)
