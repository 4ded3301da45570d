"""The room as a whole: hypotheses, the question, overrides, the cache, the memory."""

import gc
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.artifacts import Hypothesis, Reading
from tunesmith.errors import DataError, UserError
from tunesmith.rooms.read import read
from tunesmith.rooms.read.reading import cache_folder
from tunesmith.rooms.read.recognise import TASKS
from tunesmith.rooms.read.rows import COLUMNS
from tunesmith.settings import ReadSettings

REVIEWS = "1\tgood film , number {0}\n0\tbad film , number {0}\n"
TABLE = "".join(REVIEWS.format(i) for i in range(20))
# Two columns of like length that never ask: a title and its text, or talk?
CLOSE = "".join(f"the weather of day {i} is fine\twe walk along the sea {i} times\n" for i in range(30))
QUESTIONS = "".join(f"what is the number after {i}?\tit is {i + 1}, as you know\n" for i in range(30))
TURNED = "".join("\t".join(line.split("\t")[::-1]) + "\n" for line in QUESTIONS.splitlines())
STORIES = "".join(
    f"a title {i}\tand a very long text that goes on and on about {i} until it ends at last\n" for i in range(30)
)


@pytest.mark.parametrize(
    ("data", "task", "columns"),
    [
        (TABLE, "text-classification", {"text": 2, "label": 1}),
        (QUESTIONS, "chat", {"question": 1, "answer": 2}),
        (TURNED, "chat", {"question": 2, "answer": 1}),
        (STORIES, "generation", {"title": 1, "content": 2}),
        ("这个怎么办?\t这样就好了\n他是谁?\t一个老师\n你好吗?\t我很好\n", "chat", {"question": 1, "answer": 2}),
    ],
)  # fmt: skip
def test_two_columns_without_names(read_as, data: str, task: str, columns: dict[str, int]) -> None:
    reading = read_as("a.tsv", data)
    assert (reading.task, reading.columns) == (task, columns)


def test_every_hypothesis_has_evidence_and_the_best_comes_first(read_as) -> None:
    hypotheses = read_as("a.tsv", TABLE).hypotheses
    assert all(h.evidence for h in hypotheses)
    assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)
    assert hypotheses[0].task == "text-classification"


def test_too_close_to_call_says_what_would_change_it(read_as) -> None:
    reading = read_as("a.tsv", CLOSE)
    assert reading.is_close
    other = reading.would_change.split()[1]
    assert other != reading.task
    assert read_as("b.tsv", CLOSE, task=other).task == other


def test_on_a_terminal_the_user_is_asked(put) -> None:
    asked: list[Sequence[Hypothesis]] = []

    def ask(hypotheses: Sequence[Hypothesis]) -> int:
        asked.append(hypotheses)
        return 1

    reading = read([put("a.tsv", CLOSE)], ask=ask)
    assert reading.task == asked[0][1].task == reading.hypotheses[0].task
    read([put("b.tsv", TABLE)], ask=ask)
    assert len(asked) == 1


@pytest.mark.parametrize("task", ["text-classification", "language-modeling", "generation", "chat"])
def test_the_users_task_wins(read_as, task: str) -> None:
    assert read_as("a.tsv", STORIES, task=task).task == task


