"""Files that name the classes: which they are, and whether they fit the labels."""

import json
from dataclasses import replace

import pytest

from tunesmith.rooms.read.classes import LONGEST_NAME, is_class_file, is_class_list, mapping
from tunesmith.rooms.read.recognise import Understood
from tunesmith.rooms.read.records import Layout, Meaning
from tunesmith.rooms.read.sources import members
from tunesmith.rooms.read.survey import Surveyed, survey


@pytest.fixture
def look(put):
    def call(data: str, name: str = "class.txt") -> Surveyed:
        return survey(members([put(name, data)])[0])

    return call


def labelled(source: Surveyed, labels: list[object], task: str = "text-classification") -> Understood:
    layout = Layout(format="tsv", confidence=1.0, columns=(1, 2), records=[[label, "text"] for label in labels])
    meaning = Meaning(task=task, columns={"text": 2, "label": 1}, score=1.0, evidence=(), convert="classification")
    return Understood(surveyed=source, layout=layout, meaning=meaning)


@pytest.mark.parametrize(
    "name",
    ["class.txt", "classes.txt", "labels.json", "label_map.json", "label2id.json", "Label-Names.txt", "categories.csv"],
)
def test_names_of_class_files(name: str) -> None:
    assert is_class_file(name)


@pytest.mark.parametrize(
    "name", ["classics.txt", "train_labels.txt", "class.py", "labels", "my class.txt", "label.parquet"]
)
def test_other_names(name: str) -> None:
    assert not is_class_file(name)


@pytest.mark.parametrize(
    ("data", "is_list"),
    [
        ("a\nb\n", True),
        ("a\n", False),
        ('{"0": "a"}', True),
        ("x\n" * 1001, False),
        ("y" * 40_000 + "\n" + "z" * 40_000, False),
    ],
    ids=["two", "one", "map", "too many", "too large"],
)
def test_a_list_of_names_is_short(look, data: str, is_list: bool) -> None:
    assert is_class_list(look(data)) is is_list


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["0", "2"], {"0": "sport", "1": "money", "2": "science"}),
        (["1", "3"], {"1": "sport", "2": "money", "3": "science"}),
        ([" 0 ", "1"], {"0": "sport", "1": "money", "2": "science"}),
        ([0, 1, None], {"0": "sport", "1": "money", "2": "science"}),
    ],
)
def test_numbers_are_lines_from_0_or_1(look, labels: list[object], found: dict[str, str]) -> None:
    file = look("sport\nmoney\n science \n")
    names, why = mapping([file], labelled(file, labels))
    assert names == found
    assert why.startswith(f"labels count the lines from {min(map(int, found))} (class.txt")


@pytest.mark.parametrize(
    ("labels", "data"),
    [
        (["1", "2"], "sport\nmoney\nscience\n"),
        (["0", "3"], "sport\nmoney\nscience\n"),
        (["a", "b"], "sport\nmoney\n"),
        (["0", "1"], "sport\nsport\n"),
        (["0", "1"], f"sport\n{'m' * (LONGEST_NAME + 1)}\n"),
        ([None, ""], "sport\nmoney\n"),
    ],
    ids=["1 or 0 cannot be told", "too large a label", "no numbers", "a name twice", "a sentence", "no labels"],
)
def test_a_file_that_does_not_fit_names_nothing(look, labels: list[object], data: str) -> None:
    file = look(data)
    assert mapping([file], labelled(file, labels)) == ({}, "")


def test_texts_without_labels_have_no_names(look) -> None:
    file = look("sport\nmoney\n")
    part = labelled(file, ["0", "1"], "language-modeling")
    assert mapping([file], part) == ({}, "")
    del part.meaning.columns["label"]
    assert mapping([file], replace(part, meaning=replace(part.meaning, task="text-classification"))) == ({}, "")


@pytest.mark.parametrize(
    "data",
    [
        '{"label": "100", "label_desc": "news"}\n{"label": "101", "label_desc": "cars"}\n',
        '{"100": "news", "101": "cars"}',
        '{"news": 100, "cars": 101}',
    ],
)
def test_maps_in_json(look, data: str) -> None:
    file = look(data, "labels.json")
    assert mapping([file], labelled(file, ["100", "101", "100"]))[0] == {"100": "news", "101": "cars"}


@pytest.mark.parametrize("data", [{"100": "news"}, {"100": "news", "101": "news"}, {"news": 100}])
def test_a_map_that_lacks_a_label_or_merges_two_is_none(look, data: dict[str, object]) -> None:
    file = look(json.dumps(data), "labels.json")
    assert mapping([file], labelled(file, ["100", "101"])) == ({}, "")


def test_the_first_file_that_fits_is_taken(look) -> None:
    other, right = look("a\n", "labels.txt"), look("sport\nmoney\n", "class.txt")
    names, why = mapping([other, right], labelled(right, ["0", "1"]))
    assert names == {"0": "sport", "1": "money"}
    assert why.endswith("(class.txt)")
