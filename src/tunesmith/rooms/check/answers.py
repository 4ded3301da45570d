"""Pairs whose answer does not answer, and media rows whose file is not there: judged row by row."""

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.rooms.check.survey import Draft, Hits, RowCheck, Survey
from tunesmith.words import counted, say

# "Yes" to "Yes" may be an answer; from here on, a copy is a slip.
COPIED_CHARACTERS = 4


def _spot_empty(batch: Batch) -> NDArray[np.int64]:
    # A letter or a digit of any script, or a symbol: code and an emoji do answer, "..." and "-" do not.
    has_content = pc.match_substring_regex(batch.fields["answer"], r"[\pL\pN\pS]")
    return 1 - numbers(has_content)


def _tell_empty(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "answer is", "answers are", "个回答")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=say(f"{n} empty", f"{n}为空"),
        message=say(
            f"{n} empty or only punctuation: the model would learn to say nothing.",
            f"{n}为空或只有标点：模型会学到不作答。",
        ),
        do=say("fill them in or remove the rows", "请补全或删除这些行"),
        places=tuple(hits.places),
    )


def _spot_copied(batch: Batch) -> NDArray[np.int64]:
    question, answer = (pc.utf8_lower(pc.utf8_trim_whitespace(batch.fields[f])) for f in ("question", "answer"))
    is_copy = pc.and_(pc.equal(question, answer), pc.greater_equal(pc.utf8_length(answer), COPIED_CHARACTERS))
    return numbers(is_copy)


def _tell_copied(survey: Survey, hits: Hits) -> Draft:
    n = counted(hits.count, "answer copies its question", "answers copy their questions", "个回答照抄了问题")
    return Draft(
        severity=survey.graded(hits.rows),
        count=hits.count,
        title=n,
        message=say(f"{n}: the model would learn to echo.", f"{n}：模型会学到复述。"),
        do=say(
            "correct or remove the rows; check that no column was taken twice",
            "请改正或删除；并检查是否同一列被取了两次",
        ),
        places=tuple(hits.places),
    )


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


EMPTY_ANSWERS = RowCheck(needs="answer", spot=_spot_empty, tell=_tell_empty)
COPIED_ANSWERS = RowCheck(needs="answer", spot=_spot_copied, tell=_tell_copied)
MISSING_FILES = RowCheck(needs="path", spot=_spot_missing, tell=_tell_missing)
