"""Pictures distorted by operations that are drawn: TrivialAugment and RandAugment, over the operations of both.

The table and its ranges are those of Cubuk et al. 2020 (RandAugment, section 3), in shares of the picture's sides.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tunesmith.artifacts import Sense
from tunesmith.tasks.task import Array

SHEARED, MOVED, TURNED = 0.3, 0.33, 30.0
"""At full strength: shear, share of the side that a picture is moved by, and degrees."""

ENHANCED = 0.9
"""At full strength colour, contrast, brightness and sharpness change by this share."""

FEWEST_BITS = 4
"""Of eight bits a colour, those that are left at full strength."""

DRAWN, STRENGTH = 2, 0.5
"""RandAugment: operations for each picture, and their strength; the way up or down is drawn."""

Operation = Callable[[Any, float], Any]
"""A picture of PIL and a strength from -1 to 1 → a picture of the same size."""


def trivial(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """One operation of any strength (Müller and Hutter 2021)."""
    name = _NAMES[int(draw.integers(len(_NAMES)))]
    return _put(OPERATIONS[name](_taken(item), float(draw.uniform(-1, 1))))


def rand(item: Array, sense: Sense, draw: np.random.Generator) -> Array:
    """Two operations of one strength (Cubuk et al. 2020)."""
    shown = _taken(item)
    for at in draw.integers(len(_NAMES), size=DRAWN):
        shown = OPERATIONS[_NAMES[int(at)]](shown, STRENGTH * (1 if draw.random() < 0.5 else -1))
    return _put(shown)


def _taken(item: Array) -> Any:
    """(3, height, width) uint8 as PIL's."""
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(item.transpose(1, 2, 0)))


def _put(shown: Any) -> Array:
    return np.ascontiguousarray(np.asarray(shown).transpose(2, 0, 1))


def _affine(shown: Any, numbers: tuple[float, float, float, float, float, float]) -> Any:
    """What comes in at the border is the picture's mean colour."""
    from PIL import Image

    return shown.transform(
        shown.size, Image.Transform.AFFINE, numbers, Image.Resampling.BILINEAR, fillcolor=_mean(shown)
    )


def _mean(shown: Any) -> tuple[int, ...]:
    return tuple(int(one) for one in np.asarray(shown).reshape(-1, 3).mean(0))


def _shear_x(shown: Any, strength: float) -> Any:
    slope = SHEARED * strength
    return _affine(shown, (1, slope, -slope * shown.height / 2, 0, 1, 0))


def _shear_y(shown: Any, strength: float) -> Any:
    slope = SHEARED * strength
    return _affine(shown, (1, 0, 0, slope, 1, -slope * shown.width / 2))


def _move_x(shown: Any, strength: float) -> Any:
    return _affine(shown, (1, 0, MOVED * strength * shown.width, 0, 1, 0))


def _move_y(shown: Any, strength: float) -> Any:
    return _affine(shown, (1, 0, 0, 0, 1, MOVED * strength * shown.height))


def _turn(shown: Any, strength: float) -> Any:
    from PIL import Image

    return shown.rotate(TURNED * strength, Image.Resampling.BILINEAR, fillcolor=_mean(shown))


def _enhancing(name: str) -> Operation:
    def enhance(shown: Any, strength: float) -> Any:
        from PIL import ImageEnhance

        return getattr(ImageEnhance, name)(shown).enhance(1 + ENHANCED * strength)

    return enhance


def _posterize(shown: Any, strength: float) -> Any:
    from PIL import ImageOps

    return ImageOps.posterize(shown, 8 - round((8 - FEWEST_BITS) * abs(strength)))


def _solarize(shown: Any, strength: float) -> Any:
    from PIL import ImageOps

    return ImageOps.solarize(shown, round(256 * (1 - abs(strength))))


def _stretching(name: str) -> Operation:
    def stretch(shown: Any, strength: float) -> Any:
        from PIL import ImageOps

        return getattr(ImageOps, name)(shown)

    return stretch


OPERATIONS: Mapping[str, Operation] = {
    "identity": lambda shown, strength: shown,
    "autocontrast": _stretching("autocontrast"),
    "equalize": _stretching("equalize"),
    "rotate": _turn,
    "solarize": _solarize,
    "posterize": _posterize,
    "color": _enhancing("Color"),
    "contrast": _enhancing("Contrast"),
    "brightness": _enhancing("Brightness"),
    "sharpness": _enhancing("Sharpness"),
    "shear_x": _shear_x,
    "shear_y": _shear_y,
    "move_x": _move_x,
    "move_y": _move_y,
}
"""By name."""

_NAMES = tuple(OPERATIONS)
