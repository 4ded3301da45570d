"""Shared by all tests: no network, English messages, and the folder of real data where it is present."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TUNESMITH_LANG"] = "en"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Before torch is imported, and for every process that a test starts: the tests run side by side, one to a core, and
# threads that wait for one another where cores are few take many times longer than one alone.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # where a test does want two threads, they wait asleep

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its own cache, so that none finds what another left."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TUNESMITH_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """A run sets how many threads this process computes with; the next test has one again."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture
def signals_reach_us() -> Iterator[None]:
    """Signals do what they do in a terminal, also where a shell's background or nohup has them ignored."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    if hasattr(signal, "SIGHUP"):
        usual[signal.SIGHUP] = signal.SIG_DFL
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; tests that need it are skipped, saying so, where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("real data sets are not here (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder of small pretrained models, likewise."""
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip("small pretrained models are not here (../shared/models)")
    return folder
