"""The verdict says what the numbers say, and no more."""

from typing import Any

import pytest
from made_depth import baseline, calibration, changes, slices, thresholds, with_evaluation
from made_facts import interval

from tunesmith.artifacts import Interval
from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.expectations import highest_miss_rate
from tunesmith.rooms.report.verdict import grade_name, verdict


def scored(facts: Facts, **metrics: Interval) -> Facts:
    """The same facts with some metrics of the main evaluation replaced."""
    evaluation = facts.evaluation.model_copy(update={"metrics": facts.evaluation.metrics | metrics})
    return facts.model_copy(update={"evaluations": (evaluation,)})


def test_the_headline_says_which_errors_must_be_borne_and_what_no_skill_gets(english: Facts) -> None:
    facts = scored(english, accuracy=Interval(value=0.881, low=0.8612, high=0.8971))
    words = verdict(facts)
    assert words.headline == (
        "Usable where 10 to 14 wrong answers in 100 are acceptable; always answering “DESC” would get 28 of 100 right."
    )
    assert words.grade == "usable"
    assert words.expect[0] == "Of 100 texts like these, expect between 86 and 90 right answers."


def test_all_that_was_judged_is_in_the_sentence(deep: Facts) -> None:
    facts = scored(deep, accuracy=Interval(value=0.881, low=0.8612, high=0.8971))
    words = verdict(facts)
    assert words.headline == (
        "Usable where 10 to 14 wrong answers in 100 are acceptable, with care for “length: 18 to 41 tokens” and 1 more;"
        " 5.2 points of macro F1 better than a linear model on word counts."
    )
    assert words.grade == "care"
    assert any("When it says 90%, it is right 82 times in 100" in one for one in words.expect)
    assert any(one.startswith("Answered only when at least 80% sure: 84.0% of the rows, 95.0%") for one in words.expect)


def test_the_lead_names_model_rows_time_metric_and_interval(english: Facts) -> None:
    lead = verdict(scored(english, f1_macro=Interval(value=0.881, low=0.859, high=0.902))).lead
    for part in (
        "minilm (22.7 M parameters)",
        "4,852 rows",
        "3 min 12 s",
        "6 labels",
        "500 rows of the test split that it had never seen",
    ):
        assert part in lead
    assert lead.endswith("macro F1 is 88.1% (95% interval 85.9 to 90.2%).")


def test_a_model_from_scratch_is_called_new(runs: dict[str, Facts]) -> None:
    assert verdict(runs["chinese"]).lead.startswith(
        "A new model (3.9 M parameters) was trained from scratch on 9,000 rows"
    )


@pytest.mark.parametrize(
    ("low", "high", "grade", "ending"),
    [
        (0.2, 0.4, "usable with care", "is better: its whole interval lies above that."),
        (0.01, 0.4, "not proven", "so it is not shown to be better than no model at all."),
        (0.01, 0.05, "not usable", "is worse than that: do not use it."),
    ],
)
def test_the_comparison_follows_the_interval(english: Facts, low: float, high: float, grade: str, ending: str) -> None:
    words = verdict(scored(english, f1_macro=Interval(value=(low + high) / 2, low=low, high=high)))
    # 138 of 500 rows are DESC: F1 of always saying so is 2 * 0.276 / 1.276, a sixth of which is the macro mean.
    comparison = next(one for one in words.expect if one.startswith("Always"))
    assert "“DESC”" in comparison and "28 of 100" in comparison and "7.2%" in comparison and comparison.endswith(ending)
    assert grade_name(words.grade) == grade


@pytest.mark.parametrize(
    ("ahead", "grade", "headline"),
    [
        ((0.02, 0.06), "usable", "better than a linear model on word counts."),
        ((-0.01, 0.03), "unproven", "not shown to be better than a linear model on word counts, which costs nothing."),
        ((-0.05, -0.02), "unusable", "Do not use it: a linear model on word counts does better and costs nothing."),
    ],
)
def test_a_free_rule_that_is_as_good_decides(
    english: Facts, ahead: tuple[float, float], grade: str, headline: str
) -> None:
    words = verdict(with_evaluation(english, baselines=(baseline("tfidf", 0.85, ahead),)))
    assert words.grade == grade and words.headline.endswith(headline)


def test_what_is_better_is_named_not_what_may_be(runs: dict[str, Facts]) -> None:
    """A writer beside a free rule that it is not shown to beat, and beside itself before training, which was better."""
    evaluation = runs["english"].evaluation.model_copy(
        update={
            "main": "loss",
            "metrics": {"loss": Interval(value=3, low=2.9, high=3.1)},
            "base": {"loss": Interval(value=2, low=1.9, high=2.1)},
            "baselines": (baseline("letters", 3.1, (-0.5, 0.3), main="loss"),),
            "confusion": (),
            "per_class": {},
        }
    )
    plan = runs["english"].plan.model_copy(update={"task": "chat"})
    words = verdict(runs["english"].model_copy(update={"evaluations": (evaluation,), "plan": plan}))
    assert words.headline == "Do not use it: the model before training does better and costs nothing."


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, "usable"),
        ({"slices": slices()}, "care"),
        ({"robustness": changes()}, "care"),
        ({"calibration": calibration(0.08, error_after=None)}, "care"),
        ({"calibration": calibration(0.08)}, "usable"),
        ({"calibration": calibration(0.01), "thresholds": thresholds()}, "usable"),
        ({"slices": slices()[2:], "robustness": changes()[1:]}, "usable"),
    ],
)
def test_only_a_grave_limit_asks_for_care(english: Facts, change: dict[str, Any], grade: str) -> None:
    assert verdict(with_evaluation(english, **change)).grade == grade


