"""Memory: the C library is told to keep it, and what piles up is bounded."""

import os
import sys

import pytest

from tunesmith.memory import held_bytes
from tunesmith.models.fast.memory import CAPACITIES, SHAPES, give_back, keep_few_shapes, keep_memory


def test_few_shapes_stay_prepared_unless_the_user_says_else(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = CAPACITIES
    monkeypatch.delenv(first, raising=False)
    monkeypatch.setenv(second, "7")
    keep_few_shapes()
    assert (os.environ[first], os.environ[second]) == (str(SHAPES), "7")
    monkeypatch.delenv(first)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told")
def test_freed_memory_stays_until_it_is_given_back() -> None:
    assert keep_memory()
    blocks = [bytearray(1 << 20) for _ in range(200)]
    # A block at the end keeps the heap from shrinking by itself.
    last = bytearray(1 << 20)
    full = held_bytes("cpu")
    del blocks
    kept = held_bytes("cpu")
    give_back()
    assert full - kept < 50 << 20
    assert full - held_bytes("cpu") > 150 << 20
    assert len(last) == 1 << 20
