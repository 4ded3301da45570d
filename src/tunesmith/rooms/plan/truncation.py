"""What talks look like to the model, and what rows lose that are too long for it, told before the start."""

from collections.abc import Mapping

from tunesmith.artifacts import Choice
from tunesmith.errors import DataError
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.tasks.task import Lost
from tunesmith.words import counted, say


def form(facts: Facts) -> tuple[Choice, ...]:
    """The chat template that talks go through, and why."""
    return () if facts.form is None else (Choice(name="chat_template", value=facts.form[0], because=facts.form[1]),)


def truncation(facts: Facts, settings: Settings) -> tuple[Choice, ...]:
    """What gives way in rows that are too long; nothing for a task that cuts none.

    Raises:
        DataError: no training row would be left.
    """
    if facts.lost is None:
        return ()
    longest = settings.prepare.max_length or facts.model.max_length
    found = facts.lost(longest)
    if found["train"].left_out_tokens >= found["train"].answer_tokens:
        raise _nothing_left(facts, longest)
    because = _told(found, sum(file.rows for file in facts.prepared.splits.values()))
    return (Choice(name="truncation", value=settings.prepare.truncation, because=because),)


def _told(found: Mapping[str, Lost], rows: int) -> str:
    parts = list(filter(None, (_cut(found), _split(found), _left_out(found))))
    if not parts:
        return say(f"all {rows:,} rows fit, with nothing cut", f"全部 {rows:,} 行都放得下，无需截断")
    return say(f"of {rows:,} rows, ", f"{rows:,} 行中：") + say("; ", "；").join(parts)


def _total(found: Mapping[str, Lost], name: str) -> int:
    """The tokens of all splits, or their rows."""
    values = [getattr(one, name) for one in found.values()]
    return sum(value if isinstance(value, int) else len(value) for value in values)


def _cut(found: Mapping[str, Lost]) -> str:
    if not _total(found, "cut"):
        return ""
    many = counted(_total(found, "cut"), "question gives", "questions give", "个问题")
    gone = _total(found, "cut_tokens")
    tokens, share = counted(gone, "token", "tokens", "个词元"), gone / _total(found, "asked_tokens")
    return say(
        f"{many} way: {tokens}, {share:.1%} of all questions; answers stay whole",
        f"{many}截短：共 {tokens}，占全部问题的 {share:.1%}；回答保持完整",
    )


def _split(found: Mapping[str, Lost]) -> str:
    if not _total(found, "split"):
        return ""
    many = counted(_total(found, "split"), "answer is", "answers are", "个回答")
    return say(
        f"{many} too long for the window and learned in pieces, each without what stands before it",
        f"{many}超出窗口，分段学习，各段看不到之前的内容",
    )


def _left_out(found: Mapping[str, Lost]) -> str:
    if not _total(found, "left_out"):
        return ""
    many = counted(_total(found, "left_out"), "row is", "rows are", "行")
    share = _total(found, "left_out_tokens") / _total(found, "answer_tokens")
    return say(
        f"{many} left out and listed in rejects.tsv: {share:.1%} of all answers' tokens",
        f"{many}不参与训练，列于 rejects.tsv（占全部回答词元的 {share:.1%}）",
    )


def _nothing_left(facts: Facts, longest: int) -> DataError:
    return DataError(
        expected=say(f"answers that fit into {longest:,} tokens", f"能放进 {longest:,} 个词元以内的回答"),
        got=say("none that does, with its question", "连同问题没有一个放得下"),
        where=", ".join(source.path for source in facts.reading.sources[:3]),
        do=say(
            f"raise prepare.max_length (the model sees {facts.model.max_length:,}), or learn them in pieces:"
            " prepare.truncation=split",
            f"请增大 prepare.max_length（模型可见 {facts.model.max_length:,}），或分段学习：prepare.truncation=split",
        ),
    )
