"""The cache within bounds."""

import os
from pathlib import Path

import pytest

from tunesmith.tidying import MOST_VARIABLE, YOUNG_SECONDS, tidy, used

NOW = 2_000_000_000.0


def entry(cache: Path, kind: str, name: str, *, days: float, size: int = 1000) -> Path:
    """A folder of ``size`` bytes, last used so many days ago."""
    folder = cache / kind / name
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(b"x" * size)
    os.utime(folder, (NOW - days * 86_400,) * 2)
    return folder


def test_the_longest_unused_goes_first_and_no_more_than_needed(tmp_path: Path) -> None:
    old, middle, new = (
        entry(tmp_path, kind, name, days=days) for kind, name, days in (("a", "x", 9), ("b", "y", 5), ("a", "z", 2))
    )
    assert tidy(tmp_path, most_bytes=2000, now=NOW) == 1000
    assert not old.exists()
    assert middle.is_dir()
    assert new.is_dir()


def test_what_was_used_lately_stays_however_large(tmp_path: Path) -> None:
    young = entry(tmp_path, "a", "x", days=0.5, size=10_000)
    assert tidy(tmp_path, most_bytes=0, now=NOW) == 0
    assert young.is_dir()


def test_use_makes_young(tmp_path: Path) -> None:
    first, second = entry(tmp_path, "a", "x", days=9), entry(tmp_path, "a", "y", days=8)
    used(first)
    assert first.stat().st_mtime > NOW - YOUNG_SECONDS - 10 * 365 * 86_400
    os.utime(first, (NOW, NOW))
    tidy(tmp_path, most_bytes=1000, now=NOW)
    assert first.is_dir()
    assert not second.exists()


def test_files_count_and_go_too(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    file = tmp_path / "features" / "x.npy"
    file.write_bytes(b"x" * 500)
    os.utime(file, (NOW - 3 * 86_400,) * 2)
    assert tidy(tmp_path, most_bytes=499, now=NOW) == 500
    assert not file.exists()


def test_the_limit_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = entry(tmp_path, "a", "x", days=9)
    assert tidy(tmp_path, now=NOW) == 0
    monkeypatch.setenv(MOST_VARIABLE, "0")
    assert tidy(tmp_path, now=NOW) == 1000
    assert not old.exists()


def test_a_cache_that_is_not_there_is_tidy(tmp_path: Path) -> None:
    assert tidy(tmp_path / "none") == 0
