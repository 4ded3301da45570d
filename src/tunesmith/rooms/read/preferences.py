"""Two answers to one question, the better and the worse: the shapes that preference data has.

A question with two answers as texts (``prompt``, ``chosen``, ``rejected``; alpaca's ``instruction``, ``input``);
turns (TRL's conversational form, sharegpt's ``conversations``); whole talks that differ in the last answer; and
texts of whole talks, as Anthropic's HH-RLHF has them.
"""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from tunesmith.rooms.read import chats, names
from tunesmith.rooms.read.chats import Message, spoken_of, text_of
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Block, Column, Layout, Meaning, Record, Reject, Rows, excerpt
from tunesmith.words import say

NAMED, PLACED = 0.98, 0.3
"""How sure it is: by the names of both answers nearly wholly; by places alone only for whoever asks for the task."""

_PAIR = ("chosen", "rejected")
_SPEAKER = re.compile(r"\s*\b(Human|Assistant): ?")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def interpret(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """The columns of both answers, and of the question where it stands apart."""
    best = {role: _column(role, known, fixed) for role in _PAIR}
    answers = {role: column for role, column in best.items() if column is not None}
    if len(answers) < len(_PAIR) or len(set(answers.values())) < len(_PAIR):
        return _by_place(known, fixed)
    prompt = _column("prompt", known, fixed, without=tuple(answers.values()))
    columns = {**({} if prompt is None else {"prompt": prompt}), **answers}
    columns |= chats.beside(known, columns)
    evidence = say(
        f"two answers to a question: '{answers['chosen']}' is better than '{answers['rejected']}'",
        f"同一问题的两个回答：'{answers['chosen']}' 优于 '{answers['rejected']}'",
    )
    return [_meaning(columns, NAMED, evidence)]


def _column(
    role: str, known: dict[Column, Facts], fixed: dict[str, Column], without: Sequence[Column] = ()
) -> Column | None:
    """The column that is called by the role, by the surest of its names."""
    if role in fixed:
        return fixed[role]
    ranks = {
        column: names.rank(role, column) for column in known if column not in without and column not in fixed.values()
    }
    return max((column for column in ranks if ranks[column]), key=lambda column: ranks[column], default=None)


def _by_place(known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """Three texts without names: the question, the better answer, the worse."""
    texts = [column for column, fact in known.items() if fact.textness > 0.1]
    if fixed or len(texts) != 3 or not all(isinstance(column, int) for column in texts):
        return []
    evidence = say("three texts, the second better than the third", "三个文本，第二个优于第三个")
    return [_meaning(dict(zip(("prompt", *_PAIR), texts, strict=True)), PLACED, evidence)]


def _meaning(columns: dict[str, Column], score: float, evidence: str) -> Meaning:
    return Meaning(task="preference", columns=columns, score=score, evidence=(evidence,), convert="preference")


def convert(block: Block, getters: dict[str, Any], *, is_labelled: bool) -> Rows:
    """What was said up to the answer as messages, and the two answers as texts."""
    kept: list[tuple[list[Message], str | None, str | None]] = []
    at, rejects = [], list(block.rejects)
    for record, line in zip(block.records, block.lines, strict=True):
        row = _row(record, getters, is_labelled=is_labelled)
        if isinstance(row, str):
            rejects.append(Reject(line, row, excerpt(record)))
            continue
        kept.append(row)
        at.append(line)
    columns = {name: [row[place] for row in kept] for place, name in enumerate(("messages", *_PAIR))}
    return Rows(columns, at, rejects)


def _row(
    record: Record, getters: dict[str, Any], *, is_labelled: bool
) -> tuple[list[Message], str | None, str | None] | str:
    """One row, or why there is none."""
    asked = _asked(record, getters)
    if asked is None:
        return say("a turn without a speaker or without text", "有一轮缺少说话人或文本")
    if not is_labelled:
        return (asked, None, None) if _asks(asked) else say("nobody asks", "没有提问")
    ends = [_turns(getters[role](record), asked) for role in _PAIR]
    if None in ends:
        return say("a turn without a speaker or without text", "有一轮缺少说话人或文本")
    better, worse = ([] if end is None else end for end in ends)
    shared = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(better, worse, strict=False))]
    rest = better[len(shared) :], worse[len(shared) :]
    # A question that stands apart and in both talks is one question.
    talk = shared if _asks(shared) and _contains(shared, asked) else asked + shared
    return _flaw(talk, *rest) or (talk, rest[0][0]["content"], rest[1][0]["content"])


def _asked(record: Record, getters: dict[str, Any]) -> list[Message] | None:
    """What stands before the answers: system, history, the question with its input; None: it cannot be read."""
    before = chats.before(record, getters)
    given = getters["prompt"](record) if "prompt" in getters else None
    if isinstance(given, list) and given and all(isinstance(turn, dict) for turn in given):
        spoken = [spoken_of(turn) for turn in given]
        return None if None in spoken else before + [turn for turn in spoken if turn is not None]
    text, more = text_of(given), text_of(getters["input"](record)) if "input" in getters else ""
    if not text.strip():
        return before
    talk = _said_in(text)
    if talk is not None:
        # "Human: …\n\nAssistant:" asks for what comes next; the open end is no turn.
        return before + [turn for turn in talk if turn["content"].strip()]
    return [*before, {"role": "user", "content": f"{text}\n{more}" if more.strip() else text}]


def _turns(given: Any, asked: Sequence[Message]) -> list[Message] | None:
    """An answer as turns: a text, one turn, a talk, or the text of one; None: it cannot be read."""
    if isinstance(given, dict):
        given = [given]
    if isinstance(given, list) and given and all(isinstance(turn, dict) for turn in given):
        spoken = [spoken_of(turn) for turn in given]
        return None if None in spoken else [turn for turn in spoken if turn is not None]
    text = text_of(given)
    return (None if _asks(asked) else _said_in(text)) or [{"role": "assistant", "content": text}]


def _said_in(text: str) -> list[Message] | None:
    """The turns of a text such as "Human: … Assistant: …"; None: it is no such text."""
    if not re.match(r"\s*Human: ?", text):
        return None
    parts = _SPEAKER.split(text)
    return [{"role": _ROLES[who], "content": said.strip()} for who, said in zip(parts[1::2], parts[2::2], strict=True)]


def _asks(talk: Sequence[Message]) -> bool:
    return any(turn["role"] == "user" and turn["content"].strip() for turn in talk)


def _contains(talk: Sequence[Message], asked: Sequence[Message]) -> bool:
    said = {turn["content"].strip() for turn in talk}
    return all(turn["content"].strip() in said for turn in asked)


def _flaw(talk: Sequence[Message], better: Sequence[Message], worse: Sequence[Message]) -> str:
    """Why a pair teaches nothing, or an empty text."""
    if not better and not worse:
        return say("both answers are the same", "两个回答相同")
    if any(len(end) != 1 or end[0]["role"] != "assistant" for end in (better, worse)):
        return say("the two talks differ in more than their last answer", "两段对话不止最后的回答不同")
    if not _asks(talk):
        return say("nobody asks", "没有提问")
    texts = better[0]["content"].strip(), worse[0]["content"].strip()
    if not all(texts):
        return say("an answer is empty", "有一个回答为空")
    if texts[0] == texts[1]:
        return say("both answers are the same", "两个回答相同")
    return ""
