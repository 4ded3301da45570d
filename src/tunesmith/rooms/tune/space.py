"""A space of settings out of a YAML file: each entry is checked against what the setting itself may be."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml

from tunesmith.artifacts.trials import Dimension, Value
from tunesmith.errors import Problem, SettingsError
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed, paths, places
from tunesmith.words import listed, say

OPEN_PARTS = ("train", "regularise", "adapter")
"""Parts of the settings whose every entry may vary, but for those in ``CLOSED``."""

OPEN = (
    "model.name",
    "model.scratch_size",
    "model.scratch_vocabulary",
    "prepare.max_length",
    "prepare.clean",
    "prepare.segment",
    "prepare.stopwords",
    "prepare.augment",
    "prepare.augment_factor",
    "prepare.augment_all",
)
"""Further ones. All others decide which rows are compared, or how they are scored, and must be equal for all."""

CLOSED = {
    "train.monitor": ("it is what trials are compared by", "试验以它作比较"),
    "train.seed": ("the luckiest seed is no better setting", "最走运的种子并不是更好的设置"),
    "train.time_seconds": ("what a clock decides cannot be repeated", "由时钟决定的结果无法重复"),
    "train.memory_bytes": ("it is a bound, not a choice", "它是限制而非选择"),
    "train.checkpoint_seconds": ("it changes no score", "它不影响得分"),
    "train.threads": ("it changes no score", "它不影响得分"),
    "train.sharded": ("it changes no score", "它不影响得分"),
    "train.compile": ("it changes no score", "它不影响得分"),
    "train.cache_frozen": ("it changes no score", "它不影响得分"),
}

RANGE_KEYS = {"low", "high", "log"}
AROUND = "around"
FORMS = "setting: [a, b], setting: {low: 1, high: 9, log: true}, setting: {around: 10}"


def read_space(path: Path, *, fixed: Settings) -> tuple[Dimension, ...]:
    """The dimensions that a YAML file names: ``setting: [choices]``, ``{low:, high:, log:}`` or ``{around: factor}``.

    Args:
        fixed: what the user set besides; such a setting cannot vary as well.

    Raises:
        SettingsError: everything wrong with the file at once.
    """
    given, problems, found = _loaded(path), list[Problem](), list[Dimension]()
    for key, wanted in given.items():
        try:
            found.append(dimension(str(key), wanted))
        except SettingsError as error:
            problems += error.problems
    problems += list(_twice(found, fixed))
    if problems:
        raise SettingsError(
            problems,
            do=say(
                f"correct {path}; entries look like {FORMS}; tunesmith plan --help lists all settings",
                f"请改正 {path}；条目写法如 {FORMS}；tunesmith plan --help 列出全部设置",
            ),
        )
    return tuple(found)


def may_vary() -> tuple[str, ...]:
    """Every setting that a search may vary, by its dotted path."""
    return tuple(path for path in paths() if path in OPEN or (path.partition(".")[0] in OPEN_PARTS and _is_open(path)))


def dimension(key: str, wanted: Any) -> Dimension:
    """One entry of a space.

    Raises:
        SettingsError: an unknown setting, one that must not vary, or values that it cannot have.
    """
    path = _path(key)
    if isinstance(wanted, list) and wanted:
        return Dimension(path=path, choices=tuple(_choice(path, value) for value in wanted))
    if isinstance(wanted, dict) and set(wanted) == {AROUND}:
        return _around(path, wanted[AROUND])
    if isinstance(wanted, dict) and {"low", "high"} <= set(wanted) <= RANGE_KEYS:
        return _range(path, wanted)
    raise _refused(path, say(f"one of {FORMS}", f"以下写法之一：{FORMS}"), str(wanted))


def kinds(path: str) -> set[type]:
    """The plain types that a setting's value may have."""
    part, _, name = path.partition(".")
    field = type(getattr(Settings(), part)).model_fields[name]
    found: set[type] = set()

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type):
            found.add(annotation)
        for inner in get_args(annotation):
            walk(inner)

    walk(field.annotation)
    return found


