"""Images and sounds: classes from folders, from names, from a table."""

from pathlib import Path

import pytest

from made_media import png, wav
from tunesmith.errors import DataError
from tunesmith.rooms.read import read, read_for_prediction
from tunesmith.settings import ReadSettings

PNG, WAV = png(), wav()


@pytest.fixture
def pictures(put, tmp_path: Path) -> Path:
    for split, count in (("train", 6), ("val", 3)):
        for i in range(count):
            put(f"{split}/{'cat' if i % 2 else 'dog'}/{i}.png", PNG)
    return tmp_path / "given"


def test_folders_are_classes_and_splits(pictures: Path) -> None:
    reading = read([pictures])
    assert (reading.task, reading.format) == ("image-classification", "image-folder")
    assert {name: s.rows for name, s in reading.splits.items()} == {"train": 6, "dev": 3}
    assert reading.labels == {"dog": 5, "cat": 4}


def test_a_damaged_picture_is_a_reject(pictures: Path, put) -> None:
    put("train/cat/empty.png", b"")
    put("train/cat/text.png", b"not a picture")
    reading = read([pictures], ReadSettings(allow_rejects=True))
    assert (reading.rows.used, reading.rows.rejected) == (9, 2)
    assert "of another kind than its name says" in Path(reading.rejects).read_text(encoding="utf-8")


def test_the_class_in_the_name_by_pattern(put, tmp_path: Path) -> None:
    for word in ("yes", "no"):
        for speaker in ("ann", "bob"):
            for i in range(5):
                put(f"{word}_{speaker}_{i}.wav", WAV)
    reading = read([tmp_path / "given"])
    assert (reading.task, reading.columns, reading.labels) == (
        "audio-classification", {"path": "path", "label": 1}, {"no": 10, "yes": 10},
    )  # fmt: skip
    assert reading.is_close
    assert reading.would_change.startswith("--columns label=2")


def test_a_name_of_another_pattern_is_a_reject(put, tmp_path: Path) -> None:
    for i in range(20):
        put(f"{'yes' if i % 2 else 'no'}_{i}.wav", WAV)
    put("noise.wav", WAV)
    reading = read([tmp_path / "given"], ReadSettings(allow_rejects=True))
    assert (reading.rows.used, reading.rows.rejected) == (20, 1)


def test_a_table_of_paths(put, tmp_path: Path, rows) -> None:
    for i in range(4):
        put(f"img/{i}.png", PNG)
    table = put("list.csv", "file_name,label\n" + "".join(f"img/{i}.png,{'ab'[i % 2]}\n" for i in range(4)))
    reading = read([table])
    assert (reading.task, reading.labels) == ("image-classification", {"a": 2, "b": 2})
    assert rows(reading)[0]["path"] == str(tmp_path / "given" / "img" / "0.png")


def test_pictures_in_an_archive_ask_to_be_unpacked(put, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cat/1.png", PNG)
        archive.writestr("dog/1.png", PNG)
    with pytest.raises(DataError, match="unpack it"):
        read([path])


def test_pictures_to_be_answered(pictures: Path) -> None:
    reading = read_for_prediction(pictures / "val", task="image-classification")
    assert reading.splits["unlabelled"].rows == 3


def test_files_without_a_class_say_what_would_do(put, tmp_path: Path) -> None:
    path = put("alone.wav", WAV)
    with pytest.raises(DataError, match="a folder for each") as caught:
        read([path])
    assert "1 file without a class" in str(caught.value)
