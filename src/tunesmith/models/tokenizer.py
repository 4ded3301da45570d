"""Load a tokenizer and turn texts into ids, whole and in parallel.

What is used is what ``AutoTokenizer`` gives anyone who loads the model later, so that
training and use agree. Files may carry settings of their authors (minilm's cuts at 128
tokens and fills up to 128); those are switched off: rows come untruncated and unpadded.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.artifacts import Template
from tunesmith.errors import ModelError
from tunesmith.models.files import CONFIG, read_object
from tunesmith.sameness import utf8
from tunesmith.tasks.columns import grouped, lists
from tunesmith.tasks.task import Encoder
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_VOCABULARY = "vocab.txt"

_FILES = ("tokenizer.json", "vocab.*", "*.model", "*.tiktoken")
"""What vocabularies lie in: any of these makes a tokenizer."""

_CAPITAL = re.compile("(##)?[A-Z]")

_CHINESE = r"([\x{4E00}-\x{9FFF}])"
"""The common ones of those that BERT's normalizer takes for words of their own; the others may stay together."""

_PROBE = "a"
"""Any text that is not empty shows where a tokenizer puts its special tokens."""

_IDS = attrgetter("ids")

REMEMBERED_BYTES = 1 << 20
"""Words whose ids are kept at hand: about a hundred thousand, which make up nearly all of any text."""

_TRACES = (
    *("is_local", "local_files_only", "trust_remote_code"),
    *("max_length", "stride", "truncation_strategy", "pad_to_multiple_of"),
)
"""How it was loaded, cut and filled up: transformers keeps these, and would write them into the saved tokenizer."""


def has_tokenizer(folder: Path) -> bool:
    """Whether a vocabulary lies in the folder: a model of pictures has none."""
    return any(path for pattern in _FILES for path in folder.glob(pattern))


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerFast":
    """The tokenizer of a folder: a fast one, without truncation and padding.

    A folder with nothing but a ``vocab.txt`` holds a WordPiece vocabulary; it is
    lower-cased when no entry has a capital letter.

    Raises:
        ModelError: there is no tokenizer, it is damaged, or it has no fast form.
    """
    from transformers import AutoTokenizer

    if not has_tokenizer(folder):
        # Without this, transformers would make up a tokenizer that knows its five special tokens only.
        raise _no_tokenizer(folder, say("a folder without one", "没有分词器的文件夹"))
    try:
        if (folder / _VOCABULARY).is_file() and not any(folder.glob("*.json")):
            tokenizer = _wordpiece(folder / _VOCABULARY)
        else:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the tokenizers library raises bare Exceptions
        raise _no_tokenizer(folder, (str(error).strip().splitlines() or [type(error).__name__])[0]) from error
    if not tokenizer.is_fast:
        raise ModelError(
            expected=say("a tokenizer with a tokenizer.json", "带有 tokenizer.json 的分词器"),
            got=type(tokenizer).__name__,
            where=str(folder),
            do=say(
                "save its fast form with transformers into this folder",
                "请用 transformers 把它的 fast 形式保存到该文件夹",
            ),
        )
    entries = read_object(folder / CONFIG).get("vocab_size", len(tokenizer))
    if len(tokenizer) > entries:
        raise ModelError(
            expected=say(
                f"a tokenizer of at most the model's {entries:,} entries", f"词表不超过模型的 {entries:,} 项的分词器"
            ),
            got=say(f"one of {len(tokenizer):,}", f"{len(tokenizer):,} 项的分词器"),
            where=str(folder),
            do=say("use the tokenizer that belongs to this model", "请使用与该模型相配的分词器"),
        )
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    for trace in _TRACES:
        tokenizer.init_kwargs.pop(trace, None)
    return tokenizer


def _no_tokenizer(folder: Path, got: str) -> ModelError:
    return ModelError(
        expected=say("a tokenizer that transformers can load", "transformers 能加载的分词器"),
        got=got,
        where=str(folder),
        do=say(
            "put the model's tokenizer.json and tokenizer_config.json beside its weights",
            "请把模型的 tokenizer.json 与 tokenizer_config.json 放在权重旁",
        ),
    )


def _wordpiece(path: Path) -> Any:
    from transformers import BertTokenizer

    entries = path.read_text(encoding="utf-8").split("\n")
    vocabulary = {entry.rstrip("\r"): at for at, entry in enumerate(entries) if entry.strip("\r")}
    # [UNK] and [unused1] say nothing about the case of the texts, nor do signs such as Ⅱ, which lower() changes.
    is_cased = any(_CAPITAL.match(entry) for entry in vocabulary)
    return BertTokenizer(vocab=vocabulary, do_lower_case=not is_cased)


