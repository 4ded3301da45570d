"""What is too long is told before the start and listed with its lines; what is trained on is shown as it is."""

import json
from pathlib import Path

import pytest

from tunesmith import flow, rooms
from tunesmith.errors import DataError
from tunesmith.hall import fitting, planning
from tunesmith.hall.closing import Ready
from tunesmith.hall.showing import examples
from tunesmith.runs import new_run
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from writers import WINDOW, write_writer

ROWS = 40
LONG_QUESTION, LONG_ANSWER = 3, 7
"""Rows, counted from 0."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_writer(tmp_path_factory.mktemp("model"))


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    rows = [{"question": f"what is thing {at}?", "answer": f"it is {at}."} for at in range(ROWS)]
    rows[LONG_QUESTION]["question"] = "so " * 40 + "what is it?"
    rows[LONG_ANSWER]["answer"] = "so it is " * 20 + "done."
    path = tmp_path / "talks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def ready(talks: Path, model: Path, **wishes: object) -> Ready:
    """A plan without timed batches."""
    settings = changed(Settings(), {"model.name": str(model), **wishes})
    reading = flow.read([talks])
    facts = planning.known(reading, flow.check(reading, settings=settings), settings)
    return planning.as_ready(facts, rooms.plan.plan(facts), began=0.0)


def told(found: Ready) -> str:
    return next(choice.because for choice in found.plan.choices if choice.name == "truncation")


def test_what_gives_way_is_told_before_the_start(talks: Path, model: Path) -> None:
    found = ready(talks, model)
    ids = 1 + len("q: ") + len("so " * 40 + "what is it?") + len("\na: ") + len(f"it is {LONG_QUESTION}.") + 1
    assert f"of 40 rows, 1 question gives way: {ids - 1 - WINDOW} tokens" in told(found)
    assert "1 answer is too long for the window and learned in pieces" in told(found)
    assert "fit, with nothing cut" in told(ready(talks, model, **{"prepare.max_length": 512}))


@pytest.mark.parametrize(
    ("wishes", "value", "because"),
    [({}, "its own", "came with it"), ({"prepare.chat_template": "plain"}, "plain", "you set it")],
)
def test_the_form_of_talks_is_told(
    talks: Path, model: Path, wishes: dict[str, object], value: str, because: str
) -> None:
    (choice,) = (one for one in ready(talks, model, **wishes).plan.choices if one.name == "chat_template")
    assert choice.value == value
    assert because in choice.because


def test_a_row_that_is_left_out_stands_in_the_rejects_with_its_line(
    talks: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = ready(talks, model, **{"prepare.truncation": "drop"})
    assert "2 rows are left out and listed in rejects.tsv" in told(found)
    run = new_run("drop")
    flow.placed(found, run)
    lines = (run.folder / "rejects.tsv").read_text(encoding="utf-8").splitlines()
    assert sorted(line.split("\t")[1] for line in lines[1:]) == [str(LONG_QUESTION + 1), str(LONG_ANSWER + 1)]
    assert all("too long: more than 96 tokens" in line for line in lines[1:])
    starts = {line.split("\t")[3] for line in lines[1:]}
    assert starts == {f"it is {LONG_QUESTION}.", ("so it is " * 20)[:79] + "\u2026"}


def test_where_nothing_would_be_left_the_way_out_is_said(talks: Path, model: Path) -> None:
    with pytest.raises(DataError, match=r"fit into 8 tokens[\s\S]*prepare.truncation=split"):
        ready(talks, model, **{"prepare.truncation": "drop", "prepare.max_length": 8})


def test_examples_show_what_is_learned(talks: Path, model: Path) -> None:
    found = examples(ready(talks, model))
    assert len(found) == 2
    for example in found:
        start, question, answer, end = example.pieces
        assert (start.text, start.is_special, start.is_learned) == ("<s>", True, False)
        assert question.text.startswith("q: what is thing ") and not question.is_learned
        assert answer.text.startswith("it is ") and answer.is_learned
        assert (end.text, end.is_special, end.is_learned) == ("</s>", True, True)


def test_another_template_makes_other_rows(talks: Path, model: Path, tmp_path: Path) -> None:
    form = tmp_path / "form.jinja"
    shown = []
    for name in ("asked", "said"):
        turn = "{% for m in messages %}" + name + ": {{ m['content'] }}</s>{% endfor %}"
        form.write_text(turn + "{% if add_generation_prompt %}" + name + ": {% endif %}", encoding="utf-8")
        shown.append(examples(ready(talks, model, **{"prepare.chat_template": str(form)}))[0])
    # The file has the same name, but no longer the same content.
    assert [example.pieces[0].text.partition(":")[0] for example in shown] == ["asked", "said"]


def test_a_task_that_cuts_nothing_says_nothing(tmp_path: Path, model: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("".join(f"some words of line {at} stand here\n" for at in range(60)), encoding="utf-8")
    found = ready(lines, model)
    assert fitting.losses(found.prepared) is None
    assert not [choice for choice in found.plan.choices if choice.name == "truncation"]
    assert all(piece.is_learned for example in examples(found) for piece in example.pieces[1:])
