"""Several processes, one of them killed, share a search through a real PostgreSQL server."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from apart import running
from made import write_reviews
from tunesmith.artifacts.trials import Search

USER = "nobody"
"""A server refuses to run as root."""

WAIT_SECONDS = 1500
TRIALS = 8


def binary(name: str) -> Path | None:
    found = shutil.which(name)
    if found:
        return Path(found).resolve()
    return max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), default=None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a fresh server on a free port; skipped where none is installed."""
    initdb, control = binary("initdb"), binary("pg_ctl")
    if initdb is None or control is None:
        pytest.skip("no PostgreSQL server is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="tunesmith-pg-"))
    is_root = os.geteuid() == 0
    if is_root:
        shutil.chown(folder, USER)
    who: dict[str, str] = {"user": USER} if is_root else {}
    data = str(folder / "data")
    subprocess.run(
        [initdb, "-D", data, "-A", "trust", "-U", "tuner"], check=True, capture_output=True, cwd=folder, **who
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    log = str(folder / "log")
    subprocess.run([control, "-D", data, "-o", options, "-l", log, "-w", "start"], check=True, cwd=folder, **who)
    yield f"postgresql://tuner@127.0.0.1:{port}/postgres"
    subprocess.run([control, "-D", data, "-m", "immediate", "stop"], check=True, cwd=folder, **who)
    shutil.rmtree(folder, ignore_errors=True)


def worker(stack: ExitStack, here: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tunesmith", "tune", "reviews.tsv", "--name", "shop", "--json", *more]
    return stack.enter_context(running(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))


def until(happened: str, where: Path, *workers: subprocess.Popen[str]) -> None:
    """Wait for a file; whoever is to write it must be alive."""
    end = time.monotonic() + WAIT_SECONDS
    while not list(where.parent.glob(where.name)):
        assert time.monotonic() < end, f"{happened} did not happen"
        ended = [one.communicate() for one in workers if one.poll() is not None]
        assert not ended, f"{happened} did not happen: {ended}"
        time.sleep(0.2)


@pytest.mark.slow
def test_three_workers_share_a_search_and_one_may_die(server: str, tmp_path: Path) -> None:
    write_reviews(tmp_path / "reviews.tsv", 60)
    fixed = ["--model", "scratch", "model.scratch_size=tiny", "epochs=6", "threads=1", "evaluate.bootstrap_samples=100"]
    begin = [*fixed, "--trials", str(TRIALS), "tune.repeats=0", "tune.pruner=none"]
    searches = tmp_path / "searches"
    with ExitStack() as stack:
        main = worker(stack, tmp_path, *begin, "--storage", server)
        until("the search's first trial", searches / "shop" / "trials" / "000" / "steps.jsonl", main)
        helpers = [worker(stack, tmp_path, "--join", "--storage", server) for _ in range(2)]
        until("a helper's first trial", searches / "shop-helper" / "trials" / "*", *helpers)
        # Whichever helper made that folder first dies, as if its machine had gone.
        lock = (searches / "shop-helper" / ".lock").read_text(encoding="ascii")
        os.kill(int(lock), signal.SIGKILL)
        out, err = main.communicate(timeout=WAIT_SECONDS)
        assert main.returncode == 0, err
        rest = [helper.communicate(timeout=WAIT_SECONDS) and helper.returncode for helper in helpers]
    assert sorted(rest) == [-signal.SIGKILL, 0]
    found = Search.load(searches / "shop" / "search.json")
    assert json.loads(out.splitlines()[-1])["best"]["trial"] == found.best
    told = [(one.number, one.role, one.state, one.worker.rpartition("/")[2]) for one in found.trials]
    assert len(told) == TRIALS and {one.state for one in found.trials} == {"finished"}, told
    assert len({one.worker for one in found.trials}) >= 2
    # Every setting that was given out was trained once in the end, the dead one's by another.
    assert len({json.dumps(one.values, sort_keys=True) for one in found.trials}) == TRIALS
    assert server.partition("@")[2] not in "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in searches.rglob("*.json")
    )
    assert (searches / "shop" / "best" / "model" / "model.safetensors").is_file()
