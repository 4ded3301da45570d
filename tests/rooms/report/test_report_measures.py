"""Names of metrics, and the trivial baseline against scikit-learn's."""

import numpy as np
import pytest

from tunesmith.artifacts import ClassScore, Evaluation, Interval
from tunesmith.metrics.classification import classification_scores
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.report import measures, noskill
from tunesmith.rooms.report.facts import Facts
from tunesmith.tasks import TASKS

POINT = Interval(value=0.5, low=0.4, high=0.6)


def judged(truths: list[int], answers: list[int], labels: tuple[str, ...]) -> Evaluation:
    sheet = classification_scores(np.array(truths), np.array(answers), labels=labels, resampling=Resampling(samples=0))
    return Evaluation(
        run="r",
        split="test",
        rows=len(truths),
        main="f1_macro",
        metrics=sheet.metrics,
        per_class=sheet.per_class,
        confusion_labels=sheet.confusion_labels,
        confusion=sheet.confusion,
    )


@pytest.mark.parametrize("truths", [[0, 0, 0, 1, 1, 2], [1] * 9 + [0], [2, 2], [0, 1, 2] * 5])
def test_the_baseline_is_what_our_own_metrics_give_a_constant_answer(truths: list[int]) -> None:
    labels = ("a", "b", "c")
    top = max(range(3), key=truths.count)
    baseline = noskill.constant_answer(judged(truths, truths, labels))
    assert baseline is not None and baseline.answer == labels[top]
    expected = judged(truths, [top] * len(truths), labels).metrics
    assert baseline.scores == pytest.approx({name: expected[name].value for name in expected})


def test_without_a_confusion_the_supports_do() -> None:
    scores = {name: ClassScore(precision=POINT, recall=POINT, f1=POINT, support=n) for name, n in (("a", 3), ("b", 1))}
    evaluation = Evaluation(
        run="r", split="test", rows=4, main="accuracy", metrics={"accuracy": POINT}, per_class=scores
    )
    baseline = noskill.constant_answer(evaluation)
    assert baseline is not None and (baseline.answer, baseline.share) == ("a", 0.75)


def test_without_any_count_there_is_no_baseline() -> None:
    evaluation = Evaluation(run="r", split="test", rows=4, main="loss", metrics={"loss": POINT}, per_class={})
    assert noskill.constant_answer(evaluation) is None


def test_marking_nothing_scores_zero_for_entities_and_says_nothing_of_tokens(runs: dict[str, Facts]) -> None:
    scores = noskill.no_answer(runs["tagging"].evaluation).scores
    assert scores == {"f1_micro": 0.0, "precision_micro": 0.0, "recall_micro": 0.0, "f1_macro": 0.0}


@pytest.mark.parametrize("task", sorted(TASKS))
def test_every_metric_of_every_task_has_a_name_and_a_meaning(task: str) -> None:
    unnamed = [name for name in TASKS.get(task).metrics if not measures.meaning(name)]
    assert unnamed == []


def test_an_unknown_metric_keeps_its_name() -> None:
    assert (measures.label("bleu_9"), measures.meaning("bleu_9")) == ("bleu_9", "")


@pytest.mark.parametrize(
    ("name", "interval", "text"),
    [
        ("accuracy", POINT, "50.0%"),
        ("mcc", POINT, "0.500"),
        ("r2", Interval(value=4e-4, low=-0.5, high=0.1), "0.000"),
        ("loss", Interval(value=4e-4, low=0, high=0.1), "4e-4"),
        ("perplexity", Interval(value=31.24, low=30, high=32), "31.24"),
        ("a_new_one", Interval(value=1.5, low=0.9, high=2), "1.500"),
    ],
)
def test_only_shares_are_percent(name: str, interval: Interval, text: str) -> None:
    assert measures.value(name, interval) == text


def test_a_span_below_zero_is_joined_by_a_word() -> None:
    assert measures.ends("r2", Interval(value=0, low=-0.5, high=-0.1)) == "\u22120.500 to \u22120.100"


def test_bars_are_drawn_only_where_there_is_a_share(english: Facts) -> None:
    assert measures.has_shares(english.evaluation.metrics) and not measures.has_shares({"mcc": POINT, "loss": POINT})
