"""Kernels of liger-kernel in the place of a model's own norms, rotations and gates, where the package is installed.

It is no dependency: it needs triton and a GPU. The kernels compute the same in one pass
over memory instead of several; a causal model's loss is then computed in pieces, without
ever holding the logits of all tokens.
"""

from importlib.util import find_spec

from torch import nn

KINDS = ("gemma", "gemma2", "gemma3_text", "llama", "mistral", "mixtral", "olmo2", "phi3", "qwen2", "qwen3")
"""Decoders that the package knows and that this project was written to give it."""


def is_installed() -> bool:
    """Whether liger-kernel and the triton it needs are here."""
    return find_spec("liger_kernel") is not None and find_spec("triton") is not None


def fuse(model: nn.Module) -> bool:
    """Put the kernels into a model on a CUDA device, in place; whether that was done.

    The package also changes transformers' module, so models of the kind that are made later have them too.
    """
    kind = getattr(getattr(model, "config", None), "model_type", "")
    device = next(model.parameters()).device
    if device.type != "cuda" or kind not in KINDS or not is_installed():
        return False
    from liger_kernel.transformers import _apply_liger_kernel_to_instance

    _apply_liger_kernel_to_instance(model=model)
    return True
