"""One timed batch: what a token costs on this machine with this model."""

import resource
import time

import torch

from tunesmith.artifacts import Probe
from tunesmith.models.inference import tensors
from tunesmith.rooms.train.loop import Parts
from tunesmith.rooms.train.optimiser import adamw

TIMED_STEPS = 3
"""Batches of one epoch's order that are timed, after one that warms up; the median counts."""


def measure(parts: Parts) -> Probe:
    """Time forward and backward on a few real batches, and one forward pass alone.

    Weights do not change: the optimiser is a throw-away one with a rate of zero.
    """
    source, model = parts.source, parts.model
    device = next(model.parameters()).device
    optimiser = adamw(model, parts.settings.model_copy(update={"learning_rate": 0.0, "weight_decay": 0.0}))
    order = source.epoch(0)
    chosen = [order[at * len(order) // (TIMED_STEPS + 1)] for at in range(TIMED_STEPS + 1)]
    per_token, update_seconds, score_seconds = [], [], []
    for at in chosen:
        window = source.window(at)
        began = time.perf_counter()
        for batch in window.micro:
            logits = model(**tensors(batch, device)).logits
            labels = torch.from_numpy(batch["labels"]).to(device)
            parts.loss(logits, labels, smoothing=0.0).backward()  # type: ignore[no-untyped-call]
        learned = time.perf_counter()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        updated = time.perf_counter()
        with torch.inference_mode():
            for batch in window.micro:
                model(**tensors(batch, device))
        per_token.append((learned - began) / window.tokens)
        update_seconds.append(updated - learned)
        score_seconds.append((time.perf_counter() - updated) / window.tokens)
    return Probe(
        train_seconds_per_token=_median(per_token[1:]),
        score_seconds_per_token=_median(score_seconds[1:]),
        step_seconds=_median(update_seconds[1:]),
        peak_bytes=_peak_bytes(device),
    )


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _peak_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
