"""Folders: splits by name, class files, copies, and what is set aside."""

import json
from pathlib import Path, PurePosixPath

import pytest

from tunesmith.artifacts import Reading
from tunesmith.rooms.read import read
from tunesmith.rooms.read.splits import of_name


def table(start: int, count: int = 20) -> str:
    return "".join(f"{i % 2}\ta film to remember , number {i}\n" for i in range(start, start + count))


def aside(reading: Reading) -> dict[str, str]:
    return {Path(s.path).name: s.because for s in reading.set_aside}


def counts(reading: Reading) -> dict[str, int]:
    return {name: split.rows for name, split in reading.splits.items()}


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.tsv", "train"), ("training_set.csv", "train"), ("wnut17train.conll", "train"), ("my-trn.txt", "train"),
        ("weiboNER_2nd_conll.train", "train"), ("TREC.train.all", "train"), ("train_few_all.json", "train"),
        ("emerging.dev.conll", "dev"), ("valid.txt", "dev"), ("validation-00000.parquet", "dev"), ("val/x.tsv", "dev"),
        ("eng.testa", "test"), ("TEST.TXT", "test"), ("testing.csv", "test"), ("stsa.fine.test", "test"),
        ("ChnTrainSet.csv", "train"), ("情感训练集.csv", "train"), ("验证集.tsv", "dev"), ("测试.txt", "test"),
        ("unlabeled.json", "unlabelled"), ("latest.tsv", ""), ("reviews.tsv", ""), ("contest/device.csv", ""),
        ("train/reviews.tsv", "train"), ("train/test.tsv", "test"),
    ],
)  # fmt: skip
def test_split_by_name(name: str, split: str) -> None:
    assert of_name(PurePosixPath(name)) == split


def test_without_train_the_dev_split_takes_its_place(put, tmp_path: Path) -> None:
    put("dev.tsv", table(0))
    put("test.tsv", table(20))
    reading = read([tmp_path / "given"])
    assert counts(reading) == {"train": 20, "test": 20}
    assert any("dev is used as train" in line for line in reading.hypotheses[0].evidence)


def test_parts_of_a_whole_are_set_aside(put, tmp_path: Path) -> None:
    put("train_0.tsv", table(0, 10))
    put("train_1.tsv", table(10, 10))
    put("train_all.tsv", table(0, 25))
    put("test.tsv", table(50))
    reading = read([tmp_path / "given"])
    assert counts(reading) == {"train": 25, "test": 20}
    assert set(aside(reading)) == {"train_0.tsv", "train_1.tsv"}


def test_parts_without_a_whole_are_all_used(put, tmp_path: Path) -> None:
    put("train_0.tsv", table(0, 15))
    put("train_1.tsv", table(10, 15))
    assert counts(read([tmp_path / "given"])) == {"train": 30}


def test_the_same_file_twice_is_read_once(put, tmp_path: Path) -> None:
    put("a.tsv", table(0))
    put("copy of a.tsv", table(0))
    reading = read([tmp_path / "given"])
    assert counts(reading) == {"train": 20}
    assert "the same content as" in aside(reading)["copy of a.tsv"]


def test_unlabelled_files_are_their_own_split(put, tmp_path: Path) -> None:
    rows = [{"sentence": f"a film to remember {i}", "label": i % 2} for i in range(30)]
    put("train.json", "\n".join(map(json.dumps, rows)))
    put("test.json", "\n".join(json.dumps({"id": i, "sentence": f"another film {i}"}) for i in range(5)))
    put("test_again.json", "\n".join(json.dumps({"sentence": r["sentence"]}) for r in rows[:9]))
    reading = read([tmp_path / "given"])
    assert counts(reading) == {"train": 30, "unlabelled": 5}
    assert "stand with labels" in aside(reading)["test_again.json"]


def test_files_of_another_task_and_documents_are_set_aside(put, tmp_path: Path) -> None:
    put("train.tsv", table(0, 200))
    put("notes.txt", "Some prose without any table.\nA second line of it.\n")
    put("LICENSE", "MIT")
    put("tool.py", "print(1)")
    put("blob.bin", bytes(range(256)) * 9)
    put("empty.tsv", "\n")
    because = aside(read([tmp_path / "given"]))
    assert set(because) == {"notes.txt", "LICENSE", "tool.py", "blob.bin", "empty.tsv"}
    assert "not text-classification" in because["notes.txt"]
    assert because["empty.tsv"] == "empty"


def test_a_document_given_by_name_is_data(read_as) -> None:
    assert read_as("README.md", "One sentence.\nAnother one.\n").rows.used == 2


def test_files_in_other_formats_join_the_same_task(put, tmp_path: Path) -> None:
    put("train.tsv", "label\ttext\n" + table(0, 40))
    put("test.jsonl", "\n".join(json.dumps({"text": f"film {i}", "label": str(i % 2)}) for i in range(10)))
    assert counts(read([tmp_path / "given"])) == {"train": 40, "test": 10}


@pytest.mark.parametrize(
    ("names", "first", "found"),
    [
        ("bad\ngood", 0, {"good": 10, "bad": 10}),
        ("bad\ngood", 1, {"good": 10, "bad": 10}),
        ("only\none\nof\nmany", 0, {"only": 10, "one": 10}),
        ("a\nb\nc", 7, {"7": 10, "8": 10}),
    ],
)
def test_class_file_counts_from_zero_or_one(put, tmp_path: Path, names: str, first: int, found: dict[str, int]) -> None:
    put("class.txt", names)
    path = put("train.txt", "".join(f"a film to remember {i}\t{first + i % 2}\n" for i in range(20)))
    assert read([tmp_path / "given"]).labels == found
    assert read([path]).labels == found


@pytest.mark.parametrize(
    "content",
    [
        '{"0": "bad", "1": "good"}',
        '{"bad": 0, "good": 1}',
        '{"label": "0", "name": "bad"}\n{"label": "1", "name": "good"}',
    ],
)
def test_class_maps_in_json(put, tmp_path: Path, content: str) -> None:
    put("label_map.json", content)
    put("train.tsv", table(0))
    assert read([tmp_path / "given"]).labels == {"bad": 10, "good": 10}


def test_a_broken_neighbour_does_no_harm(put) -> None:
    put("other.zip", b"PK\x03\x04 no zip")
    assert read([put("a.tsv", table(0))]).rows.used == 20


def test_a_large_unlabelled_file_does_not_say_what_the_others_are(tmp_path: Path) -> None:
    def rows(count: int, **more: str) -> str:
        texts = ({"sentence": f"what became of the film number {at} after all", **more} for at in range(count))
        return "".join(json.dumps({**one, "keywords": f"film {at},number,all"}) + "\n" for at, one in enumerate(texts))

    (tmp_path / "train.json").write_text(rows(40, label="news") + rows(40, label="sports"), encoding="utf-8")
    # Two columns of text look like a question with its answer, and there is much more of them.
    (tmp_path / "unlabeled.json").write_text(rows(2_000), encoding="utf-8")
    reading = read([tmp_path])
    assert reading.task == "text-classification"
    assert counts(reading) == {"train": 80, "unlabelled": 2_000}
    assert read([tmp_path / "unlabeled.json"]).task != "text-classification"
