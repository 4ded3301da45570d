"""Which way title and content are learned: the one is written, the other is what it is written for.

A content of a few lines is written for its title, as a poem is. A long text is no answer to a title, and a title whose
words stand in its content tells what is in it: there the title is written. Measured on public data (2,000 rows each):
in Tang poems 4% of a title's words stand in the content, in Song lyrics 2%, in AG's news 48%.
"""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import pyarrow as pa

from tunesmith.artifacts import Hypothesis, Reading
from tunesmith.words import say

Ask = Callable[[Sequence[Hypothesis]], int]

CONTENT, TITLE = "generation", "title-generation"
"""The tasks that write the content, the title."""

MOST_ROWS = 2_000
"""Rows that are looked at, spread evenly."""

LONG = 300
"""Words (of Chinese: pairs of characters) on average, from which a content is more than anybody foretells."""

FEW, MANY = 0.10, 0.25
"""Shares of a title's words that stand in its content: up to the first it heads it, from the second it sums it up."""

_WORDS = re.compile(r"[\u3400-\u9fff]+|[^\W\d_\u3400-\u9fff]+|\d+")


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """Mean words of titles and of contents, and the share of a title's words that stand in its content."""

    title: float
    content: float
    shared: float


def directed(reading: Reading, ask: Ask | None = None) -> Reading:
    """The same reading as the task that writes the content, or the title; with the reason, and whether it is close.

    Args:
        ask: given both ways when they are too close to call, answers with an index.
    """
    found = lengths(reading)
    task, is_close = decided(found)
    ways = [
        _way(reading.hypotheses[0], each, found) for each in sorted((CONTENT, TITLE), key=lambda each: each != task)
    ]
    if is_close and ask is not None:
        ways.insert(0, ways.pop(ask(ways)))
    change = reading.would_change
    if is_close and not change:
        change = say(f"--task {ways[1].task} learns the other way", f"加 --task {ways[1].task} 则反方向学习")
    update = {"task": ways[0].task, "is_close": reading.is_close or is_close, "would_change": change}
    return reading.model_copy(update={**update, "hypotheses": (ways[0], *reading.hypotheses[1:])})


def prompted(prompt: str | None, task: str | None) -> str | None:
    """The task that a prompt is for: what it has a place for is given, the other is written."""
    if prompt is None or task not in {None, CONTENT}:
        return task
    return TITLE if "{content}" in prompt else CONTENT if "{title}" in prompt else task


def decided(found: Lengths) -> tuple[str, bool]:
    """The task, and whether the other one is nearly as likely."""
    if found.content >= LONG:
        return TITLE, found.shared < FEW
    return (TITLE if found.shared >= MANY else CONTENT), FEW <= found.shared < MANY


def lengths(reading: Reading) -> Lengths:
    """Measured on the training rows, or on those that there are."""
    file = next(file for file in (reading.splits.get("train"), *reading.splits.values()) if file is not None)
    with pa.memory_map(file.path) as source:
        table = pa.ipc.open_file(source).read_all()
        step = max(1, table.num_rows // MOST_ROWS)
        rows = table.take(list(range(0, table.num_rows, step))).select(["title", "content"]).to_pylist()
    pairs = [(_words(row["title"] or ""), _words(row["content"] or "")) for row in rows]
    shares = [_shared(title, frozenset(content)) for title, content in pairs if title]
    count = max(1, len(pairs))
    return Lengths(
        title=sum(len(title) for title, _ in pairs) / count,
        content=sum(len(content) for _, content in pairs) / count,
        shared=sum(shares) / max(1, len(shares)),
    )


def _shared(title: Sequence[str], known: Set[str]) -> float:
    return sum(word in known for word in title) / len(title)


def _words(text: str) -> list[str]:
    """Words; of Chinese each two characters that stand together."""
    found = []
    for word in _WORDS.findall(text.lower()):
        is_chinese = "\u3400" <= word[0] <= "\u9fff"
        found += ([word[at : at + 2] for at in range(len(word) - 1)] or [word]) if is_chinese else [word]
    return found


def _way(first: Hypothesis, task: str, found: Lengths) -> Hypothesis:
    """The reading that was taken, learned this way, with the reason."""
    what = (
        say("the content is written for its title", "按标题写内容")
        if task == CONTENT
        else say("the title is written for its content", "按内容写标题")
    )
    why = say(
        f"{what}: titles have {found.title:.0f} words, contents {found.content:.0f}; {found.shared:.0%} of a title's"
        " words stand in its content",
        f"{what}：标题平均 {found.title:.0f} 个词（中文按相邻两字计），内容 {found.content:.0f} 个；"
        f"标题的词有 {found.shared:.0%} 出现在内容中",
    )
    return first.model_copy(update={"task": task, "evidence": (*first.evidence, why)})
