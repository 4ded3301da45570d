"""Commands as a user types them: output, JSON contract, exit codes, and what they may load."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from made import write_reviews

HEAVY = ("torch", "transformers", "pyarrow", "sklearn", "scipy", "numpy")


def tunesmith(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tunesmith", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_the_door_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom tunesmith.cli.app import run\n"
        f"run({arguments!r})\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, tunesmith\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_checking_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom tunesmith.cli.app import run\n"
        f"run(['check', {str(write_reviews(tmp_path / 'r.tsv', 20))!r}])\n"
        "print('heavy:', [name for name in ('torch', 'transformers', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("heavy: []")


def test_help_lists_every_verb_in_both_languages(tmp_path: Path) -> None:
    english, chinese = (tunesmith("--help", cwd=tmp_path, TUNESMITH_LANG=code).stdout for code in ("en", "zh"))
    for verb in ("check", "plan", "train", "resume", "test", "predict", "models", "demo"):
        assert f"  {verb} " in english
        assert f"  {verb} " in chinese
    assert "微调" in chinese


@pytest.mark.parametrize("verb", ["check", "plan", "train", "resume", "test", "predict", "models", "demo"])
def test_every_verb_explains_itself(verb: str, tmp_path: Path) -> None:
    done = tunesmith(verb, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_check_keeps_its_json_contract(tmp_path: Path) -> None:
    done = tunesmith("check", str(write_reviews(tmp_path / "r.tsv", 40)), "--json", cwd=tmp_path)
    found = json.loads(done.stdout.splitlines()[-1])
    assert {key: found[key] for key in ("task", "format", "encoding", "columns", "rows", "splits", "labels")} == {
        "task": "text-classification",
        "format": "tsv",
        "encoding": "utf-8",
        "columns": {"text": 2, "label": 1},
        "rows": {"total": 40, "used": 40, "rejected": 0},
        "splits": {"train": 40},
        "labels": {"bad": 20, "good": 20},
    }
    for finding in found["findings"]:
        assert {"code", "severity", "count", "message", "do"} <= set(finding)
    assert found["verdict"]


def test_check_tells_a_person(tmp_path: Path) -> None:
    done = tunesmith("check", str(write_reviews(tmp_path / "r.tsv", 40)), cwd=tmp_path)
    assert done.returncode == 0
    assert "text-classification" in done.stdout
    assert "40 rows = 40 used + 0 rejected" in done.stdout


def test_train_test_and_predict_keep_their_json_contracts(tmp_path: Path) -> None:
    write_reviews(tmp_path / "r.tsv", 80)
    quick = ["model.name=scratch", "scratch_size=tiny", "epochs=1", "bootstrap_samples=100"]
    done = tunesmith("train", "r.tsv", *quick, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    trained = json.loads(done.stdout.splitlines()[-1])
    assert {"run", "seconds", "epochs", "best_epoch", "stopped_because", "metrics"} <= set(trained)
    tested = json.loads(tunesmith("test", trained["run"], "r.tsv", "--json", cwd=tmp_path).stdout.splitlines()[-1])
    assert tested["rows"] == 80
    assert set(tested["metrics"]["accuracy"]) == {"value", "low", "high"}
    assert set(tested["per_class"]) == {"bad", "good"}
    lines = tunesmith("predict", trained["run"], "r.tsv", cwd=tmp_path).stdout.splitlines()
    answers = [json.loads(line) for line in lines]
    assert len(answers) == 80
    assert all(set(answer["scores"]) == {"bad", "good"} for answer in answers)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "missing.tsv"], "missing.tsv"),
        (["train", "missing.tsv"], "What to do"),
        (["train", "r.tsv", "epcohs=3"], "nearest: epochs"),
        (["train", "r.tsv", "--time", "soon"], "a duration such as 90s"),
        (["train", "r.tsv", "--model", "no-such-model"], "minilm"),
        (["test", "nowhere"], "run folder"),
        (["resume", "nowhere"], "run folder"),
        (["predict", "nowhere", "-"], "run folder"),
        (["chekc", "r.tsv"], "check"),
        (["check", "--colums", "x"], "No such option: --colums"),
        (["check", "r.tsv", "--task", "text-clasification"], "text-classification"),
    ],
)
def test_mistakes_exit_with_2_and_say_the_way_out(arguments: list[str], words: str, tmp_path: Path) -> None:
    write_reviews(tmp_path / "r.tsv", 40)
    done = tunesmith(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_json_too_when_json_was_asked_for(tmp_path: Path) -> None:
    done = tunesmith("check", "missing.tsv", "--json", cwd=tmp_path)
    assert set(json.loads(done.stdout)["error"]) == {"expected", "got", "where", "do"}


def test_a_bug_exits_with_1_and_keeps_its_traceback(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom tunesmith import flow\nfrom tunesmith.cli.app import run\n"
        "def broken(*a, **k): raise ZeroDivisionError('ours')\nflow.read = broken\n"
        "sys.exit(run(['check', 'r.tsv']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "a bug of tunesmith" in done.stderr
    assert "ZeroDivisionError: ours" in done.stderr


def test_a_console_without_the_characters_never_ends_a_run(tmp_path: Path) -> None:
    path = tmp_path / "r.tsv"
    path.write_text(
        "".join(f"{'好' if at % 2 else '坏'}\t这是第{at}条评论，房间很大\n" for at in range(40)), encoding="utf-8"
    )
    done = tunesmith("check", str(path), cwd=tmp_path, PYTHONIOENCODING="ascii", TUNESMITH_LANG="zh")
    assert done.returncode == 0
    assert "\\u" in done.stdout
