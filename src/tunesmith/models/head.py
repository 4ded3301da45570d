"""The layer that a classifier's answers come out of."""

from torch import nn

from tunesmith.models.sharded import bare


def output_layer(model: nn.Module) -> nn.Linear | None:
    """The last linear layer with as many outputs as the model has labels; None where there is none."""
    inner = bare(model)
    labels = getattr(getattr(inner, "config", None), "num_labels", None)
    found = [part for part in inner.modules() if isinstance(part, nn.Linear) and part.out_features == labels]
    return found[-1] if found else None
