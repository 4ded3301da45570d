"""Questions and answers, turns and instances, as messages."""

from operator import itemgetter, methodcaller
from typing import Any

import pytest

from tunesmith.rooms.read.chats import SPEAKERS, beside, instances, interpret, pairs, text_of, turns
from tunesmith.rooms.read.facts import facts
from tunesmith.rooms.read.records import Block, Layout, Rows


def of_pairs(record: dict[str, Any], *, is_labelled: bool = True) -> Rows:
    getters = {role: methodcaller("get", role) for role in record}
    return pairs(Block([record], [5]), getters, is_labelled=is_labelled)


def of_turns(given: Any, *, is_labelled: bool = True, **more: Any) -> Rows:
    getters = {role: itemgetter(role) for role in ("messages", *more)}
    return turns(Block([{"messages": given, **more}], [5]), getters, is_labelled=is_labelled)


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


def message_of(rows: Rows) -> list[dict[str, str]]:
    assert (list(rows.lines), rows.rejects) == ([5], [])
    found: list[dict[str, str]] = rows.columns["messages"][0]
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (["a", "b"], "a\nb"),
        ([], ""),
        (3, "3"),
        (True, "true"),
        ({"k": "值"}, '{"k": "值"}'),
        ([1, "a"], '[1, "a"]'),
    ],
)
def test_any_value_has_a_text(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_the_input_follows_its_instruction() -> None:
    found = message_of(of_pairs({"question": "Add", "input": "1 and 2", "answer": 3}))
    assert found == said(("user", "Add\n1 and 2"), ("assistant", "3"))


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_an_empty_input_or_system_adds_nothing(nothing: object) -> None:
    found = message_of(
        of_pairs({"question": "q", "input": nothing, "system": nothing, "history": nothing, "answer": "a"})
    )
    assert found == said(("user", "q"), ("assistant", "a"))


@pytest.mark.parametrize(
    "history", [[["a", "b"]], [{"from": "human", "value": "a"}, {"role": "assistant", "content": "b"}]]
)
def test_what_was_said_before_comes_first(history: object) -> None:
    found = message_of(of_pairs({"question": "q", "system": "s", "history": history, "answer": "x"}))
    assert found == said(("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "q"), ("assistant", "x"))


def test_a_history_of_plain_text_is_the_users() -> None:
    found = message_of(of_pairs({"question": "q", "history": "before", "answer": "x"}))
    assert found[0] == {"role": "user", "content": "before"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"question": " ", "answer": "a"}, "the question is empty"),
        ({"question": "q", "answer": None}, "the answer is empty"),
    ],
)
def test_a_pair_needs_both(record: dict[str, Any], reason: str) -> None:
    assert [(r.line, r.reason) for r in of_pairs(record).rejects] == [(5, reason)]


def test_a_question_alone_is_what_is_to_be_answered() -> None:
    assert message_of(of_pairs({"question": "q", "answer": "given"}, is_labelled=False)) == said(("user", "q"))


@pytest.mark.parametrize(("name", "role"), sorted(SPEAKERS.items()))
def test_speakers_by_any_of_their_names(name: str, role: str) -> None:
    given = [
        {"from": "human", "value": "q"},
        {"from": f" {name.upper()} ", "value": "x"},
        {"from": "gpt", "value": "a"},
    ]
    assert [m["role"] for m in message_of(of_turns(given))] == ["user", role, "assistant"]


def test_the_systems_column_comes_before_the_turns() -> None:
    found = message_of(of_turns(said(("user", "q"), ("assistant", "a")), system="be kind"))
    assert found[0] == {"role": "system", "content": "be kind"}


GAP = "a turn without a speaker or without text"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (said(("user", "q"), ("narrator", "x"), ("assistant", "a")), GAP),
        ([{"role": "user"}, {"role": "assistant", "content": "a"}], GAP),
        ([{"role": 1, "content": "q"}, {"role": "assistant", "content": "a"}], GAP),
        (["q", "a"], GAP),
        ("q", GAP),
        (None, GAP),
        (said(("system", "s"), ("assistant", "a")), "nobody asks"),
        (said(("user", " "), ("assistant", "a")), "nobody asks"),
        ([], "nobody asks"),
        (said(("user", "q"), ("assistant", "a"), ("user", "q")), "the last turn is no answer"),
        (said(("user", "q"), ("assistant", " ")), "the last turn is no answer"),
    ],
)
def test_conversations_that_cannot_be_used(given: Any, reason: str) -> None:
    found = of_turns(given)
    assert (found.columns["messages"], [r.reason for r in found.rejects]) == ([], [reason])


def test_a_conversation_to_be_answered_may_end_with_a_question() -> None:
    assert message_of(of_turns(said(("user", "q")), is_labelled=False)) == said(("user", "q"))


def test_every_instance_is_a_row_and_none_at_all_a_reject() -> None:
    block = Block(
        [
            {"question": "Add", "instances": [{"input": "1 1", "output": "2"}, {"input": "", "output": "0"}]},
            {"question": "Sing", "instances": []},
            {"question": "Dance", "instances": None},
        ],
        [1, 2, 3],
    )
    found = instances(block, {r: itemgetter(r) for r in ("question", "instances")}, is_labelled=True)
    assert [m[0]["content"] for m in found.columns["messages"]] == ["Add\n1 1", "Add"]
    assert (list(found.lines), [(r.line, r.reason) for r in found.rejects]) == (
        [1, 1],
        [(2, "the answer is empty"), (3, "the answer is empty")],
    )


def layout(records: list[dict[str, Any]]) -> Layout:
    return Layout(format="json", confidence=1.0, columns=tuple(records[0]), records=records, options={"is_keyed": True})


def test_turns_are_known_whatever_their_column_is_called() -> None:
    found = layout([{"id": i, "x": said(("user", "q"), ("assistant", "a")), "system": "s"} for i in range(3)])
    meanings = interpret(found, facts(found), {})
    assert [(m.convert, m.columns) for m in meanings] == [("messages", {"messages": "x", "system": "system"})]
    assert interpret(found, facts(found), {"messages": "id"}) == []


@pytest.mark.parametrize("items", [[1, 2], [{"a": 1}], [], ["a", "b"]])
def test_other_lists_are_no_conversations(items: list[Any]) -> None:
    found = layout([{"question": "q", "x": items}] * 3)
    assert interpret(found, facts(found), {}) == []


def test_columns_that_belong_to_a_question_unless_they_are_taken() -> None:
    found = layout([{"instruction": "q", "input": "i", "output": "a", "history": "h", "note": "n"}] * 3)
    assert beside(facts(found), {"question": "instruction"}) == {"input": "input", "history": "history"}
    assert beside(facts(found), {"question": "input"}) == {"history": "history"}
