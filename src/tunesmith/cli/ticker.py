"""What is being done, on one line of a terminal that goes away; nothing elsewhere."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn

from tunesmith.cli.console import error_console


class Ticker:
    """Shows what ``tell`` is told while the context lasts. Results go to the other stream, so that pipes stay clean."""

    def __init__(self, *, is_shown: bool = True) -> None:
        columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"))
        is_seen = is_shown and error_console().is_terminal
        self._progress = Progress(*columns, console=error_console(), transient=True, disable=not is_seen)
        self._task = self._progress.add_task("", total=1.0, visible=False)

    def tell(self, what: str, share: float) -> None:
        """Show what is being done, and the share of it that is done (0 to 1)."""
        self._progress.update(self._task, completed=share, description=what, visible=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