def encoder(tokenizer: "PreTrainedTokenizerFast", *, are_words: bool = False) -> Encoder:
    """Texts to token ids, list<int32>: no special tokens, no truncation, all cores (``TOKENIZERS_PARALLELISM``).

    With ``are_words`` each text is one word from the middle of a sentence. Tokenizers
    such as GPT-2's and RoBERTa's tell `` word`` from ``word``, and their models have
    seen a sentence's inner words with the space only; for those it is put before.
    """
    backend = tokenizer.backend_tokenizer

    def whole(texts: pa.StringArray) -> pa.ListArray:
        return lists(map(_IDS, backend.encode_batch_fast(texts.to_pylist(), add_special_tokens=False)))

    def inner(words: pa.StringArray) -> pa.ListArray:
        # An empty text before it: the separator is the space.
        return whole(pc.binary_join_element_wise("", words, " "))

    def by_words(texts: pa.StringArray) -> pa.ListArray:
        is_ascii = utf8(texts)[0].max(initial=0) < 0x80
        spaced = texts if is_ascii else pc.replace_substring_regex(texts, pattern=_CHINESE, replacement=r" \1 ")
        words = pc.split_pattern(spaced, " ")
        return grouped(remembered(words.flatten()), words.value_lengths().to_numpy())

    remembered = _Remembered(inner if are_words and _tells_space(backend) else whole)
    if are_words:
        return remembered
    return by_words if _cuts_at_spaces(backend) else whole


class _Remembered:
    """An encoder of words that passes each different word on once, and the frequent ones never again.

    Threads may share it: what is known is replaced as a whole, and what one of them loses is found again.
    """

    def __init__(self, encode: Encoder) -> None:
        self._encode = encode
        self._known = pa.array([], pa.string()), lists([])

    def __call__(self, words: pa.StringArray) -> pa.ListArray:
        """The ids of each word, list<int32> (n,)."""
        known, ids = self._known
        each = words.dictionary_encode()
        at = pc.index_in(each.dictionary, value_set=known)
        if at.null_count:
            fresh = each.dictionary.filter(at.is_null())
            known, ids = pa.concat_arrays([known, fresh]), pa.concat_arrays([ids, self._encode(fresh)])
            at = pc.index_in(each.dictionary, value_set=known)
            # Frequent words come early, so nothing needs to give way to others.
            if known.nbytes <= REMEMBERED_BYTES:
                self._known = known, ids
        return ids.take(at.take(each.indices))


def _cuts_at_spaces(backend: Any) -> bool:
    """Whether a text's ids are those of its words, a Chinese character being one, one behind the other.

    So it is in BERT's way. Its normalizer turns one character into others and drops accents,
    neither across a space, and puts spaces around Chinese characters; then the text is cut at
    white space, which itself has no ids; and WordPiece looks at a word alone. Entries that are
    found before all that must hold neither.
    """
    made = json.loads(backend.to_str())
    parts = [(made[name] or {}).get("type") for name in ("normalizer", "pre_tokenizer", "model")]
    is_bert = parts == ["BertNormalizer", "BertPreTokenizer", "WordPiece"]
    cuts_chinese = is_bert and made["normalizer"]["handle_chinese_chars"]
    entries = made["added_tokens"]
    is_local = all(entry["content"].isascii() and " " not in entry["content"] for entry in entries)
    # Entries of these kinds look at their neighbours, or at what the normalizer made of the text.
    return cuts_chinese and is_local and not any(entry["normalized"] or entry["single_word"] for entry in entries)


def _tells_space(backend: Any) -> bool:
    """Whether a word after a space has other ids than at a text's start, and the space goes into the word."""
    alone, spaced, both = (
        backend.encode(text, add_special_tokens=False).ids for text in (_PROBE, f" {_PROBE}", f"{_PROBE} {_PROBE}")
    )
    return alone != spaced and both == alone + spaced and len(alone) == len(spaced)


def template(tokenizer: "PreTrainedTokenizerFast", folder: Path) -> Template:
    """The special tokens around a text and between two, as the tokenizer itself puts them.

    ``has_types`` needs a tokenizer that marks the second text and a model with more
    than one token type (config.json of ``folder``). Without a padding token the end
    token, else id 0, fills up: masks come from lengths, so any id will do.
    """
    backend = tokenizer.backend_tokenizer
    one, two = backend.encode(_PROBE), backend.encode(_PROBE, _PROBE)
    probe = len(backend.encode(_PROBE, add_special_tokens=False).ids)
    before, after = _runs(one.sequence_ids)
    first, last = _runs(two.sequence_ids)
    middle = two.ids[first + probe : len(two.ids) - last - probe]
    config = read_object(folder / CONFIG)
    types = config.get("type_vocab_size", 0)
    return Template(
        prefix=tuple(one.ids[:before]),
        middle=tuple(middle),
        suffix=tuple(one.ids[len(one.ids) - after :]),
        pad=padding_id(tokenizer),
        unknown=tokenizer.unk_token_id if tokenizer.unk_token_id is not None else padding_id(tokenizer),
        has_types=1 in two.type_ids and isinstance(types, int) and types > 1,
        end=tokenizer.eos_token_id,
        start=config.get("decoder_start_token_id"),
        mask=tokenizer.mask_token_id,
        size=len(tokenizer),
    )


def _runs(sequence_ids: Sequence[int | None]) -> tuple[int, int]:
    """How many special tokens (None) stand before and behind the texts."""
    at = [place for place, sequence in enumerate(sequence_ids) if sequence is not None]
    return at[0], len(sequence_ids) - 1 - at[-1]


def padding_id(tokenizer: "PreTrainedTokenizerFast") -> int:
    """The id that fills up short rows: of the padding token, else of the end token, else 0."""
    found = (tokenizer.pad_token_id, tokenizer.eos_token_id, 0)
    return next(int(token) for token in found if token is not None)


def fingerprint(tokenizer: "PreTrainedTokenizerFast") -> str:
    """SHA-256 over all that decides ids: vocabulary, merges, normalisation, special tokens."""
    return hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode("utf-8")).hexdigest()
