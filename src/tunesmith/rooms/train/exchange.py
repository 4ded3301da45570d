"""Arrays that travel between processes as plain numbers: nothing that has to be unpickled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed

Parts = Mapping[int, NDArray[Any]]

LEAST_SHAPE = 1
"""Axes that every shape is written with at least, so that a process without a part fits among the others."""


def gathered(parts: Parts, group: Any) -> dict[int, NDArray[Any]]:
    """The parts of all processes of ``group``, by their numbers; all must ask at once.

    The parts of one process are of one type and number of axes, as a model's answers are.
    """
    keys, shapes, kind, data = _flat(parts)
    found: dict[int, NDArray[Any]] = {}
    sides = (_all(keys, group), _all(shapes.ravel(), group), _all(kind, group), _all(data, group))
    for their_keys, flat, name, raw in zip(*sides, strict=True):
        if not len(their_keys):
            continue
        sized = flat.view(np.int64).reshape(len(their_keys.view(np.int64)), -1)
        values = raw.view(np.dtype(bytes(name).decode("ascii").strip()))
        at = 0
        for key, shape in zip(their_keys.view(np.int64).tolist(), sized.tolist(), strict=True):
            axes = [size for size in shape if size >= 0]
            count = int(np.prod(axes))
            found[key] = values[at : at + count].reshape(axes)
            at += count
    return found


def _flat(parts: Parts) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Numbers, shapes (a row each), the type's name and all values, one after the other."""
    arrays = list(parts.values())
    keys = np.asarray(list(parts), np.int64)
    axes = max([LEAST_SHAPE, *(array.ndim for array in arrays)])
    # An axis that an array does not have is written as -1.
    shapes = np.asarray([[*array.shape, *[-1] * (axes - array.ndim)] for array in arrays], np.int64)
    kind = arrays[0].dtype if arrays else np.dtype(np.float32)
    name = np.frombuffer(kind.str.encode("ascii"), np.uint8)
    data = np.concatenate([np.ascontiguousarray(array, kind).ravel() for array in arrays]) if arrays else np.zeros(0)
    return keys, shapes, name, data


def _all(values: NDArray[Any], group: Any) -> list[NDArray[np.uint8]]:
    """The bytes of every process's values, which may be of unequal number."""
    mine = torch.from_numpy(np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8).copy())
    world = distributed.get_world_size(group)
    sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(world)]
    distributed.all_gather(sizes, torch.tensor([len(mine)]), group=group)
    most = max(int(size) for size in sizes)
    padded = torch.zeros(most, dtype=torch.uint8)
    padded[: len(mine)] = mine
    found: list[Tensor] = [torch.zeros(most, dtype=torch.uint8) for _ in range(world)]
    if most:
        distributed.all_gather(found, padded, group=group)
    return [one[: int(size)].numpy() for one, size in zip(found, sizes, strict=True)]
