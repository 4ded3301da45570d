"""``tunesmith train``: from files, or a plan, to a judged model in a run folder."""

from pathlib import Path

from tunesmith import flow
from tunesmith.cli.ask import asker
from tunesmith.cli.options import (
    ColumnsFlag,
    Inputs,
    JsonFlag,
    MemoryFlag,
    ModelFlag,
    NameFlag,
    RejectsFlag,
    TaskFlag,
    TimeFlag,
    settings_from,
    split_inputs,
)
from tunesmith.cli.session import follow, introduce
from tunesmith.device import process_began
from tunesmith.errors import Problem, SettingsError
from tunesmith.words import say


def train(
    inputs: Inputs,
    model: ModelFlag = None,
    time: TimeFlag = None,
    memory: MemoryFlag = None,
    task: TaskFlag = None,
    columns: ColumnsFlag = None,
    allow_rejects: RejectsFlag = False,
    name: NameFlag = "",
    as_json: JsonFlag = False,
) -> None:
    """Parse, start a session, follow it to its end."""
    files, pairs = split_inputs(inputs)
    settings = settings_from(
        pairs, task=task, columns=columns, model=model, time=time, memory=memory, allow_rejects=allow_rejects
    )
    source: flow.Files | Path = files
    if len(files) == 1 and files[0].suffix in {".yaml", ".yml"}:
        if settings != settings_from():
            raise SettingsError(
                [
                    Problem(
                        path="train",
                        expected=say("a plan alone", "仅有计划文件"),
                        got=say("a plan and settings", "计划文件和设置"),
                    )
                ],
                do=say("edit the plan's settings, or train from the files", "请修改计划中的设置，或从数据文件开始训练"),
            )
        source = files[0]
    session = flow.start(source, settings, ask=None if as_json else asker(), name=name, began=process_began())
    if not as_json:
        introduce(session)
    follow(session, as_json=as_json)
