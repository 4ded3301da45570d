"""What a supposed plan would be worth: a score where one was measured, and in any case a sentence."""

from tunesmith import rooms
from tunesmith.artifacts import Cell, Compared, Plan
from tunesmith.words import say

Side = tuple[Plan, "rooms.plan.Facts"]

WORTH = 0.005
"""Half a point of accuracy: less is not seen on a test split of usual size."""


def worth(now: Side, then: Side, *, curve: "rooms.check.Ahead | None", is_deep: bool, task: str) -> Compared:
    """The line on the score that is to be expected."""
    if curve is not None:
        return _foretold(now, then, curve)
    unknown = say("not measured", "未测量")
    if rooms.plan.is_same_training(now[0], then[0]) and now[1].train_rows == then[1].train_rows:
        fits = [rooms.plan.epochs_that_fit(*side) for side in (now, then)]
        epochs = then[0].settings.train.epochs or 1
        if all(one is None or one >= epochs for one in fits):
            same = say("the same training, which fits in both times", "训练相同，两种时间都够用")
            return _line(Cell(value=unknown, because=""), Cell(value=say("the same", "相同"), because=same))
    points = rooms.plan.effect(now[0], then[0], rows=now[1].train_rows)
    if points is not None and now[1].train_rows == then[1].train_rows and not now[1].writes:
        return _line(Cell(value=unknown, because=""), _advised(points))
    return _line(Cell(value=unknown, because=""), Cell(value=unknown, because=_why_not(now, then, is_deep, task)))


def _advised(points: float) -> Cell:
    """What the study of the advice found on other data."""
    return Cell(
        value=say(f"about {points:+.1f} points", f"约 {points:+.1f} 个百分点"),
        because=say(
            "beside full training in the study that the advice rests on (benchmarks/advice.py), not on your data",
            "与全量训练相比，依据建议所用的研究（benchmarks/advice.py），并非您的数据",
        ),
    )


def _why_not(now: Side, then: Side, is_deep: bool, task: str) -> str:
    if now[1].train_rows == then[1].train_rows:
        return say(
            "what it brings depends on your data, and nothing is trained here: tunesmith tune tries it out",
            "效果取决于您的数据，此处不做训练：可用 tunesmith tune 实测",
        )
    if not is_deep:
        return say(
            "--deep measures on growing parts of your rows what more of them bring, in a minute or so",
            "加上 --deep 会用逐渐增多的数据实测更多数据的作用，约需一分钟",
        )
    return say(
        f"a learning curve needs classes and some 200 labelled rows to train on; this is {task}",
        f"学习曲线需要类别和约 200 行带标签的训练数据；此任务为 {task}",
    )


def _foretold(now: Side, then: Side, curve: "rooms.check.Ahead") -> Compared:
    basis = say(
        f"accuracy of a linear model on {curve.model}, by its learning curve (95%); a tuned one scores otherwise",
        f"{curve.model} 上线性模型的准确率，依据学习曲线（95%）；微调后的模型得分会有不同",
    )
    gain, low, high = (100 * part for part in curve.gain)
    change = say(
        f"{gain:+.1f} points ({low:+.1f} to {high:+.1f}); {basis}",
        f"{gain:+.1f} 个百分点（{low:+.1f} 至 {high:+.1f}）；{basis}",
    )
    return _line(
        Cell(value=f"{curve.now.score:.3f} ({curve.now.low:.3f}\u2013{curve.now.high:.3f})", because=basis),
        Cell(value=f"{curve.then.score:.3f} ({curve.then.low:.3f}\u2013{curve.then.high:.3f})", because=change),
    )


def _line(now: Cell, then: Cell) -> Compared:
    return Compared(name="score", now=now, then=then)


def told(now: Side, then: Side, curve: "rooms.check.Ahead | None") -> str:
    """What it would cost and buy, in a sentence."""
    doubt = rooms.plan.model_doubt(*then)
    # Of both the plan itself has told.
    known = doubt == rooms.plan.model_doubt(*now) or now[0].model.name == then[0].model.name
    parts = (_cost(now[0], then[0]), _gain(curve), _time_left(now, then), "" if known else doubt)
    return say("; ", "；").join(filter(None, parts))


def _cost(now: Plan, then: Plan) -> str:
    one, other = (plan.forecast.elapsed_seconds + plan.forecast.seconds for plan in (now, then))
    ratio = other / max(one, 1e-9)
    if 0.95 < ratio < 1.05:
        return say("the time stays about the same", "时间基本不变")
    if ratio < 1:
        return say(f"{ratio:.0%} of the time", f"时间为原来的 {ratio:.0%}")
    return say(f"{ratio:.2g} times the time", f"时间为原来的 {ratio:.2g} 倍")


def _gain(curve: "rooms.check.Ahead | None") -> str:
    if curve is None:
        return ""
    middle, low, high = curve.gain
    if curve.then.rows < curve.now.rows:
        return say(f"fewer rows cost {-100 * middle:.1f} points", f"减少数据会损失 {-100 * middle:.1f} 个百分点")
    if low >= WORTH:
        return say("more rows are worth their labels: collect", "更多数据值得标注：请继续收集")
    if high < WORTH:
        return say(
            "more rows would bring next to nothing: work on labels or model", "更多数据几乎无益：请改进标签或模型"
        )
    return say("whether more rows pay is not certain", "更多数据是否值得尚不确定")


def _time_left(now: Side, then: Side) -> str:
    """Whether time is what holds the run back."""
    fits, epochs = (rooms.plan.epochs_that_fit(*then), then[0].settings.train.epochs or 1)
    before = rooms.plan.epochs_that_fit(*now)
    if fits is None:
        return ""
    if fits >= epochs and before is not None and before >= epochs:
        return say("time does not hold it back either way", "两种情况下时间都足够")
    if fits < 1:
        return say("less than one epoch fits into the time", "时间不足一轮")
    if fits >= epochs:
        return say(f"all {epochs} epochs fit", f"全部 {epochs} 轮都来得及")
    return say(f"about {fits:.1f} of {epochs} epochs fit", f"约可完成 {epochs} 轮中的 {fits:.1f} 轮")
