"""What follows a saved model: it is loaded afresh as anyone would, scored, and reported on."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith import rooms
from tunesmith.artifacts import Evaluation, Health, Plan, Prepared, Reading, Trained
from tunesmith.device import Machine
from tunesmith.memory import peak_bytes
from tunesmith.runs import Run, read_steps
from tunesmith.words import say

if TYPE_CHECKING:
    # Opened when a run closes: who only reads or checks must not wait for torch.
    from tunesmith.rooms.evaluate.subject import Score, Subject
    from tunesmith.rooms.train import Training

PARITY = 1e-6
"""A reloaded model's dev score differs from the loop's by no more than this where both answer alike."""

ROUNDING = 0.005
"""Where a row's two best answers are as good as equal, rounding decides; more than half a point is not rounding."""


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
    score: "Score",
    notes: Sequence[str],
    judged: Evaluation | None = None,
) -> Result:
    """Load the model that lies in the run's folder, judge it, and write scores, card and report.

    Args:
        training: what the model came from; it has ended.
        score: model → dev metrics.
        notes: what the user was told before the first step.
        judged: the scores, where they come from elsewhere than a held-out split.

    Raises:
        AssertionError: the model does not answer as it did before it was saved.
    """
    plan, prepared = ready.plan, ready.prepared
    subject = rooms.evaluate.subject(run.model, plan)
    parity = _must_answer_alike(score(subject.model), plan, training)
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
    # Written last: its presence says that the run is whole.
    trained.write(run.trained)
    # A finished run is never resumed, and its checkpoints are the largest thing in it.
    shutil.rmtree(run.checkpoints, ignore_errors=True)
    return Result(trained=trained, evaluation=evaluation, report=page)


def _judged(run: Run, ready: Ready, subject: "Subject") -> Evaluation:
    """Scores on the held-out split, with what the model writes there."""
    plan, prepared = ready.plan, ready.prepared
    split = "test" if "test" in prepared.splits else "dev"
    held = rooms.evaluate.Held(
        encoded=Path(prepared.splits[split].path),
        raw=Path(prepared.raw[split].path),
        sources=ready.reading.sources,
        most_rows=plan.settings.evaluate.most_rows,
        keep=run.outcomes,
    )
    found = rooms.evaluate.evaluate(subject, held, settings=plan.settings.evaluate, run=str(run.folder), split=split)
    seconds = plan.forecast.writing_seconds
    return rooms.evaluate.judge_writing(found, subject, held, plan=plan, seconds=seconds)


def _must_answer_alike(scores: dict[str, float], plan: Plan, training: "Training") -> str:
    """The model as anyone loads it must score what the trained one scored in its best state; what differs is told."""
    monitor = plan.settings.train.monitor or ""
    now, best = scores[monitor], training.progress.watch.best_score
    if best is None or abs(now - best) > ROUNDING:
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
        stopped_because=progress.stopped_because,
        examples_per_second=progress.examples / max(progress.seconds, 1e-9),
        peak_bytes=peak_bytes(ready.machine.accelerator),
        machine=ready.machine.kind,
        notes=notes,
    )
