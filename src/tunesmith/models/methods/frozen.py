"""head and top: the lower part of the model is frozen, and its outputs are computed once."""

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tunesmith.models.methods import store
from tunesmith.models.methods.texts import Text, texts_of
from tunesmith.models.methods.trunk import Trunk
from tunesmith.models.methods.tuning import Pace
from tunesmith.tasks.task import Batch
from tunesmith.words import counted, say

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FOLDER = "frozen"
"""Where the stores lie, below the cache."""

NO_INFLUENCE = ("id2label", "label2id", "problem_type", "_name_or_path", "transformers_version", "architectures")
"""Entries of config.json that do not reach the frozen part; nor does any kind of dropout, which is off there."""


class Frozen:
    """The ``learning`` last layers and what reads them learn; embeddings and lower layers do not.

    Args:
        learning: 0 trains the head alone: what reads the last layer's output.
        auto_class: the class whose head the model has.
        cache: folder for outputs of the frozen part; None computes them anew each time.

    Raises:
        ModelError: the model is of a kind whose layers are not known.
    """

    learns_words = False

    def __init__(self, model: "PreTrainedModel", learning: int, *, auto_class: str, cache: Path | None) -> None:
        self.model = model
        self.is_whole = cache is None
        self._cache = cache
        self._trunk = Trunk(model, learning, auto_class=auto_class)
        self._passes: list[tuple[int, float]] = []

    @property
    def pace(self) -> Pace | None:
        """Of the passes so far without the first, which also paid for what is made once."""
        warm = self._passes[1:] or self._passes
        if not warm or self._trunk.store is None:
            return None
        tokens, seconds = map(sum, zip(*warm, strict=True))
        return Pace(seconds=seconds / tokens, bytes=self._trunk.store.bytes / sum(count for count, _ in self._passes))

    def begin(self, batches: Iterable[Batch]) -> str:
        """Open the outputs of all texts, or compute them; where they cannot be kept, they are computed as needed."""
        if self._cache is None:
            return ""
        texts = store.in_order(text for batch in batches for text in texts_of(batch))
        folder = self._cache / FOLDER / store.key(self._trunk.weights(), self._shape(), texts)
        began = time.perf_counter()
        found = store.opened(folder)
        note = say("found", "已有")
        if found is None:
            try:
                found = store.made(folder, texts, self._computed, hidden=self._width(), first=self._trunk.reads_first)
            except store.UnkeptError as why:
                return say(
                    f"outputs of the frozen layers cannot be kept on disk ({why}): computed anew each time",
                    f"冻结层的输出无法保存到磁盘（{why}）：每次重新计算",
                )
            seconds = time.perf_counter() - began
            note = say(f"computed once in {seconds:.1f} s", f"一次性计算用时 {seconds:.1f} 秒")
        self._trunk.store = found
        rows = counted(len(texts), "text", "texts", "条文本")
        return say(
            f"outputs of the {self._trunk.frozen_layers} frozen layers for {rows}: {note}",
            f"{self._trunk.frozen_layers} 个冻结层对 {rows}的输出：{note}",
        )

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model with its lower part put back."""
        self._trunk.give_back()
        return self.model

    def _computed(self, texts: Sequence[Text]) -> list[Tensor]:
        began = time.perf_counter()
        outputs = self._outputs(texts)
        self._passes.append((sum(map(len, texts)), time.perf_counter() - began))
        return outputs

    def _outputs(self, texts: Sequence[Text]) -> list[Tensor]:
        device = next(self.model.parameters()).device
        pad = nn.utils.rnn.pad_sequence
        ids = pad([torch.from_numpy(text.ids).long() for text in texts], batch_first=True).to(device)
        lengths = torch.tensor([len(text) for text in texts], device=device)
        mask = (torch.arange(ids.shape[1], device=device) < lengths[:, None]).long()
        kinds = [torch.from_numpy(text.types).long() for text in texts if text.types is not None]
        types = pad(kinds, batch_first=True).to(device) if kinds else None
        outputs = self._trunk.computed(ids, mask, types)
        return [output[: len(text)] for output, text in zip(outputs, texts, strict=True)]

    def _shape(self) -> str:
        settings = self.model.config.to_dict()
        kept = {name: settings[name] for name in settings if name not in NO_INFLUENCE and "drop" not in name}
        return json.dumps([self._trunk.frozen_layers, self._trunk.reads_first, kept], sort_keys=True, default=str)

    def _width(self) -> int:
        return int(self.model.config.hidden_size)
