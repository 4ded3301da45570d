"""Follow a session on the terminal to its end: notes, progress, result."""

import json
import time

import typer

from tunesmith.artifacts import CROSS
from tunesmith.cli import show
from tunesmith.cli.console import console, error_console
from tunesmith.cli.examples import show_examples
from tunesmith.cli.progress import watched
from tunesmith.cli.signals import heeded
from tunesmith.hall.closing import Result
from tunesmith.hall.folds import Folded
from tunesmith.hall.session import Session
from tunesmith.hall.showing import examples
from tunesmith.words import say


def introduce(session: Session | Folded) -> None:
    """What the data is, how good, and what will be done with it."""
    show.reading(session.ready.reading)
    show.health(session.ready.health)
    console().print()
    show.plan(session.ready.plan)
    show_examples(examples(session.ready))


def follow(session: Session | Folded, *, as_json: bool) -> None:
    """Iterate the session to its end and show, or print as JSON, what came of it.

    Raises:
        typer.Exit: a signal asked for the end.
    """
    for note in session.notes:
        error_console().print(note, markup=False, soft_wrap=True)
    with heeded(session, is_silent=not session.ranks.is_main):
        result = _followed(session, as_json=as_json)
    if result is None:
        return
    seconds = time.monotonic() - session.ready.began
    if as_json:
        typer.echo(json.dumps(contract(result, seconds), ensure_ascii=False))
        return
    _show(result, seconds)


def _followed(session: Session | Folded, *, as_json: bool) -> Result | None:
    """The session's result; None on those of several processes that only help to train."""
    if not session.ranks.is_main:
        session.accompany()
        return None
    plan = session.ready.plan
    monitor = plan.settings.train.monitor or ""
    try:
        steps = iter(session) if as_json else watched(session, monitor=monitor, forecast=plan.forecast)
        for _ in steps:
            pass
        return session.finish()
    except KeyboardInterrupt:
        error_console().print(
            say(
                f"Stopped. Go on with: tunesmith resume {session.run.folder}",
                f"已停止。继续请运行：tunesmith resume {session.run.folder}",
            ),
            markup=False,
            soft_wrap=True,
        )
        raise


def contract(result: Result, seconds: float) -> dict[str, object]:
    """What the last line of ``train --json`` promises to programs."""
    trained = result.trained
    return {
        "run": trained.run,
        "seconds": round(seconds, 2),
        "epochs": round(trained.epochs, 3),
        "best_epoch": round(trained.best_epoch, 3),
        "stopped_because": trained.stopped_because,
        "metrics": {name: one.model_dump() for name, one in result.evaluation.metrics.items()},
        "train_seconds": round(trained.seconds, 2),
        "examples_per_second": round(trained.examples_per_second, 2),
        "report": str(result.report),
    }


def _show(result: Result, seconds: float) -> None:
    trained = result.trained
    scored = f"{trained.monitor} {trained.best_score:.4f}"
    # Where folds judge, the last model has no dev rows of its own.
    is_seen = result.evaluation.split == CROSS
    where = say("on rows that it learned from", "训练过的行") if is_seen else say("dev", "验证")
    console().print(
        say(
            f"\nstopped after {trained.epochs:g} epochs: {trained.stopped_because}; kept the state of epoch "
            f"{trained.best_epoch:g} ({where} {scored})",
            f"\n训练 {trained.epochs:g} 轮后结束：{trained.stopped_because}；保留第 {trained.best_epoch:g} 轮的状态"
            f"（{where} {scored}）",
        ),
        markup=False,
        soft_wrap=True,
    )
    if trained.kept_because:
        console().print(f"  {trained.kept_because}", markup=False, soft_wrap=True)
    show.evaluation(result.evaluation)
    model = say(
        f"model:  {trained.model}  (loaded afresh, same scores)", f"模型： {trained.model}（已重新加载，得分一致）"
    )
    for line in (
        model,
        say(f"report: {result.report}", f"报告： {result.report}"),
        say(
            f"took {show.duration(seconds)}, {trained.examples_per_second:,.0f} examples/s",
            f"用时 {show.duration(seconds)}，每秒 {trained.examples_per_second:,.0f} 条",
        ),
        say(f"next:   tunesmith predict {trained.run} FILE", f"下一步：tunesmith predict {trained.run} 文件"),
    ):
        console().print(line, markup=False, soft_wrap=True)
