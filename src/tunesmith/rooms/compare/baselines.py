"""What a model is worth beside rules that cost nothing: each rule on the model's own rows, paired."""

import time
from collections.abc import Sequence
from dataclasses import replace

from tunesmith.artifacts import Baseline, Interval
from tunesmith.metrics.direction import LOWER_IS_BETTER
from tunesmith.metrics.intervals import interval
from tunesmith.metrics.paired import LEVEL
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.compare.entrants import Entrant
from tunesmith.rooms.compare.findings import UNBOUNDED, amount, between, p_in_words
from tunesmith.rooms.compare.measured import Sides, measured
from tunesmith.rooms.compare.rules import RULES, Lesson
from tunesmith.words import say


def as_entrant(rule: str, lessons: Sequence[Lesson], like: Entrant) -> Entrant:
    """A rule's answers to the rows of ``like``, as those of one more entrant.

    Args:
        lessons: they ask of these rows, one after the other: one of a run, one for each fold of a cross-validation.
    """
    told = [RULES[rule](one) for one in lessons]
    answers = [answer for one in told for answer in one.answers or ()]
    texts = [text for one in told for text in one.texts or ()]
    outcomes = replace(
        like.outcomes,
        answers=answers,
        written=list(texts) if texts else [None] * len(like.outcomes),
        cuts=None,
    )
    return Entrant(name=rule, outcomes=outcomes, references=like.references)


def baselines(judged: Entrant, lessons: Sequence[Lesson], resampling: Resampling) -> tuple[Baseline, ...]:
    """Each rule that the task declares, on the rows of ``judged``, and how much better the model is.

    Args:
        judged: the model's answers.
        lessons: what the rules learn from; together they ask of the same rows, in their order.
    """
    found = []
    task = lessons[0].task
    for rule in task.baselines:
        began = time.perf_counter()
        metric, sets = measured(task, [judged, as_entrant(rule, lessons, judged)], resampling)
        if sets:
            found.append(_baseline(rule, metric, sets[0].sides, began))
    return tuple(found)


def _baseline(rule: str, metric: str, sides: Sides, began: float) -> Baseline:
    ours, theirs = sides.tables()
    apart, p = interval(ours[metric] - theirs[metric], 1 - LEVEL), sides.test(0, 1)[metric].p
    metrics = {name: interval(table, 1 - LEVEL) for name, table in theirs.items()}
    return Baseline(
        name=rule,
        metrics=metrics,
        difference=apart,
        p=p,
        seconds=time.perf_counter() - began,
        metric=metric,
        words=_words(rule, metric, metrics[metric].value, apart, p),
    )


def _words(rule: str, metric: str, value: float, apart: Interval, p: float) -> str:
    """Such as: a linear model on word counts: 0.884; this model is 5.1 points of f1_macro better (2.8 to 7.5)."""
    name = say(*TITLES.get(rule, (rule, rule)))
    shown = f"{value:.3g}" if metric in UNBOUNDED else f"{value:.3f}"
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    gain = sign * apart.value
    if p >= LEVEL or apart.low <= 0 <= apart.high:
        low, high = sorted((sign * apart.low, sign * apart.high))
        size, ends = amount(metric, gain, signed=True), between(metric, (low, high), signed=True)
        return say(
            f"{name}: {shown}; this model is not better beyond chance: {size} ({ends}), {p_in_words(p)}",
            f"{name}：{shown}；本模型并未显著更好：{size}（{ends}），{p_in_words(p)}",
        )
    low, high = sorted((abs(apart.low), abs(apart.high)))
    size, ends = amount(metric, abs(gain)), between(metric, (low, high))
    if gain > 0:
        return say(
            f"{name}: {shown}; this model is {size} better ({ends})", f"{name}：{shown}；本模型好 {size}（{ends}）"
        )
    return say(
        f"{name}: {shown}; this model is {size} WORSE ({ends})", f"{name}：{shown}；本模型反而差 {size}（{ends}）"
    )


TITLES = {
    "majority": ("always the most frequent label", "总是最常见的标签"),
    "tfidf": ("a linear model on word counts", "基于词频的线性模型"),
    "tfidf-sets": ("linear models on word counts", "基于词频的线性模型"),
    "tfidf-score": ("ridge regression on word counts", "基于词频的岭回归"),
    "mean": ("always the mean", "总是平均值"),
    "word-tags": ("each word's most frequent tag", "每个词最常见的标签"),
    "letters": ("counts of three letters in a row", "三字符频次模型"),
    "nearest": ("the answer to the likest training question", "最相似训练问题的回答"),
    "first-sentence": ("the first sentence of what is given", "所给内容的第一句"),
}
"""How each rule is called in a sentence, in English and Chinese."""
