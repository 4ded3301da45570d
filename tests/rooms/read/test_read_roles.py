"""Which column plays which role, from names and from content."""

from typing import Any

import pytest

from tunesmith.rooms.read import several
from tunesmith.rooms.read.facts import of_values
from tunesmith.rooms.read.ranking import fit, ranked
from tunesmith.rooms.read.records import Column, Layout, Meaning
from tunesmith.rooms.read.roles import TEXT_ALONE, TEXT_AMONG_OTHERS, TEXT_NAMED, interpret

LONG = [f"The {i}th guest slept well and came back the year after." for i in range(40)]
SHORT = [f"A guest, no. {i}" for i in range(40)]
ASKS = [f"Where did guest {i} sleep that night?" for i in range(40)]
LABELS = [("good", "bad")[i % 2] for i in range(40)]


def layout(columns: dict[Any, list[Any]]) -> Layout:
    records = [list(row) for row in zip(*columns.values(), strict=True)]
    return Layout(format="tsv", confidence=1.0, columns=tuple(columns), records=records)


def best(columns: dict[Any, list[Any]], **fixed: Column) -> Meaning:
    return interpret(layout(columns), fixed)[0]


@pytest.mark.parametrize(
    ("columns", "task", "found"),
    [
        ({1: LABELS, 2: LONG}, "text-classification", {"text": 2, "label": 1}),
        ({1: LONG, 2: LABELS}, "text-classification", {"text": 1, "label": 2}),
        ({1: SHORT, 2: [3 * t for t in LONG]}, "generation", {"title": 1, "content": 2}),
        ({1: [3 * t for t in LONG], 2: SHORT}, "generation", {"title": 2, "content": 1}),
        ({1: ASKS, 2: LONG}, "chat", {"question": 1, "answer": 2}),
        ({1: LONG, 2: ASKS}, "chat", {"question": 2, "answer": 1}),
        ({1: LONG}, "language-modeling", {"text": 1}),
    ],
)
def test_places_by_their_content(columns: dict[Any, list[Any]], task: str, found: dict[str, Column]) -> None:
    meaning = best(columns)
    assert (meaning.task, meaning.columns) == (task, found)


@pytest.mark.parametrize(
    ("columns", "task", "found"),
    [
        ({"label": LABELS, "text": LONG}, "text-classification", {"text": "text", "label": "label"}),
        ({"title": LONG, "content": SHORT}, "generation", {"title": "title", "content": "content"}),
        ({"answer": ASKS, "question": LONG}, "chat", {"question": "question", "answer": "answer"}),
        ({"zzz": LABELS, "yyy": LONG}, "text-classification", {"text": "yyy", "label": "zzz"}),
    ],
)
def test_names_come_before_content_where_there_are_names(
    columns: dict[Any, list[Any]], task: str, found: dict[str, Column]
) -> None:
    meaning = best(columns)
    assert (meaning.task, meaning.columns) == (task, found)


def test_questions_without_a_letter_are_taken_by_their_names() -> None:
    meaning = best({"question": [f"{i} + 1 =" for i in range(40)], "answer": [str(i + 1) for i in range(40)]})
    assert (meaning.task, meaning.columns) == ("chat", {"question": "question", "answer": "answer"})


def test_a_fixed_role_is_kept_and_a_fixed_column_plays_no_other() -> None:
    found = interpret(layout({1: LABELS, 2: LONG, 3: SHORT}), {"text": 3})
    assert found
    assert all(m.columns["text"] == 3 for m in found)
    assert interpret(layout({1: LABELS}), {"title": 1}) == []


def test_no_records_mean_nothing() -> None:
    assert interpret(Layout(format="tsv", confidence=1.0, columns=(1, 2)), {}) == []


def test_two_texts_and_a_label_are_a_pair_in_the_files_order() -> None:
    assert best({1: LONG, 2: LABELS, 3: ASKS}).columns == {"text": 1, "text2": 3, "label": 2}
    assert best({1: LONG, 2: LABELS, 3: ASKS}, text=3).columns == {"text": 3, "text2": 1, "label": 2}


