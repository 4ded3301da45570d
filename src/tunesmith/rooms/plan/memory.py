"""How much memory a run holds, and what is given up, in a stated order, where that is too much.

First fewer examples in a pass (costs next to nothing), then activations computed twice (a
third more time), then a method that learns fewer weights (another result).

The peak is the sum of what a run takes one after the other, for freed memory stays with the process:

    base + weights + gradients + optimiser + activations of the largest pass
    + best state (of the weights that learn) + the file that the result is loaded afresh from + report
    + the whole model put together again, where not all of it was trained
    + outputs of the frozen layers, where they were computed ahead

An accelerator holds the first line alone, without the base.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from tunesmith.artifacts import ModelFacts
from tunesmith.models.fast.kinds import HEADS, NORMS, PIECE_BYTES
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.methods import ADAPTERS, TOP_SHARE, misfits
from tunesmith.settings import Settings
from tunesmith.settings.tree import Method

WEIGHT_BYTES = 4
"""float32."""

STATE_BYTES = {"adamw": 8, "lion": 4, "sgd": 4, "adafactor": 1}
"""Bytes of optimiser state a weight: two averages, one, a momentum; Adafactor keeps rows and columns alone."""

LAUNCH_BYTES = 480 << 20
"""The libraries themselves: measured with torch, transformers, peft and all rooms loaded, and a tiny model."""

REPORT_BYTES = 32 << 20
"""What scoring with intervals, charts and the report add: 26 MiB were measured on 150 sentences."""

MEMORY_SHARE = 0.7
"""Share of the free memory that a plan may use: the rest is for the forecast's error and other programs."""

BUDGET_SHARE = 0.92
"""Share of a memory budget that the forecast may fill: on four measured runs it was up to 8% below what came."""

LESS: tuple[Method, ...] = ("full", "lora", "top", "head")
"""Methods from the one that learns most to the one that holds least."""

WHOLE = frozenset({"full", "prefix"})
"""Methods that nothing is put together after."""

UNCHECKPOINTED = frozenset({"head", "prefix"})
"""Methods without activations that could be computed twice: a head has no layers, and a layer that is asked a second
time no longer has the prefix."""

LORA_SHARE = 0.02
"""Weights that LoRA trains, of all: rank 8 to 16 beside every matrix of a small encoder."""

LAYER_WEIGHTS = 12
"""Weights of one layer in units of h²: 4 in attention, 8 in the feed-forward part."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to compute a step: what learns, whether activations are computed twice, examples in a pass."""

    method: Method
    is_checkpointed: bool
    items: int


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The first way in the stated order that fits, what it needs, and what there is. In bytes."""

    way: Way
    needed: int
    room: int

    @property
    def fits(self) -> bool:
        """Whether it really does; otherwise it is the least that can be done."""
        return self.needed <= self.room


def fitting(facts: Facts, settings: Settings) -> Fit:
    """The best way that the memory allows; the last and smallest one where none fits."""
    free = facts.machine.accelerator_memory or facts.machine.memory_free
    budget = settings.train.memory_bytes
    room = int(free * MEMORY_SHARE if budget is None else budget * BUDGET_SHARE)
    for way in ways(facts, settings):
        needed = needed_bytes(facts, settings, way)
        if needed <= room:
            break
    return Fit(way=way, needed=needed, room=room)


def ways(facts: Facts, settings: Settings) -> Iterator[Way]:
    """All ways that the user's wishes leave open, the least harmful loss first."""
    train = settings.train
    batch = ceil(min(train.batch_size or 1, facts.train_rows) / facts.machine.processes)
    sizes = [batch]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // 2))
    for method in _methods(facts, settings):
        both = (False,) if method in UNCHECKPOINTED else (False, True)
        for is_checkpointed in both if train.gradient_checkpointing is None else (train.gradient_checkpointing,):
            for items in sizes if train.micro_batch_size is None else (train.micro_batch_size,):
                yield Way(method=method, is_checkpointed=is_checkpointed, items=items)


def _methods(facts: Facts, settings: Settings) -> tuple[Method, ...]:
    """The user's method, or all that go with the model and the other wishes."""
    train = settings.train
    if train.method is not None:
        return (train.method,)
    asked = {name: settings.model_copy(update={"train": train.model_copy(update={"method": name})}) for name in LESS}
    return tuple(name for name, wanted in asked.items() if not misfits(facts, wanted))


