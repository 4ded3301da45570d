"""Naive Bayes as a judge: counts of other rows alone, and the formula's own figures."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from tunesmith.artifacts import Reading
from tunesmith.rooms.check.deep.bayes import counting
from tunesmith.rooms.check.deep.features import Features
from tunesmith.rooms.check.deep.heads import FLOOR, View, views
from tunesmith.rooms.check.deep.rows import Labelled, dealt, labelled
from tunesmith.rooms.check.deep.wrong_labels import DEALS, FOLDS

MakeReading = Callable[..., Reading]

GRAMS = Features(name="", key="", because="", compute=None)


def given(make_reading: MakeReading, texts: list[str], labels: list[str]) -> tuple[list[View], Labelled]:
    made = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=True)]
    rows = labelled(make_reading("text-classification", {"train": made}), "train")
    assert rows is not None
    return views(rows.texts, GRAMS, lambda share: None), rows


def by_hand(rows: Labelled, at: int, fold: np.ndarray) -> np.ndarray:
    """The shares of the classes of row ``at``, from single words and pairs that stand in two texts or more."""

    def held(text: str) -> set[str]:
        words = text.split()
        return {*words, *map(" ".join, pairwise(words))}

    known = {word for word, count in Counter(word for text in rows.texts for word in held(text)).items() if count > 1}
    logs = []
    for k in range(len(rows.names)):
        others = [text for text, y, part in zip(rows.texts, rows.y, fold, strict=True) if part != fold[at] and y == k]
        counts = Counter(word for text in others for word in held(text) & known)
        total, learned = sum(counts.values()) + len(known), np.count_nonzero(fold != fold[at])
        own = sum(np.log((counts[word] + 1) / total) for word in held(rows.texts[at]) & known)
        logs.append(np.log(len(others) / learned) + own)
    raised = np.exp(np.array(logs) - max(logs))
    return np.asarray(raised / raised.sum())


def test_it_is_the_formula_over_rows_of_other_folds(make_reading: MakeReading) -> None:
    random = np.random.default_rng(0)
    words = {"0": ["fine", "good", "film", "a"], "1": ["dull", "bad", "film", "a"], "2": ["long", "slow", "a", "film"]}
    labels = [str(i % 3) for i in range(45)]
    looked, rows = given(make_reading, [" ".join(random.choice(words[label], 5)) for label in labels], labels)
    found = counting(looked, rows)
    for at in range(0, 45, 7):
        deals = [by_hand(rows, at, dealt(rows, FOLDS, 17 + deal)) for deal in range(DEALS)]
        mean = np.exp(np.mean(np.log(np.array(deals) + FLOOR), 0))
        assert found[at] == pytest.approx(mean / mean.sum(), abs=1e-4)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("a fine film number", "a dull film number"),
        ("\u5f88\u597d\u5403\u7684\u83dc", "\u5f88\u6162\u7684\u5916\u5356"),
    ],
)
def test_rows_that_carry_the_other_label_are_told(make_reading: MakeReading, good: str, bad: str) -> None:
    texts = [f"{(good, bad)[i % 2]} {i}" for i in range(60)]
    labels = [str(i % 2) for i in range(60)]
    labels[10], labels[31] = "1", "0"
    looked, rows = given(make_reading, texts, labels)
    doubted = np.flatnonzero(counting(looked, rows).argmax(1) != rows.y)
    assert doubted.tolist() == [10, 31]


def test_texts_without_a_common_word_are_judged_by_how_many_rows_a_class_has(make_reading: MakeReading) -> None:
    texts = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}{i}" for i in range(50)]
    looked, rows = given(make_reading, texts, ["0"] * 30 + ["1"] * 20)
    assert counting(looked, rows)[:, list(rows.names).index("0")] == pytest.approx(np.full(50, 0.6), abs=0.05)
