"""Questions and answers in the shapes that instruction data has.

Pairs (alpaca with ``input``, ``history`` and ``system``; question/answer), turns (sharegpt's
from/value, messages' role/content) and self-instruct's ``instances``.
"""

import json
from operator import itemgetter
from typing import Any

from tunesmith.rooms.read import names
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Block, Column, Layout, Meaning, Record, Reject, Rows, excerpt
from tunesmith.words import say

Message = dict[str, str]

# Who speaks, as each family of data sets writes it.
SPEAKERS = {
    "user": "user", "human": "user", "prompter": "user", "customer": "user", "用户": "user", "question": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "chatgpt": "assistant", "model": "assistant",
    "助手": "assistant", "answer": "assistant", "system": "system", "系统": "system",
    "tool": "tool", "observation": "tool", "function": "tool", "function_call": "assistant", "bard": "assistant",
}  # fmt: skip
# Share of a list's items that must be turns or instances; the others will be rejects.
REGULAR_SHARE = 0.9
_SPEAKER_KEYS, _SPEECH_KEYS = ("role", "from", "speaker"), ("content", "value", "text")


def interpret(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """Turns and instances; pairs are judged with the other pairs of texts."""
    found = []
    for column, fact in known.items():
        # In most rows there must be a list: a stray one is a flaw of the data, not its shape.
        if fact.list_share < 0.5:
            continue
        key = layout.key(column)
        lists = [r.get(key) if layout.options.get("is_keyed") else r[key] for r in layout.records[:200]]
        items = [item for each in lists if isinstance(each, list) for item in each]
        objects = [item for item in items if isinstance(item, dict)]
        if not objects or len(objects) < REGULAR_SHARE * len(items):
            continue
        role = _role_of(objects)
        if role == "messages" and fixed.get("messages", column) == column:
            evidence = say(f"'{column}' holds turns with a speaker", f"'{column}' 是带说话人的多轮对话")
            columns = {"messages": column, **_extra(known, ("system",))}
            found.append(Meaning(task="chat", columns=columns, score=0.97, evidence=(evidence,), convert="messages"))
        # Instances alone ask nothing: the instruction stands in a column beside them.
        question = next((c for c in known if names.rank("question", c) > 0), None)
        if role == "instances" and question is not None:
            evidence = say("instructions with instances of input and output", "带有输入输出实例的指令")
            columns = {"question": question, "instances": column}
            found.append(Meaning(task="chat", columns=columns, score=0.95, evidence=(evidence,), convert="instances"))
    return found


def _role_of(items: list[dict[str, Any]]) -> str:
    if sum(spoken_of(item) is not None for item in items) >= REGULAR_SHARE * len(items):
        return "messages"
    return "instances" if all({"input", "output"} <= item.keys() for item in items) else ""


def beside(known: dict[Column, Facts], columns: dict[str, Column]) -> dict[str, Column]:
    """Columns that belong to a question by their names: input, history, system."""
    return {r: c for r, c in _extra(known, ("input", "history", "system")).items() if c not in columns.values()}


def _extra(known: dict[Column, Facts], roles: tuple[str, ...]) -> dict[str, Column]:
    return {role: c for role in roles for c in known if names.rank(role, c) > 0}


def pairs(block: Block, getters: dict[str, Any], *, is_labelled: bool) -> Rows:
    """Question and answer, with what comes before them, as messages."""
    ask, answer = getters["question"], getters.get("answer")
    rows, at, rejects = [], [], list(block.rejects)
    for record, line in zip(block.records, block.lines, strict=True):
        question = text_of(ask(record))
        reply = text_of(answer(record)) if answer else ""
        reason = _pair_flaw(question, reply, is_labelled=is_labelled)
        if reason:
            rejects.append(Reject(line, reason, excerpt(question or reply)))
            continue
        messages = before(record, getters)
        more = text_of(getters["input"](record)) if "input" in getters else ""
        messages.append({"role": "user", "content": f"{question}\n{more}" if more.strip() else question})
        if is_labelled:
            messages.append({"role": "assistant", "content": reply})
        rows.append(messages)
        at.append(line)
    return Rows({"messages": rows}, at, rejects)


def _pair_flaw(question: str, reply: str, *, is_labelled: bool) -> str:
    if not question.strip():
        return say("the question is empty", "问题为空")
    if is_labelled and not reply.strip():
        return say("the answer is empty", "答案为空")
    return ""


def before(record: Record, getters: dict[str, Any]) -> list[Message]:
    """System prompt and earlier turns. A history is a list of (question, answer), or of turns."""
    messages: list[Message] = []
    system = text_of(getters["system"](record)) if "system" in getters else ""
    if system.strip():
        messages.append({"role": "system", "content": system})
    history = getters["history"](record) if "history" in getters else None
    for turn in history if isinstance(history, list) else []:
        # Both pairs of (question, answer) and turns with a speaker go by the name of history.
        if isinstance(turn, list) and len(turn) == 2:
            messages.append({"role": "user", "content": text_of(turn[0])})
            messages.append({"role": "assistant", "content": text_of(turn[1])})
        elif isinstance(turn, dict) and (spoken := spoken_of(turn)):
            messages.append(spoken)
    # Plain text does not say who spoke; what comes before an answer is the user's.
    if isinstance(history, str) and history.strip():
        messages.append({"role": "user", "content": history})
    return messages


def turns(block: Block, getters: dict[str, Any], *, is_labelled: bool) -> Rows:
    """Lists of turns as messages; each must hold a user's turn and, where labelled, end with an answer."""
    rows, at, rejects = [], [], list(block.rejects)
    for record, line in zip(block.records, block.lines, strict=True):
        messages = before(record, {k: v for k, v in getters.items() if k == "system"})
        given = getters["messages"](record)
        # One turn that cannot be read spoils all: a talk with a gap would teach wrong answers.
        spoken = [spoken_of(turn) for turn in given] if isinstance(given, list) else [None]
        messages += [m for m in spoken if m is not None]
        reason = _turns_flaw(messages, is_whole=None not in spoken, is_labelled=is_labelled)
        if reason:
            rejects.append(Reject(line, reason, excerpt(given)))
            continue
        rows.append(messages)
        at.append(line)
    return Rows({"messages": rows}, at, rejects)


def _turns_flaw(messages: list[Message], *, is_whole: bool, is_labelled: bool) -> str:
    if not is_whole:
        return say("a turn without a speaker or without text", "有一轮缺少说话人或文本")
    if not any(m["role"] == "user" and m["content"].strip() for m in messages):
        return say("nobody asks", "没有提问")
    # The loss is taken on answers: behind the last one nothing is learnt.
    if is_labelled and (messages[-1]["role"] != "assistant" or not messages[-1]["content"].strip()):
        return say("the last turn is no answer", "最后一轮不是回答")
    return ""


def instances(block: Block, getters: dict[str, Any], *, is_labelled: bool) -> Rows:
    """Self-instruct: one row for each instance of an instruction."""
    # Flattened to tuples, instances go the way of ordinary pairs.
    by_position = {"question": itemgetter(0), "input": itemgetter(1), "answer": itemgetter(2)}
    flat, at = [], []
    for record, line in zip(block.records, block.lines, strict=True):
        given = getters["instances"](record)
        found = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
        # An instruction without any instance is still one row, to be rejected by its empty answer.
        for item in found or [{}]:
            flat.append((getters["question"](record), item.get("input"), item.get("output")))
            at.append(line)
    return pairs(Block(flat, at, block.rejects), by_position, is_labelled=is_labelled)


def spoken_of(turn: Any) -> Message | None:
    """A turn as a message; None where nobody speaks in it, or nothing is said."""
    if not isinstance(turn, dict):
        return None
    speaker = next((turn[k] for k in _SPEAKER_KEYS if isinstance(turn.get(k), str)), None)
    speech = next((turn[k] for k in _SPEECH_KEYS if isinstance(turn.get(k), str)), None)
    role = SPEAKERS.get(speaker.strip().lower()) if speaker is not None else None
    return {"role": role, "content": speech} if role is not None and speech is not None else None


def text_of(value: Any) -> str:
    """The text of a cell or a JSON value: lines joined, nothing for null, JSON for the rest."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    # Poems and paragraphs come as lists of lines.
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return json_text(value)


def json_text(value: Any) -> str:
    """A number, boolean or nested value as it would stand in JSON."""
    # Chinese stays legible: this is text for a model, not for a wire.
    return json.dumps(value, ensure_ascii=False)
