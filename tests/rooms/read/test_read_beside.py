"""Columns kept beside the task's: by name or place, refused rows left out, null where a file lacks them."""

from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.artifacts import Reading
from tunesmith.errors import DataError
from tunesmith.rooms.read import read
from tunesmith.settings import ReadSettings


def column(found: Reading, name: str, split: str = "train") -> list[str | None]:
    with pa.OSFile(found.splits[split].path, "rb") as source, pa.ipc.open_file(source) as reader:
        values: list[str | None] = reader.read_all().column(name).to_pylist()
    return values


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "cache"))


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def texts(count: int) -> list[str]:
    return [f"the {['room', 'meal', 'staff'][at % 3]} number {at} was fine and we liked it" for at in range(count)]


def test_a_named_column_is_kept_and_stays_with_its_row(tmp_path: Path) -> None:
    rows = [f'{"good" if at % 2 else "bad"},"{text}",poet {at}' for at, text in enumerate(texts(40))]
    # A row that is refused must not shift the others' authors.
    rows[7] = "good,,poet 7"
    found = read([write(tmp_path / "a.csv", ["label,text,author", *rows])],
                 ReadSettings(keep=("author",), allow_rejects=True))  # fmt: skip
    assert found.rows.rejected == 1
    assert column(found, "keep.author") == [f"poet {at}" for at in range(40) if at != 7]


def test_keys_of_json_lines_are_kept_and_missing_ones_are_null(tmp_path: Path) -> None:
    rows = [
        f'{{"text": "{text}", "label": "{"ab"[at % 2]}"' + (f', "year": {2000 + at}}}' if at % 3 else "}")
        for at, text in enumerate(texts(30))
    ]
    found = read([write(tmp_path / "a.jsonl", rows)], ReadSettings(keep=("year",)))
    assert column(found, "keep.year") == [str(2000 + at) if at % 3 else None for at in range(30)]


def test_without_a_header_a_place_names_the_column(tmp_path: Path) -> None:
    rows = [f"{'ab'[at % 2]}\t{text}\t2024-01-{1 + at % 28:02}" for at, text in enumerate(texts(30))]
    settings = ReadSettings(keep=("3",), columns={"label": 1, "text": 2}, has_header=False)
    found = read([write(tmp_path / "a.tsv", rows)], settings)
    assert column(found, "keep.3")[:2] == ["2024-01-01", "2024-01-02"]


def test_a_column_that_no_file_has_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    rows = [f'{"ab"[at % 2]},"{text}"' for at, text in enumerate(texts(30))]
    with pytest.raises(DataError, match="a column 'poet' to be kept; got the columns label, text"):
        read([write(tmp_path / "a.csv", ["label,text", *rows])], ReadSettings(keep=("poet",)))


def test_a_column_that_need_not_be_there_is_kept_where_it_is(tmp_path: Path) -> None:
    rows = [f"{'good' if at % 2 else 'bad'},{text},poet {at}" for at, text in enumerate(texts(40))]
    with_it, without = (
        write(tmp_path / name, ["label,text" + more, *(row if more else row.rpartition(",")[0] for row in rows)])
        for name, more in (("a.csv", ",author"), ("b.csv", ""))
    )
    assert column(read([with_it], if_there=["author"]), "keep.author") == [f"poet {at}" for at in range(40)]
    found = read([without], if_there=["author"])
    with pytest.raises(KeyError):
        column(found, "keep.author")
    # What was read without the wish is another reading of the same file.
    with pytest.raises(KeyError):
        column(read([with_it]), "keep.author")
