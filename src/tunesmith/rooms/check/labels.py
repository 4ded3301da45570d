"""Labels: spelled in several ways, sorted, missing, or tags that break their scheme."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tunesmith.metrics.tags import Scheme, illegal_positions
from tunesmith.rooms.check.rows import Batch
from tunesmith.rooms.check.slips import is_slip
from tunesmith.rooms.check.survey import Draft, Hits, RowCheck, Survey, named
from tunesmith.words import counted, listed, say

# So many labels are compared with each other, in a moment.
MOST_COMPARED = 300

# A file counts as sorted when its label changes in fewer than a twentieth of the places expected of a shuffled one.
SORTED_SHARE = 0.05

# Below so many rows, few label changes may be chance.
SORTED_ROWS = 20

_TRAILING = re.compile(r"[\s.,;:!?。，；：！？、]+$")
_POINT_ZERO = re.compile(r"^([+-]?\d+)\.0+$")


def folded(label: str) -> str:
    """What is left of a label without width, case, white space, trailing punctuation and a spreadsheet's ``.0``."""
    plain = "".join(unicodedata.normalize("NFKC", label).casefold().split())
    # A label of punctuation alone, such as "+" or "?", keeps it.
    return _POINT_ZERO.sub(r"\1", _TRAILING.sub("", plain) or plain)


def label_variants(survey: Survey) -> Draft | None:
    """Spellings that look like one label, over all splits."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for split in survey.splits.values():
        counts.update(split.labels)
        for label in split.labels:
            groups[folded(label)].add(label)
    groups = _with_slips(groups, counts)
    variants = [sorted(group) for group in groups.values() if len(group) > 1]
    if not variants:
        return None
    shown = listed([" = ".join(f"'{named(label)}'" for label in group) for group in variants])
    n = counted(len(variants), "label is", "labels are", "个标签")
    return Draft(
        severity="warning",
        count=len(variants),
        title=say(f"{n} spelled in several ways", f"{n}有多种写法"),
        message=say(
            f"These look like one label each, but would be learned as different classes: {shown}.",
            f"以下写法看起来是同一个标签，却会被当作不同类别学习：{shown}。",
        ),
        do=say("write each label in one way", "请统一每个标签的写法"),
        found=_rarely_spelled(survey, variants),
    )


def _with_slips(groups: defaultdict[str, set[str]], counts: Mapping[str, int]) -> defaultdict[str, set[str]]:
    """Spellings that are a slip of the pen, a plural or a translation of a commoner one are put into its group."""
    rows = {key: sum(counts[label] for label in group) for key, group in groups.items()}
    # With hundreds of labels two that are alike are the rule, and each would be compared with each.
    for key in sorted(rows, key=lambda name: rows[name]) if len(rows) <= MOST_COMPARED else ():
        twin = next((other for other in groups if is_slip(key, rows[key], other, rows[other])), None)
        if twin is not None:
            groups[twin] |= groups.pop(key)
    return groups


def _rarely_spelled(survey: Survey, variants: list[list[str]]) -> NDArray[np.intp]:
    """Rows whose label is not spelled in the way that is commonest for it; of entity types, none."""
    entries = survey.entries
    # Tag sequences are known by their hashes alone.
    if not entries.names:
        return np.empty(0, np.intp)
    counts = dict(zip(entries.names, np.bincount(entries.label[entries.label >= 0]).tolist(), strict=True))
    codes = {name: code for code, name in enumerate(entries.names)}
    rare = [codes[name] for group in variants for name in group if name != max(group, key=lambda n: counts[n])]
    return np.flatnonzero(np.isin(entries.label, rare))


def sorted_by_label(survey: Survey) -> Draft | None:
    """A split whose rows stand in blocks of one label."""
    # Folders of images stand in the order of their names: that is how they were read, not how they were written.
    if not {"label", "text"} <= survey.fields:
        return None
    blocks = {name: runs for name in survey.entries.splits if (runs := _runs_if_sorted(survey, name))}
    if not blocks:
        return None
    shown = listed([f"{name} ({runs})" for name, runs in blocks.items()])
    return Draft(
        severity="note",
        count=len(blocks),
        title=say("the rows are sorted by label", "数据按标签排序"),
        message=say(
            f"The rows stand in blocks of one label (split and blocks: {shown}): "
            f"the head of the file is not like its tail.",
            f"各行按标签成块排列（划分及块数：{shown}）：文件的开头和结尾不一样。",
        ),
        do=say(
            "nothing here: tunesmith shuffles, and stratifies when it splits; never take the first rows as a sample",
            "在这里无需处理：tunesmith 会打乱并分层划分；请勿取前若干行作为样本",
        ),
    )


def _runs_if_sorted(survey: Survey, split: str) -> int:
    """The number of blocks of one label, or 0 where they are as many as in a shuffled file."""
    runs, labels = survey.entries.label_runs(split)
    _, counts = np.unique(labels, return_counts=True)
    if counts.size < 2 or labels.size < SORTED_ROWS:
        return 0
    # Two neighbours in a shuffled file differ with the probability that two rows drawn at random do.
    changes = (labels.size - 1) * (1 - float(((counts / labels.size) ** 2).sum()))
    # Each class needs a block of its own, so only changes beyond those tell disorder.
    return runs if runs - counts.size < SORTED_SHARE * (changes - counts.size + 1) else 0


def unlabelled_rows(survey: Survey) -> Draft | None:
    """Rows without a label, in a split of their own or among the others."""
    if not survey.unlabelled:
        return None
    n = counted(survey.unlabelled, "row has", "rows have", "行")
    return Draft(
        severity="note",
        count=survey.unlabelled,
        title=say(f"{n} no label", f"{n}没有标签"),
        message=say(f"{n} no label: neither trained on nor scored.", f"{n}没有标签：既不用于训练，也不用于评分。"),
        do=say(
            "label some of them, or run predict on them when the model is trained",
            "可以标注其中一部分，或在训练后用 predict 预测",
        ),
    )


def _spot_illegal_tags(batch: Batch) -> NDArray[np.int64]:
    # Reading states a scheme wherever it saw an entity; without one there is little to break.
    scheme = Scheme(batch.reading.tag_scheme or Scheme.BIO)
    sequences = batch.fields["tags"].to_pylist()
    return np.fromiter((0 if t is None else _illegal(tuple(t), scheme) for t in sequences), np.int64, len(sequences))


@lru_cache(maxsize=1 << 16)
def _illegal(tags: tuple[str, ...], scheme: Scheme) -> int:
    return len(illegal_positions(tags, scheme))


def _tell_illegal_tags(survey: Survey, hits: Hits) -> Draft:
    scheme = survey.reading.tag_scheme or Scheme.BIO
    tags = counted(hits.count, "tag breaks", "tags break", "个标注")
    rows = counted(hits.rows, "sentence", "sentences", "个句子")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{tags} the {scheme} scheme", f"{tags}不合 {scheme} 规则"),
        message=say(
            f"{tags} the {scheme} scheme, in {rows}, such as an I- that continues no entity of its type. "
            f"By conlleval's rule such a tag starts an entity.",
            f"{rows}中有 {tags}不合 {scheme} 规则，例如 I- 前面没有同类型的实体。"
            f"按 conlleval 的规则，这样的标注开始一个新实体。",
        ),
        do=say(
            "correct them at their lines; until then the rule above decides", "请在对应行改正；在此之前按上述规则处理"
        ),
        places=tuple(hits.places),
    )


ILLEGAL_TAGS = RowCheck(needs="tags", spot=_spot_illegal_tags, tell=_tell_illegal_tags)
