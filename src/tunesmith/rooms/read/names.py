"""What columns are called: the names that give a role away, in English and Chinese."""

import difflib
import re
from collections.abc import Sequence

from tunesmith.errors import DataError
from tunesmith.rooms.read.records import Column
from tunesmith.words import listed, say

ROLES = (
    "text", "text2", "label", "tokens", "tags", "title", "content", "question", "answer", "input", "history",
    "system", "messages", "instances", "prompt", "chosen", "rejected", "path",
)  # fmt: skip

# Before the name of a label whose column says with 1 or 0 whether a row has it.
FLAG = "label:"

# Earlier names are surer. A name may hint at several roles; content and company decide.
NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "sentence", "review", "comment", "tweet", "utterance", "text_a", "sentence1", "premise",
        "question1",
        "message", "post", "feedback", "content", "body", "query", "description", "document", "sms", "phrase", "source",
        "文本", "句子", "评论", "评价", "评论内容", "留言", "内容", "正文", "语句", "文本内容", "描述", "短信",
        "text1", "sentence_a", "sent1", "sentence_1", "text_1", "s1", "句子1", "文本1", "前提", "问题1", "句子a",
    ),
    "text2": (
        "text2", "text_b", "sentence2", "hypothesis", "question2", "sentence_b", "sent2", "sentence_2", "text_2", "s2",
        "文本2", "句子2", "假设", "问题2", "句子b",
    ),
    "label": (
        "label", "labels", "class", "category", "target", "sentiment", "intent", "polarity", "topic", "tag", "y",
        "score", "rating", "stars", "similarity", "gold_label", "label_id", "class_id", "emotion", "spam", "type",
        "genre", "标签", "类别", "分类", "情感", "意图", "类型", "评分", "极性", "情感倾向", "主题", "分数", "星级",
        "scores", "relatedness", "relatedness_score", "similarity_score", "price", "value", "grade", "得分", "相似度",
        "价格", "打分",
    ),
    "tokens": ("tokens", "words", "字", "词"),
    "tags": ("tags", "ner_tags", "ner", "labels", "bio", "entities_bio"),
    "title": (
        "title", "headline", "rhythmic", "summary", "highlights", "abstract", "subject", "tldr",
        "标题", "题目", "摘要", "词牌",
    ),
    "content": (
        "content", "paragraphs", "article", "body", "document", "text", "description", "story",
        "正文", "内容", "文章", "原文",
    ),
    "question": (
        "instruction", "question", "prompt", "query", "ask", "q", "user", "human", "problem", "input",
        "问题", "问", "提问", "指令", "用户", "题干",
    ),
    "answer": (
        "output", "answer", "response", "completion", "reply", "a", "assistant", "bot", "gpt", "solution", "chosen",
        "target", "答案", "回答", "答", "回复", "答复", "解答",
    ),
    "input": ("input", "context", "输入"),
    "history": ("history", "历史"),
    "system": ("system", "system_prompt", "系统"),
    "messages": ("messages", "conversations", "conversation", "dialogue", "dialog", "turns", "对话"),
    "instances": ("instances",),
    "prompt": (
        "prompt", "instruction", "question", "query", "input", "conversations", "messages",
        "提示", "问题", "指令", "提问", "对话",
    ),
    "chosen": (
        "chosen", "preferred", "better", "winner", "accepted", "chosen_response", "response_chosen", "good_answer",
        "优选", "更好", "较好", "接受",
    ),
    "rejected": (
        "rejected", "dispreferred", "worse", "loser", "declined", "rejected_response", "response_rejected",
        "bad_answer", "劣选", "更差", "较差", "拒绝",
    ),
    "path": (
        "path", "file", "filename", "file_name", "image", "audio", "img", "wav", "filepath", "file_path",
        "图片", "音频",
    ),
}  # fmt: skip
_KNOWN = {name for each in NAMES.values() for name in each} | {
    "id", "idx", "index", "guid", "date", "time", "user_id", "label_desc", "author", "keywords",
    "编号", "序号", "日期",
}  # fmt: skip
# Longer than this it is a sentence, no name.
LONGEST_NAME = 40
_IDENTIFIER = re.compile(rf"[^\W\d][\w .\-/()]{{0,{LONGEST_NAME - 1}}}")


