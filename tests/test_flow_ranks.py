"""Whole runs under a launcher: stopped by a signal, resumed by one process, equal to a run of one."""

import json
import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from apart import SECONDS, running, until
from made import write_reviews

SETTINGS = (
    *("--model", "scratch", "model.scratch_size=tiny", "train.epochs=3", "train.patience=9", "train.threads=1"),
    *("train.batch_size=7", "train.micro_batch_size=3", "regularise.dropout=0", "evaluate.bootstrap_samples=100"),
)
TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "tunesmith")
ACCELERATE = (
    *("accelerate.commands.launch", "--use_fsdp", "--fsdp_version", "2", "--num_processes", "2", "--num_machines", "1"),
    *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0", "-m", "tunesmith"),
)
ALONE = ("tunesmith",)


def started(here: Path, launcher: tuple[str, ...], *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return running(
        [sys.executable, "-m", *launcher, *arguments],
        cwd=here,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def done(here: Path, launcher: tuple[str, ...], *arguments: str) -> str:
    """What the command said, from its start to its end."""
    with started(here, launcher, *arguments) as process:
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    return str(said)


def losses(run: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (run / "steps.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data and the run of one process, called one."""
    here = tmp_path_factory.mktemp("alone")
    write_reviews(here / "r.tsv", 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_CACHE", str(here / "cache"))
        done(here, ALONE, "train", "r.tsv", *SETTINGS, "--name", "one")
    return here


def same_as_alone(here: Path, name: str) -> None:
    assert losses(here / "runs" / name) == pytest.approx(losses(here / "runs" / "one"), abs=1e-4)
    found, expected = (load_file(here / "runs" / run / "model" / "model.safetensors") for run in (name, "one"))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.slow
def test_accelerates_processes_make_one_run_in_shards(alone: Path) -> None:
    said = done(alone, ACCELERATE, "train", "r.tsv", *SETTINGS, "--name", "shards")
    same_as_alone(alone, "shards")
    # One process speaks for all.
    assert said.count("forecast: ") == said.count("model:  runs/shards/model") == 1
    assert "accelerate is configured for FSDP: each of 2 processes holds a part" in said
    assert {path.name for path in (alone / "runs" / "shards").glob("heartbeat-*.json")} == {
        "heartbeat-0.json",
        "heartbeat-1.json",
    }


@pytest.mark.slow
@pytest.mark.usefixtures("signals_reach_us")
def test_stopped_under_torchrun_and_resumed_by_one(alone: Path) -> None:
    run = alone / "runs" / "two"
    log = run / "steps.jsonl"
    with started(alone, TORCHRUN, "train", "r.tsv", *SETTINGS, "--name", "two") as process:
        # Lines that are whole: the last one may be half written.
        until(lambda: process.poll() is not None or (log.is_file() and log.read_bytes().count(b"\n") >= 3))
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode != 0
    assert said.count("Go on with: tunesmith resume ") == 1, said
    assert not (run / "trained.json").exists()
    assert len(list((run / "checkpoints").glob("0*"))) >= 1
    done(alone, ALONE, "resume", str(run))
    same_as_alone(alone, "two")


@pytest.mark.slow
def test_what_is_wrong_with_the_data_is_said_once(alone: Path) -> None:
    with started(alone, TORCHRUN, "train", "missing.tsv", "--name", "none") as process:
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode != 0
    assert said.count("missing.tsv") >= 1 and said.count("Expected ") == 1, said
    assert not (alone / "runs" / "none").exists()
