"""New words for a model's vocabulary: a tokenizer that keeps them whole. No torch here; ``grown`` gives them vectors.

What looks like a mark, as ``<|im_start|>`` does, becomes a special token: no text is ever read as it, and no answer
shows it. Anything else is a word.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunesmith.errors import ModelError, Problem, SettingsError
from tunesmith.metrics.segments import is_unspaced
from tunesmith.models.files import CONFIG, read_object
from tunesmith.models.tokenizer import fingerprint, load_tokenizer
from tunesmith.words import listed, say

FOLDER = "worded"
"""Where the tokenizers lie, below the cache."""

MOST = 50_000
"""A file of more lines than this is a text, not a list of words."""

LONGEST = 64
"""Characters of a word; a longer line is a sentence, which would never come again."""

_MARKS = (("<", ">"), ("[", "]"))


def wished(given: Sequence[str]) -> tuple[str, ...]:
    """The words of ``model.add_tokens``, each once: those that are named, or those of a file with a word a line.

    Raises:
        SettingsError: no such file, no word in it, or lines that are no words.
    """
    if len(given) == 1 and (Path(given[0]).is_file() or Path(given[0]).suffix == ".txt"):
        words, where = _lines(Path(given[0])), given[0]
    else:
        words, where = list(given), "model.add_tokens"
    found = tuple(dict.fromkeys(filter(None, (word.strip() for word in words))))
    long = [word for word in found if len(word) > LONGEST]
    if given and not found:
        raise _refused(say("at least one word", "至少一个词"), say(f"none in {where}", f"{where} 中没有词"))
    if long or len(found) > MOST:
        raise _refused(
            say(
                f"at most {MOST:,} words, each of at most {LONGEST} characters",
                f"最多 {MOST:,} 个词，每个不超过 {LONGEST} 个字符",
            ),
            say(f"'{long[0][:LONGEST]}…' in {where}", f"{where} 中有“{long[0][:LONGEST]}…”")
            if long
            else say(f"{len(found):,} in {where}", f"{where} 中有 {len(found):,} 个"),
        )
    return found


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise _refused(
            say("a file with a word a line, or words with commas between them", "每行一个词的文件，或以逗号分隔的词"),
            say(f"no file {path}", f"文件 {path} 不存在"),
        )
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _refused(say("a file in UTF-8", "UTF-8 编码的文件"), f"{path}: {error.reason}") from error


def _refused(expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path="model.add_tokens", expected=expected, got=got)],
        do=say("correct it, or leave it out", "请改正或省略"),
    )


def worded_tokenizer(source: Path, words: Sequence[str], *, cache: Path) -> Path:
    """A folder below ``cache`` with the tokenizer of ``source``, which keeps ``words`` whole; ``source`` if it does.

    Raises:
        ModelError: there is no tokenizer, it is damaged, or does not find the words and put them back.
    """
    if not words:
        return source
    tokenizer = load_tokenizer(source)
    fresh = [word for word in words if not is_whole(tokenizer, word)]
    if not fresh:
        return source
    name = hashlib.sha256("\n".join([fingerprint(tokenizer), *fresh]).encode()).hexdigest()
    target = cache / FOLDER / name
    if target.is_dir():
        return target
    plain, marks = ([word for word in fresh if is_mark(word) is wanted] for wanted in (False, True))
    tokenizer.add_tokens(_tokens(tokenizer.backend_tokenizer, plain, source))
    tokenizer.add_tokens(marks, special_tokens=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        tokenizer.save_pretrained(partial)
        config = read_object(source / CONFIG)
        config["vocab_size"] = max(config.get("vocab_size", 0), len(tokenizer))
        (partial / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if not target.exists():
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def is_mark(word: str) -> bool:
    """Whether it is a sign for a program rather than a word: in angle or square brackets, without a space."""
    return len(word) > 2 and " " not in word and any(word[0] == one and word[-1] == other for one, other in _MARKS)


def written(tokenizer: Any, at: int) -> str:
    """A word as it stands in a text: in a vocabulary such as Llama's its name begins with the sign for a space."""
    return str(tokenizer.backend_tokenizer.decode([at], skip_special_tokens=False)).strip()


def is_whole(tokenizer: Any, word: str) -> bool:
    """Whether the tokenizer has one token for it already, at a text's start or behind a space."""
    if is_mark(word):
        return word in {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    backend = tokenizer.backend_tokenizer
    for text in (word, f" {word}"):
        ids = backend.encode(text, add_special_tokens=False).ids
        if len(ids) == 1 and ids[0] != tokenizer.unk_token_id:
            return True
    return False


def _tokens(backend: Any, words: Sequence[str], source: Path) -> list[Any]:
    """The words as a tokenizer finds them in texts and puts them back.

    "art" is not to be found in "party", but a Chinese word is, between its neighbours. A tokenizer that writes a space
    as part of the word behind it, as Llama's does, finds no word that must stand alone: there beginnings do, too.

    Raises:
        ModelError: some are not found either way, or come back with other spaces.
    """
    from tokenizers import AddedToken, Tokenizer

    wrong: list[str] = []
    for is_apart in (True, False):
        found = [AddedToken(word, single_word=is_apart and not _is_unspaced(word), normalized=True) for word in words]
        tried = Tokenizer.from_str(backend.to_str())
        tried.add_tokens(found)
        wrong = [word for word in words if not _is_kept(tried, word)]
        if not wrong:
            return found
    raise _not_kept(source, wrong)


def _is_unspaced(word: str) -> bool:
    return any(map(is_unspaced, word))


def _is_kept(backend: Any, word: str) -> bool:
    """Whether it is one token wherever it stands, and two of them come back as they went in."""
    gap = "" if _is_unspaced(word) else " "
    ids = backend.encode(f"{word}{gap}{word}", add_special_tokens=False).ids
    back = backend.decode(ids).casefold().split()
    # Decoders that put a space between all pieces do so between Chinese signs; ``decoding`` takes those out again.
    return ids.count(backend.token_to_id(word)) == 2 and gap.join(back) == f"{word}{gap}{word}".casefold()


def _not_kept(source: Path, words: Sequence[str]) -> ModelError:
    return ModelError(
        expected=say(
            "a tokenizer that finds new words in texts and puts them back", "能在文本中识别并还原新词的分词器"
        ),
        got=say(f"one that does not so with {listed(list(words))}", f"对 {listed(list(words))} 做不到"),
        where=str(source),
        do=say(
            "leave these words out of model.add_tokens for this model", "对此模型请从 model.add_tokens 中去掉这些词"
        ),
    )
