"""What ``explain`` refuses, and what to do instead."""

from tunesmith.artifacts import Reading
from tunesmith.errors import DataError, UserError
from tunesmith.runs import Run
from tunesmith.words import say


def must_be_as_learned(reading: Reading, text2: str, *, is_file: bool) -> None:
    """See that a second text comes where the run learned from pairs, and nowhere else.

    Raises:
        DataError: it is missing, or one too many.
    """
    is_paired = "text2" in reading.columns
    if is_paired == bool(text2.strip()) or (is_file and not text2):
        return
    raise DataError(
        expected=say("two texts, as the run learned from pairs", "两个文本，该运行学习的是文本对")
        if is_paired
        else say("one text, as the run learned from single ones", "一个文本，该运行学习的是单个文本"),
        got=say("one", "一个") if is_paired else say("two", "两个"),
        where="--text2",
        do=say('add the second one: --text2 "…"', "请加上第二个：--text2 “…”")
        if is_paired
        else say("leave --text2 out", "请去掉 --text2"),
    )


def nothing(got: str) -> DataError:
    """No text came."""
    return DataError(
        expected=say("a text to explain", "要解释的文本"),
        got=got,
        do=say('give one: tunesmith explain RUN "some text"', "请给出文本：tunesmith explain 运行文件夹 “文本”"),
    )


def named_file(source: str, run: Run) -> UserError:
    """A file's name read as a text would be explained word by word, which nobody means."""
    return UserError(
        expected=say("a text: this run learned from texts", "一段文本：该运行由文本训练"),
        got=say(f"the name of a file, '{source}'", f"文件名 '{source}'"),
        where=str(run.folder),
        do=say("give its texts with --file", "请用 --file 给出文件中的文本"),
    )


def prefixed(run: Run) -> UserError:
    """What the model reads is not the text alone."""
    return UserError(
        expected=say("a model that reads nothing but its text", "只读取文本本身的模型"),
        got=say("one with a learned prefix, which is no part of any text", "带有学到的前缀的模型，前缀不属于任何文本"),
        where=str(run.folder),
        do=say(
            "explain a run that was trained with train.method=full, lora or prompt",
            "请解释用 train.method=full、lora 或 prompt 训练的运行",
        ),
    )


def none_held(run: Run) -> UserError:
    """There are no rows to check the methods on."""
    return UserError(
        expected=say("a run that kept rows from training", "保留了未参与训练数据的运行"),
        got=say("one that learned from all of its rows", "用全部数据训练的运行"),
        where=str(run.folder),
        do=say("leave --check out", "请去掉 --check"),
    )
