"""Named bands of every split and class: how much to learn from, how sure a score."""

import pytest

from tunesmith.artifacts import SplitFacts, TextFacts
from tunesmith.sizes import BANDS, CLASS_BANDS, NAMES, SplitSize, bands, half_width, rows_needed, sizes


def facts(rows: int, characters: int = 0) -> TextFacts:
    return TextFacts(
        rows=rows, characters=characters, cjk_share=0, latin_share=1, length_median=1, length_p95=1, length_max=1
    )


def split(unlabelled: int = 0, **labels: int) -> SplitFacts:
    return SplitFacts(rows=sum(labels.values()) + unlabelled, unlabelled=unlabelled, labels=labels)


def by_name(task: str, splits: dict[str, SplitFacts], characters: int = 0) -> dict[str, SplitSize]:
    rows = sum(one.rows for one in splits.values())
    return {one.split: one for one in sizes(task, splits, facts(rows, characters))}


@pytest.mark.parametrize("task", [*BANDS, "a task of somebody else's"])
def test_bands_ascend_and_are_named(task: str) -> None:
    limits = bands(task)
    ends = (0, limits.least, limits.little, limits.ample)
    assert [limits.name(at) for at in ends] == list(NAMES)
    assert [limits.name(at - 1) for at in ends[1:]] == list(NAMES[:3])


def test_a_class_is_banded_by_what_is_there_to_learn_and_to_judge_by() -> None:
    found = by_name(
        "text-classification",
        {"train": split(a=5_000, b=499, c=63, d=7), "test": split(a=1_068, b=96, c=21, d=20, e=3)},
    )
    train, test = found["train"], found["test"]
    assert (train.whole.amount, train.whole.band, train.whole.half_width) == (5_569, "ample", None)
    assert {name: one.band for name, one in train.classes.items()} == {
        "a": "ample", "b": "workable", "c": "little", "d": "none"
    }  # fmt: skip
    assert train.is_trained_on and not test.is_trained_on
    # To within 10 points, 20 points, more; what training never shows stands here, too.
    assert {name: one.band for name, one in test.classes.items()} == {
        "a": "ample", "b": "ample", "c": "workable", "d": "little", "e": "little"
    }  # fmt: skip
    assert test.classes["c"].half_width == half_width(21) < 0.2 < half_width(20)


@pytest.mark.parametrize(
    ("rows", "band"),
    [(9, "none"), (10, "little"), (92, "little"), (93, "workable"), (1_060, "workable"), (1_068, "ample")],
)
def test_a_split_to_score_on_is_banded_by_its_interval(rows: int, band: str) -> None:
    found = by_name("text-classification", {"train": split(a=9, b=9), "dev": split(a=rows)})["dev"]
    assert (found.whole.band, found.classes["b"].band, found.classes["b"].amount) == (band, "none", 0)


def test_rows_without_a_label_do_not_count_and_such_a_split_judges_nothing() -> None:
    found = by_name("text-classification", {"train": split(a=5, b=4, unlabelled=900), "test": split(unlabelled=50)})
    assert list(found) == ["train"]
    assert (found["train"].whole.amount, found["train"].whole.band) == (9, "none")


def test_a_lone_test_file_is_trained_on() -> None:
    found = by_name("text-classification", {"test": split(a=200, b=200)})
    assert found["test"].is_trained_on and found["test"].whole.band == "workable"


def test_entities_are_what_tags_are_scored_by() -> None:
    tagged = SplitFacts(rows=2_000, labels={"PER": 70, "LOC": 600})
    found = by_name("token-classification", {"train": tagged, "test": SplitFacts(rows=500, labels={"PER": 30})})
    assert (found["train"].unit, found["train"].whole.amount) == ("rows", 2_000)
    assert (found["test"].unit, found["test"].whole.amount) == ("entities", 30)
    assert {name: one.band for name, one in found["test"].classes.items()} == {"PER": "workable", "LOC": "none"}


def test_running_text_is_counted_in_characters_in_every_split() -> None:
    found = by_name("language-modeling", {"train": SplitFacts(rows=90), "dev": SplitFacts(rows=10)}, 1_000_000)
    assert (found["train"].whole.amount, found["train"].whole.band) == (900_000, "workable")
    assert (found["dev"].whole.amount, found["dev"].whole.band) == (100_000, "ample")
    assert found["dev"].whole.half_width is None and found["dev"].classes == {}


def test_the_rows_that_are_said_to_do_do() -> None:
    assert rows_needed(0.03) == 1068
    assert half_width(rows_needed(0.03)) == pytest.approx(0.03, abs=1e-4)
    # The tenth of an ample class judges it to within 15 points.
    assert half_width(CLASS_BANDS.ample // 10) < 0.15
