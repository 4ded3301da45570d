"""What is learned from pairs of answers: the formulas by hand, and likelihoods against plain transformers."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from made import encoded
from tunesmith.models import pairs
from tunesmith.models.pairs import dpo, likelihoods, orpo, pair_likelihoods
from tunesmith.tasks.encoded import beside
from tunesmith.tasks.task import IGNORED


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_dpo_is_the_papers_formula() -> None:
    found, start = torch.tensor([-10.0, -4.0, -12.0, -3.0]), torch.tensor([-11.0, -4.0, -11.0, -5.0])
    # ln π − ln π₀: +1 and 0 of the better answers, −1 and +2 of the worse.
    wanted = [-math.log(sigmoid(0.1 * 2)), -math.log(sigmoid(0.1 * -2))]
    assert dpo(found, start, beta=0.1).tolist() == pytest.approx(wanted)
    assert dpo(start, start, beta=5.0).tolist() == pytest.approx([math.log(2)] * 2)


def test_orpo_is_the_papers_formula() -> None:
    found, tokens = torch.tensor([-6.0, -2.0, -9.0, -1.0]), torch.tensor([3, 4, 3, 5])
    wanted = []
    for better, worse in ((math.exp(-2.0), math.exp(-3.0)), (math.exp(-0.5), math.exp(-0.2))):
        ratio = (better / (1 - better)) / (worse / (1 - worse))
        wanted.append(-math.log(better) - 0.25 * math.log(sigmoid(math.log(ratio))))
    assert orpo(found, tokens, beta=0.25).tolist() == pytest.approx(wanted)


def test_orpo_stays_finite_where_an_answer_is_certain() -> None:
    found = torch.tensor([0.0, -1.0], requires_grad=True)
    loss = orpo(found, torch.tensor([2, 2]), beta=0.1).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(loss.isfinite()) and bool(found.grad.isfinite().all())  # type: ignore[union-attr]


@pytest.fixture
def model() -> Any:
    config = AutoConfig.for_model(
        "llama", vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        pad_token_id=0,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(7)
        return AutoModelForCausalLM.from_config(config).eval()


def batch() -> dict[str, np.ndarray]:
    """Two pairs: four texts of 6, 4, 5 and 6 tokens whose answers are the last 3, 2, 1 and 4."""
    random, lengths, answers = np.random.default_rng(0), np.asarray([6, 4, 5, 6]), (3, 2, 1, 4)
    mask = (np.arange(6) < lengths[:, None]).astype(np.int64)
    targets = np.full((4, 6), IGNORED)
    for row, (length, own) in enumerate(zip(lengths, answers, strict=True)):
        targets[row, length - own : length] = random.integers(3, 30, own)
    ids = random.integers(3, 30, mask.shape) * mask
    return {"input_ids": ids, "attention_mask": mask, "targets": targets, "labels": np.zeros(2, np.int64)}


def by_hand(model: Any, rows: dict[str, np.ndarray]) -> torch.Tensor:
    """Each answer's log-probability, one text at a time and without padding."""
    found = []
    for ids, mask, targets in zip(rows["input_ids"], rows["attention_mask"], rows["targets"], strict=True):
        length = int(mask.sum())
        log_p = model(input_ids=torch.from_numpy(ids[None, :length])).logits[0].log_softmax(-1)
        found.append(sum(log_p[at, targets[at]] for at in range(length) if targets[at] != IGNORED))
    return torch.stack(found)


@pytest.mark.parametrize("has_head", [True, False])
def test_likelihoods_and_gradients_are_those_of_single_texts(
    model: Any, has_head: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_head:
        monkeypatch.setattr(pairs, "head_of", lambda model: None)
    rows, weights = batch(), torch.tensor([1.0, -2.0, 3.0, 0.5])
    wanted = by_hand(model, rows)
    (weights * wanted).sum().backward()
    gradients = {name: value.grad.clone() for name, value in model.named_parameters()}
    model.zero_grad()
    found, tokens = likelihoods(model, rows)
    assert torch.allclose(found, wanted, atol=1e-5)
    assert tokens.tolist() == [3, 2, 1, 4]
    (weights * found).sum().backward()
    assert all(torch.allclose(value.grad, gradients[name], atol=1e-5) for name, value in model.named_parameters())
    with torch.inference_mode():
        table = pair_likelihoods(model, rows)
    assert table[:, [0, 2]].T.reshape(-1) == pytest.approx(wanted.tolist(), abs=1e-5)
    assert table[:, [1, 3]].T.reshape(-1).tolist() == [3, 2, 1, 4]


def test_what_a_model_found_at_the_start_lies_beside_the_rows(tmp_path: Path) -> None:
    rows = encoded(tmp_path / "train.arrow", [{"ids": [[1, 2]]}])
    assert rows.reference is None
    np.save(beside(tmp_path / "train.arrow"), np.asarray([[-1.0, -2.0]]))
    assert rows.reference.tolist() == [[-1.0, -2.0]]  # type: ignore[union-attr]
