"""What somebody meant who typed an option that there is not: most are settings, written without dashes."""

import difflib
from collections.abc import Sequence
from typing import Any

from tunesmith.settings.parse import paths, places
from tunesmith.words import say

MARK = "key=value"
"""Stands in the usage of commands that take settings."""

FOLDER = {"o", "out", "output", "output_dir"}
"""Where other programs are told to write; a run's folder is named."""

FOREIGN = {
    "lr": "learning_rate",
    "bs": "batch_size",
    "epoch": "epochs",
    "num_epochs": "epochs",
    "num_train_epochs": "epochs",
    "per_device_train_batch_size": "micro_batch_size",
    "train_batch_size": "batch_size",
    "max_seq_length": "max_length",
    "lr_scheduler_type": "schedule",
    "optim": "optimiser",
    "optimizer": "optimiser",
    "lora_r": "rank",
    "lora_alpha": "alpha",
}
"""How other programs call a setting → its name here."""

ALIKE = 0.8
"""Share of like letters from which a name is taken for a slip of the other."""


def hint(error: Exception, arguments: Sequence[str]) -> str:
    """What to write instead of an unknown option; empty where nobody knows.

    Args:
        error: Typer's, with the command and the option in it.
        arguments: the whole command line.
    """
    option, command = getattr(error, "option_name", None), getattr(error, "cmd", None)
    if not option or command is None:
        return ""
    asked = option.lstrip("-").replace("-", "_")
    if asked in FOLDER and _has(command, "--name"):
        value = _value(option, arguments) or say("NAME", "名称")
        return say(
            f"A run's folder is runs/NAME; write it as --name {value}",
            f"运行文件夹为 runs/名称\uff1b请写成 --name {value}",
        )
    setting = _setting(asked) if _takes_settings(command) else ""
    if not setting:
        return ""
    value = _value(option, arguments) or say("VALUE", "值")
    return say(
        f"It is a setting, which has no dashes; write it as {setting}={value}",
        f"它是一项设置\uff0c前面没有横线\uff1b请写成 {setting}={value}",
    )


def _setting(asked: str) -> str:
    """The setting's name that was meant, as it is written; empty where there is none."""
    name = FOREIGN.get(asked, asked)
    if places(name):
        return name
    near = difflib.get_close_matches(name, [path.partition(".")[2] for path in paths()], n=1, cutoff=ALIKE)
    return near[0] if near else ""


def _value(option: str, arguments: Sequence[str]) -> str:
    """What followed the option, behind a space or an equals sign."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else following if not following.startswith("-") else ""
    return ""


def _takes_settings(command: Any) -> bool:
    return any(MARK in (parameter.metavar or "") for parameter in command.params if hasattr(parameter, "metavar"))


def _has(command: Any, flag: str) -> bool:
    return any(flag in parameter.opts for parameter in command.params)
