"""Talks in the loop: the gradient of a step does not depend on how its talks are cut into passes, or on the padding."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from made import TEMPLATE, encoded
from tunesmith.models.losses import LOSSES
from tunesmith.rooms.train.learn import Learner
from tunesmith.rooms.train.objectives import objective_for
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.rooms.train.source import Source
from tunesmith.settings import RegulariseSettings, TrainSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded

# Questions and answers of very unequal length: a mean over passes would weigh the short ones too much.
LENGTHS = ((3, 1), (2, 12), (9, 4), (1, 1), (4, 30), (5, 2))
END = 2


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    columns: dict[str, list[object]] = {name: [] for name in ("ids", "target", "cuts", "characters")}
    for asked, answer in LENGTHS:
        columns["ids"].append([1, *random.integers(5, 40, asked + answer).tolist(), END])
        columns["target"].append([0] * (1 + asked) + [1] * (answer + 1))
        columns["cuts"].append([1, 1 + asked])
        columns["characters"].append(answer)
    path = tmp_path / "talks.arrow"
    encoded(path, [columns])
    return path


def gradients(rows: Path, size: int, pad: int) -> tuple[list[Tensor], float, int]:
    """Of one step over all talks in passes of ``size``: gradients, loss, targets."""
    torch.manual_seed(5)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    model: nn.Module = LlamaForCausalLM(LlamaConfig(vocab_size=40, **shape))
    task = TASKS.get("chat")
    template = TEMPLATE.model_copy(update={"pad": pad})
    settings = TrainSettings(batch_size=len(LENGTHS))
    source = Source(Encoded(rows), task=task, template=template, max_length=24, settings=settings)
    objective = objective_for(RegulariseSettings(), LOSSES.get(task.loss), writes=True)
    learner = Learner(model, objective, source, micro_batch_size=size, ranks=Ranks())
    learned = learner.gradients(np.arange(len(source.items)))
    return [value.grad for value in model.parameters() if value.grad is not None], learned.loss, learned.targets


def test_passes_of_any_size_are_one_batch(rows: Path) -> None:
    whole, loss, targets = gradients(rows, 16, pad=0)
    assert targets == sum(answer + 1 for _, answer in LENGTHS)
    for size in (1, 2, 4):
        parts, other, count = gradients(rows, size, pad=0)
        assert (other, count) == (pytest.approx(loss, abs=1e-6), targets)
        for one, two in zip(whole, parts, strict=True):
            torch.testing.assert_close(one, two, atol=1e-6, rtol=1e-4)


def test_a_padding_token_that_ends_answers_changes_nothing(rows: Path) -> None:
    whole, loss, targets = gradients(rows, 16, pad=0)
    same, other, count = gradients(rows, 16, pad=END)
    assert (other, count) == (pytest.approx(loss, abs=1e-7), targets)
    for one, two in zip(whole, same, strict=True):
        torch.testing.assert_close(one, two, atol=1e-7, rtol=1e-5)
