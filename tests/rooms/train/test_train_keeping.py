"""The moving average, the best states and their soup: right numbers, bit-equal over a resume, and never worse."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.keeping import Keeping, copied, fixed
from tunesmith.rooms.train.loop import Training

Maker = Callable[..., Training]
BIAS = "classifier.bias"


def one_weight(value: float) -> nn.Module:
    model = nn.Linear(1, 1, bias=False)
    return moved_to(model, value)


def moved_to(model: nn.Module, value: float) -> nn.Module:
    with torch.no_grad():
        model.get_parameter("weight").fill_(value)
    return model


def test_the_average_is_the_formulas_with_its_warm_up() -> None:
    keeping, model, values = (
        Keeping(ema=0.5),
        one_weight(0.0),
        [1.0, 4.0, -2.0, 8.0, 3.0, 5.0, 7.0, -1.0, 0.5, 2.5, 9.0],
    )
    expected = values[0]
    for step, value in enumerate(values, 1):
        keeping.after_step(moved_to(model, value), step)
        if step > 1:
            decay = min(0.5, (1 + step) / (10 + step))
            expected = decay * expected + (1 - decay) * value
    # Past step 8 the decay is the one that was asked for.
    assert (1 + 8) / (10 + 8) == 0.5
    with keeping.judged(model):
        assert model.get_parameter("weight").item() == pytest.approx(expected, rel=1e-6)
    assert model.get_parameter("weight").item() == 9.0


def test_present_weights_come_back_even_where_scoring_fails() -> None:
    keeping, model = Keeping(ema=0.9), one_weight(1.0)
    keeping.after_step(model, 1)
    moved_to(model, 2.0)
    with pytest.raises(RuntimeError, match="scoring failed"), keeping.judged(model):
        raise RuntimeError("scoring failed")
    assert model.get_parameter("weight").item() == 2.0


def test_the_averaged_weights_are_scored_and_kept(training: Maker) -> None:
    judged = []

    def score(model: nn.Module) -> dict[str, float]:
        judged.append(copied(model))
        return {"accuracy": float(len(judged))}

    run = training(regularise={"ema": 0.9}, score=score, epochs=2)
    path = [run.model.get_parameter(BIAS).detach().clone() for _ in run]
    expected = path[0]
    for step, value in enumerate(path[1:], 2):
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert judged[-1][BIAS] == pytest.approx(expected, abs=1e-7)
    assert not torch.equal(judged[-1][BIAS], path[-1])
    assert torch.equal(run.best_model().get_parameter(BIAS), judged[-1][BIAS])


def test_a_long_average_is_renewed_seldom_and_forgets_as_fast() -> None:
    keeping, model = Keeping(ema=0.99), one_weight(0.0)
    keeping.after_step(model, 1)
    moved_to(model, 1.0)
    for step in range(2, 1000):
        keeping.after_step(model, step)
    with keeping.judged(model):
        # After many times its memory, what it began with is forgotten as if it had been renewed each time.
        assert model.get_parameter("weight").item() == pytest.approx(1.0, abs=0.001)
    moved_to(model, 0.0)
    for step in range(1000, 1100):
        keeping.after_step(model, step)
    with keeping.judged(model):
        # 16 or 17 renewals of six steps each.
        assert model.get_parameter("weight").item() == pytest.approx(0.99**100, abs=0.03)


def test_the_best_few_are_kept_in_order_and_no_nan() -> None:
    keeping, model = Keeping(soup=3), one_weight(0.0)
    for at, score in enumerate([0.5, float("nan"), 0.7, 0.1, 0.7, 0.6]):
        keeping.note(moved_to(model, float(at)), score)
    # Of the two with 0.7, the earlier is the better.
    assert [state["weight"].item() for state in keeping._states] == [2.0, 4.0, 5.0]
    assert keeping.stir(model) == 3
    assert model.get_parameter("weight").item() == pytest.approx((2 + 4 + 5) / 3)
    keeping.put_back(model)
    assert model.get_parameter("weight").item() == 2.0


def test_one_state_makes_no_soup() -> None:
    keeping, model = Keeping(soup=3), one_weight(3.0)
    keeping.note(model, 0.5)
    assert not keeping.stir(model)


@pytest.mark.parametrize(("soup_score", "is_taken"), [(0.95, True), (0.9, True), (0.85, False)])
def test_the_soup_is_served_only_where_it_is_no_worse(training: Maker, soup_score: float, is_taken: bool) -> None:
    scores, seen = iter([0.6, 0.9, 0.7, soup_score]), []

    def score(model: nn.Module) -> dict[str, float]:
        seen.append(copied(model))
        return {"accuracy": next(scores)}

    run = training(regularise={"soup": 3}, score=score, epochs=3)
    run.finish()
    found = copied(run.best_model())
    mean = torch.stack([state[BIAS] for state in (seen[1], seen[2], seen[0])]).mean(0)
    assert torch.equal(seen[3][BIAS], mean)
    assert torch.equal(found[BIAS], mean if is_taken else seen[1][BIAS])
    # The session compares the saved model with this number.
    assert run.progress.watch.best_score == (soup_score if is_taken else 0.9)
    assert run.result_note == (f"the average of the best 3 states has accuracy {soup_score:.4f}, the best one 0.9000")
    assert next(scores, None) is None


@pytest.mark.parametrize("at", [1, 6, 8, 13])
def test_average_and_soup_survive_a_resume_bit_equal(training: Maker, tmp_path: Path, at: int) -> None:
    def score(model: nn.Module) -> dict[str, float]:
        return {"accuracy": float(model.get_parameter(BIAS).detach().double().sum())}

    options = {"regularise": {"ema": 0.9, "soup": 3}, "dropout": 0.2, "epochs": 4, "score": score, "patience": 9}
    whole, half, resumed = (training(**options) for _ in range(3))
    whole.finish()
    for _ in itertools.islice(half, at):
        pass
    checkpoints.save(half, tmp_path)
    checkpoints.restore(resumed, tmp_path)
    resumed.finish()
    for name, part in whole.keeping.tensors().items():
        for key, value in part.items():
            assert torch.equal(value, resumed.keeping.tensors()[name][key]), (name, key)
    results = [run.best_model().state_dict() for run in (whole, resumed)]
    assert all(torch.equal(results[0][name], results[1][name]) for name in results[0])
    assert whole.progress.watch == resumed.progress.watch


def test_a_state_that_comes_after_a_resume_is_measured_by_the_score_of_before(tmp_path: Path) -> None:
    before, model = Keeping(), one_weight(1.0)
    before.note(model, 0.9)
    after = Keeping()
    after.restore({name: dict(part) for name, part in before.tensors().items()})
    after.note(moved_to(model, 2.0), 0.8)
    after.put_back(model)
    assert model.get_parameter("weight").item() == 1.0
    assert np.isclose(after.tensors()["scores"]["scores"].item(), 0.9)


class Rounded(nn.Module):
    """A weight that cannot learn, its scale below its name, and one that learns."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(2))
        self.register_state_dict_post_hook(
            lambda module, state, prefix, metadata: state.update({f"{prefix}weight.scale": torch.ones(1)})
        )


def test_scales_of_a_weight_that_cannot_learn_are_kept_no_more_than_the_weight() -> None:
    model = nn.Sequential(Rounded(), nn.Linear(2, 2))
    assert fixed(model) == {"0.weight", "0.weight.scale"}
    assert set(copied(model, fixed(model))) == {"0.bias", "1.weight", "1.bias"}
