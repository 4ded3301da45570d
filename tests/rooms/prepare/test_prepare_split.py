"""Splitting: shares by label, equal texts on one side, given splits kept, repeatable."""

from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.artifacts import Hypothesis, Reading, RowCount, SplitFile
from tunesmith.errors import DataError
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.rooms.prepare.split import MOST_HELD_OUT, label_counts, split
from tunesmith.rooms.prepare.split_deal import assign
from tunesmith.rooms.prepare.split_keys import hashes_of
from tunesmith.settings import PrepareSettings

Maker = Callable[..., Reading]


@pytest.fixture
def reading(tmp_path: Path) -> Maker:
    """``reading(train=[(label, text), …], dev=…)``: a Reading over Arrow files made on the spot."""

    def make(**splits: list[tuple[str | None, str]]) -> Reading:
        files = {}
        for name, rows in splits.items():
            path = tmp_path / f"given-{name}.arrow"
            schema = pa.schema(
                [("text", pa.string()), ("label", pa.string()), ("source", pa.int32()), ("line", pa.int64())]
            )
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                for at in range(0, len(rows), 7):
                    part = rows[at : at + 7]
                    columns = [[t for _, t in part], [x for x, _ in part], [0] * len(part), range(at, at + len(part))]
                    writer.write_batch(
                        pa.RecordBatch.from_arrays(
                            [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
                        )
                    )
            files[name] = SplitFile(path=str(path), rows=len(rows))
        total = sum(file.rows for file in files.values())
        return Reading(
            task="text-classification",
            format="tsv",
            encoding="utf-8",
            columns={"label": 1, "text": 2},
            has_header=False,
            sources=(),
            hypotheses=(Hypothesis(task="text-classification", format="tsv", columns={}, score=1.0, evidence=()),),
            rows=RowCount(total=total, used=total, rejected=0),
            splits=files,
            labels={},
            preview=(),
            rejects="",
            key="key",
        )

    return make


def rows_of(path: str) -> list[tuple[str, str]]:
    return [(row["label"], row["text"]) for batch in batches_of(Path(path)) for row in batch.to_pylist()]


def made(count: int, labels: str = "ab") -> list[tuple[str | None, str]]:
    return [(labels[at % len(labels)], f"text {at}") for at in range(count)]


def run(found: Reading, folder: Path, **changes: object) -> tuple[dict[str, SplitFile], str]:
    result = split(found, folder, PrepareSettings.model_validate(changes), label_column="label")
    return result.raw, result.because


def test_no_row_is_lost_or_doubled(reading: Maker, tmp_path: Path) -> None:
    raw, because = run(reading(train=made(200)), tmp_path)
    assert {name: file.rows for name, file in raw.items()} == {"train": 160, "dev": 20, "test": 20}
    found = [row for file in raw.values() for row in rows_of(file.path)]
    assert Counter(found) == Counter(made(200))
    assert "dev 20, test 20 rows drawn from 200 by label" in because


def test_labels_keep_their_shares(reading: Maker, tmp_path: Path) -> None:
    raw, _ = run(reading(train=made(300, "aaaab")), tmp_path)
    for file in raw.values():
        counts = Counter(label for label, _ in rows_of(file.path))
        assert counts["a"] / file.rows == pytest.approx(0.8, abs=0.04)


def test_sorted_files_are_mixed(reading: Maker, tmp_path: Path) -> None:
    rows = [("a", f"x{at}") for at in range(100)] + [("b", f"y{at}") for at in range(100)]
    raw, _ = run(reading(train=rows), tmp_path)
    assert {label for label, _ in rows_of(raw["test"].path)} == {"a", "b"}


def test_equal_texts_stay_on_one_side(reading: Maker, tmp_path: Path) -> None:
    rows = [("a" if at % 3 else "b", f"Text  {at % 40}" if at % 2 else f"text {at % 40}") for at in range(240)]
    raw, _ = run(reading(train=rows), tmp_path)
    texts = [{" ".join(text.lower().split()) for _, text in rows_of(file.path)} for file in raw.values()]
    assert len(set.union(*texts)) == sum(map(len, texts)) == 40


def test_given_splits_are_kept_as_they_are(reading: Maker, tmp_path: Path) -> None:
    given_rows = {"train": made(50), "dev": made(9), "test": made(8)}
    found = reading(**given_rows)
    raw, because = run(found, tmp_path)
    assert raw == found.splits
    assert because == "given splits are kept"


def test_only_what_is_missing_is_drawn(reading: Maker, tmp_path: Path) -> None:
    found = reading(train=made(100), test=made(30))
    raw, because = run(found, tmp_path)
    assert raw["test"] == found.splits["test"]
    assert raw["dev"].rows == 10 and raw["train"].rows == 90
    assert because.startswith("train and test as given; dev 10 rows drawn from 100")


def test_beside_a_test_split_a_large_file_gives_half_the_dev_share(reading: Maker, tmp_path: Path) -> None:
    raw, _ = run(reading(train=made(6000), test=made(30)), tmp_path)
    assert raw["dev"].rows == 300


def test_without_a_training_split_the_largest_one_is_used_and_said(reading: Maker, tmp_path: Path) -> None:
    raw, because = run(reading(dev=made(100), test=made(40)), tmp_path)
    assert raw["test"].rows == 40
    assert raw["train"].rows + raw["dev"].rows == 100
    assert "there is no training split, so 'dev' is used for it" in because


def test_no_test_split_when_none_is_wanted(reading: Maker, tmp_path: Path) -> None:
    raw, _ = run(reading(train=made(100)), tmp_path, test_share=0.0, dev_share=0.25)
    assert {name: file.rows for name, file in raw.items()} == {"train": 75, "dev": 25}


def test_the_seed_decides(reading: Maker, tmp_path: Path) -> None:
    sides = []
    for at, seed in enumerate((1, 1, 2)):
        (tmp_path / str(at)).mkdir()
        raw, _ = run(reading(train=made(100)), tmp_path / str(at), seed=seed)
        sides.append(rows_of(raw["test"].path))
    assert sides[0] == sides[1] != sides[2]


def test_a_handful_of_rows_is_refused(reading: Maker, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 10 labelled rows; got 4"):
        run(reading(train=made(4)), tmp_path)


def test_unlabelled_rows_alone_are_refused(reading: Maker, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="rows with labels; got none"):
        run(reading(unlabelled=[(None, "x")] * 20), tmp_path)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), min_size=10, max_size=300))
