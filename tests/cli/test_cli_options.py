"""Words of a command: which are files, which are settings, and where flags land."""

from pathlib import Path

import pytest

from tunesmith.cli.options import settings_from, split_inputs
from tunesmith.errors import SettingsError
from tunesmith.settings import Settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_and_settings_may_come_in_any_order() -> None:
    files, pairs = split_inputs(["epochs=3", "a.tsv", "train.seed=5", "b/评论.tsv"])
    assert files == [Path("a.tsv"), Path("b/评论.tsv")]
    assert pairs == ["epochs=3", "train.seed=5"]


def test_a_name_with_an_equals_sign_that_exists_is_a_file(here: Path) -> None:
    (here / "fold=1.tsv").write_text("a\tb\n", encoding="utf-8")
    (here / "lang=en").mkdir()
    files, pairs = split_inputs(["fold=1.tsv", "lang=en", "lang=de", "epochs=2"])
    assert files == [Path("fold=1.tsv"), Path("lang=en")]
    assert pairs == ["lang=de", "epochs=2"]


def test_without_words_nothing_differs_from_the_defaults() -> None:
    assert settings_from() == Settings()


def test_each_flag_lands_in_its_place() -> None:
    found = settings_from(
        ["epochs=3", "model.revision=abc"],
        task="token-classification",
        columns="tokens=1,tags=ner",
        model="minilm",
        time="10m",
        memory="2G",
        allow_rejects=True,
    )
    assert (found.train.epochs, found.model.revision) == (3, "abc")
    assert (found.read.task, found.read.columns) == ("token-classification", {"tokens": 1, "tags": "ner"})
    assert found.read.allow_rejects
    assert found.model.name == "minilm"
    assert (found.train.time_seconds, found.train.memory_bytes) == (600.0, 2 << 30)


def test_a_flag_that_was_not_given_leaves_its_setting_alone() -> None:
    found = settings_from(["read.allow_rejects=true", "time_seconds=60", "model.name=scratch"])
    assert found.read.allow_rejects
    assert (found.train.time_seconds, found.model.name) == (60.0, "scratch")


def test_a_flag_weighs_more_than_the_same_setting_by_word() -> None:
    assert settings_from(["train.time_seconds=60"], time="2m").train.time_seconds == 120
    assert settings_from(["time_seconds=60"], time="2m").train.time_seconds == 120


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError, match=r"3 setting\(s\)") as caught:
        settings_from(["epcohs=3", "learning_rate=2", "train.seed=one"])
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"epcohs", "train.learning_rate", "train.seed"}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"time": "soon"}, r"--time: expected a duration such as 90s, 10m or 2h; got 'soon'"),
        ({"memory": "much"}, r"--memory: expected a size such as 800M or 8G; got 'much'"),
        ({"columns": "text"}, r"--columns: expected role=column, as in text=2,label=1; got 'text'"),
    ],
)
def test_a_flag_is_refused_by_its_own_name(flags: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        settings_from([], **flags)
