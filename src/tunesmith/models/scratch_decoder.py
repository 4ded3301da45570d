"""A small decoder from random weights: Llama's shape, as large as the texts can teach.

Its folder holds a tokenizer and a config.json, no weights; ``loading.new`` makes those from a
seed. Llama's shape (Touvron et al. 2023: rotary positions, a gated layer, norms before each
part, no biases), since any program loads it. The table of tokens serves at both ends, so that
a small model spends its weights on layers. No torch here.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunesmith.models.files import CONFIG, read_object
from tunesmith.models.scratch import ROTARY_BASE, SIZES, Size, scratch_facts
from tunesmith.models.scratch_pieces import BEGIN, END, PAD, Made, train
from tunesmith.settings import ModelSettings
from tunesmith.words import say

KIND = "llama"

POSITIONS = 1024
"""Tokens that it can see at once; rotary positions cost no weights. The plan chooses windows within them."""

SMALL_TOKENS, BASE_TOKENS = 6_000_000, 20_000_000
"""From so many training tokens on the next size is worth its time.

By reckoning, not by trial: seen ten times, they are about 20 tokens a weight (Hoffmann et al. 2022) of the next size.
"""

SIZED = "sized.json"
"""Beside the tokenizer: what it was made of, from which the reasons are told."""

MANY = 1_000_000


def write(
    texts: Iterable[str], folder: Path, *, settings: ModelSettings, by_character: bool, seed: int, with_roles: bool
) -> None:
    """Write tokenizer and config.json of a decoder for these training texts."""
    made = train(
        texts,
        folder,
        by_character=by_character,
        vocabulary=settings.scratch_vocabulary,
        seed=seed,
        with_roles=with_roles,
    )
    (folder / SIZED).write_text(json.dumps(asdict(made)) + "\n", encoding="utf-8")
    config = _config(SIZES[settings.scratch_size or size_for(made.tokens)], folder)
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def size_for(tokens: int) -> str:
    """The size (a key of ``scratch.SIZES``) for so many training tokens."""
    return "tiny" if tokens < SMALL_TOKENS else "small" if tokens < BASE_TOKENS else "base"


def _config(shape: Size, folder: Path) -> dict[str, Any]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pad, begin, end = map(tokenizer.token_to_id, (PAD, BEGIN, END))
    return {
        "model_type": KIND,
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "intermediate_size": inner(shape),
        "max_position_embeddings": POSITIONS,
        "rope_parameters": {"rope_type": "default", "rope_theta": ROTARY_BASE},
        "tie_word_embeddings": True,
        "pad_token_id": pad,
        "bos_token_id": begin,
        "eos_token_id": end,
    }


def inner(shape: Size) -> int:
    """Width of the gated layer: 8/3 of the model's, as Llama has it, in steps of 32."""
    return -(-8 * shape.hidden // 3 // 32) * 32


def reasons(folder: Path, settings: ModelSettings) -> str:
    """Why the model that ``folder`` describes has its size and its tokenizer."""
    made = Made(**read_object(folder / SIZED))
    return "; ".join((_size_reason(folder, made, settings), _pieces_reason(made, settings)))


def _size_reason(folder: Path, made: Made, settings: ModelSettings) -> str:
    config = read_object(folder / CONFIG)
    layers, hidden = config["num_hidden_layers"], config["hidden_size"]
    count = f"{scratch_facts(folder, '').parameters / MANY:.1f} M"
    shape = say(
        f"{layers} layers of {hidden}, {count} parameters",
        f"{layers} 层、宽 {hidden}，参数 {count}",
    )
    if settings.scratch_size:
        return say(f"{shape}: you named the size", f"{shape}：大小由您指定")
    return say(
        f"{shape} for {made.tokens:,} training tokens",
        f"{shape}，对应 {made.tokens:,} 个训练词元",
    )


def _pieces_reason(made: Made, settings: ModelSettings) -> str:
    if made.kind == "characters":
        text = say(
            f"its {made.entries:,} tokens are characters, rare ones as bytes",
            f"词表 {made.entries:,} 项，一字一项，罕见字用字节表示",
        )
    else:
        each = made.characters / max(1, made.tokens)
        text = say(
            f"its {made.entries:,} tokens are byte-level pieces of {each:.1f} characters on average",
            f"词表 {made.entries:,} 项，为字节级词片，平均 {each:.1f} 个字符",
        )
    if settings.scratch_vocabulary:
        return say(f"{text}; you named their number", f"{text}；数量由您指定")
    return text
