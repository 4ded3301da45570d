"""The largest pass that has gone well on every process: a larger one may run out of memory on any of them."""

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.train.source import Source


class Ceiling:
    """What all processes know without a word, for each can work out what the others were dealt.

    While a pass is larger than any before, gradients are averaged only after all processes have said
    that they got through; below the ceiling they are averaged on the way, which is faster. A process alone has none.
    """

    def __init__(self, source: Source, *, world: int) -> None:
        self._source, self._world = source, world
        self._proven = np.zeros(2)

    def is_above(self, chosen: NDArray[np.int64], size: int) -> bool:
        """Whether a pass of this step is larger than one that went well, on whichever process."""
        return self._world > 1 and bool((self._peaks(chosen, size).max(0) > self._proven).any())

    def raise_to(self, chosen: NDArray[np.int64], size: int) -> None:
        """Take note that this step went well: every process has got through its own largest pass."""
        self._proven = np.maximum(self._proven, self._peaks(chosen, size).min(0))

    def _peaks(self, chosen: NDArray[np.int64], size: int) -> NDArray[np.float64]:
        """Of each process (world, 2): most real tokens of a pass, and most with padding."""
        peaks = np.zeros((self._world, 2))
        for rank in range(self._world):
            # As ``Ranks.share`` deals and ``Source.window`` cuts.
            lengths = np.sort(self._source.items.length[chosen[rank :: self._world]])
            for at in range(0, len(lengths), size):
                part = lengths[at : at + size]
                peaks[rank] = np.maximum(peaks[rank], (part.sum(), part[-1] * len(part)))
        return peaks
