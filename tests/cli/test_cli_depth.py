"""What lies behind scores, on a terminal: only what is worth a decision, in both languages."""

from collections.abc import Callable

import pytest
from made_facts import plan

from tunesmith.artifacts import (
    Bin,
    Calibration,
    Costs,
    Evaluation,
    Interval,
    Mistake,
    Robustness,
    Slice,
    Threshold,
)
from tunesmith.cli.show_depth import depth, worthwhile
from tunesmith.cli.verbs.test import LISTS, contract
from tunesmith.errors import SettingsError
from tunesmith.using.opened import judging_as

Printed = Callable[[], str]


def near(value: float, width: float = 0.02) -> Interval:
    return Interval(value=value, low=value - width, high=value + width)


def part(by: str, name: str, *, is_worse: bool) -> Slice:
    return Slice(
        by=by, name=name, rows=94, value=near(0.894), rest=0.985, p=0.001 if is_worse else 0.6, is_worse=is_worse,
        share_of_errors=0.62, metric="accuracy",
    )  # fmt: skip


def judged(**changes: object) -> Evaluation:
    wrong = Mistake(path="x/test.tsv", line=7, text="[bold]?", truth="1", answer="4", confidence=0.98)
    known: dict[str, object] = {
        "run": "runs/x", "split": "test", "rows": 500, "main": "f1_macro", "metrics": {"accuracy": near(0.968)},
        "per_class": {}, "suspects": (wrong,) * 4,
        "costs": Costs(plain=near(0.5), least=near(0.3), saved=near(0.2), changed=0.1),
        "calibration": Calibration(
            error=near(0.341), bins=(Bin(confidence=0.9, right=near(0.8), rows=500),), temperature=0.39,
            error_after=near(0.103), fitted_on="dev", chance=0.02, p=0.001,
        ),
        "thresholds": tuple(
            Threshold(at_least=least, answered=answered, right=near(right))
            for least, answered, right in [(0.0, 1.0, 0.9), (0.7, 0.8, 0.94), (0.9, 0.68, 0.96), (0.99, 0.2, 0.99)]
        ),
        "slices": (part("label", "1", is_worse=True), part("length", "4 to 9 tokens", is_worse=False)),
        "robustness": (
            Robustness(change="typos", rows=500, value=near(0.8), difference=near(-0.093), answers_changed=0.12,
                       example="draft \u21d2 drfat: 5 \u2192 1", metric="accuracy"),
            Robustness(change="case", rows=500, value=near(0.9), difference=near(0.0), answers_changed=0.0,
                       metric="accuracy"),
        ),
    }  # fmt: skip
    return Evaluation.model_validate(known | changes)


def test_each_finding_is_a_line(printed: Printed) -> None:
    depth(judged())
    text = printed()
    assert (
        "off by 34.1 points (32.1 \u2013 36.1) on average; 10.3 points (8.3 \u2013 12.3) with the temperature 0.39"
        in text
    )
    assert "only when 90% sure or more (--at-least 0.9): 68% of rows, 96.0% right" in text
    assert (
        "label 1: accuracy 0.894 (0.874 \u2013 0.914), on the others 0.985; p = 0.001; 94 rows, 62% of all wrong rows"
        in text
    )
    assert "4 to 9 tokens" not in text
    assert "typing errors -9.3 points (-11.3 to -7.3); other case changes no answer" in text
    assert "drfat" in text
    assert "4 labels may be wrong" in text and "test.tsv:7 and 1 more" in text
    assert "save 0.200" in text


def test_where_nothing_is_worse_one_line_says_what_was_looked_at(printed: Printed) -> None:
    depth(judged(slices=(part("length", "4", is_worse=False), part("author", "Ann", is_worse=False)), suspects=()))
    text = printed()
    assert "no part of the rows is clearly worse: 2 parts looked at by length, author" in text
    assert "may be wrong" not in text


def test_it_speaks_chinese(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    depth(judged())
    text = printed()
    assert "平均偏差 34.1 个百分点" in text and "标签 1：accuracy 0.894" in text and "错字 -9.3 个百分点" in text
    assert "may be" not in text and "points" not in text


def test_a_threshold_is_told_where_it_halves_the_errors_and_answers_half() -> None:
    found = judged().thresholds
    best = worthwhile(found)
    assert best is not None and best.at_least == 0.9
    assert worthwhile(found[:2]) is None
    assert worthwhile(()) is None
    perfect = Threshold(at_least=0.0, answered=1.0, right=near(1.0))
    assert worthwhile((perfect,)) is None


def test_programs_get_all_of_it() -> None:
    found = contract(judged())
    assert found["calibration"]["temperature"] == 0.39  # type: ignore[index]
    assert len(found["slices"]) == 2 and len(found["suspects"]) == 4  # type: ignore[arg-type]
    assert set(LISTS) <= set(found)


def test_a_finished_run_is_judged_otherwise_but_not_trained_otherwise() -> None:
    assert judging_as(plan(), {"costs": {"a:b": 2.0}}).settings.evaluate.costs == {"a:b": 2.0}
    with pytest.raises(SettingsError, match=r"train\.epochs"):
        judging_as(plan(), {"epochs": 3})
