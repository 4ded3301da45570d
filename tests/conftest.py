"""Shared by all tests: no network, English messages, and the folder of real data where it is present."""

import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TUNESMITH_LANG"] = "en"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its own cache, so that none finds what another left."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TUNESMITH_CACHE", str(folder))
    return folder


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
