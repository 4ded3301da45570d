"""Follow a search on the terminal to its end: trials, what they tell, and where the best is."""

import json
import math
import time
from collections.abc import Iterable, Iterator

import typer
from rich import box
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from tunesmith import telling
from tunesmith.artifacts.trials import Search, Trial
from tunesmith.cli import show
from tunesmith.cli.console import console, error_console
from tunesmith.cli.signals import heeded
from tunesmith.search.searched import BEST, Searched
from tunesmith.words import say

PLAIN_SECONDS = 30.0
"""Where there is no terminal, a line at least this often, beside one for every trial."""

MOST_TRIALS = 8
"""Of the table in the end; all stand on the page."""


def introduce(search: Searched) -> None:
    """What the data is, the plan, and what is going to vary."""
    show.reading(search.ready.reading)
    show.health(search.ready.health)
    console().print()
    show.plan(search.ready.plan)
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in search.ground.dimensions:
        table.add_row(f"[bold]{escape(one.path)}[/]", escape(telling.span(one)))
    console().print(say("\nwhat varies:", "\n变化的设置："))
    console().print(table)


def follow(search: Searched, *, as_json: bool) -> None:
    """Iterate the search to its end and show, or print as JSON, what came of it.

    Raises:
        typer.Exit: a signal asked for the end.
    """
    for note in search.notes:
        error_console().print(note, markup=False, soft_wrap=True)
    with heeded(search):
        found = _followed(search, as_json=as_json)
    if as_json:
        typer.echo(json.dumps(contract(found), ensure_ascii=False))
    elif search.is_helper:
        own = sum(one.worker == search.ground.worker for one in found.trials)
        console().print(
            say(
                f"trials trained here: {own:,}; the one that began the search judges",
                f"在此完成 {own:,} 次试验；结果由开始搜索的进程评判",
            )
        )
    else:
        _show(found)


def _followed(search: Searched, *, as_json: bool) -> Search:
    try:
        for _ in iter(search) if as_json else _watched(search):
            pass
        return search.finish()
    except KeyboardInterrupt:
        folder = search.run.folder
        error_console().print(
            say(f"Stopped. Go on with: tunesmith resume {folder}", f"已停止。继续请运行：tunesmith resume {folder}"),
            markup=False,
            soft_wrap=True,
        )
        raise


def contract(found: Search) -> dict[str, object]:
    """What the last line of ``tune --json`` promises to programs."""
    best = found.winner
    return {
        "search": found.folder,
        "run": found.run,
        "monitor": found.monitor,
        "best": {"trial": best.number, "score": best.score, "values": best.values, "epochs": round(best.epochs, 3)},
        "trials": [
            {
                "trial": one.number,
                "role": one.role,
                "state": one.state,
                "score": one.score,
                "values": one.values,
                "epochs": round(one.epochs, 3),
                "examples": one.examples,
                "seconds": round(one.seconds, 2),
            }
            for one in found.trials
        ],
        "gain": None if found.gain is None else found.gain.model_dump(mode="json"),
        "importance": found.importance,
        "metrics": {}
        if found.evaluation is None
        else {name: one.model_dump() for name, one in found.evaluation.metrics.items()},
        "seconds": round(found.seconds, 2),
    }


def _watched(search: Searched) -> Iterator[Trial]:
    shown = _bar if console().is_terminal else _lines
    return shown(search, search)


def _bar(trials: Iterable[Trial], search: Searched) -> Iterator[Trial]:
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"))
    with Progress(*columns, console=console(), transient=True) as progress:
        bar = progress.add_task("", total=None)
        for trial in trials:
            progress.update(bar, total=trial.steps, completed=trial.step, description=_now(trial, search))
            if trial.state != "running":
                progress.console.print(line(trial, search.board.monitor), markup=False, soft_wrap=True)
            yield trial


