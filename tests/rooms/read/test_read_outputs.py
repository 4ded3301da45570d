"""Tables as they are met: several labels, scores, ids and prices, each known for what it is."""

import json
import random
from collections.abc import Callable

import pytest

from tunesmith.rooms.read.facts import of_values
from tunesmith.rooms.read.records import Layout
from tunesmith.rooms.read.scores import number, numbers
from tunesmith.rooms.read.several import joined, setness

GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance")
ROWS = 120
Cells = Callable[[random.Random], list[object]]


def text(draw: random.Random) -> str:
    words = [
        f"{draw.choice('bdfgklmnprst')}{draw.choice('aeiou')}{draw.choice('lmnrst')}{draw.choice(('', 'ing', 'ed'))}"
    ]
    return " ".join(words * 1 + [draw.choice(("the", "film", "was", "late", "kind", "old")) for _ in range(9)])


def ids(draw: random.Random) -> str:
    return "".join(draw.choice("abcdef0123456789") for _ in range(16))


CASES: dict[str, tuple[list[str] | None, Cells, str, dict[str, str | int]]] = {
    "emotions by number, and an id": (
        None,
        lambda d: [text(d), ",".join(map(str, d.sample(range(28), d.choice([1, 1, 2, 3])))), ids(d)],
        "multi-label-classification",
        {"text": 1, "label": 2},
    ),
    "genres beside a grade": (
        ["overview", "genres", "year"],
        lambda d: [text(d), "|".join(d.sample(GENRES, d.randint(1, 3))), d.randint(1950, 2020)],
        "multi-label-classification",
        {"text": "overview", "label": "genres"},
    ),
    "lists that pandas wrote": (
        ["text", "tags"],
        lambda d: [text(d), str(d.sample(GENRES, d.randint(0, 3)))],
        "multi-label-classification",
        {"text": "text", "label": "tags"},
    ),
    "prices": (
        ["description", "price"],
        lambda d: [text(d), d.randint(5, 90_000)],
        "regression",
        {"text": "description", "label": "price"},
    ),
    "a label beside a price": (
        ["text", "price", "label"],
        lambda d: [text(d), round(d.uniform(1, 99), 2), d.choice("xy")],
        "text-classification",
        {"text": "text", "label": "label"},
    ),
    "sentences with commas for labels": (
        ["text", "label"],
        lambda d: [text(d), d.choice(("very good, but late", "fine", "bad, rude staff", "late"))],
        "text-classification",
        {"text": "text", "label": "label"},
    ),
    "relatedness beside a class": (
        ["pair_ID", "sentence_A", "sentence_B", "relatedness_score", "judgment"],
        lambda d: [d.randint(1, 9999), text(d), text(d), d.choice((1, 2.2, 3.3, 4.5, 4.7)), d.choice("NE")],
        "regression",
        {"text": "sentence_A", "text2": "sentence_B", "label": "relatedness_score"},
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_what_a_table_is(read_as, name: str) -> None:
    header, cells, task, columns = CASES[name]
    draw = random.Random(3)
    rows = [cells(draw) for _ in range(ROWS)]
    lines = [*([header] if header else []), *rows]
    data = "".join("\t".join(map(str, row)) + "\n" for row in lines)
    reading = read_as("a.tsv", data)
    assert (reading.task, reading.columns) == (task, columns)
    assert reading.rows.rejected == 0


def test_numbers_that_name_the_rows_are_no_scores(read_as) -> None:
    draw = random.Random(6)
    data = "id,text\n" + "".join(f"{draw.randint(10**6, 10**7)},{text(draw)}\n" for _ in range(ROWS))
    assert read_as("a.csv", data).task == "language-modeling"


def test_numbers_in_lists_are_labels_where_the_column_is_called_so(read_as, rows) -> None:
    draw = random.Random(4)
    objects = [
        {"text": text(draw), "labels": draw.sample(range(9), draw.randint(1, 2)), "id": ids(draw)} for _ in range(80)
    ]
    reading = read_as("a.jsonl", "\n".join(map(json.dumps, objects)))
    assert (reading.task, reading.columns) == ("multi-label-classification", {"text": "text", "label": "labels"})
    assert rows(reading)[0]["labels"] == list(map(str, objects[0]["labels"]))  # type: ignore[call-overload]


def test_grades_of_a_column_called_score_are_a_close_call(read_as) -> None:
    draw = random.Random(5)
    data = "sentence1,sentence2,similarity\n" + "".join(
        f"{text(draw)},{text(draw)},{draw.randint(0, 5)}\n" for _ in range(80)
    )
    reading = read_as("a.csv", data)
    assert reading.is_close
    assert {one.task for one in reading.hypotheses[:2]} == {"text-classification", "regression"}


@pytest.mark.parametrize(
    ("cell", "found"),
    [("1,234,567", 1234567.0), ("0,5", 0.5), (",5", 0.5), ("+3", 3.0), ("inf", None), ("1,2,3", None), ([1], None)],
)
def test_the_number_of_a_cell(cell: object, found: float | None) -> None:
    assert number(cell) == found


def test_one_cell_in_a_hundred_may_be_no_number() -> None:
    assert numbers(["1.5"] * 99 + ["n/a"]) is not None
    assert numbers(["1.5"] * 98 + ["n/a"] * 2) is None
    assert numbers([]) is None


def test_commas_of_numbers_part_no_labels_but_lists_of_three_do() -> None:
    assert joined(["1,5", "2,5", "3,7", "4", "5"] * 4) is None
    assert joined(["1,5", "2,5,7", "3,7", "4", "5", "7", "1", "2", "3"] * 4) is not None


def test_texts_are_no_sets() -> None:
    column = ["well, said he, and left the old house by the sea without a word, never to come back"] * 40
    layout = Layout(format="tsv", confidence=1.0, columns=(1,), records=[[cell] for cell in column])
    assert setness(layout, of_values(1, column)) == 0.0
