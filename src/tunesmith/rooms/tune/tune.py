"""The room's door: trials one after the other, weak ones ended early, until none is left or the time is up."""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from tunesmith.artifacts.trials import State, Trial
from tunesmith.errors import UserError
from tunesmith.metrics.direction import worth
from tunesmith.rooms.tune.board import Asked, Board
from tunesmith.rooms.tune.storage import beating

WAIT_SECONDS = 1.0
"""How often the one that judges looks whether other workers have finished."""


class Attempt(Protocol):
    """One training of a search. Iterate to advance it; it says each time how far it is."""

    def __iter__(self) -> Iterator[Trial]:
        """A Trial after every optimiser step, the last one over."""

    def end(self, state: State) -> Trial:
        """Stop here: pruned, or cut by the time."""

    def keep(self) -> None:
        """Have it on disk as it is, for it is the best so far."""

    def close(self) -> None:
        """Let go of its folder, and of what it needs no more."""


def tune(
    board: Board,
    *,
    attempt: Callable[[Asked], Attempt],
    is_late: Callable[[], bool],
    may_begin: Callable[[], bool] = lambda: True,
    waits: bool = True,
) -> Iterator[Trial]:
    """Train what the board asks for. Yields every trial after each of its steps, and once more when it is over.

    Args:
        attempt: how a trial is trained.
        is_late: whether the search's time is up.
        may_begin: whether there is time to begin one more.
        waits: stay until other workers have finished, and take over from those that died.
    """
    while not is_late() and may_begin():
        asked = board.next()
        if asked is not None:
            yield from _one(board, asked, attempt, is_late)
        elif waits and board.more_may_come:
            time.sleep(WAIT_SECONDS)
        else:
            return


def _one(
    board: Board, asked: Asked, attempt: Callable[[Asked], Attempt], is_late: Callable[[], bool]
) -> Iterator[Trial]:
    with beating(board.storage, asked.ticket._trial_id):
        try:
            trained = attempt(asked)
        except UserError as error:
            if asked.role == "plan":
                raise
            trial = _refused(asked, error, board.worker)
            board.tell(asked, trial)
            yield trial
            return
        try:
            yield from _advanced(board, asked, trained, is_late)
        finally:
            trained.close()


def _advanced(board: Board, asked: Asked, trained: Attempt, is_late: Callable[[], bool]) -> Iterator[Trial]:
    known = 0
    for seen in trained:
        over = seen
        if seen.state == "running":
            yield seen
            is_weak = len(seen.rungs) > known and board.report(asked, seen)
            known = len(seen.rungs)
            if is_weak or is_late():
                over = trained.end("pruned" if is_weak else "cut")
                break
    is_best = is_better(board, over, board.best())
    over = over.model_copy(update={"is_best": is_best})
    if is_best:
        trained.keep()
    board.report(asked, over)
    board.tell(asked, over)
    yield over


def is_better(board: Board, trial: Trial, best: Trial | None) -> bool:
    """Whether a trial that is over beats the best so far."""
    if trial.score is None or trial.state not in {"finished", "cut"}:
        return False
    if best is None or best.score is None or (best.state == "cut" and trial.state == "finished"):
        return True
    is_whole = trial.state == "finished" or best.state == "cut"
    return is_whole and worth(board.monitor, trial.score) > worth(board.monitor, best.score)


def _refused(asked: Asked, error: UserError, worker: str) -> Trial:
    return Trial(
        number=asked.number,
        role=asked.role,
        state="failed",
        values=dict(asked.values),
        seed=0,
        because=str(error).splitlines()[0],
        worker=worker,
    )
