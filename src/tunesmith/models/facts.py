"""What is known of a model before it is loaded: from config.json, the tokenizer's file and the weights' headers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.artifacts import ModelFacts
from tunesmith.models.files import CONFIG, read_object, weights_sha256
from tunesmith.models.find import Found
from tunesmith.models.shelf import parameters_in

NO_LIMIT = 1 << 20
"""``max_length`` of a model that states none (relative or rotary positions): about a million tokens."""

_OFFSET_POSITIONS = frozenset(
    {
        "roberta",
        "xlm-roberta",
        "xlm-roberta-xl",
        "camembert",
        "longformer",
        "mpnet",
        "data2vec-text",
        "ibert",
        "luke",
        "xmod",
    }
)
"""Types that count positions from pad_token_id + 1, as RoBERTa does: 514 positions hold 512 tokens."""

_HIDDEN = ("hidden_size", "d_model", "n_embd", "dim")
_LAYERS = ("num_hidden_layers", "encoder_layers", "n_layers", "n_layer", "num_layers")
_POSITIONS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len")


def facts(found: Found, because: str) -> ModelFacts:
    """Facts of a pretrained model, without loading a tensor.

    ``max_length`` counts special tokens. A sentence-transformers folder's own
    ``max_seq_length`` is how its authors used the model, no bound of the model: it is not looked at.

    Raises:
        ModelError: a file is damaged.
    """
    config = read_object(found.folder / CONFIG)
    return ModelFacts(
        name=found.name,
        path=str(found.folder),
        kind=str(config.get("model_type", "")),
        parameters=parameters_in(found.folder),
        hidden=width(config),
        layers=depth(config),
        max_length=max_length(found.folder),
        vocabulary=_first(config, ("vocab_size",), 0),
        sha256=weights_sha256(found.folder),
        is_pretrained=True,
        because=because,
    )


def width(config: Mapping[str, Any]) -> int:
    """Numbers that stand for a token; of a model of several stages those of the last, widest one."""
    stages = config.get("hidden_sizes")
    return _first(config, _HIDDEN, max(stages) if isinstance(stages, list) and stages else 0)


def depth(config: Mapping[str, Any]) -> int:
    """Layers; of a model of several stages those of all together."""
    stages = config.get("depths")
    return _first(config, _LAYERS, sum(stages) if isinstance(stages, list) else 0)


def max_length(folder: Path) -> int:
    """The longest input in tokens, special tokens included: the smaller of what model and tokenizer allow."""
    config = read_object(folder / CONFIG)
    positions = _first(config, _POSITIONS, NO_LIMIT)
    if config.get("model_type") in _OFFSET_POSITIONS and positions < NO_LIMIT:
        positions -= _first(config, ("pad_token_id",), 1) + 1
    # A tokenizer without a limit says 10**30.
    allowed = read_object(folder / "tokenizer_config.json").get("model_max_length")
    return min(positions, int(allowed) if isinstance(allowed, int | float) else NO_LIMIT, NO_LIMIT)


def _first(config: Mapping[str, Any], names: Sequence[str], otherwise: int) -> int:
    """The first of these entries that is a number; models of several parts keep theirs under ``text_config``."""
    nested = config.get("text_config")
    places = [config, nested] if isinstance(nested, Mapping) else [config]
    found = (place[name] for place in places for name in names if isinstance(place.get(name), int))
    return next(found, otherwise)
