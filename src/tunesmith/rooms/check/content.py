"""Texts that are damaged, or hold what no reader sees, or are too long or too short: judged row by row."""

from collections.abc import Callable

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.rooms.check.survey import Draft, Hits, RowCheck, Survey
from tunesmith.words import counted, say

# What only a wrong decoding leaves behind. 烫烫烫 and 屯屯屯 are left out: restaurant reviews write them.
BROKEN = (
    # U+FFFD itself, and U+FFFD written as UTF-8 and read as GBK
    r"\x{FFFD}|锟斤拷"
    # control characters (C0 and C1) but tab and line ends
    r"|[\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}]"
    # UTF-8 read as cp1252 or latin-1: accented letters ("Ã©"), quotes ("â€™"), a byte order mark
    # (quotes, dashes and the ellipsis may follow a Portuguese Ã, as in “AMANHÃ”)
    r"|[ÃÂ][\x{80}-\x{BF}€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]|â€[\x{80}-\x{BF}œ™˜¦“”¢]|ï»¿"
    # UTF-8 read as GBK: punctuation begins with 锛, 銆 or 鈥, rare characters of which two never meet otherwise
    r"|[锛銆鈥].?[锛銆鈥]"
)

# Tags by name, so that "a < b" and <unk> are no HTML; entities whole, or without their ampersand as in "#39;". Those
# have at most four digits (punctuation), because "#12345;" may well be a ticket.
HTML = (
    r"(?i)</?(?:a|b|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|script|span|strong|style|sub|sup|table|td|th|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|middot);|&#(?:\d{2,7}|x[0-9a-f]{2,6});|#\d{2,4};"
)

# Zero-width space, word joiner, byte order mark, soft hyphen and marks of direction. The zero-width joiner and
# non-joiner are left out: emoji, Persian and Indian scripts need them.
INVISIBLE = r"[\x{AD}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]"

# BERT and its kin take 512 positions, two of them for special tokens.
LONG_TOKENS = 510

# English text takes about four characters a token with the usual vocabularies, Chinese about one.
CHARACTERS_PER_TOKEN = 4

# One letter or digit alone seldom carries a meaning that a label could rest on. Emoji are symbols (S) and do count.
SHORT_SIGNS = 2
_LONG_ENOUGH = r"(?s)[\pL\pN\pS].*[\pL\pN\pS]"


def _occurrences(pattern: str) -> Callable[[Batch], NDArray[np.int64]]:
    """A spotter which counts the matches of an RE2 pattern in each row's text."""

    def spot(batch: Batch) -> NDArray[np.int64]:
        text = batch.fields["text"]
        # Matching is much cheaper than counting, and clean rows are the rule.
        found = np.flatnonzero(numbers(pc.match_substring_regex(text, pattern)))
        counts = np.zeros(len(text), np.int64)
        counts[found] = numbers(pc.count_substring_regex(text.take(found), pattern))
        return counts

    return spot


def rough_tokens(batch: Batch) -> NDArray[np.float64]:
    """A rough number of tokens of each row's text, ``(n_rows,)``, from lengths alone.

    A character of three bytes (Chinese, Japanese, Korean) counts as a token; of the others, four do. Letters of
    two bytes (Cyrillic, Greek) fall between.
    """
    text = batch.fields["text"]
    characters = numbers(pc.utf8_length(text))
    wide = (numbers(pc.binary_length(text)) - characters) / 2
    return np.asarray(wide + np.maximum(0, characters - wide) / CHARACTERS_PER_TOKEN, np.float64)


def _spot_long(batch: Batch) -> NDArray[np.int64]:
    return (rough_tokens(batch) > LONG_TOKENS).astype(np.int64) * (not batch.is_corpus)


def _spot_short(batch: Batch) -> NDArray[np.int64]:
    has_enough = pc.match_substring_regex(batch.fields["text"], _LONG_ENOUGH)
    return (1 - numbers(has_enough)) * (not batch.is_corpus)


