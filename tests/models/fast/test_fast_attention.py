"""Packed attention against its formula, with the very masks that it draws, and the layout it works on."""

import itertools

import pytest
import torch
from torch import Tensor

from tunesmith.models.fast import layout as layouts
from tunesmith.models.fast.attention import packed_attention
from tunesmith.models.fast.dropout import byte_mask, kept_scale
from tunesmith.models.fast.layout import Layout, layout_of

LENGTHS = (5, 3, 3, 8, 1, 60)
HEADS, WIDTH = 2, 4
CPU = torch.device("cpu")


def triple(tokens: int, seed: int = 0) -> list[Tensor]:
    torch.manual_seed(seed)
    return [torch.randn(tokens, HEADS, WIDTH, dtype=torch.float64, requires_grad=True) for _ in range(3)]


def formula(q: Tensor, k: Tensor, v: Tensor, layout: Layout, scale: float, levels: int, window: int | None) -> Tensor:
    """softmax(s·QKᵀ)V text by text; the masks of dropout drawn in the order of the chunks."""
    masks = iter(
        [byte_mask(torch.Size((c.count * HEADS, c.width, c.width)), levels) for c in layout.chunks] if levels else []
    )
    parts, texts = [], iter(zip(layout.starts, layout.lengths, strict=True))
    for chunk in layout.chunks:
        mask = next(masks).view(chunk.count, HEADS, chunk.width, chunk.width) if levels else None
        for at in range(chunk.count):
            start, length = next(texts)
            mine = slice(start, start + length)
            scores = torch.einsum("ihd,jhd->hij", q[mine], k[mine]) * scale
            if window is not None:
                places = torch.arange(length)
                scores = scores.masked_fill((places[:, None] - places).abs() >= window, -torch.inf)
            p = scores.softmax(-1)
            if mask is not None:
                p = p * mask[at, :, :length, :length] * kept_scale(levels)
            parts.append(torch.einsum("hij,jhd->ihd", p, v[mine]))
    return torch.cat(parts)


@pytest.mark.parametrize("window", [None, 3])
@pytest.mark.parametrize("levels", [0, 26])
@pytest.mark.parametrize("most", [16, 1 << 14])
def test_values_and_gradients_are_those_of_the_formula(
    levels: int, window: int | None, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layouts, "CHUNK_SCORES", most)
    layout = Layout(LENGTHS, max(LENGTHS), None)
    results = []
    for way in (packed_attention, formula):
        q, k, v = triple(sum(LENGTHS))
        torch.manual_seed(9)
        out = way(q, k, v, layout, scale=0.5, levels=levels, window=window)
        (out * torch.arange(out.numel(), dtype=out.dtype).view(out.shape).sin()).sum().backward()
        results.append((out, q.grad, k.grad, v.grad))
    for ours, right in zip(*results, strict=True):
        assert (ours - right).abs().max() < 1e-12


def test_texts_do_not_see_each_other() -> None:
    layout = Layout((4, 6), 6, None)
    q, k, v = triple(10)
    out = packed_attention(q, k, v, layout, scale=1.0)
    out[:4].sum().backward()
    for part in (q, k, v):
        assert part.grad is not None
        assert part.grad[4:].abs().max() == 0
        assert torch.isfinite(part.grad).all()


def test_chunks_cover_every_text_once_and_long_ones_stand_alone() -> None:
    lengths = (3, 3, 4, 200, 190, 7, 7, 7, 12, 1)
    chunks = Layout(lengths, 200, None).chunks
    assert sum(chunk.count for chunk in chunks) == len(lengths)
    assert [chunk.count for chunk in chunks if chunk.width > 100] == [1, 1]
    assert all(a.stop == b.start for a, b in itertools.pairwise(chunks))
    assert chunks[-1].stop == sum(lengths)
    for chunk in chunks:
        if chunk.own is not None:
            assert chunk.index is not None
            assert chunk.index[chunk.own].tolist() == list(range(chunk.stop - chunk.start))


def test_packing_and_unpacking_are_inverse() -> None:
    mask = torch.tensor([[1, 1, 0], [1, 1, 1], [1, 0, 0]])
    padded = torch.randn(3, 3, 5) * mask[:, :, None]
    layout = layout_of(mask, (3, 3), CPU)
    packed = layout.pack(padded)
    assert packed.shape == (1, 6, 5)
    assert torch.equal(layout.unpack(packed), padded)
    assert layout.positions.tolist() == [0, 1, 0, 1, 2, 0]
    assert layout.firsts.tolist() == [0, 2, 5]


def test_a_full_batch_needs_no_index() -> None:
    layout = layout_of(torch.ones(2, 4), (2, 4), CPU)
    assert layout.real is None and layout.is_pad is None
    assert layout.pack(torch.zeros(2, 4, 3)).shape == (1, 8, 3)
