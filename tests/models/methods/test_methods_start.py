"""The start of a head: the one best linear answer, found whatever the units of what it reads."""

from typing import Any

import numpy as np
import pytest
import torch
from encoders import SEQUENCE, TOKEN, answers, batch, made
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from tunesmith.models.losses import summed_binary_cross_entropy, summed_cross_entropy, summed_squared_error
from tunesmith.models.methods import solved
from tunesmith.models.methods.frozen import Frozen
from tunesmith.models.methods.mean import read_by_mean
from tunesmith.models.methods.solved import solve
from tunesmith.models.methods.start import started


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    return summed_cross_entropy(logits, targets, smoothing=0.0)


def rows(count: int = 300, width: int = 6) -> tuple[Tensor, Tensor]:
    """Inputs of quite different units, and three classes that they tell in part."""
    random = np.random.default_rng(3)
    plain = random.normal(size=(count, width))
    classes = (plain[:, :3] + 0.7 * random.normal(size=(count, 3))).argmax(1)
    units = np.asarray([1.0, 100.0, 0.01, 5.0, 1.0, 3.0])
    return torch.from_numpy(plain * units + 7).float(), torch.from_numpy(classes)


def test_the_solution_is_that_of_another_library(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, targets = rows()
    monkeypatch.setattr(solved, "DECAYS", (0.01,))
    found = solve(inputs, targets, cross_entropy, outputs=3, seed=1)
    standard = ((inputs - inputs.mean(0)) / inputs.std(0, correction=0)).numpy()
    other = LogisticRegression(C=1 / (0.01 * len(inputs)), max_iter=1000).fit(standard, targets.numpy())
    answered = torch.softmax(inputs @ found.weight.T + found.bias, -1).numpy()
    assert np.allclose(answered, other.predict_proba(standard), atol=5e-3)


def test_weights_are_held_down_the_more_the_less_there_is_to_learn() -> None:
    inputs, targets = rows()
    drawn = torch.from_numpy(np.random.default_rng(4).integers(0, 3, len(targets)))
    decays = [solve(inputs, wanted, cross_entropy, outputs=3, seed=1).decay for wanted in (targets, drawn)]
    assert decays[0] < decays[1]


def test_a_column_that_never_varies_is_no_trouble() -> None:
    inputs, targets = rows()
    inputs[:, 5] = 4.0
    found = solve(inputs, targets, cross_entropy, outputs=3, seed=1)
    assert bool(found.weight.isfinite().all()) and not found.weight[:, 5].any()


def test_scores_and_sets_of_labels_are_solved_for_by_their_own_losses() -> None:
    inputs, _ = rows()
    score = inputs[:, 0] * 2 - 3
    flags = (inputs[:, :2] > 7).float()
    line = solve(inputs, score, lambda z, y: summed_squared_error(z, y, smoothing=0.0), outputs=1, seed=1)
    assert torch.allclose((inputs @ line.weight.T + line.bias).squeeze(-1), score, atol=0.05)
    both = solve(inputs, flags, lambda z, y: summed_binary_cross_entropy(z, y, smoothing=0.0), outputs=2, seed=1)
    assert float(((inputs @ both.weight.T + both.bias > 0) == flags.bool()).float().mean()) > 0.97


# ---------------------------------------------------------------- in a model


def labelled(kind: str, labels: Any) -> dict[str, np.ndarray]:
    """Texts of the first half of the words, and of the second: classes 0 and 1; a fifth has no label."""
    found = batch(kind, lengths=(9, 5, 3, 7) * 10, seed=2)
    low = np.arange(40) % 2
    found["input_ids"] = (found["input_ids"] % 18 + 3 + 18 * low[:, None]) * found["attention_mask"]
    return {**found, "labels": labels(low, found["attention_mask"])}


def of_texts(low: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(np.arange(40) % 5 == 4, -100, low)


def of_tokens(low: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask == 1, low[:, None], -100)


@pytest.mark.parametrize("kind", ["bert", "electra", "roberta", "distilbert", "modernbert"])
@pytest.mark.parametrize(("auto_class", "labels"), [(SEQUENCE, of_texts), (TOKEN, of_tokens)])
def test_a_head_begins_with_the_right_answers(kind: str, auto_class: str, labels: Any) -> None:
    model, given = made(kind, auto_class), labelled(kind, labels)
    if auto_class == SEQUENCE:
        read_by_mean(model)
    frozen = Frozen(model, 0, auto_class=auto_class, cache=None)
    note = started(frozen.model, [given], cross_entropy, auto_class=auto_class, seed=1)
    assert note.startswith(f"the head begins at the best linear answer to {(given['labels'] >= 0).sum()} targets (λ ")
    wanted = given["labels"] if auto_class == SEQUENCE else given["labels"][given["attention_mask"] == 1]
    right = answers(frozen.whole(None), given).argmax(-1).numpy() == wanted
    assert right[wanted >= 0].mean() > 0.65, "by chance it would be a half"


def test_where_nothing_can_be_solved_the_model_stays_as_it_is() -> None:
    model, given = made(), batch()
    before = answers(model, given)
    few = {**given, "labels": np.asarray([0, 1, 0, 1])}
    assert not started(model, [few], cross_entropy, auto_class=SEQUENCE, seed=1)
    assert not started(model, [], cross_entropy, auto_class=SEQUENCE, seed=1)
    assert not started(nn.Identity(), [few], cross_entropy, auto_class=SEQUENCE, seed=1)
    assert torch.equal(answers(model, given), before)
