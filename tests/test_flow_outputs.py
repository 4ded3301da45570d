"""Sets of labels and scores walk the whole way: what is saved answers by itself, for whoever loads it."""

import io
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from made import BAD, GOOD, THINGS
from tiny import tiny_bert
from tunesmith import flow, using
from tunesmith.artifacts import LabelThresholds
from tunesmith.errors import SettingsError
from tunesmith.runs import open_run
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

ROWS = 120


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("base"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wanted(base: Path, **changes: Any) -> Settings:
    settings = {
        "model.name": str(base),
        "train.method": "full",
        "train.epochs": 2,
        "train.threads": 1,
        "train.learning_rate": 5e-3,
        "evaluate.bootstrap_samples": 100,
    }
    return changed(Settings(), settings | {name.replace("__", "."): value for name, value in changes.items()})


def clauses(rows: int = ROWS) -> list[tuple[str, str, int, int]]:
    """Two clauses, each with how many good and how many bad words are in them."""
    random, found = np.random.default_rng(5), []
    for at in range(rows):
        kinds = random.integers(0, 3, 2)
        words = [(GOOD, BAD, ("number",))[kind][at % (5 if kind < 2 else 1)] for kind in kinds]
        first = f"the {THINGS[at % 8]} {at} was {words[0]}"
        found.append(
            (first, f"the {THINGS[at // 8 % 8]} was {words[1]}", int((kinds == 0).sum()), int((kinds == 1).sum()))
        )
    return found


def write_sets(path: Path) -> Path:
    """Texts that are praised, blamed, both, or neither."""
    names = [
        (f"{a} and {b}", ",".join(["praise"] * bool(good) + ["blame"] * bool(bad))) for a, b, good, bad in clauses()
    ]
    path.write_text("text,labels\n" + "".join(f'{text},"{labels}"\n' for text, labels in names))
    return path


def write_scores(path: Path) -> Path:
    """Pairs of texts with a score near 2,000, as years are."""
    rows = [f"{a},{b},{2000 + 7.5 * (good - bad)}\n" for a, b, good, bad in clauses()]
    path.write_text("sentence1,sentence2,score\n" + "".join(rows))
    return path


@pytest.mark.parametrize("method", ["full", pytest.param("lora", marks=pytest.mark.slow)])
def test_sets_of_labels(base: Path, here: Path, method: str) -> None:
    settings = wanted(base, train__method=method, prepare__test_share=0.3)
    evaluation = flow.start([write_sets(here / "s.csv")], settings, name="run").finish().evaluation
    assert (evaluation.main, set(evaluation.per_class)) == ("f1_macro", {"praise", "blame"})
    folder = here / "runs" / "run" / "model"
    text = "the garden was lovely and the cable was rude"
    (answer,) = using.predict(here / "runs" / "run", io.BytesIO(text.encode()))
    whole = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    assert whole.config.problem_type == "multi_label_classification"
    probabilities = whole(**AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")).logits[0].sigmoid()
    given = {whole.config.id2label[at] for at, one in enumerate(probabilities.tolist()) if one >= 0.5}
    assert set(answer["labels"]) == given
    assert set(answer["scores"]) == {"praise", "blame"}
    assert evaluation.label_thresholds is not None and evaluation.label_thresholds.fitted.because
    _obeys(here / "runs" / "run", answer["scores"]["praise"], text)


def _obeys(run: Path, praise: float, text: str) -> None:
    """Thresholds that lie beside the weights decide what is answered, how it is scored, and what ``compare`` counts."""
    plain = using.test(run)
    cuts = {"praise": praise + 0.001, "blame": 0.0}
    LabelThresholds(cuts=cuts, fitted_on="dev", because="by hand").write(run / "model" / "label_thresholds.json")
    (answer,) = using.predict(run, io.BytesIO(text.encode()))
    assert answer["labels"] == ["blame"]
    (run / "sealed.json").unlink()
    found = using.test(run)
    assert found.per_class["blame"].recall.value == 1.0
    assert found.label_thresholds is not None and found.label_thresholds.gain is not None
    gain = found.metrics["f1_macro"].value - plain.metrics["f1_macro"].value
    assert found.label_thresholds.gain.value == pytest.approx(gain)
    beside = using.compare([run, "tfidf-sets"], samples=50).contenders[0].metrics
    assert beside["f1_macro"].value == pytest.approx(found.metrics["f1_macro"].value)


@pytest.mark.slow
def test_pipelines_know_from_the_configuration_what_the_outputs_mean(base: Path, here: Path) -> None:
    from transformers import pipeline

    flow.start([write_sets(here / "s.csv")], wanted(base, train__epochs=1), name="run").finish()
    folder, text = here / "runs" / "run" / "model", "the garden was lovely"
    (asked,) = pipeline("text-classification", model=str(folder), top_k=None)([text])
    whole = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    logits = whole(**AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")).logits[0]
    found = {one["label"]: one["score"] for one in asked}
    wanted_scores = logits.sigmoid().tolist()
    assert [found[whole.config.id2label[at]] for at in range(2)] == pytest.approx(wanted_scores, abs=1e-5)


@pytest.mark.parametrize("method", ["full", "head", "lora"])
def test_scores_of_pairs_are_answered_in_their_own_unit(base: Path, here: Path, method: str) -> None:
    result = flow.start([write_scores(here / "s.csv")], wanted(base, train__method=method), name="run").finish()
    # Without a scale, two epochs of small steps would leave every answer near zero, 2,000 away.
    assert result.evaluation.metrics["rmse"].value < 20
    assert result.evaluation.mistakes[0].off == max(one.off or 0 for one in result.evaluation.mistakes)
    folder = here / "runs" / "run" / "model"
    whole = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    assert (whole.config.problem_type, whole.config.num_labels) == ("regression", 1)
    (here / "new.csv").write_text("sentence1,sentence2\nthe garden was lovely,the cable was rude\n")
    (answer,) = using.predict(here / "runs" / "run", here / "new.csv")
    pair = AutoTokenizer.from_pretrained(folder)("the garden was lovely", "the cable was rude", return_tensors="pt")
    assert answer["score"] == pytest.approx(whole(**pair).logits.item(), rel=1e-5)
    assert 1900 < answer["score"] < 2100


def test_scores_go_on_after_a_stop_as_if_nothing_had_been(base: Path, here: Path) -> None:
    path = write_scores(here / "s.csv")
    settings = wanted(base, train__checkpoint_seconds=0.0)
    flow.start([path], settings, name="whole").finish()
    session = flow.start([path], settings, name="parts")
    for step in session:
        if step.step == 9:
            break
    session.close()
    flow.resume(here / "runs" / "parts").finish()
    one, other = (load_file(here / "runs" / name / "model" / "model.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert open_run(here / "runs" / "parts").trained.is_file()


@pytest.mark.parametrize(
    ("path", "wish"),
    [("scores", {"regularise__label_smoothing": 0.1}), ("scores", {"regularise__class_weights": "balanced"}),
     ("sets", {"regularise__mixup": 0.4})],
)  # fmt: skip
def test_wishes_that_such_answers_cannot_meet_are_refused(
    base: Path, here: Path, path: str, wish: dict[str, Any]
) -> None:
    data = (write_scores if path == "scores" else write_sets)(here / "s.csv")
    with pytest.raises(SettingsError, match=next(iter(wish)).replace("__", ".")):
        flow.plan([data], wanted(base, **wish))


def test_strategies_that_work_for_sets_and_scores(base: Path, here: Path) -> None:
    both = {"regularise__r_drop": 0.5, "regularise__adversarial": 0.5, "train__epochs": 1}
    for write, more in ((write_sets, {"regularise__class_weights": "balanced", "regularise__focal": 1.0,
                                      "regularise__sampling": "balanced"}), (write_scores, {})):  # fmt: skip
        session = flow.start([write(here / f"{write.__name__}.csv")], wanted(base, **both, **more), name=write.__name__)
        assert all(np.isfinite(step.loss) for step in islice(session, 3))
        session.close()
