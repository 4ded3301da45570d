"""Shortcuts: something in the form of a text that alone gives the label away."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.check.drawn import Drawn, codes, drawn
from tunesmith.rooms.check.features import Feature, WordCounts, formats
from tunesmith.rooms.check.survey import EXAMPLES, Draft, Survey, named
from tunesmith.words import counted, listed, say

# So many rows show every rule that covers a fifth of a class, in a second or two.
MOST_ROWS = 100_000

# With more classes each holds too little of the sample to speak of.
MOST_CLASSES = 200

# A rule that speaks of fewer rows is an accident of the sample.
LEAST_ROWS = 30

# "terrible" stands in 1% of the bad reviews and is a reason; what stands in a fifth of a class and nowhere else is more
# often the trace of where the rows come from (a source, a template, an annotator's habit: Gururangan et al. 2018,
# "Annotation Artifacts in Natural Language Inference Data").
COVERED = 0.20

# A rule that alone answers half of a class: a model need not read the rest.
SERIOUS_COVERED = 0.50

# So often the rule must be right, and its errors must be less than half those of always naming that class, also at
# the lower end of an interval that allows for all the rules that were tried (Gardner et al. 2021, "Competency
# Problems", test each word like this and correct by Bonferroni).
PRECISE = 0.95
_CHANCE = 0.05


class Rule(NamedTuple):
    """Texts with ``feature`` have ``label``: ``right`` of ``rows`` do, which are ``covered`` of the class."""

    feature: Feature
    label: int
    rows: int
    right: int
    covered: float


def shortcuts(survey: Survey) -> Draft | None:
    """The widest precise rule for each class, if there is any."""
    if not {"label", "text"} <= survey.fields or not survey.training:
        return None
    if len(survey.splits[survey.training].labels) > MOST_CLASSES:
        return None
    rows = drawn(survey.reading, survey.training, MOST_ROWS)
    label, names = codes(rows.label)
    rules = _rules(rows, label, np.bincount(label[label >= 0], minlength=len(names))) if len(names) > 1 else []
    if not rules:
        return None
    n = counted(len(rules), "class is", "classes are", "个类别")
    shown = listed([_told(rule, names) for rule in rules], 5)
    first = np.flatnonzero(rules[0].feature.rows)[:EXAMPLES]
    return Draft(
        severity="warning" if rules[0].covered >= SERIOUS_COVERED else "note",
        count=len(rules),
        title=say(f"{n} given away by the form of the text", f"{n}可由文本形式直接看出"),
        message=say(
            f"One sign alone tells the label: {shown}. A model may learn the sign and not the meaning, and fail where"
            f" the sign is missing.",
            f"仅凭一个特征就能看出标签\uff1a{shown}\u3002模型可能只学到这个特征而没有学到含义\uff0c没有它时就会出错\u3002",
        ),
        do=say(
            "if the sign is the meaning, leave it; if it is a trace of where the rows come from, take it out",
            "如果它就是含义所在\uff0c无需处理\uff1b如果只是数据来源留下的痕迹\uff0c请从文本中去掉",
        ),
        places=tuple((rows.split, int(rows.position[at])) for at in first),
    )


def _told(rule: Rule, names: list[str]) -> str:
    label, precise = named(names[rule.label]), 100 * rule.right / rule.rows
    name, right, covered = rule.feature.name, f"{rule.right:,}", f"{rule.covered:.0%}"
    return say(
        f"texts {name} are {precise:.0f}% '{label}' ({right} rows, {covered} of the class)",
        f"{name}文本有 {precise:.0f}% 是“{label}”\uff08{right} 行\uff0c占该类 {covered}\uff09",
    )


def _rules(rows: Drawn, label: NDArray[np.int64], classes: NDArray[np.int64]) -> list[Rule]:
    labelled = np.flatnonzero(label >= 0)
    texts, label = rows.text.take(labelled), label[labelled]
    found = WordCounts(texts, label, classes.size, LEAST_ROWS)
    shapes = list(formats(texts))
    counts = np.array([np.bincount(label[shape.rows], minlength=classes.size) for shape in shapes])
    every = np.concatenate([found.counts, counts.reshape(-1, classes.size)])
    holds = _holds(every, classes)
    best: list[Rule] = []
    for code in range(classes.size):
        # Of rules that cover alike much the shortest name: words stand before formats.
        at = int(np.argmax(np.where(holds[:, code], every[:, code], -1)))
        if not holds[at, code]:
            continue
        feature = found.feature(at) if at < len(found.names) else shapes[at - len(found.names)]
        whole = np.zeros(len(rows.text), bool)
        whole[labelled] = feature.rows
        feature = Feature(name=feature.name, rows=whole, is_word=feature.is_word)
        right = int(every[at, code])
        best.append(Rule(feature, code, int(every[at].sum()), right, right / int(classes[code])))
    return sorted(best, key=lambda rule: -rule.covered)


def _holds(counts: NDArray[np.int64], classes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which features (rows) give which labels (columns) away."""
    n = np.maximum(1, counts.sum(axis=1, keepdims=True))
    share, prior = counts / n, classes / classes.sum()
    lower = _wilson_lower(share, n, NormalDist().inv_cdf(1 - _CHANCE / max(1, counts.size)))
    wide = counts >= np.maximum(LEAST_ROWS, COVERED * classes)
    return np.asarray(wide & (share >= PRECISE) & (lower >= (1 + prior) / 2), bool)


def _wilson_lower(share: NDArray[np.float64], n: NDArray[np.int64], z: float) -> NDArray[np.float64]:
    """The lower end of Wilson's interval (1927) of a share of ``n``."""
    middle = share + z**2 / (2 * n)
    spread = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.asarray((middle - spread) / (1 + z**2 / n), np.float64)
