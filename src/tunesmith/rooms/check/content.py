"""Texts that are damaged, or hold what no reader sees, or are too long or too short: judged row by row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.rooms.check.spotting import labelled_only, occurrences, row_check

# What a decoder writes for bytes that it cannot read: U+FFFD itself, and U+FFFD written as UTF-8 and read as GBK.
# 烫烫烫 and 屯屯屯 are left out: restaurant reviews write them.
BROKEN = r"\x{FFFD}|锟斤拷"

# Control characters (C0 and C1) but tab and line ends; U+0085 is a line end.
CONTROL = r"[\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}]"

# Tags by name, so that "a < b" and <unk> are no HTML; entities whole, or without their ampersand as in "#39;". Those
# have at most four digits (punctuation), because "#12345;" may well be a ticket.
HTML = (
    r"(?i)</?(?:a|b|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|script|span|strong|style|sub|sup|table|td|th|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|middot);|&#(?:\d{2,7}|x[0-9a-f]{2,6});|#\d{2,4};"
)

# Zero-width space, word joiner, byte order mark, soft hyphen and marks of direction. The zero-width joiner and
# non-joiner are left out: emoji, Persian and Indian scripts need them.
INVISIBLE = r"[\x{AD}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]"

# Marks of formatting that a page turns into links, pictures, bold type and headings. Single stars, underscores and a
# single # are left out: reviews write *so* good, code has under_scores, and posts have # tags.
MARKDOWN = (
    r"!?\[[^\[\]\n]+\]\((?:https?://|/|\./)[^()\s]*\)|(?:^|[^*])\*\*[^*\s](?:[^*\n]*[^*\s])?\*\*(?:[^*]|$)"
    r"|(?m:^#{2,6} +\pL|^```)"
)

# Tokens of chat models, which tokenizers write and people do not; and places that a program should have filled.
CHAT_TOKENS = r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
PLACES = (
    r"(?:^|[^\\\pL}])\{\{ ?[\pL_][\pL\pN_.]* ?\}\}|\$\{[\pL_][\pL\pN_.]*\}"
    r"|\{% ?(?:if|for|end\pL+|set|block) ?[^%\n]*%\}"
)

# Letters and digits in the width of Chinese characters. Punctuation is left out: in Chinese it is as wide as that.
WIDE = r"[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}]"

# Addresses of pages or of mail, and nothing beside them but punctuation.
_LINK = r"(?:(?:https?://|www\.)[^\s\x{3000}-\x{9FFF}]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
ONLY_LINKS = rf"(?i)^[\s\pP\pS]*{_LINK}(?:[\s\pP]+{_LINK})*[\s\pP]*$"

# BERT and its kin take 512 positions, two of them for special tokens.
LONG_TOKENS = 510

# English text takes about four characters a token with the usual vocabularies, Chinese about one.
CHARACTERS_PER_TOKEN = 4

# One letter or digit alone seldom carries a meaning that a label could rest on. Emoji are symbols (S) and do count.
SHORT_SIGNS = 2
_LONG_ENOUGH = r"(?s)[\pL\pN\pS].*[\pL\pN\pS]"


# Rows that speak of pages or hold code mean their markup.
_MEANS_HTML = r"(?i)html|```|css|<body|<script|xml|javascript|网页|标签"


def _spot_html(batch: Batch) -> NDArray[np.int64]:
    counts = _html(batch)
    found = np.flatnonzero(counts)
    if "answer" in batch.fields and found.size:
        counts[found] *= 1 - numbers(pc.match_substring_regex(batch.fields["text"].take(pa.array(found)), _MEANS_HTML))
    return counts


_html = occurrences(HTML)


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


BROKEN_CHARACTERS = row_check(
    "text",
    occurrences(BROKEN),
    unit=("broken character", "broken characters", "个损坏的字符"),
    message=(
        "{n} in {rows}: U+FFFD stands where a decoder could not read the bytes. What was there is lost to the model.",
        "{rows}中有 {n}：解码器读不出的地方写成了 U+FFFD（或“锟斤拷”）。模型已无法得知原来的内容。",
    ),
    do=(
        "get the file again from its source, or state the encoding (--encoding); else remove what cannot be mended",
        "请从来源重新取得文件，或指定编码（--encoding）；无法修复的请删除",
    ),
)
CONTROL_CHARACTERS = row_check(
    "text",
    occurrences(CONTROL),
    unit=("control character", "control characters", "个控制字符"),
    message=(
        "{n} in {rows}, such as U+0000 or U+0008: left over from a program or a damaged file, and not text.",
        "{rows}中有 {n}，如 U+0000、U+0008：是程序或损坏的文件留下的，不是文字。",
    ),
    do=("remove them", "请删除"),
)
HTML_REMNANTS = row_check(
    "text",
    _spot_html,
    unit=("HTML remnant", "HTML remnants", "处 HTML 残留"),
    message=(
        (
            "{n} in {rows}: tags such as <br>, entities such as &lt; or what is left of them, such as #39;. "
            "They cost tokens and may give a source away."
        ),
        "{rows}中有 {n}：<br> 之类的标签，&lt; 之类的实体或其残余（如 #39;）。它们占用词元，还可能泄露来源。",
    ),
    do=("remove the tags and write the entities as characters", "请去掉标签，并把实体还原为字符"),
)
MARKDOWN_REMNANTS = row_check(
    "text",
    labelled_only(occurrences(MARKDOWN)),
    unit=("Markdown mark", "Markdown marks", "处 Markdown 标记"),
    message=(
        "{n} in {rows}, such as **bold** or [text](link): form rather than content, and it may give a source away.",
        "{rows}中有 {n}，如 **粗体** 或 [文字](链接)：是格式而非内容，还可能泄露来源。",
    ),
    do=(
        "keep the words and remove the marks, unless they will be there in use, too",
        "除非使用时也会出现，请保留文字并去掉标记",
    ),
    severity="note",
)
CHAT_TOKEN_REMNANTS = row_check(
    "text",
    occurrences(CHAT_TOKENS),
    unit=("chat token", "chat tokens", "个对话标记"),
    message=(
        (
            "{n} in {rows}, such as <|im_start|> or [INST]: they belong to the template of a model, which adds its "
            "own; written in the data they teach it where not to stop."
        ),
        "{rows}中有 {n}，如 <|im_start|>、[INST]：它们属于模型的对话模板，会自动加上；写在数据里会让模型学错停止处。",
    ),
    do=("give the bare messages", "请只保留消息本身"),
)
UNFILLED_PLACES = row_check(
    "text",
    labelled_only(occurrences(PLACES)),
    unit=("unfilled place", "unfilled places", "处未填的占位符"),
    message=(
        "{n} in {rows}, such as {{{{name}}}} or ${{name}}: a program should have put words there.",
        "{rows}中有 {n}，如 {{{{name}}}}、${{name}}：本应由程序填入文字。",
    ),
    do=("export the texts anew, filled in, or remove these rows", "请重新导出填好的文本，或删除这些行"),
)
MIXED_WIDTHS = row_check(
    "text",
    occurrences(WIDE),
    unit=("wide letter or digit", "wide letters and digits", "个全角字母或数字"),
    message=(
        "{n} in {rows}, such as \uff21 or \uff11: to most models they are other characters than A and 1.",
        "{rows}中有 {n}，如 \uff21、\uff11：对多数模型来说，它们与 A、1 是不同的字符。",
    ),
    do=("write them in the usual width (NFKC)", "请改为半角（NFKC）"),
    severity="note",
)
ONLY_LINKS_TEXTS = row_check(
    "text",
    labelled_only(occurrences(ONLY_LINKS)),
    unit=("text is", "texts are", "条文本"),
    title=("{n} a link and nothing else", "{n}只有链接"),
    message=(
        "{n} only an address of a page or of mail: there is nothing in it to learn a label from.",
        "{n}只有网址或邮箱地址：没有可据以学习标签的内容。",
    ),
    do=("remove them, or put the words of the page in their place", "请删除，或换成网页的文字"),
)
VERY_LONG = row_check(
    "text",
    _spot_long,
    unit=("text is", "texts are", "条文本"),
    title=("{n} very long", "{n}很长"),
    message=(
        (
            f"{{n}} longer than about {LONG_TOKENS} tokens (the longest has {{longest}} characters): "
            f"more than most encoders read at once."
        ),
        f"{{n}}超过约 {LONG_TOKENS} 个词元（最长 {{longest}} 个字符）：多数编码器一次读不完。",
    ),
    do=(
        "see to it that what matters stands at the start, split them, or take a model with a longer window",
        "请让要点位于开头、拆分这些文本，或选用窗口更长的模型",
    ),
)
VERY_SHORT = row_check(
    "text",
    _spot_short,
    unit=("text is", "texts are", "条文本"),
    title=("{n} nearly empty", "{n}几乎为空"),
    message=(
        f"{{n}} nearly empty: fewer than {SHORT_SIGNS} letters, digits or symbols.",
        f"{{n}}几乎为空：文字、数字和符号不足 {SHORT_SIGNS} 个。",
    ),
    do=("check whether they mean anything; remove them if not", "请检查它们是否有意义；没有则删除"),
)
INVISIBLE_CHARACTERS = row_check(
    "text",
    occurrences(INVISIBLE),
    unit=("invisible character", "invisible characters", "个不可见字符"),
    message=(
        (
            "{n} in {rows}, such as U+200B or U+FEFF: a tokenizer may split words at them or not know them, and texts "
            "that look equal are not."
        ),
        "{rows}中有 {n}，如 U+200B、U+FEFF：分词器可能在此处切断词语或不认识它们，看起来相同的文本其实不同。",
    ),
    do=("remove them", "请删除"),
)