def test_every_label_can_be_learned_and_shares_come_out_right(rows: list[tuple[int, int]]) -> None:
    texts, labels = (np.asarray(column, np.int64) for column in zip(*rows, strict=True))
    side = assign(texts, labels, {"dev": len(rows) // 10, "test": len(rows) // 10}, seed=3)
    assert set(side.tolist()) <= {0, 1, 2}
    for text in set(texts.tolist()):
        assert len(set(side[texts == text].tolist())) == 1
    assert (side == 0).sum() > 0


def test_held_out_splits_stop_growing() -> None:
    count = 400_000
    wanted = {"dev": MOST_HELD_OUT, "test": MOST_HELD_OUT}
    side = assign(np.arange(count), np.arange(count) % 3, wanted, seed=3)
    assert np.bincount(side).tolist() == [count - 2 * MOST_HELD_OUT, MOST_HELD_OUT, MOST_HELD_OUT]


def test_hashes_fold_case_and_space_and_nothing_else() -> None:
    first, second, other = hashes_of([pa.array(["A  b", "a b", "ab"])])
    assert first == second != other
    assert hashes_of([pa.array([["a", "b"]])]) == first


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.none() | st.text("aB \t\u3000")), max_size=8
    )
)
def test_hashes_are_those_of_the_folded_text_in_any_process(rows: list[tuple[str, str | None]]) -> None:
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(2)]
    folded = [" ".join(f"{text} {text2 or ''}".casefold().split()).encode() for text, text2 in rows]
    expected = [int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True) for text in folded]
    assert hashes_of(columns).tolist() == expected


def test_tagged_sentences_are_filed_under_their_types(reading: Maker, tmp_path: Path) -> None:
    schema = pa.schema([("tokens", pa.list_(pa.string())), ("tags", pa.list_(pa.string()))])
    tags = [["O", "B-LOC"], ["B-LOC", "I-LOC"], ["B-PER", "B-LOC"], None, ["O", "O"]]
    rows = [{"tokens": [f"w{at}", "x"], "tags": tags[at % 5]} for at in range(100)]
    path = tmp_path / "tagged.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema))
    found = reading(train=made(1)).model_copy(update={"splits": {"train": SplitFile(path=str(path), rows=100)}})
    raw = split(found, tmp_path, PrepareSettings(), label_column="tags").raw
    test = [row["tags"] for batch in batches_of(Path(raw["test"].path)) for row in batch.to_pylist()]
    # LOC alone twice in five, LOC with PER once, none at all twice (unlabelled or all O).
    kinds = Counter("+".join(sorted({tag[2:] for tag in row or () if tag != "O"})) for row in test)
    assert kinds == {"LOC": 4, "LOC+PER": 2, "": 4}


def test_labels_are_counted_per_split(reading: Maker) -> None:
    found = reading(train=[("a", "x"), ("b", "y"), (None, "z"), ("a", "w")])
    assert label_counts(Path(found.splits["train"].path), "label") == {"a": 2, "b": 1}


def test_rows_that_are_all_alike_cannot_fill_every_split(reading: Maker, tmp_path: Path) -> None:
    rows: list[tuple[str | None, str]] = [("good", "I like it very much"), ("bad", "never again, not for me")] * 20
    (tmp_path / "raw").mkdir()
    with pytest.raises(DataError, match="would be empty"):
        split(reading(train=rows), tmp_path / "raw", PrepareSettings(), label_column="label")
