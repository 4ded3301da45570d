"""What a search found, in sentences: the same for the terminal and the page."""

import statistics
from collections import Counter

from tunesmith.artifacts.trials import Dimension, Gain, Search, Trial, Value
from tunesmith.metrics.direction import LOWER_IS_BETTER, worth
from tunesmith.words import counted, say

FACTOR_DIGITS = 3


def verdict(search: Search) -> str:
    """Which trial is the best, and what it has beyond the plan's own choice."""
    best, plan = search.winner, _plan(search)
    scored = f"{search.monitor} {_score(best.score)}"
    if plan is None:
        return say(f"Trial {best.number} is the best: dev {scored}.", f"第 {best.number} 次试验最好：验证 {scored}。")
    if plan.number == best.number:
        return say(f"Nothing beat the plan's own choice: dev {scored}.", f"没有试验胜过计划自身的选择：验证 {scored}。")
    more, own = points(search.monitor, (best.score or 0.0) - (plan.score or 0.0)), _score(plan.score)
    return say(
        f"Trial {best.number} is the best: dev {scored}, the plan's own choice {own} ({more}).",
        f"第 {best.number} 次试验最好：验证 {scored}，计划自身的选择为 {own}（{more}）。",
    )


def noise(search: Search) -> str:
    """How much of the gain other seeds confirm, and how lucky the best was; why nothing is known where it is so."""
    gain = search.gain
    if gain is None:
        plan = _plan(search)
        if plan is not None and plan.number == search.best:
            return say("So there is no gain to tell from noise.", "因此没有需要与噪声区分的提升。")
        return say(
            "Whether the gain is more than noise was not measured: too few other seeds.",
            "提升是否超出噪声未经测量：其他种子太少。",
        )
    best, plan_mean = (statistics.mean(side) for side in (gain.best, gain.plan))
    low, high = ends(gain)
    more, spread = points(gain.metric, gain.difference.value), _amount(gain.metric, gain.noise)
    seeds, luck = len(gain.best), _amount(gain.metric, gain.flattered)
    return " ".join(
        (
            say(
                f"With {seeds} other seeds each: {_score(best)} against {_score(plan_mean)}, {more}"
                f" ({low} to {high}, 95%):",
                f"各换 {seeds} 个种子：{_score(best)} 对 {_score(plan_mean)}，{more}（95% 区间 {low} 至 {high}）：",
            ),
            _ruling(search),
            say(
                f"One choice differs by {spread} from seed to seed (standard deviation);"
                f" the score it was chosen for flatters the best by {luck}.",
                f"同一选择换种子时相差 {spread}（标准差）；最好试验被选中时的得分高估了 {luck}。",
            ),
        )
    )


def gap(search: Search) -> str:
    """The dev score that the best was chosen for against the one on rows that no trial saw."""
    found, score = search.evaluation, search.winner.score
    if found is None or score is None or search.monitor not in found.metrics:
        return ""
    one = found.metrics[search.monitor]
    if found.split == "dev":
        return say(
            "There is no test split: dev rows chose the best, so they flatter it.",
            "没有测试集：最好的试验由验证集选出，得分偏高。",
        )
    less = points(search.monitor, one.value - score)
    held = f"{_score(one.value)} ({_score(one.low)} – {_score(one.high)})"
    return say(
        f"On {found.split}, which no trial saw: {held}; that is {less} against the dev score it was chosen for.",
        f"在任何试验都未见过的 {found.split} 上：{held}；与被选中时的验证得分相比 {less}。",
    )


def importances(search: Search) -> str:
    """Which settings made scores differ."""
    scores = [one.score for one in search.trials if one.score is not None]
    trials = len(scores)
    if trials > 1 and len(set(scores)) == 1:
        return say("All trials scored alike: no setting mattered.", "所有试验得分相同：没有哪个设置起作用。")
    if not search.importance:
        return say(
            f"{trials} scored trials are too few to tell which settings matter.",
            f"{trials} 次有得分的试验太少，无法判断哪些设置重要。",
        )
    parts = ", ".join(f"{name(path)} {share:.0%}" for path, share in search.importance.items())
    return say(
        f"What made scores differ ({search.importance_by} over {trials} trials): {parts}.",
        f"得分差异的来源（{search.importance_by}，{trials} 次试验）：{parts}。",
    )


