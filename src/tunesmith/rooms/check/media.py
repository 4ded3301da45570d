"""Pictures and sounds that nothing can be learned from: too small, blank, silent, or cut off by their loudness."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tunesmith.models.media.looks import MOST_FILES, Glance, glance, is_picture
from tunesmith.rooms.check.rows import Batch
from tunesmith.rooms.check.spotting import row_check

FEWEST_PIXELS = 8
"""A picture's shorter side below which hardly any object can be told."""

SHORTEST_MILLISECONDS = 50
"""A sound below this hardly holds a syllable. Our own bound; no study stands behind it."""

BLANK = 0.01
"""Deviation of the numbers of a picture, between 0 and 1, below which it is one colour to the eye."""

SILENT = 0.001
"""Peak of a sound below which it is silence: 60 dB under the loudest."""

CLIPPED = 0.01
"""Share of samples at the peak: a wave is there for an instant, one that was cut off stays there."""


def _spotter(is_fault: Callable[[Glance], bool], *, of_pictures: bool) -> Callable[[Batch], NDArray[np.int64]]:
    def spot(batch: Batch) -> NDArray[np.int64]:
        found = np.zeros(len(batch.fields["path"]), np.int64)
        for at, path in enumerate(batch.fields["path"].to_pylist()):
            if batch.first + at >= MOST_FILES:
                break
            if is_picture(path) == of_pictures:
                seen = glance(path)
                found[at] = seen is not None and is_fault(seen)
        return found

    return spot


TINY_PICTURES = row_check(
    "path",
    _spotter(lambda one: one.shortest < FEWEST_PIXELS, of_pictures=True),
    unit=("picture is", "pictures are", "张图像"),
    title=("{n} tiny", "{n}极小"),
    message=(
        f"{{n}} less than {FEWEST_PIXELS} pixels wide or high: hardly anything can be told on them.",
        f"{{n}}的宽或高不足 {FEWEST_PIXELS} 像素，几乎无法辨认。",
    ),
    do=(
        "look whether they are thumbnails or placeholders, and put the originals there",
        "请检查是否为缩略图或占位图，并换成原图",
    ),
)
BLANK_PICTURES = row_check(
    "path",
    _spotter(lambda one: one.spread < BLANK, of_pictures=True),
    unit=("picture is", "pictures are", "张图像"),
    title=("{n} blank", "{n}是空白的"),
    message=("{n} of one colour: the label cannot be learned from them.", "{n}只有一种颜色：无法从中学到标签。"),
    do=("remove them, or find out why they were exported blank", "请删除，或查明为何导出为空白"),
)
SHORT_SOUNDS = row_check(
    "path",
    _spotter(lambda one: one.shortest < SHORTEST_MILLISECONDS, of_pictures=False),
    unit=("sound is", "sounds are", "段声音"),
    title=("{n} very short", "{n}极短"),
    message=(
        f"{{n}} shorter than {SHORTEST_MILLISECONDS} ms: no syllable fits into that.",
        f"{{n}}短于 {SHORTEST_MILLISECONDS} 毫秒，容不下一个音节。",
    ),
    do=("look whether they were cut off", "请检查是否被截断"),
)
SILENT_SOUNDS = row_check(
    "path",
    _spotter(lambda one: one.peak < SILENT, of_pictures=False),
    unit=("sound is", "sounds are", "段声音"),
    title=("{n} silent", "{n}是静音"),
    message=("{n} silent from beginning to end.", "{n}从头到尾都是静音。"),
    do=("remove them, or record them again", "请删除或重新录制"),
)
CLIPPED_SOUNDS = row_check(
    "path",
    _spotter(lambda one: one.clipped >= CLIPPED and one.peak >= SILENT, of_pictures=False),
    unit=("sound is", "sounds are", "段声音"),
    title=("{n} clipped", "{n}削波失真"),
    message=(
        "{n} cut off at their loudest: what was recorded too loud is distorted.",
        "{n}在最响处被削平：录音过响会失真。",
    ),
    do=(
        "record them less loud, or keep them if what you will predict on is like that",
        "请降低音量重录；若实际使用时也如此，可以保留",
    ),
)
