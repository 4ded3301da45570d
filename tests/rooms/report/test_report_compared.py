"""The page of a comparison: its words follow the findings, it is whole, closed to the outside and in one language."""

from typing import Any

import pytest
from made_depth import between
from test_report_page import CJK, HEADINGS, Page

from tunesmith.artifacts import Comparison, Contender, Difference
from tunesmith.artifacts.comparison import Finding, Setting
from tunesmith.rooms.report import compared
from tunesmith.rooms.report.compared import headline, pairs, ranked

EVIL = "<script>alert(1)</script>"


def contender(name: str, score: float, main: str = "f1_macro", runs: int = 1) -> Contender:
    metrics = {main: between(score - 0.03, score + 0.03), "accuracy": between(score - 0.02, score + 0.02)}
    return Contender(name=name, runs=tuple(f"{name}-{i}" for i in range(runs)), metrics=metrics)


def difference(first: str, second: str, low: float, high: float, finding: Finding, **more: Any) -> Difference:
    values = {"metric": "f1_macro", "p": 0.0004 if finding in {"better", "worse"} else 0.31, "test": "permutation"}
    ahead = between(low, high)
    return Difference(first=first, second=second, interval=ahead, finding=finding, **(values | more))


def comparison(
    *differences: Difference, main: str = "f1_macro", scores: tuple[float, ...] = (0.8, 0.9, 0.7)
) -> Comparison:
    names = ("head", "full", EVIL)
    return Comparison(
        task="text-classification",
        split="test",
        rows=500,
        main=main,
        contenders=tuple(contender(name, score, main, 3) for name, score in zip(names, scores, strict=True)),
        differences=differences,
        settings=(Setting(name="train.method", values=("head", "full", EVIL)),),
        notes=("500 rows in common",),
    )


THREE = (
    difference("head", "full", -0.14, -0.06, "worse"),
    difference("head", EVIL, -0.02, 0.06, "unclear", rows_needed=4100),
    difference("full", EVIL, 0.1, 0.2, "better"),
    difference("full", EVIL, 0.1, 0.2, "better", metric="accuracy"),
)


def test_the_page_is_whole_and_closed_to_the_outside() -> None:
    page = Page(compared(comparison(*THREE)))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "form"})
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) and {link["href"] for link in page.named("a")} <= {f"#{name}" for name in ids}
    text = page.text()
    for words in ("head against full", "About 4,100 rows would tell.", "train.method", "500 rows in common", "3 runs"):
        assert words in text
    assert EVIL in text and EVIL not in compared(comparison(*THREE))


def test_the_headline_names_whom_the_best_beats_beyond_chance() -> None:
    assert headline(comparison(*THREE)) == f"full is better in macro F1 than head, {EVIL}."
    close = (difference("head", "full", -0.14, 0.02, "unclear"), *THREE[1:])
    assert headline(comparison(*close)) == f"full is better in macro F1 than {EVIL}; not shown to be better than head."
    none = (difference("head", "full", -0.1, 0.1, "unclear"), difference("full", EVIL, -0.1, 0.1, "alike"))
    assert headline(comparison(*none)) == "None can be called the best in macro F1 with these 500 rows."


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("better", "head is better than full by 10.0 points of macro F1 (8.0 to 12.0)."),
        ("worse", "full is better than head by 10.0 points of macro F1 (8.0 to 12.0)."),
        ("alike", "head and full are as good as equal in macro F1"),
        ("unclear", "Whether head or full is better in macro F1 cannot be told"),
    ],
)
def test_of_one_pair_the_finding_is_the_headline(finding: Finding, words: str) -> None:
    ends = (-0.12, -0.08) if finding == "worse" else (0.08, 0.12)
    assert headline(comparison(difference("head", "full", *ends, finding))).startswith(words)


def test_of_a_loss_the_lower_is_the_better_and_stands_to_the_right() -> None:
    found = comparison(
        difference("head", "full", -0.3, -0.1, "better", metric="loss"), main="loss", scores=(2.0, 2.2, 2.5)
    )  # fmt: skip
    assert [one.name for one in ranked(found)] == ["head", "full", EVIL]
    (pair,) = pairs(found, of_main=True)
    assert pair.ahead == "+0.200" and pair.is_told


def test_the_chinese_page_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    page = Page(compared(comparison(*THREE)))
    left = {words for tag, words in page.words if tag in HEADINGS and not CJK.search(words)}
    assert left <= {"p", "head", "full", EVIL, "train.method", "95.0%"} and page.named("html") == [{"lang": "zh"}]
