"""What there is to see or to hear where people practise: made here, so that nothing of the data is shown."""

import io
import math
import struct
import wave
from collections.abc import Sequence

from tunesmith.words import say

PRACTISED = ("practice-circle", "practice-square", "practice-one", "practice-two")
"""Names of two pictures and two sounds."""

SIDE = 240
RATE, PITCH, SECONDS = 16_000, 660.0, 0.35
PAPER, INK = "#ffffff", "#0b5fb8"


def names(is_picture: bool) -> Sequence[str]:
    """What the two pictures are called, or the two sounds."""
    if is_picture:
        return say("circle", "圆形"), say("square", "方形")
    return say("one tone", "一声"), say("two tones", "两声")


def practised(name: str) -> tuple[bytes, str]:
    """The picture or the sound of that name, and its ending."""
    return (_drawn(name), ".png") if name in PRACTISED[:2] else (_sounded(PRACTISED.index(name) - 1), ".wav")


def _drawn(name: str) -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (SIDE, SIDE), PAPER)
    box = (SIDE // 5, SIDE // 5, SIDE - SIDE // 5, SIDE - SIDE // 5)
    draw = ImageDraw.Draw(picture)
    (draw.ellipse if name == PRACTISED[0] else draw.rectangle)(box, fill=INK)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def _sounded(times: int) -> bytes:
    """A tone, so many times, each followed by silence as long; it swells and fades, for an edge would crack."""
    count = int(RATE * SECONDS)
    tone = [
        int(9000 * math.sin(math.pi * at / count) * math.sin(2 * math.pi * PITCH * at / RATE)) for at in range(count)
    ]
    samples = (tone + [0] * count) * times
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return target.getvalue()