def test_a_class_that_is_mostly_missed_is_named(english: Facts) -> None:
    scores = english.evaluation.per_class
    lost = scores["ABBR"].model_copy(update={"recall": interval(0.2, 9)})
    words = verdict(with_evaluation(english, per_class=scores | {"ABBR": lost}))
    assert "are acceptable, but not for “ABBR”;" in words.headline and words.grade == "care"


def test_no_mistake_is_not_called_perfect(runs: dict[str, Facts]) -> None:
    words = verdict(runs["perfect"])
    assert words.headline.startswith("Usable: not one mistake on 140 rows;")
    assert "up to 2.1% cannot be excluded" in words.expect[1]
    assert "interval" not in words.lead


def test_nothing_right_is_not_usable(runs: dict[str, Facts]) -> None:
    words = verdict(runs["wrong"])
    assert words.grade == "unusable" and words.headline.startswith("Do not use it: always answering “")


def test_mostly_wrong_is_said_first(english: Facts) -> None:
    words = verdict(scored(english, accuracy=Interval(value=0.3, low=0.27, high=0.34)))
    assert words.headline.startswith("Not usable unattended: wrong more often than right, expect between 27 and 34")


@pytest.mark.parametrize(("rows", "rate"), [(1, 0.95), (10, 0.2589), (300, 0.00994)])
def test_the_rule_of_three(rows: int, rate: float) -> None:
    assert highest_miss_rate(rows) == pytest.approx(rate, abs=1e-4)
    assert (1 - highest_miss_rate(rows)) ** rows == pytest.approx(0.05)


def test_entities_are_counted_as_found_and_as_right(runs: dict[str, Facts]) -> None:
    words = verdict(scored(runs["tagging"], recall_micro=Interval(value=0.375, low=0.346, high=0.404)))
    assert words.headline.startswith(
        "Usable where it is enough to find between 34 and 41 of 100 entities, with between 50 and 58 of 100 given"
    )
    assert words.expect[1].startswith("Of 100 that it marks, expect between 50 and 58 to be right")
    assert any("Marking nothing at all would score 0% in micro F1." in one for one in words.expect)


def test_rows_that_took_part_are_no_proof(english: Facts) -> None:
    facts = english.model_copy(update={"evaluations": (english.evaluation.model_copy(update={"split": "dev"}),)})
    words = verdict(facts)
    assert "flatters" in words.lead and "never seen" not in words.lead and words.grade == "unproven"
    assert "flatters" not in verdict(english).lead


def test_without_accuracy_the_main_metric_is_the_headline(english: Facts) -> None:
    evaluation = english.evaluation.model_copy(update={"metrics": {"f1_macro": interval(0.5, 100)}})
    words = verdict(english.model_copy(update={"evaluations": (evaluation,)}))
    assert words.headline.startswith("Usable where macro F1 50.0% is enough")


def test_a_metric_without_a_known_baseline_is_not_compared(english: Facts) -> None:
    evaluation = english.evaluation.model_copy(update={"metrics": {"loss": interval(0.5, 100)}, "main": "loss"})
    assert not any("Always" in one for one in verdict(english.model_copy(update={"evaluations": (evaluation,)})).expect)


def test_every_sentence_has_a_chinese_twin(runs: dict[str, Facts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    for name in ("chinese", "tagging", "perfect", "deep"):
        words = verdict(runs[name])
        for sentence in (words.headline, words.lead, *words.expect):
            assert sentence.endswith("。") and " the " not in sentence and ", " not in sentence


def of_task(facts: Facts, task: str, main: str, **metrics: Interval) -> Facts:
    """The same run as one of another task, whose rows have no one right label each."""
    changed = with_evaluation(facts, main=main, metrics=metrics, confusion=(), confusion_labels=())
    plan, reading = facts.plan.model_copy(update={"task": task}), facts.reading.model_copy(update={"task": task})
    return changed.model_copy(update={"plan": plan, "reading": reading})


def test_several_labels_are_counted_as_found_and_as_right(english: Facts) -> None:
    found = {"f1_micro": interval(0.8, 500), "recall_micro": interval(0.7, 500), "precision_micro": interval(0.9, 500)}
    words = verdict(of_task(english, "multi-label-classification", "f1_micro", **found))
    assert words.headline == (
        "Usable where it is enough to find between 65 and 75 of 100 labels,"
        " with between 87 and 93 of 100 given ones right."
    )
    assert words.expect[:2] == (
        "Of 100 labels that texts have, expect it to find between 65 and 75.",
        "Of 100 that it gives, expect between 87 and 93 to be right.",
    )
    assert words.no_skill is None and "any of 6 labels" in words.lead


def test_a_number_is_off_by_so_much(english: Facts) -> None:
    found = {"r2": interval(0.6, 500), "mae": Interval(value=0.31, low=0.28, high=0.35)}
    words = verdict(of_task(english, "regression", "r2", **found))
    assert words.headline == "Usable where it may be off by 0.310 on average."
    assert words.expect == ("Expect its number to be off by 0.310 on average (95% interval 0.280 to 0.350).",)
    assert "to give a text a number" in words.lead


def test_marks_that_are_mostly_wrong_are_not_usable(runs: dict[str, Facts]) -> None:
    few = {"precision_micro": Interval(value=0.01, low=0.005, high=0.02), "recall_micro": interval(0.1, 200)}
    words = verdict(scored(runs["tagging"], **few))
    assert words.grade == "unusable"
    assert words.headline.startswith("Not usable: of 100 entities that it gives only between 0 and 2 are right")
