"""Random numbers as a function of what they are for, never of what ran before.

Every draw asks for a generator by seed and purpose, so a resumed run sees the same
order and the same dropout as an undisturbed one without any stored generator state.
"""

import hashlib

import numpy as np


def derived(seed: int, *purpose: str | int) -> int:
    """A 63-bit seed for one purpose, such as ``derived(7, "order", epoch)``."""
    text = "/".join([str(seed), *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 1


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """A NumPy generator for one purpose."""
    return np.random.default_rng(derived(seed, *purpose))
