"""A tokenizer that puts a prompt's words before each text; see ``prompt`` for what they mean. No torch here."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunesmith.artifacts import Template
from tunesmith.errors import ModelError
from tunesmith.models.files import CONFIG, read_object
from tunesmith.models.tokenizer import fingerprint, load_tokenizer, template
from tunesmith.words import say

WORD = "[PROMPT{}]"
FOLDER = "prompted"
"""Where the tokenizers lie, below the cache."""

_PROMPT = re.compile(r"\[PROMPT\d+\]")


def is_prompt(word: str) -> bool:
    """Whether it is one of a prompt's words."""
    return _PROMPT.fullmatch(word) is not None


def prompted_tokenizer(source: Path, count: int, *, cache: Path) -> Path:
    """A folder below ``cache`` with the tokenizer of ``source``, which puts ``count`` prompt words before each text.

    Raises:
        ModelError: there is no tokenizer, it is damaged, or it does not take the words.
    """
    tokenizer = load_tokenizer(source)
    target = cache / FOLDER / _name(tokenizer, count)
    if target.is_dir():
        return target
    around = template(tokenizer, source)
    words = [WORD.format(at) for at in range(count)]
    tokenizer.add_tokens(words, special_tokens=True)
    ids = tokenizer.convert_tokens_to_ids(words)
    tokenizer.backend_tokenizer.post_processor = _framing(tokenizer, around, ids)
    if isinstance(tokenizer.chat_template, str):
        # Talks are put together by their template alone; one that is made later takes the prompt from the tokenizer.
        tokenizer.chat_template = f"{{{{ {json.dumps(''.join(words))} }}}}{tokenizer.chat_template}"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        tokenizer.save_pretrained(partial)
        _as_it_is(partial / "tokenizer_config.json")
        config = read_object(source / CONFIG)
        config["vocab_size"] = max(config["vocab_size"], ids[-1] + 1)
        (partial / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if template(load_tokenizer(partial), partial).prefix != (*around.prefix, *ids):
            raise _not_taken(source)
        if not target.exists():
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _name(tokenizer: Any, count: int) -> str:
    """Another one where ids or chat template differ."""
    form = hashlib.sha256(str(tokenizer.chat_template or "").encode()).hexdigest()[:16]
    return f"{fingerprint(tokenizer)}-{form}-{count}"


def _as_it_is(path: Path) -> None:
    """Have the tokenizer loaded as tokenizer.json says: classes such as BertTokenizer put in their own framing."""
    written = read_object(path) | {"tokenizer_class": "PreTrainedTokenizerFast"}
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _not_taken(source: Path) -> ModelError:
    return ModelError(
        expected=say("a tokenizer that takes the words of a prompt", "可以加入提示词元的分词器"),
        got=say("one that leaves them out", "不接受它们的分词器"),
        where=str(source),
        do=say("use train.method=lora", "请使用 train.method=lora"),
    )


def _framing(tokenizer: Any, around: Template, prompt: Sequence[int]) -> Any:
    """The tokenizer's own special tokens, and the prompt between its first ones and the text."""
    from tokenizers.processors import TemplateProcessing

    second = 1 if around.has_types else 0
    before = [f"{at}:0" for at in (*around.prefix, *prompt)]
    single = [*before, "$A:0", *(f"{at}:0" for at in around.suffix)]
    between = [f"{at}:0" for at in around.middle]
    pair = [*before, "$A:0", *between, f"$B:{second}", *(f"{at}:{second}" for at in around.suffix)]
    known = sorted({*around.prefix, *around.middle, *around.suffix, *prompt})
    # Named by their ids: a token itself may hold a sign that means something in a template.
    special = [{"id": str(at), "ids": [at], "tokens": [tokenizer.convert_ids_to_tokens(at)]} for at in known]
    return TemplateProcessing(single=single, pair=pair, special_tokens=special)
