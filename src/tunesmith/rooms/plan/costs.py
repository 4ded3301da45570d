"""What a run costs: a few timed batches, carried over to all the batches that there are."""

from collections.abc import Sequence

import numpy as np

from tunesmith.artifacts import Forecast, Load, Prepared, Timed
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.memory import WEIGHT_BYTES, needed_bytes, way_of
from tunesmith.settings import Settings

CLOSING_SECONDS = 0.8
"""Report, model card and tokenizer: what is left of the 1.2 s that minilm's whole closing took, weights apart."""

WEIGHT_SECONDS = 4e-9
"""A byte of weights that is written, forced to disk, read and checked. Assumed: 250 MB a second for all of it."""

INTERVAL_SECONDS = 2e-4
"""A row that is judged with intervals and listed with its text, beside the forward pass. Assumed, not measured."""

RULE_SECONDS, RULE_TOKEN_SECONDS, RULE_TOKENS = 0.7, 5e-6, 1_300_000
"""Rules that cost nothing, set beside the model: at least so long, and for each training token up to so many.

Measured over five sets: 0.6 s (SST-2) to 4.7 s (long hotel reviews); on so many tokens a rule learns from a sample.
"""

WRITING_SECONDS = 60.0
"""Writing answers to held-out rows, by the model and by the one before training: rows are left out beyond it."""

WRITING_SHARE = 0.1
"""Of a time budget, at most so much is spent on that."""

ROBUSTNESS_SECONDS, ROBUSTNESS_SHARE = 10.0, 0.03
"""Changed texts are scored for at most so long, and for so much of what the run took; ``test`` takes more time."""


def work(tokens: float, longest: float, hidden: int) -> float:
    """Operations of one batch in units of a token's feed-forward work.

    Per token and layer 24 h² + 4 l h where the inner layer is 4 h wide: the second term is
    attention over a text of length l.
    """
    return tokens * (1.0 + longest / (6 * hidden))


def pass_seconds(loads: Sequence[Load], timed: Sequence[Timed], hidden: int) -> float:
    """Seconds for all of ``loads``: each as long as a timed batch of like work, in a straight line between two.

    Small batches cost more a token than large ones, which a mean over all would hide. Below
    the smallest timed batch its seconds are taken, beyond the largest they grow with the work.
    """
    points = sorted((work(one.tokens, one.longest, hidden), one.seconds) for one in timed)
    works, seconds = (np.asarray(part) for part in zip(*points, strict=True))
    wanted = np.asarray([work(load.tokens, load.longest, hidden) for load in loads])
    each = np.interp(wanted, works, seconds) * np.maximum(1.0, wanted / works[-1])
    return float(each @ np.asarray([load.batches for load in loads], float))


def epoch_seconds(facts: Facts) -> float:
    """One pass over the training split, every batch an optimiser step; nothing is scored.

    Of several processes each has its share of every batch; what they tell each other is not counted.
    """
    alone = pass_seconds(facts.measured.loads["train"], facts.measured.train, facts.model.hidden)
    return alone / facts.machine.processes


def ahead_seconds(facts: Facts) -> float:
    """What the method computes for every token of every split before the first step."""
    tokens = sum(load.batches * load.tokens for loads in facts.measured.loads.values() for load in loads)
    return facts.measured.ahead_seconds * tokens


def dev_seconds(facts: Facts, settings: Settings) -> float:
    """One scoring of the dev split in the loop, or of the part that is scored."""
    return _scoring(facts, "dev", settings, facts.measured.dev)


def held_out_seconds(facts: Facts, settings: Settings) -> float:
    """The held-out split (test, else dev) scored with intervals and its errors listed."""
    split = "test" if "test" in facts.prepared.splits else "dev"
    rows = scored_rows(facts.prepared, split, settings)
    return _scoring(facts, split, settings, facts.measured.score) + rows * INTERVAL_SECONDS


def last_scoring_seconds(facts: Facts, settings: Settings) -> float:
    """All scoring of the closing: dev once more by the saved model, and the held-out split.

    Where something was computed ahead, the whole model scores dev before it is saved, too.
    """
    times = 2 if facts.measured.ahead_seconds else 1
    held_out = held_out_seconds(facts, settings)
    # What a language model was before training is scored on the same rows.
    compared = held_out if facts.writes and facts.model.is_pretrained else 0.0
    return times * _scoring(facts, "dev", settings, facts.measured.score) + held_out + compared


def writing_seconds(facts: Facts, settings: Settings) -> float:
    """Writing answers to held-out rows, at most."""
    if not facts.is_written:
        return 0.0
    budget = settings.train.time_seconds
    return WRITING_SECONDS if budget is None else min(WRITING_SECONDS, WRITING_SHARE * budget)


def rule_seconds(facts: Facts) -> float:
    """What rules that cost nothing take to learn and to answer; those of a model that writes are simpler still."""
    return RULE_SECONDS + (0.0 if facts.writes else RULE_TOKEN_SECONDS * min(facts.prepared.train_tokens, RULE_TOKENS))


def closing_seconds(facts: Facts, settings: Settings) -> float:
    """What follows the loop's last scoring: saving, loading afresh, scoring, writing, rules, the report."""
    weights = WEIGHT_BYTES * facts.model.parameters * WEIGHT_SECONDS
    scored = last_scoring_seconds(facts, settings) + writing_seconds(facts, settings)
    return CLOSING_SECONDS + weights + scored + rule_seconds(facts)


def robustness_seconds(facts: Facts, settings: Settings, seconds: float) -> float:
    """Scoring changed texts, of a run of so many seconds; within a time budget only what is left over."""
    if settings.train.time_seconds is not None or (facts.writes and not facts.is_written):
        return 0.0
    return min(ROBUSTNESS_SECONDS, ROBUSTNESS_SHARE * seconds)


def forecast(facts: Facts, settings: Settings) -> Forecast:
    """What the run will cost from here on if no early stop comes; at most the time budget, where there is one."""
    closing, dev, ahead = closing_seconds(facts, settings), dev_seconds(facts, settings), ahead_seconds(facts)
    seconds = (
        ahead + (settings.train.epochs or 1) * (epoch_seconds(facts) + (settings.train.scorings or 1) * dev) + closing
    )
    changed = robustness_seconds(facts, settings, seconds)
    seconds, closing = seconds + changed, closing + changed
    if settings.train.time_seconds is not None:
        seconds = min(seconds, max(closing, settings.train.time_seconds - facts.elapsed_seconds))
    return Forecast(
        seconds=seconds,
        closing_seconds=closing,
        peak_bytes=needed_bytes(facts, settings, way_of(settings)),
        elapsed_seconds=facts.elapsed_seconds,
        ahead_seconds=ahead,
        dev_seconds=dev,
        scoring_seconds=last_scoring_seconds(facts, settings),
        writing_seconds=writing_seconds(facts, settings),
    )


def scored_rows(prepared: Prepared, split: str, settings: Settings) -> int:
    """Rows of a split that are scored."""
    rows = prepared.splits[split].rows
    return min(rows, settings.evaluate.most_rows or rows)


def _scoring(facts: Facts, split: str, settings: Settings, timed: Sequence[Timed]) -> float:
    if split not in facts.measured.loads:
        return 0.0
    share = scored_rows(facts.prepared, split, settings) / max(1, facts.prepared.splits[split].rows)
    return share * pass_seconds(facts.measured.loads[split], timed, facts.model.hidden)
