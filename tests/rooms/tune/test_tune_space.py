"""A space out of a file: what may vary, within what the settings themselves allow."""

from pathlib import Path

import pytest

from tunesmith.artifacts.trials import Dimension
from tunesmith.errors import SettingsError
from tunesmith.rooms.tune import ARTICLE, may_vary, read_space
from tunesmith.rooms.tune.space import dimension
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed, paths


def written(folder: Path, text: str) -> Path:
    path = folder / "space.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_ranges_choices_and_factors_are_read(tmp_path: Path) -> None:
    space = written(
        tmp_path,
        "train.learning_rate: {around: 10}\n"
        "batch_size: [8, 16]\n"
        "weight_decay: {low: 1e-4, high: 0.1, log: true}\n"
        "epochs: {low: 2, high: 8}\n"
        "train.method: [full, lora, head]\n"
        "prepare.clean: [none, [html, urls]]\n"
        "regularise.dropout: [null, 0, 0.2]\n",
    )
    found = {one.path: one for one in read_space(space, fixed=Settings())}
    assert found["train.learning_rate"] == Dimension(
        path="train.learning_rate", low=0.1, high=10, is_log=True, is_factor=True
    )
    assert found["train.batch_size"].choices == (8, 16)
    assert found["train.weight_decay"] == Dimension(path="train.weight_decay", low=1e-4, high=0.1, is_log=True)
    assert found["train.epochs"] == Dimension(path="train.epochs", low=2, high=8, is_whole=True)
    assert found["train.method"].choices == ("full", "lora", "head")
    assert found["prepare.clean"].choices == ("none", "html,urls")
    assert found["regularise.dropout"].choices == (None, 0, 0.2)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("train.learning_rat: [1]", "nearest: train.learning_rate"),
        ("seed: [1, 2]", r"prepare\.seed"),
        ("train.seed: [1, 2]", "the luckiest seed is no better setting"),
        ("train.monitor: [accuracy, f1_macro]", "what trials are compared by"),
        ("prepare.dev_share: [0.1, 0.2]", "compared on the same rows"),
        ("train.epochs: [0, 3]", "at least 1"),
        ("train.epochs: {low: 3, high: 2000}", "at most 1000"),
        ("train.epochs: {low: 3.5, high: 5}", "a whole number"),
        ("train.epochs: {around: 2}", "a factor above 1, for a setting with a fraction"),
        ("train.learning_rate: {around: 0.5}", "a factor above 1"),
        ("train.method: {low: 1, high: 2}", "a list of choices"),
        ("train.method: [full, lorra]", "one of 'full'"),
        ("train.weight_decay: {low: 0, high: 0.1, log: true}", "low above 0"),
        ("train.weight_decay: {low: 0.2, high: 0.1}", "low < high"),
        ("train.epochs: 3", r"one of setting: \[a, b\]"),
        ("train.epochs: {lo: 3, high: 5}", r"one of setting: \[a, b\]"),
        ("- a list", "YAML such as setting"),
        ("a: [", "YAML such as setting"),
    ],
)
def test_what_cannot_vary_is_refused_in_words(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_space(written(tmp_path, entry + "\n"), fixed=Settings())


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    space = written(tmp_path, "epoch: [1]\ntrain.batch_size: [0]\ntrain.method: [full]\n")
    with pytest.raises(SettingsError) as caught:
        read_space(space, fixed=changed(Settings(), {"method": "lora"}))
    assert [one.path for one in caught.value.problems] == ["epoch", "train.batch_size", "train.method"]
    assert "fixed at lora" in str(caught.value) and "space.yaml" in str(caught.value)


def test_the_article_s_grid_can_be_asked_of_the_settings() -> None:
    assert [len(one.choices) for one in ARTICLE] == [3, 3, 2]
    for one in ARTICLE:
        assert dimension(one.path, list(one.choices)) == one


def test_what_decides_which_rows_are_compared_never_varies() -> None:
    open_to_it = set(may_vary())
    assert open_to_it < set(paths())
    assert not [path for path in open_to_it if path.startswith(("read.", "evaluate.", "tune.", "generate."))]
    assert {"prepare.test_share", "prepare.seed", "train.seed", "model.trust_remote_code"} & open_to_it == set()
    assert {"model.name", "prepare.clean", "prepare.augment", "train.method", "regularise.layer_decay"} <= open_to_it
