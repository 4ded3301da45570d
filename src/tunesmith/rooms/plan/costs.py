"""What a run costs: memory from formulas, time from one timed batch."""

from tunesmith.artifacts import Forecast, ModelFacts, Prepared, Probe
from tunesmith.settings import Settings

BYTES_A_PARAMETER = 16
"""float32 weight, gradient and AdamW's two averages."""

BEST_STATE_BYTES = 4
"""And one copy of the weights: the best state so far."""

LAUNCH_BYTES = 420 << 20
"""The libraries themselves: 417 MiB measured with torch, transformers and all rooms loaded, and no model."""

SAVING_SECONDS = 1.5
"""Saving, loading afresh and the report: 1.2 s measured with minilm, its 52 test rows scored in that."""


def activation_bytes(model: ModelFacts, tokens: int, longest: int) -> int:
    """Activations kept for the backward pass over ``tokens`` real tokens, float32.

    Per layer and token 34 h + 5 a l bytes in half precision (Korthikanti et al. 2022),
    doubled; a heads are taken as h / 32, l is the longest row.
    """
    heads = max(1, model.hidden // 32)
    return 2 * model.layers * tokens * (34 * model.hidden + 5 * heads * longest)


def fixed_bytes(model: ModelFacts) -> int:
    """What is there whatever the batch: libraries, weights, gradients, optimiser, best state."""
    return LAUNCH_BYTES + model.parameters * (BYTES_A_PARAMETER + BEST_STATE_BYTES)


def epoch_seconds(prepared: Prepared, settings: Settings, probe: Probe) -> float:
    """One pass over the training split and one scoring of the dev split."""
    rows = prepared.splits["train"].rows
    tokens = _kept_tokens(prepared, settings)
    steps = -(-rows // (settings.train.batch_size or 1))
    dev = prepared.splits["dev"].rows / rows * tokens if "dev" in prepared.splits else 0.0
    return tokens * probe.train_seconds_per_token + steps * probe.step_seconds + dev * probe.score_seconds_per_token


def closing_seconds(prepared: Prepared, settings: Settings, probe: Probe) -> float:
    """What follows the last step: scoring test (and dev again, to see that the saved model answers alike), saving."""
    rows = prepared.splits["train"].rows
    held_out = sum(prepared.splits[name].rows for name in ("dev", "test") if name in prepared.splits)
    tokens = held_out / rows * _kept_tokens(prepared, settings)
    return tokens * probe.score_seconds_per_token + SAVING_SECONDS


def forecast(prepared: Prepared, settings: Settings, model: ModelFacts, probe: Probe) -> Forecast:
    """Seconds if no early stop comes, and peak bytes."""
    seconds = (settings.train.epochs or 1) * epoch_seconds(prepared, settings, probe)
    longest = settings.prepare.max_length or 1
    batch = min(settings.train.micro_batch_size or 1, prepared.splits["train"].rows)
    needed = fixed_bytes(model) + activation_bytes(model, batch * longest, longest)
    closing = closing_seconds(prepared, settings, probe)
    return Forecast(seconds=seconds + closing, closing_seconds=closing, peak_bytes=max(needed, probe.peak_bytes))


def _kept_tokens(prepared: Prepared, settings: Settings) -> float:
    """Tokens of the training split after cutting at max_length, from the length quantiles."""
    specials = len(prepared.template.prefix) + len(prepared.template.suffix)
    longest = settings.prepare.max_length or prepared.token_lengths[-1] + specials
    mean = sum(min(length + specials, longest) for length in prepared.token_lengths) / len(prepared.token_lengths)
    return mean * prepared.splits["train"].rows
