"""Pictures and sounds inside a page, small: no other file is needed to look at them and to listen."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from tunesmith.artifacts import Mistake
from tunesmith.models.media.decode import AUDIO_SUFFIXES, Undecodable, picture, sound
from tunesmith.models.media.embedded import mp3, png, tones
from tunesmith.models.media.looks import is_picture
from tunesmith.words import say

SIDE = 96
"""Pixels of a thumbnail's longer side."""

LONGEST_SECONDS = 6.0
"""Of a sound that can be heard; the rest is left out, and the page says so."""

HEIGHT = 48
"""Pixels of a spectrogram's height; each column is one stretch of the sound."""

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


def _image(drawn: Any, alt: str) -> Markup:
    width, height = drawn.size
    return Markup('<img class="seen" alt="{}" width="{}" height="{}" src="{}">').format(alt, width, height, png(drawn))


@lru_cache(maxsize=REMEMBERED)
def _heard(path: str) -> Markup:
    from PIL import Image

    try:
        wave, rate = sound(Path(path))
    except Undecodable:
        return Markup()
    part = wave[: int(LONGEST_SECONDS * rate)]
    name = Path(path).name
    level = tones(part, height=HEIGHT)
    # At least as wide as the eye needs.
    wide = np.repeat(level, max(1, SIDE // level.shape[1]), axis=1)
    drawn = _image(Image.fromarray(wide), say(f"loudness by time and tone of {name}", f"{name} 的时频图"))
    cut = len(part) < len(wave)
    told = say(f"the first {LONGEST_SECONDS:.0f} s", f"前 {LONGEST_SECONDS:.0f} 秒") if cut else ""
    player = Markup('<audio controls preload="none" src="{}"></audio>{}').format(mp3(part, rate), told)
    return drawn + player
