"""What a picture or a sound is at a glance: enough to tell copies, blanks and silence, little enough to keep for all.

A glance is a coarse picture of 16 × 16 places: colours of a picture, or loudness by time and tone of a sound. Two files
are near when those agree after differences of brightness, size, format and loudness are taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tunesmith.likeness.near import Joined
from tunesmith.models.media.decode import IMAGE_SUFFIXES, Undecodable, picture, sound
from tunesmith.words import say

SIDE = 16

MOST_FILES = 20_000
"""Files of one data set that are looked into: each takes one to two milliseconds (dev/log.md)."""

REMEMBERED = 100_000
"""Glances kept at hand: 1 kB each."""

ALIKE = 0.99
"""Correlation of two glances from which on they are of the same thing. Of all pairs of 3,600 small photographs of ten
kinds one was above 0.97 (0.987); of copies saved anew at a quality of 60, 95% kept 0.995 or more. See dev/log.md."""

SAME_COLOUR = 16.0
"""Of 255: the mean colours of two copies differ by less."""

BANDS = 8
"""The 64 bits of a glance are looked up by eight triples of its eight bytes."""

FLOOR = 1e-5
"""Share of the strongest tone below which tones count as silence: 50 dB under it, above the noise of 16 bits."""

FRAME = 0.025
"""Seconds of a stretch of sound whose tones are looked at."""


@dataclass(frozen=True)
class Glance:
    """``places`` (16, 16, 3) uint8; ``shortest`` side in pixels, or length in milliseconds; ``spread`` the deviation of
    the numbers between 0 and 1; ``peak`` of a sound; ``clipped``: share of samples at the peak that no wave has."""

    places: NDArray[np.uint8]
    shortest: int
    spread: float
    peak: float = 1.0
    clipped: float = 0.0


def content(path: str) -> str:
    """A hash of a file's bytes; of one that is gone its path, which reading it will tell."""
    try:
        return blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return path


def glance(path: str) -> Glance | None:
    """The file at a glance; None where it cannot be decoded."""
    found = _looked(path)
    return found if isinstance(found, Glance) else None


def flaw(path: str) -> str:
    """Why nothing can be learned from the file, in words; "" where it can.

    Whoever asks for a glance afterwards has it: a file is decoded once for both.
    """
    found = _looked(path)
    return "" if isinstance(found, Glance) else found


def _looked(path: str) -> Glance | str:
    try:
        stat = Path(path).stat()
    except OSError:
        return say("the file does not exist", "文件不存在")
    return _decoded(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=REMEMBERED)
def _decoded(path: str, changed: int, size: int) -> Glance | str:
    """The file at a glance, or why there is none; ``changed`` and ``size`` tell it from what stood there before."""
    try:
        return _seen(path) if is_picture(path) else _heard(path)
    except Undecodable as error:
        return str(error)


def is_picture(path: str) -> bool:
    """By its ending."""
    return Path(path).suffix.lower() in IMAGE_SUFFIXES


def _seen(path: str) -> Glance:
    whole = picture(Path(path))
    small = np.asarray(whole.resize((SIDE, SIDE), 4))  # 4: a box, the mean of what falls into a place
    values = np.asarray(whole)[:: max(1, whole.height // 64), :: max(1, whole.width // 64)].astype(np.float32)
    return Glance(small, min(whole.size), float(values.std() / 255))


def _heard(path: str) -> Glance:
    wave, rate = sound(Path(path))
    peak = float(np.abs(wave).max())
    at_peak = float(np.mean(np.abs(wave) >= 0.999 * peak)) if peak > 0 else 0.0
    size = max(8, int(FRAME * rate))
    frames = np.resize(wave, (max(1, len(wave) // size), size)) if len(wave) >= size else wave[None]
    # As loud as all others, so that a softer copy looks the same.
    level = frames / (peak or 1.0)
    power = np.abs(np.fft.rfft(level * np.hanning(frames.shape[1]), axis=1)) ** 2
    bands = np.array_split(power, min(SIDE, power.shape[1]), axis=1)
    grid = _brought(_brought(np.log(_over_floor(np.stack([band.mean(1) for band in bands], 1))), 0), 1)
    low, high = grid.min(), grid.max()
    grey = np.zeros_like(grid) if high <= low else 255 * (grid - low) / (high - low)
    places = np.repeat(grey.astype(np.uint8)[..., None], 3, 2)
    return Glance(places, int(1000 * len(wave) / rate), float(wave.std()), peak, at_peak)


def _over_floor(power: NDArray[np.float64]) -> NDArray[np.float64]:
    loudest = float(power.max())
    result: NDArray[np.float64] = power + (FLOOR * loudest if loudest else 1.0)
    return result


def _brought(grid: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """To 16 places along an axis: means where there are more, repetitions where there are fewer."""
    count = grid.shape[axis]
    if count < SIDE:
        return np.repeat(grid, -(-SIDE // count), axis).take(range(SIDE), axis)
    return np.stack([part.mean(axis) for part in np.array_split(grid, SIDE, axis)], axis)


def clusters(paths: Sequence[str]) -> NDArray[np.int64]:
    """For each file the number of the first one that is nearly the same, (n,); one that stands alone has its own."""
    glances = [glance(path) for path in paths]
    known = [at for at, one in enumerate(glances) if one is not None and one.spread > 0]
    if not known:
        return np.arange(len(paths))
    places = np.stack([one.places for one in glances if one is not None and one.spread > 0]).astype(np.float32)
    grey = places.mean(-1).reshape(len(known), -1)
    level = grey - grey.mean(1, keepdims=True)
    level /= np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-6)
    colour = places.mean((1, 2))
    pairs = _candidates(grey.reshape(-1, SIDE, SIDE))
    is_near = np.einsum("ij,ij->i", level[pairs[:, 0]], level[pairs[:, 1]]) >= ALIKE
    is_near &= np.abs(colour[pairs[:, 0]] - colour[pairs[:, 1]]).max(1, initial=0.0) <= SAME_COLOUR
    numbers, together = np.asarray(known, np.int64), Joined(len(paths))
    together.join(numbers[pairs[is_near, 0]], numbers[pairs[is_near, 1]])
    return together.roots()


def _candidates(grey: NDArray[np.float32]) -> NDArray[np.int64]:
    """Pairs (k, 2) that share three pieces of their 64 bits: whether a place is brighter than the one to its right."""
    coarse = grey.reshape(-1, 8, 2, 8, 2).mean((2, 4))
    bits = np.concatenate([coarse[:, :, 1:] > coarse[:, :, :-1], coarse[:, :, :1] > coarse[:, :, -1:]], 2).reshape(
        -1, 64
    )
    pieces = np.packbits(bits, axis=1).astype(np.int64)
    # Single pieces would be shared by too many.
    pairs: set[tuple[int, int]] = set()
    for band in range(BANDS):
        keys = (pieces[:, band] << 16) + (pieces[:, (band + 1) % BANDS] << 8) + pieces[:, (band + 3) % BANDS]
        order = np.argsort(keys, kind="stable")
        borders = np.flatnonzero(np.diff(keys[order])) + 1
        for group in np.split(order, borders):
            # A group of hundreds is a pattern, blank borders for the most part; neighbours stand for all.
            members = group.tolist()
            for at, one in enumerate(members):
                pairs.update((one, other) for other in members[at + 1 : at + 9])
    return np.asarray(sorted(pairs), np.int64).reshape(-1, 2)
