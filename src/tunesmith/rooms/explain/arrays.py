"""The attentions themselves, for programs: a page shows them, and JSON would be too large for them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tunesmith.rooms.explain.explain import Explained


def write_arrays(path: Path, found: Sequence[Explained]) -> Path:
    """Write every weight of every attention as NumPy arrays, half precision, whole or not at all.

    Named by the number of the text, from 1, and the part of the model, as in ``1.itself``: (layers, heads, places that
    look, places that are looked at). No token is named, for texts may hold what is personal.

    Raises:
        OSError: it cannot be written.
    """
    arrays: dict[str, np.ndarray] = {}
    for number, one in enumerate(found, 1):
        for part in dict.fromkeys(layer.part for layer in one.layers):
            weights = [layer.weights for layer in one.layers if layer.part == part]
            arrays[f"{number}.{part}"] = np.stack(weights).astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    partial.replace(path)
    return path
