"""How sure scores will be, and labels that are slips of the pen."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.judging import wide_interval
from tunesmith.rooms.check.labels import label_variants
from tunesmith.rooms.check.slips import is_slip
from tunesmith.rooms.check.survey import Draft, survey

MakeReading = Callable[..., Reading]


def rows(**counts: int) -> list[dict[str, Any]]:
    return [{"text": f"{label} {at}", "label": label} for label, n in counts.items() for at in range(n)]


def judged(reading: Reading) -> Draft | None:
    return wide_interval(survey(reading, {}))


def test_a_test_split_of_a_hundred_rows_is_noted(make_reading: MakeReading) -> None:
    splits = {"train": rows(good=500, bad=500), "test": rows(good=80, bad=40)}
    found = judged(make_reading("text-classification", splits))
    assert found is not None
    assert (found.severity, found.count) == ("note", 120)
    assert "on the 120 test rows is uncertain by up to ±9 points" in found.message
    assert "'bad' alone by ±15; 1,068 rows would bring it to ±3" in found.message


def test_few_rows_to_split_are_a_warning_and_enough_are_silent(make_reading: MakeReading) -> None:
    found = judged(make_reading("text-classification", {"train": rows(good=300, bad=300)}))
    assert found is not None
    assert found.severity == "warning"
    assert "the 60 rows that a split sets apart" in found.message
    enough = {"train": rows(good=100, bad=100), "test": rows(good=600, bad=600)}
    assert judged(make_reading("text-classification", enough)) is None


@pytest.mark.parametrize(
    ("rare", "common"),
    [
        ("postive", "positive"),
        ("negatvie", "negative"),
        ("neutrall", "neutral"),
        ("nwutral", "neutral"),
        ("正面", "positive"),
        ("sport", "sports"),
    ],
)
def test_slips(rare: str, common: str) -> None:
    assert is_slip(rare, 3, common, 400)


@pytest.mark.parametrize(
    ("rare", "common"),
    [
        ("mad", "bad"),
        ("class1", "class2"),
        ("positive", "positive"),
        ("positive", "negative"),
        ("体育新闻", "体育新文"),
        ("好评", "positive"),
        ("per.nom", "per.nam"),
    ],
)
def test_labels_of_their_own(rare: str, common: str) -> None:
    assert not is_slip(rare, 3, common, 400)


def test_a_label_with_many_rows_is_no_slip(make_reading: MakeReading) -> None:
    assert not is_slip("dessert", 100, "desert", 400)
    reading = make_reading("text-classification", {"train": rows(positive=60, postive=3, Positive=2, negative=50)})
    found = label_variants(survey(reading, {}))
    assert found is not None
    assert found.count == 1
    assert "'Positive' = 'positive' = 'postive'" in found.message
    assert found.found is not None
    assert found.found.size == 5