def test_the_users_columns_win_by_name_or_position(read_as, rows) -> None:
    data = "id,label,text,note\n" + "".join(f"{i},{i % 2},a film {i},a note of mine {i}\n" for i in range(30))
    by_name = read_as("a.csv", data, columns={"text": "note", "label": "label"})
    by_place = read_as("b.csv", data, columns={"text": 4, "label": "2"})
    assert rows(by_name) == rows(by_place)
    assert by_place.columns == {"text": "note", "label": "label"}
    assert rows(read_as("c.csv", data, columns={"text": "note"}))[0]["text"] == "a note of mine 0"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": {"txt": 1}}, "write 'text'"),
        ({"columns": {"text": "Txet"}}, "write 'text'"),
        ({"columns": {"text": 9}}, "a column of the file: label, text"),
        ({"task": "clasification"}, "a task: text-classification"),
        ({"separator": "pipe"}, "a separator: tab, comma, semicolon or space"),
    ],
)
def test_unknown_names_name_the_nearest(read_as, settings: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_as("a.tsv", "label\ttext\n" + TABLE, **settings)


def test_a_task_that_the_file_does_not_hold(read_as) -> None:
    with pytest.raises(DataError, match="nothing that fits"):
        read_as("a.txt", "one line of text\n", task="token-classification")


def test_the_second_reading_is_the_first(put, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("a.tsv", TABLE)
    first = read([path])
    monkeypatch.setattr("tunesmith.rooms.read.reading.write", None)
    assert read([path]) == first
    assert Reading.load(cache_folder() / "readings" / first.key / "reading.json") == first


def test_other_content_or_settings_have_another_key(put) -> None:
    keys = {read([put("a.tsv", TABLE)]).key, read([put("a.tsv", TABLE + TABLE)]).key}
    keys.add(read([put("a.tsv", TABLE)], ReadSettings(has_header=False)).key)
    assert len(keys) == 3


def test_a_refused_reading_leaves_nothing_behind(put) -> None:
    with pytest.raises(UserError, match="at most 1%"):
        read([put("a.tsv", TABLE + "1\t\n" * 5)])
    assert not list((cache_folder() / "readings").iterdir())


def test_arrow_files_have_the_columns_of_the_contract(read_as) -> None:
    assert set(COLUMNS) == set(TASKS)
    reading = read_as("a.tsv", TABLE)
    with pa.ipc.open_file(reading.splits["train"].path) as file:
        schema = file.schema
    assert schema.names == ["text", "label", "source", "line"]
    assert [schema.field(n).type for n in ("source", "line")] == [pa.int32(), pa.int64()]


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TUNESMITH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "tunesmith"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "tunesmith"


# ---------------------------------------------------------------- chats, labels, scores


def messages(reading: Reading) -> list[list[tuple[str, str]]]:
    with pa.ipc.open_file(reading.splits["train"].path) as file:
        return [[(m["role"], m["content"]) for m in row["messages"]] for row in file.read_all().to_pylist()]


def test_alpaca_with_input_history_and_system(read_as) -> None:
    row = {"instruction": "add", "input": "1 2", "output": "3", "system": "be brief", "history": [["hi", "hello"]]}
    reading = read_as("a.json", json.dumps([row]))
    assert messages(reading) == [
        [("system", "be brief"), ("user", "hi"), ("assistant", "hello"), ("user", "add\n1 2"), ("assistant", "3")]
    ]
    assert reading.columns == {c: {"question": "instruction", "answer": "output"}.get(c, c) for c in
                               ("question", "answer", "input", "history", "system")}  # fmt: skip


def test_every_instance_is_a_row(read_as) -> None:
    row = {"instruction": "add", "instances": [{"input": "1", "output": "2"}, {"input": "", "output": "3"}]}
    assert messages(read_as("a.jsonl", json.dumps(row))) == [
        [("user", "add\n1"), ("assistant", "2")], [("user", "add"), ("assistant", "3")],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([("human", "a")], "the last turn is no answer"),
        ([("gpt", "a")], "nobody asks"),
        ([("human", "a"), ("nobody", "b")], "a turn without a speaker"),
    ],
)
def test_conversations_that_teach_nothing_are_rejects(read_as, turns: list[tuple[str, str]], reason: str) -> None:
    good = {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}
    bad = {"conversations": [{"from": who, "value": what} for who, what in turns]}
    reading = read_as("a.json", json.dumps([good] * 150 + [bad]))
    assert reason in Path(reading.rejects).read_text(encoding="utf-8")


def test_several_labels_in_a_cell_are_a_set_and_can_be_one_label_all_the_same(read_as, rows) -> None:
    labels = ["a,b", "a", "b", "b,c", "c"]
    data = "".join(f"{labels[i % 5]}\ta film to remember {i}\n" for i in range(40))
    reading = read_as("a.tsv", data)
    assert (reading.task, reading.is_close) == ("multi-label-classification", False)
    assert rows(reading)[0]["labels"] == ["a", "b"]
    assert reading.labels == {"b": 24, "a": 16, "c": 16}
    assert any("3 of 3 parts come again" in line for line in reading.hypotheses[0].evidence)
    single = read_as("a.tsv", data, task="text-classification")
    assert rows(single)[0]["label"] == "a,b"


def test_a_label_with_a_comma_in_it_is_one_label(read_as) -> None:
    cities = ["New York, NY", "Buffalo, NY", "Boston, MA", "Salem, MA", "Austin, TX"]
    reading = read_as("a.csv", "text,label\n" + "".join(f'a house number {i},"{cities[i % 5]}"\n' for i in range(60)))
    assert reading.task == "text-classification"
    assert len(reading.labels) == 5


def test_parts_of_which_some_come_again_are_a_close_call(read_as) -> None:
    labels = ["food,drink", "food", "drink", "books,music", "books"]
    reading = read_as("a.csv", "text,label\n" + "".join(f'this is line {i},"{labels[i % 5]}"\n' for i in range(80)))
    assert reading.is_close
    assert {one.task for one in reading.hypotheses[:2]} == {"multi-label-classification", "text-classification"}


def test_columns_of_zeros_and_ones_are_labels_by_their_names(read_as, rows) -> None:
    data = "comment,toxic,insult,threat\n" + "".join(
        f"a comment of number {i},{i % 2},{int(i % 3 == 0)},{int(i % 7 == 0)}\n" for i in range(60)
    )
    reading = read_as("a.csv", data)
    assert reading.task == "multi-label-classification"
    assert not reading.is_close
    assert rows(reading)[21]["labels"] == ["toxic", "insult", "threat"]
    assert rows(reading)[2]["labels"] == []
    named = read_as("a.csv", data, columns={"text": "comment", "label:bad": "insult", "label:worse": "threat"})
    assert named.task == "multi-label-classification"
    assert set(named.labels) == {"bad", "worse"}


def test_one_hot_columns_are_one_label_a_text(read_as, rows) -> None:
    data = "comment,sport,news,film\n" + "".join(
        f"a comment of number {i},{int(i % 3 == 0)},{int(i % 3 == 1)},{int(i % 3 == 2)}\n" for i in range(60)
    )
    reading = read_as("a.csv", data)
    assert (reading.task, rows(reading)[1]["label"]) == ("text-classification", "news")


def test_a_file_without_the_labels_is_unlabelled_rows_of_sets(put) -> None:
    labelled = [{"text": f"a long line {i}", "labels": ["a", "b"][: i % 3]} for i in range(60)]
    folder = put("set/train.jsonl", "\n".join(map(json.dumps, labelled)))
    put("set/unlabelled.jsonl", "\n".join(json.dumps({"text": f"another line {i}"}) for i in range(5)))
    reading = read([folder.parent], ReadSettings())
    assert reading.splits["unlabelled"].rows == 5


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["1", "2", "3", "4", "5"], "text-classification"),
        (["1.0", "2.0", "3.0"], "text-classification"),
        (["0.5", "1.5", "2.25", "3.75", "4.1", "4.9"], "regression"),
        (["1,5", "2,5", "3,7", "4,2", "2,2", "0,1"], "regression"),
        ([str(17 * n % 991) for n in range(60)], "regression"),
        ([str(n) for n in range(30)], "text-classification"),
    ],
)
def test_numbers_are_scores_or_classes_by_what_they_look_like(read_as, values: list[str], task: str) -> None:
    rows = 12 * len(values)
    data = "text,label\n" + "".join(f'some text of row {i},"{values[(7 * i) % len(values)]}"\n' for i in range(rows))
    reading = read_as("a.csv", data)
    assert reading.task == task
    asked = read_as("a.csv", data, task="regression")
    assert asked.labels == {}


