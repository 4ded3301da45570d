"""Commands as a user types them: output, JSON contract, exit codes, and what they may load."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from apart import SECONDS
from cli.conftest import Printed
from made import write_reviews
from tunesmith.cli.app import VERBS, run

HEAVY = ("torch", "transformers", "pyarrow", "sklearn", "scipy", "numpy")


def apart(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python process of its own; where a test proves what only such a one shows, for it takes seconds."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command left, run in this process."""

    code: int
    out: str
    err: str


@pytest.fixture
def tunesmith(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], printed: Printed
) -> Callable[..., Done]:
    """``tunesmith("check", "r.tsv")``: the command as the entry point runs it, in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Done:
        capsys.readouterr()
        code = run(arguments)
        out, err = capsys.readouterr()
        return Done(code=code, out=out, err=err)

    return command


def test_the_door_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, tunesmith\n"
        f"def heavy(): return [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print('imported:', heavy())\nfrom tunesmith.cli.app import run\n"
        "for words in (['--version'], ['--help'], []): run(words); print(words, heavy())"
    )
    done = apart("-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.endswith("]") and not line.startswith(" ")] == [
        "imported: []",
        "['--version'] []",
        "['--help'] []",
        "[] []",
    ]


def test_checking_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom tunesmith.cli.app import run\n"
        f"run(['check', {str(write_reviews(tmp_path / 'r.tsv', 20))!r}])\n"
        "print('heavy:', [name for name in ('torch', 'transformers', 'sklearn') if name in sys.modules])"
    )
    assert apart("-c", code, cwd=tmp_path).stdout.strip().endswith("heavy: []")


def test_help_lists_every_verb_in_both_languages(
    tunesmith: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    english = tunesmith("--help").out
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    chinese = tunesmith("--help").out
    for verb in VERBS:
        assert f"  {verb} " in english
        assert f"  {verb} " in chinese
    assert "微调" in chinese


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, tunesmith: Callable[..., Done]) -> None:
    done = tunesmith(verb, "--help")
    assert done.code == 0
    assert "Usage" in done.out


def test_check_keeps_its_json_contract(tunesmith: Callable[..., Done], tmp_path: Path) -> None:
    done = tunesmith("check", str(write_reviews(tmp_path / "r.tsv", 40)), "--json")
    found = json.loads(done.out.splitlines()[-1])
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


def test_check_tells_a_person(tunesmith: Callable[..., Done], tmp_path: Path) -> None:
    done = tunesmith("check", str(write_reviews(tmp_path / "r.tsv", 40)))
    assert done.code == 0
    assert "text-classification" in done.out
    assert "40 rows = 40 used + 0 rejected" in done.out


def test_train_test_and_predict_keep_their_json_contracts(tunesmith: Callable[..., Done], tmp_path: Path) -> None:
    write_reviews(tmp_path / "r.tsv", 80)
    quick = ["model.name=scratch", "scratch_size=tiny", "epochs=1", "threads=1", "bootstrap_samples=100"]
    # The one test of the whole command from a shell's point of view.
    shell = apart("-m", "tunesmith", "train", "r.tsv", *quick, "--json", cwd=tmp_path)
    assert shell.returncode == 0, shell.stderr
    trained = json.loads(shell.stdout.splitlines()[-1])
    assert {"run", "seconds", "epochs", "best_epoch", "stopped_because", "metrics"} <= set(trained)
    tested = json.loads(tunesmith("test", trained["run"], "r.tsv", "--json").out.splitlines()[-1])
    assert tested["rows"] == 80
    assert set(tested["metrics"]["accuracy"]) == {"value", "low", "high"}
    assert set(tested["per_class"]) == {"bad", "good"}
    answers = [json.loads(line) for line in tunesmith("predict", trained["run"], "r.tsv").out.splitlines()]
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
def test_mistakes_exit_with_2_and_say_the_way_out(
    arguments: list[str], words: str, tunesmith: Callable[..., Done], tmp_path: Path
) -> None:
    write_reviews(tmp_path / "r.tsv", 40)
    done = tunesmith(*arguments)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err


def test_an_error_is_json_too_when_json_was_asked_for(tunesmith: Callable[..., Done]) -> None:
    done = tunesmith("check", "missing.tsv", "--json")
    assert set(json.loads(done.out)["error"]) == {"expected", "got", "where", "do"}


def test_a_bug_exits_with_1_and_keeps_its_traceback(
    tunesmith: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("tunesmith.flow.read", broken)
    done = tunesmith("check", "r.tsv")
    assert done.code == 1
    assert "a bug of tunesmith" in done.err
    assert "ZeroDivisionError: ours" in done.err


def test_a_console_without_the_characters_never_ends_a_run(tmp_path: Path) -> None:
    path = tmp_path / "r.tsv"
    path.write_text(
        "".join(f"{'好' if at % 2 else '坏'}\t这是第{at}条评论，房间很大\n" for at in range(40)), encoding="utf-8"
    )
    done = apart("-m", "tunesmith", "check", str(path), cwd=tmp_path, PYTHONIOENCODING="ascii", TUNESMITH_LANG="zh")
    assert done.returncode == 0
    assert "\\u" in done.stdout


def test_what_went_wrong_is_the_exit_code_of_the_process(tmp_path: Path) -> None:
    done = apart("-m", "tunesmith", "chekc", cwd=tmp_path)
    assert done.returncode == 2
    assert "check" in done.stderr and "Traceback" not in done.stderr
