"""prefix: keys and values that every layer sees before each text; the model itself stays as it is.

Prefix tuning (Li & Liang 2021), through peft, whose form it is also kept in: no plain model can hold what is no part of
any text, so nothing is merged. The prefix begins with the keys and values of words that chance draws (section 7.4 of
the paper: far better than random numbers where rows are few).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tunesmith.errors import ModelError
from tunesmith.models.methods.base import calm, note_base
from tunesmith.models.methods.tuning import Pace
from tunesmith.models.quiet import quiet
from tunesmith.seeds import generator
from tunesmith.tasks.task import Batch
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Prefixed:
    """A frozen model whose prefix learns.

    Args:
        count: places of the prefix.
        seed: of the words that it begins with.

    Raises:
        ModelError: the model keeps no keys and values in the form that peft knows.
    """

    learns_words = False
    is_whole = True
    pace: Pace | None = None

    def __init__(self, model: "PreTrainedModel", count: int, *, seed: int) -> None:
        from peft import PrefixTuningConfig, get_peft_model

        kind = "SEQ_2_SEQ_LM" if model.config.is_encoder_decoder else "CAUSAL_LM"
        begin = _spoken(model, count, seed)
        config = PrefixTuningConfig(
            task_type=kind,
            num_virtual_tokens=count,
            num_layers=len(begin) // 2,
            num_attention_heads=begin[0].shape[0],
            token_dim=begin[0].shape[0] * begin[0].shape[2],
        )
        with calm():
            self.model: Any = get_peft_model(model.requires_grad_(False), config)
        # A row of the table is one place: key and value of the first layer, of the second, …
        rows = torch.stack([part.transpose(0, 1).flatten(1) for part in begin], 1).flatten(1)
        with torch.no_grad():
            self.model.prompt_encoder["default"].embedding.weight.copy_(rows)

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model with its prefix: that is all there is."""
        whole: PreTrainedModel = self.model
        return whole


def _spoken(model: "PreTrainedModel", count: int, seed: int) -> list[Tensor]:
    """Keys and values that the (decoder's) layers find for so many drawn words, each (heads, count, width).

    Raises:
        ModelError: there are none, or not of one size.
    """
    known = int(model.get_input_embeddings().weight.shape[0])
    drawn = generator(seed, "prefix").choice(known, count, replace=count > known)
    ids = torch.from_numpy(drawn).to(model.device).unsqueeze(0)
    more = {"decoder_input_ids": ids} if model.config.is_encoder_decoder else {}
    was_training = model.training
    with torch.no_grad(), quiet():
        kept = model.eval()(input_ids=ids, use_cache=True, **more).past_key_values
    model.train(was_training)
    layers = getattr(getattr(kept, "self_attention_cache", kept), "layers", ())
    found = [
        part[0]
        for layer in layers
        for part in (getattr(layer, "keys", None), getattr(layer, "values", None))
        if part is not None
    ]
    if not found or len(found) != 2 * len(layers) or {part.shape for part in found} != {found[0].shape}:
        raise ModelError(
            expected=say("a model whose layers all keep keys and values of one size", "各层的键和值大小一致的模型"),
            got=str(model.config.model_type),
            where="train.method",
            do=say("use train.method=lora", "请使用 train.method=lora"),
        )
    return found


def stands_beside(model: Any) -> bool:
    """Whether what was learned stands beside the model, so that it cannot be saved as one."""
    return any(config.is_prompt_learning for config in getattr(model, "peft_config", {}).values())


def save_apart(model: Any, folder: Path) -> None:
    """What was learned in the form that peft loads, with the configuration of its base and how it writes."""
    base = model.get_base_model()
    path = Path(base.config.name_or_path)
    with quiet():
        model.save_pretrained(folder)
        base.config.save_pretrained(folder)
        if base.can_generate():
            base.generation_config.save_pretrained(folder)
    note_base(folder, path)
