"""head for pictures and sounds that are shown alike in every epoch: what the encoder says of each is computed once.

The encoder stays in its place and is asked as before; instead of computing it looks up what it said. Of that, only what
the head reads is kept (``heard``).

Shape legend: b items of a batch, t places of what the encoder says of one, h its width.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tunesmith.artifacts import Sense
from tunesmith.models.methods import store
from tunesmith.models.methods.frozen import FOLDER, NO_INFLUENCE
from tunesmith.models.methods.heard import Heard, encoder_of, heard
from tunesmith.models.methods.last import Last
from tunesmith.models.methods.texts import DIGEST_BYTES, Digest
from tunesmith.models.methods.tuning import Pace
from tunesmith.tasks.task import Array, Batch
from tunesmith.words import counted, say

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MOST_TOKENS = 128
"""An item counts for so many tokens at most when passes are filled: 32 of them at a time keep the cores busy."""


@dataclass(frozen=True)
class Item:
    """One item by its content, and how many places or tokens it counts for."""

    digest: Digest
    places: int

    def __len__(self) -> int:
        return self.places


class Kept:
    """The head alone learns; what the encoder says of every row is kept on disk.

    Args:
        sense: how items are shown, none of them varied.
        cache: folder for what is kept.
    """

    learns_words = False
    is_whole = False

    def __init__(self, model: "PreTrainedModel", sense: Sense, *, cache: Path) -> None:
        self._last = Last(model, 0)
        self.model = self._last.model
        self._sense, self._cache = sense, cache
        self._base: Any = encoder_of(model)
        self._forward = self._base.forward
        self._heard: Heard | None = None
        self._store: store.Store | None = None
        self._passes: list[tuple[int, float]] = []
        # On the module itself: whoever calls the model notices nothing.
        self._base.forward = self._looked_up

    @property
    def pace(self) -> Pace | None:
        """Of the passes so far without the first, which also paid for what is made once."""
        warm = self._passes[1:] or self._passes
        if not warm or self._store is None:
            return None
        tokens, seconds = map(sum, zip(*warm, strict=True))
        return Pace(seconds=seconds / tokens, bytes=self._store.bytes / sum(count for count, _ in self._passes))

    def begin(self, batches: Iterable[Batch]) -> str:
        """Open what the encoder says of all items, or compute it; where it cannot be kept, it is computed as needed.

        Args:
            batches: as of ``Tuning.begin``; they are gone through three times.
        """
        first = next(iter(batches))
        self._heard = heard(self.model, self._base, self._given([next(self._arrays(first))]))
        known = {item.digest: item for batch in batches for item in map(self._item, self._arrays(batch))}
        items = list(known.values())
        folder = self._cache / FOLDER / store.key(self._base.state_dict().values(), self._shape(), items)
        began, note = time.perf_counter(), say("found", "已有")
        found = store.opened(folder)
        if found is None:
            try:
                found = self._made(folder, items, batches)
            except store.UnkeptError as why:
                return say(
                    f"what the frozen encoder says cannot be kept on disk ({why}): computed anew each time",
                    f"冻结编码器的输出无法保存到磁盘（{why}）：每次重新计算",
                )
            seconds = time.perf_counter() - began
            note = say(f"computed once in {seconds:.1f} s", f"一次性计算用时 {seconds:.1f} 秒")
        self._store = found
        is_picture = self._sense.time is None
        files = (
            counted(len(items), "picture", "pictures", "张图像")
            if is_picture
            else counted(len(items), "window of sound", "windows of sound", "段声音")
        )
        return say(f"what the frozen encoder says of {files}: {note}", f"冻结的编码器对{files}的输出：{note}")

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model with its encoder as it was."""
        del self._base.forward
        return self._last.whole(adapter)

    def _made(self, folder: Path, items: Sequence[Item], batches: Iterable[Batch]) -> store.Store:
        """The store, computed in the order of ``items``: as they come, so that a few at a time are in memory."""
        assert self._heard is not None, "found out by ``begin``"
        stream = self._once(batches)

        def compute(part: Sequence[Item]) -> list[Tensor]:
            return self._outputs([next(stream) for _ in part])

        return store.made(folder, items, compute, hidden=self._heard.width, first=self._heard.is_one)

    def _once(self, batches: Iterable[Batch]) -> Iterator[Array]:
        done: set[Digest] = set()
        for batch in batches:
            for one in self._arrays(batch):
                digest = _digest(one)
                if digest not in done:
                    done.add(digest)
                    yield one

    def _outputs(self, arrays: Sequence[Array]) -> list[Tensor]:
        """Of each item what is kept, (t, h). Those of one length together: none is padded, whatever is beside it."""
        found: list[Tensor] = []
        for _, group in groupby(arrays, key=lambda one: one.shape):
            same = list(group)
            began = time.perf_counter()
            with torch.no_grad():
                found += list(self._kept_of(self._computed(**self._given(same))))
            self._passes.append((sum(map(self._tokens, same)), time.perf_counter() - began))
        return found

    def _kept_of(self, said: Any) -> Tensor:
        assert self._heard is not None, "found out by ``begin``"
        return self._heard.of(said)

    def _computed(self, *args: Any, **named: Any) -> Any:
        """What the encoder itself says, as it will when the model is used."""
        was_training = self._base.training
        self._base.eval()
        try:
            with torch.no_grad():
                return self._forward(*args, **named)
        finally:
            self._base.train(was_training)

    def _looked_up(self, *args: Any, **named: Any) -> Any:
        if self._store is None or self._heard is None:
            return self._computed(*args, **named)
        shown = args[0] if args else named[self._sense.input]
        digests = [_digest(one) for one in self._cut(shown.cpu().numpy(), named.get("attention_mask"))]
        if not all(digest in self._store for digest in digests):
            return self._computed(*args, **named)
        found, counts = self._store.read(digests)
        return self._heard.said(found.to(shown.device), counts)

    # ------------------------------------------------------------ items

    def _arrays(self, batch: Batch) -> Iterator[Array]:
        """Each item of a batch as the model is shown it, without padding."""
        yield from self._cut(batch[self._sense.input], batch.get("attention_mask"))

    def _cut(self, shown: Array, mask: Any) -> Iterator[Array]:
        for at, one in enumerate(shown):
            yield one if mask is None or all(self._sense.shape) else one[: int(mask[at].sum())]

    def _given(self, arrays: Sequence[Array]) -> dict[str, Tensor]:
        """Items of one shape as the encoder takes them."""
        values = torch.from_numpy(np.stack(arrays)).to(next(self.model.parameters()).device)
        more = {} if all(self._sense.shape) else {"attention_mask": torch.ones_like(values, dtype=torch.long)}
        return {self._sense.input: values, **more}

    def _item(self, one: Array) -> Item:
        assert self._heard is not None, "found out by ``begin``"
        if self._heard.is_one:
            return Item(_digest(one), min(self._tokens(one), MOST_TOKENS))
        if all(self._sense.shape):
            return Item(_digest(one), self._heard.places)
        lengths: Any = self.model._get_feat_extract_output_lengths
        return Item(_digest(one), int(lengths(len(one))))

    def _tokens(self, one: Array) -> int:
        return self._sense.tokens if all(self._sense.shape) else max(1, len(one) // self._sense.tokens)

    def _shape(self) -> str:
        settings = self._base.config.to_dict()
        kept = {name: settings[name] for name in settings if name not in NO_INFLUENCE and "drop" not in name}
        way = None if self._heard is None else self._heard.way
        return json.dumps([type(self._base).__name__, way, kept], sort_keys=True, default=str)


def _digest(one: Array) -> Digest:
    return blake2b(np.ascontiguousarray(one).data, digest_size=DIGEST_BYTES).digest()
