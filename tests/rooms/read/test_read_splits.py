"""Which split a name speaks of, in the file's name and in its folders."""

from pathlib import PurePosixPath

import pytest

from tunesmith.rooms.read.splits import SPLITS, of_folders, of_name


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("trainset.csv", "train"),
        ("TRAIN.TSV", "train"),
        ("myTrainData.txt", "train"),
        ("data-00000-of-00002-validation.parquet", "dev"),
        ("eval.json", "dev"),
        ("devel_part1.conll", "dev"),
        ("ner.testa", "test"),
        ("情感测试集.tsv", "test"),
        ("微博验证.csv", "dev"),
        ("unsup/reviews.txt", "unlabelled"),
        ("未标注语料.txt", "unlabelled"),
        ("unlabeled_train.txt", "unlabelled"),
    ],
)
def test_words_of_a_name(name: str, split: str) -> None:
    assert of_name(PurePosixPath(name)) == split


@pytest.mark.parametrize("name", ["strain.csv", "contest.txt", "latest.tsv", "devil.csv", "检验.csv"])
def test_a_word_inside_another_word_says_nothing(name: str) -> None:
    assert of_name(PurePosixPath(name)) == ""
    assert of_name(PurePosixPath("strain") / name) == ""


def test_the_files_own_name_comes_before_its_folders_and_the_nearest_folder_before_the_others() -> None:
    assert of_name(PurePosixPath("train/test.csv")) == "test"
    assert of_name(PurePosixPath("test/dev/a.csv")) == "dev"
    assert of_name(PurePosixPath("test/more/a.csv")) == "test"


def test_a_photograph_may_be_called_anything() -> None:
    assert of_folders(PurePosixPath("train/cats/test_7.jpg")) == "train"
    assert of_folders(PurePosixPath("test.jpg")) == ""


def test_the_order_in_which_splits_are_shown() -> None:
    assert sorted(["unlabelled", "test", "train", "dev"], key=SPLITS.index) == ["train", "dev", "test", "unlabelled"]
