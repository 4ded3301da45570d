"""Methods that train less: what they are given, why, and what they are kept from."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Plan
from tunesmith.errors import SettingsError
from tunesmith.rooms.plan import Facts, plan
from tunesmith.rooms.plan.advice import advised

Maker = Callable[..., Facts]


def value(found: Plan, name: str) -> Any:
    return next((choice.value for choice in found.choices if choice.name == name), None)


def reason(found: Plan, name: str) -> str:
    return next(choice.because for choice in found.choices if choice.name == name)


def test_without_a_wish_every_weight_learns_and_nothing_is_said_of_ranks(facts: Maker) -> None:
    found = plan(facts())
    assert value(found, "method") == "full"
    assert {value(found, name) for name in ("rank", "alpha", "top_layers")} == {None}
    assert found.settings.adapter.rank is None


@pytest.mark.parametrize(("rows", "rank"), [(500, 8), (9_999, 8), (10_000, 16)])
def test_the_rank_follows_the_rows(facts: Maker, rows: int, rank: int) -> None:
    found = plan(facts(rows=rows, train__method="lora"))
    assert value(found, "rank") == found.settings.adapter.rank == rank
    assert f"{rows:,} rows" in reason(found, "rank")


@pytest.mark.parametrize(("method", "scale"), [("lora", 1 / 8), ("dora", 1 / 8), ("rslora", 1 / 8**0.5)])
def test_the_matrices_weigh_the_same_whatever_the_rank(facts: Maker, method: str, scale: float) -> None:
    for rank in (8, 32):
        found = plan(facts(train__method=method, adapter__rank=rank))
        divisor = rank**0.5 if method == "rslora" else rank
        assert value(found, "alpha") / divisor == pytest.approx(2.0)
        assert reason(found, "rank") == "you set it"


def test_top_trains_the_upper_third(facts: Maker) -> None:
    found = plan(facts(train__method="top"))
    assert value(found, "top_layers") == 2
    assert "upper third of 6 layers" in reason(found, "top_layers")
    assert plan(facts(train__method="top", train__top_layers=5)).settings.train.top_layers == 5


def test_what_begins_anew_learns_faster(facts: Maker) -> None:
    rates = {
        method: value(plan(facts(train__method=method)), "learning_rate")
        for method in ("full", "top", "head", "lora", "dora", "rslora", "prompt")
    }
    assert rates["full"] == rates["top"] == 1e-4
    # A head begins at its best linear answer, and only refines it.
    assert rates["head"] == rates["full"]
    assert [rates[name] for name in ("lora", "dora", "rslora")] == pytest.approx([1e-3] * 3)
    assert rates["prompt"] > rates["head"]
    lion = value(plan(facts(train__method="lora", train__optimiser="lion")), "learning_rate")
    assert lion == pytest.approx(1e-3 * advised("optimiser_rate", "lion"))


@pytest.mark.parametrize(
    ("method", "wish", "path"),
    [
        ("head", {"regularise__adversarial": 1.0}, "regularise.adversarial"),
        ("top", {"regularise__mixup": 0.2}, "regularise.mixup"),
        ("lora", {"regularise__gradual_unfreezing": True}, "regularise.gradual_unfreezing"),
        ("head", {"regularise__layer_decay": 0.9}, "regularise.layer_decay"),
        ("head", {"train__packed": True}, "train.packed"),
        ("top", {"train__top_layers": 7}, "train.top_layers"),
        ("lora", {"train__sharded": True}, "train.sharded"),
        ("prompt", {"adapter__prompt_tokens": 400}, "adapter.prompt_tokens"),
    ],
)
def test_what_a_method_cannot_meet_is_refused_by_name(facts: Maker, method: str, wish: Any, path: str) -> None:
    with pytest.raises(SettingsError, match=f"{path}: expected (.|\n)*use train.method=full"):
        plan(facts(train__method=method, **wish))


@pytest.mark.parametrize(
    ("method", "wish"),
    [("lora", {"regularise__adversarial": 1.0}), ("top", {"regularise__layer_decay": 0.9}), ("full", {})],
)
def test_what_it_can_meet_is_not(facts: Maker, method: str, wish: Any) -> None:
    assert plan(facts(train__method=method, **wish)).settings.train.method == method


@pytest.mark.parametrize("method", ["head", "top", "lora", "prompt"])
def test_random_weights_are_not_frozen(facts: Maker, method: str) -> None:
    with pytest.raises(SettingsError, match=f"full, for a model from random weights; got {method}, which would leave"):
        plan(facts(pretrained=False, train__method=method))


def test_where_a_choice_is_out_of_place_it_is_not_made(facts: Maker) -> None:
    head = plan(facts(train__method="head"))
    assert value(head, "packed") is False
    assert reason(head, "packed") == "no layer is left to compute while the head learns"


@pytest.mark.parametrize("method", ["lora", "pissa"])
def test_matrices_stand_beside_all_linear_layers_and_pissas_are_not_scaled(facts: Maker, method: str) -> None:
    found = plan(facts(train__method=method))
    assert found.settings.adapter.targets == ("linear",)
    assert value(found, "alpha") == (8.0 if method == "pissa" else 16.0)
    assert value(plan(facts(train__method="ia3")), "targets") is None


def test_a_small_model_has_nothing_to_save_by_an_adapter(facts: Maker) -> None:
    assert "next to nothing to save" in reason(plan(facts(train__method="lora")), "method")
    assert "to save" not in reason(plan(facts(train__method="full")), "method")


@pytest.mark.parametrize(
    ("method", "got"), [("qlora", "without an NVIDIA GPU"), ("prefix", "which no plain model can hold")]
)
def test_methods_that_this_machine_or_form_has_nothing_for_are_refused(facts: Maker, method: str, got: str) -> None:
    with pytest.raises(SettingsError, match=got):
        plan(facts(train__method=method))
