"""The objective of preferences: a batch of pairs → how far the model is from preferring the better answers."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tunesmith.models.pairs import dpo, likelihoods, orpo
from tunesmith.settings import PreferenceSettings
from tunesmith.tasks.task import Batch


class Preference:
    """DPO or ORPO, summed over the pairs of a batch.

    Args:
        settings: loss and beta, filled in.
        start: of each row both answers' log-probabilities when the training began, (n, 2); None: DPO takes
            them for zero, which costs a step the same and is good for timing alone.
    """

    def __init__(self, settings: PreferenceSettings, start: NDArray[np.float64] | None) -> None:
        self._settings, self._start = settings, start

    def __call__(self, model: nn.Module, batch: Batch) -> Iterator[Tensor]:
        """One loss."""
        found, tokens = likelihoods(model, batch)
        if self._settings.loss == "orpo":
            yield orpo(found, tokens, beta=self._settings.beta).sum()
            return
        yield dpo(found, self._began(batch).to(found), beta=self._settings.beta).sum()

    def _began(self, batch: Batch) -> Tensor:
        """ln π₀ of the batch, (2b,)."""
        rows = batch["rows"]
        both = np.zeros((len(rows), 2)) if self._start is None else self._start[rows]
        return torch.from_numpy(both.T.reshape(-1).copy())
