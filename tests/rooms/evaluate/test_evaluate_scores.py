"""Scores by hand, the worst errors with file and line, unlabelled rows noted, one path for dev, test and predict."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from made_facts import plan, prepared

from tunesmith.artifacts import Evaluation, SplitFile
from tunesmith.errors import DataError
from tunesmith.metrics.sheet import Resampling
from tunesmith.models import saving, scratch
from tunesmith.models.inference import Batching, infer
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.evaluate import Held, evaluate, predict, scorer, subject
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.settings import EvaluateSettings
from tunesmith.tasks.encoded import Encoded

Maker = Callable[..., Any]
SETTINGS = EvaluateSettings(bootstrap_samples=200, batch_tokens=64)

ROWS = [
    ("24 5 5", "neg"),  # wrong, 0.731
    ("36 9", "pos"),  # right
    ("36 7", "neg"),  # wrong, 0.982
    ("4 7", "pos"),  # wrong, 0.982: as sure as the row before
    ("10", "neg"),  # right
    ("28 6 6 6", None),
    ("40 1 1", "pos"),  # right
]
WORDS = ("O", "B-PER", "I-PER")


def scored(case: Any, most_rows: int | None = None, keep: Path | None = None, **changes: Any) -> Evaluation:
    settings = SETTINGS.model_copy(update=changes)
    held = Held(encoded=case.encoded, raw=case.raw, sources=case.sources, most_rows=most_rows, keep=keep)
    return evaluate(case.subject, held, settings=settings, run="runs/x", split="test")


def sure(strength: float) -> float:
    return 1 / (1 + math.exp(-strength))


def some_texts(count: int) -> list[tuple[str, str]]:
    draw = np.random.default_rng(4)
    return [
        (" ".join(map(str, draw.integers(4, 60, size=draw.integers(1, 20)))), "neg" if at % 3 else "pos")
        for at in range(count)
    ]


def some_sentences(count: int) -> list[tuple[list[str], list[str]]]:
    draw = np.random.default_rng(4)
    found = []
    for _ in range(count):
        words = [str(word) for word in draw.integers(4, 60, size=draw.integers(1, 12))]
        found.append((words, [WORDS[int(word) % 3] for word in words]))
    return found


# ---------------------------------------------------------------- evaluate


def test_the_scores_are_those_counted_by_hand(case: Maker) -> None:
    found = scored(case(ROWS))
    assert (found.rows, found.main, found.split, found.run) == (6, "f1_macro", "test", "runs/x")
    assert found.metrics["accuracy"].value == pytest.approx(3 / 6)
    assert found.confusion_labels == ("neg", "pos")
    assert found.confusion == ((1, 2), (1, 2))
    assert {name: one.support for name, one in found.per_class.items()} == {"neg": 3, "pos": 3}
    assert found.per_class["pos"].precision.value == pytest.approx(2 / 4)
    for one in found.metrics.values():
        assert one.low <= one.value <= one.high


def test_the_seed_moves_intervals_and_never_values(case: Maker, bert: Maker) -> None:
    made = case(some_texts(60), model=bert(2))
    first, again, other = (scored(made, seed=seed).metrics for seed in (1, 1, 2))
    assert first == again != other
    assert {name: one.value for name, one in first.items()} == {name: one.value for name, one in other.items()}


def test_the_surest_errors_come_first_with_file_and_line(case: Maker) -> None:
    found = [(one.path, one.line, one.text, one.truth, one.answer) for one in scored(case(ROWS)).mistakes]
    assert found == [
        ("a.tsv", 12, "36 7", "neg", "pos"),
        ("b.tsv", 12, "4 7", "pos", "neg"),
        ("a.tsv", 11, "24 5 5", "neg", "pos"),
    ]
    confidences = [one.confidence for one in scored(case(ROWS)).mistakes]
    assert confidences == pytest.approx([sure(4), sure(4), sure(1)], rel=1e-5)


def test_of_many_errors_the_surest_hundred_are_listed(case: Maker) -> None:
    # Strengths go up and down, so that neither the first nor the last rows are the surest.
    firsts = [21 + (37 * at) % 131 for at in range(131)]
    found = scored(case([(str(first), "neg") for first in firsts] + [("36", "pos")])).mistakes
    assert len(found) == 100
    wanted = sorted((sure((first - 20) / 4) for first in firsts), reverse=True)[:100]
    assert [one.confidence for one in found] == pytest.approx(wanted, rel=1e-5)
    assert found == tuple(sorted(found, key=lambda one: -one.confidence))


def test_unlabelled_rows_are_noted_and_not_scored(case: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scored(case(ROWS))
    assert found.notes[:-1] == ("1 row without a label not scored",) and found.notes[-1].startswith("≈ the intervals")
    assert "28 6 6 6" not in {one.text for one in found.mistakes}
    labelled = scored(case([row for row in ROWS if row[1] is not None]))
    assert labelled.notes == found.notes[1:]
    assert labelled.metrics == found.metrics
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert scored(case([*ROWS, ("5", None)])).notes[0] == "2 行没有标签，未计分"


def test_a_sample_is_drawn_by_seed_not_from_the_top_and_says_so(case: Maker) -> None:
    made = case([(str(20 + at % 30), "pos") for at in range(60)])
    found = [scored(made, most_rows=20, seed=seed) for seed in (1, 1, 2)]
    assert [one.rows for one in found] == [20] * 3
    assert "scored on a sample: 20 of 60 rows; for all of them: tunesmith test RUN" in found[0].notes
    assert found[0].metrics == found[1].metrics
    lines = [sorted(mistake.line for mistake in one.mistakes) for one in found]
    assert lines[0] == lines[1] != lines[2]
    everything = scored(made, most_rows=60)
    assert not any("sample" in note for note in everything.notes)
    # A label without a row makes means over labels rough, and it is said beside them.
    assert everything.rough == ("f1_macro", "precision_macro", "recall_macro", "mcc")
    assert "≈ the intervals of f1_macro, precision_macro, recall_macro, mcc are rough" in everything.notes[-1]
    assert everything.metrics == scored(made).metrics


def test_unlabelled_rows_of_a_sample_are_counted_in_it(case: Maker) -> None:
    found = scored(case([("24", "pos"), *[("5", None)] * 9]), most_rows=8, seed=3)
    assert found.rows == 1
    assert found.notes[1] == "7 rows without a label not scored"


def test_without_any_label_there_is_nothing_to_score(case: Maker) -> None:
    with pytest.raises(DataError, match=r"rows with labels(.|\n)*Where: a\.tsv, b\.tsv\n(.|\n)*tunesmith predict"):
        scored(case([("5", None), ("6", None)]))


def test_a_tagged_sentence_names_the_words_that_went_wrong(case: Maker, bert: Maker) -> None:
    rows = some_sentences(12)
    made = case(rows, model=bert(3, of_tokens=True), labels=WORDS, task="token-classification")
    found = scored(made)
    assert (found.rows, found.main) == (12, "f1_micro")
    answers = {(at, line): answer["tags"] for at, line, answer in predictions(made)}
    assert found.mistakes
    for one in found.mistakes:
        place = ("a.tsv", "b.tsv").index(one.path)
        words, tags = rows[2 * (one.line - 11) + place]
        came = answers[place, one.line]
        wrong = [at for at in range(len(words)) if tags[at] != came[at]]
        assert one.text == " ".join(words)
        assert one.truth == " ".join(f"{words[at]}/{tags[at]}" for at in wrong)
        assert one.answer == " ".join(f"{words[at]}/{came[at]}" for at in wrong)


# ---------------------------------------------------------------- one path


def predictions(case: Any) -> list[tuple[int, int, dict[str, Any]]]:
    return list(predict(case.subject, case.encoded, raw=case.raw, sources=case.sources, settings=SETTINGS))


def test_predictions_are_what_was_scored(case: Maker, bert: Maker) -> None:
    rows = some_texts(40)
    made = case(rows, model=bert(2))
    found, answers = scored(made), predictions(made)
    right = [answer["label"] == label for (_, label), (_, _, answer) in zip(rows, answers, strict=True)]
    assert 0 < sum(right) < 40
    assert found.metrics["accuracy"].value == pytest.approx(sum(right) / 40)
    by_place = {(("a.tsv", "b.tsv")[at], line): answer for at, line, answer in answers}
    assert len(found.mistakes) == 40 - sum(right)
    for one in found.mistakes:
        answer = by_place[one.path, one.line]
        assert answer["label"] == one.answer
        assert answer["scores"][one.answer] == pytest.approx(one.confidence, abs=1e-6)


def test_every_row_is_predicted_in_order_labelled_or_not(case: Maker) -> None:
    found = predictions(case(ROWS))
    assert [(at, line) for at, line, _ in found] == [(row % 2, 11 + row // 2) for row in range(len(ROWS))]
    assert [answer["label"] for *_, answer in found] == ["pos", "pos", "pos", "neg", "neg", "pos", "pos"]
    assert found[5][2]["scores"] == {"neg": round(1 - sure(2), 6), "pos": round(sure(2), 6)}


@pytest.mark.parametrize("split", ["dev", "test"])
def test_the_loops_score_is_the_final_score(split: str, case: Maker, bert: Maker) -> None:
    made = case(some_texts(40), model=bert(2))
    files = {split: SplitFile(path=str(made.encoded), rows=40)}
    data = prepared(["neg", "pos"], 1, 1, 1, splits=files, template=made.subject.template)
    values = scorer(plan(), data, split=split)(made.subject.model).values
    assert values == {name: pytest.approx(one.value) for name, one in scored(made).metrics.items()}


def test_the_loop_scores_the_same_sample_each_time(case: Maker, bert: Maker) -> None:
    made = case(some_texts(40), model=bert(2))
    files = {"dev": SplitFile(path=str(made.encoded), rows=40)}
    data = prepared(["neg", "pos"], 1, 1, 1, splits=files, template=made.subject.template)
    whole = plan()
    settings = whole.settings.model_copy(update={"evaluate": EvaluateSettings(most_rows=15)})
    sampled = whole.model_copy(update={"settings": settings})
    first, second = (scorer(sampled, data)(made.subject.model).values for _ in range(2))
    assert first == second != scorer(whole, data)(made.subject.model).values
    assert first["accuracy"] * 15 == pytest.approx(round(first["accuracy"] * 15))


def test_rows_are_found_over_all_record_batches(case: Maker) -> None:
    made = case(ROWS)
    rows = RawRows(made.raw, made.sources)
    assert len(rows) == 7
    assert rows.columns(4) == {"text": "10", "label": "neg", "source": 0, "line": 13}
    assert [rows.origin(row) for row in (0, 3, 6)] == [("a.tsv", 11), ("b.tsv", 12), ("a.tsv", 14)]


# ---------------------------------------------------------------- from a folder


def test_a_saved_model_answers_as_before_and_keeps_the_order_of_its_labels(
    case: Maker, bert: Maker, tmp_path: Path
) -> None:
    folder = tmp_path / "tokenizer"
    words = " ".join(map(str, range(100)))
    scratch.train_tokenizer([words] * 3, vocabulary=300, folder=folder, is_cjk=False, seed=1)
    # Twelve names: sorted as text, 10 would come before 9.
    names = [f"label {at}" for at in range(12)]
    model = bert(12, entries=300, names=names).eval()
    saving.save(model, folder, tmp_path / "model", card="")
    found = subject(tmp_path / "model", plan())
    assert found.labels == tuple(names)
    assert found.max_length == 64
    assert (found.template.prefix, found.template.has_types) == ((2,), True)
    batching = Batching(task=found.task, template=found.template, max_length=64, tokens=64)
    made = case([(str(at), names[at % 12]) for at in range(24)], labels=found.labels)
    for (row, old), (_, new) in zip(
        infer(model, Encoded(made.encoded), batching), infer(found.model, Encoded(made.encoded), batching), strict=True
    ):
        np.testing.assert_allclose(new, old, atol=1e-6, err_msg=str(row))
    # Its own tokenizer, not the one that the rows of this test were made with.
    ids = found.encoder(pa.array(["12 7", ""])).to_pylist()
    assert ids[1] == [] and len(ids[0]) >= 2


def test_the_answers_that_are_kept_give_the_same_scores_without_the_model(case: Maker, tmp_path: Path) -> None:
    made = case(ROWS)
    found = scored(made, keep=tmp_path / "outcomes.arrow")
    kept = Outcomes.load(tmp_path / "outcomes.arrow")
    again = made.subject.task.judge(kept.truths, kept.answers, kept.labels, Resampling(samples=0))
    assert again.values() == {name: one.value for name, one in found.metrics.items()}
    places = [("a.tsv", 11), ("b.tsv", 11), ("a.tsv", 12), ("b.tsv", 12), ("a.tsv", 13), ("a.tsv", 14)]
    assert list(zip(kept.paths, kept.lines, strict=True)) == places
    assert len(set(kept.keys)) == 6
