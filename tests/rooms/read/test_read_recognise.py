"""Hypotheses about a file: which come first, when it is close, and how other files conform."""

from typing import Any

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read.recognise import (
    CLOSE,
    MOST_SHOWN,
    Understood,
    check_task,
    choose,
    conformed,
    labelled_or_not,
    layouts,
    leading,
    understand,
)
from tunesmith.rooms.read.records import Layout, Meaning
from tunesmith.rooms.read.sources import members
from tunesmith.rooms.read.survey import survey
from tunesmith.settings import ReadSettings

LABELLED = "".join(f"{('pos', 'neg')[i % 2]}\tthe guest of room {i} was here\n" for i in range(40))
TEXTS = "".join(f"the guest of room {i} was here\n" for i in range(40))


@pytest.fixture
def known(put):
    def call(name: str, data: str, **settings: Any) -> list[Understood]:
        return understand(survey(members([put(name, data)])[0]), ReadSettings(**settings))

    return call


@pytest.fixture
def way(put):
    source = survey(members([put("x.tsv", "a\tb\n")])[0])

    def make(score: float, task: str = "chat", **columns: Any) -> Understood:
        meaning = Meaning(task=task, columns=columns, score=score, evidence=("e",), convert="pairs")
        return Understood(surveyed=source, layout=Layout(format="tsv", confidence=1.0), meaning=meaning)

    return make


def test_the_best_comes_first_and_all_are_scored(known) -> None:
    found = known("a.tsv", LABELLED)
    assert found[0].meaning.columns == {"text": 2, "label": 1}
    assert [u.score for u in found] == sorted((u.score for u in found), reverse=True)


def test_a_task_of_the_user_leaves_no_other(known) -> None:
    assert {u.meaning.task for u in known("a.tsv", LABELLED, task="language-modeling")} == {"language-modeling"}


def test_unknown_tasks_and_separators_are_refused(known) -> None:
    check_task(None)
    with pytest.raises(DataError, match="Expected a task: text-classification"):
        check_task("classify")
    with pytest.raises(DataError, match="Expected a separator: tab, comma, semicolon or space; got 'pipe'"):
        known("a.tsv", LABELLED, separator="pipe")


def test_a_sure_format_comes_alone(put) -> None:
    source = survey(members([put("a.jsonl", '{"text": "a, b", "label": "x"}\n' * 20)])[0])
    assert [each.format for each in layouts(source, ReadSettings())] == ["jsonl"]


def test_the_score_shown_is_rounded_and_the_encodings_note_is_evidence(known) -> None:
    (first, *_) = known("a.tsv", LABELLED)
    shown = first.hypothesis()
    assert shown.score == round(first.score, 3)
    assert (shown.task, shown.format, shown.columns) == ("text-classification", "tsv", {"text": 2, "label": 1})


def test_far_apart_is_not_close_and_nobody_is_asked(way) -> None:
    taken, shown, is_close, change = choose([way(0.9, question=1), way(0.9 - 2 * CLOSE, question=2)], lambda _: 1)
    assert (taken.meaning.columns, len(shown), is_close, change) == ({"question": 1}, 2, False, "")


def test_a_close_call_is_the_users(way) -> None:
    found = [way(0.9, question=1, answer=2), way(0.88, question=2, answer=1)]
    taken, shown, is_close, change = choose(found, lambda shown: len(shown) - 1)
    assert is_close
    assert taken is found[1]
    assert shown[0].columns == {"question": 2, "answer": 1}
    assert change == "--columns answer=2,question=1 reads it the other way"


def test_another_task_is_named_as_the_way_to_it(way) -> None:
    change = choose([way(0.9, question=1), way(0.89, "generation", title=1)], None)[3]
    assert change == "--task generation reads it as generation (title=1)"


def test_the_same_reading_twice_is_shown_once_and_poor_ones_not_at_all(way) -> None:
    shown = choose([way(0.9, question=1), way(0.8, question=1), way(0.1, question=2)], None)[1]
    assert [h.score for h in shown] == [0.9]
    many = [way(0.9 - i / 50, question=i) for i in range(10)]
    assert len(choose(many, None)[1]) == MOST_SHOWN
    assert choose([way(0.05, question=1)], None)[0].score == 0.05


def test_labels_lead_over_more_text_and_train_over_a_larger_test(known) -> None:
    small, large = known("a.tsv", LABELLED), known("corpus.txt", TEXTS * 20)
    assert leading([large, small]) is small
    train, test = known("train.tsv", LABELLED), known("test.tsv", LABELLED * 5)
    assert leading([test, train]) is train


def test_texts_conform_to_a_labelled_file_as_unlabelled(known) -> None:
    main, texts, other = known("train.tsv", LABELLED)[0], known("test.txt", TEXTS), known("notes.txt", TEXTS)
    part = conformed(texts, main)
    assert part is not None
    assert (part.is_labelled, part.meaning.columns, part.meaning.convert) == (False, {"text": 1}, "classification")
    assert conformed(other, main) is None


def test_the_same_columns_conform_as_they_are(known) -> None:
    part = conformed(known("dev.tsv", LABELLED), known("train.tsv", LABELLED)[0])
    assert part is not None
    assert part.is_labelled


@pytest.mark.parametrize(
    ("task", "columns", "is_labelled"),
    [
        ("text-classification", {"text": 1}, False),
        ("token-classification", {"tokens": 1}, False),
        ("token-classification", {"tokens": 1, "tags": 2}, True),
        ("language-modeling", {"text": 1}, True),
    ],
)
def test_what_is_labelled(way, task: str, columns: dict[str, int], is_labelled: bool) -> None:
    assert labelled_or_not(way(0.9, task, **columns)).is_labelled is is_labelled
