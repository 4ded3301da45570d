"""The grid over pictures and sounds, what is said of it, and maps over what the model was shown."""

import numpy as np
import pytest

from tunesmith.artifacts import Explanation, Faith, Grid, Sense, Word
from tunesmith.models.inside.shown import NOWHERE
from tunesmith.rooms.explain import media_telling
from tunesmith.rooms.explain.media_grid import MOST_SIDE, of_picture, of_sound
from tunesmith.rooms.explain.media_page import over, values_of

TONES = Sense(input="input_features", shape=(16, 100), kept="float16", time=1, rate=16000, window=16000, tokens=50)
FRAMES = Sense(input="input_values", shape=(100, 16), kept="float16", time=0, rate=16000, window=16000, tokens=50)
WAVES = Sense(input="input_values", shape=(0,), kept="int16", time=0, rate=16000, window=160000, tokens=320)


@pytest.mark.parametrize(("shape", "patch"), [((32, 32), 2), ((224, 224), 16), ((224, 160), 14), ((30, 50), 1)])
def test_places_of_a_picture_follow_the_patches_and_are_few(shape: tuple[int, int], patch: int) -> None:
    places = of_picture(shape, patch)
    rows, columns = places.grid.rows, places.grid.columns
    assert max(rows, columns) <= MOST_SIDE
    assert min(rows, columns) >= 3
    assert places.owner.shape == shape
    assert np.unique(places.owner).tolist() == list(range(rows * columns))
    assert len(places.names) == rows * columns
    # Inside of a patch there is no border.
    whole = [side // patch * patch for side in shape]
    blocks = places.owner[: whole[0], : whole[1]].reshape(whole[0] // patch, patch, whole[1] // patch, patch)
    assert (blocks == blocks[:, :1, :, :1]).all()


def test_places_are_called_as_people_call_them() -> None:
    names = of_picture((30, 30), 10).names
    assert names == (
        "upper left", "upper middle", "upper right", "middle left", "middle", "middle right",
        "lower left", "lower middle", "lower right",
    )  # fmt: skip


@pytest.mark.parametrize("sense", [TONES, FRAMES])
def test_places_of_a_sound_end_where_the_sound_does_and_high_tones_lie_above(sense: Sense) -> None:
    places = of_sound(sense.shape, sense, samples=8000, start=3.0)
    owner = places.owner if sense.time == 1 else places.owner.T
    assert (owner[:, 50:] == NOWHERE).all(), "behind half a window of sound there is none"
    assert (owner[:, :50] != NOWHERE).all()
    assert places.grid == Grid(kind="sound", rows=6, columns=10, start=3.0, seconds=0.5)
    assert places.names[owner[0, 0]] == "3.00–3.05 s (low tones)"
    assert places.names[owner[-1, 49]] == "3.45–3.50 s (high tones)"


def test_places_of_a_wave_are_stretches_of_time() -> None:
    places = of_sound((4000,), WAVES, samples=4000, start=0.0)
    assert (places.grid.rows, places.grid.columns) == (1, 5)
    assert places.owner.tolist() == sorted(places.owner.tolist())
    assert places.names[-1] == "0.20–0.25 s"


def found(gradients: list[float], *, value: float = 0.9, empty: float = 0.2, beats: float = 1.0) -> Explanation:
    places = of_picture((30, 30), 10)
    words = tuple(Word(text=name, gradient=g, without=0.5) for name, g in zip(places.names, gradients, strict=True))
    faith = Faith(
        method="gradient", comprehensiveness=0.4, sufficiency=0.1, random_comprehensiveness=0.2,
        random_sufficiency=0.3, beats=beats, curve=(value, 0.7, 0.45, 0.3, empty),
    )  # fmt: skip
    return Explanation(
        run="runs/a", task="image-classification", text="cat.png", answer="cat", other="dog", about="class",
        is_share=True, value=value, empty=empty, steps=16, gap=0.001, is_complete=True, words=words,
        counts=(0, 1, 2, 5, 9), faith=(faith,), grid=places.grid,
    )  # fmt: skip


def test_the_verdict_names_places_and_what_is_left_without_them() -> None:
    said = media_telling.verdict(found([0.4, 0.0, 0.0, 0.0, 0.2, 0.0, 0.1, 0.0, 0.0]))
    assert said == (
        "Decided: cat (90%), because of: upper left +0.40, middle +0.20, lower left +0.10;"
        " with the 2 most important of 9 places covered it is 45%."
    )


def test_the_verdict_says_where_nothing_decided() -> None:
    assert "No place of it decided that" in media_telling.verdict(found([0.0] * 9, value=0.5, empty=0.45))
    assert "in spite of what is there" in media_telling.verdict(found([-0.1] * 9, value=0.3, empty=0.7))


@pytest.mark.parametrize(("beats", "said"), [(1.0, "20 of 20 random"), (0.5, "Not better than chance")])
def test_an_order_is_called_true_only_if_it_beats_chance(beats: float, said: str) -> None:
    assert said in media_telling.checked(found([0.1] * 9, beats=beats))


def test_where_the_answer_stays_whatever_is_covered_no_order_is_praised() -> None:
    still = found([0.001] * 9, value=0.5, empty=0.49)
    weak = still.faith[0].model_copy(update={"comprehensiveness": 0.003, "random_comprehensiveness": 0.001})
    assert "hardly changes the answer" in media_telling.checked(still.model_copy(update={"faith": (weak,)}))


def test_a_map_lies_over_the_picture_in_its_own_shape() -> None:
    one = found([0.4] + [0.0] * 8)
    np.testing.assert_allclose(values_of(one, "occlusion"), [0.4] * 9)
    assert one.grid is not None
    drawn = over("data:image/png;base64,AA", values_of(one, "gradient").reshape(3, 3), 0.5, one.grid, "a <b>")
    assert drawn.count("<image") == 2
    assert 'width="160"' in drawn
    assert "a &lt;b&gt;" in drawn
