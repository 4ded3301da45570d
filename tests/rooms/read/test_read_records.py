"""What passes between the parts of the room."""

import pytest

from tunesmith.rooms.read.formats import FORMATS
from tunesmith.rooms.read.records import Layout, excerpt, spread


@pytest.mark.parametrize(
    ("count", "limit", "found"),
    [(3, 5, [0, 1, 2]), (5, 5, [0, 1, 2, 3, 4]), (10, 5, [0, 2, 4, 6, 8]), (7, 3, [0, 2, 4]), (0, 3, [])],
)
def test_items_are_spread_evenly(count: int, limit: int, found: list[int]) -> None:
    assert spread(range(count), limit) == found


def test_a_spread_is_a_copy() -> None:
    items = [1, 2]
    spread(items, 5).append(3)
    assert items == [1, 2]


@pytest.mark.parametrize(
    ("text", "found"),
    [("a\tb\r\n c", "a b c"), ({"k": "值"}, "{'k': '值'}"), (None, "None"), ("x" * 500, "x" * 160), ("", "")],
)
def test_an_excerpt_is_one_short_line(text: object, found: str) -> None:
    assert excerpt(text) == found


def test_cells_have_places_and_objects_keys() -> None:
    cells = Layout(format="tsv", confidence=1.0, columns=("text", 2))
    objects = Layout(format="json", confidence=1.0, columns=("text", 2), options={"is_keyed": True})
    assert (cells.key("text"), cells.key(2)) == (0, 1)
    assert (objects.key("text"), objects.key(2)) == ("text", 2)


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_is_registered_under_its_own_name(name: str) -> None:
    assert FORMATS.get(name).name == name
