"""Writing rows: Arrow files, the table of rejects, and counts that add up."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tunesmith.rooms.read import rows as module
from tunesmith.rooms.read.records import Reject, Rows
from tunesmith.rooms.read.rows import COLUMNS, FIRST_REJECTS, PREVIEW_CHARACTERS, RowWriter, rejects


def labelled(*pairs: tuple[str, str | None], start: int = 1, refused: list[Reject] | None = None) -> Rows:
    columns: dict[str, list[Any]] = {"text": [t for t, _ in pairs], "label": [y for _, y in pairs]}
    return Rows(columns, range(start, start + len(pairs)), refused or [])


def table(folder: Path, split: str) -> list[dict[str, Any]]:
    with pa.ipc.open_file(folder / f"{split}.arrow") as file:
        found: list[dict[str, Any]] = file.read_all().to_pylist()
    return found


@pytest.fixture
def writer(tmp_path: Path) -> RowWriter:
    return RowWriter(tmp_path, "text-classification", has_second_text=False)


def test_rows_carry_source_and_line(writer: RowWriter, tmp_path: Path) -> None:
    with writer:
        writer.write(labelled(("a", "x")), split="train", source=0, path="one")
        writer.write(labelled(("b", None), start=7), split="train", source=1, path="two")
    assert table(tmp_path, "train") == [
        {"text": "a", "label": "x", "source": 0, "line": 1},
        {"text": "b", "label": None, "source": 1, "line": 7},
    ]


def test_counts_add_up_over_splits(writer: RowWriter) -> None:
    with writer:
        first = writer.write(
            labelled(("a", "x"), ("b", "y"), refused=[Reject(3, "r", "t")]), split="train", source=0, path="p"
        )
        writer.write(labelled(("c", "x"), ("d", None)), split="dev", source=1, path="q")
    assert (first.total, first.used, first.rejected) == (3, 2, 1)
    assert (writer.used, writer.rejected, dict(writer.split_rows)) == (4, 1, {"train": 2, "dev": 2})
    assert writer.labels == {"x": 2, "y": 1}


def test_a_split_without_rows_is_a_file_too(writer: RowWriter, tmp_path: Path) -> None:
    with writer:
        writer.open("test")
        writer.write(labelled(refused=[Reject(1, "r", "t")]), split="test", source=0, path="p")
    found = writer.files(Path("elsewhere"))
    assert table(tmp_path, "test") == []
    assert {k: (Path(v.path), v.rows) for k, v in found.items()} == {"test": (Path("elsewhere/test.arrow"), 0)}


def test_a_second_text_is_null_where_a_file_has_none(tmp_path: Path) -> None:
    with RowWriter(tmp_path, "text-classification", has_second_text=True) as writer:
        writer.write(labelled(("a", "x")), split="train", source=0, path="p")
        both = Rows({"text": ["b"], "text2": ["c"], "label": ["y"]}, [2], [])
        writer.write(both, split="train", source=1, path="q")
    assert [row["text2"] for row in table(tmp_path, "train")] == [None, "c"]


def test_small_blocks_become_large_batches(writer: RowWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 10)
    with writer:
        for start in range(1, 26, 2):
            writer.write(labelled(("a", "x"), ("b", "y"), start=start), split="train", source=0, path="p")
    with pa.ipc.open_file(tmp_path / "train.arrow") as file:
        sizes = [file.get_batch(i).num_rows for i in range(file.num_record_batches)]
        lines = file.read_all()["line"].to_pylist()
    assert sizes == [10, 10, 6]
    assert lines == list(range(1, 27))


def test_tags_are_counted_as_entities(tmp_path: Path) -> None:
    with RowWriter(tmp_path, "token-classification", has_second_text=False) as writer:
        tagged = Rows({"tokens": [["a", "b", "c"], ["d"]], "tags": [["B-X", "I-X", "B-Y"], None]}, [1, 5], [])
        writer.write(tagged, split="train", source=0, path="p")
    assert writer.labels == {"X": 1, "Y": 1}
    assert table(tmp_path, "train")[1]["tags"] is None


def test_the_preview_is_short_and_from_the_start(writer: RowWriter) -> None:
    with writer:
        writer.write(labelled(("long " * 200, "x"), ("b", "y")), split="train", source=0, path="p")
        writer.write(labelled(("c", "x"), ("d", "y")), split="train", source=0, path="p")
    assert [row["text"] for row in writer.preview] == [("long " * 200)[:PREVIEW_CHARACTERS], "b", "c"]


def test_rejects_are_read_as_they_were_written(writer: RowWriter, tmp_path: Path) -> None:
    given = [Reject(9, "too\tfew\ncells", "a\tb\r\nc"), Reject(2, "empty", ""), Reject(4, "broken", "…，\u3000x")]
    with writer:
        writer.write(labelled(("a", "x"), refused=given), split="train", source=0, path="my\tfile.tsv")

    class Reading:
        rejects = str(tmp_path / "rejects.tsv")

    found = list(rejects(Reading()))  # type: ignore[arg-type]
    assert [(path, r.line, r.reason, r.text) for path, r in found] == [
        ("my file.tsv", 2, "empty", ""),
        ("my file.tsv", 4, "broken", "…， x"),
        ("my file.tsv", 9, "too few cells", "a b c"),
    ]


def test_the_first_rejects_are_kept_for_the_message(writer: RowWriter) -> None:
    with writer:
        many = [Reject(line, "r", "t") for line in range(20, 0, -1)]
        writer.write(labelled(refused=many), split="train", source=0, path="p")
    assert [r.line for _, r in writer.first_rejects] == list(range(1, FIRST_REJECTS + 1))
    assert writer.rejected == 20


@pytest.mark.parametrize("task", sorted(COLUMNS))
def test_every_task_has_its_columns_and_where_they_came_from(tmp_path: Path, task: str) -> None:
    with RowWriter(tmp_path, task, has_second_text=False) as writer:
        writer.open("train")
    with pa.ipc.open_file(tmp_path / "train.arrow") as file:
        assert file.schema.names == [*(n for n in COLUMNS[task] if n != "text2"), "source", "line"]


def test_long_rows_make_short_batches(writer: RowWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 1000)
    with writer:
        for line in range(1, 7):
            writer.write(labelled(("x" * 400, "a"), start=line), split="train", source=0, path="p")
    with pa.ipc.open_file(tmp_path / "train.arrow") as file:
        assert [file.get_batch(at).num_rows for at in range(file.num_record_batches)] == [3, 3]
    assert [row["line"] for row in table(tmp_path, "train")] == [1, 2, 3, 4, 5, 6]
