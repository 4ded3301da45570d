"""Cross-validation as one run: every row is scored once, and what was finished is not done again."""

import json
from pathlib import Path

import numpy as np
import pytest

from made import write_reviews
from tunesmith import flow, using
from tunesmith.artifacts import Evaluation
from tunesmith.errors import RunError, UserError
from tunesmith.hall.crossing import answers
from tunesmith.hall.folds import Folded, for_all_models, is_whole
from tunesmith.outcomes import Outcomes
from tunesmith.place import Place
from tunesmith.runs import Run, read_plan
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 1,
    "train.threads": 1,
    "evaluate.bootstrap_samples": 100,
    "prepare.folds": 2,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "cache"))
    return tmp_path


def stop_in(session: Folded, fold: str) -> None:
    for step in session:
        session.stop_is_wanted = session.stop_is_wanted or fold in step.note


def test_an_interrupted_fold_goes_on_and_each_row_is_scored_once(here: Path) -> None:
    session = flow.start([write_reviews(here / "reviews.tsv", 40)], changed(Settings(), QUICK), name="shop")
    assert isinstance(session, Folded)
    forecast = session.ready.plan.forecast
    with pytest.raises(KeyboardInterrupt):
        stop_in(session, "fold 2 of 2")
    first, second = (here / "runs" / "shop" / "folds" / str(number) for number in (1, 2))
    done = (first / "steps.jsonl").stat().st_mtime_ns
    assert (first / "trained.json").is_file() and not (second / "trained.json").is_file()
    again = flow.resume(here / "runs" / "shop")
    assert isinstance(again, Folded)
    assert again.notes == ("1 of 2 folds are done",)
    notes = [step.note for step in again if step.note]
    result = again.finish()
    assert (first / "steps.jsonl").stat().st_mtime_ns == done
    steps = [json.loads(line)["step"] for line in (second / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    assert steps == list(range(1, len(steps) + 1))
    assert notes[0].startswith("fold 2 of 2") and "trains on all 40 rows" in notes[-1]
    found = result.evaluation
    assert (found.split, found.rows) == ("cross-validation", 40)
    folds = [Evaluation.load(folder / "evaluation.json") for folder in (first, second)]
    pooled = sum(one.rows * one.metrics["accuracy"].value for one in folds) / 40
    assert found.metrics["accuracy"].value == pytest.approx(pooled)
    assert f"{folds[0].metrics['f1_macro'].value:.3f}, {folds[1].metrics['f1_macro'].value:.3f}" in found.notes[1]
    _must_be_judged_again_by_what_was_kept(here / "runs" / "shop", found)
    # Rules learn in each fold what its model learned, and answer the same rows.
    assert [one.name for one in found.baselines] == ["majority", "tfidf"]
    assert found.baselines[0].metrics["accuracy"].value == pytest.approx(0.5, abs=0.2)
    gap = found.metrics["f1_macro"].value - found.baselines[1].metrics["f1_macro"].value
    assert found.baselines[1].difference.value == pytest.approx(gap)
    assert not (first / "model").exists() and (here / "runs" / "shop" / "model" / "model.safetensors").is_file()
    plan = read_plan(here / "runs" / "shop" / "plan.yaml")
    assert is_whole(plan) and forecast.seconds > plan.forecast.closing_seconds
    assert next(one.because for one in plan.choices if one.name == "epochs").startswith("the median of the folds")


def _must_be_judged_again_by_what_was_kept(run: Path, found: Evaluation) -> None:
    again = using.test(run, wishes={"evaluate.bootstrap_samples": 200})
    assert (again.metrics["accuracy"], again.notes, again.mistakes) == (
        found.metrics["accuracy"], found.notes, found.mistakes,
    )  # fmt: skip
    assert again.baselines[0].words.startswith("always the most frequent label")
    # The run's own papers tell the new scores, and its hashes hold.
    assert Evaluation.load(run / "evaluation.json").metrics == again.metrics
    assert all(claim.holds is not False for claim in using.verify(run).claims)
    # A rule learns in each fold what its model learned, and answers the rows that this one held out.
    beside = using.compare([run, "tfidf"], samples=50)
    assert beside.rows == 40
    rule = beside.contenders[1].metrics["accuracy"].value
    assert rule == pytest.approx(found.baselines[1].metrics["accuracy"].value)


def test_folds_of_an_earlier_version_say_that_they_cannot_be_judged_again(tmp_path: Path) -> None:
    run = Run(tmp_path)
    Outcomes(
        task="text-classification", split="cross-validation", labels=("a", "b"), rows=[0], paths=["x"], lines=[1],
        keys=["k"], truths=[0], answers=[np.zeros(2)], written=[None],
    ).write(run.outcomes)  # fmt: skip
    with pytest.raises(RunError, match="Expected answers that tell their fold; got a run of an earlier version"):
        answers(run)


def test_folds_are_not_for_several_processes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = flow.plan([write_reviews(here / "reviews.tsv", 40)], changed(Settings(), QUICK))
    assert for_all_models(ready.plan).forecast.seconds == pytest.approx(3 * ready.plan.forecast.seconds)
    told = {choice.name: choice.because for choice in ready.plan.choices}
    assert "2 models are each scored" in told["split"] and "folds" not in told
    monkeypatch.setattr("tunesmith.hall.folds.place", lambda: Place(rank=0, world=2, local_rank=0, local_world=2))
    with pytest.raises(UserError, match=r"one process for prepare\.folds; got 2"):
        flow.begin(ready)


def test_folds_are_proposed_for_tiny_data_and_not_done_unasked(here: Path) -> None:
    alone = changed(Settings(), QUICK | {"prepare.folds": None})
    tiny = flow.plan([write_reviews(here / "reviews.tsv", 40)], alone)
    (because,) = (choice.because for choice in tiny.plan.choices if choice.name == "folds")
    assert "4 test rows leave an accuracy uncertain by up to ±49 points; prepare.folds=5 would score all 40" in because
    assert tiny.plan.settings.prepare.folds is None and not is_whole(tiny.plan)
