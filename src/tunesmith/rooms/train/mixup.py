"""Mixup of embedded texts: learning from points between two texts.

Of the places where texts can be mixed, this is the sentence embedding that goes into the
last linear layer (senMixup of Guo, Mao & Zhang 2019; manifold mixup of Verma et al. 2019 at
that layer). Two texts differ in length and order of words, so a mixture of their word
embeddings is no text; and past the encoder it does not matter how the encoder computed,
with padding or without.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tunesmith.errors import ModelError, Problem, SettingsError
from tunesmith.models.head import output_layer
from tunesmith.models.sharded import bare
from tunesmith.rooms.train.measures import Criterion, Measured, answered
from tunesmith.seeds import generator
from tunesmith.tasks.task import Batch
from tunesmith.words import say


class Mixup:
    """Mixup (Zhang et al. 2018): h = λ hᵢ + (1 − λ) hⱼ, and the loss λ L(yᵢ) + (1 − λ) L(yⱼ), λ ~ Beta(α, α).

    As in the authors' code, a batch shares one λ and each item has one partner in it. Both
    are a function of the step's seed alone, so several passes of a step mix alike.

    Raises:
        SettingsError: the labels are not one a text.
    """

    def __init__(self, criterion: Criterion, *, alpha: float) -> None:
        self._criterion, self._alpha = criterion, alpha

    def __call__(self, model: nn.Module, batch: Batch) -> Measured:
        """The loss of one pass in which every item is mixed with its partner."""
        if batch["labels"].ndim != 1:
            raise SettingsError(
                [
                    Problem(
                        path="regularise.mixup",
                        expected=say("0, unless each text has one label", "0，除非每条文本只有一个标签"),
                        got=f"{self._alpha}",
                    )
                ],
                do=say("leave it out for this task", "该任务请勿使用"),
            )
        random = generator(torch.initial_seed(), "mixup")
        share = float(random.beta(self._alpha, self._alpha))
        partner = torch.from_numpy(random.permutation(len(batch["labels"])))
        with mixed(model, share, partner):
            logits, labels = answered(model, batch)
        own, other = self._criterion(logits, labels), self._criterion(logits, labels[partner.to(labels.device)])
        return Measured(share * own + (1 - share) * other, logits, labels)


@contextmanager
def mixed(model: nn.Module, share: float, partner: Tensor) -> Iterator[None]:
    """While this lasts, the last layer's inputs (b, h) are mixed with those of their partners (b,).

    Raises:
        ModelError: the model has no such layer, or did not use it.
    """
    layer, calls = last_linear(bare(model)), 0

    def mix(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        nonlocal calls
        calls += 1
        hidden = inputs[0]
        return (share * hidden + (1 - share) * hidden[partner.to(hidden.device)], *inputs[1:])

    hook = layer.register_forward_pre_hook(mix)
    try:
        yield
    finally:
        hook.remove()
    if calls != 1:
        raise _without_head(model)


def last_linear(model: nn.Module) -> nn.Linear:
    """The layer that gives the logits: the last linear one with as many outputs as there are labels.

    Raises:
        ModelError: there is none.
    """
    found = output_layer(model)
    if found is None:
        raise _without_head(model)
    return found


def _without_head(model: nn.Module) -> ModelError:
    return ModelError(
        expected=say("a model that ends in one linear layer over its labels", "以单个线性层输出标签的模型"),
        got=type(model).__name__,
        do=say(
            "leave out regularise.mixup, or say train.compile=false",
            "请去掉 regularise.mixup，或设 train.compile=false",
        ),
    )
