"""The cache stays within bounds: what was not used for long goes first.

    <cache>/<kind>/<key>    readings, prepared rows, frozen outputs, features: files or folders

All of it can be made again from the user's files, so nothing is lost but time.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 20 * 10**9
"""What the cache may hold. Prepared text is small; outputs of frozen layers (22 KiB a text of 29 tokens) grow."""

MOST_VARIABLE = "TUNESMITH_CACHE_GB"

YOUNG_SECONDS = 24 * 3600.0
"""What was used since is never dropped: another process may be at work on it."""


def used(entry: Path) -> None:
    """Note that an entry of the cache was of use just now."""
    with contextlib.suppress(OSError):  # a cache that may only be read stays as it is
        os.utime(entry)


def tidy(cache: Path, *, most_bytes: int | None = None, now: float | None = None) -> int:
    """Drop entries, the longest unused first, until the rest is within ``most_bytes``; how many bytes that freed.

    Args:
        most_bytes: None: ``TUNESMITH_CACHE_GB``, else ``MOST_BYTES``.
        now: seconds since the epoch; None: the clock's.
    """
    limit = _limit() if most_bytes is None else most_bytes
    now = time.time() if now is None else now
    found = sorted(_entries(cache))
    total, freed = sum(size for _, size, _ in found), 0
    for when, size, entry in found:
        if total - freed <= limit or now - when < YOUNG_SECONDS:
            break
        _dropped(entry)
        freed += size
    return freed


def _limit() -> int:
    given = os.environ.get(MOST_VARIABLE, "")
    try:
        return int(float(given) * 10**9)
    except ValueError:
        return MOST_BYTES


def _entries(cache: Path) -> Iterator[tuple[float, int, Path]]:
    """(last use, bytes, path) of each entry; half-made ones, whose names begin with a dot, have their own keepers."""
    for kind in cache.iterdir() if cache.is_dir() else ():
        for entry in kind.iterdir() if kind.is_dir() else ():
            if not entry.name.startswith("."):
                with contextlib.suppress(OSError):  # it may go while it is looked at
                    yield entry.stat().st_mtime, _size(entry), entry


def _size(entry: Path) -> int:
    files = (path for path in entry.rglob("*") if path.is_file()) if entry.is_dir() else (entry,)
    return sum(path.stat().st_size for path in files)


def _dropped(entry: Path) -> None:
    if not entry.is_dir():
        entry.unlink(missing_ok=True)
        return
    # Renamed first: who looks for it meanwhile finds it whole or not at all.
    gone = entry.with_name(f".{entry.name}-dropped")
    with contextlib.suppress(OSError):
        entry.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
