"""``plan --what-if``: wishes as typed, plans side by side, and what was measured of more rows."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tunesmith as ts
from tunesmith import flow
from tunesmith.artifacts import CurvePoint, Match, Supposition
from tunesmith.beforehand.supposing import wish
from tunesmith.cli.app import run
from tunesmith.errors import SettingsError
from tunesmith.hall.worth import told, worth
from tunesmith.rooms import check
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

TINY: dict[str, Any] = {"model.name": "scratch", "model.scratch_size": "tiny", "train.threads": 1}


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 texts whose words hint at their label, and mislead in a sixth of them."""
    draw = random.Random(17)
    kinds = {"good": ("fine", "great", "lovely", "nice"), "bad": ("poor", "awful", "sad", "dull")}
    lines = []
    for at in range(300):
        label = "good" if at % 2 else "bad"
        hint = label if draw.random() > 1 / 6 else "bad" if label == "good" else "good"
        words = [draw.choice(kinds[hint]), *(f"word{draw.randrange(60)}" for _ in range(6))]
        lines.append(f"{label}\tthe film number {at} was {' '.join(words)}\n")
    path = tmp_path_factory.mktemp("data") / "reviews.tsv"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "factor", "given"),
    [
        ("rows=10x", 10.0, {}),
        ("rows=0.5x, time=2h", 0.5, {"train.time_seconds": 7200.0}),
        ("rows=3000", 2.0, {}),
        ("rows=2\u500d", 2.0, {}),
        ("memory=2G,model=minilm", 1.0, {"train.memory_bytes": 2 << 30, "model.name": "minilm"}),
        ("epochs=3,time=none", 1.0, {"epochs": "3", "train.time_seconds": None}),
    ],
)
def test_wishes_are_understood(text: str, factor: float, given: dict[str, object]) -> None:
    found = wish(text)
    assert found.factor_of(1500) == factor
    assert found.given == given


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rows", "--what-if: expected name=value, as in time=2h,rows=10x; got 'rows'"),
        ("rows=many", "--what-if: expected rows=10x or rows=50000; got 'rows=many'"),
        ("rows=0x", "--what-if: expected rows=10x"),
        ("", "--what-if: expected something to suppose"),
        ("encoding=gbk", "--what-if: expected what can change without other files; got 'encoding'"),
        ("epcohs=3", "nearest: epochs"),
        ("epochs=0", "train.epochs: expected a number at least 1"),
        ("time=soon", "--time: expected a duration"),
    ],
)
def test_what_cannot_be_supposed_is_refused(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace("?", r"\?").replace("(", r"\(")):
        wish(text)


def value(found: Supposition, name: str) -> tuple[object, object]:
    (line,) = (line for line in found.lines if line.name == name)
    return line.now.value, line.then.value


def test_plans_side_by_side_and_a_measured_gain(
    reviews: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["rows=10x", "epochs=2", "memory=1M", "model.scratch_size=small"]
    rows, epochs, memory, larger = ts.what_if(reviews, what=asked, deep=True, **TINY)
    trained = value(epochs, "rows")[0]
    assert trained == 240
    assert value(rows, "rows") == (trained, 10 * trained)
    assert value(rows, "batch_size") == (8, 32)
    score = next(line for line in rows.lines if line.name == "score")
    assert "points" in score.then.because
    assert "accuracy of a linear model on characters + words" in score.then.because
    assert 0.6 < float(str(score.now.value).split()[0]) < 0.95
    assert value(epochs, "epochs")[1] == 2
    assert value(epochs, "rows") == (trained, trained)
    assert value(epochs, "score") == ("not measured", "not measured")
    assert memory.refused.startswith("train.memory_bytes: expected at least ")
    assert not memory.lines
    assert larger.plan is not None and epochs.plan is not None
    assert larger.plan.model.hidden > epochs.plan.model.hidden, "prepared and timed anew"
    assert not (tmp_path / "runs").exists(), "nothing is trained"


def test_the_command_shows_both(
    reviews: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["plan", str(reviews), *(f"{key}={given}" for key, given in TINY.items()), "--what-if", "rows=4x,epochs=3"]
    assert run(words) == 0
    shown = capsys.readouterr().out
    assert "what if rows=4x,epochs=3" in shown
    assert "rows=4x,epochs=3: " in shown
    assert "--deep measures on growing parts of your rows" in " ".join(shown.split())
    assert run([*words, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out.splitlines()[-1])["what_if"]
    assert found["asked"] == "rows=4x,epochs=3"
    assert {line["name"] for line in found["lines"]} >= {"rows", "epochs", "batch_size", "seconds", "memory", "score"}
    assert run(["plan", str(reviews), "--deep"]) == 2
    assert "--what-if rows=10x --deep" in capsys.readouterr().err


def test_what_a_curve_is_worth(reviews: Path, own_cache: Path) -> None:
    ready, facts = flow.planned([reviews], changed(Settings(), TINY))
    now, point = (ready.plan, facts), CurvePoint(rows=1000, score=0.8, low=0.7, high=0.9)

    def said(then: int, *gain: float) -> str:
        low, middle, high = gain
        more = point.model_copy(update={"rows": then})
        return told(now, now, check.Ahead(now=point, then=more, gain=(middle, low, high), model="words"))

    same = "the time stays about the same"
    assert said(2000, 0.01, 0.03, 0.05) == f"{same}; more rows are worth their labels: collect"
    assert said(2000, 0.0, 0.001, 0.004) == f"{same}; more rows would bring next to nothing: work on labels or model"
    assert said(2000, 0.0, 0.01, 0.05) == f"{same}; whether more rows pay is not certain"
    assert said(500, -0.04, -0.02, -0.01) == f"{same}; fewer rows cost 2.0 points"
    match = Match.model_construct(model="other", grade="poor", because="most is unknown")
    other = replace(
        facts,
        model=facts.model.model_copy(update={"name": "other", "is_pretrained": True}),
        health=facts.health.model_copy(update={"match": match}),
    )
    then = (ready.plan.model_copy(update={"model": other.model}), other)
    assert told(now, then, None).startswith(f"{same}; other does not know these texts (most is unknown)")
    head = then[0].model_copy(update={"settings": changed(then[0].settings, {"train.method": "head"})})
    score = worth(then, (head, other), curve=None, is_deep=False, task="")
    assert str(score.then.value).startswith("about -")
    assert "not on your data" in score.then.because
