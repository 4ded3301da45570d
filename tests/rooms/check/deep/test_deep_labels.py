"""Wrong labels that were planted are found; equal texts never judge one another; tags by what the others say."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tunesmith.artifacts import Health, Match, Reading
from tunesmith.rooms.check import Features, FeaturesFor, check
from tunesmith.rooms.check.deep import rows as rows_module
from tunesmith.rooms.check.deep.features import Progress, Tuned, UntunedError, silent
from tunesmith.rooms.check.deep.heads import View, mixed, views
from tunesmith.rooms.check.deep.judge import judge
from tunesmith.rooms.check.deep.rows import Labelled, dealt, labelled
from tunesmith.rooms.check.deep.wrong_labels import confident, doubts, out_of_fold, suspects
from tunesmith.rooms.check.survey import survey

MakeReading = Callable[..., Reading]
GRAMS = Features(name="none", key="grams", because="no model", compute=None)


def made(n: int = 400, classes: int = 3, *, seed: int = 1) -> tuple[Labelled, View, np.ndarray[Any, Any]]:
    """Separable rows of which 10% carry another class's label, and where those are."""
    random = np.random.default_rng(seed)
    truth = np.arange(n) % classes
    matrix = (np.eye(classes)[truth] + random.normal(0, 0.3, (n, classes))).astype(np.float32)
    wrong = random.choice(n, n // 10, replace=False)
    y = truth.copy()
    y[wrong] = (y[wrong] + random.integers(1, classes, wrong.size)) % classes
    rows = Labelled(
        split="train",
        places=np.arange(n),
        texts=[str(i) for i in range(n)],
        y=y,
        names=tuple("abc"[:classes]),
        group=np.arange(n),
        of=n,
    )
    return rows, View(name="made", matrix=matrix, strengths=(1.0, 10.0)), wrong


@pytest.mark.parametrize("classes", [2, 3])
def test_planted_labels_are_ranked_first(classes: int) -> None:
    rows, view, wrong = made(classes=classes)
    answers = out_of_fold(view, rows, lambda share: None)
    order, doubt, likely = suspects(answers, rows.y)
    assert np.isin(order[: wrong.size], wrong).mean() > 0.9
    assert np.isin(wrong, order).mean() > 0.75
    assert (np.diff(doubt) <= 0).all() and (likely != rows.y[order]).all()


def test_clean_labels_raise_few_doubts() -> None:
    rows, view, _ = made()
    truth = np.arange(len(rows)) % 3
    order, _, _ = suspects(out_of_fold(view, replace(rows, y=truth), lambda share: None), truth)
    assert order.size < 0.03 * len(rows)


def test_a_threshold_is_the_mean_confidence_of_the_class() -> None:
    answers = np.array([[0.9, 0.1], [0.7, 0.3], [0.55, 0.45], [0.2, 0.8], [0.15, 0.85], [0.5, 0.5]])
    y = np.array([0, 0, 1, 1, 1, 1])
    # Thresholds: class 0 (0.9 + 0.7) / 2 = 0.8, class 1 (0.45 + 0.8 + 0.85 + 0.5) / 4 = 0.65.
    assert not confident(answers, y).any()
    assert confident(answers, np.array([1, 0, 1, 1, 1, 0])).tolist() == [True, False, False, False, False, False]
    doubt, likely = doubts(answers, y)
    assert doubt == pytest.approx([-0.8, -0.4, 0.1, -0.6, -0.7, 0.0])
    assert likely.tolist() == [1, 1, 0, 0, 0, 0]


def test_equal_texts_stay_in_one_fold_and_classes_are_spread() -> None:
    rows, _, _ = made(n=100, classes=2)
    twins = replace(rows, group=np.arange(100) // 4)
    fold = dealt(twins, 5, seed=3)
    assert all(np.unique(fold[twins.group == g]).size == 1 for g in range(25))
    apart = dealt(rows, 5, seed=3)
    counts = np.array([[np.sum((apart == k) & (rows.y == c)) for c in range(2)] for k in range(5)])
    assert counts.max(0).tolist() == (counts.min(0) + np.array([1, 1])).tolist() or (np.ptp(counts, axis=0) <= 1).all()
    assert (apart != dealt(rows, 5, seed=4)).any()


def test_a_mixture_is_sure_where_its_parts_agree() -> None:
    one, other = np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([[0.8, 0.2], [0.1, 0.9]])
    found = mixed([one, other])
    assert found.sum(1) == pytest.approx([1.0, 1.0])
    assert found[0, 0] > 0.8
    assert found[1] == pytest.approx([0.5, 0.5])


# ---------------------------------------------------------------- through the door

GOOD, BAD = ("fine", "lovely", "great", "superb"), ("awful", "broken", "rude", "dirty")
WRONG = (10, 33, 57, 101, 128)


def reviews(n: int = 240) -> list[dict[str, Any]]:
    made = []
    for i in range(n):
        words, label = (GOOD, "good") if i % 2 else (BAD, "bad")
        if i in WRONG:
            label = {"good": "bad", "bad": "good"}[label]
        made.append({"text": f"it was {words[i % 4]} and {words[(i // 4) % 4]} on day {i % 31}", "label": label})
    return [*made, {"text": "nobody knows", "label": None}]


def test_suspects_and_curve_are_told_with_all_that_they_rest_on(make_reading: MakeReading) -> None:
    deep = check(make_reading("text-classification", {"train": reviews()}), features=GRAMS)
    (finding,) = [finding for finding in deep.findings if finding.code == "wrong-labels"]
    assert {suspect.row.line - 1 for suspect in deep.suspects[:5]} == set(WRONG)
    assert {(suspect.given, suspect.likely) for suspect in deep.suspects} == {("good", "bad"), ("bad", "good")}
    assert finding.count == len(deep.suspects)
    assert [row.line for row in finding.rows] == [suspect.row.line for suspect in deep.suspects[:5]]
    assert "as no model at hand knows the texts" in finding.message
    # 235 of 240 labels are right, and the reviews are easy.
    assert "The judgement agrees with 98% of all labels" in finding.message
    assert deep.curve is not None
    assert [point.rows for point in deep.curve.points] == [24, 48, 96, 192]
    assert (deep.curve.full.rows, deep.curve.twice.rows) == (240, 480)
    (finding,) = [finding for finding in deep.findings if finding.code == "learning-curve"]
    assert "Twice as many rows (480) would bring about" in finding.message
    assert Health.model_validate_json(deep.model_dump_json()) == deep


def test_without_features_nothing_slow_is_done(make_reading: MakeReading) -> None:
    health = check(make_reading("text-classification", {"train": reviews()}))
    assert (health.suspects, health.curve) == ((), None)


def test_a_model_that_does_not_know_the_texts_is_left_out(make_reading: MakeReading) -> None:
    def refuse(texts: Sequence[str], told: Callable[[float], None]) -> Any:
        raise AssertionError("asked for features")

    seen = survey(make_reading("text-classification", {"train": reviews()}), {})
    numbers = {
        "rows": 1,
        "unknown_share": 1.0,
        "byte_share": 0.0,
        "tokens_per_character": 1.0,
        "tokens_per_word": 1.0,
        "own_tokens_per_word": 1.0,
        "scripts": {},
        "known_scripts": {},
        "window": 9,
    }
    poor = Match(model="m", grade="poor", because="all unknown", **numbers)
    found = judge(seen, replace(GRAMS, compute=refuse), poor, silent)
    assert found.suspects
    with pytest.raises(AssertionError, match="asked for features"):
        judge(seen, replace(GRAMS, compute=refuse), poor.model_copy(update={"grade": "fair"}), silent)


def test_a_tuned_model_has_a_say_beside_the_heads(make_reading: MakeReading) -> None:
    asked: list[Any] = []

    def judge(sureness: float) -> Features:
        def answer(texts: Sequence[str], y: np.ndarray[Any, Any], part: np.ndarray[Any, Any], told: Progress) -> Any:
            asked.append((texts, part))
            return np.where(np.eye(2)[y] == 1, sureness, 1 - sureness)

        return replace(GRAMS, key=f"{sureness}", name="m", tuned=Tuned(parts=3, answer=answer))

    reading = make_reading("text-classification", {"train": reviews()})
    undecided = check(reading, features=judge(0.5))
    assert {suspect.row.line - 1 for suspect in undecided.suspects[:5]} == set(WRONG)
    (finding,) = [finding for finding in undecided.findings if finding.code == "wrong-labels"]
    assert "and by m tuned on other rows; no judge had seen the row" in finding.message
    # One that is sure of every label that was given speaks the heads' suspects free.
    assert check(reading, features=judge(1.0)).suspects == ()
    texts, part = asked[0]
    assert len(texts) == part.size == 240 and sorted(set(part)) == [0, 1, 2]
    assert all(len({part[at] for at in range(240) if texts[at] == text}) == 1 for text in texts)


def test_without_a_tuned_model_the_heads_judge_and_it_is_said_why(make_reading: MakeReading) -> None:
    def refuse(*_: object) -> Any:
        raise UntunedError("too many texts")

    reading = make_reading("text-classification", {"train": reviews()})
    refused = check(reading, features=replace(GRAMS, key="r", name="m", tuned=Tuned(parts=3, answer=refuse)))
    plain = check(reading, features=GRAMS)
    (finding,) = [finding for finding in refused.findings if finding.code == "wrong-labels"]
    assert "m was not tuned for it (too many texts)" in finding.message
    assert refused.suspects == plain.suspects != ()


def test_the_texts_choose_the_features_and_progress_is_told(make_reading: MakeReading) -> None:
    told: list[tuple[str, float]] = []

    def compute(texts: Sequence[str], tell: Callable[[float], None]) -> Any:
        tell(0.5)
        return np.array([[float("fine" in text or "great" in text), len(text)] for text in texts], np.float32)

    later = FeaturesFor(key="k", make=lambda facts: replace(GRAMS, compute=compute, name=f"of {facts.rows}"))
    health = check(
        make_reading("text-classification", {"train": reviews()}), features=later, progress=lambda *at: told.append(at)
    )
    assert health.curve is not None and health.curve.model == "characters + words + of 241"
    (finding,) = [finding for finding in health.findings if finding.code == "learning-curve"]
    assert "by a linear model on characters, words, the frozen features of of 241" in finding.message
    assert ("features of 240 texts", 0.5) in told
    assert told[-1] == ("measuring what more data brings", 1.0)


def test_many_rows_are_sampled_and_it_is_said(make_reading: MakeReading, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = make_reading("text-classification", {"train": reviews()})
    rows = labelled(reading, "train", most=100)
    assert rows is not None and (len(rows), rows.of) == (100, 240)
    assert rows.places.max() > 200
    monkeypatch.setattr(rows_module, "DEEP_ROWS", 100)
    assert [reviews()[place]["text"] for place in rows.places] == rows.texts
    assert [reviews()[place]["label"] for place in rows.places] == [rows.names[k] for k in rows.y]


@pytest.mark.parametrize(
    ("task", "rows"),
    [
        ("text-classification", reviews(20)),
        ("text-classification", [{"text": f"t{i}", "label": "one"} for i in range(99)]),
        ("language-modeling", [{"text": f"line {i}"} for i in range(99)]),
        ("image-classification", [{"path": f"{i}.png", "label": str(i % 2)} for i in range(99)]),
    ],
    ids=["few", "one class", "no label", "no text"],
)
def test_where_there_is_nothing_to_doubt(make_reading: MakeReading, task: str, rows: list[dict[str, Any]]) -> None:
    health = check(make_reading(task, {"train": rows}), features=GRAMS)
    assert (health.suspects, health.curve) == ((), None)


def test_texts_without_a_common_run_do_not_end_it() -> None:
    found = views(["a", "b", "c"], GRAMS, lambda share: None)
    assert [view.matrix.shape for view in found] == [(3, 1), (3, 1)]


def test_an_entity_of_another_type_than_elsewhere(make_reading: MakeReading) -> None:
    def sentence(kind: str) -> dict[str, Any]:
        return {"tokens": ["in", "New", "York"], "tags": ["O", f"B-{kind}", f"I-{kind}"]}

    train = [*(sentence("LOC") for _ in range(9)), sentence("ORG"), {"tokens": ["Bo"], "tags": ["B-PER"]}]
    health = check(make_reading("token-classification", {"train": train}), features=GRAMS)
    (suspect,) = health.suspects
    assert (suspect.given, suspect.likely, suspect.span, suspect.row.line) == ("ORG", "LOC", "New York", 10)
    assert suspect.doubt == pytest.approx(0.8)
    (finding,) = [finding for finding in health.findings if finding.code == "odd-types"]
    assert "A weak sign" in finding.message
