"""Workers of a search as tasks of Ray: refused where they could not begin, and one that dies is replaced."""

import importlib.util
import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from made import write_reviews
from tunesmith.device import machine
from tunesmith.errors import SettingsError
from tunesmith.search import cluster, searching
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

TRIALS = 6
WAIT_SECONDS = 1500


def test_without_ray_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"expected Ray; got none: pip install 'tunesmith\[ray\]'"):
        cluster.must_be_there("ray", "")


def test_another_engine_is_refused() -> None:
    with pytest.raises(SettingsError, match="--engine: expected ray; got dask"):
        cluster.must_be_there("dask", "")


def test_whoever_joins_a_search_begins_no_workers() -> None:
    with pytest.raises(SettingsError, match="--engine: expected a command that begins a search; got --join"):
        cluster.must_be_there("ray", "postgresql://server/searches", is_joining=True)


def test_a_cluster_needs_a_store_that_all_machines_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    monkeypatch.setenv(cluster.ADDRESS, "10.0.0.1:6379")
    with pytest.raises(SettingsError, match=r"--storage postgresql://(.|\n)*got a file on this machine"):
        cluster.must_be_there("ray", "")
    cluster.must_be_there("ray", "postgresql://server/searches")
    monkeypatch.delenv(cluster.ADDRESS)
    cluster.must_be_there("ray", "")


def test_the_cores_are_shared_out_unless_somebody_said_how() -> None:
    assert cluster.dealt(Settings(), 1).train.threads == max(1, machine().cores // 2)
    assert cluster.dealt(Settings(), 1000).train.threads == 1
    assert cluster.dealt(changed(Settings(), {"train.threads": 3}), 1000).train.threads == 3


def worker_of(helper: Path) -> int:
    """The process that trains trials in this folder, once it does."""
    end = time.monotonic() + WAIT_SECONDS
    while not list(helper.glob("trials/*/steps.jsonl")):
        assert time.monotonic() < end, f"{helper.name} began no trial"
        time.sleep(0.2)
    return int((helper / ".lock").read_text(encoding="ascii"))


def listening() -> list[str]:
    """Where Ray's processes, all begun by this one, wait for others."""
    own = [one for child in psutil.Process().children(recursive=True) for one in child.net_connections(kind="inet")]
    return [f"{one.laddr.ip.removeprefix('::ffff:')}:{one.laddr.port}" for one in own if one.status == "LISTEN"]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_a_worker_that_dies_is_begun_anew_and_its_trial_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_reviews(tmp_path / "reviews.tsv", 60)
    given = {
        "model.name": "scratch",
        "model.scratch_size": "tiny",
        "train.epochs": 6,
        "train.threads": 1,
        "evaluate.bootstrap_samples": 100,
        "tune.trials": TRIALS,
        "tune.repeats": 0,
        "tune.pruner": "none",
    }
    search = searching.search([file], changed(Settings(), given), name="shop")
    searches = tmp_path / "searches"
    with cluster.helped(search, [file], workers=1) as told:
        for trial in search:
            if (trial.number, trial.role, trial.state) == (0, "plan", "finished"):
                assert {address.partition(":")[0] for address in listening()} == {"127.0.0.1"}
                dead = worker_of(searches / "shop-helper")
                os.kill(dead, signal.SIGKILL)
                assert worker_of(searches / "shop-helper-2") != dead
        found = search.finish()
    assert told == []
    assert len(found.trials) == TRIALS and {one.state for one in found.trials} == {"finished"}
    assert len({json.dumps(one.values, sort_keys=True) for one in found.trials}) == TRIALS
    assert {Path(one.worker).name for one in found.trials} == {"shop", "shop-helper-2"}
