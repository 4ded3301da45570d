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
    ("begins", "groups"),
    [
        ([1, 0, 0, 1, 0], ["1", "1", "1", "2", "2"]),
        # Stretches of one book: how it differs from other books cannot be seen, so its parts are what is drawn.
        ([0, 0, 0, 0, 0], None),
        ([1, 0, 0, 0, 0], None),
        ([1, 1, 1, 1, 1], None),
        (None, None),
    ],
)
def test_parts_of_documents_go_together_where_there_are_several(begins: list[int] | None, groups: Any) -> None:
    assert _groups(table(begins), Raw(), range(5), None) == groups


@pytest.mark.parametrize(
    ("values", "groups"),
    [(["a", "b", None, "a"], ["a", "b", "row 2", "a"]), (["a"] * 4, None), (None, None)],
)
def test_values_of_a_column_go_together_where_they_differ(values: list[str | None] | None, groups: Any) -> None:
    assert _groups(table(None), Raw(values), range(4), "author") == groups
