"""Pairs whose answer does not answer, and media rows whose file is not there: judged row by row."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.rooms.check.spotting import occurrences, row_check
from tunesmith.rooms.check.survey import Draft, Hits, RowCheck, Survey
from tunesmith.words import counted, say

# "Yes" to "Yes" may be an answer; from here on, a copy is a slip.
COPIED_CHARACTERS = 4

# A shorter answer may be a name, a line of verse or an item: whether it is whole, its end does not tell.
PROSE_CHARACTERS = 40

# Where more than a tenth of the answers end without a stop, that is how they are written.
OPEN_END_HABIT = 0.1

# Of so many lines of its kind nearly all must end with a stop before one that does not is taken for cut.
LEAST_FELLOWS = 2

# What stands where an answer was still to be written, or where there was none to give. "None" and 无 are left out:
# they are good answers to some questions.
PLACEHOLDER = (
    r"(?i)^(?:[\s\pP]|&lt;)*(?:n/?a|tbd|tbc|todo|to do|fixme|xxx+|null|nan|undefined"
    r"|no ?(?:in|out)put|no (?:answer|response)"
    r"|(?:your )?(?:answer|response|text) (?:goes )?here|lorem ipsum.*|placeholder"
    r"|[\[<(](?:insert|your|put|add|enter)\b[^\])>]*"
    r"|待(?:补充|完善|填写|定)|暂无(?:回答|答案|内容)?|占位符?|此处(?:填写|输入).*|无(?:输入|输出))[\s\pP\pS]*$"
)

# A question whose optional part was filled in with a word for nothing, as data made by models often has it.
NO_INPUT = r"(?i)<no ?input>|\n\s*no ?input\s*$|(?:[<＜]|&lt;)无输入(?:[>＞]|&gt;)"

# How assistants begin when they decline. An apology alone is none: customers are answered so.
REFUSAL = (
    r"(?i)^\W*(?:(?:i'?m|i am) (?:very |so )?sorry,? (?:but )?|unfortunately,? |sorry,? (?:but )?)?(?:"
    r"as an? (?:ai|artificial intelligence|(?:large )?language)(?: language)?(?: model| assistant)?"
    r"\b[^\n]{0,60}(?:\bnot\b|n't|n’t|cannot|unable)"
    r"|i (?:cannot|can't|am unable to|am not able to) (?:fulfill|assist with|help (?:you )?with|comply|provide|answer))"
    r"|^(?:很|非常)?(?:抱歉|对不起)?[\pP\s]*(?:作为|身为)(?:一个|一名|一种|一款)?(?:AI|人工智能|大?语言模型)"
    r"[^\n。！？]{0,30}(?:无法|不能|没有|没办法|不会|不具)"
    r"|^(?:很|非常)?(?:抱歉|对不起)[\pP\s]*(?:但)?我(?:无法|不能)(?:回答|提供|帮助|满足|完成)"
)

# A sentence is still open behind a word or a comma; a stop somewhere before shows that the answer has sentences.
_OPEN_END = r"[\pL,，、；(（“-]\s*$"
_STOP = r"[.!?][\s\x{22}'”)]|[。！？]"
# These end as they like: code, links, tags, names behind a quotation.
_IS_FREE = r"```|https?://\S*\s*$|[{};=<>]\s*\n|[#＃][^\s#.]+\s*$|[-–—~]\s*[\pL .·]{2,40}\s*$"
# Lines that need no stop, unless the others of the same answer have one: items, rows of tables, words with a colon.
_ITEM = re.compile(r"[ \t]*(?:[-*•#|>●·]|\(?\w{1,3}[.)、）．:]|[^:：]{1,30}[:：])")
_STOPPED = re.compile(r"[.!?。！？…；;：:][\s\"'”’)）*]*$")


def _spot_empty(batch: Batch) -> NDArray[np.int64]:
    # A letter or a digit of any script, or a symbol: code and an emoji do answer, "..." and "-" do not.
    has_content = pc.match_substring_regex(batch.fields["answer"], r"[\pL\pN\pS]")
    return 1 - numbers(has_content)


def _spot_copied(batch: Batch) -> NDArray[np.int64]:
    question, answer = (_plain(batch.fields[field]) for field in ("question", "answer"))
    is_copy = pc.and_(pc.equal(question, answer), pc.greater_equal(pc.utf8_length(answer), COPIED_CHARACTERS))
    return numbers(is_copy)


def _plain(texts: pa.Array) -> pa.Array:
    return pc.utf8_lower(pc.utf8_trim(texts, characters=" \t\r\n\u3000.!?。！？\"'“”"))


def _spot_cut(batch: Batch) -> NDArray[np.int64]:
    answer = batch.fields["answer"]
    is_long = numbers(pc.greater_equal(pc.utf8_length(answer), PROSE_CHARACTERS))
    # The end first: it rules out nearly all.
    found = np.flatnonzero(is_long & numbers(pc.match_substring_regex(answer, _OPEN_END)))
    candidates = answer.take(pa.array(found))
    has_stop, is_free = (numbers(pc.match_substring_regex(candidates, pattern)) for pattern in (_STOP, _IS_FREE))
    goes_on = np.fromiter(map(_goes_on, candidates.to_pylist()), np.int64, found.size)
    cut = np.zeros(len(answer), np.int64)
    cut[found] = has_stop & (1 - is_free) & goes_on
    return cut


def _goes_on(answer: str) -> bool:
    """Whether a last line without a stop should have one: it is prose, or its fellows have one."""
    *others, last = [line for line in answer.splitlines() if line.strip()]
    is_item = _ITEM.match(last) is not None
    if not is_item and len(last) >= PROSE_CHARACTERS:
        return True
    fellows = [line for line in others if (_ITEM.match(line) is not None) == is_item]
    stopped = sum(_STOPPED.search(line) is not None for line in fellows)
    return len(fellows) >= LEAST_FELLOWS and stopped >= (1 - OPEN_END_HABIT) * len(fellows)


_placeholders, _no_inputs = occurrences(PLACEHOLDER, "answer"), occurrences(NO_INPUT, "question")


def _spot_placeholder(batch: Batch) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.minimum(1, _placeholders(batch) + _no_inputs(batch))
    return found


def _spot_missing(batch: Batch) -> NDArray[np.int64]:
    paths = batch.fields["path"].to_pylist()
    return np.fromiter((not Path(path).is_file() for path in paths), np.int64, len(paths))


def _tell_missing(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "file is", "files are", "个文件")
    return Draft(
        severity="error" if hits.rows == survey.rows else "warning",
        count=hits.count,
        title=say(f"{n} missing", f"{n}不存在"),
        message=say(f"{n} named in the rows but not there.", f"{n}在数据中提到，但不存在。"),
        do=say(
            "put the files where the rows say, or correct the paths; paths count from the folder of the table",
            "请把文件放到所写的位置，或改正路径；路径从表格所在文件夹算起",
        ),
        places=tuple(hits.places),
    )


EMPTY_ANSWERS = row_check(
    "answer",
    _spot_empty,
    unit=("answer is", "answers are", "个回答"),
    title=("{n} empty", "{n}为空"),
    message=(
        "{n} empty or only punctuation: the model would learn to say nothing.",
        "{n}为空或只有标点：模型会学到不作答。",
    ),
    do=("fill them in or remove the rows", "请补全或删除这些行"),
)
COPIED_ANSWERS = row_check(
    "answer",
    _spot_copied,
    unit=("answer copies its question", "answers copy their questions", "个回答照抄了问题"),
    title=("{n}", "{n}"),
    message=("{n}: the model would learn to echo.", "{n}：模型会学到复述。"),
    do=(
        "correct or remove the rows; check that no column was taken twice",
        "请改正或删除；并检查是否同一列被取了两次",
    ),
)
CUT_ANSWERS = row_check(
    "answer",
    _spot_cut,
    unit=("answer seems", "answers seem", "个回答"),
    title=("{n} cut off", "{n}像是被截断"),
    message=(
        "{n} to end in the middle of a sentence, where others end with a stop: the model would learn to break off.",
        "{n}像是在句子中间结束，而其他回答都有句末标点：模型会学到半途停下。",
    ),
    do=(
        "complete them or remove the rows; look whether a limit of length made them",
        "请补全或删除；并检查是否由长度限制造成",
    ),
    habit=OPEN_END_HABIT,
)
PLACEHOLDER_ANSWERS = row_check(
    "answer",
    _spot_placeholder,
    unit=("row has", "rows have", "行"),
    title=("{n} a placeholder for words", "{n}含占位内容"),
    message=(
        "{n} a placeholder such as N/A, TODO or <noinput> as the answer or in the question: the model would learn it.",
        "{n}用 N/A、TODO、<noinput> 之类代替了回答或问题的一部分：模型会学到这些。",
    ),
    do=(
        "fill in the answers, and leave the part of a question that has no content empty",
        "请补全回答；问题中没有内容的部分请留空",
    ),
)
REFUSED_ANSWERS = row_check(
    "answer",
    occurrences(REFUSAL, "answer"),
    unit=("answer declines", "answers decline", "个回答拒绝作答"),
    title=("{n}", "{n}"),
    message=(
        "{n}, with words such as “As an AI language model”: the model would learn to decline, also where it need not.",
        "{n}（如“作为一个人工智能”）：模型会学到拒绝，包括不必拒绝的时候。",
    ),
    do=(
        "keep those that should be declined; remove or rewrite the others",
        "确实应当拒绝的请保留；其余请删除或重写",
    ),
)
MISSING_FILES = RowCheck(needs="path", spot=_spot_missing, tell=_tell_missing)
