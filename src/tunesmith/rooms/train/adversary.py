"""Adversarial training in the embeddings: the fast gradient method for texts."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tunesmith.errors import ModelError
from tunesmith.models.sharded import bare
from tunesmith.rooms.train.measures import Measure
from tunesmith.tasks.task import Batch
from tunesmith.words import say


class Adversarial:
    """FGM (Miyato, Dai & Goodfellow 2017): L(e) + L(e + ε g / ‖g‖), g the gradient of L at a text's embeddings e.

    ‖g‖ is the norm over all words of one text. The embeddings are moved on their way into
    the encoder, not in their table, so no weight is touched, and a word that stands in
    several texts is moved differently in each.

    Args:
        length: ε.
    """

    def __init__(self, measure: Measure, *, length: float) -> None:
        self._measure, self._length = measure, length

    def __call__(self, model: nn.Module, batch: Batch) -> Iterator[Tensor]:
        """The loss as it is, then, once its gradient is known, the loss for the moved embeddings.

        Raises:
            ModelError: the model did not embed the batch (its lower layers came from a cache).
        """
        with recorded(model) as embedded:
            loss = self._measure(model, batch).loss
        if not embedded:
            raise _without_embeddings(model)
        yield loss
        with moved(model, [steepest(part, self._length) for part in embedded]):
            yield self._measure(model, batch).loss


def steepest(embedded: Tensor, length: float) -> Tensor:
    """ε g / ‖g‖ for each text of (b, t, h); zero where there is no gradient."""
    gradient = embedded.grad
    if gradient is None:
        return torch.zeros_like(embedded)
    norm = gradient.flatten(1).norm(dim=1).clamp(min=torch.finfo(gradient.dtype).tiny)
    step: Tensor = length * gradient / norm.view(-1, *[1] * (gradient.ndim - 1))
    return step


@contextmanager
def recorded(model: nn.Module) -> Iterator[list[Tensor]]:
    """While this lasts, the outputs of the input embedding are collected, each keeping its gradient."""
    found: list[Tensor] = []

    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        # A frozen table's output asks for no gradient by itself.
        output = output if output.requires_grad else output.detach().requires_grad_()
        output.retain_grad()
        found.append(output)
        return output

    hook = _table(model).register_forward_hook(record)
    try:
        yield found
    finally:
        hook.remove()


@contextmanager
def moved(model: nn.Module, steps: list[Tensor]) -> Iterator[None]:
    """While this lasts, each output of the input embedding is moved by the next of ``steps``.

    Raises:
        ModelError: not all of them were asked for, so a pass was not what it seems (a compiled graph may skip hooks).
    """
    left = iter(steps)
    hook = _table(model).register_forward_hook(lambda module, inputs, output: output + next(left))
    try:
        yield
    finally:
        hook.remove()
    if next(left, None) is not None:
        raise _without_embeddings(model)


def _without_embeddings(model: nn.Module) -> ModelError:
    return ModelError(
        expected=say("a model that embeds its texts in every pass", "每次前向都计算词嵌入的模型"),
        got=type(model).__name__,
        do=say(
            "leave out regularise.adversarial, or say train.cache_frozen=false train.compile=false",
            "请去掉 regularise.adversarial，或设 train.cache_frozen=false train.compile=false",
        ),
    )


def _table(model: nn.Module) -> nn.Module:
    table: nn.Module = bare(model).get_input_embeddings()  # type: ignore[operator]
    return table
