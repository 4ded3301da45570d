"""The verdict says what the numbers say, and no more."""

import pytest
from made_facts import interval

from tunesmith.artifacts import Interval
from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.verdict import highest_miss_rate, verdict


def scored(facts: Facts, **metrics: Interval) -> Facts:
    """The same facts with some metrics of the main evaluation replaced."""
    evaluation = facts.evaluation.model_copy(update={"metrics": facts.evaluation.metrics | metrics})
    return facts.model_copy(update={"evaluations": (evaluation,)})


def test_the_headline_is_the_accuracy_in_texts_of_a_hundred(english: Facts) -> None:
    facts = scored(english, accuracy=Interval(value=0.881, low=0.8612, high=0.8971))
    assert verdict(facts).headline == "Of 100 texts like these, expect between 86 and 90 right answers."


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
    assert lead.endswith("macro F1 is 88.1%, with a 95% interval of 85.9 to 90.2%.")


def test_a_model_from_scratch_is_called_new(runs: dict[str, Facts]) -> None:
    assert verdict(runs["chinese"]).lead.startswith(
        "A new model (3.9 M parameters) was trained from scratch on 9,000 rows"
    )


@pytest.mark.parametrize(
    ("low", "high", "ending"),
    [
        (0.2, 0.4, "is better: its whole interval lies above that."),
        (0.01, 0.4, "no better than no model at all"),
        (0.01, 0.05, "is worse than that: do not use it."),
    ],
)
def test_the_comparison_follows_the_interval(english: Facts, low: float, high: float, ending: str) -> None:
    words = verdict(scored(english, f1_macro=Interval(value=(low + high) / 2, low=low, high=high)))
    # 138 of 500 rows are DESC: F1 of always saying so is 2 * 0.276 / 1.276, a sixth of which is the macro mean.
    assert "“DESC”" in words.comparison and "28 of 100" in words.comparison and "7.2%" in words.comparison
    assert ending.replace("no better than", "so it is not shown to be better than") in words.comparison


def test_no_mistake_is_not_called_perfect(runs: dict[str, Facts]) -> None:
    words = verdict(runs["perfect"])
    assert words.headline == "Not one mistake on 140 rows."
    assert "up to 2.1% cannot be excluded" in words.meaning[0]
    assert "interval" not in words.lead


@pytest.mark.parametrize(("rows", "rate"), [(1, 0.95), (10, 0.2589), (300, 0.00994)])
def test_the_rule_of_three(rows: int, rate: float) -> None:
    assert highest_miss_rate(rows) == pytest.approx(rate, abs=1e-4)
    assert (1 - highest_miss_rate(rows)) ** rows == pytest.approx(0.05)


def test_entities_are_counted_as_found_and_as_right(runs: dict[str, Facts]) -> None:
    words = verdict(scored(runs["tagging"], recall_micro=Interval(value=0.375, low=0.346, high=0.404)))
    assert words.headline == "Of 100 entities in the text, expect it to find between 34 and 41."
    assert words.meaning[0].startswith("Of 100 that it marks, expect between 50 and 58 to be right")
    assert "Marking nothing at all would score 0% in micro F1." in words.comparison


def test_rows_that_took_part_are_no_proof(english: Facts) -> None:
    facts = english.model_copy(update={"evaluations": (english.evaluation.model_copy(update={"split": "dev"}),)})
    words = verdict(facts)
    assert any("flatters" in sentence for sentence in words.meaning) and "never seen" not in words.lead
    assert not any("flatters" in sentence for sentence in verdict(english).meaning)


def test_without_accuracy_the_main_metric_is_the_headline(english: Facts) -> None:
    evaluation = english.evaluation.model_copy(update={"metrics": {"f1_macro": interval(0.5, 100)}})
    words = verdict(english.model_copy(update={"evaluations": (evaluation,)}))
    assert words.headline == "macro F1 50.0%"


def test_a_metric_without_a_known_baseline_is_not_compared(english: Facts) -> None:
    evaluation = english.evaluation.model_copy(update={"metrics": {"loss": interval(0.5, 100)}, "main": "loss"})
    assert verdict(english.model_copy(update={"evaluations": (evaluation,)})).comparison == ""


def test_every_sentence_has_a_chinese_twin(runs: dict[str, Facts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    for name in ("chinese", "tagging", "perfect"):
        words = verdict(runs[name])
        for sentence in (words.headline, words.lead, *words.meaning, words.comparison):
            assert sentence.endswith("。") and " the " not in sentence and ", " not in sentence
