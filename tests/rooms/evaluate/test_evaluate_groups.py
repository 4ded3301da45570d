"""Rows that belong together: parts of documents, values of a column, and when they are no groups to draw from."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tunesmith.rooms.evaluate.features import _groups
from tunesmith.tasks.language_modeling import BEGINS


class Raw:
    """Raw rows with one kept column, or none."""

    def __init__(self, values: list[str | None] | None = None) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        return self.values is not None

    def column(self, name: str, rows: Any) -> list[str | None]:
        assert self.values is not None
        return [self.values[row] for row in rows]


def table(begins: list[int] | None) -> Any:
    return SimpleNamespace(numbers={} if begins is None else {BEGINS: np.asarray(begins)})


@pytest.mark.parametrize(
    ("begins", "groups", "is_one"),
    [
        ([1, 0, 0, 1, 0], ["1", "1", "1", "2", "2"], False),
        # Stretches of one book: how it differs from other books cannot be seen, so its parts are what is drawn.
        ([0, 0, 0, 0, 0], None, True),
        ([1, 0, 0, 0, 0], None, True),
        ([1, 1, 1, 1, 1], None, False),
        (None, None, False),
    ],
)
def test_parts_of_documents_go_together_where_there_are_several(
    begins: list[int] | None, groups: Any, is_one: bool
) -> None:
    assert _groups(table(begins), Raw(), range(5), None) == (groups, is_one)


@pytest.mark.parametrize(
    ("values", "groups", "is_one"),
    [(["a", "b", None, "a"], ["a", "b", "row 2", "a"], False), (["a"] * 4, None, True), (None, None, False)],
)
def test_values_of_a_column_go_together_where_they_differ(
    values: list[str | None] | None, groups: Any, is_one: bool
) -> None:
    assert _groups(table(None), Raw(values), range(4), "author") == (groups, is_one)
