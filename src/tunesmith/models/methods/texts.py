"""Texts as a model gets them, told apart by their content alone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Digest = bytes
Array = NDArray[Any]

DIGEST_BYTES = 16
"""128 bits: among a billion texts the odds of two that collide are 1 in 10^21."""


@dataclass(frozen=True)
class Text:
    """One text's real token ids, special tokens included, and its token types where the model takes them; (t,)."""

    ids: NDArray[np.int32]
    types: NDArray[np.int8] | None

    @cached_property
    def digest(self) -> Digest:
        """The same for the same ids and types, whatever batch, split or row they come from."""
        found = hashlib.blake2b(self.ids.tobytes(), digest_size=DIGEST_BYTES)
        if self.types is not None:
            found.update(b"types")
            found.update(self.types.tobytes())
        return found.digest()

    def __len__(self) -> int:
        return len(self.ids)


def texts_of(batch: Mapping[str, Tensor | Array | None]) -> list[Text]:
    """The texts of a batch by the names of model inputs (b, t), padding left out."""
    ids, mask, types = (_array(batch.get(name)) for name in ("input_ids", "attention_mask", "token_type_ids"))
    assert ids is not None
    real = np.ones_like(ids, bool) if mask is None else mask.astype(bool)
    return [
        Text(
            ids=row[places].astype(np.int32),
            types=None if types is None else types[at][places].astype(np.int8),
        )
        for at, (row, places) in enumerate(zip(ids, real, strict=True))
    ]


def _array(part: Tensor | Array | None) -> Array | None:
    return part.cpu().numpy() if isinstance(part, Tensor) else part
