"""Answers on disk come back as they were, and what is no such file is refused in words."""

from pathlib import Path

import numpy as np
import pytest

from tunesmith.errors import RunError
from tunesmith.outcomes import Outcomes, key_of


def outcomes() -> Outcomes:
    return Outcomes(
        task="token-classification",
        split="test",
        labels=("O", "B-人"),
        rows=[0, 3],
        paths=["a.tsv", "b.tsv"],
        lines=[1, 9],
        keys=["x", "y"],
        truths=[np.asarray([0, 1]), np.asarray([1])],
        answers=[np.asarray([[0.25, 0.75], [1.0, 0.0]], np.float32), np.asarray([[0.5, 0.5]], np.float32)],
        written=["好", None],
    )


def test_answers_come_back_as_they_were_written(tmp_path: Path) -> None:
    told = outcomes()
    told.write(tmp_path / "outcomes.arrow")
    back = Outcomes.load(tmp_path / "outcomes.arrow")
    for name in ("task", "split", "labels", "rows", "paths", "lines", "keys", "written"):
        assert getattr(back, name) == getattr(told, name)
    for name in ("truths", "answers"):
        for one, other in zip(getattr(back, name), getattr(told, name), strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype.kind == other.dtype.kind


def test_truths_that_are_one_number_stay_one_number(tmp_path: Path) -> None:
    told = outcomes()
    path = tmp_path / "outcomes.arrow"
    Outcomes(**{**vars(told), "truths": [1, 0]}).write(path)
    assert Outcomes.load(path).truths == [1, 0]


def test_rows_that_belong_together_come_back_with_their_groups(tmp_path: Path) -> None:
    told, path = outcomes(), tmp_path / "outcomes.arrow"
    told.write(path)
    assert Outcomes.load(path).groups is None
    Outcomes(**{**vars(told), "groups": ["first", "first"]}).write(path)
    assert Outcomes.load(path).groups == ["first", "first"]


@pytest.mark.parametrize("content", [None, b"", b"no arrow at all"])
def test_what_holds_no_answers_is_refused_with_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "outcomes.arrow"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match="tunesmith test"):
        Outcomes.load(path)


def test_the_key_of_a_row_is_what_it_says_not_where_it_stands() -> None:
    row = {"text": "a", "label": "x", "source": 0, "line": 1}
    assert key_of(row) == key_of({**row, "source": 2, "line": 7}) != key_of({**row, "text": "b"})
    assert key_of(row) == key_of({**row, "text2": None})
