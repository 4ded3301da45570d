"""The plan: complete, reasoned, pure, and inside its budgets."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tunesmith.artifacts import Plan, Probe
from tunesmith.errors import SettingsError
from tunesmith.rooms.plan import Facts, plan
from tunesmith.rooms.plan.advice import EVIDENCE, advised, table
from tunesmith.rooms.plan.choices import CHOICES
from tunesmith.rooms.plan.looks import FEWEST_ROWS, MOST_SCORINGS
from tunesmith.rooms.plan.speed import compiled

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]


def value(found: Plan, name: str) -> Any:
    return next(choice.value for choice in found.choices if choice.name == name)


def test_a_bounded_time_is_used_at_the_peak_and_without_dropout(facts: Maker) -> None:
    free, bounded = plan(facts()).settings, plan(facts(train__time_seconds=600.0)).settings
    assert (free.train.schedule, free.regularise.dropout) == ("linear", None)
    assert (bounded.train.schedule, bounded.regularise.dropout) == ("stable", 0.0)


@pytest.mark.parametrize(
    ("labels", "changes", "rate"),
    [(3, {}, 10.0), (2, {}, None), (3, {"train__method": "lora"}, None), (3, {"train__optimiser": "sgd"}, None)],
)
def test_a_head_with_many_labels_takes_larger_steps(
    facts: Maker, labels: int, changes: dict[str, Any], rate: float | None
) -> None:
    made = facts(**changes)
    names = tuple(f"label {at}" for at in range(labels))
    found = plan(replace(made, prepared=made.prepared.model_copy(update={"labels": names})))
    assert found.settings.train.head_rate == rate


def test_the_plan_is_complete_and_every_choice_says_why(facts: Maker) -> None:
    found = plan(facts())
    # What only another method has use for stays open.
    for path in {path for path, _ in CHOICES} - {
        "prepare.document",
        "preference.loss",
        "regularise.dropout",
        "train.top_layers",
        "train.head_rate",
        "adapter.rank",
        "adapter.alpha",
        "adapter.targets",
    }:
        part, _, name = path.partition(".")
        assert getattr(getattr(found.settings, part), name) is not None
    assert found.settings.model.name == "minilm"
    assert all(choice.because for choice in found.choices)
    assert found.files == ("/data/a.tsv",)


def test_the_same_facts_give_the_same_plan(facts: Maker) -> None:
    assert plan(facts()) == plan(facts())


def test_one_seed_for_all_is_said_and_one_that_differs_too(facts: Maker) -> None:
    (one,) = (choice for choice in plan(facts(seed=5)).choices if choice.name == "seed")
    (two,) = (choice for choice in plan(facts(train__seed=5)).choices if choice.name == "seed")
    assert (one.value, two.value) == (5, 5)
    assert one.because.startswith("of split, order")
    assert two.because == (
        "of order, dropout and new weights; others differ: prepare 17, evaluate 17, generate 17, tune 17"
    )


def test_a_wish_is_kept_and_named_as_such(facts: Maker) -> None:
    found = plan(facts(train__epochs=7, train__learning_rate=3e-4))
    assert found.settings.train.epochs == 7
    reasons = {choice.name: choice.because for choice in found.choices}
    assert reasons["epochs"] == reasons["learning_rate"] == "you set it"


@pytest.mark.parametrize(("rows", "low", "high"), [(100, 10, 50), (700, 10, 50), (3000, 5, 10), (500_000, 5, 10)])
def test_epochs_follow_the_article(facts: Maker, rows: int, low: int, high: int) -> None:
    assert low <= value(plan(facts(rows=rows)), "epochs") <= high


def test_wider_models_learn_slower_and_new_ones_faster(facts: Maker) -> None:
    rates = [value(plan(facts(hidden=hidden)), "learning_rate") for hidden in (384, 768, 1024)]
    assert rates == sorted(rates, reverse=True)
    assert value(plan(facts(pretrained=False)), "learning_rate") > rates[0]


def test_tags_from_nothing_take_larger_steps(facts: Maker) -> None:
    known = facts(pretrained=False, hidden=128)
    tagged = replace(known, prepared=known.prepared.model_copy(update={"task": "token-classification"}))
    assert value(plan(tagged), "learning_rate") > value(plan(known), "learning_rate")
    pretrained = facts(hidden=128)
    tagged = replace(pretrained, prepared=pretrained.prepared.model_copy(update={"task": "token-classification"}))
    assert value(plan(tagged), "learning_rate") == value(plan(pretrained), "learning_rate")


def test_each_optimiser_has_its_own_rate(facts: Maker) -> None:
    rates = {name: value(plan(facts(train__optimiser=name)), "learning_rate") for name in table()["optimiser_rate"]}
    assert rates["adamw"] == value(plan(facts()), "learning_rate") == 1e-4
    # Chen et al. 2023: three to ten times less than AdamW's.
    assert 3 <= rates["adamw"] / rates["lion"] <= 10
    assert rates["lion"] < rates["adamw"] < rates["adafactor"] < rates["sgd"]
    assert (
        because(plan(facts(train__optimiser="lion")), "learning_rate")
        == "AdamW would get 1e-04; lion takes 0.3 times that"
    )


def test_strategies_with_hooks_are_not_compiled(facts: Maker) -> None:
    for name in ("adversarial", "mixup"):
        known = facts(**{f"regularise__{name}": 0.5})
        on_gpu = replace(known, machine=replace(known.machine, accelerator="cuda"))
        assert "FGM and mixup reach into the model's passes" in compiled(on_gpu, known.wanted)[1]


def test_short_texts_are_not_cut_and_long_ones_are_counted(facts: Maker) -> None:
    short, long = plan(facts(longest=40)), plan(facts(longest=2000))
    assert value(short, "max_length") == 48
    assert value(long, "max_length") == 512
    assert "74% of the texts are longer" in next(c.because for c in long.choices if c.name == "max_length")


def test_little_memory_makes_small_micro_batches_not_small_batches(facts: Maker) -> None:
    rich, poor = plan(facts(longest=512)), plan(facts(longest=512, memory=3 << 30))
    assert value(rich, "batch_size") == value(poor, "batch_size") == 32
    assert value(poor, "micro_batch_size") < value(rich, "micro_batch_size") == 32


def timed(known: Facts, probe: Probe, *, elapsed: float = 0.0) -> Plan:
    """The plan after its draft's batches were timed."""
    draft = plan(known)
    return plan(known.with_probe(probe, probed=draft.settings, elapsed_seconds=elapsed))