def needed_bytes(facts: Facts, settings: Settings, way: Way) -> int:
    """The peak of a whole run done in this way; measured facts of the probe replace what they can."""
    model, longest = facts.model, settings.prepare.max_length or 1
    weights, learning = WEIGHT_BYTES * model.parameters, learning_weights(model, settings, way.method)
    is_shared = not facts.machine.accelerator_memory
    rest, scale, tokens = is_shared * LAUNCH_BYTES + weights, 1.0, way.items * longest
    if facts.probe is not None and facts.probed is not None:
        probe, probed = facts.probe, way_of(facts.probed)
        if way.method == probed.method:
            learning = float(probe.learning)
        taken = probe.peak_bytes - probe.rest_bytes - learning_bytes(settings, probe.learning)
        formula = pass_bytes(facts, settings, probed, probe.peak_tokens, probe.peak_longest)
        rest, scale, longest = probe.rest_bytes, max(0, taken) / formula, probe.peak_longest
        tokens = round(way.items * probe.peak_tokens / probe.peak_items)
    passes = round(scale * pass_bytes(facts, settings, way, tokens, longest))
    # A method that trains less puts a whole model together before it is saved: 45 to 99 MiB for 87 MiB of weights.
    # An adapter is in the end compared on its base, which is loaded once more.
    copies = (
        3 if way.method in ADAPTERS or (facts.writes and way.method == "prompt") else 1 if way.method in WHOLE else 2
    )
    later = round(WEIGHT_BYTES * learning) + copies * weights + REPORT_BYTES
    return rest + learning_bytes(settings, learning) + passes + is_shared * (later + _kept_bytes(facts))


def _kept_bytes(facts: Facts) -> int:
    """Outputs computed ahead: they are mapped into memory as they are used, and in the first epoch all of them are."""
    if facts.probe is None:
        return 0
    tokens = sum(load.batches * load.tokens for loads in facts.probe.loads.values() for load in loads)
    return round(facts.probe.ahead_bytes * tokens)


def way_of(settings: Settings) -> Way:
    """The way that complete settings describe."""
    train = settings.train
    return Way(
        method=train.method or "full",
        is_checkpointed=bool(train.gradient_checkpointing),
        items=train.micro_batch_size or train.batch_size or 1,
    )


def computes_alike(one: Settings, other: Settings) -> bool:
    """Whether what was timed and measured with one holds for the other."""
    return way_of(one) == way_of(other)


def learning_weights(model: ModelFacts, settings: Settings, method: Method) -> float:
    """Weights that get a gradient."""
    if method == "full":
        return float(model.parameters)
    if method == "top":
        return float(min(model.parameters, _top(model, settings) * LAYER_WEIGHTS * model.hidden**2))
    places = settings.adapter.prompt_tokens * model.hidden
    if method == "prefix":
        return 2.0 * model.layers * places
    return {"head": 0.0, "prompt": float(places)}.get(method, LORA_SHARE * model.parameters)


def learning_bytes(settings: Settings, weights: float) -> int:
    """Gradients and the optimiser's state of so many weights, and their moving average where there is one."""
    average = WEIGHT_BYTES if settings.regularise.ema else 0
    return round(weights * (WEIGHT_BYTES + STATE_BYTES[settings.train.optimiser] + average))


def activation_bytes(model: ModelFacts, settings: Settings, way: Way, tokens: int, longest: int) -> int:
    """Activations kept for the backward pass over ``tokens`` real tokens, float32.

    Per layer and token 34 h + 5 a l bytes in half precision (Korthikanti et al. 2022),
    doubled; a heads are taken as h / 32, l is the longest row. Decoders keep no square of the
    length: their attention works in one kernel. With checkpointing each layer
    keeps its input, and one layer at a time the rest. At least one layer is alive in any pass.
    """
    squares = 0 if model.kind in NORMS else 5 * max(1, model.hidden // 32) * longest
    layer = 2 * tokens * (34 * model.hidden + squares)
    layers = {"head": 1, "top": _top(model, settings)}.get(way.method, model.layers)
    if way.is_checkpointed:
        return layer + layers * tokens * model.hidden * WEIGHT_BYTES
    return layers * layer


def pass_bytes(facts: Facts, settings: Settings, way: Way, tokens: int, longest: int) -> int:
    """What one pass over ``tokens`` real tokens holds at its peak: activations, and what a vocabulary takes."""
    held = activation_bytes(facts.model, settings, way, tokens, longest)
    return held + (head_bytes(facts.model, tokens) if facts.writes else 0)


def head_bytes(model: ModelFacts, tokens: int) -> int:
    """What a language model's head holds: its logits, and the gradient of its table before that is added to the rest.

    Pieces of the logits where it can answer for targets alone; elsewhere all of them, with their logarithms and slopes.
    """
    table = WEIGHT_BYTES * model.vocabulary * model.hidden
    if model.kind in HEADS:
        return 2 * PIECE_BYTES + table
    return 3 * WEIGHT_BYTES * model.vocabulary * tokens + table


def _top(model: ModelFacts, settings: Settings) -> int:
    return min(model.layers, settings.train.top_layers or max(1, round(TOP_SHARE * model.layers)))
