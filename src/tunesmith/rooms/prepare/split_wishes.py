"""Wishes about the split that exclude each other, refused before any file is read."""

from tunesmith.errors import Problem, SettingsError
from tunesmith.settings import PrepareSettings
from tunesmith.words import say


def columns(settings: PrepareSettings) -> tuple[str, ...]:
    """The columns that must be kept while reading, for the split to go by."""
    return tuple(filter(None, dict.fromkeys((settings.group_by, settings.time_column))))


def must_go_together(settings: PrepareSettings) -> None:
    """Refuse what cannot be done at once.

    Raises:
        SettingsError: all of it, each with its path.
    """
    problems = []
    is_by_time = settings.split_by == "time"
    if is_by_time and settings.time_column is None:
        problems.append(
            Problem(
                path="prepare.time_column",
                expected=say("the column that holds the time", "存放时间的列"),
                got=say("none", "没有"),
            )
        )
    if is_by_time and settings.group_by is not None:
        problems.append(_instead("prepare.group_by", say("not beside split_by=time", "不与 split_by=time 同用")))
    if is_by_time and settings.folds is not None:
        problems.append(_instead("prepare.folds", say("not beside split_by=time", "不与 split_by=time 同用")))
    if settings.fold is not None and (settings.folds is None or settings.fold > settings.folds):
        folds = settings.folds or 0
        problems.append(
            Problem(
                path="prepare.fold",
                expected=say(f"one of the {folds} folds", f"{folds} 折之一")
                if folds
                else say("prepare.folds beside it", "同时给出 prepare.folds"),
                got=str(settings.fold),
            )
        )
    if problems:
        raise SettingsError(problems, do=say("complete it, or leave one of the two out", "请补全，或去掉其中之一"))


def _instead(path: str, expected: str) -> Problem:
    return Problem(path=path, expected=expected, got=say("both", "两者都有"))
