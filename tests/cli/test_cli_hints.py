"""Options that there are not: most are settings, and the command says how they are written."""

import pytest

from tunesmith.cli.app import run


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["train", "a.tsv", "--seed", "17"], "write it as seed=17"),
        (["plan", "a.tsv", "--epochs=3"], "write it as epochs=3"),
        (["train", "--batch-size", "8", "a.tsv"], "write it as batch_size=8"),
        (["train", "a.tsv", "--train.learning_rate=3e-4"], "write it as train.learning_rate=3e-4"),
        (["train", "a.tsv", "--num_train_epochs", "3"], "write it as epochs=3"),
        (["tune", "a.tsv", "--lr", "--json"], "write it as learning_rate=VALUE"),
        (["train", "a.tsv", "--learnin_rate=1"], "write it as learning_rate=1"),
        (["train", "a.tsv", "-o", "here"], "write it as --name here"),
        (["train", "a.tsv", "--output_dir=here"], "write it as --name here"),
    ],
)
def test_a_setting_typed_as_an_option(typed: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(typed) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[1].endswith(said)
    assert lines[2] == f"See: tunesmith {typed[0]} --help"


@pytest.mark.parametrize(
    "typed",
    [
        ["train", "a.tsv", "--frobnicate", "3"],  # nothing is called like that
        ["models", "--seed", "17"],  # no settings are taken there
        ["models", "-o", "x"],  # and nothing is named
        ["train", "a.tsv", "--model"],  # an option that there is
        ["trian"],
    ],
)
def test_no_hint_where_nobody_knows(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(typed) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_in_chinese(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert run(["train", "a.tsv", "--seed", "3"]) == 2
    assert "请写成 seed=3" in capsys.readouterr().err
