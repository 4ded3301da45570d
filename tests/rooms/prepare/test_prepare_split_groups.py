"""Splitting by groups, near copies, time and folds: one side a group, times ordered, each row once."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.artifacts import Hypothesis, Reading, RowCount, Source, SplitFile
from tunesmith.errors import DataError, SettingsError
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.rooms.prepare.split import split
from tunesmith.rooms.prepare.split_deal import assign, assign_mixed, dealt
from tunesmith.rooms.prepare.split_keys import group_numbers, merged
from tunesmith.rooms.prepare.split_times import latest, times_of
from tunesmith.rooms.prepare.split_wishes import columns, must_go_together
from tunesmith.settings import PrepareSettings

Row = tuple[str, str, str | None]
ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=12, max_size=150)


def reading_of(folder: Path, rows: list[Row], column: str = "keep.author", key: str = "given") -> Reading:
    """A Reading of (label, text, kept cell) from one file."""
    table = {
        "text": [text for _, text, _ in rows],
        "label": [label for label, _, _ in rows],
        column: pa.array([cell for *_, cell in rows], pa.string()),
        "source": pa.array([0] * len(rows), pa.int32()),
        "line": list(range(2, len(rows) + 2)),
    }
    path = folder / f"{key}.arrow"
    batch = pa.RecordBatch.from_pydict(table)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        for at in range(0, len(rows), 7):
            writer.write_batch(batch.slice(at, 7))
    count = RowCount(total=len(rows), used=len(rows), rejected=0)
    source = Source(path="a.csv", split="train", format="csv", encoding="utf-8", bytes=1, sha256="", rows=count)
    return Reading(
        task="text-classification", format="csv", encoding="utf-8", columns={}, has_header=True, sources=(source,),
        hypotheses=(Hypothesis(task="text-classification", format="csv", columns={}, score=1.0, evidence=()),),
        rows=count, splits={"train": SplitFile(path=str(path), rows=len(rows))}, labels={}, preview=(), rejects="",
        key=key,
    )  # fmt: skip


def run(found: Reading, folder: Path, **changes: Any) -> tuple[dict[str, list[dict[str, Any]]], str]:
    folder.mkdir(exist_ok=True)
    result = split(found, folder, PrepareSettings.model_validate(changes), label_column="label")
    rows = {
        name: [row for batch in batches_of(Path(file.path)) for row in batch.to_pylist()]
        for name, file in result.raw.items()
    }
    return rows, result.because


def poems(count: int, authors: int) -> list[Row]:
    return [("ab"[at % 2], f"line {at} of {at * 7}", f"poet {at % authors}") for at in range(count)]


def test_no_author_stands_on_two_sides(tmp_path: Path) -> None:
    rows, because = run(reading_of(tmp_path, poems(300, 40)), tmp_path / "out", group_by="author")
    sides = [{row["keep.author"] for row in part} for part in rows.values()]
    assert len(set.union(*sides)) == sum(map(len, sides)) == 40
    assert Counter(row["line"] for part in rows.values() for row in part) == Counter(range(2, 302))
    assert "rows of one author (40 of them)" in because
    for name in ("dev", "test"):
        assert len(rows[name]) == pytest.approx(30, abs=8)
        assert {row["label"] for row in rows[name]} == {"a", "b"}


def test_rows_without_an_author_are_no_group() -> None:
    numbers = group_numbers(["x", None, " ", "x ", ""])
    assert numbers[0] == numbers[3] and len(set(numbers.tolist())) == 4


def test_too_few_authors_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="groups of 'author' for train and dev and test; got 1 group"):
        run(reading_of(tmp_path, poems(60, 1)), tmp_path / "out", group_by="author")


def test_a_column_that_was_not_kept_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the column 'date' beside the rows; got the columns author"):
        run(reading_of(tmp_path, poems(60, 9)), tmp_path / "out", group_by="date")


def test_near_copies_stay_on_one_side(tmp_path: Path) -> None:
    words = [f"{a}{b}" for a in ("amber", "cedar", "fjord", "kelp") for b in ("ling", "wood", "mark", "side")]
    originals = [" ".join(np.random.default_rng(at).permutation(words)[:12]) for at in range(100)]
    rows: list[Row] = []
    for at, text in enumerate(originals):
        rows += [("ab"[at % 2], text, None), ("ab"[at % 2], text.upper() + " !", None)]
    found, because = run(reading_of(tmp_path, rows), tmp_path / "out")
    sides = [{" ".join(row["text"].lower().strip(" !").split()) for row in part} for part in found.values()]
    assert len(set.union(*sides)) == sum(map(len, sides)) == 100
    assert "near copies" in because
    alone, because = run(reading_of(tmp_path, rows), tmp_path / "alone", near_together=False)
    sides = [{" ".join(row["text"].lower().strip(" !").split()) for row in part} for part in alone.values()]
    assert sum(map(len, sides)) > 100 and "near copies" not in because


@pytest.mark.parametrize(
    ("write", "form"),
    [
        (lambda day: f"2024-{1 + day // 28:02}-{1 + day % 28:02}", "2024-01-31"),
        (lambda day: f"2024年{1 + day // 28}月{1 + day % 28}日", "2024-01-31"),
        (lambda day: f"2024/{1 + day // 28}/{1 + day % 28} 8:30".replace(" 8", " 08"), "2024-01-31"),
        (lambda day: f"{1 + day % 28}.{1 + day // 28}.2024", "31.01.2024"),
        (lambda day: f"{1 + day // 28}/{1 + day % 28}/2024", "01/31/2024"),
        (lambda day: f"{1 + day % 28} {['Jan', 'Feb', 'Mar'][day // 28]} 2024", "31 Jan 2024"),
        (lambda day: str(1_700_000_000 + 86400 * day), "1700000000"),
    ],
)
def test_the_latest_rows_are_held_out(tmp_path: Path, write: Any, form: str) -> None:
    days = np.random.default_rng(1).permutation(80)
    rows: list[Row] = [("ab"[at % 2], f"text {at}", write(int(day))) for at, day in enumerate(days)]
    found, because = run(reading_of(tmp_path, rows, "keep.date"), tmp_path / "out", split_by="time", time_column="date")
    day_of = {f"text {at}": int(day) for at, day in enumerate(days)}
    spans = [[day_of[row["text"]] for row in found[name]] for name in ("train", "dev", "test")]
    assert list(map(len, spans)) == [64, 8, 8]
    assert max(spans[0]) < min(spans[1]) and max(spans[1]) < min(spans[2])
    assert f"by time ('date', {form})" in because


def test_a_date_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    rows: list[Row] = [("a", f"text {at}", f"2024-01-{at + 1:02}") for at in range(20)]
    rows[13] = ("a", "text", "soon")
    with pytest.raises(DataError, match=r"dates in 'date', as in 2024-01-31; got 'soon'.\n  Where: a.csv:15"):
        run(reading_of(tmp_path, rows, "keep.date"), tmp_path / "out", split_by="time", time_column="date")


def test_day_or_month_is_not_guessed(tmp_path: Path) -> None:
    rows: list[Row] = [("a", f"text {at}", f"{1 + at % 12}/{1 + at // 12}/2024") for at in range(24)]
    with pytest.raises(DataError, match="day or month first"):
        run(reading_of(tmp_path, rows, "keep.date"), tmp_path / "out", split_by="time", time_column="date")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=12, max_size=120).filter(lambda days: len(set(days)) > 2))
def test_times_are_ordered_whatever_they_are(days: list[int]) -> None:
    side = latest(np.asarray(days, float), {"dev": len(days) // 10, "test": len(days) // 10}, column="date")
    spans = [np.asarray(days)[side == at] for at in range(3)]
    assert all(map(len, spans))
    assert spans[0].max() < spans[1].min() and spans[1].max() < spans[2].min()


def test_one_day_cannot_be_split_by_time() -> None:
    with pytest.raises(DataError, match="more than 2 different times in 'date'; got 1 time"):
        latest(np.zeros(30), {"dev": 3, "test": 3}, column="date")


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_mixed_groups_stay_whole_and_no_label_is_lost(rows: list[tuple[int, int]]) -> None:
    groups, labels = (np.asarray(column) for column in zip(*rows, strict=True))
    side = assign_mixed(groups, labels, {"dev": len(rows) // 10, "test": len(rows) // 10}, seed=3)
    for group in set(groups.tolist()):
        assert len(set(side[groups == group].tolist())) == 1
    assert set(labels[side == 0].tolist()) == set(labels.tolist())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=40, max_size=300))
def test_class_shares_are_within_a_row_of_what_was_asked(labels: list[int]) -> None:
    kinds = np.asarray(labels)
    wanted = {"dev": len(labels) // 10, "test": len(labels) // 10}
    side = assign(np.arange(len(labels)), kinds, wanted, seed=3)
    for place, rows in enumerate(wanted.values(), start=1):
        for kind in set(labels):
            share = rows * (kinds == kind).mean()
            # A class of one row cannot give any away, and what one class owes the next one pays.
            assert abs((kinds[side == place] == kind).sum() - share) <= 2


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(2, 5))
def test_every_row_is_in_one_fold_and_no_group_in_two(rows: list[tuple[int, int]], folds: int) -> None:
    groups, labels = (np.asarray(column) for column in zip(*rows, strict=True))
    fold = dealt(groups, labels, folds, seed=3)
    assert set(fold.tolist()) <= set(range(1, folds + 1))
    for group in set(groups.tolist()):
        assert len(set(fold[groups == group].tolist())) == 1
    single = dealt(np.arange(len(rows)), labels, folds, seed=3)
    assert np.ptp(np.bincount(single, minlength=folds + 1)[1:]) <= 1
    for label in set(labels.tolist()):
        assert np.ptp(np.bincount(single[labels == label], minlength=folds + 1)[1:]) <= 1


def test_folds_hold_out_each_row_once_and_the_last_model_learns_from_all(tmp_path: Path) -> None:
    found = reading_of(tmp_path, poems(60, 9))
    tested: list[int] = []
    for fold in (1, 2, 3):
        rows, because = run(found, tmp_path / str(fold), folds=3, fold=fold)
        sides = [{row["line"] for row in part} for part in rows.values()]
        assert set(rows) == {"train", "dev", "test"} and sum(map(len, sides)) == len(set.union(*sides)) == 60
        assert because.startswith(f"fold {fold} of 3 is the test split (20 of 60 rows)")
        tested += [row["line"] for row in rows["test"]]
    assert sorted(tested) == list(range(2, 62))
    whole, because = run(found, tmp_path / "whole", folds=3)
    assert {name: len(part) for name, part in whole.items()} == {"train": 60, "dev": 60}
    assert "all 60 rows train the one that stays" in because


def test_folds_beside_a_test_split_are_refused(tmp_path: Path) -> None:
    found = reading_of(tmp_path, poems(60, 9))
    both = found.model_copy(update={"splits": found.splits | {"test": found.splits["train"]}})
    with pytest.raises(DataError, match="one split, to be cut into folds; got train 60, test 60"):
        run(both, tmp_path / "out", folds=3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), min_size=1, max_size=60))
def test_merged_parts_are_the_connected_ones(rows: list[tuple[int, int]]) -> None:
    first, second = (np.asarray(column) for column in zip(*rows, strict=True))
    reached = [{at} for at in range(len(rows))]
    for at in range(len(rows)):
        mine = reached[at]
        while True:
            more = {b for a in mine for b in range(len(rows)) if first[a] == first[b] or second[a] == second[b]}
            if more <= mine:
                break
            mine.update(more)
        assert at in mine
    found = merged(first, second)
    assert all((found[a] == found[b]) == (b in reached[a]) for a in range(len(rows)) for b in range(len(rows)))


def test_wishes_that_exclude_each_other_come_at_once() -> None:
    wish = PrepareSettings(split_by="time", group_by="author", folds=3, fold=4)
    with pytest.raises(SettingsError, match=r"4 setting\(s\)"):
        must_go_together(wish)
    must_go_together(PrepareSettings(group_by="author", folds=3, fold=3))
    assert columns(PrepareSettings(split_by="time", time_column="date")) == ("date",)


def test_forms_of_one_column_are_one(tmp_path: Path) -> None:
    found = reading_of(tmp_path, [("a", "x", "2024-01-31"), ("a", "y", "31 Jan 2024")], "keep.date")
    with pytest.raises(DataError, match="got '31 Jan 2024'"):
        times_of(Path(found.splits["train"].path), "date", ["a.csv"])