def cost(search: Search) -> str:
    """How many trials there were, how they ended, and what all of them cost in trainings of the plan's own."""
    states = Counter(one.state for one in search.trials)
    parts = [
        say(f"{states['finished']} to their end", f"{states['finished']} 次完成"),
        say(f"{states['pruned']} ended early as too weak", f"{states['pruned']} 次因太弱提前结束"),
    ]
    if states["cut"]:
        parts.append(say(f"{states['cut']} cut by the time", f"{states['cut']} 次被时间截断"))
    if states["failed"]:
        parts.append(say(f"{states['failed']} failed", f"{states['failed']} 次失败"))
    listed = say(", ", "，").join(parts)
    whole = counted(len(search.trials), "trial", "trials", "次试验")
    told = say(f"{whole}: {listed}", f"{whole}：{listed}")
    plan = _plan(search)
    if plan is None or not plan.examples:
        return told + say(".", "。")
    times = search.examples / plan.examples
    return told + say(
        f"; together as many examples as {times:.1f} trainings of the plan's own.",
        f"；合计训练样本数相当于计划自身训练的 {times:.1f} 倍。",
    )


def sentences(search: Search) -> tuple[str, ...]:
    """All of them, in the order in which they matter."""
    told = (verdict(search), noise(search), gap(search), importances(search), cost(search))
    return tuple(filter(None, told))


def ranked(search: Search) -> list[Trial]:
    """All trials, the best first; those that ended early behind those that did not, those that failed last."""
    order = {"finished": 0, "cut": 1, "pruned": 2, "failed": 3, "running": 4}

    def place(one: Trial) -> tuple[int, float]:
        return order[one.state], -worth(search.monitor, one.score) if one.score is not None else 0.0

    return sorted(search.trials, key=place)


def values(trial: Trial) -> str:
    """What a trial was trained with, as a user would write it."""
    return ", ".join(f"{name(path)}={shown(value)}" for path, value in trial.values.items())


def name(path: str) -> str:
    """A setting's last name."""
    return path.rpartition(".")[2]


def shown(value: Value) -> str:
    """A setting's value in few characters; what was left open is the model's own."""
    if isinstance(value, float):
        return f"{value:.{FACTOR_DIGITS}g}"
    return say("own", "自带") if value is None else str(value)


def span(dimension: Dimension) -> str:
    """The values that a dimension may take, in words."""
    if dimension.choices:
        return ", ".join(shown(value) for value in dimension.choices)
    low, high = f"{dimension.low:g}", f"{dimension.high:g}"
    if dimension.is_factor:
        return say(f"{low} to {high} times the plan's own", f"计划值的 {low} 至 {high} 倍")
    if dimension.is_power:
        return say(f"powers of two from {low} to {high}", f"{low} 至 {high} 之间 2 的幂")
    return say(f"{low} to {high}", f"{low} 至 {high}") + (say(", by logarithm", "，按对数") if dimension.is_log else "")


def ending(trial: Trial) -> str:
    """How a trial ended, in a few words."""
    words = {
        "running": say("running", "进行中"),
        "finished": say("finished", "完成"),
        "pruned": say("too weak", "太弱"),
        "cut": say("out of time", "超时"),
        "failed": say("failed", "失败"),
    }
    return words[trial.state]


def points(metric: str, difference: float) -> str:
    """A difference with its sign: in points where the metric is a share, else as it is."""
    if metric in LOWER_IS_BETTER:
        return f"{difference:+.3g}"
    return say(f"{100 * difference:+.1f} points", f"{100 * difference:+.1f} 个百分点")


def ends(gain: Gain) -> tuple[str, str]:
    """The two ends of the gain's interval, without their unit."""
    times = 1 if gain.metric in LOWER_IS_BETTER else 100
    digits = ".3g" if times == 1 else ".1f"
    return f"{times * gain.difference.low:+{digits}}", f"{times * gain.difference.high:+{digits}}"


def _amount(metric: str, size: float) -> str:
    return f"{size:.3g}" if metric in LOWER_IS_BETTER else say(f"{100 * size:.1f} points", f"{100 * size:.1f} 个百分点")


def _ruling(search: Search) -> str:
    gain = search.gain
    assert gain is not None
    low, high = sorted(worth(gain.metric, end) for end in (gain.difference.low, gain.difference.high))
    if low > 0:
        return say("the gain is more than noise.", "提升超出噪声。")
    if high < 0:
        return say("the plan's own choice is the better one.", "计划自身的选择更好。")
    return say("it may be noise.", "可能只是噪声。")


def _plan(search: Search) -> Trial | None:
    found = [one for one in search.trials if one.role == "plan" and one.score is not None]
    return found[0] if found else None


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.4f}"
