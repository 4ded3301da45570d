"""A language model's losses at its targets, without ever holding the logits of all its tokens.

The last linear layer of such a model gives a whole vocabulary for every token: of 4,000 tokens and
32,000 words half a gigabyte in float32, several times over until the gradient is there. Here it is
computed for tokens that have a target alone, some at a time, and of these what is left is their losses
and the gradient:

    L = −(1 − s) ln p_y − s/V Σ ln p,    ∂L/∂z = p − (1 − s) 1_y − s/V

with z the logits, p = softmax(z), y the target, s the label smoothing and V the size of the vocabulary.

The layer answers in the model's own forward pass, so that whatever wraps the model (DDP, FSDP2,
autocast, adapters) notices nothing.

Shape legend: b texts of a batch, t tokens of the longest, n targets, h width, V words.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from tunesmith.models.fast.kinds import HEADS, PIECE_BYTES
from tunesmith.models.sharded import bare
from tunesmith.tasks.task import IGNORED

FEWEST_ROWS = 64
"""In a piece, however large the vocabulary is."""

Gradients = tuple[Tensor | None, ...]


def head_of(model: nn.Module) -> nn.Linear | None:
    """The layer that gives the logits, where it can answer for targets alone; None: the model is asked the plain way.

    It cannot where something else is done to the logits, where an adapter took its place, or in a compiled model.
    """
    inner = bare(model)
    kind = getattr(getattr(inner, "config", None), "model_type", "")
    if kind not in HEADS or getattr(inner, "_compiled_call_impl", None) is not None:
        return None
    head = inner.get_output_embeddings()  # type: ignore[operator]
    return head if type(head) is nn.Linear else None


def summed_loss(
    model: nn.Module, inputs: dict[str, Tensor], labels: Tensor, head: nn.Linear, *, smoothing: float = 0.0
) -> Tensor:
    """The cross-entropy over all targets of ``labels`` (b, t), in float32, summed; with its gradient."""

    def answer(hidden: Tensor) -> Tensor:
        rows, targets = _at_targets(hidden, labels)
        result: Tensor = _SummedLoss.apply(rows, head.weight, head.bias, targets, smoothing)  # type: ignore[no-untyped-call]
        return result

    with _answering(head, answer):
        found: Tensor = model(**inputs).logits
    return found


def target_logits(model: nn.Module, inputs: dict[str, Tensor], labels: Tensor, head: nn.Linear) -> Tensor:
    """The logits of all targets of ``labels`` (b, t), in their order, (n, V); with their gradient."""

    def answer(hidden: Tensor) -> Tensor:
        rows, _ = _at_targets(hidden, labels)
        return nn.functional.linear(rows, head.weight, head.bias)

    with _answering(head, answer):
        found: Tensor = model(**inputs).logits
    return found


def each_loss(model: nn.Module, inputs: dict[str, Tensor], labels: Tensor, head: nn.Linear) -> tuple[Tensor, Tensor]:
    """Of each target of ``labels`` (b, t) the loss in nats, and whether it was the likeliest word: (b, t) both.

    Zero where there is no target. Without a gradient.
    """

    def answer(hidden: Tensor) -> Tensor:
        rows, targets = _at_targets(hidden, labels)
        return torch.stack([torch.cat(part) for part in zip(*_judged(rows, head, targets), strict=True)])

    with torch.no_grad(), _answering(head, answer):
        found = model(**inputs).logits
    losses, right = (
        torch.zeros(2, *labels.shape, device=found.device)
        .flatten(1)
        .index_copy(1, _places(labels), found)
        .view(2, *labels.shape)
    )
    return losses, right


@contextmanager
def _answering(head: nn.Linear, answer: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """While this lasts, the layer answers its input (b, t, h) in this way."""
    vars(head)["forward"] = answer
    try:
        yield
    finally:
        del vars(head)["forward"]


def _places(labels: Tensor) -> Tensor:
    return (labels.flatten() != IGNORED).nonzero().squeeze(1)


def _at_targets(hidden: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """(b, t, h) and (b, t) → (n, h) and (n,)."""
    places = _places(labels)
    rows, targets = hidden.flatten(0, 1), labels.flatten()
    if len(places) == len(rows):
        return rows, targets
    return rows.index_select(0, places), targets.index_select(0, places)


def _pieces(rows: Tensor, words: int) -> Iterator[slice]:
    count = max(FEWEST_ROWS, PIECE_BYTES // (4 * words))
    # Pieces of one size: a last sliver would be a slow product of its own.
    parts = max(1, -(-len(rows) // count))
    size = max(1, -(-len(rows) // parts))
    return (slice(at, at + size) for at in range(0, len(rows), size))


def _computed_in(rows: Tensor, weight: Tensor) -> torch.dtype:
    """The type of the products: under autocast its own, else the weights'."""
    device = rows.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype


