"""The Python functions do what the commands do."""

from pathlib import Path

import pytest

import tunesmith as ts
from made import write_reviews
from tunesmith.errors import SettingsError


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_reviews(tmp_path / "reviews.tsv", 80)


def test_read_check_plan_train_predict(reviews: Path) -> None:
    reading = ts.read(reviews)
    assert reading.rows.used == 80
    assert ts.check(reading).is_trainable
    ready = ts.plan(
        reading, model="scratch", time="10m", epochs=1, scratch_size="tiny", bootstrap_samples=100, threads=1
    )
    assert ready.plan.settings.train.time_seconds == 600
    assert ready.plan.files == (str(reviews.resolve()),)
    session = ts.train(ready, name="api")
    seen = [step.step for step in session]
    assert seen == list(range(1, len(seen) + 1))
    result = session.finish()
    assert ts.test(result.trained.run).metrics == result.evaluation.metrics
    assert [answer["label"] for answer in ts.predict(result.trained.run, reviews)][:1][0] in {"bad", "good"}


def test_wishes_are_checked(reviews: Path) -> None:
    with pytest.raises(SettingsError, match="nearest: epochs"):
        ts.plan(reviews, epcohs=3)
    with pytest.raises(SettingsError, match=r"read\.colums"):
        ts.read(reviews, colums={"text": 2})


def test_a_plan_comes_alone(reviews: Path) -> None:
    ready = ts.plan(reviews, model="scratch", scratch_size="tiny", threads=1)
    with pytest.raises(TypeError, match="one plan alone"):
        ts.train(ready, reviews)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fine_tune'"):
        ts.fine_tune  # noqa: B018
