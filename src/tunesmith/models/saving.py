"""Save a model folder that any Hugging Face program loads: whole, or not at all."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.models.facts import NO_LIMIT, max_length
from tunesmith.models.media.processor import PROCESSOR
from tunesmith.models.quiet import quiet
from tunesmith.models.tokenizer import has_tokenizer, load_tokenizer, template

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CARD = "README.md"
TYPES = "token_type_ids"


def save(
    model: "PreTrainedModel",
    tokenizer_folder: Path,
    folder: Path,
    *,
    card: str,
    beside: Mapping[str, str] | None = None,
) -> None:
    """Write weights (safetensors), configuration with its label names, tokenizer and model card.

    All is written to a folder beside it, forced to disk and renamed, so that ``folder``
    holds the old model or the new one, never half of one.

    Args:
        model: what was trained; its ``config.id2label`` names the outputs. Of one that cannot be merged with what
            was learned that alone is written, in peft's form, and which base it belongs to.
        tokenizer_folder: where its tokenizer was loaded from.
        folder: where the model goes; what lies there is replaced.
        card: the text of README.md.
        beside: further files, by name, and their texts.
    """
    # Only here: who saves has computed; who only reads or checks must not wait for torch.
    from tunesmith.models.methods.prefix import save_apart, stands_beside

    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if stands_beside(model):
        save_apart(model, partial)
    else:
        with quiet():
            model.save_pretrained(partial)
    _save_tokenizer(tokenizer_folder, partial)
    for name, text in {CARD: card, **(beside or {})}.items():
        (partial / name).write_text(text, encoding="utf-8")
    for path in sorted(partial.rglob("*")):
        _force(path)
    _force(partial)
    _put(partial, folder)


def _save_tokenizer(source: Path, folder: Path) -> None:
    if (source / PROCESSOR).is_file() and not has_tokenizer(source):
        shutil.copyfile(source / PROCESSOR, folder / PROCESSOR)
        return
    tokenizer = load_tokenizer(source)
    # A limit that the tokenizer does not state makes pipelines overrun the model's positions.
    longest = max_length(folder)
    if longest < min(tokenizer.model_max_length, NO_LIMIT):
        tokenizer.model_max_length = longest
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    if written.get("tokenizer_class") == "TokenizersBackend":
        written["tokenizer_class"] = "PreTrainedTokenizerFast"  # its name in transformers 4; 5 knows both
    if template(tokenizer, folder).has_types and TYPES not in tokenizer.model_input_names:
        # The model learned which of two texts a token belongs to: without that, plain code would get other answers.
        written["model_input_names"] = ["input_ids", TYPES, "attention_mask"]
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _force(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put(partial: Path, folder: Path) -> None:
    """Rename into place. A folder cannot replace a full one, so the old one steps aside first."""
    aside = folder.with_name(f".{folder.name}.replaced")
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
    partial.rename(folder)
    _force(folder.parent)
    shutil.rmtree(aside, ignore_errors=True)
