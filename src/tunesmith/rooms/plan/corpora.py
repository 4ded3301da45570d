"""Choices for tasks that write: sizes count in tokens there, not in rows.

A row of a corpus may be a word or a chapter, so that windows, batches and epochs go by the tokens
that there are to learn from.
"""

from math import log2
from typing import Any

from tunesmith.rooms.plan.advice import advised
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.words import counted, say

CORPUS = "language-modeling"
"""What the tasks read that learn every token of a text and cut none off."""

STEP = 8
"""Windows come in multiples of it, which suit every device."""

Decision = tuple[Any, str]


def writes(facts: Facts) -> bool:
    """Whether the task needs the head of a language model."""
    return bool(TASKS.get(facts.prepared.task).writes)


def is_corpus(facts: Facts) -> bool:
    """Whether the rows are running text, learnt window by window."""
    return TASKS.get(facts.prepared.task).reads == CORPUS


def _kind(facts: Facts) -> str:
    return "pretrained" if facts.model.is_pretrained else "scratch"


def document(facts: Facts, settings: Settings) -> Decision:
    """What prepare found out; nothing where rows are records."""
    found = facts.prepared.documents
    return (None, "") if found is None else (found.unit, found.because)


def window(facts: Facts, settings: Settings) -> Decision:
    """The longest text, or windows that together hold all of it."""
    lengths = facts.prepared.token_lengths
    # One token more than the tokenizer puts around: the end.
    longest = lengths[-1] + facts.specials + 1
    limit = min(facts.model.max_length, advised("window", _kind(facts)))
    if longest <= limit:
        value = min(limit, max(2 * STEP, -(-longest // STEP) * STEP))
        return value, say(f"the longest text has {lengths[-1]:,} tokens", f"最长的文本有 {lengths[-1]:,} 个词元")
    return limit, say(
        f"tokens that are seen at once: longer texts ({lengths[50]:,} tokens are typical, {lengths[-1]:,} the most)"
        " go in several windows, and none is lost",
        f"一次所见的词元数：更长的文本（通常 {lengths[50]:,}，最长 {lengths[-1]:,} 个词元）分成多个窗口，不会丢失",
    )


def batch_size(facts: Facts, settings: Settings) -> Decision:
    """As many items as make up the tokens that a step should learn from."""
    wanted = advised("batch_tokens", _kind(facts), tokens=facts.prepared.train_tokens)
    each = max(1, facts.prepared.train_tokens // items(facts, settings))
    value = max(1, 2 ** round(log2(wanted / each)))
    steps = -(-items(facts, settings) // value)
    tokens, some = facts.prepared.train_tokens, counted(steps, "step", "steps", "步")
    return value, say(
        f"about {value * each:,} of {tokens:,} training tokens a step, {some} an epoch",
        f"每步约 {value * each:,} 个词元（共 {tokens:,}），每轮 {some}",
    )


def items(facts: Facts, settings: Settings) -> int:
    """Windows in an epoch, by the quantiles of the lengths; other tasks have one item a row."""
    if not is_corpus(facts):
        return facts.train_rows
    size = settings.prepare.max_length or facts.model.max_length
    lengths = facts.prepared.token_lengths
    return max(1, round(facts.train_rows * sum(-(-max(1, length) // size) for length in lengths) / len(lengths)))


def epochs(facts: Facts) -> Decision:
    """By the tokens: the more there are, the less each must be seen again."""
    tokens = facts.prepared.train_tokens
    return advised("corpus_epochs", _kind(facts), tokens=tokens), say(
        f"upper bound for {tokens:,} training tokens; early stopping and the plateau rule end sooner",
        f"{tokens:,} 个训练词元的上限；早停和平台规则会提前结束",
    )


def patience(facts: Facts) -> Decision:
    """Few: thousands of tokens are foretold in each scoring, so that its loss hardly wavers."""
    rows = facts.prepared.splits["dev"].rows if "dev" in facts.prepared.splits else 0
    return advised("corpus_patience"), say(
        f"epochs without a better score on {rows:,} dev rows, whose many tokens make it steady",
        f"在 {rows:,} 行验证数据上连续这么多轮没有提高就停止；其词元很多，得分稳定",
    )
