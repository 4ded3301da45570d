"""A tokenizer for a model that writes, made of its training texts: nothing is unknown, and every text comes back.

Byte-level pieces (byte-pair encoding over UTF-8 as in GPT-2, Radford et al. 2019), or for Chinese
single characters, those without an entry as their bytes. No normalisation: what goes in comes out.
The library's trainer of these is deterministic, other than that of word pieces (see ``scratch``):
its alphabet is sorted by code point and equal counts are decided by the pieces' ids.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.models.sampling import sampled

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, BEGIN, END = SPECIALS = ("<|pad|>", "<|begin|>", "<|end|>")
"""Pad is a token of its own, so that no program that masks it masks an end."""

ROLES = ("<|im_start|>", "<|im_end|>")
"""What the default chat template puts around each message: one token each, where talks are learnt."""

SAMPLE_CHARACTERS = 50_000_000
"""A tokenizer is trained on about so many characters, drawn evenly: more change its pieces hardly at all."""

PEEK_TEXTS = 1_000

TWICE = 2
"""A character must occur so often to get an entry; one occurrence teaches nothing about it, and its bytes do."""

BYTES = 256

FEWEST_PIECES, MOST_PIECES = 512, 32_768

CHARACTERS_A_PIECE = 500
"""Characters of training text for each entry of the vocabulary: rarer pieces are seen too seldom to be learnt.

By reckoning: a piece of three characters then occurs some 170 times on average, and the table of a tiny model stays
smaller than its layers.
"""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new tokenizer: of which kind, how many entries, and what it was made of."""

    kind: str
    entries: int
    characters: int
    tokens: int


def train(
    texts: Iterable[str], folder: Path, *, by_character: bool, vocabulary: int | None, seed: int, with_roles: bool
) -> Made:
    """Train a tokenizer and write it so that ``AutoTokenizer`` loads it; same texts, same file.

    Args:
        by_character: single characters and bytes; else byte-level pieces.
        vocabulary: entries at most; None: by the characters that there are.
        with_roles: the marks of a talk get entries of their own.
    """
    counted = _Counted(texts)
    head = list(islice(counted, PEEK_TEXTS))
    limit = max(PEEK_TEXTS, SAMPLE_CHARACTERS // max(1, counted.characters // max(1, len(head))))
    sample = list(sampled(chain(head, counted), limit, seed))
    specials = [*SPECIALS, *(ROLES if with_roles else ())]
    if by_character:
        tokenizer = _of_characters(sample, vocabulary, specials)
    else:
        tokenizer = _of_pieces(sample, vocabulary or pieces_for(counted.characters), specials)
    _finish(tokenizer, specials)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write_config(folder)
    share = counted.characters / max(1, sum(map(len, sample)))
    tokens = sum(len(one.ids) for one in tokenizer.encode_batch_fast(sample, add_special_tokens=False))
    return Made(
        kind="characters" if by_character else "pieces",
        entries=tokenizer.get_vocab_size(),
        characters=counted.characters,
        tokens=round(share * tokens),
    )


def pieces_for(characters: int) -> int:
    """Entries for so many characters of training text: a power of two, within bounds."""
    wanted = max(FEWEST_PIECES, min(MOST_PIECES, characters // CHARACTERS_A_PIECE))
    return int(2 ** round(log2(wanted)))


class _Counted:
    """A stream of texts that counts its characters."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = iter(texts)
        self.characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = next(self._texts)
        self.characters += len(text)
        return text


def _of_pieces(sample: Sequence[str], vocabulary: int, specials: list[str]) -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=TWICE,
        show_progress=False,
    )
    tokenizer.train_from_iterator(sample, trainer)
    return tokenizer


def _of_characters(sample: Sequence[str], vocabulary: int | None, specials: list[str]) -> "Tokenizer":
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    counts: Counter[str] = Counter()
    for text in sample:
        counts.update(text)
    found = sorted((one for one, count in counts.items() if count >= TWICE), key=lambda one: (-counts[one], one))
    room = len(found) if vocabulary is None else max(0, vocabulary - BYTES - len(specials))
    entries = [*specials, *(f"<0x{byte:02X}>" for byte in range(BYTES)), *sorted(found[:room])]
    tokenizer = Tokenizer(
        models.BPE({entry: at for at, entry in enumerate(entries)}, [], byte_fallback=True, unk_token=None)
    )
    # Character by character: the library remembers what it has looked up, and whole texts it never meets again.
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def _finish(tokenizer: "Tokenizer", specials: list[str]) -> None:
    from tokenizers import processors

    tokenizer.add_special_tokens(specials)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", pair=f"{BEGIN} $A $B", special_tokens=[(BEGIN, tokenizer.token_to_id(BEGIN))]
    )


def _write_config(folder: Path) -> None:
    config: dict[str, Any] = {
        # The class that both transformers 4 and 5 know for "just what tokenizer.json says".
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", "attention_mask"],
        # Else a space before a full stop would be lost when ids become text.
        "clean_up_tokenization_spaces": False,
        "pad_token": PAD,
        "bos_token": BEGIN,
        "eos_token": END,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
