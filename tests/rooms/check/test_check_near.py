"""Near duplicates and near leakage: what is found, what exact checks already say, what is no fault."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tunesmith.artifacts import Finding, Reading
from tunesmith.rooms.check import alike, check
from tunesmith.rooms.check.positions import positions
from tunesmith.rooms.read import read

Find = Callable[..., dict[str, Finding]]
MakeReading = Callable[..., Reading]

NAMES = ("lamp", "river", "engine", "garden", "violin", "carpet", "window", "planet", "harbour", "pencil")
DEEDS = ("repairs", "paints", "loses", "sells", "borrows", "praises", "forgets", "cleans", "hides", "studies")


def rows(*texts: str, label: str = "a") -> list[dict[str, Any]]:
    return [{"text": text, "label": label} for text in texts]


def stories(count: int, seed: int = 0) -> list[dict[str, Any]]:
    draw = Random(seed)
    return [
        {"text": " ".join(draw.choice(NAMES) + draw.choice(DEEDS) for _ in range(12)), "label": "ab"[at % 2]}
        for at in range(count)
    ]


STAY = "the lamp near the harbour was painted twice before the violin arrived"


def test_a_word_less_is_near_and_an_exact_copy_is_not_told_again(find: Find, make_reading: MakeReading) -> None:
    train = [*rows(STAY), *stories(300), *rows(STAY, STAY.replace("twice ", ""), STAY.upper() + "!")]
    found = find("text-classification", {"train": train})
    assert (found["duplicates"].count, found["near-duplicates"].count) == (1, 2)
    assert [row.line for row in found["near-duplicates"].rows] == [303, 304]
    assert found["near-duplicates"].severity == "note"
    reading = make_reading("text-classification", {"train": train})
    assert positions(reading, "near-duplicates")["train"].tolist() == [302, 303]


def test_another_label_makes_another_text_and_numbers_count(find: Find) -> None:
    train = [*rows(STAY), *stories(300), *rows(STAY.replace("twice ", ""), label="b")]
    assert "near-duplicates" not in find("text-classification", {"train": train})
    train = [*stories(300), *rows(f"{STAY} in room 11", f"{STAY} in room 12")]
    assert "near-duplicates" not in find("text-classification", {"train": train})


def test_many_are_a_warning(find: Find) -> None:
    train = stories(200)
    train += [{**row, "text": row["text"].rpartition(" ")[0]} for row in train[:20]]
    found = find("text-classification", {"train": train})["near-duplicates"]
    assert (found.severity, found.count) == ("warning", 20)


def test_rows_that_leak_with_a_word_changed(find: Find) -> None:
    test = [*stories(60, seed=9), *rows(STAY, STAY.replace("twice ", ""))]
    found = find("text-classification", {"train": [*stories(300), *rows(STAY)], "test": test})
    assert found["leakage"].count == 1
    near = found["near-leakage"]
    assert (near.count, near.severity, near.rows[0].line) == (1, "warning", 62)
    assert "train/test 1" in near.message


def test_a_sentence_with_another_word_is_near_whatever_its_tags(find: Find) -> None:
    words = STAY.split()
    tagged = [
        {"tokens": words, "tags": ["O"] * len(words)},
        {"tokens": words[1:], "tags": ["O"] * len(words[1:])},
        *({"tokens": row["text"].split(), "tags": ["O"] * 12} for row in stories(50)),
    ]
    assert find("token-classification", {"train": tagged})["near-duplicates"].count == 1


def test_short_lines_of_running_text_may_recur(find: Find) -> None:
    lines = [{"text": row["text"]} for row in stories(100)]
    train = [*lines, {"text": "First Citizen, all:"}, {"text": "first citizen: All."}]
    assert "near-duplicates" not in find("language-modeling", {"train": train})


def test_rows_beyond_the_bound_are_said_not_to_be_compared(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "MOST_ROWS", 100)
    monkeypatch.setattr("tunesmith.rooms.check.near.MOST_ROWS", 100)
    train = [*stories(110), *rows(STAY, STAY.upper() + "!")]
    found = find("text-classification", {"train": train})["near-duplicates"]
    assert (found.count, found.severity, found.rows) == (12, "note", ())
    assert "first 100 rows" in found.message


def test_pictures_have_no_texts_to_compare(find: Find, tmp_path: Path) -> None:
    pictures = [{"path": str(tmp_path / f"{at}.png"), "label": "ab"[at % 2]} for at in range(20)]
    assert "near-duplicates" not in find("image-classification", {"train": pictures})


def test_real_questions_and_titles(shared_data: Path) -> None:
    trec = {finding.code: finding for finding in check(read([shared_data / "en_cls_trec"])).findings}
    # All were read: 54 say the same question again, 4 ask for another thing with the same rare words.
    assert 40 <= trec["near-duplicates"].count <= 70
    titles = {finding.code: finding for finding in check(read([shared_data / "zh_cls_thucnews_titles"])).findings}
    assert "near-duplicates" not in titles or titles["near-duplicates"].severity == "note"
