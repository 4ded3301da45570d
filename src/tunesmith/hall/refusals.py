"""Why the hall turns data away, in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tunesmith.artifacts import Health, Plan, Reading
from tunesmith.errors import DataError, ModelError, Problem, RunError, SettingsError
from tunesmith.words import listed, say


def untrainable(health: Health, reading: Reading) -> DataError:
    """The data has errors that no training gets over."""
    worst = [finding for finding in health.findings if finding.severity == "error"]
    return DataError(
        expected=say("data that a model can learn from", "可供模型学习的数据"),
        got="; ".join(finding.message for finding in worst),
        where=", ".join(source.path for source in reading.sources[:3]),
        do="; ".join(finding.do for finding in worst),
    )


def no_labels(reading: Reading) -> DataError:
    """Rows to score on that carry no label."""
    return DataError(
        expected=say("rows with labels to score against", "带标签的数据行用于评分"),
        got=say("unlabelled rows alone", "只有无标签的数据"),
        where=", ".join(source.path for source in reading.sources[:3]),
        do=say("use tunesmith predict for them", "请改用 tunesmith predict"),
    )


def other_data(old: Plan, path: Path) -> DataError:
    """A plan's files are no longer what they were."""
    return DataError(
        expected=say("the data that the plan was made for", "制定计划时的数据"),
        got=say("files with other content, or another tokenizer", "内容已改变的文件，或不同的分词器"),
        where=f"{path}: {listed(list(old.files))}",
        do=say("restore the files, or plan anew: tunesmith train FILE", "请恢复文件，或重新计划：tunesmith train 文件"),
    )


def unknown_task(reading: Reading, known: Sequence[str]) -> DataError:
    """Data for a task that can be read but not trained."""
    return DataError(
        expected=say(
            f"data for a task that can be trained: {listed(list(known))}", f"可训练任务的数据：{listed(list(known))}"
        ),
        got=say(f"data for {reading.task}", f"{reading.task} 的数据"),
        where=", ".join(source.path for source in reading.sources[:3]),
        do=say(
            "this version reads and checks such data but does not train on it yet; if it was taken for the wrong"
            " thing, say --task and --columns",
            "此版本能读取和检查这类数据，但还不能训练；若识别有误，请用 --task 和 --columns 指明",
        ),
    )


def strange_labels(reading: Reading, counts: Mapping[str, int], known: Sequence[str]) -> DataError:
    """Labels that the model cannot give: each such row would count as wrong by necessity."""
    strange = sorted(set(counts) - set(known))
    return DataError(
        expected=say(f"labels that the model knows: {listed(list(known))}", f"模型认识的标签：{listed(list(known))}"),
        got=listed([f"{name} ({counts[name]:,})" for name in strange]),
        where=", ".join(source.path for source in reading.sources[:3]),
        do=say(
            "spell the labels as in the training data, or name the label column: --columns label=…",
            "请使用与训练数据相同的标签写法，或指明标签列：--columns label=…",
        ),
    )


def never_sure(task: str, folder: Path) -> RunError:
    """Its answers have no confidence that a threshold could be set for."""
    return RunError(
        expected=say("a model with a confidence for each answer", "每个答案都有置信度的模型"),
        got=say(f"one for {task}", f"用于 {task} 的模型"),
        where=str(folder),
        do=say("leave --at-least out", "请去掉 --at-least"),
    )


def writes_nothing(task: str, folder: Path) -> RunError:
    """A run whose model gives labels, where one that writes is asked for."""
    return RunError(
        expected=say(
            "a run whose model writes: chat, generation, language-modeling",
            "模型能写作的运行：chat、generation、language-modeling",
        ),
        got=task,
        where=str(folder),
        do=say(
            f"ask it for labels: tunesmith predict {folder} FILE", f"请用它给出标签：tunesmith predict {folder} 文件"
        ),
    )


def settled(paths: Sequence[str]) -> SettingsError:
    """Settings that made a run what it is, given where it is used."""
    return SettingsError(
        [
            Problem(
                path=path,
                expected=say("a setting of generate", "generate 的设置"),
                got=say("one that the run was made with", "运行已确定的设置"),
            )
            for path in paths
        ],
        do=say("leave it out, or train again with it", "请省略，或以此重新训练"),
    )


def cannot_write(task: str, model: str, writes: str) -> ModelError:
    """A model whose head the task has no use for. ``writes`` is what kind of language model it is."""
    kinds = {
        "masked": say("one that fills gaps", "只会填空的模型"),
        "causal": say("one that goes on with a text", "续写文本的模型"),
        "seq2seq": say("an encoder with a decoder", "编码器-解码器模型"),
    }
    return ModelError(
        expected=say(f"a model that {task} can be trained with", f"可用于 {task} 训练的模型"),
        got=kinds.get(writes, say("one that is no language model", "不是语言模型")),
        where=model,
        do=say(
            "name a model with a language model's head (--model FOLDER), or --model scratch",
            "请指定带语言模型头的模型（--model 文件夹），或使用 --model scratch",
        ),
    )
