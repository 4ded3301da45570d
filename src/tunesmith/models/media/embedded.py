"""Pictures and sounds as text that a page holds, so that no other file is needed to look and to listen."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAME = 512
"""Samples of a stretch of sound whose tones are drawn."""

FEWEST = 96
"""Stretches of a short sound: they lie over each other, so that half a second is more than a few bars."""

Levels = NDArray[np.uint8]


def png(drawn: Any) -> str:
    """A picture of PIL as the address of a PNG."""
    target = io.BytesIO()
    drawn.save(target, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode()


def mp3(wave: NDArray[np.float32], rate: int) -> str:
    """A wave as the address of an MP3: the one kind that every browser plays and that is small."""
    import soundfile

    target = io.BytesIO()
    soundfile.write(target, wave, rate, format="MP3")
    return "data:audio/mpeg;base64," + base64.b64encode(target.getvalue()).decode()


def tones(wave: NDArray[np.float32], *, height: int, frame: int = FRAME) -> Levels:
    """Grey levels (height, stretches) of a wave: time to the right, tone upwards, louder is darker."""
    padded = np.pad(wave, (0, max(0, frame - len(wave))))
    hop = max(1, min(frame, (len(padded) - frame) // (FEWEST - 1)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(frame), axis=1)) ** 2
    bands = np.stack([band.mean(1) for band in np.array_split(power, height, axis=1)])[::-1]
    return grey(np.log10(bands + 1e-5 * max(float(bands.max()), 1e-9)))


def grey(level: NDArray[np.floating]) -> Levels:
    """Numbers as grey levels, the largest black."""
    span = max(float(level.max() - level.min()), 1e-9)
    found: Levels = (255 * (1 - (level - level.min()) / span)).astype(np.uint8)
    return found
