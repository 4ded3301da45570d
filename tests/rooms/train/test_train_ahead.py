"""Windows that are collated before they are asked for are the same windows."""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rooms.train.conftest import Maker
from tunesmith.rooms.train.ahead import Ahead
from tunesmith.rooms.train.source import Source, Window


class Watched:
    """A source that remembers which thread collated what."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.calls: list[tuple[bool, list[int], int]] = []

    def window(self, chosen: NDArray[Any], size: int) -> Window:
        is_main = threading.current_thread() is threading.main_thread()
        self.calls.append((is_main, chosen.tolist(), size))
        return self._source.window(chosen, size)


def same(one: Window, other: Window) -> bool:
    pairs = zip(one.micro, other.micro, strict=True)
    return (one.targets, one.examples, one.tokens) == (other.targets, other.examples, other.tokens) and all(
        a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a) for a, b in pairs
    )


def test_what_was_expected_comes_from_another_thread_and_is_collated_once(training: Maker) -> None:
    source = training()._parts.source
    watched = Watched(source)
    ahead, (first, second) = Ahead(watched), (np.arange(4), np.arange(4, 7))
    assert same(ahead.window(first, 2), source.window(first, 2))
    ahead.expect(second, 2)
    assert same(ahead.window(second, 2), source.window(second, 2))
    assert watched.calls == [(True, [0, 1, 2, 3], 2), (False, [4, 5, 6], 2)]


def test_what_was_not_expected_is_collated_anew(training: Maker) -> None:
    source = training()._parts.source
    watched = Watched(source)
    ahead, chosen = Ahead(watched), np.arange(5)
    ahead.expect(chosen, 4)
    # Memory ran out in between, so passes are smaller now.
    assert same(ahead.window(chosen, 2), source.window(chosen, 2))
    assert (True, chosen.tolist(), 2) in watched.calls
    assert same(ahead.window(np.arange(3), 2), source.window(np.arange(3), 2))
