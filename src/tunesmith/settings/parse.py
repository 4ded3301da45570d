"""What a user types into the settings tree: ``epochs=3``, ``train.learning_rate=1e-4``, ``10m``, ``8G``."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from tunesmith.errors import Problem, SettingsError
from tunesmith.settings.tree import Settings
from tunesmith.words import say

SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
BYTES = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}

NONE_IS_A_WORD = {"clean", "stopwords", "class_weights", "pruner"}
"""Settings for which ``none`` says that nothing is done; for all others it leaves the decision to the plan."""


SHARED = frozenset({"seed"})
"""Last names that several parts of the tree have and that mean the same in each: without a part, all are set."""


def paths() -> dict[str, str]:
    """Every setting's dotted path → its sentence of help, in the order of the tree."""
    found = {}
    for part, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type) and issubclass(model, BaseModel)
        for name, leaf in model.model_fields.items():
            found[f"{part}.{name}"] = leaf.description or ""
    return found


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The tree with ``given`` (path or last name → value) set; a path weighs more than a name that is ``SHARED``.

    Raises:
        SettingsError: unknown names and values out of range, all at once.
    """
    tree = settings.model_dump()
    problems: list[Problem] = []
    for key in sorted(given, key=lambda key: key not in SHARED):
        found = places(key)
        for place in found:
            part, _, name = place.partition(".")
            tree[part][name] = given[key]
        if not found:
            problems.append(_unknown(key))
    try:
        result = Settings.model_validate(tree)
    except ValidationError as error:
        problems.extend(_problem(entry) for entry in error.errors())
        result = settings
    if problems:
        raise SettingsError(
            problems,
            do=say(
                "correct them; tunesmith plan --help lists all settings", "请改正；tunesmith plan --help 列出全部设置"
            ),
        )
    return result


def pairs(words: Iterable[str]) -> dict[str, Any]:
    """``key=value`` words as a mapping; numbers, true, false and none are understood."""
    found: dict[str, Any] = {}
    for word in words:
        key, _, text = word.partition("=")
        is_word = key.strip().rpartition(".")[2] in NONE_IS_A_WORD and text.strip().lower() == "none"
        found[key.strip()] = "none" if is_word else _value(text.strip())
    return found


def columns(text: str) -> dict[str, str | int]:
    """``text=2,label=1`` or ``text=review,label=stars``: role → column.

    Raises:
        SettingsError: a part without ``=``.
    """
    found: dict[str, str | int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        role, equals, column = part.partition("=")
        if not equals or not role.strip() or not column.strip():
            raise _refused("--columns", say("role=column, as in text=2,label=1", "角色=列，例如 text=2,label=1"), part)
        column = column.strip()
        found[role.strip()] = int(column) if column.isdecimal() else column
    return found


def seconds(text: str) -> float:
    """``90``, ``90s``, ``10m``, ``1.5h`` in seconds."""
    return _measured(text, SECONDS, "--time", say("a duration such as 90s, 10m or 2h", "时长，例如 90s、10m、2h"))


def size(text: str) -> int:
    """``8G``, ``800M`` in bytes."""
    return int(
        _measured(
            text.lower().removesuffix("ib"), BYTES, "--memory", say("a size such as 800M or 8G", "大小，例如 800M、8G")
        )
    )


def _measured(text: str, units: Mapping[str, int], flag: str, expected: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if match is None or match[2] not in units or float(match[1]) <= 0:
        raise _refused(flag, expected, text)
    return float(match[1]) * units[match[2]]


def _refused(flag: str, expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path=flag, expected=expected, got=f"'{got}'")], do=say("write it like the example", "请按示例书写")
    )


def _value(text: str) -> Any:
    lowered = text.lower()
    if lowered in {"true", "false"}:
        return lowered == "true"
    return None if lowered in {"none", "null", ""} else text


def places(key: str) -> list[str]:
    """The dotted paths that ``key`` means: itself, or those of that last name, several where ``SHARED``."""
    known = paths()
    return [key] if key in known else [path for path in known if path.partition(".")[2] == key]


def _unknown(key: str) -> Problem:
    names = [*paths(), *(path.partition(".")[2] for path in paths())]
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    hint = (
        say(f"a known setting; nearest: {near[0]}", f"已知的设置；最接近：{near[0]}")
        if near
        else say("a known setting", "已知的设置")
    )
    return Problem(path=key, expected=hint, got=f"'{key}'")


def _problem(entry: Any) -> Problem:
    return Problem(path=".".join(map(str, entry["loc"])), expected=_wanted(entry), got=repr(entry["input"]))


def _wanted(entry: Any) -> str:
    """The range of a value in the user's language, from pydantic's error type and context."""
    context = entry.get("ctx", {})
    ranges = {
        "greater_than_equal": ("ge", "at least", "至少为"),
        "greater_than": ("gt", "more than", "大于"),
        "less_than_equal": ("le", "at most", "至多为"),
        "less_than": ("lt", "less than", "小于"),
    }
    if entry["type"] in ranges:
        bound, en, zh = ranges[entry["type"]]
        return say(f"a number {en} {context[bound]}", f"{zh} {context[bound]} 的数")
    if entry["type"] == "literal_error":
        return say(f"one of {context['expected']}", f"以下之一：{context['expected']}")
    kinds = {"int": ("a whole number", "整数"), "float": ("a number", "数"), "bool": ("true or false", "true 或 false")}
    en, zh = kinds.get(entry["type"].partition("_")[0], ("a value of another type", "另一种类型的值"))
    return say(en, zh)
