"""What follows a saved model: it is loaded afresh as anyone would, scored, and reported on."""

import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith import rooms, sealed
from tunesmith.artifacts import Evaluation, Health, LabelThresholds, Plan, Prepared, Reading, Temperature, Trained
from tunesmith.device import Machine
from tunesmith.hall import beside, rereading
from tunesmith.memory import peak_bytes
from tunesmith.rooms.plan.costs import ROBUSTNESS_SECONDS, ROBUSTNESS_SHARE
from tunesmith.runs import Run, read_steps
from tunesmith.words import say

if TYPE_CHECKING:
    # Opened when a run closes: who only reads or checks must not wait for torch.
    from tunesmith.rooms.evaluate import Held, Scorer, Subject
    from tunesmith.rooms.train import Training

PARITY = 1e-6
"""A reloaded model's dev score differs from the loop's by no more than this where both answer alike."""

ROUNDING = 0.005
"""Where a row's two best answers are as good as equal, rounding decides; more than half a point is not rounding."""


REPORT_SECONDS = 2.0
"""Kept for what follows the last scoring."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A plan with everything that it was made from. The time budget counts from ``began`` (``time.monotonic``)."""

    plan: Plan
    reading: Reading
    health: Health
    prepared: Prepared
    machine: Machine
    began: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished run."""

    trained: Trained
    evaluation: Evaluation
    report: Path


def close(
    run: Run,
    ready: Ready,
    training: "Training",
    *,
    score: "Scorer",
    notes: Sequence[str],
    judged: Evaluation | None = None,
) -> Result:
    """Load the model that lies in the run's folder, judge it, and write scores, card and report.

    Args:
        training: what the model came from; it has ended.
        score: what scored the model on the dev rows in the loop.
        notes: what the user was told before the first step.
        judged: the scores, where they come from elsewhere than a held-out split.

    Raises:
        AssertionError: the model does not answer as it did before it was saved.
    """
    plan, prepared = ready.plan, ready.prepared
    subject = rooms.evaluate.subject(run.model, plan)
    answered = score.asked(subject.model)
    parity = _must_answer_alike(score.judged(*answered), plan, training)
    subject = _fitted(run, subject, answered, plan, judged)
    steps = tuple(read_steps(run))
    dev = Path(prepared.splits["dev"].path)
    merged = rooms.evaluate.adapter_note(subject, run.adapter, plan, dev) if run.adapter.is_dir() else ""
    told = (*notes, *(step.note for step in steps), training.result_note, parity, merged)
    trained = _trained(run, ready, training, notes=tuple(dict.fromkeys(filter(None, told))))
    evaluation = judged or _judged(run, ready, subject)
    facts = rooms.report.Facts(
        reading=ready.reading,
        health=ready.health,
        prepared=prepared,
        plan=plan,
        steps=steps,
        trained=trained,
        evaluations=(evaluation,),
    )
    (run.model / "README.md").write_text(rooms.report.card(facts), encoding="utf-8")
    page = rooms.report.report(run.folder, facts)
    evaluation.write(run.evaluation)
    sealed.seal(run.folder)
    # Written last: its presence says that the run is whole.
    trained.write(run.trained)
    # A finished run is never resumed, and its checkpoints are the largest thing in it.
    shutil.rmtree(run.checkpoints, ignore_errors=True)
    return Result(trained=trained, evaluation=evaluation, report=page)


def _fitted(
    run: Run,
    subject: "Subject",
    answered: tuple[list[Any], list[Any]],
    plan: Plan,
    judged: Evaluation | None,
) -> "Subject":
    """The model, as sure as it should be and giving labels from where it should, by its answers to the dev rows.

    Both are kept beside its weights.
    """
    seed = plan.settings.evaluate.seed
    if judged is None:
        found = rooms.evaluate.temperature(subject.task, *answered, on="dev", seed=seed)
        cuts = rooms.evaluate.label_thresholds(subject.task, *answered, subject.labels, on="dev", seed=seed)
    else:
        # It learned from the dev rows, too; the folds' models did not see the rows that they answered.
        known = judged.calibration
        found = (
            Temperature()
            if known is None
            else Temperature(temperature=known.temperature, fitted_on=known.fitted_on, because=known.because)
        )
        cuts = LabelThresholds() if judged.label_thresholds is None else judged.label_thresholds.fitted
    found.write(run.model / rooms.evaluate.CALIBRATION)
    if subject.task.at is not None:
        cuts.write(run.model / rooms.evaluate.LABEL_THRESHOLDS)
    return replace(subject, temperature=found, label_thresholds=cuts)


def _robust(found: Evaluation, run: Run, ready: Ready, subject: "Subject", held: "Held") -> Evaluation:
    """With the scores on changed texts, where there is time for them."""
    return rooms.evaluate.robustness(
        found,
        subject,
        held,
        rereading.encoder(subject, run.model),
        seconds=_spare_seconds(run, ready),
        settings=ready.plan.settings.evaluate,
    )


def _spare_seconds(run: Run, ready: Ready) -> float:
    """Time for what a run could do without: a small share of what it took, and nothing that its budget needs."""
    passed = time.monotonic() - ready.began
    budget = ready.plan.settings.train.time_seconds
    left = math.inf if budget is None else (budget - passed) / 2 - REPORT_SECONDS
    return max(0.0, min(ROBUSTNESS_SECONDS, ROBUSTNESS_SHARE * passed, left))


def _judged(run: Run, ready: Ready, subject: "Subject") -> Evaluation:
    """Scores on the held-out split, with what the model writes there."""
    plan, prepared = ready.plan, ready.prepared
    split = "test" if "test" in prepared.splits else "dev"
    held = rooms.evaluate.Held(
        encoded=Path(prepared.splits[split].path),
        raw=Path(prepared.raw[split].path),
        sources=ready.reading.sources,
        most_rows=plan.settings.evaluate.most_rows,
        group_by=plan.settings.prepare.group_by,
        train=Path(prepared.splits["train"].path),
        is_fitted_on=subject.is_fitted_on(split),
        keep=run.outcomes,
    )
    found = rooms.evaluate.evaluate(subject, held, settings=plan.settings.evaluate, run=str(run.folder), split=split)
    seconds = plan.forecast.writing_seconds
    found = rooms.evaluate.judge_writing(found, subject, held, plan=plan, seconds=seconds)
    found = beside.rules(found, plan, prepared, kept=run.outcomes, raw=held.raw)
    return _robust(found, run, ready, subject, held)


def _must_answer_alike(scores: dict[str, float], plan: Plan, training: "Training") -> str:
    """The model as anyone loads it must score what the trained one scored in its best state; what differs is told."""
    monitor = plan.settings.train.monitor or ""
    now, best = scores[monitor], training.progress.watch.best_score
    if best is None or abs(now - best) > ROUNDING * max(1.0, abs(best)):
        raise AssertionError(f"the saved model scores {monitor} {now}, the trained one scored {best}")
    if abs(now - best) <= PARITY:
        return ""
    return say(
        f"loaded afresh, the model has {monitor} {now:.4f} on the dev rows, in training {best:.4f}: rounding",
        f"重新加载后，模型在验证行上的 {monitor} 为 {now:.4f}，训练时为 {best:.4f}：舍入误差",
    )


def _trained(run: Run, ready: Ready, training: "Training", *, notes: tuple[str, ...]) -> Trained:
    progress = training.progress
    per_epoch = training.steps / (ready.plan.settings.train.epochs or 1)
    return Trained(
        run=str(run.folder),
        model=str(run.model),
        seconds=progress.seconds,
        epochs=progress.step / per_epoch,
        best_epoch=progress.watch.best_step / per_epoch,
        best_step=progress.watch.best_step,
        monitor=ready.plan.settings.train.monitor or "",
        best_score=progress.watch.best_score or 0.0,
        top_epoch=progress.watch.top_epoch,
        kept_because=training.result_note,
        stopped_because=progress.stopped_because,
        examples_per_second=progress.examples / max(progress.seconds, 1e-9),
        peak_bytes=peak_bytes(ready.machine.accelerator),
        machine=ready.machine.kind,
        notes=notes,
    )
