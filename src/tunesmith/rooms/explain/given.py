"""One text as it is explained: what the model takes, which word each token belongs to, and what is asked of it."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.models.inputs import tensors
from tunesmith.models.inside.pieces import spans
from tunesmith.models.inside.values import Asked
from tunesmith.rooms.explain.reader import Reader
from tunesmith.rooms.explain.words import APART, NONE, Words, folded
from tunesmith.words import counted, say

About = Literal["class", "label", "number", "word", "answer", "next"]


@dataclass(frozen=True, kw_only=True)
class Given:
    """A text, ready to be explained.

    Attributes:
        text: what is read, in words; ``words`` with their tokens.
        asked: the number that is explained; where there is a runner-up it is the second one.
        answer, other: what the model answers, and what it would answer next; of a label that was asked for, that label
            and the likeliest beside it.
        given: where a text may have several labels, all that it gets, the surest first; else None.
        looks: place whose attention led to the answer; None where it is all of them.
        focus: place of the word that is explained, among the words.
        tokens: each token of what the model reads, as it is called.
        written: likewise of what a decoder has written.
    """

    text: str
    words: Words
    asked: Asked
    about: About
    answer: str
    other: str = ""
    given: tuple[str, ...] | None = None
    looks: int | None = 0
    focus: int | None = None
    tokens: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def inputs_of(reader: Reader, batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    """What the model takes of a batch of one."""
    return tensors(batch, next(reader.model.parameters()).device)


def names_of(reader: Reader, ids: NDArray[Any]) -> tuple[str, ...]:
    """Tokens as they are called, with the marks of their tokenizer for white space taken off."""
    called = reader.tokenizer.convert_ids_to_tokens([int(token) for token in ids])
    # Byte-level vocabularies write bytes in letters of their own: there the ids are spelled out.
    if any("Ġ" in name or "Ċ" in name for name in called):
        called = [reader.tokenizer.decode([int(token)]) or name for token, name in zip(ids, called, strict=True)]
    return tuple(name.replace("▁", " ").strip() or "␣" for name in called)


def words_in(reader: Reader, text: str, ids: NDArray[Any], places: NDArray[Any], length: int) -> Words:
    """Words of a text whose tokens ``ids`` stand at ``places`` of an input of ``length`` tokens.

    Where the text says the same as the ids, all of it is shown, also what is cut off; else what the ids say.
    """
    shown, found = spans(reader.tokenizer, text, [int(token) for token in ids])
    texts, own = folded(shown, found, reader.cut(shown))
    owner = np.full(length, NONE, np.int64)
    owner[places] = own
    return Words(texts=tuple(texts), owner=owner)


def beside(first: Words, second: Words) -> Words:
    """Words of two texts of one input, with a sign between them."""
    moved = np.where(second.owner == NONE, NONE, second.owner + len(first.texts) + 1)
    owner = np.where(first.owner == NONE, moved, first.owner)
    return Words(texts=(*first.texts, APART, *second.texts), owner=owner)


def cut_off(words: Words) -> tuple[str, ...]:
    """What is said where the end of a text was not read."""
    texts = [at for at, text in enumerate(words.texts) if text != APART]
    last = int(words.read[-1]) if len(words.read) else -1
    behind = sum(at > last for at in texts)
    if not behind:
        return ()
    words_behind = counted(behind, "word", "words", "个词")
    return (
        say(
            f"The text is longer than the model reads: its last {words_behind} had no part in the answer.",
            f"文本超过模型能读的长度：末尾 {words_behind}没有参与作答。",
        ),
    )
