"""Operations on pictures that are drawn, and changes of a sound's speed."""

import numpy as np
import pytest
from PIL import Image

from tunesmith.artifacts import Sense
from tunesmith.tasks.distortions import OPERATIONS, rand, trivial
from tunesmith.tasks.variations import speed

PIXELS = Sense(input="pixel_values", shape=(3, 32, 32), kept="uint8", tokens=4)
WAVE = Sense(input="input_values", shape=(0,), kept="int16", time=0, rate=8000, window=800, tokens=320)
STILL = {"identity", "autocontrast", "equalize"}
"""Operations that have no strength."""


def shown() -> Image.Image:
    random = np.random.default_rng(0)
    smooth = random.integers(40, 200, (4, 4, 3)).astype(np.uint8)
    return Image.fromarray(smooth).resize((32, 32), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - STILL))
def test_an_operation_grows_with_its_strength_and_begins_at_nothing(name: str) -> None:
    own = np.asarray(shown(), np.float64)
    off = [np.abs(np.asarray(OPERATIONS[name](shown(), s), np.float64) - own).mean() for s in (0.0, 0.3, 1.0)]
    assert off[0] < 1.0, "without strength nothing changes"
    assert off[0] <= off[1] < off[2]


@pytest.mark.parametrize(("name", "axis"), [("move_x", 1), ("move_y", 0)])
def test_a_picture_moves_along_its_axis_both_ways(name: str, axis: int) -> None:
    dot = np.zeros((32, 32, 3), np.uint8)
    dot[14:18, 14:18] = 255
    places = []
    for strength in (-0.5, 0.5):
        moved = np.asarray(OPERATIONS[name](Image.fromarray(dot), strength), np.float64)[..., 0]
        weights = moved - moved.min()
        places.append(float((weights.sum(1 - axis) * np.arange(32)).sum() / weights.sum()))
    assert places[0] > 18
    assert places[1] < 13


@pytest.mark.parametrize("way", [trivial, rand])
def test_what_is_drawn_differs_from_draw_to_draw_alone(way: object) -> None:
    item = np.asarray(shown()).transpose(2, 0, 1)
    found = [way(item, PIXELS, np.random.default_rng(seed)) for seed in (*range(12), 0)]  # type: ignore[operator]
    assert len({one.tobytes() for one in found}) >= 8
    np.testing.assert_array_equal(found[0], found[-1])


def test_a_faster_wave_has_more_waves_in_the_same_time() -> None:
    wave = (10000 * np.sin(np.arange(4000) * 2 * np.pi * 400 / 8000)).astype(np.int16)
    crossings = set()
    for seed in range(12):
        heard = speed(wave, WAVE, np.random.default_rng(seed)).astype(np.int64)
        assert heard.shape == wave.shape
        # The end of a faster wave is still.
        crossings.add(int((np.diff(np.sign(heard[:3500])) != 0).sum()) * 8000 // (2 * 3500))
    assert min(crossings) < 385
    assert max(crossings) > 415
    assert min(crossings) > 350
    assert max(crossings) < 450
