"""The same facts with another number of training rows: counts and loads grow, what was timed stays."""

from dataclasses import replace
from math import ceil

from tunesmith.artifacts import Load, SplitFile
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.plan import plan

HELD_OUT = ("dev", "test")


def multiplied(facts: Facts, factor: float) -> Facts:
    """As if there were ``factor`` times the rows of the same kind.

    Splits that are drawn from the training rows grow with them; those that were given stay.
    """
    growing = {"train", *(name for name in HELD_OUT if name not in facts.reading.splits)}
    splits = {
        name: SplitFile(path=file.path, rows=max(1, round(factor * file.rows))) if name in growing else file
        for name, file in facts.prepared.splits.items()
    }
    probe = facts.measured
    loads = {
        name: tuple(_times(load, factor) for load in found) if name in growing else found
        for name, found in probe.loads.items()
    }
    update = {"splits": splits, "train_tokens": round(factor * facts.prepared.train_tokens)}
    grown = replace(
        facts,
        prepared=facts.prepared.model_copy(update=update),
        probe=probe.model_copy(update={"loads": loads}),
    )
    return _recut(grown)


def _times(load: Load, factor: float) -> Load:
    return load.model_copy(update={"batches": max(1, ceil(factor * load.batches))})


def _recut(facts: Facts) -> Facts:
    """With the training batches as large as a plan for so many rows wants them."""
    was = facts.probed.train.batch_size if facts.probed is not None else None
    size = plan(facts).settings.train.batch_size
    if not was or not size or was == size:
        return facts
    share, probe = size / was, facts.measured
    train = tuple(
        load.model_copy(update={"batches": max(1, ceil(load.batches / share)), "tokens": share * load.tokens})
        for load in probe.loads["train"]
    )
    return replace(facts, probe=probe.model_copy(update={"loads": {**probe.loads, "train": train}}))
