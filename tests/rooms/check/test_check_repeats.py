"""The same text twice: compared with a plain count, and where the rules have edges."""

from collections import Counter, defaultdict
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.artifacts import Finding, Reading
from tunesmith.rooms.check.index import Entries, Index
from tunesmith.rooms.check.rows import Batch

Find = Callable[..., dict[str, Finding]]
MakeReading = Callable[..., Reading]
Line = tuple[str, str | None]

# Few texts and labels, so that all kinds of repetition come up.
lines = st.lists(st.tuples(st.sampled_from(["a b", "a  b", "A b", "ab", ""]), st.sampled_from(["x", "y", None])))


def entries(**splits: list[Line]) -> Entries:
    index = Index()
    for split, rows in splits.items():
        # Two batches a split, so that nothing rests on batch bounds.
        for first, part in ((0, rows[:2]), (2, rows[2:])):
            texts, labels = pa.array([t for t, _ in part], pa.string()), pa.array([n for _, n in part], pa.string())
            reading = Reading.model_construct()
            index.add(Batch(reading=reading, split=split, first=first, fields={"text": texts, "label": labels}))
    return index.entries()


def plain(text: str) -> str:
    return " ".join(text.split())


@given(lines, lines)
def test_repeated_rows_agree_with_a_plain_count(train: list[Line], test: list[Line]) -> None:
    expected = sum(n - 1 for rows in (train, test) for n in Counter((plain(t), label) for t, label in rows).values())
    assert entries(train=train, test=test).repeated().size == expected


@given(lines, lines)
def test_conflicting_texts_agree_with_a_plain_count(train: list[Line], test: list[Line]) -> None:
    labels = defaultdict(list)
    for text, label in [*train, *test]:
        if label is not None:
            labels[plain(text).casefold()].append(label)
    groups = entries(train=train, test=test).conflicting()
    # Dictionaries keep the order of first rows.
    assert [g.size for g in groups] == [len(n) for n in labels.values() if len(set(n)) > 1]


@given(lines, lines)
def test_shared_rows_agree_with_a_plain_count(train: list[Line], test: list[Line]) -> None:
    known = {plain(t).casefold() for t, _ in train}
    found = entries(train=train, test=test)
    expected = [("test", i) for i, (t, _) in enumerate(test) if plain(t).casefold() in known]
    assert list(found.places(found.shared("train", "test"))) == expected


def test_duplicates_name_the_later_row(find: Find) -> None:
    rows = [{"text": t, "label": "n"} for t in ("one  thing", "two", "three", "one thing ", "One thing")]
    found = find("text-classification", {"train": rows})["duplicates"]
    assert (found.count, found.severity) == (1, "warning")
    assert [(row.path, row.line, row.text) for row in found.rows] == [("train.tsv", 4, "one thing")]


def test_the_same_text_in_two_splits_is_leakage_and_not_a_duplicate(find: Find) -> None:
    splits = {
        "train": [{"text": "Great film", "label": "1"}, {"text": "dull", "label": "0"}],
        "dev": [{"text": "great  film", "label": "1"}, {"text": "odd", "label": "0"}],
        "test": [{"text": "GREAT FILM", "label": "1"}, {"text": "odd", "label": "0"}],
    }
    found = find("text-classification", splits)
    assert "duplicates" not in found
    assert (found["leakage"].count, found["leakage"].severity) == (3, "warning")
    assert "train/dev 1, train/test 1, dev/test 2" in found["leakage"].message
    assert [(row.path, row.line) for row in found["leakage"].rows] == [("dev.tsv", 1), ("test.tsv", 1), ("test.tsv", 2)]


def test_an_unlabelled_split_leaks_nothing(find: Find) -> None:
    rows = [{"text": "same", "label": "1"}, {"text": "other", "label": "0"}]
    hidden = [{"text": "same", "label": None}] * 2
    found = find("text-classification", {"train": rows, "unlabelled": hidden})
    assert not {"leakage", "duplicates", "conflicting-labels"} & found.keys()
    assert found["unlabelled-rows"].count == 2


def test_conflicting_labels_show_both_rows(find: Find) -> None:
    rows = [{"text": t, "label": n} for t, n in (("Fine.", "1"), ("bad", "0"), ("fine.", "0"), ("bad", "0"))]
    found = find("text-classification", {"train": rows})
    assert found["conflicting-labels"].count == 1
    assert [row.line for row in found["conflicting-labels"].rows] == [1, 3]
    assert [row.line for row in found["duplicates"].rows] == [4]


def test_the_same_sentence_tagged_in_two_ways_conflicts(find: Find) -> None:
    rows = [{"tokens": ["In", "Rome"], "tags": tags} for tags in (["O", "B-LOC"], ["O", "O"], ["O", "B-LOC"])]
    found = find("token-classification", {"train": rows})
    assert found["conflicting-labels"].count == 1
    assert found["duplicates"].count == 1


def test_two_answers_to_one_question_are_no_conflict(find: Find) -> None:
    rows = [{"title": "Why?", "content": "Because."}, {"title": "Why?", "content": "Who knows."}]
    assert not {"conflicting-labels", "duplicates"} & find("generation", {"train": rows}).keys()


def test_few_duplicates_among_many_rows_are_only_noted(find: Find) -> None:
    rows = [{"text": f"text {i % 200}", "label": str(i % 2)} for i in range(201)]
    assert find("text-classification", {"train": rows})["duplicates"].severity == "note"


def test_little_leakage_is_only_noted(find: Find) -> None:
    train = [{"text": f"train {i}", "label": str(i % 2)} for i in range(20)]
    test = [{"text": f"test {i}", "label": str(i % 2)} for i in range(150)]
    found = find("text-classification", {"train": train, "test": [*test, train[3]]}, rows_per_batch=64)["leakage"]
    assert (found.count, found.severity) == (1, "note")
    assert [(row.path, row.line) for row in found.rows] == [("test.tsv", 151)]


def test_short_lines_of_a_running_text_may_recur(find: Find) -> None:
    lines = ["First Citizen:", "We are accounted poor citizens, the patricians good.", "First Citizen:"]
    found = find(
        "language-modeling", {"train": [{"text": t} for t in [*lines, lines[1]]], "test": [{"text": "First Citizen:"}]}
    )
    assert found["duplicates"].count == 1
    assert [row.line for row in found["duplicates"].rows] == [4]
    assert "leakage" not in found


def test_pairs_of_texts_are_compared_as_pairs(find: Find) -> None:
    rows = [{"text": "a", "text2": b, "label": "1"} for b in ("b", "c", "c", None)]
    assert find("text-classification", {"train": rows})["duplicates"].count == 1


@pytest.mark.parametrize("task", ["image-classification", "audio-classification"])
def test_a_media_file_in_two_splits_is_leakage(find: Find, task: str) -> None:
    found = find(task, {"train": [{"path": "/x/a/1", "label": "a"}], "test": [{"path": "/x/a/1", "label": "a"}]})
    assert found["leakage"].rows[0].text == "a/1"
