"""Which kinds of model can be computed without padding, as data."""

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
"""Encoders by ``model_type``. Each has a test against plain transformers, losses and gradients."""

NORMS: Mapping[str, str] = {
    **dict.fromkeys(("gemma", "llama", "mistral", "olmo2", "phi3", "qwen2", "qwen3"), "norm"),
    "gpt2": "ln_f",
    "gpt_neox": "final_layer_norm",
}
"""Decoders by ``model_type``, and what stands behind their last layer. Each has such a test, too."""

PACKABLE = (*KINDS, *NORMS)
"""Every kind that can be computed on real tokens alone."""

HEADS = frozenset(
    {
        "bert",
        "camembert",
        "distilbert",
        "electra",
        "gemma",
        "gpt2",
        "gpt_neox",
        "llama",
        "mistral",
        "modernbert",
        "olmo2",
        "phi3",
        "qwen2",
        "qwen3",
        "roberta",
        "t5",
        "xlm-roberta",
    }
)
"""Kinds whose logits are what the last linear layer gives, as it is: not capped, scaled or shifted afterwards."""


PIECE_BYTES = 8 << 20
"""Logits of such a kind that are held at once. Smaller pieces make worse products, larger ones leave the cache."""


def reads_first_only(config: Any, auto_class: str) -> bool:
    """Whether of the last layer only each text's first position is used, and can be computed alone."""
    kind = KINDS.get(config.model_type)
    return auto_class == SEQUENCE and kind is not None and bool(kind.keys)
