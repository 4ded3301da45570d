"""Real processes of the command, stopped for real: killed, asked to stop, out of disk, read-only."""

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from apart import SECONDS, running, until
from made import write_reviews

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("signals_reach_us"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and mounts are Unix's"),
]

CHAOS = Path(__file__).parents[1] / "benchmarks" / "chaos.py"
SETTINGS = (
    "model.name=scratch",
    "model.scratch_size=tiny",
    "train.epochs=12",
    "train.patience=99",
    "train.threads=1",
    "train.checkpoint_seconds=0",
    "evaluate.bootstrap_samples=100",
)


class Disk:
    """A file system of its own in memory, where this user may mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Path:
        found = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(self.folder)], capture_output=True
        )
        if found.returncode:
            pytest.skip(f"no file system can be mounted here: {found.stderr.decode().strip()}")
        return self.folder

    def __exit__(self, *error: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True, timeout=SECONDS)


def started(here: Path, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """The command in ``here``, its cache beside it."""
    environment = {**os.environ, "TUNESMITH_CACHE": str(here.with_name("cache"))}
    return running(
        [sys.executable, "-m", "tunesmith", *arguments],
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it said on standard error."""
    _, told = process.communicate(timeout=SECONDS)
    return process.returncode, told


def done(here: Path, *arguments: str) -> tuple[int, str]:
    """The command from its start to its end."""
    with started(here, *arguments) as process:
        return ended(process)


def learning(process: subprocess.Popen[str], run: Path) -> None:
    """Wait until the run has a checkpoint of its third step or a later one."""
    until(lambda: process.poll() is not None or any(int(path.name) >= 3 for path in run.glob("checkpoints/0*")))
    assert process.poll() is None, ended(process)


def weights(run: Path) -> bytes:
    return (run / "model" / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.tsv", 160)


@pytest.fixture(scope="module")
def calm(data: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of an undisturbed run."""
    here = tmp_path_factory.mktemp("calm") / "here"
    here.mkdir()
    code, told = done(here, "train", str(data), "--name", "run", *SETTINGS)
    assert code == 0, told
    return weights(here / "runs" / "run")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_killed_runs_end_with_the_undisturbed_weights() -> None:
    found = subprocess.run(
        [sys.executable, str(CHAOS), "--kills", "4", "--seed", "2"], capture_output=True, text=True, timeout=3 * SECONDS
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.count("\nkill ") == 4
    assert "DIFFERENT" not in found.stdout
    assert "of them with the undisturbed weights" in found.stdout.splitlines()[-1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_asked_to_stop_it_keeps_the_step_and_goes_on_later(
    here: Path, data: Path, calm: bytes, number: signal.Signals, code: int
) -> None:
    run = here / "runs" / "run"
    with started(here, "train", str(data), "--name", "run", *SETTINGS) as process:
        learning(process, run)
        process.send_signal(number)
        found, told = ended(process)
    assert found == code, told
    assert "Go on with: tunesmith resume runs/run" in told
    assert "Traceback" not in told
    steps = len((run / "steps.jsonl").read_text(encoding="utf-8").splitlines())
    assert (run / "checkpoints" / f"{steps:08d}" / "manifest.json").is_file()
    assert done(here, "resume", "runs/run")[0] == 0
    assert weights(run) == calm


def test_a_second_process_is_refused_and_the_first_goes_on(here: Path, data: Path, calm: bytes) -> None:
    with started(here, "train", str(data), "--name", "run", *SETTINGS) as process:
        learning(process, here / "runs" / "run")
        code, told = done(here, "resume", "runs/run")
        assert code == 2
        assert f"process {process.pid} works on" in told
        assert ended(process)[0] == 0
    assert weights(here / "runs" / "run") == calm


def filled(folder: Path) -> Path:
    """A file that takes all the room there is."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return path


def test_a_full_and_then_read_only_disk_is_said_and_the_run_goes_on_later(here: Path, data: Path, calm: bytes) -> None:
    run = here / "runs" / "run"
    with Disk(here):
        with started(here, "train", str(data), "--name", "run", *SETTINGS) as process:
            learning(process, run)
            filler = filled(here)
            code, told = ended(process)
        assert code == 2, told
        assert "free some disk, then go on with: tunesmith resume runs/run" in told
        assert "Traceback" not in told
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(here)], check=True)
        code, told = done(here, "resume", "runs/run")
        assert code == 2, told
        assert "Read-only file system" in told and "make the folder writable" in told
        assert "Traceback" not in told
        subprocess.run(["mount", "-o", "remount,rw", str(here)], check=True)
        code, told = done(here, "resume", "runs/run")
        assert code == 0, told
        assert weights(run) == calm
        assert not list(run.rglob("*.partial"))


def test_a_disk_that_is_full_from_the_start_leaves_no_half_run(here: Path, data: Path) -> None:
    with Disk(here):
        filled(here)
        code, told = done(here, "train", str(data), "--name", "run", *SETTINGS)
        assert code == 2, told
        assert "free some disk" in told and "Traceback" not in told
        assert not (here / "runs" / "run").exists()


def test_what_a_killed_process_had_prepared_is_found_again(here: Path, tmp_path: Path) -> None:
    data = write_reviews(tmp_path / "many.tsv", 20_000)
    parts = here.with_name("cache") / "prepared"
    with started(here, "plan", str(data), *SETTINGS) as process:
        until(lambda: process.poll() is not None or any(parts.glob(".*/raw.part.json")))
        process.send_signal(signal.SIGKILL)
        ended(process)
    (half,) = parts.iterdir()
    finished = {path.name: path.stat().st_ino for path in (half / "raw").iterdir()}
    assert len(finished) == 3 and not (half / "prepared.json").exists()
    code, told = done(here, "plan", str(data), *SETTINGS)
    assert code == 0, told
    (whole,) = parts.iterdir()
    assert (whole / "prepared.json").is_file()
    assert {path.name: path.stat().st_ino for path in (whole / "raw").iterdir()} == finished
