"""Facts about a column's values, and how much they look like labels or like texts."""

from typing import Any

import pytest

from tunesmith.rooms.read.facts import PROBE, Facts, facts, of_values
from tunesmith.rooms.read.records import Layout

SENTENCES = [f"The {i}th guest slept well and came back the year after." for i in range(40)]


def of(values: list[Any]) -> Facts:
    return of_values("c", values)


def test_missing_values_do_not_count() -> None:
    found = of(["a", "", None, [], {}, "b"])
    assert (found.count, found.distinct, found.mean_length) == (2, 2, 1.0)


@pytest.mark.parametrize("kept", [0, 0.0, False])
def test_nought_and_false_are_values(kept: object) -> None:
    assert of([kept, None]).count == 1


def test_a_column_of_nothing_is_neither_label_nor_text() -> None:
    found = of([None, "", None])
    assert (found.count, found.labelness, found.textness) == (0, 0.0, 0.02)


@pytest.mark.parametrize(
    ("values", "number", "fraction"),
    [
        (["1", "-2", "+3"], 1.0, 0.0),
        (["1.5", ".5", "2e3", "7"], 1.0, 0.75),
        (["1.2.3", "1,5", "one", "5"], 0.25, 0.0),
        ([1, 2.5], 1.0, 0.5),
    ],
)
def test_numbers_and_fractions(values: list[Any], number: float, fraction: float) -> None:
    found = of(values)
    assert (found.number_share, found.fraction_share) == (number, fraction)


@pytest.mark.parametrize(
    "text",
    ["Where is it", "explain this to me", "It is late?", "几点了\uff1f", "请问怎么走", "你是谁", "他来吗", "那你呢"],
)
def test_what_asks(text: str) -> None:
    assert of([text]).question_share == 1.0


@pytest.mark.parametrize("text", ["Nowhere to go.", "He told me.", "Whatever", "今天很好。"])
def test_what_does_not_ask(text: str) -> None:
    assert of([text]).question_share == 0.0


def test_a_list_of_strings_is_one_text_and_other_lists_are_nested() -> None:
    poem, turns = of([["床前明月光", "疑是地上霜"]] * 3), of([[{"role": "user"}]] * 3)
    assert (poem.list_share, poem.nested_share, poem.mean_length) == (1.0, 0.0, 11.0)
    assert (turns.list_share, turns.nested_share) == (1.0, 1.0)
    assert (turns.labelness, turns.textness) == (0.0, 0.02)


def test_paths_are_known_by_their_ending_whatever_its_case() -> None:
    found = of(["a/b.JPG", "c.png", "d.wav", "a sentence. Another"])
    assert (found.image_share, found.audio_share) == (0.5, 0.25)


def test_a_long_text_that_ends_like_a_picture_is_no_path() -> None:
    assert of(["see " * 100 + "x.png"]).image_share == 0.0


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (["1", "2", "3"], True),
        (["10", "20", "35"], True),
        (["1", "2"], False),
        (["1", "2", "2"], False),
        (["3", "2", "1"], False),
        (["1", "b", "3"], False),
        (["1", "2", "9" * 16], False),
    ],
)
def test_rising_integers_number_the_rows(values: list[str], counts: bool) -> None:
    assert of(values).is_counter is counts


def test_a_counter_is_no_label() -> None:
    assert of([str(i) for i in range(40)]).labelness == 0.0
    assert of([str(i % 4) for i in range(40)]).labelness == 1.0


def test_repetition_makes_labels_and_variety_texts() -> None:
    labels, texts = of(["good", "bad"] * 20), of(SENTENCES)
    assert labels.labelness > 0.9 > labels.textness
    assert texts.textness > 0.9
    assert texts.labelness == 0.0


def test_numbers_are_likelier_labels_than_words() -> None:
    assert of(["0", "1"] * 20).labelness > of(["no", "yes"] * 20).labelness


def test_one_value_alone_is_half_a_label() -> None:
    assert of(["1"] * 40).labelness == pytest.approx(0.5 * of(["0", "1"] * 20).labelness)


def test_scores_are_labels_though_they_hardly_repeat() -> None:
    assert of([f"{i / 7:.3f}" for i in range(1, 41)]).labelness == 0.7


def test_in_few_rows_single_words_may_be_labels_and_questions_may_not() -> None:
    words, asking, sentences = of(["pos", "neg", "pos"]), of(["who?", "why?", "what?"]), of(["it was late"] * 2)
    assert words.labelness > 0.7
    assert asking.labelness < 0.4
    assert sentences.labelness < words.labelness


def test_letters_make_a_text() -> None:
    assert of(["?!", "…", "—"]).textness == 0.0


def layout(records: list[Any], columns: tuple[Any, ...], *, is_keyed: bool) -> Layout:
    return Layout(format="x", confidence=1.0, columns=columns, records=records, options={"is_keyed": is_keyed})


def test_facts_of_cells_by_place_and_of_objects_by_key() -> None:
    cells = facts(layout([["a", "1"], ["b", "2"]], ("word", 2), is_keyed=False))
    objects = facts(layout([{"word": "a", 2: 1}, {"word": "b"}], ("word", 2), is_keyed=True))
    assert cells["word"] == objects["word"]
    assert (cells[2].count, objects[2].count) == (2, 1)


def test_a_file_sorted_by_label_is_probed_to_its_end() -> None:
    records = [["neg"]] * (2 * PROBE) + [["pos"]] * (2 * PROBE)
    found = facts(layout(records, (1,), is_keyed=False))[1]
    assert (found.count, found.distinct) == (PROBE, 2)
