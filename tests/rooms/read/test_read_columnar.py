"""Parquet: rows of all groups, columns from the schema, damaged files named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read import columnar, read
from tunesmith.rooms.read.columnar import PARQUET
from tunesmith.rooms.read.sources import members
from tunesmith.rooms.read.survey import Surveyed, survey
from tunesmith.settings import ReadSettings

Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    def write(columns: dict[str, Any], name: str = "a.parquet", **options: Any) -> Path:
        path = tmp_path / name
        pq.write_table(pa.table(columns), path, **options)
        return path

    return write


def surveyed(path: Path) -> Surveyed:
    return survey(members([path])[0])


def test_rows_are_counted_on_through_row_groups(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "BLOCK_ROWS", 4)
    source = surveyed(table({"text": [f"text {i}" for i in range(10)]}, row_group_size=3))
    layout = PARQUET.sniff(source, ReadSettings())
    assert layout is not None
    blocks = list(PARQUET.blocks(source, layout))
    assert len(blocks) > 1
    assert [line for block in blocks for line in block.lines] == list(range(1, 11))
    assert [r["text"] for block in blocks for r in block.records] == [f"text {i}" for i in range(10)]


def test_a_column_of_nulls_is_a_column(table: Table) -> None:
    layout = PARQUET.sniff(surveyed(table({"text": ["a"], "note": pa.nulls(1)})), ReadSettings())
    assert layout is not None
    assert (layout.columns, layout.has_header, layout.key("note")) == (("text", "note"), True, "note")


def test_the_sample_ends_and_the_rows_do_not(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "BLOCK_ROWS", 5)
    monkeypatch.setattr(columnar, "SAMPLE_RECORDS", 8)
    source = surveyed(table({"text": [str(i) for i in range(50)]}))
    layout = PARQUET.sniff(source, ReadSettings())
    assert layout is not None
    assert len(layout.records) == 10
    assert sum(len(block.records) for block in PARQUET.blocks(source, layout)) == 50


def test_known_by_its_content_and_not_by_its_name(table: Table, put, rows) -> None:
    reading = read([table({"text": ["one", "two"], "label": [0, 1]}, "data.bin")])
    assert (reading.format, rows(reading)) == (
        "parquet",
        [{"text": "one", "label": "0"}, {"text": "two", "label": "1"}],
    )
    assert PARQUET.sniff(surveyed(put("b.parquet", "pos\tone\n")), ReadSettings()) is None


def test_lists_and_nulls_of_a_file(table: Table, rows) -> None:
    reading = read([table({"tokens": [["a", "b"], ["c"]], "tags": [["O", "B-X"], ["O"]]})])
    assert reading.task == "token-classification"
    assert rows(reading)[0] == {"tokens": ["a", "b"], "tags": ["O", "B-X"]}


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-6], lambda b: b[:20], lambda b: b[:4] + b"\0" * (len(b) - 8) + b"PAR1"]
)
def test_a_damaged_file_is_named(table: Table, damage: Callable[[bytes], bytes]) -> None:
    path = table({"text": ["one", "two"], "label": ["a", "b"]})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match="Expected a parquet file that can be read") as caught:
        read([path])
    assert caught.value.where == str(path)
    assert "\n" not in caught.value.got