def _tell_broken(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "broken character", "broken characters", "个损坏的字符")
    rows = counted(hits.rows, "row", "rows", "行")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{n} in {rows}", f"{rows}中有 {n}"),
        message=say(
            f"{n} in {rows}: replacement characters (U+FFFD), control characters, or text decoded wrongly, "
            f"such as 'Ã©' for 'é'. What they stood for is lost to the model.",
            f"{rows}中有 {n}：替换字符（U+FFFD）、控制字符或解码错误（如“锟斤拷”）。模型已无法得知原来的内容。",
        ),
        do=say(
            "get the file again from its source, or state the encoding (--encoding); else remove what cannot be mended",
            "请从来源重新取得文件，或指定编码（--encoding）；无法修复的请删除",
        ),
        places=tuple(hits.places),
    )


def _tell_html(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "HTML remnant", "HTML remnants", "处 HTML 残留")
    rows = counted(hits.rows, "row", "rows", "行")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{n} in {rows}", f"{rows}中有 {n}"),
        message=say(
            f"{n} in {rows}: tags such as <br>, entities such as &lt; or what is left of them, such as #39;. "
            f"They cost tokens and may give a source away.",
            f"{rows}中有 {n}：<br> 之类的标签，&lt; 之类的实体或其残余（如 #39；）。它们占用词元，还可能泄露来源。",
        ),
        do=say("remove the tags and write the entities as characters", "请去掉标签，并把实体还原为字符"),
        places=tuple(hits.places),
    )


def _tell_invisible(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "invisible character", "invisible characters", "个不可见字符")
    rows = counted(hits.rows, "row", "rows", "行")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{n} in {rows}", f"{rows}中有 {n}"),
        message=say(
            f"{n} in {rows}, such as U+200B or U+FEFF: a tokenizer may split words at them or not know them, and texts "
            f"that look equal are not.",
            f"{rows}中有 {n}，如 U+200B、U+FEFF：分词器可能在此处切断词语或不认识它们，看起来相同的文本其实不同。",
        ),
        do=say("remove them", "请删除"),
        places=tuple(hits.places),
    )


def _tell_long(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "text is", "texts are", "条文本")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{n} very long", f"{n}很长"),
        message=say(
            f"{n} longer than about {LONG_TOKENS} tokens (the longest has {survey.facts.length_max:,} characters): "
            f"more than most encoders read at once.",
            f"{n}超过约 {LONG_TOKENS} 个词元（最长 {survey.facts.length_max:,} 个字符）：多数编码器一次读不完。",
        ),
        do=say(
            "see to it that what matters stands at the start, split them, or take a model with a longer window",
            "请让要点位于开头、拆分这些文本，或选用窗口更长的模型",
        ),
        places=tuple(hits.places),
    )


def _tell_short(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "text is", "texts are", "条文本")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{n} nearly empty", f"{n}几乎为空"),
        message=say(
            f"{n} nearly empty: fewer than {SHORT_SIGNS} letters, digits or symbols.",
            f"{n}几乎为空：文字、数字和符号不足 {SHORT_SIGNS} 个。",
        ),
        do=say("check whether they mean anything; remove them if not", "请检查它们是否有意义；没有则删除"),
        places=tuple(hits.places),
    )


BROKEN_CHARACTERS = RowCheck(needs="text", spot=_occurrences(BROKEN), tell=_tell_broken)
HTML_REMNANTS = RowCheck(needs="text", spot=_occurrences(HTML), tell=_tell_html)
INVISIBLE_CHARACTERS = RowCheck(needs="text", spot=_occurrences(INVISIBLE), tell=_tell_invisible)
VERY_LONG = RowCheck(needs="text", spot=_spot_long, tell=_tell_long)
VERY_SHORT = RowCheck(needs="text", spot=_spot_short, tell=_tell_short)
