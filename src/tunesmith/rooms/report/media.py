"""Pictures and sounds inside a page, small: no other file is needed to look at them and to listen."""

import base64
import io
from functools import lru_cache
from pathlib import Path

import numpy as np
from markupsafe import Markup, escape

from tunesmith.artifacts import Mistake
from tunesmith.models.media.decode import AUDIO_SUFFIXES, Undecodable, picture, sound
from tunesmith.models.media.looks import is_picture
from tunesmith.words import say

SIDE = 96
"""Pixels of a thumbnail's longer side."""

LONGEST_SECONDS = 6.0
"""Of a sound that can be heard; the rest is left out, and the page says so."""

HEIGHT = 48
"""Pixels of a spectrogram's height; each column is one stretch of the sound."""

FRAME = 512
"""Samples of a stretch."""

REMEMBERED = 256
"""Files whose pictures are kept: one may stand in several lists."""


def named(mistake: Mistake) -> str:
    """The file of a mistake: its folder, often the class, and its name."""
    return "/".join(Path(mistake.text).parts[-2:])


def seen(mistake: Mistake) -> Markup:
    """The file of a mistake as a picture or as something to listen to; nothing where it is gone.

    Only for tasks of pictures and sounds: a text may look like a path, and must not put a file onto the page.
    """
    path = mistake.text
    if is_picture(path):
        return _seen(path)
    if Path(path).suffix.lower() in AUDIO_SUFFIXES:
        return _heard(path)
    return Markup()


@lru_cache(maxsize=REMEMBERED)
def _seen(path: str) -> Markup:
    try:
        small = picture(Path(path))
    except Undecodable:
        return Markup()
    # Small pictures are shown as large as the others, each of their pixels a square.
    grow = max(1, SIDE // max(small.size))
    small = small.resize((small.width * grow, small.height * grow), 0) if grow > 1 else small
    small.thumbnail((SIDE, SIDE))
    return _image(small, escape(Path(path).name))


def _image(drawn: object, alt: str) -> Markup:
    target = io.BytesIO()
    drawn.save(target, "PNG", optimize=True)  # type: ignore[attr-defined]
    width, height = drawn.size  # type: ignore[attr-defined]
    data = base64.b64encode(target.getvalue()).decode()
    return Markup('<img class="seen" alt="{}" width="{}" height="{}" src="data:image/png;base64,{}">').format(
        alt, width, height, data
    )


@lru_cache(maxsize=REMEMBERED)
def _heard(path: str) -> Markup:
    import soundfile
    from PIL import Image

    try:
        wave, rate = sound(Path(path))
    except Undecodable:
        return Markup()
    part = wave[: int(LONGEST_SECONDS * rate)]
    target = io.BytesIO()
    # The one kind that every browser plays and that is small.
    soundfile.write(target, part, rate, format="MP3")
    data = base64.b64encode(target.getvalue()).decode()
    name = Path(path).name
    drawn = _image(Image.fromarray(_tones(part)), say(f"loudness by time and tone of {name}", f"{name} 的时频图"))
    cut = len(part) < len(wave)
    told = say(f"the first {LONGEST_SECONDS:.0f} s", f"前 {LONGEST_SECONDS:.0f} 秒") if cut else ""
    player = Markup('<audio controls preload="none" src="data:audio/mpeg;base64,{}"></audio>{}').format(data, told)
    return drawn + player


def _tones(wave: np.ndarray[tuple[int], np.dtype[np.float32]]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Grey levels (HEIGHT, columns): time to the right, tone upwards, louder is darker."""
    count = max(1, len(wave) // FRAME)
    frames = np.resize(wave, (count, FRAME))
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2
    bands = np.stack([band.mean(1) for band in np.array_split(power, HEIGHT, axis=1)])[::-1]
    level = np.log10(bands + 1e-5 * max(float(bands.max()), 1e-9))
    span = max(float(level.max() - level.min()), 1e-9)
    grey: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = (255 * (1 - (level - level.min()) / span)).astype(np.uint8)
    # At least as wide as the eye needs.
    wide: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = np.repeat(grey, max(1, SIDE // count), axis=1)
    return wide
