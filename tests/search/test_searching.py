"""A search on real models: interrupted, resumed, judged once, and repeated from its plan."""

import hashlib
import json
import math
from pathlib import Path

import pytest

from made import write_reviews
from tunesmith import flow, using
from tunesmith.artifacts.trials import Dimension, Search
from tunesmith.errors import RunError, SettingsError
from tunesmith.runs import read_plan
from tunesmith.search import searching
from tunesmith.search.searchable import must_compare
from tunesmith.search.searched import Searched
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 2,
    "train.threads": 1,
    "train.checkpoint_seconds": 0,
    "evaluate.bootstrap_samples": 100,
    "tune.trials": 2,
    "tune.repeats": 0,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a file of reviews."""
    monkeypatch.chdir(tmp_path)
    write_reviews(tmp_path / "reviews.tsv", 40)
    return tmp_path


def wished(**more: object) -> Settings:
    return changed(Settings(), QUICK | {name.replace("__", "."): value for name, value in more.items()})


def digest(run: Path) -> str:
    return hashlib.sha256((run / "model" / "model.safetensors").read_bytes()).hexdigest()


def numbers(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "steps.jsonl").read_text(encoding="utf-8").splitlines()]


def stop_in(search: Searched, number: int) -> None:
    for trial in search:
        search.stop_is_wanted = trial.number == number and trial.step >= 2


def test_an_interrupted_search_goes_on_and_judges_the_best_once(here: Path) -> None:
    search = searching.search([here / "reviews.tsv"], wished(), name="shop")
    folder = here / "searches" / "shop"
    with pytest.raises(KeyboardInterrupt):
        stop_in(search, 1)
    done = (folder / "trials" / "000" / "steps.jsonl").read_bytes()
    taken = len(numbers(folder / "trials" / "001"))
    again = searching.resume(folder)
    assert again.notes == ("1 trial is done",)
    seen = list(again)
    assert seen[0].number == 1 and seen[0].step > taken
    found = again.finish()
    first = folder / ("best" if found.best == 0 else "trials/000")
    assert (first / "steps.jsonl").read_bytes() == done
    assert [one.number for one in found.trials] == [0, 1]
    for one in found.trials:
        run = folder / ("best" if one.number == found.best else one.run)
        assert numbers(run) == list(range(1, one.step + 1))
        # What lost keeps its plan and its steps, not its rows and states.
        assert (run / "plan.yaml").is_file() and (run / "data").is_dir() == (one.number == found.best)
    assert Search.load(folder / "search.json") == found and (folder / "report.html").is_file()
    best = folder / "best"
    assert found.evaluation is not None and using.test(best).metrics == found.evaluation.metrics
    assert [path.name for path in folder.rglob("evaluation.json")] == ["evaluation.json"]
    plan = read_plan(best / "plan.yaml")
    for path, value in found.winner.values.items():
        part, _, name = path.partition(".")
        assert getattr(getattr(plan.settings, part), name) == value
    with pytest.raises(RunError, match="a search that was interrupted"):
        searching.resume(folder)


@pytest.mark.slow
def test_the_best_is_trained_on_all_rows_where_that_is_asked_for(here: Path) -> None:
    search = searching.search([here / "reviews.tsv"], wished(tune__retrain=True, tune__trials=2), name="shop")
    found = search.finish()
    rows = {name: split.rows for name, split in search.ready.prepared.splits.items()}
    final = here / "searches" / "shop" / "final"
    assert found.run == str(final.relative_to(here)) and (final / "model" / "model.safetensors").is_file()
    assert found.evaluation is not None and found.evaluation.split == "test"
    plan = read_plan(final / "plan.yaml")
    assert plan.settings.train.epochs == math.ceil(found.winner.best_epoch)
    prepared = json.loads((final / "prepared.json").read_text(encoding="utf-8"))
    assert prepared["splits"]["train"]["rows"] == rows["train"] + rows["dev"]
    assert (here / "searches" / "shop" / "best" / "plan.yaml").is_file()


@pytest.mark.slow
def test_models_methods_and_cleaning_can_vary_and_dev_rows_stay_the_same(here: Path) -> None:
    space = here / "space.yaml"
    space.write_text(
        "prepare.clean: [none, case]\nmodel.scratch_size: [tiny, small]\nepochs: {low: 1, high: 2}\n", encoding="utf-8"
    )
    wishes = changed(wished(tune__trials=5), {"epochs": None, "model.scratch_size": None})
    search = searching.search([here / "reviews.tsv"], wishes, space=space, name="shop")
    found = search.finish()
    assert {one.state for one in found.trials} <= {"finished", "pruned"}
    assert len({one.values["prepare.clean"] for one in found.trials}) > 1
    assert len({one.values["model.scratch_size"] for one in found.trials}) > 1
    best = read_plan(here / "searches" / "shop" / "best" / "plan.yaml")
    assert best.settings.model.scratch_size == found.winner.values["model.scratch_size"]
    # Whatever was drawn, the plan alone repeats it to the same weights.
    flow.start(here / "searches" / "shop" / "best" / "plan.yaml", name="repeated").finish()
    assert digest(here / "runs" / "repeated") == digest(here / "searches" / "shop" / "best")


@pytest.mark.slow
def test_a_time_budget_is_kept_and_the_repeats_tell_noise(here: Path) -> None:
    wishes = changed(wished(), {"tune.trials": None, "tune.search_seconds": 60, "tune.repeats": 2})
    found = searching.search([here / "reviews.tsv"], wishes, name="shop").finish()
    assert found.seconds < 60 and len(found.trials) > 3
    assert found.gain is not None or found.best == 0 or "no time was left for more seeds" in found.notes


def test_what_a_search_cannot_do_is_refused_before_anything_is_read(here: Path) -> None:
    settings = changed(Settings(), {"train.time_seconds": 60, "prepare.folds": 5})
    with pytest.raises(SettingsError) as caught:
        searching.search([here / "none.tsv"], settings, space=here / "space.yaml", is_grid=True)
    assert [one.path for one in caught.value.problems] == ["--grid", "train.time_seconds", "prepare.folds"]


def test_losses_over_other_tokens_are_not_compared() -> None:
    words, rate = Dimension(path="model.scratch_vocabulary", choices=(300, 400)), Dimension(path="train.learning_rate")
    with pytest.raises(SettingsError, match="loss would be compared, which counts tokens") as caught:
        must_compare((rate, words), "loss", ("loss", "perplexity", "bits_character"))
    assert [one.path for one in caught.value.problems] == ["model.scratch_vocabulary"]
    assert "bits_character" in caught.value.do and "perplexity," not in caught.value.do
    must_compare((rate,), "loss", ("loss",))
    must_compare((rate, words), "bits_character", ("loss", "bits_character"))
