"""Outputs of frozen layers on disk: computed once, then read by every epoch, trial and change of labels.

    frozen/<key>/  outputs.npy (n tokens, h) half precision   texts.npy   starts.npy   manifest.json

A text is found by its content, so labels and splits may change. The key is made of the
frozen weights and of all the texts; the texts are computed in an order, and in batches,
that depend on them alone. So whoever makes a store anew gets the same bytes.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tunesmith.disk import SPARE, damage, refusal, seal, sync
from tunesmith.models.methods.texts import DIGEST_BYTES, Digest
from tunesmith.tidying import used
from tunesmith.words import say

VERSION = "1"
"""Part of the key: it changes when the form of the files does."""

FILL_TOKENS = 4096
"""Tokens of a forward pass while a store is filled. A constant, because results depend on it in their last digit.

As many as keep the cores busy; more would only take memory that no step takes.
"""

STALE_SECONDS = 3600.0
"""A half-made store that nobody wrote to for so long was left by a process that died."""

OUTPUTS, TEXTS, STARTS = "outputs.npy", "texts.npy", "starts.npy"
_HALF = np.dtype(np.float16)


class Item(Protocol):
    """A text, a picture or a sound, known by its content; as long as it has places."""

    @property
    def digest(self) -> Digest:
        """The same for the same content."""
        ...

    def __len__(self) -> int: ...


I = TypeVar("I", bound=Item)  # noqa: E741


class Store:
    """A whole store, opened: the outputs stay on disk and are mapped into memory as they are used.

    Attributes:
        hidden: width h of an output.
        bytes: size of the outputs; what was used of them counts as memory of the process.
    """

    def __init__(self, folder: Path) -> None:
        # Copy-on-write: PyTorch wants arrays that it might write to.
        self._outputs = np.load(folder / OUTPUTS, mmap_mode="c")
        self._starts = np.load(folder / STARTS)
        texts = np.load(folder / TEXTS)
        self._place = {text.tobytes(): at for at, text in enumerate(texts)}
        self.hidden = int(self._outputs.shape[1])
        self.bytes = int(self._outputs.nbytes)

    def __contains__(self, digest: Digest) -> bool:
        return digest in self._place

    def read(self, digests: Sequence[Digest]) -> tuple[Tensor, NDArray[np.int64]]:
        """Outputs of these texts one behind the other (T, h) in float32, and how many each has."""
        at = np.asarray([self._place[digest] for digest in digests], np.int64)
        starts, counts = self._starts[at], self._starts[at + 1] - self._starts[at]
        ends = np.cumsum(counts)
        rows = np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)
        return torch.from_numpy(self._outputs[rows]).float(), counts


class UnkeptError(Exception):
    """Outputs that cannot be kept on disk; its text says why."""


def key(weights: Iterable[Tensor], shape: str, texts: Iterable[Item]) -> str:
    """What the outputs depend on: the frozen weights, how they are put together, and the texts."""
    found = hashlib.sha256(f"{VERSION}/{FILL_TOKENS}/{shape}".encode())
    for weight in weights:
        found.update(weight.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    for text in texts:
        found.update(text.digest)
    return found.hexdigest()


def in_order(texts: Iterable[I]) -> list[I]:
    """Each text once, longest first so that memory peaks at once or never, those of a length by their content."""
    known = {text.digest: text for text in texts}
    return sorted(known.values(), key=lambda text: (-len(text), text.digest))


def opened(folder: Path) -> Store | None:
    """The store in ``folder``; None where there is none, or one that is damaged in any byte.

    All of it is read for that. Computing it is slower by far, and what was read stays in
    the system's memory for the first epoch.
    """
    if damage(folder):
        return None
    used(folder)
    return Store(folder)


def made(
    folder: Path, texts: Sequence[I], compute: Callable[[Sequence[I]], list[Tensor]], *, hidden: int, first: bool
) -> Store:
    """Compute the outputs of ``texts`` (in order) and write them, whole or not at all.

    Args:
        compute: texts of one batch → the outputs of each, (t, h).
        hidden: width h.
        first: of each text the first place alone is kept.

    Raises:
        UnkeptError: the disk refuses, or has too little room, or an output is too large for half precision.
    """
    counts = np.asarray([1 if first else len(text) for text in texts], np.int64)
    with _keeping(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        _need_room(folder.parent, int(counts.sum()) * hidden * _HALF.itemsize + len(texts) * (DIGEST_BYTES + 8))
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(partial, texts, compute, counts=counts, hidden=hidden)
            # Another process may have made it meanwhile, of the same bytes.
            if damage(folder):
                shutil.rmtree(folder, ignore_errors=True)
                partial.rename(folder)
                sync(folder.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return Store(folder)


@contextmanager
def _keeping(folder: Path) -> Iterator[None]:
    """While this lasts, what the system refuses means that nothing is kept, not that the run ends."""
    try:
        yield
    except OSError as error:
        refused = refusal(error, folder, then="")
        raise UnkeptError(str(error) if refused is None else refused.got) from error


def _need_room(folder: Path, size: int) -> None:
    needed, free = size * SPARE / 1e6, shutil.disk_usage(folder).free / 1e6
    if free < needed:
        raise UnkeptError(
            say(f"{needed:,.0f} MB needed, {free:,.0f} MB free", f"需要 {needed:,.0f} MB，可用 {free:,.0f} MB")
        )


def _write(
    folder: Path,
    texts: Sequence[I],
    compute: Callable[[Sequence[I]], list[Tensor]],
    *,
    counts: NDArray[np.int64],
    hidden: int,
) -> None:
    # Written, not mapped: a disk that fills up then is an error, not the end of the process.
    with (folder / OUTPUTS).open("wb") as file:
        _header(file, (int(counts.sum()), hidden))
        for batch in _batches(texts):
            for output in compute(batch):
                half = output.half()
                if not bool(half.isfinite().all()):
                    raise UnkeptError(say("too large for half precision", "超出半精度范围"))
                file.write(half.cpu().numpy().tobytes())
    np.save(folder / TEXTS, np.frombuffer(b"".join(text.digest for text in texts), np.uint8).reshape(-1, DIGEST_BYTES))
    np.save(folder / STARTS, np.concatenate([[0], np.cumsum(counts)]))
    seal(folder)
    for path in folder.iterdir():
        sync(path)
    sync(folder)


def _header(file: IO[bytes], shape: tuple[int, int]) -> None:
    described = {"descr": np.lib.format.dtype_to_descr(_HALF), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_2_0(file, described)


def _batches(texts: Sequence[I]) -> Iterator[Sequence[I]]:
    """Neighbours whose rectangle holds at most ``FILL_TOKENS``."""
    at = 0
    while at < len(texts):
        size = max(1, FILL_TOKENS // len(texts[at]))
        yield texts[at : at + size]
        at += size


def _sweep(folder: Path) -> None:
    """Remove what processes left that died while they made this store."""
    for partial in folder.parent.glob(f".{folder.name}-*"):
        if time.time() - max(path.stat().st_mtime for path in (partial, *partial.iterdir())) > STALE_SECONDS:
            shutil.rmtree(partial, ignore_errors=True)
