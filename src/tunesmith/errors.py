"""One tree of errors. What the user can mend is a UserError; anything else is our bug.

A UserError is built from fields (expected, got, where, do), never from a free
sentence, so that every message says all four. Doors show it without a traceback and
exit with 2; a bug keeps its traceback and exits with 1; Ctrl-C exits with 130.
"""

from dataclasses import dataclass

from tunesmith.words import say

EXIT_DONE, EXIT_BUG, EXIT_USER, EXIT_INTERRUPTED = 0, 1, 2, 130


class UserError(Exception):
    """Something the user gave cannot be used as it is.

    Args:
        expected: what would have been right, as a noun phrase.
        got: what came instead.
        where: file and line, setting or command; empty when ``got`` says it.
        do: the way out, as an imperative sentence.
    """

    def __init__(self, *, expected: str, got: str, do: str, where: str = "") -> None:
        self.expected, self.got, self.where, self.do = expected, got, where, do
        super().__init__(str(self))

    def __str__(self) -> str:
        # A finding is a sentence with its own end.
        got = self.got.removesuffix(".").removesuffix("。")
        lines = [say(f"Expected {self.expected}; got {got}.", f"应为{self.expected}；实际为{got}。")]
        if self.where:
            lines.append(say(f"  Where: {self.where}", f"  位置：{self.where}"))
        lines.append(say(f"  What to do: {self.do}", f"  怎么办：{self.do}"))
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str]:
        """The four fields, for ``--json``."""
        return {"expected": self.expected, "got": self.got, "where": self.where, "do": self.do}


class DataError(UserError):
    """The data cannot be read or used; ``where`` names file and line."""


class ModelError(UserError):
    """The model cannot be found, loaded or trusted."""


class RunError(UserError):
    """A run folder is missing, incomplete, damaged or in use."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with the settings, with its dotted path."""

    path: str
    expected: str
    got: str


class SettingsError(UserError):
    """All that is wrong with the settings at once, each with its path."""

    def __init__(self, problems: list[Problem], *, do: str) -> None:
        self.problems = problems
        super().__init__(
            expected="; ".join(f"{p.path}: {p.expected}" for p in problems),
            got="; ".join(f"{p.path}: {p.got}" for p in problems),
            do=do,
        )

    def __str__(self) -> str:
        head = say(f"{len(self.problems)} setting(s) cannot be used:", f"有 {len(self.problems)} 个设置不能用：")
        rows = [
            say(f"  {p.path}: expected {p.expected}; got {p.got}", f"  {p.path}：应为{p.expected}；实际为{p.got}")
            for p in self.problems
        ]
        return "\n".join([head, *rows, say(f"  What to do: {self.do}", f"  怎么办：{self.do}")])
