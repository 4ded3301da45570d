"""What each metric is called and what it means, and what a model without any skill would score."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.rooms.report.numbers import percent, plain, span
from tunesmith.words import say

# Metrics that lie outside 0..1, or there mean no share of anything.
NOT_SHARES = frozenset(
    {
        "mcc",
        "kappa",
        "pearson",
        "spearman",
        "loss",
        "perplexity",
        "perplexity_character",
        "bits_character",
        "length_ratio",
        "masked_loss",
        "masked_perplexity",
        "preference_margin",
        "preference_loss",
    }
)

# name → label in English and Chinese, meaning in English and Chinese.
WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "accuracy": ("accuracy", "准确率", "share of right answers", "答对的比例"),
    "f1_macro": (
        "macro F1",
        "F1 宏平均",
        "mean of the classes' F1: small ones count as much",
        "各类 F1 的平均，小类同等重要",
    ),
    "precision_macro": ("macro precision", "精确率宏平均", "mean of the classes' precision", "各类精确率的平均"),
    "recall_macro": ("macro recall", "召回率宏平均", "mean of the classes' recall", "各类召回率的平均"),
    "f1_weighted": ("weighted F1", "F1 加权平均", "mean F1, each class by its true count", "按各类真实个数加权的 F1"),
    "f1_micro": (
        "micro F1",
        "F1 微平均",
        "precision and recall in one, over all together",
        "全部合计的精确率与召回率之综合",
    ),
    "precision_micro": (
        "micro precision",
        "精确率微平均",
        "share of what it found that is right",
        "找到的当中正确的比例",
    ),
    "recall_micro": ("micro recall", "召回率微平均", "share of what is there that it found", "应找到的当中找到的比例"),
    "mcc": (
        "Matthews correlation",
        "马修斯相关系数",
        "1 is perfect, 0 no better than chance",
        "1 为全对，0 与随机无异",
    ),
    "token_accuracy": ("token accuracy", "词元准确率", "share of tokens that it got right", "答对的词元比例"),
    "illegal_share": (
        "illegal tags",
        "非法标签",
        "share of tags that break the scheme; lower is better",
        "违反标注规则的标签比例，越低越好",
    ),
    "precision": ("precision", "精确率", "share of what it found that is right", "找到的当中正确的比例"),
    "recall": ("recall", "召回率", "share of what is there that it found", "应找到的当中找到的比例"),
    "loss": ("loss", "损失", "cross-entropy; lower is better", "交叉熵，越低越好"),
    "perplexity": (
        "perplexity",
        "困惑度",
        "equally likely tokens it wavers between; lower is better",
        "相当于在多少个等可能的词元间犹豫，越低越好",
    ),
    "perplexity_character": (
        "perplexity per character",
        "字符困惑度",
        "the same per character: comparable between tokenizers",
        "按字符计，可在不同分词器间比较",
    ),
    "bits_character": (
        "bits per character",
        "每字符比特",
        "bits that a character costs; lower is better",
        "每个字符所需的比特数，越低越好",
    ),
    "masked_loss": (
        "loss at gaps",
        "填空损失",
        "cross-entropy of hidden tokens; lower is better",
        "被遮住的词元的交叉熵，越低越好",
    ),
    "masked_perplexity": (
        "perplexity at gaps",
        "填空困惑度",
        "equally likely tokens it wavers between; lower is better",
        "相当于在多少个等可能的词元间犹豫，越低越好",
    ),
    "masked_accuracy": ("gaps filled", "填空准确率", "share of hidden tokens that it got right", "填对的词元比例"),
    "preference_loss": (
        "preference loss",
        "偏好损失",
        "how far it is from preferring the better answers; lower is better",
        "离偏向更好的回答还有多远，越低越好",
    ),
    "preference_accuracy": (
        "preference accuracy",
        "偏好准确率",
        "pairs whose better answer it prefers",
        "偏向更好回答的比例",
    ),
    "preference_margin": (
        "preference margin",
        "偏好差距",
        "how much it prefers the better answer; higher is better",
        "对更好回答的偏向程度，越高越好",
    ),
    "rouge_1": ("ROUGE-1", "ROUGE-1", "words shared with the reference, F1", "与参考共有的词（字），F1"),
    "rouge_2": ("ROUGE-2", "ROUGE-2", "pairs of words shared, F1", "共有的相邻两词（字），F1"),
    "rouge_l": ("ROUGE-L", "ROUGE-L", "longest common sequence of words, F1", "最长公共子序列，F1"),
    "chrf": ("chrF", "chrF", "runs of 1 to 6 characters shared", "共有的 1 至 6 个字符的片段"),
    "bleu": (
        "BLEU",
        "BLEU",
        "runs of 1 to 4 words shared, of all texts together",
        "全部文本共有的 1 至 4 个词（字）的片段",
    ),
    "exact_match": ("exact match", "完全一致", "answers equal to the reference", "与参考完全相同的回答"),
    "distinct_1": ("distinct-1", "distinct-1", "different words among all written", "所写全部词（字）中不同者的比例"),
    "distinct_2": (
        "distinct-2",
        "distinct-2",
        "different pairs among all written",
        "所写全部相邻两词（字）中不同者的比例",
    ),
    "repetition": (
        "repetition",
        "重复率",
        "runs of 4 words that the answer had before; lower is better",
        "同一回答中再次出现的 4 词（字）片段，越低越好",
    ),
    "length_ratio": (
        "length ratio",
        "长度比",
        "characters written for each that should have come",
        "所写字符数与参考字符数之比",
    ),
    "stop_rate": ("stop rate", "停止率", "answers that ended by themselves", "自行结束的回答比例"),
}


def label(name: str) -> str:
    """The metric's name for people; an unknown metric keeps its own."""
    words = WORDS.get(name)
    return say(words[0], words[1]) if words else name


