"""Where each text of a batch lies once its padding is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

CPU = torch.device("cpu")

CHUNK_SCORES = 1 << 14
"""Attention scores of one head that are worked on together: with 12 heads they stay in a core's cache."""

MOST_PADDING = 1.3
"""Texts of unequal length share a chunk while their rectangle is at most this many times their tokens' squares."""


@dataclass(frozen=True)
class Chunk:
    """Neighbouring texts whose attention is computed together: ``count`` of them, padded to ``width`` places.

    ``start`` and ``stop`` bound their tokens in the packed row. Where the texts are of
    unequal length, of the count·width places ``index`` says which token stands there,
    ``own`` which places hold the tokens themselves, in order; ``is_pad`` (count, 1, 1,
    width) marks the places behind a text's end and ``is_real`` (count, 1, width, 1) the others.
    """

    count: int
    width: int
    start: int
    stop: int
    index: Tensor | None = None
    own: Tensor | None = None
    is_pad: Tensor | None = None
    is_real: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """A batch of b texts with T real tokens on b·t places; ``real`` are those places (T,), None where all are.

    It stands where a model expects its attention mask, so it reaches every layer by itself.
    """

    lengths: tuple[int, ...]
    width: int
    real: Tensor | None
    device: torch.device = CPU

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Place of each text's first token in the packed row."""
        return tuple(accumulate(self.lengths[:-1], initial=0))

    @cached_property
    def firsts(self) -> Tensor:
        """The same, (b,)."""
        return torch.tensor(self.starts, device=self.device)

    @cached_property
    def is_pad(self) -> Tensor | None:
        """Places behind a text's end, (b, t); None where there are none."""
        if self.real is None:
            return None
        places = torch.arange(self.width, device=self.device)
        return places >= torch.tensor(self.lengths, device=self.device)[:, None]

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The texts in runs that are worth computing together."""
        return tuple(_chunks(self.lengths, self.starts, CHUNK_SCORES))

    @cached_property
    def runs(self) -> tuple[Chunk, ...]:
        """The same for a kernel that keeps scores in the cache by itself: as long as lengths are alike."""
        return tuple(_chunks(self.lengths, self.starts, None))

    @cached_property
    def positions(self) -> Tensor:
        """Each token's place in its own text, (T,)."""
        return torch.cat([torch.arange(length) for length in self.lengths]).to(self.device)

    def rotations(self, given: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Rotary cosines and sines (1, t, d) of places, or (b, t, d) of each text's own → (1, T, d) of tokens."""
        # Every layer of a pass is given the same two tensors: once is enough.
        if self._rotated.get("given") is not given:
            is_shared = len(given[0]) == 1
            cos, sin = (part.index_select(1, self.positions) if is_shared else self.pack(part) for part in given)
            self._rotated.update(given=given, found=(cos, sin))
        found: tuple[Tensor, Tensor] = self._rotated["found"]
        return found

    @cached_property
    def _rotated(self) -> dict[str, Any]:
        return {}

    def pack(self, padded: Tensor) -> Tensor:
        """(b, t, …) → (1, T, …)."""
        flat = padded.flatten(0, 1)
        return (flat if self.real is None else flat.index_select(0, self.real)).unsqueeze(0)

    def unpack(self, packed: Tensor) -> Tensor:
        """(1, T, …) → (b, t, …), zero where nothing was."""
        rows, shape = packed[0], (len(self.lengths), self.width, *packed.shape[2:])
        if self.real is None:
            return rows.view(shape)
        empty = rows.new_zeros((shape[0] * shape[1], *shape[2:]))
        return empty.index_copy(0, self.real, rows).view(shape)


def layout_of(mask: Tensor | None, shape: tuple[int, int], device: torch.device) -> Layout:
    """The layout of a batch whose texts begin at place 0, from its mask (b, t), or of one without padding."""
    rows, width = shape
    if mask is None:
        return Layout((width,) * rows, width, None, device)
    lengths = tuple(mask.sum(1).tolist())
    if min(lengths) == width:
        return Layout(lengths, width, None, device)
    return Layout(lengths, width, mask.flatten().nonzero().squeeze(1), device)


def _chunks(lengths: Sequence[int], starts: Sequence[int], most: int | None) -> list[Chunk]:
    found = []
    at = 0
    while at < len(lengths):
        end, widest, squares = at + 1, lengths[at], lengths[at] ** 2
        while end < len(lengths):
            wider, more = max(widest, lengths[end]), squares + lengths[end] ** 2
            area = (end + 1 - at) * wider**2
            if (most is not None and area > most) or area > MOST_PADDING * more:
                break
            end, widest, squares = end + 1, wider, more
        found.append(_chunk(lengths, starts, at, end))
        at = end
    return found


def _chunk(lengths: Sequence[int], starts: Sequence[int], at: int, end: int) -> Chunk:
    width, start, stop = max(lengths[at:end]), starts[at], starts[end - 1] + lengths[end - 1]
    if min(lengths[at:end]) == width:
        return Chunk(end - at, width, start, stop)
    mine, places = torch.tensor(lengths[at:end])[:, None], torch.arange(width)
    # A place behind a text's end repeats its last token: finite, and masked out.
    index = torch.tensor(starts[at:end])[:, None] - start + torch.minimum(places, mine - 1)
    is_real = places < mine
    return Chunk(
        end - at,
        width,
        start,
        stop,
        index=index.flatten(),
        own=is_real.flatten().nonzero().squeeze(1),
        is_pad=~is_real[:, None, None, :],
        is_real=is_real[:, None, :, None],
    )