def test_whole_numbers_taken_as_classes_say_the_other_way(read_as) -> None:
    data = "text,stars\n" + "".join(f"some text of row {i},{1 + i % 5}\n" for i in range(60))
    assert any("--task regression" in line for line in read_as("a.csv", data).hypotheses[0].evidence)


@pytest.mark.parametrize(
    "names",
    [("sentence1", "sentence2"), ("premise", "hypothesis"), ("\u53e5\u5b501", "\u53e5\u5b502"), ("text_a", "text_b")],
)
@pytest.mark.parametrize(
    ("label", "values", "task"),
    [
        ("score", ["0.2", "3.4", "4.75", "1.1", "2.5"], "regression"),
        ("label", ["entailment", "neutral", "contradiction"], "text-classification"),
        ("labels", ["a,b", "a", "b"], "multi-label-classification"),
    ],
)
def test_pairs_of_every_kind_are_known_by_their_names(
    read_as, names: tuple[str, str], label: str, values: list[str], task: str
) -> None:
    rows = "".join(f'a man number {i},a woman number {i},"{values[i % len(values)]}"\n' for i in range(60))
    reading = read_as("a.csv", f"{names[0]},{names[1]},{label}\n{rows}")
    assert (reading.task, reading.columns) == (task, {"text": names[0], "text2": names[1], "label": label})


def test_a_score_is_a_number_and_says_so(read_as, rows) -> None:
    reading = read_as(
        "a.csv", "sentence1,sentence2,score\n" + "".join(f"a dog {i},a cat {i},{i / 7:.3f}\n" for i in range(1, 40))
    )
    assert reading.columns == {"text": "sentence1", "text2": "sentence2", "label": "score"}
    assert reading.task == "regression"
    assert any("numbers from 0.143 to 5.57" in line for line in reading.hypotheses[0].evidence)
    assert rows(reading)[6]["score"] == 1.0


# ---------------------------------------------------------------- size

_READ = """
import resource, sys
from tunesmith.rooms.read import read
reading = read([sys.argv[1]])
assert reading.rows.total == reading.rows.used == int(sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kilobytes(path: Path, lines: int, tmp_path: Path) -> int:
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(
            f"{i % 4}\ta line of data about number {i}, which is one of very many\n" for i in range(lines)
        )
    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path), str(lines)], capture_output=True, text=True, check=True
    )
    return int(run.stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    assert resource.RUSAGE_CHILDREN
    small = peak_kilobytes(tmp_path / "small.tsv", 150_000, tmp_path)
    large = peak_kilobytes(tmp_path / "large.tsv", 600_000, tmp_path)
    # Four times the lines: the 28 MB more of text are not held, only blocks and the sample are.
    assert large - small < 20_000


def test_the_collector_is_as_it_was_after_a_reading(put) -> None:
    good, bad = put("good.tsv", "a\tgood text\nb\tbad text\n" * 20), put("bad.tsv", "a\tgood text\n" * 20 + "a\t\n" * 9)
    was = gc.isenabled()
    try:
        for is_on in (True, False):
            (gc.enable if is_on else gc.disable)()
            read([good], ReadSettings(allow_rejects=is_on))
            assert gc.isenabled() == is_on
            with pytest.raises(DataError, match="rejected"):
                read([bad])
            assert gc.isenabled() == is_on
    finally:
        (gc.enable if was else gc.disable)()
