"""The plan: complete, reasoned, pure, and inside its budgets."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import (
    Health,
    Hypothesis,
    ModelFacts,
    Plan,
    Prepared,
    Probe,
    Reading,
    RowCount,
    SplitFile,
    Template,
    TextFacts,
)
from tunesmith.device import Machine
from tunesmith.errors import SettingsError
from tunesmith.rooms.plan import Facts, plan
from tunesmith.rooms.plan.advice import advised, table
from tunesmith.rooms.plan.choices import CHOICES
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

Maker = Callable[..., Facts]
PROBE = Probe(train_seconds_per_token=1e-4, score_seconds_per_token=3e-5, step_seconds=0.02, peak_bytes=900 << 20)


@pytest.fixture
def facts() -> Maker:
    """``facts(rows=…, longest=…, …, **settings)``."""

    def make(
        rows: int = 6000,
        longest: int = 40,
        hidden: int = 384,
        memory: int = 16 << 30,
        pretrained: bool = True,
        **given: Any,
    ) -> Facts:
        splits = {
            name: SplitFile(path=name, rows=count)
            for name, count in (("train", rows), ("dev", rows // 10), ("test", 500))
        }
        lengths = tuple(round(longest * at / 100) for at in range(101))
        return Facts(
            wanted=changed(Settings(), {key.replace("__", "."): value for key, value in given.items()}),
            reading=Reading(
                task="text-classification",
                format="tsv",
                encoding="utf-8",
                columns={},
                has_header=False,
                sources=(),
                hypotheses=(Hypothesis(task="t", format="f", columns={}, score=1.0, evidence=()),),
                rows=RowCount(total=rows, used=rows, rejected=0),
                splits=splits,
                labels={},
                preview=(),
                rejects="",
                key="k",
            ),
            health=Health(
                findings=(),
                verdict="fine",
                is_trainable=True,
                facts=TextFacts(
                    rows=rows, characters=1, cjk_share=0.0, latin_share=1.0, length_median=1, length_p95=1, length_max=1
                ),
            ),
            prepared=Prepared(
                task="text-classification",
                labels=("a", "b"),
                splits=splits,
                raw=splits,
                tokenizer="t",
                template=Template(prefix=(1,), middle=(2,), suffix=(2,), pad=0, unknown=3, has_types=True),
                token_lengths=lengths,
                train_tokens=rows * longest // 2,
                unknown_share=0.0,
                split_because="given",
                key="k",
            ),
            model=ModelFacts(
                name="minilm",
                path="p",
                kind="bert",
                parameters=22_713_216,
                hidden=hidden,
                layers=6,
                max_length=512,
                vocabulary=30522,
                sha256="",
                is_pretrained=pretrained,
                because="named",
            ),
            machine=Machine(
                cores=2,
                memory_total=memory,
                memory_free=memory,
                accelerator="cpu",
                accelerator_memory=0,
                has_fast_half=False,
                name="x",
            ),
            files=("/data/a.tsv",),
            monitor="f1_macro",
            metrics=("f1_macro", "accuracy"),
            versions={"torch": "2"},
        )

    return make


def value(found: Plan, name: str) -> Any:
    return next(choice.value for choice in found.choices if choice.name == name)


def test_the_plan_is_complete_and_every_choice_says_why(facts: Maker) -> None:
    found = plan(facts())
    for path, _ in CHOICES:
        part, _, name = path.partition(".")
        assert getattr(getattr(found.settings, part), name) is not None
    assert found.settings.model.name == "minilm"
    assert all(choice.because for choice in found.choices)
    assert found.files == ("/data/a.tsv",)


def test_the_same_facts_give_the_same_plan(facts: Maker) -> None:
    assert plan(facts()) == plan(facts())


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


def test_short_texts_are_not_cut_and_long_ones_are_counted(facts: Maker) -> None:
    short, long = plan(facts(longest=40)), plan(facts(longest=2000))
    assert value(short, "max_length") == 48
    assert value(long, "max_length") == 512
    assert "74% of the texts are longer" in next(c.because for c in long.choices if c.name == "max_length")


def test_little_memory_makes_small_micro_batches_not_small_batches(facts: Maker) -> None:
    rich, poor = plan(facts(longest=512)), plan(facts(longest=512, memory=3 << 30))
    assert value(rich, "batch_size") == value(poor, "batch_size") == 32
    assert value(poor, "micro_batch_size") < value(rich, "micro_batch_size") == 32


def test_a_memory_budget_counts_too(facts: Maker) -> None:
    found = plan(facts(longest=512, train__memory_bytes=2 << 30))
    assert value(found, "micro_batch_size") < 32


def test_a_time_budget_takes_epochs_away_and_says_so(facts: Maker) -> None:
    free = plan(facts().with_probe(PROBE, elapsed_seconds=5.0))
    tight = plan(facts(train__time_seconds=60).with_probe(PROBE, elapsed_seconds=5.0))
    assert value(free, "epochs") == 5
    assert 1 <= value(tight, "epochs") < 5
    assert "fit into the time budget" in next(c.because for c in tight.choices if c.name == "epochs")
    assert tight.forecast.seconds + 5.0 <= 60


def test_the_forecast_grows_with_epochs_and_rows(facts: Maker) -> None:
    costs = [
        plan(facts(rows=rows, train__epochs=epochs).with_probe(PROBE, elapsed_seconds=0.0)).forecast.seconds
        for rows, epochs in ((3000, 2), (3000, 4), (6000, 4))
    ]
    assert costs == sorted(costs)
    # Twice the epochs: twice the training, and one closing.
    assert costs[1] - costs[0] == pytest.approx(
        costs[0] - plan(facts(rows=3000).with_probe(PROBE, elapsed_seconds=0)).forecast.closing_seconds
    )


def test_without_a_probe_nothing_is_foretold(facts: Maker) -> None:
    assert plan(facts()).forecast.seconds == 0.0


def test_a_monitor_that_is_not_measured_is_refused_at_the_start(facts: Maker) -> None:
    with pytest.raises(SettingsError, match=r"train.monitor: expected one of f1_macro, accuracy; got 'f1'"):
        plan(facts(train__monitor="f1"))


def test_the_advice_table_always_has_a_last_word() -> None:
    for name, rows in table().items():
        for kind in rows if isinstance(rows, dict) else [None]:
            assert advised(name, kind, rows=10**12, hidden=10**6) is not None


def test_advice_is_monotone_in_rows() -> None:
    sizes = [10, 300, 700, 1500, 4000, 30_000, 10**6]
    epochs = [advised("epochs", "pretrained", rows=rows) for rows in sizes]
    batches = [advised("batch_size", rows=rows) for rows in sizes]
    assert epochs == sorted(epochs, reverse=True)
    assert batches == sorted(batches)
