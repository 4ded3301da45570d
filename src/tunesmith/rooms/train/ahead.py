"""The next window, collated by a thread while an accelerator still computes the present one."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.train.source import Source, Window


@dataclass(frozen=True, eq=False)
class _Expected:
    """A window on its way: of these items, in passes of so many."""

    chosen: NDArray[np.int64]
    size: int
    window: Future[Window]


class Ahead:
    """A source's windows, at most one of them before it is asked for. What is not as expected is collated anew."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="collate")
        self._expected: _Expected | None = None

    def expect(self, chosen: NDArray[np.int64], size: int) -> None:
        """Begin with the window that will probably be asked for next."""
        self._expected = _Expected(chosen, size, self._pool.submit(self._source.window, chosen, size))

    def window(self, chosen: NDArray[np.int64], size: int) -> Window:
        """As ``Source.window``."""
        expected, self._expected = self._expected, None
        if expected is not None and expected.size == size and np.array_equal(expected.chosen, chosen):
            return expected.window.result()
        return self._source.window(chosen, size)
