"""Words that come again and again and that the model knows only in pieces, or not at all."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.artifacts import Reading
from tunesmith.metrics.segments import is_unspaced
from tunesmith.rooms.check.match import MATCH_CHARACTERS, MATCH_ROWS, Lens
from tunesmith.rooms.check.remedy import cleaned
from tunesmith.rooms.check.rows import numbers, sample
from tunesmith.rooms.check.survey import Draft
from tunesmith.words import counted, listed, say

# So often in the rows that are looked at: a vector that is learned from fewer examples stays a guess.
OFTEN = 5

# A word of three pieces is common in any vocabulary; from four on it is a stranger.
MANY_PIECES = 4

# So much shorter the texts must become for it to be worth saying: less is lost in the noise of a training.
WORTH_SHARE = 0.02

# Words that are shown: those that save most.
SHOWN = 8

# More words than this are not looked up: the rest come too seldom to save anything.
MOST_WORDS = 20_000

_WORD = re.compile(r"[^\W\d_]+")


def words_in_pieces(reading: Reading, lens: Lens) -> Draft | None:
    """What new tokens would bring; None for a model whose vocabulary is made from the texts, and for a small gain."""
    if not lens.is_pretrained:
        return None
    drawn = sample(reading, MATCH_ROWS, characters=MATCH_CHARACTERS)
    fields = cleaned(drawn.fields, lens.clean)
    texts = [text for part in fields.values() for text in part.to_pylist() if text]
    total = sum(len(numbers(lens.tokenize(part).flatten())) for part in fields.values())
    counts = [(word, count) for word, count in _units(texts).most_common(MOST_WORDS) if count >= OFTEN]
    if not counts or not total:
        return None
    lengths, is_unknown = _cut(lens, [word for word, _ in counts])
    times = np.asarray([count for _, count in counts])
    is_strange = is_unknown | (lengths >= MANY_PIECES)
    saved = np.where(is_strange, times * (lengths - 1), 0)
    lost = np.where(is_unknown, times, 0)
    if saved.sum() < WORTH_SHARE * total and lost.sum() < WORTH_SHARE * total:
        return None
    order = [at for at in np.argsort(-(saved + lost), kind="stable") if is_strange[at]]
    return _told(
        [counts[at] for at in order],
        lengths[order],
        is_unknown[order],
        shares=(saved.sum() / total, lost.sum() / total),
    )


def _units(texts: Sequence[str]) -> Counter[str]:
    """Words, and single characters of scripts that put no spaces between words."""
    found: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text):
            if any(map(is_unspaced, word)):
                found.update(filter(is_unspaced, word))
            elif len(word) > 1:
                found[word] += 1
    return found


def _cut(lens: Lens, words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Into how many tokens each word is cut, behind a space or at a start; whether one of them is unknown."""
    bare, spaced = (lens.tokenize(pa.array(part)) for part in (words, [f" {word}" for word in words]))
    lengths = np.minimum(numbers(bare.value_lengths()), numbers(spaced.value_lengths()))
    rows = np.repeat(np.arange(len(words)), numbers(bare.value_lengths()))
    is_unknown = np.zeros(len(words), bool)
    if lens.unknown is not None:
        is_unknown[rows[numbers(bare.flatten()) == lens.unknown]] = True
    return np.maximum(lengths, 1), is_unknown


def _told(
    words: Sequence[tuple[str, int]],
    lengths: NDArray[np.int64],
    is_unknown: NDArray[np.bool_],
    *,
    shares: tuple[float, float],
) -> Draft:
    shown = [
        say(
            f"{word} ({_state(length, strange)}, {count:,} times)",
            f"{word}\uff08{_state(length, strange)}\uff0c{count:,} 次\uff09",
        )
        for (word, count), length, strange in zip(words[:SHOWN], lengths.tolist(), is_unknown.tolist(), strict=False)
    ]
    many, names = counted(len(words), "word comes", "words come", "个词"), ",".join(word for word, _ in words[:SHOWN])
    return Draft(
        severity="note",
        count=len(words),
        title=say("the model knows frequent words in pieces only", "模型把常见词切成很多片段"),
        message=say(
            f"{many} {OFTEN} times or more, unknown or cut into {MANY_PIECES} pieces or more:"
            f" {listed(shown, SHOWN)}; {_gain(*shares)}.",
            f"{many}出现 {OFTEN} 次以上\uff0c却是未知词或被切成至少 {MANY_PIECES} 片\uff1a"
            f"{listed(shown, SHOWN)}\uff1b{_gain(*shares)}\u3002",
        ),
        do=say(
            "if they matter, give them tokens of their own, which train.method=full or lora then trains:"
            f" model.add_tokens={names} (or a file with a word a line)",
            f"若它们重要\uff0c可让其成为独立词元\uff0c并用 train.method=full 或 lora 训练\uff1amodel.add_tokens={names}"
            " \uff08或用每行一个词的文件\uff09",
        ),
    )


def _gain(shorter: float, lost: float) -> str:
    """What a token for each would bring."""
    length = say(f"the texts would be {shorter:.1%} shorter", f"文本可缩短 {shorter:.1%}")
    known = say(f"{lost:.1%} of the tokens would no longer be unknown", f"{lost:.1%} 的词元不再是未知")
    parts = [text for text, share in ((length, shorter), (known, lost)) if share >= WORTH_SHARE]
    return say("with a token for each ", "若各有一个词元\uff0c") + say(" and ", "\uff0c").join(parts)


def _state(length: int, is_unknown: bool) -> str:
    return say("unknown", "未知") if is_unknown else counted(length, "piece", "pieces", "片")
