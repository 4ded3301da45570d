"""Which kinds of encoder can be computed without padding, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEQUENCE = "AutoModelForSequenceClassification"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What must be known of a kind of encoder beside what transformers tells.

    Attributes:
        keys: names, in a layer, of the projections that make keys and values; empty where
            one projection makes queries too, so that the last layer is always whole.
    """

    keys: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("bert", "camembert", "electra", "roberta", "xlm-roberta"), Kind(keys=("key", "value"))),
    "distilbert": Kind(keys=("k_lin", "v_lin")),
    "modernbert": Kind(keys=()),
}
"""By ``model_type``. Each has a test against plain transformers, losses and gradients."""


def reads_first_only(config: Any, auto_class: str) -> bool:
    """Whether of the last layer only each text's first position is used, and can be computed alone."""
    return auto_class == SEQUENCE and bool(KINDS[config.model_type].keys)
