"""lora, dora, rslora: small matrices beside every linear layer of the encoder learn, and the head with them.

LoRA (Hu et al. 2021), DoRA (Liu et al. 2024), rsLoRA (Kalajdzievski 2023), all through
peft, which takes seconds to import and is asked for by these methods alone. In the end
the matrices are added to the layers, so what is saved is a plain model; what was trained
is also kept apart, head included, in the form that peft loads.
"""

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from tunesmith.models.files import weights_sha256
from tunesmith.models.loading import is_head, seeded
from tunesmith.models.methods.tuning import Pace
from tunesmith.settings import AdapterSettings
from tunesmith.tasks.task import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

BASE = "base.json"
"""Beside the adapter: which model it belongs to, and the SHA-256 of that model's weights."""

KINDS = ("lora", "dora", "rslora")
_TASKS = {"ForSequenceClassification": "SEQ_CLS", "ForTokenClassification": "TOKEN_CLS"}


class Adapted:
    """A frozen model with matrices of a low rank beside its linear layers.

    Args:
        method: one of ``KINDS``.
        settings: rank and alpha are filled in.
        seed: of the matrices that do not begin at zero.
    """

    learns_words = False
    is_whole = False
    pace: Pace | None = None

    def __init__(self, model: "PreTrainedModel", method: str, settings: AdapterSettings, *, seed: int) -> None:
        from peft import LoraConfig, get_peft_model

        self._base = Path(model.config.name_or_path)
        config = LoraConfig(
            task_type=next((task for end, task in _TASKS.items() if type(model).__name__.endswith(end)), None),
            r=settings.rank or 1,
            lora_alpha=settings.alpha or 1.0,
            lora_dropout=settings.lora_dropout,
            use_dora=method == "dora",
            use_rslora=method == "rslora",
            target_modules=[name for name, _ in _linear_layers(model)],
            # GPT-2 writes its matrices the other way round.
            fan_in_fan_out=any(not isinstance(layer, nn.Linear) for _, layer in _linear_layers(model)),
            modules_to_save=_heads(model),
        )
        with seeded(seed, "adapter"), warnings.catch_warnings():
            # peft 0.21 asks transformers by a name that will go in version 6.
            warnings.simplefilter("ignore", FutureWarning)
            self._adapted = get_peft_model(model, config)
        # The model itself, changed in place, so that hooks and names stay those of transformers.
        self.model: PreTrainedModel = self._adapted.get_base_model()

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model with the matrices added to its layers, and the learned head in place."""
        if adapter is not None:
            self._adapted.save_pretrained(adapter, save_embedding_layers=False)
            # A form with nothing filled in; what there is to say stands in the model's own card.
            (adapter / "README.md").unlink(missing_ok=True)
            base = {"path": str(self._base), "sha256": weights_sha256(self._base)}
            (adapter / BASE).write_text(json.dumps(base, indent=1) + "\n", encoding="utf-8")
        merged: PreTrainedModel = self._adapted.merge_and_unload(safe_merge=True)
        return merged.requires_grad_(True)


def _linear_layers(model: "PreTrainedModel") -> list[tuple[str, nn.Module]]:
    """Every linear layer of the encoder, by name."""
    from transformers.pytorch_utils import Conv1D

    return [
        (name, part)
        for name, part in model.named_modules()
        if isinstance(part, nn.Linear | Conv1D) and not is_head(f"{name}.", model)
    ]


def _heads(model: "PreTrainedModel") -> list[str]:
    """What lies behind the encoder, in parts as large as peft itself takes them, and the encoder's pooler."""
    learning = {name for name, part in model.named_modules() if name and is_head(f"{name}.", model) and _learns(part)}
    return sorted(name for name in learning if name.rpartition(".")[0] not in learning)


def _learns(part: nn.Module) -> bool:
    return next(part.parameters(), None) is not None
