"""What a search comes to, from its trials: the best, its gain over the plan, and which settings mattered."""

from collections.abc import Sequence
from pathlib import Path

from tunesmith import rooms
from tunesmith.artifacts import Evaluation
from tunesmith.artifacts.trials import Role, Search, Trial
from tunesmith.hall.closing import Ready
from tunesmith.words import say


def summed_up(
    board: "rooms.tune.Board",
    ready: Ready,
    repeats: Sequence[Trial],
    *,
    folder: Path,
    final: Path | None,
    evaluation: Evaluation | None,
    seconds: float,
    notes: Sequence[str],
) -> Search:
    """The finished search.

    Args:
        repeats: the best and the plan's own choice with other seeds.
        final: the run that was judged; None for one that only helped.
        seconds: what the whole command took, over all processes of this folder.
    """
    setup, trials, best = board.setup, board.trials(), board.best()
    assert best is not None, "a search without any score has said so before"
    plan = plan_of(trials)
    scores: dict[Role, list[float]] = {"again": [], "plan-again": []}
    for trial in repeats:
        if trial.score is not None:
            scores[trial.role].append(trial.score)
    monitor, seed = board.monitor, setup.wishes.tune.seed
    return Search(
        name=setup.name,
        folder=str(folder),
        task=ready.plan.task,
        model=ready.plan.model.name,
        monitor=monitor,
        dimensions=setup.dimensions,
        is_grid=setup.is_grid,
        trials=trials,
        repeats=tuple(repeats),
        best=best.number,
        plan=0 if plan is None else plan.number,
        run="" if final is None else str(final),
        gain=rooms.tune.gain(scores["again"], scores["plan-again"], metric=monitor, found=best.score or 0.0),
        importance=rooms.tune.importance(trials, setup.dimensions, monitor=monitor, seed=seed),
        importance_by=rooms.tune.METHOD,
        evaluation=evaluation,
        dev_rows=ready.prepared.splits["dev"].rows,
        seconds=seconds,
        stopped_because=say("all trials are done", "所有试验已完成")
        if board.left == 0
        else say("the time is up", "时间已用完"),
        notes=tuple(notes),
    )


def plan_of(trials: Sequence[Trial]) -> Trial | None:
    """The plan's own choice, where it was trained to its end."""
    return next((one for one in trials if one.role == "plan" and one.state == "finished"), None)
