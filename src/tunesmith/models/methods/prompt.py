"""prompt: a few learned vectors before each text, and the head; the model itself stays as it is.

Prompt tuning (Lester et al. 2021). The vectors become words of the model's vocabulary, and
the tokenizer puts these words before each text by itself. So the saved folder is a plain
model with a plain tokenizer, and any program that loads it sees the prompt.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from tunesmith.models.loading import is_head
from tunesmith.models.methods.tuning import Pace
from tunesmith.seeds import generator
from tunesmith.tasks.task import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class PromptedEmbedding(nn.Module):
    """A frozen table of word vectors, and vectors of its own for the ids from ``first`` on.

    Args:
        whole: the table of the vocabulary, (v, h).
        first: id of the first prompt word.
        count: how many there are.
        seed: of the words whose vectors the prompt begins with (section 3.2 of the paper: better than random ones).
    """

    def __init__(self, whole: nn.Embedding, first: int, count: int, *, seed: int) -> None:
        super().__init__()
        self._whole, self._first = [whole.requires_grad_(False)], first
        drawn = generator(seed, "prompt").choice(min(first, whole.num_embeddings), count, replace=False)
        self.weight = nn.Parameter(whole.weight.detach()[torch.from_numpy(drawn)].clone())

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors for ids (b, t) → (b, t, h)."""
        whole = self._whole[0]
        own = ids - self._first
        is_own = (own >= 0) & (own < len(self.weight))
        words = embedding(ids.masked_fill(is_own, 0), whole.weight)
        prompts = embedding(own.clamp(0, len(self.weight) - 1), self.weight)
        return torch.where(is_own.unsqueeze(-1), prompts, words)

    def restored(self) -> nn.Embedding:
        """One table for both, (at least first + count, h)."""
        old = self._whole[0]
        size = max(old.num_embeddings, self._first + len(self.weight))
        table = nn.Embedding(size, old.embedding_dim, padding_idx=old.padding_idx, device=old.weight.device)
        with torch.no_grad():
            table.weight[: old.num_embeddings] = old.weight
            table.weight[self._first : self._first + len(self.weight)] = self.weight
        return table


class Prompted:
    """A frozen model whose prompt and head learn. The texts come with the prompt words in them.

    Args:
        ids: of the prompt words, as ``prompted_tokenizer`` puts them, ascending.
        seed: of the vectors that the prompt begins with.
    """

    learns_words = False
    is_whole = True
    pace: Pace | None = None

    def __init__(self, model: "PreTrainedModel", ids: Sequence[int], *, seed: int) -> None:
        self.model = model
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(is_head(name, model))
        self._table = PromptedEmbedding(model.get_input_embeddings(), ids[0], len(ids), seed=seed)
        model.set_input_embeddings(self._table)

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model with a longer vocabulary."""
        table = self._table.restored()
        self.model.set_input_embeddings(table)
        self.model.config.vocab_size = table.num_embeddings
        return self.model.requires_grad_(True)
