"""Where the pieces that a tokenizer made of a text stand in it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Span = tuple[int, int]

_REPLACEMENT = "\ufffd"


def spans(tokenizer: "PreTrainedTokenizerFast", text: str, ids: Sequence[int]) -> tuple[str, list[Span]]:
    """The text as it is to be shown, and where each of ``ids`` stands in it: first sign and the one behind the last.

    Where the tokenizer, asked again, makes these ids of the text (they may end early), that is the text itself.
    Otherwise, as in a talk, whose form stands around the words, it is what the ids say.
    """
    backend = tokenizer.backend_tokenizer
    again = backend.encode(text, add_special_tokens=False)
    if list(again.ids[: len(ids)]) == list(ids):
        return text, [_trimmed(text, span) for span in again.offsets[: len(ids)]]
    return _said(backend, ids)


def _trimmed(text: str, span: Span) -> Span:
    """Without the white space that some tokenizers count to the piece behind it."""
    start, stop = span
    part = text[start:stop]
    if not part.strip():
        return span
    return stop - len(part.lstrip()), start + len(part.rstrip())


def _said(backend: object, ids: Sequence[int]) -> tuple[str, list[Span]]:
    """The ids as text, piece by piece; what is part of a character stands where the whole of it does."""
    decode = backend.decode  # type: ignore[attr-defined]
    text, found, waiting = "", [], 0
    for at in range(len(ids)):
        whole = decode(list(ids[: at + 1]), skip_special_tokens=False)
        if whole.endswith(_REPLACEMENT) and at + 1 < len(ids):
            waiting += 1
            continue
        # Some decoders change what came before by a space: the longest common start is kept.
        start = min(len(text), len(whole))
        text = whole
        found += [_trimmed(text, (start, len(text)))] * (waiting + 1)
        waiting = 0
    return text, found
