"""What prepared rows depend on, as one hash: the same inputs are prepared once."""

import hashlib
import json
from pathlib import Path

from tunesmith.artifacts import Cleaning, Reading
from tunesmith.models import tokenizer as tokenizers
from tunesmith.models.media import processor
from tunesmith.settings import Settings
from tunesmith.tasks.task import Task

VERSION = "3"
"""Part of the cache's key: it changes when the prepared form does."""


def key_of(reading: Reading, task: Task, settings: Settings, tokenizer: Path | None, cleaning: Cleaning) -> str:
    """What the prepared form depends on: rows, split, cleaning, and the tokenizer or how one is made."""
    if tokenizer is None:
        made = settings.model.model_dump_json(include={"scratch_vocabulary", "scratch_size"})
    else:
        made = processor.fingerprint(tokenizer) if task.takes == "files" else _words(tokenizer)
    # The cleaning says what was decided; the settings say only what was asked for.
    asked = settings.prepare.model_dump_json(
        exclude={"max_length", "clean", "segment", "stopwords", "document", "workers"}
    )
    # Two models may share a tokenizer and know other synonyms.
    asks = str(tokenizer) if "synonym" in settings.prepare.augment else ""
    parts = [VERSION, reading.key, task.name, asked, cleaning.model_dump_json(), made, asks]
    if reading.documents is not None:
        # Not its reason, which depends on the user's language.
        parts.append(f"{reading.documents.unit}/{reading.documents.part}")
    if task.takes == "turns":
        parts.append(_form(settings.prepare.chat_template, tokenizer))
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()


def _words(tokenizer: Path) -> str:
    return tokenizers.fingerprint(tokenizers.load_tokenizer(tokenizer))


def _form(named: str | None, tokenizer: Path | None) -> str:
    """The chat template that talks go through: the tokenizer's own, or the one that a made tokenizer will get."""
    if tokenizer is not None:
        return str(tokenizers.load_tokenizer(tokenizer).chat_template)
    path = Path(named or "")
    return path.read_text(encoding="utf-8") if path.is_file() else ""
