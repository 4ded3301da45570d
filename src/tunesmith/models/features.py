"""Frozen features of texts: what the upper layers of a pretrained encoder say of each, as one vector.

Means and maxima over a text's tokens, of the last four layers: the last one alone is made for
the model's old task, and on SST-2 and TREC a linear head on all four is 2 to 6 points better.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.models.facts import max_length
from tunesmith.models.files import weights_sha256
from tunesmith.models.loading import load
from tunesmith.models.tokenizer import load_tokenizer, padding_id
from tunesmith.runs import cache_folder
from tunesmith.settings import ModelSettings

FOLDER = "features"
"""Where they are kept, below the cache."""

VERSION = "1"
"""Part of the key: it changes when the features do."""

LAYERS = 4
"""Upper layers that are looked at."""

MOST_TOKENS = 256
"""Tokens of a text that are read; a topic or a tone shows before that, and time grows with the length."""

PASS_TOKENS = 8192
"""Tokens of one forward pass: bounds the memory."""

Told = Callable[[float], None]


def frozen(folder: Path, settings: ModelSettings) -> Callable[[Sequence[str], Told], NDArray[np.float32]]:
    """Texts (n) to features (n, 2 · layers · hidden), computed once for the same texts and weights.

    Raises (when called):
        ModelError: the folder must not be trusted, or its files are damaged.
    """

    def compute(texts: Sequence[str], told: Told) -> NDArray[np.float32]:
        kept = cache_folder() / FOLDER / f"{_key(folder, texts)}.npy"
        found = _opened(kept, len(texts))
        if found is None:
            found = _computed(folder, settings, texts, told).astype(np.float16)
            _keep(kept, found)
        told(1.0)
        return found.astype(np.float32)

    return compute


def _key(folder: Path, texts: Sequence[str]) -> str:
    found = hashlib.sha256(f"{VERSION}/{LAYERS}/{MOST_TOKENS}/{weights_sha256(folder)}".encode())
    for text in texts:
        found.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return found.hexdigest()


def _opened(path: Path, rows: int) -> NDArray[np.float16] | None:
    """What was kept; None where there is nothing, or nothing whole."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape[0] == rows else None


def _keep(path: Path, features: NDArray[np.float16]) -> None:
    """Write them whole or not at all; a disk that refuses costs the next check some minutes, no more."""
    partial = path.with_suffix(".partial")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as file:
                np.save(file, features)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _computed(folder: Path, settings: ModelSettings, texts: Sequence[str], told: Told) -> NDArray[np.float32]:
    import torch

    model = load(folder, auto_class="AutoModel", labels=(), settings=settings, seed=0).model.eval()
    tokenizer = load_tokenizer(folder)
    window = min(max_length(folder), MOST_TOKENS)
    ids = [_cut(encoded.ids, window) for encoded in tokenizer.backend_tokenizer.encode_batch_fast(list(texts))]
    # Of like length together, the longest first: nearly no padding, and memory peaks at once or never.
    order = sorted(range(len(ids)), key=lambda at: -len(ids[at]))
    found: NDArray[np.float32] | None = None
    at = 0
    while at < len(order):
        chosen = order[at : at + max(1, PASS_TOKENS // max(1, len(ids[order[at]])))]
        with torch.inference_mode():
            part = _pooled(model, [ids[row] for row in chosen], padding_id(tokenizer))
        found = np.empty((len(ids), part.shape[1]), np.float32) if found is None else found
        found[chosen] = part
        at += len(chosen)
        told(at / len(order))
    assert found is not None, "asked for the features of no text"
    return found


def _cut(ids: list[int], window: int) -> list[int]:
    """At most ``window`` tokens; what stands at the end (a special token) stays there."""
    return ids if len(ids) <= window else [*ids[: window - 1], ids[-1]]


def _pooled(model: Any, ids: Sequence[list[int]], pad: int) -> NDArray[np.float32]:
    """Means and maxima of the upper layers' outputs, (b, 2 · layers · hidden)."""
    import torch

    lengths = torch.tensor([max(1, len(row)) for row in ids])
    width = int(lengths.max())
    padded = torch.tensor([[*row, *[pad] * (width - len(row))] for row in ids])
    mask = torch.arange(width) < lengths[:, None]
    states = model(input_ids=padded, attention_mask=mask.long(), output_hidden_states=True).hidden_states
    parts = []
    for state in states[-LAYERS:]:
        parts.append((state * mask[..., None]).sum(1) / lengths[:, None])
        parts.append(state.masked_fill(~mask[..., None], float("-inf")).max(1).values)
    pooled: NDArray[np.float32] = torch.cat(parts, 1).float().numpy()
    return pooled
