"""Seconds by hand: made-up timed batches carried over to made-up epochs."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tunesmith.artifacts import Load, Probe, Timed
from tunesmith.rooms.plan import Facts
from tunesmith.rooms.plan.costs import (
    CLOSING_SECONDS,
    INTERVAL_SECONDS,
    ROBUSTNESS_SECONDS,
    ROBUSTNESS_SHARE,
    WEIGHT_SECONDS,
    WRITING_SECONDS,
    closing_seconds,
    dev_seconds,
    epoch_seconds,
    forecast,
    held_out_seconds,
    pass_seconds,
    robustness_seconds,
    rule_seconds,
    scored_rows,
    work,
)
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]

FLAT = 10**9
"""A width beside which attention costs nothing, so that work is tokens."""


def asked(**given: object) -> Settings:
    return changed(Settings(), {name.replace("__", "."): value for name, value in given.items()})


def timed(*points: tuple[int, float]) -> tuple[Timed, ...]:
    return tuple(Timed(tokens=tokens, longest=1, seconds=seconds) for tokens, seconds in points)


def one(tokens: float, longest: float = 1.0, batches: int = 1) -> tuple[Load, ...]:
    return (Load(batches=batches, tokens=tokens, longest=longest),)


def test_attention_makes_long_texts_dearer_than_their_tokens() -> None:
    # 24 h² + 4 l h operations a token: at l = 6 h as much in attention as in the rest.
    assert work(100, 6 * 64, 64) == pytest.approx(200)
    assert work(100, 0, 64) == 100


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [
        (100, 1.0),
        (200, 1.5),  # half way between 1 s at 100 and 2 s at 300
        (300, 2.0),
        (10, 1.0),  # below the smallest: its seconds, for an empty batch costs something too
        (600, 4.0),  # twice the largest: twice its seconds
    ],
)
def test_a_batch_takes_what_its_neighbours_took(tokens: float, seconds: float) -> None:
    points = timed((300, 2.0), (100, 1.0))
    assert pass_seconds(one(tokens), points, FLAT) == pytest.approx(seconds)


def test_batches_of_unequal_size_are_not_averaged_away() -> None:
    # 0.9 s of every batch are there whatever its tokens: 90 small and 10 large ones cost 90 x 1 + 10 x 10 s.
    points = timed((10, 1.0), (1000, 10.0))
    loads = (*one(10, batches=90), *one(1000, batches=10))
    assert pass_seconds(loads, points, FLAT) == pytest.approx(190.0)
    by_token = 10.0 / 1000 * (90 * 10 + 10 * 1000)
    assert by_token == pytest.approx(109.0)


def test_long_texts_count_by_their_work() -> None:
    points = (Timed(tokens=100, longest=64, seconds=1.0), Timed(tokens=100, longest=6 * 64, seconds=2.0))
    # Work 100 x (1 + 1/6) and 100 x 2; in the middle of both lies 100 x (1 + 7/12), a longest text of 3.5 h.
    assert pass_seconds(one(100, longest=3.5 * 64), points, 64) == pytest.approx(1.5)


def test_an_epoch_is_its_steps(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(step=0.1), probed=asked(), elapsed_seconds=0.0)
    assert epoch_seconds(known) == pytest.approx(100 * 0.1)


def test_the_closing_saves_and_scores_dev_and_test(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(score=0.05), probed=asked(), elapsed_seconds=0.0)
    assert dev_seconds(known, asked()) == pytest.approx(0.5)
    assert held_out_seconds(known, asked()) == pytest.approx(1.0 + 500 * INTERVAL_SECONDS)
    saving = CLOSING_SECONDS + 4 * known.model.parameters * WEIGHT_SECONDS + rule_seconds(known)
    assert closing_seconds(known, asked()) == pytest.approx(saving + 0.5 + 1.0 + 500 * INTERVAL_SECONDS)


def test_where_there_is_no_test_split_dev_stands_in_with_intervals(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(score=0.05), probed=asked(), elapsed_seconds=0.0)
    splits = {name: file for name, file in known.prepared.splits.items() if name != "test"}
    object.__setattr__(known, "prepared", known.prepared.model_copy(update={"splits": splits}))
    assert held_out_seconds(known, asked()) == pytest.approx(0.5 + 600 * INTERVAL_SECONDS)


def test_a_sample_costs_its_share(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(score=0.05), probed=asked(), elapsed_seconds=0.0)
    part = asked(evaluate__most_rows=250)
    assert (scored_rows(known.prepared, "dev", part), scored_rows(known.prepared, "test", part)) == (250, 250)
    assert dev_seconds(known, part) == pytest.approx(0.5 * 250 / 600)
    assert held_out_seconds(known, part) == pytest.approx(1.0 * 250 / 500 + 250 * INTERVAL_SECONDS)
    assert scored_rows(known.prepared, "test", asked(evaluate__most_rows=9999)) == 500


def test_the_forecast_is_all_epochs_with_their_scorings_and_one_closing(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(step=0.1, score=0.05), probed=asked(), elapsed_seconds=7.0)
    complete = asked(train__epochs=3, train__batch_size=32, train__micro_batch_size=32, prepare__max_length=48)
    found = forecast(known, complete)
    without = 3 * (10.0 + 0.5) + closing_seconds(known, complete)
    # Changed texts are scored for a small share of the rest.
    assert found.seconds == pytest.approx(without + robustness_seconds(known, complete, without))
    assert found.seconds == pytest.approx((1 + ROBUSTNESS_SHARE) * without)
    assert robustness_seconds(known, complete, 1e6) == ROBUSTNESS_SECONDS
    assert found.elapsed_seconds == 7.0
    assert found.dev_seconds == pytest.approx(0.5)
    assert found.scoring_seconds == pytest.approx(0.5 + held_out_seconds(known, complete))


def test_looks_within_an_epoch_cost_too(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(step=0.1, score=0.05), probed=asked(), elapsed_seconds=0.0)
    complete = asked(train__epochs=3, train__batch_size=32, train__micro_batch_size=32, train__scorings=4)
    without = 3 * (10.0 + 4 * 0.5) + closing_seconds(known, complete)
    assert forecast(known, complete).seconds == pytest.approx((1 + ROBUSTNESS_SHARE) * without)


def test_what_is_computed_ahead_comes_first_and_the_whole_model_is_scored_once_more(
    facts: Maker, probe: Probed
) -> None:
    quick = (Timed(tokens=8000, longest=40, seconds=0.01),)
    known = facts().with_probe(probe(ahead_seconds=1e-5, dev=quick), probed=asked(), elapsed_seconds=0.0)
    complete = asked(train__epochs=2, train__batch_size=32, train__micro_batch_size=32)
    found = forecast(known, complete)
    # 100,000 tokens to train on, 80,000 of dev and 160,000 of test.
    assert found.ahead_seconds == pytest.approx(3.4)
    # The loop's scorings look outputs up; the closing computes dev twice, and test.
    assert found.dev_seconds == pytest.approx(0.1)
    assert found.scoring_seconds == pytest.approx(2 * 0.5 + held_out_seconds(known, complete))
    assert found.seconds == pytest.approx(3.4 + 2 * (10.0 + 0.1) + found.closing_seconds)


def test_writing_and_the_model_before_training_cost_too(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(step=0.1, score=0.05), probed=asked(), elapsed_seconds=0.0)
    complete = asked(train__epochs=3, train__batch_size=32, train__micro_batch_size=32)
    assert forecast(known, complete).writing_seconds == 0.0
    writes = replace(known, writes=True, is_written=True)
    found = forecast(writes, complete)
    assert found.writing_seconds == WRITING_SECONDS
    more = held_out_seconds(known, complete) + rule_seconds(writes) - rule_seconds(known)
    changed = robustness_seconds(writes, complete, found.seconds / (1 + ROBUSTNESS_SHARE))
    assert found.closing_seconds == pytest.approx(closing_seconds(known, complete) + more + WRITING_SECONDS + changed)
    short = forecast(writes, asked(train__epochs=3, train__batch_size=32, train__time_seconds=100))
    assert short.writing_seconds == pytest.approx(10.0)


def test_a_time_budget_bounds_the_forecast(facts: Maker, probe: Probed) -> None:
    known = facts().with_probe(probe(step=1.0), probed=asked(), elapsed_seconds=7.0)
    complete = asked(train__epochs=3, train__batch_size=32, train__micro_batch_size=32, train__time_seconds=60)
    found = forecast(known, complete)
    assert found.elapsed_seconds + found.seconds == pytest.approx(60.0)
    # What must follow the last step is never cut away.
    tiny = forecast(known, complete.model_copy(update={"train": complete.train.model_copy(update={"time_seconds": 1})}))
    assert tiny.seconds == tiny.closing_seconds


def test_without_a_probe_no_time_can_be_said(facts: Maker) -> None:
    with pytest.raises(LookupError, match="no batch was timed yet"):
        epoch_seconds(facts())
