"""Another dropout than the model came with."""

from torch import nn


def set_dropout(model: nn.Module, share: float) -> int:
    """Set every dropout of the model to ``share``; gives how many were found.

    Attention often holds its share as a plain number beside the layer, and ModernBERT puts
    an identity where its configuration says zero: both are set too, and the configuration,
    so that it tells how the model was trained.
    """
    found = 0
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.p = share
            found += 1
        for name, value in vars(part).items():
            if "dropout" in name and _is_number(value):
                setattr(part, name, share)
                found += 1
        for name, child in list(part.named_children()):
            if "drop" in name and isinstance(child, nn.Identity):
                setattr(part, name, nn.Dropout(share))
                found += 1
    config = getattr(model, "config", None)
    for name, value in list(vars(config).items()) if config is not None else ():
        if "dropout" in name and _is_number(value):
            setattr(config, name, share)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