def plain(name: Column) -> str:
    """A column's name as the table above spells it."""
    return re.sub(r"[\s\-]+", "_", str(name).strip().strip("\ufeff").lower())


def rank(role: str, column: Column) -> float:
    """How well a column's name fits a role: 1 for the surest name, falling to 0.5; 0 for none."""
    known = NAMES[role]
    name = plain(column)
    if isinstance(column, int) or name not in known:
        return 0.0
    return 1.0 - 0.5 * known.index(name) / len(known)


def is_known(column: Column) -> bool:
    """Whether a column's name is one of those that say something about its role, or that it has none."""
    return plain(column) in _KNOWN


def is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns, from its words and from how it differs from the rest."""
    cells = [cell.strip() for cell in first]
    if not all(cells) or len(set(cells)) < len(cells) or any(len(cell) > LONGEST_NAME for cell in cells):
        return False
    # "a" and "q" are names of columns only in the company of others.
    known = sum(is_known(cell) and (len(cell) > 1 or not cell.isascii()) for cell in cells)
    if known and known >= len(cells) / 2:
        # "text" may be a word of the data; as a header it does not come again.
        return all(list(record) != list(first) for record in rest[:1000])
    return _stands_out(cells, rest)


def _stands_out(cells: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether cells that no table of names knows head their columns, by how they differ from what is below."""
    # Two rows below show no pattern that the first could break.
    if len(rest) < 3 or not all(_IDENTIFIER.fullmatch(cell) for cell in cells):
        return False
    columns = [[record[i].strip() for record in rest] for i in range(len(cells))]
    # A value that comes again below is a value, and its row a row.
    if any(cell in column for cell, column in zip(cells, columns, strict=True)):
        return False
    return any(_differs(cell, column) for cell, column in zip(cells, columns, strict=True))


def _differs(cell: str, column: list[str]) -> bool:
    """Whether a first cell stands out of its column: a word over numbers, or a word that no row repeats."""
    if all(re.fullmatch(r"-?\d+(\.\d+)?", value) for value in column):
        return True
    distinct = set(column)
    # Very few values, each of which comes again and again, but never this one.
    return len(distinct) <= max(2, len(column) // 20) and len(column) >= 20


def located(given: dict[str, Column], columns: Sequence[Column]) -> dict[str, Column]:
    """The user's roles with their columns as the layout names them.

    Raises:
        DataError: a role or a column that does not exist; the nearest are named.
    """
    found: dict[str, Column] = {}
    for role, wanted in given.items():
        if role not in ROLES and not role.startswith(FLAG):
            raise _unknown(say("a role", "一个角色"), role, list(ROLES))
        found[role] = _locate(wanted, columns)
    return found


def _locate(wanted: Column, columns: Sequence[Column]) -> Column:
    if wanted in columns:
        return wanted
    if isinstance(wanted, str) and (same := [c for c in columns if plain(c) == plain(wanted)]):
        return same[0]
    # A position is right for columns with names too.
    if str(wanted).isdecimal() and 1 <= int(wanted) <= len(columns):
        return columns[int(wanted) - 1]
    raise _unknown(say("a column of the file", "文件中的一列"), str(wanted), [str(c) for c in columns])


def _unknown(kind: str, got: str, known: list[str]) -> DataError:
    lowered = {name.lower(): name for name in known}
    near = [lowered[name] for name in difflib.get_close_matches(got.lower(), lowered, n=1, cutoff=0.4)]
    names = listed(known, 20)
    return DataError(
        expected=f"{kind}: {names}",
        got=f"'{got}'",
        where="--columns",
        do=say(f"write '{near[0]}'", f"请写 '{near[0]}'") if near else say("use one of these", "请用其中之一"),
    )
