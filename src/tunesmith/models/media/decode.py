"""A file of a picture or a sound, decoded; what cannot be is told in words. No torch, no transformers."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.words import say

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".ogg", ".m4a", ".opus"})

MOST_PIXELS = 100_000_000
"""A larger picture is a reject: decoded it would take 300 MB, and files exist that promise far more than they hold."""

WHITE = (255, 255, 255)
"""Behind what is transparent: most drawings and logos were made for paper."""

DEEP = 256.0
"""A picture of 16 bits has so many grey levels for each one of 8 bits."""

SHORTEST_SECONDS = 0.01
"""A shorter sound has nothing to hear: half of a usual window of 25 ms."""


class Undecodable(ValueError):  # noqa: N818 - it says what the file is
    """Why a file gives no picture and no sound, in words."""


def picture(path: Path) -> Any:
    """The picture as PIL's RGB, upright by its EXIF; of an animation the first frame, of what is transparent on white.

    Raises:
        Undecodable: no picture, or a broken or too large one.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                size = f"{opened.width:,} × {opened.height:,}"
                raise Undecodable(say(f"a picture of {size} pixels is too large", f"图像过大：{size} 像素"))
            upright = ImageOps.exif_transpose(opened)
            return _coloured(upright)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        if isinstance(error, Undecodable):
            raise
        raise Undecodable(say("the picture is broken or of an unknown kind", "图像已损坏或类型未知")) from error


def _coloured(opened: Any) -> Any:
    from PIL import Image

    if opened.mode.startswith("I") or opened.mode == "F":
        # PIL cuts what lies above 255; pictures of 16 bits would be white.
        values = np.asarray(opened, np.float64)
        top = values.max(initial=0.0)
        eight = values / DEEP if top > 255 else values * (255.0 if top <= 1 and opened.mode == "F" else 1.0)
        return Image.fromarray(np.clip(eight, 0, 255).astype(np.uint8)).convert("RGB")
    if opened.mode in {"RGBA", "LA", "PA"} or "transparency" in opened.info:
        above = opened.convert("RGBA")
        paper = Image.new("RGBA", above.size, (*WHITE, 255))
        return Image.alpha_composite(paper, above).convert("RGB")
    return opened.convert("RGB")


def sound(path: Path, rate: int | None = None) -> tuple[NDArray[np.float32], int]:
    """The wave (samples,) of one channel between -1 and 1, and its rate; resampled to ``rate`` where one is given.

    Raises:
        Undecodable: no sound, a broken one, or one of no length.
    """
    import soundfile

    try:
        channels, own = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, OSError) as error:
        raise Undecodable(say("the sound is broken or of an unknown kind", "声音文件已损坏或类型未知")) from error
    wave = channels.mean(axis=1)
    if len(wave) < SHORTEST_SECONDS * own:
        raise Undecodable(say("the sound has no length", "声音没有长度"))
    if not np.isfinite(wave).all():
        raise Undecodable(say("the sound holds numbers that are not finite", "声音含有非有限数值"))
    if rate is None or rate == own:
        return wave, own
    return _resampled(wave, own, rate), rate


def _resampled(wave: NDArray[np.float32], own: int, rate: int) -> NDArray[np.float32]:
    """By a polyphase filter, which leaves no tones above half the new rate."""
    from scipy.signal import resample_poly

    shared = int(np.gcd(own, rate))
    result: NDArray[np.float32] = resample_poly(wave, rate // shared, own // shared).astype(np.float32)
    return result
