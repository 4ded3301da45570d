"""A grid over a picture or a sound: its places, where each lies in words, and which number belongs to which."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Grid, Sense
from tunesmith.models.inside.shown import NOWHERE
from tunesmith.words import say

MOST_SIDE = 10
"""Places along each side of a picture: a hundred that are covered one by one take seconds, not minutes."""

BANDS = 6
"""Places along the tones of a sound."""

FINEST, MOST_STRETCHES, MOST_OF_WAVES = 0.05, 16, 40
"""Seconds of a stretch of sound at least, and stretches at most; of waves, which have no bands, more."""

ACROSS = (("left", "左"), ("", "中"), ("right", "右"))
DOWN = (("upper", "上"), ("", "中"), ("lower", "下"))
TONES = (("high tones", "高音"), ("middle tones", "中音"), ("low tones", "低音"))


@dataclass(frozen=True, kw_only=True)
class Places:
    """The grid as it is told, the name of each place, and the place of each number of the item, or ``NOWHERE``."""

    grid: Grid
    names: tuple[str, ...]
    owner: NDArray[np.int64]


def of_picture(shape: tuple[int, int], patch: int) -> Places:
    """Squares of a picture (height, width) along the borders of the model's patches."""
    sides = tuple(_edges(side, patch) for side in shape)
    rows, columns = (len(edges) - 1 for edges in sides)
    down, along = (
        np.searchsorted(edges, np.arange(side), "right") - 1 for edges, side in zip(sides, shape, strict=True)
    )
    names = tuple(_region(3 * row // rows, 3 * column // columns) for row in range(rows) for column in range(columns))
    return Places(
        grid=Grid(kind="picture", rows=rows, columns=columns), names=names, owner=down[:, None] * columns + along
    )


def _edges(side: int, patch: int) -> NDArray[np.int64]:
    """Where places begin and end: at every patch, every second one, …, so that there are not too many."""
    step = max(1, min(patch, side))
    while -(-side // step) > MOST_SIDE:
        step *= 2
    return np.asarray([*range(0, side, step), side], np.int64)


def _region(row: int, column: int) -> str:
    """The ninth of a picture that a place lies in."""
    down, across = DOWN[row], ACROSS[column]
    if row == column == 1:
        return say("middle", "中央")
    if row == 1:
        return say(f"middle {across[0]}", f"{across[1]}侧中部")
    if column == 1:
        return say(f"{down[0]} middle", f"{down[1]}方中部")
    return say(f"{down[0]} {across[0]}", f"{across[1]}{down[1]}方")


def of_sound(shape: tuple[int, ...], sense: Sense, *, samples: int, start: float) -> Places:
    """Stretches of time, of a spectrogram by bands of tones, high ones above.

    Args:
        shape: of the item; samples: of the sound that lie in its window; start: second at which it begins.
    """
    time = sense.time or 0
    heard = shape[time] if len(shape) == 1 else max(1, min(shape[time], -(-shape[time] * samples // sense.window)))
    seconds = samples / sense.rate
    most = MOST_OF_WAVES if len(shape) == 1 else MOST_STRETCHES
    columns = int(np.clip(round(seconds / FINEST), min(4, heard), min(most, heard)))
    rows = 1 if len(shape) == 1 else min(BANDS, shape[1 - time])
    along = np.where(np.arange(shape[time]) < heard, np.arange(shape[time]) * columns // heard, NOWHERE)
    grid = Grid(kind="sound", rows=rows, columns=columns, start=start, seconds=seconds)
    names = tuple(_stretch(grid, row, column) for row in range(rows) for column in range(columns))
    if len(shape) == 1:
        return Places(grid=grid, names=names, owner=along)
    tones = shape[1 - time]
    up = rows - 1 - np.arange(tones) * rows // tones
    owner = np.where(along == NOWHERE, NOWHERE, up[:, None] * columns + along)
    return Places(grid=grid, names=names, owner=owner if time == 1 else owner.T)


def _stretch(grid: Grid, row: int, column: int) -> str:
    first, last = (grid.start + grid.seconds * at / grid.columns for at in (column, column + 1))
    when = say(f"{first:.2f}–{last:.2f} s", f"{first:.2f}–{last:.2f} 秒")
    if grid.rows == 1:
        return when
    tones = TONES[3 * row // grid.rows]
    return say(f"{when} ({tones[0]})", f"{when}（{tones[1]}）")
