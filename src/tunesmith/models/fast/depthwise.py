"""Depthwise convolutions on a CPU, whose backward pass in the library costs eight times its forward pass.

    y[b, i, j, c] = bias[c] + Σ_{u, v} w[c, u, v] x[b, i + u − k, j + v − k, c]        (k: half the kernel's side)

Pictures lie with their channels last, so that norms and products behind the convolution need no copy. On a small map
nearly every place sees every other: there each channel is one product with a matrix of places by places. On a map of
few columns the kernel's gradient is a product a row of the kernel, whose diagonals are summed. Larger maps are left to
the library.

Shape legend: b pictures, c channels, n side of the kernel, h × w places of a map, p = h·w.
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

SMALL = 64
"""Places of a map that is computed as one product: at 64 it takes 4.6 ms forward and backward where the library takes
5.8, at 16 1.9 ms where it takes 4.1 (32 pictures, one thread)."""

NARROW = 16
"""Columns of a map whose kernel's gradient comes from products of rows: 4.1 ms where the library takes 5.8."""

Gradients = tuple[Tensor | None, ...]


def depthwise(x: Tensor, layer: nn.Conv2d) -> Tensor:
    """What ``layer`` makes of (b, c, h, w), its channels last in memory.

    Args:
        layer: for which ``takes`` says yes.
    """
    x = x.contiguous(memory_format=torch.channels_last)
    height, width = x.shape[2:]
    if width > NARROW:
        return nn.Conv2d.forward(layer, x)
    way = _Whole if height * width <= SMALL else _ByRows
    with torch.autocast(x.device.type, enabled=False):
        # Beside the products these are few operations: half precision would save nothing here.
        found: Tensor = way.apply(x.to(layer.weight.dtype), layer.weight, layer.bias)  # type: ignore[no-untyped-call]
    return found


def takes(layer: nn.Module) -> bool:
    """Whether it is a convolution of each channel by itself that keeps the size, with a square odd kernel."""
    if type(layer) is not nn.Conv2d or layer.bias is None:
        return False
    side = layer.kernel_size[0]
    is_alone = layer.groups == layer.in_channels == layer.out_channels
    keeps = layer.stride == (1, 1) and layer.dilation == (1, 1) and layer.padding == (side // 2, side // 2)
    return is_alone and keeps and side % 2 == 1 and layer.kernel_size[1] == side and layer.padding_mode == "zeros"


class _Whole(torch.autograd.Function):
    """Each channel as a product with a matrix of places by places."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        side, (height, width) = kernel.shape[-1], x.shape[2:]
        places = _by_channel(x)
        seen = _taps(height, width, side)
        # One more weight, zero, for what lies beyond the kernel's reach.
        matrix = pad(kernel.flatten(1), (0, 1)).index_select(1, seen).view(len(kernel), height * width, -1)
        ctx.save_for_backward(places, matrix)
        ctx.shape, ctx.side = x.shape, side
        return _by_picture(torch.baddbmm(bias[:, None, None], places, matrix.transpose(1, 2)), x.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Gradients:
        places, matrix = ctx.saved_tensors
        grad = _by_channel(gradients[0])
        # (c, p, p) → (c, h, h, w, w): the place that gives, and the one that is seen, row by row and column by column.
        height, width = ctx.shape[2:]
        of_matrix = torch.bmm(grad.transpose(1, 2), places).view(-1, height, width, height, width)
        rows = _diagonals(of_matrix, ctx.side, (1, 3))
        of_kernel = _diagonals(rows, ctx.side, (1, 2))
        return _by_picture(torch.bmm(grad, matrix), ctx.shape), of_kernel.unsqueeze(1), grad.sum((1, 2))


class _ByRows(torch.autograd.Function):
    """The library's forward pass, also for the input's gradient; the kernel's gradient from products of rows."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, kernel)
        return _convolved(x, kernel, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Gradients:
        x, kernel = ctx.saved_tensors
        grad, side, height = gradients[0].contiguous(memory_format=torch.channels_last), kernel.shape[-1], x.shape[2]
        # (c, h, b, w): the rows of one height stand together, so that a shift by a row is a view.
        given = grad.permute(1, 2, 0, 3).flatten(1, 2).transpose(1, 2).contiguous()
        seen = pad(x.permute(1, 2, 0, 3), (0, 0, 0, 0, side // 2, side // 2))
        shifted = [torch.bmm(given, seen[:, at : at + height].flatten(1, 2)) for at in range(side)]
        of_kernel = _diagonals(torch.stack(shifted, 1), side, (2, 3))
        return _convolved(grad, kernel.flip(2, 3), None), of_kernel.unsqueeze(1), grad.sum((0, 2, 3))


def _convolved(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    return conv2d(x, kernel, bias, padding=kernel.shape[-1] // 2, groups=len(kernel))


def _by_channel(x: Tensor) -> Tensor:
    """(b, c, h, w) → (c, b, p)."""
    return x.flatten(2).permute(1, 0, 2).contiguous()


def _by_picture(places: Tensor, shape: torch.Size) -> Tensor:
    """(c, b, p) → (b, c, h, w), channels last in memory."""
    return places.permute(1, 2, 0).contiguous().view(shape[0], *shape[2:], -1).permute(0, 3, 1, 2)


def _diagonals(values: Tensor, side: int, axes: tuple[int, int]) -> Tensor:
    """Sums over the diagonals of two axes, one for each weight in a row of the kernel: the axes go, these come last."""
    one, other = axes
    reach, length = side // 2, values.shape[one]
    # A kernel may reach further than the map.
    none = torch.zeros_like(values.sum((one, other)))
    found = [values.diagonal(by, one, other).sum(-1) if abs(by) < length else none for by in range(-reach, reach + 1)]
    return torch.stack(found, -1)


@cache
def _taps(height: int, width: int, side: int) -> Tensor:
    """For each place of a map and each that it may see, (p·p,), which weight is between them; the last one: none."""
    rows, columns = (_reach(length, side) for length in (height, width))
    row, column = rows[:, None, :, None], columns[None, :, None, :]
    inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
    return torch.where(inside, row * side + column, side * side).flatten()


def _reach(length: int, side: int) -> Tensor:
    """(length, length): at which weight of a row of the kernel the place of a column stands for that of a row."""
    places = torch.arange(length)
    return places[None] - places[:, None] + side // 2
