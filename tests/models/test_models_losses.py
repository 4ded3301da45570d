"""The sum of losses over the targets that count, against torch's own and against the formula."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, log_softmax

from tunesmith.models.losses import (
    LOSSES,
    balanced_weights,
    summed_binary_cross_entropy,
    summed_cross_entropy,
    summed_squared_error,
)


@pytest.fixture
def logits() -> torch.Tensor:
    """(5, 3), far from uniform."""
    return torch.randn(5, 3, generator=torch.Generator().manual_seed(1)) * 3


TARGETS = torch.tensor([0, 2, 1, 1, 0])


def test_it_is_the_sum_over_rows_and_not_the_mean(logits: torch.Tensor) -> None:
    by_hand = -sum(math.log(torch.softmax(row, 0)[target]) for row, target in zip(logits, TARGETS, strict=True))
    assert summed_cross_entropy(logits, TARGETS, smoothing=0.0).item() == pytest.approx(by_hand, rel=1e-5)


def test_pieces_of_a_batch_add_up_to_the_whole(logits: torch.Tensor) -> None:
    whole = summed_cross_entropy(logits, TARGETS, smoothing=0.1)
    pieces = [summed_cross_entropy(logits[part], TARGETS[part], smoothing=0.1) for part in (slice(1), slice(1, 5))]
    assert sum(pieces).item() == pytest.approx(whole.item(), rel=1e-6)


def test_ignored_targets_add_nothing_and_pull_nothing(logits: torch.Tensor) -> None:
    targets = torch.tensor([0, -100, 1, -100, 0])
    leaf = logits.clone().requires_grad_()
    loss = summed_cross_entropy(leaf, targets, smoothing=0.1)
    loss.backward()
    kept = targets != -100
    assert loss.item() == pytest.approx(summed_cross_entropy(logits[kept], targets[kept], smoothing=0.1).item())
    assert leaf.grad is not None
    assert (leaf.grad[~kept] == 0).all()
    assert (leaf.grad[kept] != 0).any(dim=1).all()


def test_a_batch_of_ignored_targets_alone_is_zero_and_not_nan(logits: torch.Tensor) -> None:
    assert summed_cross_entropy(logits, torch.full((5,), -100), smoothing=0.1).item() == 0.0


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_smoothing_is_torchs_own_and_the_formulas(logits: torch.Tensor, smoothing: float) -> None:
    loss = summed_cross_entropy(logits, TARGETS, smoothing=smoothing).item()
    assert loss == pytest.approx(cross_entropy(logits, TARGETS, label_smoothing=smoothing).item() * 5, rel=1e-6)
    # Szegedy et al. 2016: the target is mixed with the uniform distribution.
    wanted = torch.nn.functional.one_hot(TARGETS, 3) * (1 - smoothing) + smoothing / 3
    assert loss == pytest.approx(-(wanted * log_softmax(logits, -1)).sum().item(), rel=1e-5)


def test_tags_of_a_sentence_count_one_by_one(logits: torch.Tensor) -> None:
    flat = torch.cat([logits, logits[:1]])
    targets = torch.tensor([[0, 2, -100], [1, 1, 0]])
    assert summed_cross_entropy(flat.reshape(2, 3, 3), targets, smoothing=0.0).item() == pytest.approx(
        summed_cross_entropy(flat, targets.reshape(-1), smoothing=0.0).item()
    )


def test_half_precision_logits_are_summed_in_full(logits: torch.Tensor) -> None:
    half = logits.to(torch.bfloat16)
    loss = summed_cross_entropy(half, TARGETS, smoothing=0.0)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(summed_cross_entropy(half.float(), TARGETS, smoothing=0.0).item(), rel=1e-6)


def test_the_registry_hands_it_out() -> None:
    assert LOSSES.get("cross-entropy") is summed_cross_entropy


# ---------------------------------------------------------------- weights and focus


def distribution(smoothing: float) -> np.ndarray:
    return np.eye(3)[TARGETS.numpy()] * (1 - smoothing) + smoothing / 3


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_class_weights_weigh_each_class_of_the_target(logits: torch.Tensor, smoothing: float) -> None:
    weights = torch.tensor([0.5, 2.0, 1.0])
    loss = summed_cross_entropy(logits, TARGETS, smoothing=smoothing, weights=weights)
    by_hand = -(weights.numpy() * distribution(smoothing) * log_softmax(logits, -1).numpy()).sum()
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_focal_loss_is_its_papers(logits: torch.Tensor, gamma: float) -> None:
    p = torch.softmax(logits, -1).double().numpy()[np.arange(5), TARGETS.numpy()]
    loss = summed_cross_entropy(logits, TARGETS, smoothing=0.0, gamma=gamma)
    assert loss.item() == pytest.approx(-((1 - p) ** gamma * np.log(p)).sum(), rel=1e-4)


def test_all_three_together_are_one_formula(logits: torch.Tensor) -> None:
    weights, p = torch.tensor([0.5, 2.0, 1.0]), torch.softmax(logits, -1).double().numpy()
    by_hand = -(weights.numpy() * distribution(0.1) * (1 - p) ** 2 * np.log(p)).sum()
    loss = summed_cross_entropy(logits, TARGETS, smoothing=0.1, weights=weights, gamma=2.0)
    assert loss.item() == pytest.approx(by_hand, rel=1e-4)


def test_focal_loss_of_tags_passes_over_what_does_not_count(logits: torch.Tensor) -> None:
    leaf = logits.clone().requires_grad_()
    targets = torch.tensor([[0, 2, -100, 1, -100]])
    loss = summed_cross_entropy(leaf.unsqueeze(0), targets, smoothing=0.0, gamma=2.0)
    loss.backward()
    kept = targets[0] != -100
    assert loss.item() == pytest.approx(
        summed_cross_entropy(logits[kept], targets[0][kept], smoothing=0.0, gamma=2.0).item()
    )
    assert leaf.grad is not None
    assert (leaf.grad[~kept] == 0).all()
    assert summed_cross_entropy(logits, torch.full((5,), -100), smoothing=0.0, gamma=2.0).item() == 0.0


def test_an_answer_that_is_surely_right_has_a_finite_gradient() -> None:
    leaf = torch.tensor([[200.0, -200.0]], requires_grad=True)
    summed_cross_entropy(leaf, torch.tensor([0]), smoothing=0.0, gamma=0.5).backward()
    assert leaf.grad is not None
    assert leaf.grad.isfinite().all()


def test_balanced_weights_are_n_over_k_times_the_count() -> None:
    counts = np.asarray([6, 3, 0, 1])
    weights = balanced_weights(counts).numpy()
    assert weights == pytest.approx([10 / 18, 10 / 9, 1.0, 10 / 3])
    # The mean weight of a training row is one, and each class that occurs weighs the same in all.
    assert (weights * counts).sum() == pytest.approx(10)
    assert (weights * counts)[[0, 1, 3]] == pytest.approx([10 / 3] * 3)


def by_hand(logits: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor, gamma: float) -> float:
    """The focal loss of yes-or-no questions, term by term."""
    p = torch.sigmoid(logits.double())
    yes = -weights * wanted * (1 - p) ** gamma * p.log()
    no = -(1 - wanted) * p**gamma * (1 - p).log()
    return float((yes + no).sum())


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_yes_and_no_of_each_label_are_weighed_as_the_formula_says(gamma: float, smoothing: float) -> None:
    random = torch.Generator().manual_seed(4)
    logits, weights = torch.randn(6, 3, generator=random), torch.tensor([0.5, 1.0, 3.0])
    labels = torch.randint(0, 2, (6, 3), generator=random)
    found = summed_binary_cross_entropy(logits, labels, smoothing=smoothing, weights=weights, gamma=gamma)
    wanted = labels * (1 - smoothing) + smoothing / 2
    assert found.item() == pytest.approx(by_hand(logits, wanted, weights, gamma), rel=1e-5)


def test_rows_without_a_truth_add_nothing_to_any_loss() -> None:
    logits = torch.tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)
    labels = torch.tensor([[1, 0], [-100, -100]])
    summed_binary_cross_entropy(logits, labels, smoothing=0.0).backward()
    assert logits.grad is not None and logits.grad[1].tolist() == [0.0, 0.0]
    values = torch.tensor([[1.0], [2.0]], requires_grad=True)
    loss = summed_squared_error(values, torch.tensor([3.0, -100.0]), smoothing=0.0, weights=torch.tensor([0.25]))
    loss.backward()
    assert loss.item() == 1.0
    assert values.grad is not None and values.grad.tolist() == [[-1.0], [0.0]]
