"""A tokenizer as prepare needs it: untruncated ids, many texts at once, and its template of special tokens."""

from collections.abc import Sequence
from typing import Any

from tunesmith.artifacts import Template


class BatchEncoder:
    """Texts to token ids without special tokens, padding or truncation, on all cores."""

    def __init__(self, tokenizer: Any) -> None:
        self._backend = tokenizer.backend_tokenizer
        # A saved tokenizer may carry a limit that would cut texts in silence.
        self._backend.no_truncation()
        self._backend.no_padding()
        self.template = template_of(tokenizer)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._backend.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def template_of(tokenizer: Any) -> Template:
    """What stands around one text and between two, read off two short examples."""
    single = tokenizer.backend_tokenizer.encode("a", add_special_tokens=True)
    pair = tokenizer.backend_tokenizer.encode("a", "a", add_special_tokens=True)
    prefix, suffix = _around(single.ids, single.sequence_ids, 0)
    between = [at for at, sequence in enumerate(pair.sequence_ids) if sequence is not None]
    second = pair.sequence_ids.index(1)
    last_of_first = max(at for at in between if pair.sequence_ids[at] == 0)
    unknown = tokenizer.unk_token_id
    pad = tokenizer.pad_token_id
    fallback = tokenizer.eos_token_id or 0
    return Template(
        prefix=tuple(prefix),
        middle=tuple(pair.ids[last_of_first + 1 : second]),
        suffix=tuple(suffix),
        # Positions are masked by length, so any id serves where a tokenizer has no padding token.
        pad=fallback if pad is None else pad,
        unknown=fallback if unknown is None else unknown,
        has_types="token_type_ids" in tokenizer.model_input_names,
    )


def _around(ids: list[int], sequences: list[int | None], sequence: int) -> tuple[list[int], list[int]]:
    places = [at for at, found in enumerate(sequences) if found == sequence]
    return ids[: places[0]], ids[places[-1] + 1 :]
