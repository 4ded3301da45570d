"""The page of a search: what was tried, what it gained, how much of that is noise, and which settings matter."""

from pathlib import Path

from markupsafe import Markup

from tunesmith import telling
from tunesmith.artifacts.trials import Search, Trial
from tunesmith.metrics.direction import worth
from tunesmith.rooms.report.bars import share_bar
from tunesmith.rooms.report.charts import Line, Mark, Words, line_chart
from tunesmith.rooms.report.environment import environment, write_whole
from tunesmith.rooms.report.figures import Figure
from tunesmith.rooms.report.parallel import axis, parallel
from tunesmith.words import counted, language, say


def search_page(search: Search, path: Path) -> Path:
    """Write the page, whole or not at all; it needs no network, no script and no other file.

    Raises:
        OSError: it cannot be written.
    """
    return write_whole(path, render(search))


def render(search: Search) -> str:
    """The whole page as text, in the user's language."""
    template = environment().get_template("search.html.j2")
    return template.render(
        search=search,
        language=language(),
        telling=telling,
        figures=figures(search),
        progress=progress(search),
        coordinates=coordinates(search),
        importance=[(path, share, share_bar(share, f"{share:.0%}")) for path, share in search.importance.items()],
        ranked=telling.ranked(search),
    )


def figures(search: Search) -> tuple[Figure, ...]:
    """The numbers to know first."""
    best, found = search.winner, search.evaluation
    shown = [Figure(say("best on dev", "验证集最好"), _score(best.score), f"{search.monitor} · " + _trial(best))]
    if found is not None and search.monitor in found.metrics:
        one = found.metrics[search.monitor]
        shown.append(
            Figure(
                say(f"the same on {found.split}", f"在 {found.split} 上"),
                _score(one.value),
                f"{_score(one.low)} – {_score(one.high)}",
            )
        )
    if search.gain is not None:
        gain = search.gain
        low, high = telling.ends(gain)
        seeds = counted(len(gain.best), "other seed", "other seeds", "个其他种子")
        shown.append(
            Figure(
                say("gain over the plan", "相对计划的提升"),
                telling.points(gain.metric, gain.difference.value),
                say(f"{low} to {high}, {seeds}", f"{low} 至 {high}，{seeds}"),
            )
        )
    weak = sum(one.state == "pruned" for one in search.trials)
    more = say(f"{weak} ended early", f"{weak} 次提前结束")
    return (*shown, Figure(say("trials", "试验"), f"{len(search.trials)}", more))


def progress(search: Search) -> Markup:
    """The best score so far, over what the search had cost; each trial is a dot at its end."""
    spent, best, line, dots = 0.0, None, list[tuple[float, float]](), list[tuple[float, float]]()
    for trial in search.trials:
        spent += trial.examples
        if trial.score is None:
            continue
        dots.append((spent, trial.score))
        if trial.state in {"finished", "cut"} and (best is None or _beats(search, trial.score, best)):
            best = trial.score
        if best is not None:
            line.append((spent, best))
    words = Words(
        name="progress",
        title=say("Best score so far", "目前最好得分"),
        description=say("Each dot is a trial at its end.", "每个点是一次试验的终点。"),
        x_label=say("cost", "成本"),
    )
    mark = Mark(*_when(search, search.winner))
    return line_chart([Line(dots, "thin", has_dots=True), Line(line or dots, "main")], words, mark=mark)


def coordinates(search: Search) -> Markup:
    """Every trial as a line through its settings to its score; the best is drawn strong."""
    scored = [one for one in search.trials if one.score is not None]
    varied = [one for one in search.dimensions if len({trial.values.get(one.path) for trial in scored}) > 1]
    if len(scored) < 2 or not varied:
        return Markup("")
    values = {value: telling.shown(value) for trial in scored for value in trial.values.values()}
    axes = [axis(one, scored, name=telling.name(one.path), shown=values) for one in varied]
    worths = [worth(search.monitor, one.score or 0.0) for one in scored]
    low, high = min(worths), max(worths)
    lines = [
        (
            [one.values[dimension.path] for dimension in varied],
            (place - low) / (high - low) if high > low else 0.5,
            _look(search, one),
            f"{_trial(one)}: {_score(one.score)}, {telling.values(one)}",
        )
        # The best last, so that it lies on top.
        for place, one in sorted(zip(worths, scored, strict=True), key=lambda pair: pair[0])
    ]
    words = Words(
        name="coordinates",
        title=say("Settings and scores", "设置与得分"),
        description=say("A line for every trial; the best is drawn strong.", "每次试验一条线；最好的一条加粗。"),
        x_label=search.monitor,
    )
    ends = sorted((one.score or 0.0 for one in scored), key=lambda score: worth(search.monitor, score))
    return parallel(axes, lines, words, (_score(ends[0]), _score(ends[-1])))


def _look(search: Search, trial: Trial) -> str:
    return "main" if trial.number == search.best else "thin"


def _when(search: Search, best: Trial) -> tuple[float, str, float]:
    spent = sum(one.examples for one in search.trials if one.number <= best.number)
    return float(spent), _trial(best), best.score or 0.0


def _beats(search: Search, score: float, other: float) -> bool:
    return worth(search.monitor, score) > worth(search.monitor, other)


def _trial(trial: Trial) -> str:
    return say(f"trial {trial.number}", f"试验 {trial.number}")


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.4f}"
