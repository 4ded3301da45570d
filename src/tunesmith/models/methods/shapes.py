"""What peft must be told for each method: beside which layers what is learned, as one of its configurations.

LoRA (Hu et al. 2021), DoRA (Liu et al. 2024), rsLoRA (Kalajdzievski 2023), PiSSA (Meng et al.
2024), IA3 (Liu et al. 2022).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from torch import nn

from tunesmith.errors import ModelError
from tunesmith.models.loading import is_head
from tunesmith.settings import AdapterSettings
from tunesmith.settings.tree import LINEAR
from tunesmith.words import listed, say

if TYPE_CHECKING:
    from peft import PeftConfig
    from transformers import PreTrainedModel

_TASKS = {
    "ForSequenceClassification": "SEQ_CLS",
    "ForTokenClassification": "TOKEN_CLS",
    "ForCausalLM": "CAUSAL_LM",
    "LMHeadModel": "CAUSAL_LM",
    "ForConditionalGeneration": "SEQ_2_SEQ_LM",
}

WORDS = "words"
"""Nothing but the rows of added words learns: what a prompt is to a model that writes."""

_BERT = ("key", "value", "output.dense")
SCALED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("bert", "camembert", "electra", "roberta", "xlm-roberta"), _BERT),
    "distilbert": ("k_lin", "v_lin", "lin2"),
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2"), ("k_proj", "v_proj", "down_proj")),
    "gpt2": ("c_attn", "mlp.c_proj"),
    "gpt_neox": ("query_key_value", "dense_4h_to_h"),
    "opt": ("k_proj", "v_proj", "fc2"),
    "t5": ("k", "v", "wo"),
    "bart": ("k_proj", "v_proj", "fc2"),
}
"""Layers that IA3 scales, by ``model_type``: keys, values, and last what the feed-forward part ends with."""


def shape(
    model: "PreTrainedModel",
    method: str,
    settings: AdapterSettings,
    *,
    writes: str,
    made: Collection[str],
    added: Sequence[int] = (),
) -> "PeftConfig":
    """The configuration of ``method`` for ``model``.

    Args:
        settings: rank, alpha and targets are filled in.
        writes: the kind of language model; "" for one that answers with labels.
        made: names of the weights that were made anew, which must learn whatever the method.
        added: ids of the words that were added, whose rows alone learn of the table of words; not with IA3.

    Raises:
        ModelError: no layer has a name that was asked for, or IA3 does not know such a model.
    """
    from peft import IA3Config, LoraConfig, TrainableTokensConfig

    kind = next((task for end, task in _TASKS.items() if type(model).__name__.endswith(end)), None)
    if method == WORDS:
        return TrainableTokensConfig(
            task_type=kind, token_indices=list(added), target_modules=list(_word_tables(model))
        )
    layers = linear_layers(model)
    common = {
        "task_type": kind,
        # GPT-2 writes its matrices the other way round.
        "fan_in_fan_out": any(not isinstance(layer, nn.Linear) for _, layer in layers),
        # A head that was drawn for these labels learns whole; one that writes was pretrained with the rest.
        "modules_to_save": _new_parts(model, made) if writes else _heads(model),
    }
    if method == "ia3":
        scaled = _scaled(model)
        return IA3Config(target_modules=list(scaled), feedforward_modules=list(scaled[-1:]), **common)
    return LoraConfig(
        r=settings.rank or 1,
        lora_alpha=settings.alpha or 1.0,
        lora_dropout=settings.lora_dropout,
        use_dora=method == "dora",
        use_rslora=method == "rslora",
        init_lora_weights="pissa" if method == "pissa" else True,
        target_modules=_named([name for name, _ in layers], settings.targets or LINEAR, model),
        trainable_token_indices={name: list(added) for name in _word_tables(model)} if added else None,
        **common,
    )


def _word_tables(model: "PreTrainedModel") -> list[str]:
    """Names of the table that words are read by, and of the one that they are written by where that is another.

    A shared one is named once: peft finds all that share it.
    """
    read, written = model.get_input_embeddings(), model.get_output_embeddings()
    is_shared = written is None or written.weight is read.weight
    wanted = [read] if is_shared else [read, written]
    return [next(name for name, part in model.named_modules() if part is table) for table in wanted]


def linear_layers(model: "PreTrainedModel") -> list[tuple[str, nn.Module]]:
    """Every linear layer but those of the head, by name."""
    from transformers.pytorch_utils import Conv1D

    # T5 with its head has no other model inside, so its table of words must be told by itself.
    output = model.get_output_embeddings()
    return [
        (name, part)
        for name, part in model.named_modules()
        if isinstance(part, nn.Linear | Conv1D) and part is not output and not is_head(f"{name}.", model)
    ]


def _named(names: Sequence[str], wanted: Sequence[str], model: "PreTrainedModel") -> list[str]:
    """Those that end with one of the wanted names."""
    if tuple(wanted) == LINEAR:
        return list(names)
    found = {want: [name for name in names if f".{name}".endswith(f".{want}")] for want in wanted}
    strange = [want for want, its in found.items() if not its]
    if strange:
        known = sorted({name.rpartition(".")[2] for name in names})
        raise ModelError(
            expected=say(f"linear layers of the model: {listed(known)}", f"模型的线性层：{listed(known)}"),
            got=listed(strange),
            where="adapter.targets",
            do=say(
                f"name some of these, or use adapter.targets={LINEAR[0]} for all of them",
                f"请选用其中的名称，或用 adapter.targets={LINEAR[0]} 表示全部",
            ),
        )
    return sorted({name for its in found.values() for name in its})


def _scaled(model: "PreTrainedModel") -> tuple[str, ...]:
    kind = model.config.model_type
    if kind not in SCALED:
        raise ModelError(
            expected=say(
                f"a model whose keys and values IA3 knows: {listed(list(SCALED))}",
                f"IA3 认识其键和值的模型类型：{listed(list(SCALED))}",
            ),
            got=kind,
            where="train.method",
            do=say("use train.method=lora", "请使用 train.method=lora"),
        )
    return SCALED[kind]


def _heads(model: "PreTrainedModel") -> list[str]:
    """What lies behind the encoder, in parts as large as peft itself takes them, and the encoder's pooler."""
    learning = {name for name, part in model.named_modules() if name and is_head(f"{name}.", model) and _learns(part)}
    return sorted(name for name in learning if name.rpartition(".")[0] not in learning)


def _new_parts(model: "PreTrainedModel", made: Collection[str]) -> list[str] | None:
    """Modules all of whose weights were made anew, but for the table of words, which is that of the embeddings.

    A bias of the vocabulary that is alone in being new stays at the zeros that it is made of.
    """
    output = model.get_output_embeddings()
    new = {
        name
        for name, part in model.named_modules()
        if name and part is not output and _learns(part) and all(f"{name}.{of}" in made for of, _ in _weights(part))
    }
    return sorted(name for name in new if name.rpartition(".")[0] not in new) or None


def _weights(part: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return list(part.named_parameters())


def _learns(part: nn.Module) -> bool:
    return next(part.parameters(), None) is not None
