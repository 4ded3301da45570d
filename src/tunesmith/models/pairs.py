"""Likelihoods of two answers to one question, and what a model learns from them.

Shape legend: b pairs, 2b texts (the better answers first), t tokens of the longest.
"""

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, logsigmoid

from tunesmith.models.inputs import tensors
from tunesmith.models.targets import each_loss, head_of, target_logits
from tunesmith.tasks.task import IGNORED, Batch


def likelihoods(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Log-probability of each answer and its tokens, (2b,) both; with a gradient."""
    device = next(model.parameters()).device
    targets = torch.from_numpy(batch["targets"]).to(device)
    head, inputs = head_of(model), tensors(batch, device)
    counts = targets != IGNORED
    logits = model(**inputs).logits[counts] if head is None else target_logits(model, inputs, targets, head)
    losses = cross_entropy(logits.float(), targets[counts], reduction="none")
    texts = counts.nonzero()[:, 0]
    summed = torch.zeros(len(targets), device=device).index_add(0, texts, losses)
    return -summed, counts.sum(1)


def pair_likelihoods(model: nn.Module, batch: Batch) -> NDArray[Any]:
    """(b, 4): log-probability and tokens of the better answer, then of the worse. Without a gradient."""
    device = next(model.parameters()).device
    head, targets = head_of(model), torch.from_numpy(batch["targets"]).to(device)
    if head is None:
        found, tokens = likelihoods(model, batch)
    else:
        losses, _ = each_loss(model, tensors(batch, device), targets, head)
        found, tokens = -losses.sum(1), (targets != IGNORED).sum(1)
    both = torch.stack([found, tokens.float()], 1)
    result: NDArray[Any] = torch.cat(both.chunk(2), 1).double().cpu().numpy()
    return result


def dpo(found: Tensor, start: Tensor, *, beta: float) -> Tensor:
    """Direct preference optimisation (Rafailov et al. 2023, equation 7), of each pair, (b,).

    −ln σ(β [(ln π(y⁺) − ln π₀(y⁺)) − (ln π(y⁻) − ln π₀(y⁻))])

    Args:
        found: ln π, (2b,).
        start: ln π₀, of the model that the training began with, (2b,).
        beta: how dearly it is paid for to move away from the start.
    """
    better, worse = (found - start).chunk(2)
    return -logsigmoid(beta * (better - worse))


def orpo(found: Tensor, tokens: Tensor, *, beta: float) -> Tensor:
    """Odds ratio preference optimisation (Hong et al. 2024, equations 3 to 7), of each pair, (b,).

    −p⁺ − λ ln σ(ln odds⁺ − ln odds⁻), with p the mean log-probability of an answer's tokens and
    ln odds = p − ln(1 − eᵖ). The first part teaches the better answer, so no start is needed.

    Args:
        found: log-probabilities of whole answers, (2b,).
        tokens: of each answer, (2b,).
        beta: λ.
    """
    mean = found / tokens.clamp(min=1)
    # A token that is sure has no odds: a probability this near to one is rounding.
    odds = mean - torch.log(-torch.expm1(mean.clamp(max=-torch.finfo(mean.dtype).eps)))
    better, worse = odds.chunk(2)
    return -mean.chunk(2)[0] - beta * logsigmoid(better - worse)
