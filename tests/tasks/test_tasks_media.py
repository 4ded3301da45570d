"""Items, batches and variations of pictures and sounds."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tunesmith.artifacts import Sense, Template
from tunesmith.tasks import TASKS, media
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.variations import PICTURES, SOUNDS, VARIATIONS

PIXELS = Sense(
    input="pixel_values",
    shape=(3, 8, 8),
    kept="uint8",
    scale=1 / 255,
    mean=(0.5, 0.4, 0.3),
    deviation=(0.5, 0.2, 0.1),
    tokens=4,
)
TONES = Sense(input="input_values", shape=(6, 4), kept="float16", time=0, rate=16000, window=960, tokens=3)
WAVES = Sense(
    input="input_values", shape=(0,), kept="int16", scale=1 / 32768, time=0, rate=16000, window=640, tokens=320
)


def around(sense: Sense) -> Template:
    return Template(prefix=(), middle=(), suffix=(), pad=0, unknown=0, has_types=False, sense=sense)


def rows(path: Path, seen: list[np.ndarray], labels: list[int]) -> Encoded:
    columns = {"seen": pa.array([one.tobytes() for one in seen], pa.binary()), "label": pa.array(labels, pa.int32())}
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        # Two batches: a view must be right beyond the first one.
        for batch in table.to_batches(max_chunksize=2):
            writer.write_batch(batch)
    return Encoded(path)


def pictures(path: Path) -> tuple[list[np.ndarray], Encoded]:
    seen = [np.random.default_rng(at).integers(0, 256, (3, 8, 8)).astype(np.uint8) for at in range(5)]
    return seen, rows(path, seen, [0, 1, 0, 1, -1])


def test_a_picture_is_one_item_shown_as_its_processor_says(tmp_path: Path) -> None:
    seen, encoded = pictures(tmp_path / "rows.arrow")
    items = media.items(encoded, 0, around(PIXELS))
    assert items.row.tolist() == [0, 1, 2, 3, 4]
    assert items.length.tolist() == [4] * 5
    batch = media.collate(encoded, items, np.asarray([3, 1]), around(PIXELS))
    mean, deviation = (np.asarray(one).reshape(3, 1, 1) for one in (PIXELS.mean, PIXELS.deviation))
    np.testing.assert_allclose(batch["pixel_values"][0], (seen[3] / 255 - mean) / deviation, atol=1e-5)
    assert batch["pixel_values"].dtype == np.float32
    assert batch["labels"].tolist() == [1, 1]
    assert TASKS.get("image-classification").truths(encoded) == [0, 1, 0, 1, None]


def test_a_long_sound_has_several_windows_and_one_answer(tmp_path: Path) -> None:
    seen = [np.full((count, 6, 4), at, np.float16) for at, count in enumerate((1, 3, 2))]
    encoded = rows(tmp_path / "rows.arrow", seen, [0, 1, 0])
    items = media.items(encoded, 0, around(TONES))
    assert items.row.tolist() == [0, 1, 1, 1, 2, 2]
    batch = media.collate(encoded, items, np.arange(6), around(TONES))
    assert batch["input_values"].shape == (6, 6, 4)
    assert batch["input_values"][:, 0, 0].tolist() == [0, 1, 1, 1, 2, 2]
    parts = {at: np.asarray([at / 10, 1 - at / 10]) for at in range(6)}
    assert media.answers(items, parts)[1] == pytest.approx([0.2, 0.8])


def test_raw_waves_are_cut_levelled_and_padded_with_a_mask(tmp_path: Path) -> None:
    seen = [np.arange(at, dtype=np.int16) * 20 for at in (1000, 300)]
    encoded = rows(tmp_path / "rows.arrow", seen, [0, 1])
    items = media.items(encoded, 0, around(WAVES))
    assert list(zip(items.row.tolist(), (items.stop - items.start).tolist(), strict=True)) == [
        (0, 640),
        (0, 360),
        (1, 300),
    ]
    batch = media.collate(encoded, items, np.asarray([1, 2]), around(WAVES))
    assert batch["attention_mask"].sum(1).tolist() == [360, 300]
    assert (batch["input_values"][1, 300:] == 0).all()
    own = batch["input_values"][1, :300]
    assert (own.mean(), own.std()) == pytest.approx((0, 1), abs=1e-3)


def test_variations_are_a_function_of_the_seed_and_never_touch_what_is_scored(tmp_path: Path) -> None:
    _, encoded = pictures(tmp_path / "rows.arrow")
    sense = PIXELS.model_copy(update={"varied": PICTURES})
    items, every = media.items(encoded, 0, around(sense)), np.arange(5)
    plain = media.collate(encoded, items, every, around(sense))["pixel_values"]
    one, again, other = (media.varied(encoded, items, every, around(sense), seed)["pixel_values"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, plain)
    np.testing.assert_array_equal(plain, media.collate(encoded, items, every, around(PIXELS))["pixel_values"])


@pytest.mark.parametrize("name", [*PICTURES, *SOUNDS])
def test_a_variation_keeps_shape_and_type_and_changes_something(name: str) -> None:
    sense = PIXELS if name in PICTURES else TONES
    random = np.random.default_rng(0)
    whole = (3, 8, 8) if name in PICTURES else (60, 40)
    item = (random.random(whole) * 255).astype(sense.kept)
    kept = item.copy()
    changed = [VARIATIONS[name](item, sense, np.random.default_rng(seed)) for seed in range(8)]
    np.testing.assert_array_equal(item, kept)
    assert all(one.shape == item.shape and one.dtype == item.dtype and np.isfinite(one).all() for one in changed)
    assert any(not np.array_equal(one, item) for one in changed)


def test_a_flip_mirrors_left_and_right() -> None:
    item = np.arange(3 * 8 * 8, dtype=np.uint8).reshape(3, 8, 8)
    both = [VARIATIONS["flip"](item, PIXELS, np.random.default_rng(seed)) for seed in range(9)]
    assert {np.array_equal(one, item) for one in both} == {True, False}
    assert all(np.array_equal(one, item) or np.array_equal(one[..., ::-1], item) for one in both)
