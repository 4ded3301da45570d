"""All that judging in depth adds to an evaluation, made by hand: calibration, parts, changes, free rules, doubts."""

from collections.abc import Sequence
from typing import Any

from made_facts import interval
from made_runs import english

from tunesmith.artifacts import (
    Baseline,
    Bin,
    Calibration,
    Evaluation,
    Interval,
    Mistake,
    Robustness,
    Slice,
    Threshold,
)
from tunesmith.rooms.report.facts import Facts


def between(low: float, high: float) -> Interval:
    """An interval around its middle."""
    return Interval(value=(low + high) / 2, low=low, high=high)


def calibration(too_sure: float = 0.08, rows: int = 100, **changes: Any) -> Calibration:
    """Five bins, each right less often than it says by ``too_sure``."""
    sure = (0.55, 0.68, 0.79, 0.9, 0.97)
    bins = tuple(Bin(confidence=one, right=interval(one - too_sure, rows), rows=rows) for one in sure)
    error = Interval(value=too_sure, low=max(0.0, too_sure - 0.02), high=too_sure + 0.03)
    values = {
        "error": error,
        "bins": bins,
        "temperature": 1.42,
        "error_after": between(0.01, 0.03),
        "fitted_on": "dev",
        "p": 0.001,
    }
    return Calibration(**(values | changes))


def thresholds(rows: int = 500) -> tuple[Threshold, ...]:
    """The surer, the fewer, the more of them right."""
    found = ((0.0, 1.0, 0.88), (0.5, 0.97, 0.9), (0.8, 0.84, 0.95), (0.95, 0.5, 0.985))
    return tuple(Threshold(at_least=t, answered=a, right=interval(r, int(rows * a))) for t, a, r in found)


def part(by: str, name: str, value: float, rows: int, *, is_worse: bool = False) -> Slice:
    """One part of the rows beside a rest of 0.89."""
    return Slice(
        by=by, name=name, rows=rows, value=interval(value, rows), rest=0.89, p=0.004 if is_worse else 0.6,
        is_worse=is_worse, share_of_errors=0.3 if is_worse else 0.05,
    )  # fmt: skip


def slices() -> tuple[Slice, ...]:
    """Two parts that are worse, one of them a column of the user's, and three that are not."""
    return (
        part("length", "18 to 41 tokens", 0.71, 120, is_worse=True),
        part("channel", "e-mail <b>", 0.75, 90, is_worse=True),
        part("length", "11 to 17 tokens", 0.86, 130),
        part("rare", "with rare words", 0.87, 160),
        part("source", "TREC.test.all", 0.9, 500),
    )


def changes() -> tuple[Robustness, ...]:
    """Typing errors cost much, case nothing."""
    return (
        Robustness(
            change="typos", rows=300, value=between(0.72, 0.78), difference=between(-0.16, -0.09),
            answers_changed=0.14, example="Waht is an atom ? (DESC → ENTY)",
        ),
        Robustness(
            change="case", rows=300, value=between(0.86, 0.9), difference=between(-0.01, 0.01), answers_changed=0.01
        ),
    )  # fmt: skip


def baseline(name: str, value: float, ahead: tuple[float, float], main: str = "f1_macro") -> Baseline:
    """A rule with this score, which the model leads by ``ahead``."""
    return Baseline(
        name=name, metrics={main: interval(value, 500)}, difference=between(*ahead), p=0.001, seconds=0.4
    )  # fmt: skip


def doubts(count: int, confidence: float, text: str = "What is the capital of 13812345678 ?") -> tuple[Mistake, ...]:
    """Answers worth a look, with a phone number in each."""
    return tuple(
        Mistake(path="data/TREC.test.all", line=70 + i, text=text, truth="LOC", answer="NUM", confidence=confidence)
        for i in range(count)
    )


def with_evaluation(facts: Facts, **changed: Any) -> Facts:
    """The same facts with another main evaluation."""
    evaluation: Evaluation = facts.evaluation.model_copy(update=changed)
    others: Sequence[Evaluation] = facts.others
    return facts.model_copy(update={"evaluations": (evaluation, *others)})


def deep() -> Facts:
    """Six classes of questions, judged in every way there is."""
    return with_evaluation(
        english(),
        calibration=calibration(error_after=None, temperature=1.0),
        thresholds=thresholds(),
        slices=slices(),
        robustness=changes(),
        baselines=(baseline("majority", 0.072, (0.78, 0.83)), baseline("tfidf", 0.829, (0.028, 0.076))),
        doubtful=doubts(9, 0.41),
        suspects=doubts(3, 0.998),
    )
