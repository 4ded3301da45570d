"""Models of pictures and sounds made fast on a CPU, in place: the same mathematics, the same names of weights.

The layers stay as transformers wrote them. Parts of theirs are computed otherwise: convolutions of each channel by
itself (ConvNeXt), what lies between two products of a ConvNeXt V2, and dropout that a layer calls as a function with
a number of its own (Whisper), where ``with_byte_dropout`` finds no module to replace.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from tunesmith.models.fast.depthwise import depthwise, takes
from tunesmith.models.fast.dropout import byte_dropout
from tunesmith.models.fast.response import responded

RESPONDING = ("pwconv1", "act", "grn", "pwconv2")
"""Parts of a ConvNeXt V2's layer from the first product to the last, one behind the other."""

EXACT_GELU = ("GELU", "GELUActivation")
"""Classes of torch and transformers that compute GELU by the error function."""


class Hastening:
    """Makes ``model`` fast until ``remove`` is called. Kinds of layer that it does not know stay as they are."""

    def __init__(self, model: nn.Module) -> None:
        self._computed: list[nn.Module] = []
        self._shares: list[tuple[nn.Module, str, float]] = []
        self._handles: list[RemovableHandle] = []
        part: Any
        for part in model.modules():
            if takes(part):
                self._compute(part, partial(depthwise, layer=part))
            if _responds(part):
                first, _, norm, last = (getattr(part, name) for name in RESPONDING)
                self._compute(first, partial(responded, first=first, norm=norm, last=last))
                for name in RESPONDING[1:]:
                    self._compute(getattr(part, name), _passed)
            if _drops_by_number(part):
                self._drop(part, "dropout", part.self_attn.out_proj, part.fc2)
                if part.activation_dropout:
                    self._drop_before(part, "activation_dropout", part.fc2)
            if isinstance(getattr(part, "layers", None), nn.ModuleList) and _drops_embedded(part):
                self._drop_before(part, "dropout", part.layers[0])

    def remove(self) -> None:
        """Leave the model as transformers made it."""
        for part in self._computed:
            del part.forward
        for part, name, share in self._shares:
            setattr(part, name, share)
        for handle in self._handles:
            handle.remove()

    def _compute(self, part: nn.Module, way: Callable[[Tensor], Tensor]) -> None:
        part.forward = way
        self._computed.append(part)

    def _drop(self, layer: nn.Module, name: str, *behind: nn.Module) -> None:
        """Dropout behind these parts, in the place of the layer's own by the number under ``name``."""
        share = self._taken(layer, name)
        self._handles += [part.register_forward_hook(partial(_dropped_after, share=share)) for part in behind]

    def _drop_before(self, layer: nn.Module, name: str, before: nn.Module) -> None:
        share = self._taken(layer, name)
        self._handles.append(before.register_forward_pre_hook(partial(_dropped_before, share=share)))

    def _taken(self, layer: nn.Module, name: str) -> float:
        share: float = getattr(layer, name)
        self._shares.append((layer, name, share))
        setattr(layer, name, 0.0)
        return share


def _responds(part: Any) -> bool:
    """Whether it is a ConvNeXt V2's layer whose products are plain: not those of an adapter, nor rounded ones."""
    if not all(hasattr(part, name) for name in RESPONDING):
        return False
    first, act, norm, last = (getattr(part, name) for name in RESPONDING)
    is_plain = type(first) is type(last) is nn.Linear and type(norm).__name__ == "ConvNextV2GRN"
    return is_plain and type(act).__name__ in EXACT_GELU


def _drops_by_number(part: Any) -> bool:
    """Whether it is an encoder's layer of BART's kind, as Whisper's are."""
    is_layer = hasattr(part, "self_attn") and hasattr(part, "fc2") and not hasattr(part, "encoder_attn")
    return is_layer and isinstance(getattr(part, "dropout", None), float) and hasattr(part.self_attn, "out_proj")


def _drops_embedded(part: Any) -> bool:
    """Whether it is an encoder of such layers, which drops what is embedded by a number of its own."""
    is_number = isinstance(getattr(part, "dropout", None), float) and not getattr(part, "layerdrop", 0.0)
    return is_number and len(part.layers) > 0 and _drops_by_number(part.layers[0])


def _passed(x: Tensor) -> Tensor:
    """What stood here was computed with what came before."""
    return x


def _dropped_after(part: nn.Module, args: Any, output: Tensor, *, share: float) -> Tensor:
    return byte_dropout(output, share) if part.training else output


def _dropped_before(part: nn.Module, args: tuple[Any, ...], *, share: float) -> tuple[Any, ...]:
    return (byte_dropout(args[0], share), *args[1:]) if part.training else args
