"""A few real steps and forward passes, timed: what a batch costs on this machine with this model."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.artifacts import Load, Probe, Timed
from tunesmith.memory import held_bytes, peak_bytes
from tunesmith.models.inference import Batching, halved, output_of
from tunesmith.models.methods.store import FILL_TOKENS
from tunesmith.models.methods.tuning import Pace
from tunesmith.models.outputs import OUTPUTS
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.parts import Parts
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.task import Batch

PROBE_SECONDS = 6.0
"""The probe stops after this time: on small models it is enough for every batch that it wants to see."""

BUDGET_SHARE = 0.05
"""Of a time budget the probe takes no more than this."""

SCORING_SHARE = 0.3
"""Of its time, kept for forward passes."""

SPREAD = (0.5, 1.0, 0.0, 0.75, 0.25, 0.875, 0.625, 0.375, 0.125)
"""Places among the batches in order of their tokens. Whatever the time allows, the extremes are seen first."""

SCORED = (0.0, 0.5, 1.0, 0.25, 0.75)
"""Likewise for forward passes, the longest items first."""

AHEAD = 4
"""Steps that are timed where a method computes ahead: it costs forward passes that the timing does not need."""

AHEAD_TOKENS = 3 * FILL_TOKENS
"""So much is computed ahead in the probe: a pass that warms up, and two whole ones whose time and memory count."""

ROUNDS = 3
"""Each batch is timed so often where time allows; the median counts, for one look may be disturbed."""

KINDS_OF_BATCHES = 64
"""Into so many groups of like batches a pass is cut for the forecast; more would not change it."""

Positions = NDArray[Any]


def measure(parts: Parts, held_out: Mapping[str, Encoded], *, batching: Batching) -> Probe:
    """Time steps and forward passes on batches spread over all sizes; note the memory of the largest one.

    Weights do not change, for the rate is zero; the optimiser's state is real, and so is its memory.

    Args:
        held_out: splits that will be scored, by name.
        batching: how their forward passes are cut.
    """
    device = next(parts.model.parameters()).device
    settings = parts.settings.model_copy(update={"learning_rate": 0.0, "weight_decay": 0.0})
    training = Training(replace(parts, settings=settings, budget=None))
    length = parts.source.items.length
    steps = sorted(parts.source.epoch(0), key=lambda chosen: int(length[chosen].sum()))
    allowed = min(PROBE_SECONDS, BUDGET_SHARE * (settings.time_seconds or np.inf))
    rest = held_bytes(device.type)
    # Warms up, and makes the optimiser's state, so that the largest batch finds all memory taken that will be.
    middle = len(steps) // 2
    training.update(steps[middle])
    learning = sum(value.numel() for value in parts.model.parameters() if value.requires_grad)
    if settings.memory_bytes is not None:
        # Activations grow with the tokens: what would break the budget is left to the formula.
        taken = max(1, peak_bytes(device.type) - rest)
        most = int(length[steps[middle]].sum()) * (settings.memory_bytes - rest) / taken
        steps = [chosen for chosen in steps if length[chosen].sum() <= most] or steps[:1]
    passes = {name: _passes(_items(split, batching), batching.tokens) for name, split in held_out.items()}
    scored = _scored(parts, held_out, passes, batching, seconds=allowed * SCORING_SHARE)
    places = _spread(len(steps), SPREAD)
    pace = _ahead(parts, steps, places[:AHEAD], _longest(held_out, passes, batching))
    # A look at every row before the first step is a forward pass, as scoring is.
    looked = sum(one.seconds for one in scored) / sum(one.tokens for one in scored) if parts.needs_start else 0.0
    if pace is not None:
        places = places[:AHEAD]
    trained = _timed(lambda at: training.update(steps[at]), places, allowed * (1 - SCORING_SHARE), device)
    largest = steps[-1][: settings.micro_batch_size]
    return Probe(
        train=tuple(_point(length, steps[at], seconds) for at, seconds in trained.items()),
        score=scored,
        # The first pass alone, for its outputs are there; beyond it seconds grow with the work.
        dev=scored if pace is None else _scored(parts, held_out, passes, batching, seconds=0.0),
        ahead_seconds=looked if pace is None else pace.seconds,
        ahead_bytes=0.0 if pace is None else pace.bytes,
        learning=learning,
        loads={
            "train": _loads(length, parts.source.epoch(0)),
            **{name: _loads(_items(held_out[name], batching).length, found) for name, found in passes.items()},
        },
        rest_bytes=rest,
        peak_bytes=peak_bytes(device.type),
        peak_items=len(largest),
        peak_tokens=int(length[largest].sum()),
        peak_longest=int(length[largest].max()),
    )


def _ahead(parts: Parts, steps: Sequence[Positions], timed: Sequence[int], scored: Iterable[Batch]) -> Pace | None:
    """What the method computes ahead, here for the batches that are timed and some more; None where it does not."""
    if parts.tuning is None:
        return None
    others = range(0, len(steps), max(1, len(steps) // KINDS_OF_BATCHES))

    def batches() -> Iterator[Batch]:
        yield from scored
        tokens = 0
        for count, at in enumerate([*timed, *others]):
            if count >= len(timed) and tokens >= AHEAD_TOKENS:
                return
            tokens += int(parts.source.items.length[steps[at]].sum())
            yield from parts.source.window(steps[at], len(steps[at])).micro

    parts.tuning.begin(list(batches()))
    return parts.tuning.pace


def _longest(
    held_out: Mapping[str, Encoded], passes: Mapping[str, Sequence[Positions]], batching: Batching
) -> Iterator[Batch]:
    """The forward pass that is timed first, as a batch."""
    name = next(iter(held_out))
    first, items = passes[name][0], _items(held_out[name], batching)
    yield batching.task.collate(held_out[name], items, first, batching.template)


def _scored(
    parts: Parts,
    held_out: Mapping[str, Encoded],
    passes: Mapping[str, Sequence[Positions]],
    batching: Batching,
    *,
    seconds: float,
) -> tuple[Timed, ...]:
    """Forward passes over the first of the splits that are scored, timed."""
    name = next(iter(held_out))
    encoded, found, model = held_out[name], passes[name], parts.model
    items, device = _items(encoded, batching), next(model.parameters()).device
    take = OUTPUTS.get(batching.task.output)

    def once(at: int) -> None:
        waiting = [found[at]]
        while waiting:
            chosen = waiting.pop()
            batch = batching.task.collate(encoded, items, chosen, batching.template)
            output = output_of(model, batch, take)
            if output is None:
                # Scoring itself will take it in halves too; one item alone is an error there and here.
                halved(len(chosen), int(items.length[chosen].max()))
                waiting += np.array_split(chosen, 2)
                continue
            batching.task.unpack(batch, output)

    model.eval()
    return tuple(
        _point(items.length, found[at], took)
        for at, took in _timed(once, _spread(len(found), SCORED), seconds, device).items()
    )


def _timed(
    run: Callable[[int], object], places: Sequence[int], seconds: float, device: torch.device
) -> dict[int, float]:
    """Place → median seconds of ``run``; each place once at least until the time is over, the first in any case."""
    took: dict[int, list[float]] = defaultdict(list)
    began = time.perf_counter()
    for at in [*places] * ROUNDS:
        start = _now(device)
        run(at)
        took[at].append(_now(device) - start)
        if time.perf_counter() - began > seconds:
            break
    return {at: float(np.median(found)) for at, found in took.items()}


def _now(device: torch.device) -> float:
    """The time, once an accelerator has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def _spread(count: int, shares: Sequence[float]) -> list[int]:
    """Different places among ``count``, at these shares of the way."""
    return list(dict.fromkeys(round(share * (count - 1)) for share in shares))


def _items(encoded: Encoded, batching: Batching) -> Items:
    return batching.task.items(encoded, batching.max_length, batching.template)


def _passes(items: Items, tokens: int) -> list[Positions]:
    """Forward passes as ``infer`` cuts them: items of like length together, at most ``tokens`` in one."""
    order, found, at = np.argsort(-items.length, kind="stable"), [], 0
    while at < len(order):
        size = max(1, tokens // int(items.length[order[at]]))
        found.append(order[at : at + size])
        at += size
    return found


def _point(length: Positions, chosen: Positions, seconds: float) -> Timed:
    return Timed(tokens=int(length[chosen].sum()), longest=int(length[chosen].max()), seconds=seconds)


def _loads(length: Positions, batches: Sequence[Positions]) -> tuple[Load, ...]:
    """Batches counted by like size."""
    sizes = sorted((int(length[chosen].sum()), int(length[chosen].max())) for chosen in batches)
    groups = np.array_split(np.asarray(sizes, float), min(len(sizes), KINDS_OF_BATCHES))
    return tuple(Load(batches=len(group), tokens=group[:, 0].mean(), longest=group[:, 1].mean()) for group in groups)
