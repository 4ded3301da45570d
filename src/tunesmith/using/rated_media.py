"""Pictures and sounds that people judge: they see and hear what the model does, in a form that every browser knows.

All of them are decoded anew, also those that a browser could show as they are: so a drawing of 16 bits or a TIFF looks
as the model gets it, of an animation there is the first frame, and nothing else that lies in a file (where a photograph
was taken, who spoke) leaves this machine.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.errors import DataError
from tunesmith.models.media.decode import AUDIO_SUFFIXES, IMAGE_SUFFIXES, Undecodable, picture, sound
from tunesmith.rooms.rate.question import Question
from tunesmith.words import counted, say

MOST_SIDE = 2048
"""Pixels: a larger picture is made smaller. It fills any screen, and can still be enlarged there."""

LOSSLESS_PIXELS = 512 * 512
"""Up to so many a picture stays as it is to the last bit; a photograph that is larger would be megabytes as PNG."""

QUALITY = 92

MOST_SECONDS = 600.0
"""A longer sound is not asked about: nobody listens to a hundred such."""


def is_media(name: str) -> bool:
    """Whether a file of that name holds a picture or a sound."""
    return Path(name).suffix.lower() in IMAGE_SUFFIXES | AUDIO_SUFFIXES


def named(path: Path) -> dict[str, Any]:
    """What a question has beside its words, by the file's ending: ``image`` or ``sound``."""
    return {"image" if path.suffix.lower() in IMAGE_SUFFIXES else "sound": str(path)}


def decode(path: Path) -> tuple[bytes, str]:
    """As of ``Gallery``.

    Raises:
        Undecodable: a ``ValueError``; there is no picture and no sound in it.
    """
    return _picture(path) if path.suffix.lower() in IMAGE_SUFFIXES else _sound(path)


def there(questions: Sequence[Question], tell: Callable[[str], None]) -> list[Question]:
    """Those whose picture or sound is still where it was, and short enough; how many are not is told.

    Raises:
        DataError: none is.
    """
    found = [one for one in questions if _is_there(one)]
    missing = len(questions) - len(found)
    if missing and not found:
        raise _gone(next(one for one in questions if not _is_there(one)))
    if missing:
        files = counted(missing, "file", "files", "个文件")
        tell(
            say(
                f"{files} left out: no longer there, or longer than {MOST_SECONDS / 60:.0f} minutes",
                f"未采用{files}：已不存在，或超过 {MOST_SECONDS / 60:.0f} 分钟",
            )
        )
    return found


def _is_there(question: Question) -> bool:
    path = question.image or question.sound
    if not path:
        return True
    return Path(path).is_file() and (bool(question.image) or _seconds(Path(path)) <= MOST_SECONDS)


def _seconds(path: Path) -> float:
    """The length of a sound as its header states it; 0 where it states none, which its page will tell."""
    import soundfile

    try:
        return float(soundfile.info(str(path)).duration)
    except (soundfile.SoundFileError, RuntimeError, OSError):
        return 0.0


def _picture(path: Path) -> tuple[bytes, str]:
    shown: Any = picture(path)
    shown.thumbnail((MOST_SIDE, MOST_SIDE))
    target = io.BytesIO()
    if shown.width * shown.height <= LOSSLESS_PIXELS:
        shown.save(target, "PNG")
        return target.getvalue(), ".png"
    shown.save(target, "JPEG", quality=QUALITY)
    return target.getvalue(), ".jpg"


def _sound(path: Path) -> tuple[bytes, str]:
    """One channel of 16 bits at the file's own rate."""
    import soundfile

    if _seconds(path) > MOST_SECONDS:
        raise Undecodable(say("the sound is too long", "声音过长"))
    wave, rate = sound(path)
    target = io.BytesIO()
    soundfile.write(target, np.clip(wave, -1.0, 1.0), rate, format="WAV", subtype="PCM_16")
    return target.getvalue(), ".wav"


def _gone(question: Question) -> DataError:
    path = question.image or question.sound
    is_there = Path(path).is_file()
    return DataError(
        expected=say("the files that were answered, where they were", "所回答的文件仍在原处"),
        got=say("sounds of more than ten minutes", "超过十分钟的声音")
        if is_there
        else say("none of them", "一个也没有"),
        where=path,
        do=say("name shorter ones", "请给出较短的声音") if is_there else say("put them back", "请放回原处"),
    )