def because(found: Plan, name: str) -> str:
    return next(choice.because for choice in found.choices if choice.name == name)


def test_a_time_budget_leaves_the_epochs_alone_and_says_how_many_fit(facts: Maker, probe: Probed) -> None:
    free = timed(facts(), probe(step=0.1))
    tight = timed(facts(train__time_seconds=60), probe(step=0.1), elapsed=5.0)
    ample = timed(facts(train__time_seconds=600), probe(step=0.1), elapsed=5.0)
    assert value(free, "epochs") == value(tight, "epochs") == value(ample, "epochs") == 5
    # An epoch takes 10 s and its scoring 0.5; of 60 s 5 have passed and the closing needs what it needs.
    fitting = (60 - 5 - tight.forecast.closing_seconds) / 10.5
    assert f"about {fitting:.1f} fit into the time budget" in because(tight, "epochs")
    assert 4 < fitting < 5
    assert because(ample, "epochs") == because(free, "epochs")
    assert tight.forecast.seconds + tight.forecast.elapsed_seconds == pytest.approx(60)


@pytest.mark.parametrize(("rows", "scorings"), [(300, 1), (1500, 2), (6000, 3), (500_000, 3)])
def test_the_longer_an_epoch_the_more_looks_at_the_dev_split(facts: Maker, rows: int, scorings: int) -> None:
    # A tenth as many dev rows: 30 epochs of few rows have enough looks, and 5 of many rows have a few in each.
    assert value(plan(facts(rows=rows)), "scorings") == scorings
    assert value(plan(facts(rows=rows, train__scorings=7)), "scorings") == 7


