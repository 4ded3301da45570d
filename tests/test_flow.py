"""The whole way, on a small model from scratch: every verb, repeatable, nothing lost."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from made import reviews, sentences, write_reviews, write_sentences
from tunesmith import flow, using
from tunesmith.artifacts import Cleaning, Evaluation, Plan, Prepared, Trained
from tunesmith.errors import DataError, RunError
from tunesmith.rooms.report import Facts
from tunesmith.runs import read_plan
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.tasks import TASKS

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 2,
    "train.threads": 1,
    "evaluate.bootstrap_samples": 100,
}


def quick(**changes: object) -> Settings:
    return changed(Settings(), QUICK | {name.replace("__", "."): value for name, value in changes.items()})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished text-classification run, shared by the tests that only look at it."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        session = flow.start([write_reviews(folder / "reviews.tsv", 120)], quick(), name="shop")
        session.finish()
    return folder / "runs" / "shop"


def weights(run: Path) -> bytes:
    return (run / "model" / "model.safetensors").read_bytes()


def test_a_run_folder_holds_everything(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert {
        "plan.yaml",
        "data",
        "rejects.tsv",
        "steps.jsonl",
        "heartbeat.json",
        "model",
        "evaluation.json",
        "report.html",
    } <= names
    assert {path.suffix for path in (finished / "model").iterdir()} <= {".json", ".safetensors", ".md"}
    trained = Trained.load(finished / "trained.json")
    assert trained.epochs == 2.0
    steps = [json.loads(line) for line in (finished / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [step["step"] for step in steps] == list(range(1, steps[-1]["steps"] + 1))


def test_any_program_loads_the_model_with_its_labels(finished: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(finished / "model").eval()
    tokenizer = AutoTokenizer.from_pretrained(finished / "model")
    assert model.config.id2label == {0: "bad", 1: "good"}
    text = reviews(2)[1][1]
    logits = model(**tokenizer(text, return_tensors="pt")).logits[0]
    (answer,) = using.predict(finished, io.BytesIO(text.encode()))
    assert list(answer["scores"].values()) == pytest.approx(logits.softmax(-1).tolist(), abs=1e-5)


def test_the_report_and_its_facts_are_written(finished: Path) -> None:
    facts = Facts.load(finished / "report.json")
    assert facts.evaluation.rows == 12
    assert facts.plan.settings.train.epochs == 2
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "f1" in (finished / "model" / "README.md").read_text(encoding="utf-8").lower()


def test_scores_are_repeatable_and_on_the_held_out_rows(finished: Path) -> None:
    again = using.test(finished)
    stored = Evaluation.load(finished / "evaluation.json")
    assert again.metrics == stored.metrics
    assert again.rows == stored.rows == 12
    assert stored.metrics["accuracy"].value > 0.8


def test_other_files_can_be_scored(finished: Path, tmp_path: Path) -> None:
    path = write_reviews(tmp_path / "more.tsv", 30)
    found = using.test(finished, [path])
    assert (found.rows, found.split) == (30, "more.tsv")
    assert found.metrics["f1_macro"].low <= found.metrics["f1_macro"].value <= found.metrics["f1_macro"].high
    for mistake in found.mistakes:
        label, text = path.read_text(encoding="utf-8").splitlines()[mistake.line - 1].split("\t")
        assert (mistake.truth, mistake.text) == (label, text)


def test_labels_that_the_model_does_not_know_are_refused(finished: Path, tmp_path: Path) -> None:
    path = tmp_path / "strange.tsv"
    path.write_text(
        "".join(f"{label if at else 'GOOD'}\t{text}\n" for at, (label, text) in enumerate(reviews(30))),
        encoding="utf-8",
    )
    with pytest.raises(DataError, match=r"labels that the model knows: bad, good; got GOOD \(1\)"):
        using.test(finished, [path])


def test_predictions_come_in_input_order_whatever_the_form(finished: Path, tmp_path: Path) -> None:
    texts = [text for _, text in reviews(40)]
    lines = io.BytesIO("\n".join(texts).encode("utf-8"))
    plain = [answer["label"] for answer in using.predict(finished, lines)]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    objects = [answer["label"] for answer in using.predict(finished, path)]
    labelled = [answer["label"] for answer in using.predict(finished, write_reviews(tmp_path / "r.tsv", 40))]
    assert plain == objects == labelled
    assert len(plain) == 40
    assert set(plain) == {"bad", "good"}


def test_a_row_that_cannot_be_used_still_has_its_line(finished: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"text": "a fine room"}\n{"text": ""}\n{"text": "a rude driver"}\n', encoding="utf-8")
    answers = list(using.predict(finished, path))
    assert [answer["line"] for answer in answers] == [1, 2, 3]
    assert "error" in answers[1] and "label" not in answers[1]


def test_a_finished_run_cannot_be_resumed(finished: Path) -> None:
    with pytest.raises(RunError, match="a run that was interrupted; got a finished one"):
        flow.resume(finished)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"a run folder, with a plan.yaml in it"):
        using.test(tmp_path)


def test_the_plan_repeats_the_run_to_the_same_weights(
    finished: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = flow.start(finished / "plan.yaml", name="again")
    again.finish()
    assert weights(here / "runs" / "again") == weights(finished)


def test_a_plan_whose_data_changed_is_refused(here: Path) -> None:
    path = write_reviews(here / "r.tsv", 60)
    session = flow.start([path], quick(), name="first")
    write_reviews(path, 61)
    with pytest.raises(DataError, match="the data that the plan was made for"):
        flow.start(session.run.plan)


def test_stopped_and_resumed_gives_the_same_weights(here: Path) -> None:
    path = write_reviews(here / "r.tsv", 120)
    flow.start([path], quick(), name="whole").finish()
    session = flow.start([path], quick(), name="parted")
    session.stop_is_wanted = True
    with pytest.raises(KeyboardInterrupt):
        session.finish()
    with pytest.raises(RunError, match=r"a finished run(.|\n)*tunesmith resume"):
        using.test(here / "runs" / "parted")
    resumed = flow.resume(here / "runs" / "parted")
    assert resumed.first_step == 1
    resumed.finish()
    assert weights(here / "runs" / "parted") == weights(here / "runs" / "whole")
    steps = [
        json.loads(line)["step"] for line in (here / "runs/parted/steps.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert steps == list(range(1, len(steps) + 1))


def test_tags_in_equal_tags_out(here: Path) -> None:
    session = flow.start([write_sentences(here / "s.conll", 80)], quick(train__epochs=3), name="tags")
    result = session.finish()
    assert result.evaluation.main == "f1_micro"
    assert set(result.evaluation.per_class) == {"LOC", "PER"}
    tokens = [[token for token, _ in sentence] for sentence in sentences(6)] + [["x"] * 700]
    path = here / "new.conll"
    path.write_text("\n\n".join("\n".join(words) for words in tokens) + "\n", encoding="utf-8")
    answers = list(using.predict(here / "runs" / "tags", path))
    assert [answer["tokens"] for answer in answers] == tokens
    assert [len(answer["tags"]) for answer in answers] == [len(words) for words in tokens]


def test_a_toy_task_walks_the_whole_way(here: Path) -> None:
    toy = replace(TASKS.get("text-classification"), name="toy-mood", monitor="accuracy")
    TASKS.add("toy-mood", toy)
    try:
        session = flow.start([write_reviews(here / "r.tsv", 80)], quick(read__task="toy-mood"), name="toy")
        result = session.finish()
        assert result.trained.monitor == result.evaluation.main == "accuracy"
        assert read_plan(session.run.plan).task == "toy-mood"
        assert len(list(using.predict(session.run.folder, io.BytesIO(b"a fine room\n")))) == 1
    finally:
        TASKS.remove("toy-mood")


def test_data_for_a_task_that_cannot_be_trained_says_so(here: Path) -> None:
    reading = flow.read([write_reviews(here / "reviews.tsv", 40)]).model_copy(update={"task": "film-cutting"})
    with pytest.raises(DataError, match="data for film-cutting"):
        flow.plan(reading, quick())


def test_data_of_one_class_is_refused_before_any_model_is_loaded(here: Path) -> None:
    path = here / "one.tsv"
    path.write_text("".join(f"good\tthis is text number {at} of many\n" for at in range(40)), encoding="utf-8")
    with pytest.raises(DataError):
        flow.plan([path], quick(read__task="text-classification", read__columns={"label": 1, "text": 2}))


def test_a_time_budget_leaves_a_usable_model(here: Path) -> None:
    session = flow.start(
        [write_reviews(here / "r.tsv", 120)], quick(train__epochs=400, train__time_seconds=8), name="brief"
    )
    result = session.finish()
    assert result.trained.epochs < 400
    assert list(using.predict(session.run.folder, io.BytesIO(b"a fine room\n")))


def test_a_second_run_of_the_same_name_gets_a_number(here: Path) -> None:
    path = write_reviews(here / "r.tsv", 60)
    names = [flow.start([path], quick()).run.name for _ in range(2)]
    assert names == ["r-scratch", "r-scratch-2"]


@pytest.fixture
def planned(here: Path) -> Callable[..., Plan]:
    return lambda **changes: flow.plan([write_reviews(here / "r.tsv", 80)], quick(**changes)).plan


def test_a_plan_foretells_time_and_memory(planned: Callable[..., Plan]) -> None:
    cost = planned().forecast
    assert cost.seconds > cost.closing_seconds > 0
    assert cost.peak_bytes > 100 << 20


def test_cleaning_goes_with_the_model_and_raw_rows_are_answered_as_clean_ones(here: Path) -> None:
    rows = [(label, f"<p>{text}</p>&nbsp;" if at % 3 else text) for at, (label, text) in enumerate(reviews(40))]
    path = here / "scraped.tsv"
    path.write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
    session = flow.start([path], quick(train__epochs=1, prepare__segment=True), name="scraped")
    session.finish()
    run = here / "runs" / "scraped"
    plan = read_plan(run / "plan.yaml")
    assert plan.settings.prepare.clean == ("control", "invisible", "html", "unicode", "spaces")
    prepared = Prepared.load(run / "prepared.json")
    assert {one.step: one.rows for one in prepared.cleaned}["html"] == 26
    kept = Cleaning.model_validate_json((run / "model" / "cleaning.json").read_text(encoding="utf-8"))
    assert kept == prepared.cleaning and kept.segment
    assert "cleaned before" in (run / "model" / "README.md").read_text(encoding="utf-8")
    clean = reviews(40)[1][1]
    raw = f"<p>{clean}</p>&nbsp;\u200b"
    first, second = using.predict(run, io.BytesIO(f"{raw}\n{clean}".encode()))
    assert first["scores"] == second["scores"]
    # Rows given to test are cleaned as well: the same ids, the same answers.
    assert using.test(run, [path]).rows == 40
    # What was decided from the data is asked for by the plan's file: the same prepared rows.
    assert flow.plan([path], plan.settings).plan.data_key == plan.data_key