def meaning(name: str) -> str:
    """A few words on what the metric counts, or nothing where we do not know it."""
    words = WORDS.get(name)
    return say(words[2], words[3]) if words else ""


def is_share(name: str, interval: Interval) -> bool:
    """The metric is a share of something, so percent and a bar from 0 to 1 make sense."""
    return name not in NOT_SHARES and interval.low >= 0 and interval.high <= 1


def value(name: str, interval: Interval) -> str:
    """The measured value as text, in percent where it is a share."""
    return percent(interval.value) if is_share(name, interval) else plain(interval.value)


def ends(name: str, interval: Interval, joint: str = "–") -> str:
    """The interval's two ends as text, in percent where it is a share."""
    return span(interval, joint, is_share=is_share(name, interval))


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What always giving one ``answer`` would score, metric by metric."""

    answer: str
    share: float
    scores: Mapping[str, float]


def supports(evaluation: Evaluation) -> dict[str, int]:
    """True count of each class: from the confusion's rows, else from the per-class table."""
    if evaluation.confusion:
        return {name: sum(row) for name, row in zip(evaluation.confusion_labels, evaluation.confusion, strict=True)}
    return {name: score.support for name, score in evaluation.per_class.items()}


def constant_answer(evaluation: Evaluation) -> Baseline | None:
    """The most frequent class of these very rows as everyone's answer: the best that no skill can do.

    With share p of k classes, precision is p and recall 1 for that class and both are 0
    for the others, so its F1 is 2p / (1 + p) and each macro mean is one k-th of that.
    """
    counts = supports(evaluation)
    total = sum(counts.values())
    if not total:
        return None
    answer = max(counts, key=lambda name: counts[name])
    # A class that these rows do not hold has no recall to average.
    k = sum(count > 0 for count in counts.values())
    p = counts[answer] / total
    f1 = 2 * p / (1 + p)
    scores = {
        "accuracy": p,
        "f1_macro": f1 / k,
        "precision_macro": p / k,
        "recall_macro": 1 / k,
        "f1_weighted": p * f1,
        "mcc": 0.0,
    }
    return Baseline(answer=answer, share=p, scores=scores)


def no_answer(evaluation: Evaluation) -> Baseline:
    """Marking no entity at all: nothing is found, so every entity score is 0."""
    names = [name for name in evaluation.metrics if name.startswith(("f1", "precision", "recall"))]
    return Baseline(answer="O", share=0.0, scores=dict.fromkeys(names, 0.0))
