"""Signs that give a label away are told; words that are reasons are not."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tunesmith.artifacts import Finding
from tunesmith.likeness.tokens import spans, words
from tunesmith.rooms.check import check
from tunesmith.rooms.read import read

Find = Callable[..., dict[str, Finding]]

PLAIN = (
    "room",
    "staff",
    "street",
    "meal",
    "garden",
    "ticket",
    "window",
    "story",
    "driver",
    "evening",
    "music",
    "price",
)
REASONS = {"good": ("lovely", "kind", "fresh", "superb", "warm"), "bad": ("rude", "dirty", "stale", "awful", "cold")}


def reviews(
    count: int, trace: Callable[[str, str, Random], str] = lambda text, label, draw: text
) -> list[dict[str, Any]]:
    """Texts of which the label shows in one of five words; ``trace`` may add to them."""
    draw, found = Random(0), []
    for at in range(count):
        label = ("good", "bad")[at % 2]
        other = ("bad", "good")[at % 2]
        # One in ten says the opposite, as people do.
        reason = draw.choice(REASONS[other if draw.random() < 0.1 else label])
        text = " ".join([*draw.choices(PLAIN, k=draw.randint(5, 9)), reason, *draw.choices(PLAIN, k=3)])
        found.append({"text": trace(text, label, draw), "label": label})
    return found


def test_honest_words_are_no_shortcut(find: Find) -> None:
    assert "shortcuts" not in find("text-classification", {"train": reviews(2_000)})


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (lambda text, label, draw: f"reply {text}" if label == "bad" and draw.random() < 0.7 else text, "with 'reply'"),
        (lambda text, label, draw: f"reply to {text}" if label == "bad" else f"to reply {text}", "with 'reply to'"),
        (lambda text, label, draw: text + "!" if label == "bad" else text, "'!'"),
        (lambda text, label, draw: text + "." if label == "good" else text, "'.'"),
        (lambda text, label, draw: text.upper() if label == "bad" else text, "all in capitals"),
        (lambda text, label, draw: text[:30] if label == "bad" else text, "characters"),
    ],
)
def test_traces_are_told(find: Find, trace: Callable[[str, str, Random], str], told: str) -> None:
    found = find("text-classification", {"train": reviews(600, trace)})["shortcuts"]
    assert found.severity == "warning"
    assert told in found.message
    assert len(found.rows) == 5


def test_a_rule_for_part_of_a_class_is_noted_and_for_few_rows_not(find: Find) -> None:
    part = reviews(1_000, lambda text, label, draw: f"re {text}" if label == "bad" and draw.random() < 0.3 else text)
    found = find("text-classification", {"train": part})["shortcuts"]
    assert (found.severity, found.count) == ("note", 1)
    assert "100% 'bad'" in found.message
    few = reviews(1_000, lambda text, label, draw: f"re {text}" if label == "bad" and draw.random() < 0.1 else text)
    assert "shortcuts" not in find("text-classification", {"train": few})


def test_naming_the_larger_class_is_no_rule(find: Find) -> None:
    rows = [{**row, "label": "a" if at % 33 else "b"} for at, row in enumerate(reviews(2_000))]
    assert "shortcuts" not in find("text-classification", {"train": rows})


def test_chinese_words_of_two_characters_are_spelled(find: Find) -> None:
    draw, pool = Random(1), "天地人山水火木金土日月星云风雨花鸟鱼虫草"
    rows = [
        {"text": ("回复" if at % 2 else "") + "".join(draw.choices(pool, k=12)), "label": str(at % 2)}
        for at in range(400)
    ]
    found = find("text-classification", {"train": rows})["shortcuts"]
    assert "100% '1' (200 rows, 100% of the class)" in found.message


def test_rows_without_labels_and_many_classes_do_no_harm(find: Find) -> None:
    rows = [{"text": f"text {at}", "label": None if at % 2 else f"class {at}"} for at in range(500)]
    assert "shortcuts" not in find("text-classification", {"train": rows})


def test_words_and_their_places_are_the_same_number() -> None:
    text = "Hello,  wörld-42 你好。ＡＢＣ\U0001f600x e\u0301té โรง  "
    assert len(spans(text)) == words(pa.array([text])).hashes.size
    assert [text[start:stop] for start, stop in spans(text)][:5] == ["Hello", "wörld", "42", "你", "好"]


def test_real_reviews_are_silent_and_question_words_are_noted(shared_data: Path) -> None:
    for name in ("en_cls_sst2", "zh_cls_waimai_10k"):
        assert "shortcuts" not in {finding.code for finding in check(read([shared_data / name])).findings}
    trec = {finding.code: finding for finding in check(read([shared_data / "en_cls_trec"])).findings}
    assert trec["shortcuts"].severity == "note"
    assert "with 'Who'" in trec["shortcuts"].message
