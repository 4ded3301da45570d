"""How deep in the model a parameter lies: for rates that fall with depth, and for unfreezing from the top."""

from torch import nn

from tunesmith.errors import ModelError
from tunesmith.words import say


def depths(model: nn.Module) -> dict[str, int]:
    """Parameter name → 0 for embeddings, 1 … L for layers, L + 1 for what follows them (the head).

    The layers are the list of as many modules as the configuration says, whatever its
    name: ``encoder.layer`` in BERT, RoBERTa and ELECTRA, ``transformer.layer`` in
    DistilBERT, ``layers`` in ModernBERT. What is registered before it feeds it.

    Raises:
        ModelError: the model has no such list.
    """
    stem, count = _stem(model)
    if not stem:
        raise ModelError(
            expected=say("a model with a list of layers", "含有层列表的模型"),
            got=type(model).__name__,
            do=say(
                "leave out regularise.layer_decay and regularise.gradual_unfreezing",
                "请去掉 regularise.layer_decay 和 regularise.gradual_unfreezing",
            ),
        )
    found: dict[str, int] = {}
    outside = 0
    for name, _ in model.named_parameters():
        if name.startswith(f"{stem}."):
            found[name] = 1 + int(name.removeprefix(f"{stem}.").partition(".")[0])
            outside = count + 1
        else:
            found[name] = outside
    return found


def behind(model: nn.Module) -> frozenset[str]:
    """Parameters that follow the layers: the head, and a dense layer before it; without such a list the head alone."""
    stem, count = _stem(model)
    if stem:
        return frozenset(name for name, depth in depths(model).items() if depth > count)
    inside = f"{getattr(model, 'base_model_prefix', '')}."
    return frozenset(name for name, _ in model.named_parameters() if not name.startswith(inside))


def _stem(model: nn.Module) -> tuple[str, int]:
    """The name of the list of layers, empty where there is none, and how many the configuration says there are."""
    count = getattr(getattr(model, "config", None), "num_hidden_layers", 0)
    stems = (name for name, part in model.named_modules() if isinstance(part, nn.ModuleList) and len(part) == count)
    return next(stems, ""), count
