"""Vectors for words that a tokenizer has beyond its model's own: what they were cut into tells what they mean.

A new word begins as the mean of the vectors of its old pieces (Gee et al. 2022, Fast Vocabulary Transfer, section 3.1),
in the table that is read by and in the one that is written by. What has no pieces that mean anything, such as a mark,
begins as the mean of all rows: then no word's probability can rise much (Hewitt 2021, Initializing New Word Embeddings
for Pretrained Language Models). The words of a prompt begin as words that chance draws (Lester et al. 2021, 3.2).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tunesmith.models.added_words import is_mark, written
from tunesmith.models.methods.prompt_words import is_prompt
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.seeds import generator

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def grown(model: "PreTrainedModel", before: Path, now: Path, *, seed: int) -> tuple[int, ...]:
    """Give ``model`` a row for each entry that the tokenizer in ``now`` has beyond the one in ``before``; their ids.

    A table that was longer than its tokenizer grows by what it lacks alone. The tables stay shared where they are.

    Args:
        seed: of the words that a prompt begins as.

    Raises:
        ModelError: one of the two is no tokenizer.
    """
    old, new = load_tokenizer(before), load_tokenizer(now)
    ids = tuple(range(len(old), len(new)))
    if not ids:
        return ()
    enlarge(model, len(new))
    words = {at: written(new, at) for at in ids}
    with torch.no_grad():
        for table in tables(model):
            for at, row in _rows(table, len(old), words, old, seed).items():
                table[at] = row
    return ids


def enlarge(model: "PreTrainedModel", entries: int) -> None:
    """As many rows as ``entries``, where there are fewer; what is in the new ones is left to whoever asks."""
    # A model of pictures or sounds has no table, and nobody asks for entries in it.
    if entries and model.get_input_embeddings().weight.shape[0] < entries:
        model.resize_token_embeddings(entries, mean_resizing=False)


def tables(model: "PreTrainedModel") -> list[Tensor]:
    """The rows that words are read by, and those that they are written by where these are others; (v, h) each."""
    found = [model.get_input_embeddings().weight]
    output = model.get_output_embeddings()
    if output is not None and output.weight is not found[0]:
        found.append(output.weight)
    return found


def _rows(table: Tensor, known: int, words: Mapping[int, str], old: Any, seed: int) -> dict[int, Tensor]:
    """The first vector of each new word, by its id."""
    mean = table[:known].mean(0)
    prompts = [at for at, word in words.items() if is_prompt(word)]
    drawn = generator(seed, "prompt").choice(known, len(prompts), replace=len(prompts) > known)
    found = {at: table[int(one)].clone() for at, one in zip(prompts, drawn, strict=True)}
    for at, word in words.items():
        if at not in found:
            pieces = [] if is_mark(word) else _pieces(old, word)
            found[at] = table[torch.tensor(pieces)].mean(0) if pieces else mean
    return found


def _pieces(old: Any, word: str) -> Sequence[int]:
    """What the old tokenizer makes of a word, but for what it does not know."""
    ids: list[int] = old.backend_tokenizer.encode(word, add_special_tokens=False).ids
    return [one for one in ids if one != old.unk_token_id]
