"""Word embeddings of the corpus only: the same result for less work.

A word that occurs nowhere in the data never gets a gradient, and without weight decay
(see ``optimiser``) AdamW leaves its row as it was. So while training lasts the table
holds only the rows that occur; at the end they are written back into the whole one.
A general vocabulary is often three times as long as a corpus needs, and its dense
gradient is written, measured, clipped and updated in every step.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import embedding

from tunesmith.tasks.encoded import Encoded

WORTH_IT = 0.8
"""A corpus that uses a larger share of the vocabulary than this saves too little to change anything."""


class CorpusEmbedding(nn.Module):
    """An embedding table with rows for some ids of the vocabulary.

    Args:
        whole: the table of the whole vocabulary, (v, h); it is kept aside and does not learn.
        used: the ids that occur, ascending, (u,).
    """

    place: Tensor

    def __init__(self, whole: nn.Embedding, used: NDArray[np.int64]) -> None:
        super().__init__()
        ids = torch.from_numpy(used).to(whole.weight.device)
        place = torch.full((whole.num_embeddings,), -1, device=ids.device)
        place[ids] = torch.arange(len(ids), device=ids.device)
        self.register_buffer("place", place, persistent=False)
        self.weight = nn.Parameter(whole.weight.detach()[ids].clone())
        # In a list, so that the whole table is no parameter of this module.
        self._whole = [whole]
        self._ids = ids

    def forward(self, ids: Tensor) -> Tensor:
        """Rows for ids (b, t) → (b, t, h). An id outside ``used`` is an IndexError, never another word's row."""
        return embedding(self.place[ids], self.weight)

    def restored(self) -> nn.Embedding:
        """The whole table with the learned rows in place."""
        whole = self._whole[0]
        with torch.no_grad():
            whole.weight[self._ids] = self.weight.detach()
        return whole


def used_ids(splits: Iterable[Encoded], specials: Iterable[int]) -> NDArray[np.int64]:
    """All token ids that occur in prepared splits, and the special ones, ascending."""
    seen = [np.asarray(sorted(specials), np.int64)]
    seen.extend(split.lists[name].distinct() for split in splits for name in ("ids", "ids2") if name in split.lists)
    return np.unique(np.concatenate(seen)).astype(np.int64)


def shrink(model: Any, used: NDArray[np.int64]) -> bool:
    """Put a ``CorpusEmbedding`` in the place of the model's input embedding, where that pays; whether it did.

    A table that other weights share (a language model's tied output) is left alone.
    """
    whole = model.get_input_embeddings()
    if type(whole) is not nn.Embedding or len(used) > WORTH_IT * whole.num_embeddings:
        return False
    names = [name for name, value in model.named_parameters(remove_duplicate=False) if value is whole.weight]
    if len(names) != 1:
        return False
    model.set_input_embeddings(CorpusEmbedding(whole, used))
    return True


def expand(model: Any) -> None:
    """Put the whole table back, with what was learned."""
    # A model of pictures has no table at all.
    table = next((part for part in model.modules() if isinstance(part, CorpusEmbedding)), None)
    if table is not None:
        model.set_input_embeddings(table.restored())
