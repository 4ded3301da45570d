"""Tables: separators, quotes, headers, rows of another width."""

from pathlib import Path

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read import read
from tunesmith.rooms.read.tables import Quoting, plain, records

QUOTING = Quoting(",")


def cut(text: str, width: int = 2) -> tuple[list[list[str]], list[tuple[int, str]]]:
    blocks = list(records([text.splitlines(keepends=True)], QUOTING, width))
    return [r for b in blocks for r in b.records], [(j.line, j.text) for b in blocks for j in b.rejects]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("a,b", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a ""b"" c",', ['a "b" c', ""]),
        (',"",', ["", "", ""]),
        ('a,5" screen', ["a", '5" screen']),
        ('"a" b,c', None),
        ('a,"open', None),
    ],
)
def test_cells_of_a_line(line: str, cells: list[str] | None) -> None:
    assert QUOTING.cut(line) == cells


def test_a_cell_may_hold_line_breaks() -> None:
    assert cut('1,"two\nlines\n\nand more"\n0,x\n') == ([["1", "two\nlines\n\nand more"], ["0", "x"]], [])


def test_a_stray_quote_costs_its_own_line_alone() -> None:
    found, rejects = cut('1,"never closed\n0,fine\n1,"also fine"\n')
    assert found == [["1", '"never closed'], ["0", "fine"], ["1", "also fine"]]
    assert rejects == []
    found, rejects = cut('"never, closed,x\n0,fine\n')
    assert (found, rejects) == ([["0", "fine"]], [(1, '"never, closed,x')])


def test_quotes_inside_a_bare_cell_are_characters() -> None:
    assert cut('1,a 5" screen\n')[0] == [["1", 'a 5" screen']]


def test_lines_are_counted_across_blocks_and_blank_lines() -> None:
    blocks = list(plain(iter([["a\tb\n", "\n", "c\td\n"], [" \n", "e\tf"]]), "\t"))
    assert [(r, n) for b in blocks for r, n in zip(b.records, b.lines, strict=True)] == [
        (["a", "b"], 1), (["c", "d"], 3), (["e", "f"], 5),
    ]  # fmt: skip


def test_stray_quotes_in_tsv_are_no_quoting(read_as, rows) -> None:
    data = '"great" he said\t1\nbad "film\t0\n"whole quote"\t1\n' + "plain\t0\n" * 20
    assert rows(read_as("a.tsv", data))[:3] == [
        {"text": '"great" he said', "label": "1"},
        {"text": 'bad "film', "label": "0"},
        {"text": '"whole quote"', "label": "1"},
    ]  # fmt: skip


def test_quoted_tsv_is_unquoted(read_as, rows) -> None:
    data = '"a ""b""\tand tab"\t1\n"c\nd"\t0\n' * 10
    assert rows(read_as("a.tsv", data))[:2] == [
        {"text": 'a "b"\tand tab', "label": "1"},
        {"text": "c\nd", "label": "0"},
    ]


@pytest.mark.parametrize(
    ("first", "has_header"),
    [
        ("label\ttext", True),
        ("标签\t内容", True),
        ("kategorie\tsatz", True),
        ("1\ta title", False),
        ("positive\tnice", False),
    ],
)
def test_header_is_found_by_words_and_by_difference(read_as, first: str, has_header: bool) -> None:
    label = "positive" if first.startswith("positive") else "1"
    other = "negative" if label == "positive" else "0"
    data = first + "\n" + f"{label}\ta good film , number one\n{other}\ta bad film , number two\n" * 15
    reading = read_as("a.tsv", data)
    assert (reading.has_header, reading.rows.total) == (has_header, 30 + (not has_header))


def test_the_user_decides_on_the_header(read_as) -> None:
    data = "label\ttext\n" + "1\tgood film\n0\tbad film\n" * 10
    assert read_as("a.tsv", data, has_header=False).rows.total == 21
    assert read_as("b.tsv", "pos\tgood film\n" + data, has_header=True).columns == {"label": "pos", "text": "good film"}


def test_rows_of_another_width_are_rejects_with_their_line(read_as) -> None:
    data = "1\tgood film\n0\tbad film\n" * 100 + "1\ttoo\tmany\n"
    reading = read_as("a.tsv", data)
    assert (reading.rows.used, reading.rows.rejected) == (200, 1)
    table = Path(reading.rejects).read_text(encoding="utf-8")
    assert table.splitlines()[1].split("\t")[1:3] == ["201", "3 column(s) where 2 are usual"]


def test_too_many_rejects_stop_and_name_the_first(read_as) -> None:
    data = "1\tgood film\n0\tbad film\n" * 20 + "1\t\n" * 2
    with pytest.raises(DataError, match="at most 1% of the rows") as caught:
        read_as("a.tsv", data)
    assert "a.tsv:41: the text is empty" in caught.value.where
    assert "--allow-rejects" in caught.value.do
    assert read_as("b.tsv", data, allow_rejects=True).rows.rejected == 2


def test_unquoted_commas_belong_to_the_text(read_as, rows) -> None:
    reading = read_as("a.csv", "1,nice, really nice\n0,awful\n" * 20)
    assert rows(reading)[0] == {"text": "nice, really nice", "label": "1"}
    reading = read_as("b.csv", "nice, really nice,1\nawful,0\n" * 20)
    assert rows(reading)[0] == {"text": "nice, really nice", "label": "1"}


@pytest.mark.parametrize("text", ["Well, yes\nNo, thanks\nAh, so\n", "one line, only\n", "a; b\nc; d\n"])
def test_prose_is_no_table(read_as, text: str) -> None:
    assert read_as("a.txt", text).format == "lines"


def test_separator_of_the_user_wins(read_as) -> None:
    assert read_as("a.txt", "1, good\n0, bad\n", separator="comma").columns == {"text": 2, "label": 1}


def test_a_header_without_rows_is_no_data(read_as) -> None:
    with pytest.raises(DataError, match="no rows"):
        read_as("a.tsv", "label\ttext\n")


def test_comments_above_a_table_are_no_rows_and_keep_line_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{'good' if at % 2 else 'bad'}\tthis is text number {at}\n" for at in range(40))
    path = tmp_path / "r.tsv"
    path.write_text(
        "# Example data, not real.\n\n# Second remark\nlabel\ttext\n" + rows + "# not above\ta row\n", encoding="utf-8"
    )
    found = read([path])
    assert found.columns == {"text": "text", "label": "label"}
    assert found.rows.total == 41
    assert found.preview[0]["line"] == 5