def test_a_named_column_is_a_second_text_only_by_its_name() -> None:
    pair = best({"sentence1": LONG, "sentence2": ASKS, "label": LABELS})
    assert pair.columns == {"text": "sentence1", "text2": "sentence2", "label": "label"}
    alone = best({"text": LONG, "author": ASKS, "label": LABELS})
    assert alone.columns == {"text": "text", "label": "label"}
    assert alone.evidence[-1] == "not used: author"


def test_a_title_and_a_content_make_one_pair_of_texts() -> None:
    found = best({"title": ASKS, "content": LONG, "label": LABELS})
    assert found.columns == {"text": "title", "text2": "content", "label": "label"}


@pytest.mark.parametrize(("suffix", "task"), [("png", "image-classification"), ("wav", "audio-classification")])
def test_paths_and_labels(suffix: str, task: str) -> None:
    found = best({1: [f"a/{i}.{suffix}" for i in range(40)], 2: LABELS})
    assert (found.task, found.columns, found.convert) == (task, {"path": 1, "label": 2}, "media")


def test_scores_and_lists_of_labels_say_so() -> None:
    scores = best({"text": LONG, "score": [f"{i / 7:.2f}" for i in range(40)]})
    assert (scores.task, scores.columns["label"]) == ("regression", "score")
    records = [{"text": t, "labels": [y, "x"]} for t, y in zip(LONG, LABELS, strict=True)]
    keyed = Layout(
        format="json", confidence=1.0, columns=("text", "labels"), records=records, options={"is_keyed": True}
    )
    assert "a list of labels in a cell" in interpret(keyed, {})[0].evidence


@pytest.mark.parametrize(
    ("values", "separator"),
    [
        (["a|b", "a", "b", "b|a"], "|"),
        (["x,y", "x", "y", "z", "x,z"], ","),
        (["喜、怒", "喜", "怒", "怒、喜"], "、"),
        (["yes, sir", "no, sir", "oh"], ""),
        (["a|b", "a", "b"], ""),
        (["a", "b"], ""),
        ([None, 1, "a"], ""),
    ],
)
def test_several_labels_in_a_cell_are_labels_elsewhere_too(values: list[Any], separator: str) -> None:
    found = several.joined(several.values_of(layout({1: values}), 1))
    assert (found.separator if found and found.sureness > 0 else "") == separator


def test_text_alone_is_surer_than_text_beside_other_columns() -> None:
    def score(columns: dict[Any, list[Any]], **fixed: Column) -> float:
        return next(m.score for m in interpret(layout(columns), fixed) if m.task == "language-modeling")

    counter = [str(i) for i in range(40)]
    assert score({1: LONG}) == score({1: counter, 2: LONG}) == TEXT_ALONE
    assert score({1: LABELS, 2: LONG}) == TEXT_AMONG_OTHERS
    assert score({1: LABELS, 2: LONG}, text=2) == TEXT_NAMED


def test_fit_weighs_names_against_content() -> None:
    place, known, unknown, other = (of_values(c, LONG) for c in (1, "text", "zzz", "label"))
    assert fit("text", place, 0.8) == 0.8
    assert fit("text", known, 0.5) == pytest.approx(0.6 + 0.4 * 0.5)
    assert fit("text", unknown, 0.5) == pytest.approx(0.45)
    assert fit("text", other, 0.5) == pytest.approx(0.2)


def test_a_name_comes_first_unless_its_content_belies_it() -> None:
    named, longer, empty = of_values("text", SHORT), of_values("zzz", LONG), of_values("text", ["1"] * 40)
    assert [f.column for _, f in ranked("text", [longer, named], {}, lambda f: f.textness)] == ["text", "zzz"]
    assert [f.column for _, f in ranked("text", [longer, empty], {}, lambda f: f.textness)] == ["zzz", "text"]
    assert ranked("text", [of_values("text", [None]), of_values("t", [{"a": 1}])], {}, lambda f: f.textness) == []