def _logits(rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    found = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)
    return found.float()


def _judged(rows: Tensor, head: nn.Linear, targets: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Losses and whether the target was the likeliest word, piece by piece."""
    dtype = _computed_in(rows, head.weight)
    weight, bias = head.weight.to(dtype), None if head.bias is None else head.bias.to(dtype)
    yield rows.new_zeros(0, dtype=torch.float32), rows.new_zeros(0, dtype=torch.float32)
    for piece in _pieces(rows, len(weight)):
        logits, wanted = _logits(rows[piece].to(dtype), weight, bias), targets[piece, None]
        own = logits.gather(1, wanted)
        yield (logits.logsumexp(1, keepdim=True) - own).squeeze(1), (logits.argmax(1) == targets[piece]).float()


class _SummedLoss(torch.autograd.Function):
    """The gradient is computed at once with the loss, while a piece's logits are there, and scaled afterwards."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor | None, *rest: Any) -> Tensor:
        targets, smoothing = rest
        dtype, words = _computed_in(rows, weight), len(weight)
        w, b = weight.to(dtype), None if bias is None else bias.to(dtype)
        wants = ctx.needs_input_grad
        grads = [torch.empty_like(rows) if wants[0] else None, *_zeros(weight, bias, wants)]
        loss = torch.zeros((), device=rows.device)
        for piece in _pieces(rows, words):
            part, wanted = rows[piece].to(dtype), targets[piece, None]
            log_p = _logits(part, w, b).log_softmax(1)
            loss -= (1 - smoothing) * log_p.gather(1, wanted).sum()
            if smoothing:
                loss -= smoothing / words * log_p.sum()
            if any(wants[:3]):
                _add_gradients(grads, _slope(log_p, wanted, smoothing).to(dtype), piece, part, w)
        ctx.grads = grads
        return loss

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Gradients:
        grads, ctx.grads = ctx.grads, None
        if grads is None:
            raise RuntimeError("the gradient of these losses was already taken")
        return (*(None if grad is None else grad.mul_(gradients[0]) for grad in grads), None, None)


def _zeros(weight: Tensor, bias: Tensor | None, wants: tuple[bool, ...]) -> list[Tensor | None]:
    pairs = ((weight, wants[1]), (bias, wants[2]))
    return [torch.zeros_like(value) if wanted and value is not None else None for value, wanted in pairs]


def _slope(log_p: Tensor, wanted: Tensor, smoothing: float) -> Tensor:
    """∂L/∂z of each row, (n, V), in the place of its log-probabilities."""
    slope = log_p.exp_()
    slope.scatter_add_(1, wanted, slope.new_full((1, 1), smoothing - 1).expand_as(wanted))
    return slope.sub_(smoothing / slope.shape[1]) if smoothing else slope


def _add_gradients(grads: list[Tensor | None], slope: Tensor, piece: slice, part: Tensor, weight: Tensor) -> None:
    of_rows, of_weight, of_bias = grads
    if of_rows is not None:
        of_rows[piece] = slope @ weight
    if of_weight is not None:
        if slope.dtype == of_weight.dtype:
            of_weight.addmm_(slope.T, part)
        else:
            of_weight += slope.T @ part
    if of_bias is not None:
        of_bias += slope.sum(0)
