"""How a model's tokenizer sees texts, without torch and mostly without transformers: a check is to be quick."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from tunesmith import examples
from tunesmith.models.facts import max_length
from tunesmith.models.shelf import card
from tunesmith.models.tokenizer import encoder, fingerprint, load_tokenizer
from tunesmith.scripts import scripts
from tunesmith.tasks.task import Encoder

_TOKENIZER = "tokenizer.json"

_REPLACEMENT = "\ufffd"

_OWN = {"Latin": "sentences.en.txt", "Han": "sentences.zh.txt"}
"""Ordinary sentences in the script that most of a vocabulary is written in: what the model is at home with."""


@dataclass(frozen=True, kw_only=True)
class View:
    """What a tokenizer and its folder tell of a model.

    Attributes:
        tokenize: texts to ids, without special tokens and without truncation.
        unknown: id of what the vocabulary does not hold; None where there is none.
        byte_ids: ids that stand for a byte, or for part of a character.
        window: most tokens of one input, special tokens included.
        special: special tokens around one text, and around and between two.
        vocabulary: entries.
        scripts: letters' scripts to how many entries are written in them.
        languages: those of the model card; empty where it names none.
        own_tokens: tokens for a word (in Chinese: for a character) of ordinary text in the vocabulary's main script;
            0 where no such text is at hand.
        key: hash of all that decides ids.
    """

    tokenize: Encoder
    unknown: int | None
    byte_ids: frozenset[int]
    window: int
    special: tuple[int, int]
    vocabulary: int
    scripts: dict[str, int]
    languages: tuple[str, ...]
    own_tokens: float
    key: str


@dataclass(frozen=True)
class _Bare:
    """What the rest of this package asks of a transformers tokenizer, read by the tokenizers library alone."""

    backend_tokenizer: Any


def view(folder: Path) -> View:
    """Look at the texts as the model in ``folder`` would.

    Raises:
        ModelError: the folder has no tokenizer, or a damaged one.
    """
    tokenizer: Any = _bare(folder) or load_tokenizer(folder)
    backend = tokenizer.backend_tokenizer
    entries = _entries(backend)
    written = Counter(script for entry in entries.values() for script in list(scripts([entry]))[:1])
    tokenize = encoder(tokenizer)
    return View(
        tokenize=tokenize,
        unknown=_unknown(backend),
        byte_ids=frozenset(at for at, entry in entries.items() if _REPLACEMENT in entry),
        window=max_length(folder),
        special=(backend.num_special_tokens_to_add(False), backend.num_special_tokens_to_add(True)),
        vocabulary=backend.get_vocab_size(),
        scripts=dict(written.most_common()),
        languages=_languages(folder),
        own_tokens=_own_tokens(tokenize, written),
        key=fingerprint(tokenizer),
    )


def _bare(folder: Path) -> _Bare | None:
    """The tokenizer as the file describes it; None where transformers has to make sense of the folder."""
    from tokenizers import Tokenizer

    path = folder / _TOKENIZER
    if not path.is_file():
        return None
    try:
        backend = Tokenizer.from_file(str(path))
    except Exception:  # the library raises nothing narrower; transformers then says what is wrong
        return None
    backend.no_truncation()
    backend.no_padding()
    return _Bare(backend)


def _entries(backend: Any) -> dict[int, str]:
    """What each id stands for, as text; what is only part of a character decodes to U+FFFD."""
    ids = sorted(backend.get_vocab(with_added_tokens=False).values())
    return dict(zip(ids, backend.decode_batch([[at] for at in ids], skip_special_tokens=False), strict=True))


def _unknown(backend: Any) -> int | None:
    token = getattr(backend.model, "unk_token", None)
    return None if token is None else backend.token_to_id(token)


def _languages(folder: Path) -> tuple[str, ...]:
    named = card(folder).get("language") or ()
    return (named,) if isinstance(named, str) else tuple(map(str, named))


def _own_tokens(tokenize: Encoder, written: Counter[str]) -> float:
    main = next((script for script, _ in written.most_common() if script in _OWN), None)
    if main is None:
        return 0.0
    lines = examples.path(_OWN[main]).read_text(encoding="utf-8").split("\n")
    tokens = int(tokenize(pa.array(lines, pa.string())).value_lengths().to_numpy().sum())
    units = sum(len("".join(line.split())) if main == "Han" else len(line.split()) for line in lines)
    return tokens / units