def test_a_small_dev_split_is_looked_at_more_often_but_not_without_end(facts: Maker) -> None:
    known = facts(rows=50_000)
    dev = known.prepared.splits["dev"].model_copy(update={"rows": 100})
    known = replace(known, prepared=known.prepared.model_copy(update={"splits": {**known.prepared.splits, "dev": dev}}))
    assert value(plan(known), "scorings") == MOST_SCORINGS


def test_a_budget_of_less_than_an_epoch_is_no_error(facts: Maker, probe: Probed) -> None:
    found = timed(facts(train__time_seconds=6), probe(step=0.1), elapsed=5.0)
    assert value(found, "epochs") == 5
    assert "about 0.0 fit" in because(found, "epochs")


def test_all_held_out_rows_are_scored_where_there_is_time(facts: Maker, probe: Probed) -> None:
    for given in ({}, {"train__time_seconds": 300}):
        found = timed(facts(**given), probe(score=0.05))
        assert value(found, "most_rows") == 600
        assert because(found, "most_rows") == "every held-out row is scored"


def test_a_short_budget_scores_a_sample_and_says_so(facts: Maker, probe: Probed) -> None:
    known = facts(rows=60_000, train__time_seconds=40)
    found = timed(known, probe(score=0.4), elapsed=5.0)
    # Scoring dev (6,000 rows) takes 4 s, twice, and test 8.1: 16.1 of the 10.5 that are given. A quarter of
    # dev takes 2 of them, and test has fewer rows than that.
    assert value(found, "most_rows") == 6000 // 4
    assert "scoring all takes 16 s, the time budget leaves 10 s" in because(found, "most_rows")
    assert found.forecast.dev_seconds == pytest.approx(1.0)
    assert found.forecast.scoring_seconds == pytest.approx(1.0 + 8.1)


def test_a_sample_never_becomes_meaningless(facts: Maker, probe: Probed) -> None:
    assert value(timed(facts(train__time_seconds=6), probe(score=9.0), elapsed=5.0), "most_rows") == FEWEST_ROWS


def test_without_a_probe_nothing_is_foretold(facts: Maker) -> None:
    assert plan(facts()).forecast.seconds == 0.0


def test_a_monitor_that_is_not_measured_is_refused_at_the_start(facts: Maker) -> None:
    with pytest.raises(SettingsError, match=r"train.monitor: expected one of f1_macro, accuracy; got 'f1'"):
        plan(facts(train__monitor="f1"))


def test_the_advice_table_always_has_a_last_word() -> None:
    for name in table().keys() - {EVIDENCE}:
        rows = table()[name]
        for kind in rows if isinstance(rows, dict) else [None]:
            assert advised(name, kind, rows=10**12, hidden=10**6, tokens=10**15) is not None


def test_every_row_of_advice_says_what_it_rests_on() -> None:
    named = set()
    for name in table().keys() - {EVIDENCE}:
        tables = table()[name]
        for rows in tables.values() if isinstance(tables, dict) else [tables]:
            named |= {row["evidence"] for row in rows}
    assert named == set(table()[EVIDENCE])


def test_advice_is_monotone_in_rows() -> None:
    sizes = [10, 300, 700, 1500, 4000, 30_000, 10**6]
    epochs = [advised("epochs", "pretrained", rows=rows) for rows in sizes]
    batches = [advised("batch_size", rows=rows) for rows in sizes]
    assert epochs == sorted(epochs, reverse=True)
    assert batches == sorted(batches)
