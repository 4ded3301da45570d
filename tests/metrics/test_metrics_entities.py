"""entity_scores against seqeval, against examples worked by hand, and its own rules."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval import metrics as seqeval_metrics

from tunesmith.metrics.entities import entity_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet

POINT = Resampling(samples=0)


def score(truths: list[str], answers: list[str], resampling: Resampling = POINT) -> ScoreSheet:
    return entity_scores([t.split() for t in truths], [a.split() for a in answers], resampling=resampling)


def assert_as_seqeval(truths: list[list[str]], answers: list[list[str]]) -> None:
    sheet = entity_scores(truths, answers, resampling=POINT)
    for name, function, average in [
        ("f1_micro", seqeval_metrics.f1_score, "micro"),
        ("precision_micro", seqeval_metrics.precision_score, "micro"),
        ("recall_micro", seqeval_metrics.recall_score, "micro"),
        ("f1_macro", seqeval_metrics.f1_score, "macro"),
    ]:
        expected = function(truths, answers, average=average, zero_division=0)
        assert sheet.metrics[name].value == pytest.approx(expected), name
    assert sheet.metrics["token_accuracy"].value == pytest.approx(seqeval_metrics.accuracy_score(truths, answers))
    report = seqeval_metrics.classification_report(truths, answers, output_dict=True, zero_division=0)
    for name, row in sheet.per_class.items():
        expected_row = report[name]
        assert (row.precision.value, row.recall.value, row.f1.value, row.support) == pytest.approx(
            tuple(expected_row[key] for key in ("precision", "recall", "f1-score", "support"))
        )


TAGS = ["O", "O", *(f"{role}-{type_}" for role in "BIES" for type_ in ("PER", "LOC", "ORG"))]
pair_of_sentences = st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=10)


@given(st.lists(pair_of_sentences, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_agrees_with_seqeval_on_any_sequences(pairs: list[list[tuple[str, str]]]) -> None:
    # One true entity at least: seqeval's report has no rows, and fails, where there are none at all.
    truths = [["B-PER"], *([t for t, _ in sentence] for sentence in pairs)]
    answers = [["O"], *([a for _, a in sentence] for sentence in pairs)]
    assert_as_seqeval(truths, answers)


def test_agrees_with_seqeval_on_thousands_of_noisy_sentences() -> None:
    draw = random.Random(5)
    truths = [[draw.choice(TAGS) for _ in range(draw.randint(1, 15))] for _ in range(3000)]
    answers = [[tag if draw.random() < 0.8 else draw.choice(TAGS) for tag in truth] for truth in truths]
    assert_as_seqeval(truths, answers)


def test_a_page_of_conlleval_worked_by_hand() -> None:
    """5 true entities, 5 found, 3 right: what conlleval prints as 60.00 each."""
    sheet = score(
        ["B-PER I-PER O B-LOC", "I-ORG I-ORG B-ORG O", "O B-LOC O"],
        #  right      right    right ends early: wrong   found twice over: one wrong, one missed
        ["B-PER I-PER O B-LOC", "B-ORG I-ORG I-ORG O", "O I-LOC B-PER"],
    )
    micro = {name: sheet.metrics[f"{name}_micro"].value for name in ("precision", "recall", "f1")}
    assert micro == pytest.approx({"precision": 3 / 5, "recall": 3 / 5, "f1": 3 / 5})
    assert sheet.per_class["ORG"].f1.value == 0.0 and sheet.per_class["ORG"].support == 2
    assert sheet.per_class["PER"].precision.value == 0.5 and sheet.per_class["LOC"].recall.value == 1.0
    assert list(sheet.per_class) == ["LOC", "ORG", "PER"]
    assert sheet.confusion == ()


def test_the_same_tokens_with_another_type_are_not_right() -> None:
    sheet = score(["B-PER I-PER"], ["B-LOC I-LOC"])
    assert sheet.metrics["f1_micro"].value == 0.0
    assert sheet.per_class["LOC"].support == 0 and sheet.per_class["PER"].support == 1


def test_nothing_true_and_nothing_found_scores_zero_entities_but_full_accuracy() -> None:
    sheet = score(["O O"], ["O O"])
    assert sheet.metrics["f1_micro"].value == 0.0 and sheet.metrics["f1_macro"].value == 0.0
    assert sheet.metrics["token_accuracy"].value == 1.0
    assert sheet.per_class == {}


def test_illegal_share_is_judged_in_the_scheme_of_the_truths() -> None:
    answers = ["O I-A I-A B-A", "O O"]
    assert score(["O B-A I-A B-A", "O O"], answers).metrics["illegal_share"].value == pytest.approx(1 / 6)
    assert score(["O I-A I-A B-A", "O O"], answers).metrics["illegal_share"].value == 0.0


def test_an_empty_sentence_counts_nothing() -> None:
    assert score(["B-A O", ""], ["B-A O", ""]).metrics == score(["B-A O"], ["B-A O"]).metrics


def test_grouping_like_sentences_does_not_change_the_values() -> None:
    truths, answers = ["B-A I-A O", "B-A O O"] * 30, ["B-A I-A O", "O O O"] * 30
    with_intervals = score(truths, answers, Resampling(samples=200))
    assert with_intervals.values() == score(truths, answers).values()
    recall = with_intervals.metrics["recall_micro"]
    # 60 sentences of which half are found: binomial, standard error sqrt(0.25 / 60) = 0.065.
    assert (recall.low, recall.high) == pytest.approx((0.5 - 1.96 * 0.065, 0.5 + 1.96 * 0.065), abs=0.04)


def test_refuses_lengths_that_differ() -> None:
    with pytest.raises(ValueError, match="sentence 1 has 2 true tags, but 1 answered ones"):
        score(["O", "O O"], ["O", "O"])
    with pytest.raises(ValueError, match="got 1 and 2"):
        score(["O"], ["O", "O"])
    with pytest.raises(ValueError, match="not none; got 0 and 0"):
        score([], [])
