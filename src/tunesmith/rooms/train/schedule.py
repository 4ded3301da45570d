"""The learning rate over a run: linear warm-up, then linear decay to zero."""


def rate_factor(progress: float, warmup_share: float) -> float:
    """Share of the peak rate at ``progress`` (0 at the start of the run, 1 at its end)."""
    if progress < warmup_share:
        return progress / warmup_share
    return max(0.0, (1.0 - progress) / (1.0 - warmup_share))


def progress(step: int, steps: int, *, seconds: float, budget_seconds: float | None) -> float:
    """How much of the run is behind it: by steps, or by time where the budget runs out first.

    Step 0 counts half a step, so that the first update is not lost to a rate of zero.
    """
    by_steps = (step + 0.5) / steps
    if budget_seconds is None:
        return by_steps
    return min(1.0, max(by_steps, seconds / budget_seconds))
