"""Spaces that need no file: what is worth varying around a plan, and the article's grid as it stands."""

from math import log2

from tunesmith.artifacts import Plan
from tunesmith.artifacts.trials import Dimension
from tunesmith.settings import Settings

FACTOR = 10.0
"""The rate is searched within ten times the plan's own, up and down."""

LOWEST_RATE, HIGHEST_RATE = 1e-6, 1e-3
"""What AdamW takes for all weights of a pretrained model; what trains other weights, or otherwise, takes as many times
more or less as the plan does."""

BATCH_POWERS = 2
"""The batch is searched up to four times the plan's own, up and down."""

FEWEST_STEPS = 4
"""Steps that an epoch has at least, whatever the batch."""

LARGEST_BATCH = 256

ARTICLE: tuple[Dimension, ...] = (
    Dimension(path="train.learning_rate", choices=(0.01, 0.001, 0.0001)),
    Dimension(path="train.batch_size", choices=(16, 32, 64)),
    Dimension(path="train.optimiser", choices=("adamw", "sgd")),
)
"""The grid of the project's first source article: rate, batch and optimiser, each by each."""


def sensible(plan: Plan, wishes: Settings, *, rows: int) -> tuple[Dimension, ...]:
    """Rate, batch, warm-up, regularisation: what moves scores most often; what the user has fixed stays fixed.

    Args:
        plan: the plan's own choice, which the space lies around.
        wishes: what the user asked for.
        rows: training rows.
    """
    own = plan.settings.train.warmup_share
    warmup = Dimension(path="train.warmup_share", choices=tuple(dict.fromkeys((0.0, own, 0.2))))
    found = [_rate(plan, wishes), _batch(plan, rows), warmup]
    method = plan.settings.train.method
    if method == "full":
        found.append(Dimension(path="regularise.dropout", choices=(None, 0.0)))
        if plan.model.is_pretrained and not wishes.train.sharded:
            found.append(Dimension(path="regularise.layer_decay", choices=(1.0, 0.9, 0.8)))
    if plan.task in {"text-classification"}:
        found.append(Dimension(path="regularise.label_smoothing", choices=(0.0, 0.1)))
    return tuple(one for one in found if _is_free(one.path, wishes))


def _rate(plan: Plan, wishes: Settings) -> Dimension:
    low, high = 1 / FACTOR, FACTOR
    rate = plan.settings.train.learning_rate
    if plan.model.is_pretrained and rate and plan.settings.train.method == "full" and wishes.train.optimiser == "adamw":
        low, high = max(low, LOWEST_RATE / rate), min(high, HIGHEST_RATE / rate)
    return Dimension(path="train.learning_rate", low=low, high=high, is_log=True, is_factor=True)


def _batch(plan: Plan, rows: int) -> Dimension:
    middle = round(log2(plan.settings.train.batch_size or 1))
    most = min(LARGEST_BATCH, max(2, rows // FEWEST_STEPS))
    high = max(1, min(middle + BATCH_POWERS, int(log2(most))))
    low = max(1, min(middle, high) - BATCH_POWERS)
    return Dimension(path="train.batch_size", low=2**low, high=2**high, is_power=True, is_whole=True)


def _is_free(path: str, wishes: Settings) -> bool:
    part, _, name = path.partition(".")
    return bool(getattr(getattr(wishes, part), name) == getattr(getattr(Settings(), part), name))
