"""Splits that differ beyond chance are told; small ones and random halves are not."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, rankdata

from tunesmith.artifacts import Reading
from tunesmith.rooms.check import drift
from tunesmith.rooms.check.survey import Draft, survey
from tunesmith.rooms.read import read

MakeReading = Callable[..., Reading]
POOL = [first + last for first in ("ka", "lo", "mi", "ne", "ru") for last in ("bra", "dun", "fi", "gol", "sim")]


def rows(
    count: int, seed: int, *, words: list[str] = POOL, length: int = 8, share: float = 0.5
) -> list[dict[str, Any]]:
    draw = Random(seed)
    return [
        {
            "text": " ".join(draw.choices(words, k=draw.randint(length, length + 4))),
            "label": "ab"[draw.random() < share],
        }
        for _ in range(count)
    ]


def judged(reading: Reading) -> Draft | None:
    return drift.drift(survey(reading, {}))


@pytest.mark.parametrize("count", [5, 40, 200])
def test_what_is_drawn_alike_is_alike(make_reading: MakeReading, count: int) -> None:
    assert judged(make_reading("text-classification", {"train": rows(300, 0), "test": rows(count, 1)})) is None


@pytest.mark.parametrize(
    ("test", "severity", "told"),
    [
        (rows(300, 1, share=0.9), "warning", "'a' is 48% of train and 10% of test"),
        (rows(900, 2, share=0.62), "note", "of train and"),
        (rows(300, 1, length=20), "warning", "characters"),
        (rows(300, 1, words=POOL[:10]), "warning", "by its words alone a text of test"),
        (rows(300, 1, words=POOL[2:]), "note", "by its words alone a text of test"),
    ],
)
def test_what_differs_is_told(make_reading: MakeReading, test: list[dict[str, Any]], severity: str, told: str) -> None:
    found = judged(make_reading("text-classification", {"train": rows(900, 0), "test": test}))
    assert found is not None
    assert told in found.message
    assert (found.severity, found.count) == (severity, 1)


def test_one_split_and_pictures_have_no_drift(make_reading: MakeReading, tmp_path: Path) -> None:
    assert judged(make_reading("text-classification", {"train": rows(100, 0)})) is None
    pictures = [{"path": str(tmp_path / f"{at}.png"), "label": "ab"[at % 2]} for at in range(20)]
    assert judged(make_reading("image-classification", {"train": pictures, "test": pictures})) is None


def test_no_text_and_no_label_do_no_harm(make_reading: MakeReading) -> None:
    bare = [{"text": row["text"], "label": None} for row in rows(5, 1)]
    assert judged(make_reading("text-classification", {"train": rows(100, 0), "test": bare})) is None


def test_the_tail_and_the_ranks_are_those_of_scipy() -> None:
    for degrees, value in ((3, 16.0), (20, 45.0), (100, 150.0)):
        assert drift._chi_square_tail(value, degrees) == pytest.approx(chi2.sf(value, degrees), rel=0.2)
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0])
    assert drift._ranks(values).tolist() == rankdata(values).tolist()


def test_wnut_tests_on_other_texts(shared_data: Path) -> None:
    wnut = judged(read([shared_data / "en_ner_wnut17"]))
    assert wnut is not None
    assert wnut.severity == "warning"
    assert "told from one of train" in wnut.message