def _lines(trials: Iterable[Trial], search: Searched) -> Iterator[Trial]:
    said = time.monotonic()
    for trial in trials:
        if trial.state != "running" or time.monotonic() - said >= PLAIN_SECONDS:
            text = line(trial, search.board.monitor) if trial.state != "running" else _now(trial, search)
            console().print(text, markup=False, soft_wrap=True)
            said = time.monotonic()
        yield trial


def line(trial: Trial, monitor: str) -> str:
    """One trial that is over: who, with what, how good."""
    mark = say("  best so far", "  目前最好") if trial.is_best else ""
    score = f"{monitor} {trial.score:.4f}" if trial.score is not None else trial.because
    epochs = say(f"{trial.epochs:.3g} " + ("epoch" if trial.epochs == 1 else "epochs"), f"{trial.epochs:.3g} 轮")
    told = say(", ", "，").join((epochs, show.duration(trial.seconds), telling.ending(trial)))
    return f"{_who(trial)}: {score}{mark}  ({told})  {telling.values(trial)}"


def _now(trial: Trial, search: Searched) -> str:
    left, score = (
        search.allowance.seconds_left,
        "" if trial.score is None else f"  {search.board.monitor} {trial.score:.4f}",
    )
    rest = "" if left == math.inf else say(f"  {show.duration(left)} left", f"  还剩 {show.duration(left)}")
    return f"{_who(trial)}  " + say(f"epoch {trial.epochs:.1f}", f"第 {trial.epochs:.1f} 轮") + score + rest


def _who(trial: Trial) -> str:
    names = {
        "plan": say(f"trial {trial.number}, the plan's own", f"试验 {trial.number}（计划自身）"),
        "drawn": say(f"trial {trial.number}", f"试验 {trial.number}"),
        "again": say(f"trial {trial.number}, seed {trial.seed}", f"试验 {trial.number}，种子 {trial.seed}"),
        "plan-again": say(f"the plan's own, seed {trial.seed}", f"计划自身，种子 {trial.seed}"),
        "final": say(f"the best, trial {trial.number}", f"最好的试验 {trial.number}"),
    }
    return names[trial.role]


def _show(found: Search) -> None:
    console().print()
    console().print(_table(found))
    for sentence in (*telling.sentences(found), *found.notes):
        console().print(sentence, markup=False, soft_wrap=True)
    if found.evaluation is not None:
        show.evaluation(found.evaluation)
    plan = f"{found.folder}/{BEST}/plan.yaml"
    for text in (
        say(f"model:  {found.run}/model", f"模型： {found.run}/model"),
        say(f"page:   {found.folder}/report.html", f"网页： {found.folder}/report.html"),
        say(f"took {show.duration(found.seconds)}", f"用时 {show.duration(found.seconds)}"),
        say(f"again:  tunesmith train {plan}", f"重复：tunesmith train {plan}"),
        say(f"next:   tunesmith predict {found.run} FILE", f"下一步：tunesmith predict {found.run} 文件"),
    ):
        console().print(text, markup=False, soft_wrap=True)


def _table(found: Search) -> Table:
    """The best trials and the plan's own, in the order of their scores."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("trial", "试验"), justify="right", no_wrap=True)
    table.add_column(found.monitor, justify="right", no_wrap=True)
    table.add_column(say("epochs", "轮数"), justify="right", no_wrap=True)
    table.add_column(say("end", "结束"), no_wrap=True)
    table.add_column(say("settings", "设置"))
    ranked = telling.ranked(found)
    chosen = [one for one in ranked if one in ranked[:MOST_TRIALS] or one.role == "plan"]
    for trial in chosen:
        name = (say("plan ", "计划 ") if trial.role == "plan" else "") + f"{trial.number}"
        score = "–" if trial.score is None else f"{trial.score:.4f}"
        style = "bold" if trial.number == found.best else "dim" if trial.state == "pruned" else ""
        values = escape(telling.values(trial))
        table.add_row(name, score, f"{trial.epochs:.3g}", telling.ending(trial), values, style=style)
    rest = len(ranked) - len(chosen)
    if rest > 0:
        table.caption = say(f"and {rest} more, on the page", f"另外 {rest} 次见网页")
    return table
