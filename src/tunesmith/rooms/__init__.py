"""The rooms. Each is a folder with one public function named like it; it is opened when first entered.

``rooms.train`` imports torch, ``rooms.read`` pyarrow: a verb that does not enter a room
does not pay for it.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunesmith.rooms import (
        check,
        compare,
        evaluate,
        explain,
        plan,
        prepare,
        rate,
        read,
        report,
        train,
        tune,
        verify,
    )

__all__ = [
    "check",
    "compare",
    "evaluate",
    "explain",
    "plan",
    "prepare",
    "rate",
    "read",
    "report",
    "train",
    "tune",
    "verify",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"there is no room called {name!r}")
    return import_module(f"tunesmith.rooms.{name}")
