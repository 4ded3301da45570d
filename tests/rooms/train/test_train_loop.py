"""The loop: exact accumulation, one best state, reasons to stop, and no score of NaN."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from tunesmith.errors import UserError
from tunesmith.rooms.train.loop import Training

Maker = Callable[..., Training]


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in model.state_dict().values()]).double()


def test_small_micro_batches_learn_the_same_as_one_big_batch(training: Maker) -> None:
    whole, parts = (
        training(batch_size=8, micro_batch_size=8, epochs=1),
        training(batch_size=8, micro_batch_size=3, epochs=1),
    )
    losses = [([step.loss for step in one]) for one in (whole, parts)]
    # 21 rows in batches of 8: the last window holds 5, its last micro-batch 2.
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    assert (weights(whole.model) - weights(parts.model)).abs().max() < 1e-5


def test_every_row_is_seen_once_an_epoch(training: Maker) -> None:
    steps = list(training(epochs=3))
    assert [step.examples for step in steps].count(4) == 15
    assert sum(step.examples for step in steps) == 63
    assert [step.step for step in steps] == list(range(1, 19))
    assert steps[-1].epoch == 3.0
    assert steps[-1].steps == 18


def test_the_loss_falls_and_the_rate_rises_then_falls(training: Maker) -> None:
    steps = list(training(epochs=12, warmup_share=0.2, patience=99))
    assert steps[-1].loss < steps[0].loss / 2
    rates = [step.learning_rate for step in steps]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert max(rates) == pytest.approx(1e-2, rel=0.1)
    assert 0 < rates[-1] < 1e-3


def test_the_best_state_is_kept_and_put_back(training: Maker) -> None:
    scores = iter([0.6, 0.9, 0.7])
    seen: list[torch.Tensor] = []

    def score(model: nn.Module) -> dict[str, float]:
        seen.append(weights(model))
        return {"accuracy": next(scores)}

    run = training(epochs=3, score=score)
    best = [step.is_best for step in run if step.scores]
    assert best == [True, True, False]
    run.best_model()
    assert torch.equal(weights(run.model), seen[1])
    assert run.progress.watch.top_epoch == 2


def test_the_best_state_may_lie_between_two_ends(training: Maker) -> None:
    scores = iter([0.5, 0.6, 0.9, 0.7, 0.8, 0.7, 0.6, 0.5])
    # Six steps an epoch: looked at after three and after six of them.
    steps = list(training(epochs=4, scorings=2, patience=2, score=lambda model: {"accuracy": next(scores)}))
    looks = [step for step in steps if step.scores is not None]
    assert [step.step for step in looks] == [3, 6, 9, 12, 15, 18, 21, 24]
    assert [step.is_best for step in looks] == [True, True, True, False, False, False, False, False]
    # Losses are those of epochs; patience counts epochs, and the second one held the best state.
    assert [step.step for step in looks if step.epoch_loss is not None] == [6, 12, 18, 24]


@pytest.mark.parametrize(("scorings", "steps"), [(1, [6]), (4, [2, 3, 5, 6]), (99, [1, 2, 3, 4, 5, 6])])
def test_looks_are_spread_over_the_epoch(training: Maker, scorings: int, steps: list[int]) -> None:
    run = training(epochs=1, scorings=scorings, score=lambda model: {"accuracy": 0.5})
    assert [step.step for step in run if step.scores is not None] == steps


def test_nan_is_never_the_best(training: Maker) -> None:
    scores = iter([math.nan, 0.1, math.nan])
    run = training(epochs=3, score=lambda model: {"accuracy": next(scores)})
    assert [step.is_best for step in run if step.scores] == [False, True, False]
    assert run.progress.watch.best_score == 0.1


def test_patience_stops_and_says_why(training: Maker) -> None:
    run = training(epochs=9, patience=2, score=lambda model: {"accuracy": 0.5})
    progress = run.finish()
    assert progress.step == 3 * 6
    assert progress.stopped_because.startswith("no better accuracy for 2 epochs (best in epoch 1); ")


def test_the_plateau_rule_of_the_article_stops_after_epoch_five(training: Maker) -> None:
    rising = itertools.count()
    run = training(epochs=9, plateau_change=100.0, score=lambda model: {"accuracy": next(rising)})
    progress = run.finish()
    assert progress.step == 6 * 6
    assert progress.stopped_because.startswith("the training loss no longer falls")


def test_all_epochs_done(training: Maker) -> None:
    assert training(epochs=2).finish().stopped_because == "all epochs are done"


def test_a_loss_that_is_not_finite_stops_before_the_weights_are_touched(training: Maker) -> None:
    run = training()
    with torch.no_grad():
        run.model.get_parameter("classifier.weight").fill_(math.inf)
    before = weights(run.model)
    with pytest.raises(UserError, match=r"finite loss and gradient(.|\n)*lower rate: train.learning_rate=3.3e-03"):
        run.finish()
    assert torch.equal(weights(run.model), before)


def test_embeddings_biases_and_norms_are_not_decayed(training: Maker) -> None:
    run = training(weight_decay=0.5)
    groups = {group["weight_decay"]: group["params"] for group in run.optimiser.param_groups}
    assert {parameter.ndim for parameter in groups[0.5]} == {2}
    embeddings = run.model.get_parameter("bert.embeddings.word_embeddings.weight")
    assert any(parameter is embeddings for parameter in groups[0.0])


def test_dropout_depends_on_the_step_alone(training: Maker) -> None:
    first = [step.loss for step in training(dropout=0.3)]
    torch.rand(7)
    assert first == [step.loss for step in training(dropout=0.3)]
    assert first != [step.loss for step in training(dropout=0.3, seed=18)]


# Loss of each of the first steps; after a deliberate change: print([round(s.loss, 5) for s in run]).
GOLDEN = [0.69287, 0.69271, 0.70145, 0.70075, 0.68567, 0.71737]


def test_golden_losses(training: Maker) -> None:
    found = [round(step.loss, 5) for step in training(epochs=1, dropout=0.1)]
    assert found == pytest.approx(GOLDEN, abs=2e-4)


def test_what_is_saved_need_not_be_held(training: Maker) -> None:
    run = training(epochs=2, regularise={"ema": 0.9})
    run.finish()
    best, progress = run.best_model(), run.progress.model_copy(deep=True)
    assert sum(p.numel() for p in best.parameters()) > 0 and run.optimiser.state and run.keeping.tensors()
    run.let_go()
    assert sum(t.numel() for t in (*best.parameters(), *best.buffers())) == 0
    assert not run.optimiser.state and not run.keeping.tensors()
    assert run.progress == progress
