"""Costs by hand: each formula against numbers worked out on paper."""

import pytest

from tunesmith.artifacts import ModelFacts, Prepared, Probe, SplitFile, Template
from tunesmith.rooms.plan.costs import (
    LAUNCH_BYTES,
    SAVING_SECONDS,
    activation_bytes,
    closing_seconds,
    epoch_seconds,
    fixed_bytes,
    forecast,
)
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

PROBE = Probe(train_seconds_per_token=1e-3, score_seconds_per_token=1e-4, step_seconds=0.5, peak_bytes=0)


def model(hidden: int = 64, layers: int = 2, parameters: int = 1000) -> ModelFacts:
    return ModelFacts(
        name="m",
        path="p",
        kind="bert",
        parameters=parameters,
        hidden=hidden,
        layers=layers,
        max_length=512,
        vocabulary=100,
        sha256="",
        is_pretrained=True,
        because="",
    )


def prepared(lengths: tuple[int, ...] = (8,) * 101, **rows: int) -> Prepared:
    splits = {name: SplitFile(path=name, rows=count) for name, count in (rows or {"train": 100}).items()}
    return Prepared(
        task="text-classification",
        labels=("a", "b"),
        splits=splits,
        raw=splits,
        tokenizer="t",
        template=Template(prefix=(1,), middle=(2,), suffix=(2,), pad=0, unknown=3, has_types=True),
        token_lengths=lengths,
        train_tokens=0,
        unknown_share=0.0,
        split_because="given",
        key="k",
    )


def settings(**given: object) -> Settings:
    return changed(Settings(), {name.replace("__", "."): value for name, value in given.items()})


def test_weights_cost_twenty_bytes_each() -> None:
    # Weight, gradient, two averages, best state: five float32.
    assert fixed_bytes(model(parameters=1_000_000)) == LAUNCH_BYTES + 20_000_000


def test_activations_are_the_published_formula() -> None:
    # 2 layers x 10 tokens x (34 x 64 + 5 x 2 heads x 20), doubled for float32.
    assert activation_bytes(model(), 10, 20) == 2 * 2 * 10 * (34 * 64 + 5 * 2 * 20)
    # A model narrower than a head has one.
    assert activation_bytes(model(hidden=16), 1, 7) == 2 * 2 * (34 * 16 + 5 * 7)


def test_attention_grows_with_the_square_of_the_length() -> None:
    def attention(length: int) -> int:
        return activation_bytes(model(), length, length) - activation_bytes(model(), length, 0)

    assert attention(400) == 16 * attention(100)


def test_an_epoch_is_tokens_steps_and_one_scoring_of_dev() -> None:
    asked = settings(train__batch_size=32)
    # 100 rows of 8 tokens and 2 special ones; 4 steps, the last one short.
    train = 1000 * 1e-3 + 4 * 0.5
    assert epoch_seconds(prepared(), asked, PROBE) == pytest.approx(train)
    assert epoch_seconds(prepared(train=100, dev=20), asked, PROBE) == pytest.approx(train + 200 * 1e-4)


def test_tokens_past_the_cut_cost_nothing() -> None:
    asked = settings(train__batch_size=100)
    halves = (8,) * 50 + (1000,) * 51

    def tokens(max_length: int) -> float:
        return (
            epoch_seconds(prepared(halves), settings(train__batch_size=100, prepare__max_length=max_length), PROBE)
            - PROBE.step_seconds
        ) / PROBE.train_seconds_per_token

    assert tokens(10) == pytest.approx(100 * 10)
    assert tokens(110) == pytest.approx(100 * (50 * 10 + 51 * 110) / 101)
    # Without a cut every row counts whole, its special tokens too.
    uncut = (epoch_seconds(prepared(halves), asked, PROBE) - PROBE.step_seconds) / PROBE.train_seconds_per_token
    assert uncut == pytest.approx(100 * (50 * 10 + 51 * 1002) / 101)


def test_the_closing_scores_dev_and_test_and_saves() -> None:
    asked = settings()
    assert closing_seconds(prepared(train=100), asked, PROBE) == SAVING_SECONDS
    held_out = prepared(train=100, dev=20, test=30)
    assert closing_seconds(held_out, settings(prepare__max_length=64), PROBE) == pytest.approx(
        SAVING_SECONDS + 50 * 10 * 1e-4
    )


def test_the_forecast_is_all_epochs_and_one_closing() -> None:
    data = prepared(train=100, dev=20, test=30)
    asked = settings(train__epochs=3, train__batch_size=32, train__micro_batch_size=16, prepare__max_length=64)
    found = forecast(data, asked, model(), PROBE)
    assert found.closing_seconds == closing_seconds(data, asked, PROBE)
    assert found.seconds == pytest.approx(3 * epoch_seconds(data, asked, PROBE) + found.closing_seconds)
    assert found.peak_bytes == fixed_bytes(model()) + activation_bytes(model(), 16 * 64, 64)


def test_a_batch_is_never_larger_than_the_data() -> None:
    asked = settings(train__micro_batch_size=512, prepare__max_length=64)
    assert forecast(prepared(train=3), asked, model(), PROBE).peak_bytes == fixed_bytes(model()) + activation_bytes(
        model(), 3 * 64, 64
    )


def test_what_was_measured_beats_what_was_computed() -> None:
    measured = PROBE.model_copy(update={"peak_bytes": 1 << 40})
    assert forecast(prepared(), settings(), model(), measured).peak_bytes == 1 << 40
