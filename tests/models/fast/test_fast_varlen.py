"""Attention over packed texts in one call: against each text by itself, written out."""

import pytest
import torch

from tunesmith.models.fast.varlen import takes, varlen

LENGTHS = (5, 1, 7, 3)


def packed(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(sum(LENGTHS), 2, 8, generator=generator, dtype=torch.float64).requires_grad_()


def test_every_text_attends_to_itself_alone() -> None:
    q, k, v = packed(1), packed(2), packed(3)
    out = varlen(q, k, v, LENGTHS, scale=0.3)
    at = 0
    for length in LENGTHS:
        text = slice(at, at + length)
        scores = torch.einsum("qhd,khd->hqk", q[text], k[text]) * 0.3
        expected = torch.einsum("hqk,khd->qhd", scores.softmax(-1), v[text])
        torch.testing.assert_close(out[text], expected)
        at += length


def test_another_texts_values_have_no_gradient() -> None:
    q, k, v = packed(1), packed(2), packed(3)
    varlen(q, k, v, LENGTHS, scale=0.3)[: LENGTHS[0]].sum().backward()
    assert v.grad is not None and k.grad is not None
    assert v.grad[: LENGTHS[0]].abs().sum() > 0
    assert not v.grad[LENGTHS[0] :].any() and not k.grad[LENGTHS[0] :].any()


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_the_kernel_is_for_gpus_alone(dropout: float) -> None:
    assert not takes(packed(1).detach().to(torch.bfloat16), dropout=dropout)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_kernel_gives_the_same() -> None:
    q, k, v = (packed(seed).detach().to("cuda", torch.bfloat16) for seed in (1, 2, 3))
    assert takes(q, dropout=0.0) and not takes(q, dropout=0.1)
    alone = varlen(q.cpu(), k.cpu(), v.cpu(), LENGTHS, scale=0.3)
    torch.testing.assert_close(varlen(q, k, v, LENGTHS, scale=0.3).cpu(), alone, atol=2e-2, rtol=2e-2)
