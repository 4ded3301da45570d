"""Which kind of language model a folder holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.models.files import CONFIG, read_object
from tunesmith.tasks.task import Writes

_SAID: Mapping[str, Writes] = {
    "ForCausalLM": "causal",
    "LMHeadModel": "causal",
    "ForConditionalGeneration": "seq2seq",
    "ForMaskedLM": "masked",
    "ForPreTraining": "masked",
}
"""Endings of class names that say what the head does. BertForPreTraining holds a masked head beside another one."""


def writes(folder: Path) -> Writes:
    """What the model in ``folder`` can do as a language model: by the class it was saved from, else by its type.

    A type that can be several things (a BERT can be made to go on, too) is what its pretraining made of it,
    so masked comes before causal. "" where no language model of this type is known.
    """
    config = read_object(folder / CONFIG)
    return _by_class(config) or _by_type(config)


def has_head(folder: Path) -> bool:
    """Whether the model was saved with the head of a language model, so that none begins at random."""
    return _by_class(read_object(folder / CONFIG)) is not None


def _by_class(config: Mapping[str, Any]) -> Writes | None:
    names = config.get("architectures") or ()
    return next((kind for name in names for end, kind in _SAID.items() if str(name).endswith(end)), None)


def _by_type(config: Mapping[str, Any]) -> Writes:
    # Only here: the tables come with a good part of transformers.
    from transformers.models.auto import modeling_auto as known

    tables: Mapping[Writes, Mapping[str, str]] = {
        "seq2seq": known.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
        "masked": known.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
        "causal": known.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    }
    model_type = config.get("model_type")
    return next((kind for kind, table in tables.items() if model_type in table), "")
