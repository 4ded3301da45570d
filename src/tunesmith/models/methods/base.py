"""An adapter and the model it belongs to: the base is noted with its hash, and checked when they meet again."""

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.errors import ModelError
from tunesmith.models.files import read_object, weights_sha256
from tunesmith.models.grown import enlarge
from tunesmith.models.loading import load, reload
from tunesmith.models.safety import ADAPTER
from tunesmith.settings import ModelSettings
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedModel

BASE = "base.json"
"""Beside the adapter: which model it belongs to, and the SHA-256 of that model's weights."""

GENERATION = "generation_config.json"


@contextmanager
def calm() -> Iterator[None]:
    """Without two warnings of peft 0.21 that nobody here can act on."""
    with warnings.catch_warnings():
        # It asks transformers by a name that will go in version 6.
        warnings.simplefilter("ignore", FutureWarning)
        # Of words that are read and written by one table it keeps the rows once, for both.
        warnings.filterwarnings("ignore", "Model (has|with) `tie_word_embeddings=True`", UserWarning)
        yield


def note_base(adapter: Path, base: Path, *, entries: int = 0) -> None:
    """Write down which model an adapter belongs to, and to how many entries its vocabulary grew; 0: it did not."""
    found: dict[str, str | int] = {"path": str(base), "sha256": weights_sha256(base)}
    if entries:
        found["entries"] = entries
    (adapter / BASE).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def base_of(adapter: Path, *, sha256: str = "") -> Path:
    """The folder of the model that an adapter was trained on, if it still holds the same weights.

    Args:
        sha256: of the weights, where somebody else noted them, too: before the training, not after it.

    Raises:
        ModelError: it is gone, or its weights are others: the adapter would answer at random.
    """
    noted = read_object(adapter / BASE)
    base, wanted = Path(str(noted.get("path", ""))), sha256 or str(noted.get("sha256", ""))
    found = weights_sha256(base) if base.is_dir() else ""
    if not wanted or found != wanted:
        raise ModelError(
            expected=say(
                f"the model that the adapter was trained on, with weights of SHA-256 {wanted[:12] or '?'}…",
                f"训练该适配器时所用的模型，权重 SHA-256 为 {wanted[:12] or '?'}…",
            ),
            got=say(f"weights of {found[:12]}…", f"权重为 {found[:12]}…") if found else say("none", "没有"),
            where=str(base) if wanted else str(adapter / BASE),
            do=say(
                "put that model back, or use the merged one in the run's model/ folder, which needs no base",
                "请恢复该模型，或使用运行目录 model/ 中已合并的模型，它不需要基础模型",
            ),
        )
    return base


def on_base(adapter: Path, *, auto_class: str, labels: Sequence[str], settings: ModelSettings) -> "PreTrainedModel":
    """The adapter on its base, both as they lie on disk, in float32 and not merged.

    Args:
        auto_class: name of the transformers Auto class that it was trained with.
        labels: label names in the order of the outputs.

    Raises:
        ModelError: the base is gone or another one.
    """
    from peft import PeftModel

    # A new head is drawn here and then replaced: the adapter holds the one that learned.
    loaded = load(base_of(adapter), auto_class=auto_class, labels=labels, settings=settings, seed=0)
    # The rows that were added are in the adapter, all of them.
    enlarge(loaded.model, int(read_object(adapter / BASE).get("entries", 0)))
    with calm():
        together = PeftModel.from_pretrained(loaded.model, adapter)
    found: PreTrainedModel = together.eval()
    return found


def reopened(folder: Path, auto_class: str) -> "PreTrainedModel":
    """The trained model of a run exactly as it was saved: a whole one, or one that stands beside its base.

    Raises:
        ModelError: as ``reload``; or the base is gone or another one.
    """
    if not (folder / ADAPTER).is_file():
        return reload(folder, auto_class)
    from transformers import GenerationConfig

    model = on_base(folder, auto_class=auto_class, labels=(), settings=ModelSettings())
    if (folder / GENERATION).is_file():
        # How it writes was settled by what it learned, not by its base.
        model.get_base_model().generation_config = GenerationConfig.from_pretrained(folder)
    return model
