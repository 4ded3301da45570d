"""A search at the terminal: its lines, its table, its contract, and what it refuses."""

import json
from pathlib import Path

import pytest

from cli.conftest import Printed
from made_searches import made_search, trial
from tunesmith.cli import search
from tunesmith.cli.app import run


def test_a_trial_is_one_line() -> None:
    settings = "learning_rate=0.0003, batch_size=16, dropout=0, weight_decay=0.02"
    best = trial(2, 0.86, is_best=True)
    assert (
        search.line(best, "f1_macro")
        == f"trial 2: f1_macro 0.8600  best so far  (4 epochs, 12 s, finished)  {settings}"
    )
    failed = search.line(trial(2, None, state="failed", because="no room"), "f1_macro")
    assert failed == f"trial 2: no room  (4 epochs, 12 s, failed)  {settings}"
    assert search.line(trial(0, 0.5), "f1_macro").startswith("trial 0, the plan's own: f1_macro 0.5000  (")
    assert search.line(trial(2, 0.5, role="again", seed=18), "x").startswith("trial 2, seed 18: ")
    assert search.line(trial(0, 0.5, role="plan-again", seed=18), "x").startswith("the plan's own, seed 18: ")


def test_the_end_says_what_was_found_and_where_it_is(printed: Printed) -> None:
    search._show(made_search())
    shown = printed()
    for part in (
        "Trial 2 is the best",
        "the gain is more than noise",
        "-4.0 points",
        "learning_rate 70%",
        "plan 0",
        "too weak",
        "each trial has at most 4 epochs",
        "model:  searches/shop-search/best/model",
        "again:  tunesmith train searches/shop-search/best/plan.yaml",
    ):
        assert part in shown
    rows = [line.split()[0] for line in shown.splitlines() if " epochs" not in line and "learning_rate=" in line]
    assert rows == ["2", "3", "plan", "1", "5", "4"]


def test_programs_get_every_trial() -> None:
    found = search.contract(made_search())
    assert json.loads(json.dumps(found)) == found
    assert found["best"] == {
        "trial": 2,
        "score": 0.86,
        "values": made_search().winner.values,
        "epochs": 4.0,
    }
    assert found["run"] == "searches/shop-search/best" and found["monitor"] == "f1_macro"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--join"], "--storage and --name of the search"),
        (["--join", "--storage", "postgresql://h/d"], "--storage and --name of the search"),
        (["--trials", "0"], "tune.trials: expected a number at least 1"),
        (["--time", "soon"], "a duration such as 90s"),
        (["--grid", "--space", "s.yaml"], "either --grid or --space"),
        (["--space", "s.yaml"], "nearest: train.epochs"),
        (["--space", "none.yaml"], "YAML such as setting"),
        (["train.time_seconds=60"], "--time for the whole search"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text("train.epoch: [1, 2]\n", encoding="utf-8")
    assert run(["tune", "reviews.tsv", *words]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_search_on_a_server_is_resumed_with_its_address_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tunesmith.artifacts.trials import Setup
    from tunesmith.settings import Settings

    Setup(name="s", wishes=Settings(), dimensions=(), is_elsewhere=True).write(tmp_path / "setup.json")
    assert run(["resume", str(tmp_path)]) == 2
    assert "the address of the server that holds its trials" in capsys.readouterr().err
