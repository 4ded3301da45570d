"""Ways to show a picture or a sound otherwise in every epoch, so that a model cannot learn it by heart.

Each takes one item as it is kept, how it is kept, and a generator of its own; it returns an item of the same shape
and type. Which ways leave the labels right is decided where the data is known.
"""

from collections.abc import Callable, Mapping

import numpy as np

from tunesmith.artifacts import Sense
from tunesmith.tasks.distortions import rand, trivial
from tunesmith.tasks.task import Array

CROPPED = 8
"""A picture is moved by at most an eighth of its side (4 of 32 pixels: He et al. 2016, section 4.2)."""

LIGHT = 0.4
"""Brightness and contrast change by at most this share, as in Chen et al. 2020 for weak distortion."""

ERASED = (0.02, 0.2)
"""Share of a picture that is erased, in every second one (Zhong et al. 2020, section 3.1: 0.02 to 0.4, halved)."""

MASKED_TIME, MASKED_TONES = 0.2, 0.25
"""Largest stretch of time and of tones that is silenced (Park et al. 2019: 100 frames, 27 tones of 80)."""

SHIFTED = 0.1
"""A sound begins at most this share of its window earlier or later."""

LOUDNESS = 0.3
"""Share by which a sound is louder or softer."""

NOISE = 0.2
"""Noise is at most so many deviations of the sound: 14 dB under it."""

FASTER = 0.1
"""A sound is slower or faster by at most this share (Ko et al. 2015)."""

Variation = Callable[[Array, Sense, np.random.Generator], Array]


def flip(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """Left and right change places in every second picture (…, width)."""
    return item[..., ::-1] if draw.random() < 0.5 else item


def crop(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """The picture (colours, height, width) moved a little; what comes in at the border mirrors what is beside it."""
    most = [max(1, side // CROPPED) for side in item.shape[1:]]
    padded = np.pad(item, ((0, 0), (most[0], most[0]), (most[1], most[1])), mode="reflect")
    top, left = (int(draw.integers(0, 2 * room + 1)) for room in most)
    moved: Array = padded[:, top : top + item.shape[1], left : left + item.shape[2]]
    return moved


def light(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """Brighter or darker, with more or less contrast; numbers stay within 0 to 255."""
    brightness, contrast = 1 + LIGHT * (2 * draw.random(2) - 1)
    values = item.astype(np.float32)
    middle = values.mean()
    changed: Array = np.clip((values - middle) * contrast + middle * brightness, 0, 255).astype(item.dtype)
    return changed


def erase(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """A rectangle of every second picture becomes noise."""
    if draw.random() < 0.5:
        return item
    _, height, width = item.shape
    area, ratio = draw.uniform(*ERASED) * height * width, np.exp(draw.uniform(-1.0, 1.0))
    rows, columns = (int(min(side, max(1, round(size)))) for side, size in (
        (height, np.sqrt(area * ratio)), (width, np.sqrt(area / ratio))))  # fmt: skip
    top, left = int(draw.integers(0, height - rows + 1)), int(draw.integers(0, width - columns + 1))
    changed = item.copy()
    changed[:, top : top + rows, left : left + columns] = draw.integers(0, 256, (item.shape[0], rows, columns))
    return changed


def mask(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """SpecAugment without warping (Park et al. 2019): a stretch of time and one of tones become the mean."""
    changed, time = item.copy(), sense.time or 0
    # Half precision overflows in a sum.
    middle = item.mean(dtype=np.float32)
    for axis, share in ((time, MASKED_TIME), (1 - time, MASKED_TONES)):
        size = int(draw.integers(0, max(1, int(share * item.shape[axis])) + 1))
        first = int(draw.integers(0, item.shape[axis] - size + 1))
        place = [slice(None)] * item.ndim
        place[axis] = slice(first, first + size)
        changed[tuple(place)] = middle
    return changed


def shift(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """Earlier or later; what falls off at one end comes in at the other."""
    axis = sense.time or 0
    most = int(SHIFTED * item.shape[axis])
    return np.roll(item, int(draw.integers(-most, most + 1)), axis)


def loudness(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """Louder or softer: a factor of a wave; of a spectrogram, which holds logarithms, a summand."""
    change = LOUDNESS * (2 * draw.random() - 1)
    if item.ndim == 1:
        return np.clip(item * (1 + change), -32768, 32767).astype(item.dtype)
    louder: Array = (item + change * item.std(dtype=np.float32)).astype(item.dtype)
    return louder


def noise(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """White noise over a wave; over a spectrogram, which holds logarithms, unrest in each of its numbers."""
    spread = NOISE * draw.random() * item.std(dtype=np.float32)
    noisy = item + draw.normal(0, 1, item.shape).astype(np.float32) * spread
    return _of_type(noisy, item)


def speed(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """Slower or faster; what is too long ends early, what is too short is still at its end.

    A wave's tones go up and down with it, those of a spectrogram stay.
    """
    axis = sense.time or 0
    length = item.shape[axis]
    places = np.minimum(np.arange(length) * (1 + FASTER * (2 * draw.random() - 1)), length - 1)
    before = places.astype(np.int64)
    behind = np.minimum(before + 1, length - 1)
    part = (places - before).astype(np.float32).reshape([-1 if at == axis else 1 for at in range(item.ndim)])
    return _of_type(item.take(before, axis) * (1 - part) + item.take(behind, axis) * part, item)


def _of_type(values: Array, like: Array) -> Array:
    """As numbers of the type of what was varied; whole ones are rounded and kept in their bounds."""
    if np.issubdtype(like.dtype, np.integer):
        bounds = np.iinfo(like.dtype)
        values = np.clip(np.rint(values), bounds.min, bounds.max)
    found: Array = values.astype(like.dtype)
    return found


VARIATIONS: Mapping[str, Variation] = {
    one.__name__: one for one in (flip, crop, trivial, rand, light, erase, speed, shift, noise, loudness, mask)
}
PICTURES = ("flip", "crop", "trivial", "rand", "light", "erase")
SOUNDS = ("speed", "shift", "noise", "loudness", "mask")
"""The ways for each, by name, in the order in which they are gone."""

USUAL = frozenset({"flip", "crop", "light", "erase", "mask", "shift", "loudness"})
"""Those that are gone where nobody asks for others."""

OF_WAVES = frozenset(SOUNDS) - {"mask"}
"""What a wave is varied by: it has no tones that could be masked."""
