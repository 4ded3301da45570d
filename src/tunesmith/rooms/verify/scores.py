"""Claims about scores: answers on paper give them, the saved model gives them again, and the report tells the same."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith import sealed
from tunesmith.artifacts import Claim, Evaluation, Interval
from tunesmith.metrics.sheet import Resampling
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.verify.facts import Again, Kept
from tunesmith.tasks import TASKS
from tunesmith.words import counted, listed, say

ROUNDING = 1e-5
"""Values that differ by less than this part of them are the same: sums of float32 in another order do."""

ANSWER_ROUNDING = 1e-3
"""Likewise for single probabilities and losses, which are kept as float32."""

OTHER_ROUNDING, OTHER_ANSWER_ROUNDING = 5e-3, 5e-2
"""The same where machine or libraries are others: half a point of a score, as when a saved model is loaded afresh."""


def scores(kept: Kept, again: Again) -> list[Claim]:
    """From the answers on paper, from the model, and in the report."""
    return [_replayed(kept), *_from_model(kept, again), _report(kept)]


def _replayed(kept: Kept) -> Claim:
    """The scores are those of the answers that were kept."""
    name, path = say("scores from the kept answers", "由记录的答案得出的得分"), kept.folder / "outcomes.arrow"
    if not path.is_file():
        because = say("made before answers were kept", "运行产生于开始保存答案之前")
        return Claim(name=name, told="", found="", holds=None, because=because)
    outcomes = Outcomes.load(path)
    task = TASKS.get(kept.plan.task).given_from(outcomes.cuts)
    sheet = task.judge(outcomes.truths, outcomes.answers, outcomes.labels, Resampling(samples=0))
    told = _values(kept.evaluation.metrics)
    told |= {f"F1 {name}": one.f1.value for name, one in kept.evaluation.per_class.items()}
    found = sheet.values() | {f"F1 {name}": one.f1.value for name, one in sheet.per_class.items()}
    return _claim(name, kept.evaluation, _apart(told, found))


def _from_model(kept: Kept, again: Again) -> Iterator[Claim]:
    name = say("scores of the saved model", "保存的模型的得分")
    if again.evaluation is None:
        yield Claim(name=name, told=_main(kept.evaluation), found="", holds=None, because=again.because)
        return
    told, found = kept.evaluation.metrics, again.evaluation.metrics
    if not _apart(_values(told), _values(found)) and not _is_same_code(kept) and _apart(_ends(told), _ends(found)):
        # Versions may draw intervals otherwise; that is no claim of the run's.
        because = say("the values are the same; another version drew the intervals", "数值一致；区间由另一版本得出")
        yield Claim(name=name, told=_main(kept.evaluation), found="", holds=True, because=because)
    else:
        tolerance = OTHER_ROUNDING if kept.may_round_otherwise else ROUNDING
        yield _claim(name, kept.evaluation, _apart(_ends(told), _ends(found), tolerance))
    if again.outcomes is not None and (kept.folder / "outcomes.arrow").is_file():
        tolerance = OTHER_ANSWER_ROUNDING if kept.may_round_otherwise else ANSWER_ROUNDING
        yield _answers(Outcomes.load(kept.folder / "outcomes.arrow"), again.outcomes, tolerance)


def _answers(told: Outcomes, found: Outcomes, tolerance: float) -> Claim:
    """Row by row."""
    name = say("answers of the saved model", "保存的模型的答案")
    rows = counted(len(told), "row", "rows", "行")
    if told.keys != found.keys:
        because = say("the model was asked about other rows", "所问的数据行不同")
        return Claim(name=name, told=rows, found=f"{len(found):,}", holds=False, because=because)
    differ = [
        f"{Path(told.paths[at]).name}:{told.lines[at]}"
        for at, (one, other) in enumerate(zip(told.answers, found.answers, strict=True))
        if one.shape != other.shape or not np.allclose(one, other, rtol=tolerance, atol=tolerance)
    ]
    if not differ:
        return Claim(name=name, told=rows, found=say("the same", "一致"), holds=True)
    others = say(f"others for {listed(differ, 3)}", f"以下行不同：{listed(differ, 3)}")
    return Claim(name=name, told=rows, found=others, holds=False, because=_why_other())


def _report(kept: Kept) -> Claim:
    """The report's data tell the same scores."""
    name, path = say("scores in report.json", "report.json 中的得分"), kept.folder / "report.json"
    if not path.is_file():
        return Claim(name=name, told="", found="", holds=None, because=say("no longer there", "已不在"))
    told = [one for one in _evaluations(path) if one.get("split") == kept.evaluation.split]
    if not told:
        because = say("it is not a report of this run", "并非此运行的报告")
        return Claim(name=name, told="", found="", holds=False, because=because)
    metrics = {name: Interval.model_validate(one) for name, one in told[0].get("metrics", {}).items()}
    apart = _apart(_ends(kept.evaluation.metrics), _ends(metrics))
    return _claim(name, kept.evaluation, apart, because=say("one of both was changed", "其中之一被改动"))


def _evaluations(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["evaluations"]
    except (ValueError, KeyError, TypeError):
        return []
    return [one for one in found if isinstance(one, dict)]


def _is_same_code(kept: Kept) -> bool:
    return kept.sealed is not None and kept.sealed.code == sealed.code()


def _values(metrics: Mapping[str, Interval]) -> dict[str, float]:
    return {name: one.value for name, one in metrics.items()}


def _ends(metrics: Mapping[str, Interval]) -> dict[str, float]:
    """Each metric's value and both ends of its interval."""
    return {
        f"{name}{end}": value
        for name, one in metrics.items()
        for end, value in (("", one.value), (" low", one.low), (" high", one.high))
    }


def _apart(told: Mapping[str, float], found: Mapping[str, float], tolerance: float = ROUNDING) -> list[str]:
    """What both tell and tell differently; what a model wrote is not written again."""
    return [
        f"{name} {found[name]:.4f} ({told[name]:.4f})"
        for name in told
        if name in found and abs(told[name] - found[name]) > tolerance * max(1.0, abs(told[name]))
    ]


def _claim(name: str, told: Evaluation, apart: Sequence[str], because: str = "") -> Claim:
    if not apart:
        return Claim(name=name, told=_main(told), found=say("the same", "一致"), holds=True)
    return Claim(
        name=name, told=_main(told), found=listed(list(apart), 3), holds=False, because=because or _why_other()
    )


def _main(told: Evaluation) -> str:
    return f"{told.main} {told.metrics[told.main].value:.4f}"


def _why_other() -> str:
    return say("scores, answers or the model were changed", "得分、答案或模型被改动")
