"""Lines that many rows share at their edges, and lines that they may share."""

from collections.abc import Callable

import pytest

from tunesmith.artifacts import Finding, Reading
from tunesmith.rooms.check.positions import positions

Find = Callable[..., dict[str, Finding]]

BANNER = "This page uses cookies to serve you better."
SIGNATURE = "来自我的手机客户端，请勿直接回复"


def texts(n: int, shape: str = "{}", first: int = 0) -> list[dict[str, str]]:
    return [{"text": shape.format(f"text number {i} is here"), "label": str(i % 2)} for i in range(first, first + n)]


@pytest.mark.parametrize(
    "shape", [BANNER + " {}.", BANNER + "\n{}", "{}.\n-- sent from my telephone", "{}。" + SIGNATURE, "{}! " + BANNER]
)
def test_a_shared_edge_is_found_with_all_its_rows(make_reading: Callable[..., Reading], find: Find, shape: str) -> None:
    splits = {"train": [*texts(80), *texts(12, shape, first=80)], "test": texts(20, first=200)}
    found = find("text-classification", splits)["boilerplate"]
    assert (found.count, found.rows[0].line, len(found.rows)) == (12, 81, 5)
    named = positions(make_reading("text-classification", splits), "boilerplate")
    assert {split: rows.tolist() for split, rows in named.items()} == {"train": list(range(80, 92))}


@pytest.mark.parametrize(
    "rows",
    [
        texts(80) + texts(9, BANNER + " {}", first=80),
        texts(40) + texts(40, "Thank you. {}", first=40),
        texts(40) + [{"text": BANNER, "label": "1"}] * 40,
    ],
)
def test_rare_short_and_whole_lines_are_none(find: Find, rows: list[dict[str, str]]) -> None:
    assert "boilerplate" not in find("text-classification", {"train": rows})


def test_questions_may_be_put_in_the_same_words(find: Find) -> None:
    rows = [
        {"title": f"Write a story about this word.\nword {i}", "content": f"It was a word, {i}."} for i in range(40)
    ]
    assert "boilerplate" not in find("generation", {"train": rows})
    for row in rows:
        row["content"] += " I hope that this helps you well!"
    assert find("generation", {"train": rows})["boilerplate"].count == 40