def _is_open(path: str) -> bool:
    return path not in CLOSED


def _path(key: str) -> str:
    """The one setting that is meant.

    Raises:
        SettingsError: there is none, several, or it must not vary.
    """
    path = _known(key)
    if path in may_vary():
        return path
    why = CLOSED.get(path, ("all trials must be compared on the same rows", "所有试验必须在相同的数据行上比较"))
    raise _refused(path, say(f"another setting: {why[0]}", f"其他设置：{why[1]}"), f"'{key}'")


def _known(key: str) -> str:
    """The setting that ``key`` means, the first of several: those share the reason why they must not vary."""
    found = places(key)
    if found:
        return found[0]
    changed(Settings(), {key: None})  # it says what is near
    raise AssertionError(f"{key} is known after all")


def _choice(path: str, value: Any) -> Value:
    text = ",".join(map(str, value)) if isinstance(value, list) else value
    number = _number(text) if kinds(path) & {int, float} else None
    text = text if number is None or isinstance(text, bool) else number
    _must_be_valid(path, text)
    return text if isinstance(text, bool | int | float | str) or text is None else str(text)


def _range(path: str, wanted: Mapping[str, Any]) -> Dimension:
    types = kinds(path)
    low, high = _number(wanted["low"]), _number(wanted["high"])
    if not types & {int, float}:
        raise _refused(path, say("a list of choices: it is no number", "选项列表：它不是数值"), str(dict(wanted)))
    if low is None or high is None or not low < high:
        raise _refused(path, say("numbers with low < high", "满足 low < high 的数"), str(dict(wanted)))
    is_log, is_whole = bool(wanted.get("log", False)), float not in types
    if is_log and low <= 0:
        raise _refused(path, say("low above 0 where log is true", "log 为 true 时 low 应大于 0"), str(low))
    for end in (low, high):
        _must_be_valid(path, int(end) if is_whole and end == int(end) else end)
    return Dimension(path=path, low=low, high=high, is_log=is_log, is_whole=is_whole)


def _around(path: str, factor: Any) -> Dimension:
    number = _number(factor)
    if number is None or number <= 1 or float not in kinds(path):
        expected = say("a factor above 1, for a setting with a fraction", "大于 1 的倍数，且该设置可取小数")
        raise _refused(path, expected, str(factor))
    return Dimension(path=path, low=1 / number, high=number, is_log=True, is_factor=True)


def _must_be_valid(path: str, value: Any) -> None:
    changed(Settings(), {path: value})


def _number(value: Any) -> int | float | None:
    """YAML takes ``1e-5`` for a word; users mean the number."""
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _loaded(path: Path) -> dict[Any, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        given = str(error).splitlines()[0]
    if isinstance(given, dict) and given:
        return given
    got = given if isinstance(given, str) else say("nothing of that kind", "不是这种内容")
    raise _refused(str(path), say(f"YAML such as {FORMS}", f"YAML，写法如 {FORMS}"), got)


def _twice(found: list[Dimension], fixed: Settings) -> Iterator[Problem]:
    """Settings that are named twice, or that vary and are fixed as well."""
    named = [one.path for one in found]
    plain = Settings()
    for path in dict.fromkeys(named):
        part, _, name = path.partition(".")
        given = getattr(getattr(fixed, part), name)
        if named.count(path) > 1:
            yield Problem(path=path, expected=say("named once", "只出现一次"), got=listed([path] * named.count(path)))
        if given != getattr(getattr(plain, part), name):
            expected = say("either fixed or in the space", "要么固定，要么放进搜索空间")
            yield Problem(path=path, expected=expected, got=say(f"both; fixed at {given}", f"两者皆有；固定为 {given}"))


def _refused(path: str, expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path=path, expected=expected, got=got)],
        do=say(f"entries look like {FORMS}", f"条目写法如 {FORMS}"),
    )
