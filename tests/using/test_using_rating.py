"""From runs and files to what people are asked; begun once, gone on with by the same command."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tunesmith.cli.app import run as command
from tunesmith.errors import DataError, RunError, SettingsError
from tunesmith.outcomes import Outcomes, key_of
from tunesmith.rooms.rate.serving import Served
from tunesmith.runs import Run
from tunesmith.using import rated_media, rated_runs
from tunesmith.using.rating import Rating, rate
from tunesmith.using.rating_wishes import Wishes

Begin = Callable[..., Rating]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """``begin("one.jsonl", kind="ab")`` in a folder of its own; closed in the end."""
    monkeypatch.chdir(tmp_path)
    opened = []

    def begun(*sources: str, **wishes: Any) -> Rating:
        opened.append(rate([Path(source) for source in sources], Wishes(**wishes)))
        return opened[-1]

    yield begun
    for one in opened:
        one.close()


def write(name: str, *records: object) -> str:
    Path(name).write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    return name


def test_one_file_of_pairs_is_judged_side_by_side(begin: Begin) -> None:
    rows = [{"prompt": f"q{at}", "a": f"a{at}", "b": f"b{at}", "system_a": "old", "system_b": "new"} for at in range(4)]
    store = begin(write("pairs.jsonl", *rows, {"question": "q9", "a": "x", "b": "y", "known": "b"})).store
    assert (store.terms.kind, store.terms.systems) == ("ab", ("old", "new"))
    assert {tuple(one.text for one in item.answers) for item in store.items()} == {
        *((f"a{at}", f"b{at}") for at in range(4)),
        ("x", "y"),
    }
    assert [item.accepted for item in store.items() if item.is_gold] == [("b",)]
    assert {item.place for item in store.items()} == {f"pairs.jsonl:{line}" for line in range(1, 6)}


def test_files_of_several_systems_are_joined_by_what_was_asked(begin: Begin) -> None:
    write("one.jsonl", *({"prompt": f"q{at % 3}", "output": f"one {at}"} for at in range(6)))
    Path("two.csv").write_text(
        'question,answer\nq2,"two, 2"\nq0,two 0\nq0,two 3\n"new\nline",two 9\n', encoding="utf-8-sig"
    )
    items = begin("one.jsonl", "two.csv").store.items()
    assert sorted((item.prompt, *(one.text for one in item.answers)) for item in items) == [
        ("q0", "one 0", "two 0"),
        ("q0", "one 3", "two 3"),
        ("q2", "one 2", "two, 2"),
    ]


def test_one_file_of_answers_is_graded_and_tags_are_put_right(begin: Begin) -> None:
    assert begin(write("single.jsonl", {"prompt": "q", "answer": "x"})).store.terms.kind == "scale"
    assert begin(write("again.jsonl", {"prompt": "q", "answer": "x"}), kind="right").store.terms.kind == "right"
    (item,) = begin(write("tags.jsonl", {"tokens": ["New", "York"], "tags": ["B-loc", "I-loc"]})).store.items()
    assert (item.tags, item.labels) == (("B-loc", "I-loc"), ("loc",))


def test_a_list_and_an_old_encoding_are_read(begin: Begin) -> None:
    Path("list.json").write_text(json.dumps([{"instruction": "q", "output": [1, 2]}]), encoding="utf-8")
    assert begin("list.json").store.items()[0].answers[0].text == "[1, 2]"
    Path("old.jsonl").write_bytes('{"prompt": "问题", "answer": "回答是对的"}\n'.encode("gb18030"))
    assert begin("old.jsonl").store.items()[0].prompt == "问题"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no records"),
        ("[3]", "no object"),
        ("{broken", "line 1 is no JSON: {broken"),
        ('{"prompt": "q"}', "prompt"),
        ('{"text": "q", "reply": "a"}', "text, reply"),
    ],
)
def test_a_file_without_answers_says_so(content: str, told: str, begin: Begin) -> None:
    Path("wrong.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        begin("wrong.jsonl")
    with pytest.raises(DataError, match="got nothing"):
        begin("missing.jsonl")


@pytest.mark.parametrize(
    ("sources", "wishes", "told"),
    [
        (["x.jsonl"], {"kind": "best"}, "--kind: expected ab, scale, right, tags; got best"),
        (["x.jsonl"], {"items": 0}, "--items"),
        (["x.jsonl"], {"raters": ("anna", "anna")}, "--raters"),
        (["x.jsonl"], {"criteria": ("",)}, "--criteria"),
        (["x.jsonl"], {"kind": "tags", "criteria": ("good",)}, "none where tags"),
        (["x.jsonl"], {"against": "base"}, "one run"),
        (["x.jsonl"], {"against": "other"}, "--against: expected base"),
        (["x.jsonl", "./x.jsonl"], {}, "each one once"),
        (["x.jsonl", "."], {}, "runs alone, or files alone"),
        (["x.jsonl"], {"kind": "ab"}, "two systems"),
    ],
)
def test_what_cannot_be_asked_is_refused(sources: list[str], wishes: dict[str, Any], told: str, begin: Begin) -> None:
    write("x.jsonl", {"prompt": "q", "answer": "a"})
    with pytest.raises(SettingsError, match=told):
        begin(*sources, **wishes)
    assert not list(Path().rglob("ratings.sqlite"))


def test_nothing_to_judge_is_said(begin: Begin) -> None:
    with pytest.raises(RunError, match="none that differ"):
        begin(write("same.jsonl", {"prompt": "q", "a": "x", "b": "x"}))


def test_the_same_command_goes_on_and_new_raters_come_in(begin: Begin) -> None:
    write("x.jsonl", *({"prompt": f"q{at}", "answer": "a"} for at in range(5)))
    first = begin("x.jsonl", raters=("anna",))
    link = first.links.token("1")
    first.close()
    again = begin("x.jsonl", raters=("anna", "bo"))
    assert not again.is_new and again.links.token("1") == link
    assert again.store.raters() == {1: "anna", 2: "bo"}
    again.close()
    by_folder = begin(str(again.folder))
    assert by_folder.store.raters() == {1: "anna", 2: "bo"}
    by_folder.close()
    with pytest.raises(RunError, match="--kind scale"):
        begin("x.jsonl", criteria=("fluent",))
    other = begin("x.jsonl", criteria=("fluent",), folder=Path("other"))
    assert other.store.terms.criteria == ("fluent",)


def test_two_servers_of_one_rating_are_refused(begin: Begin) -> None:
    write("x.jsonl", {"prompt": "q", "answer": "a"})
    begin("x.jsonl")
    with pytest.raises(RunError, match="one that process"):
        begin("x.jsonl")


def test_the_guide_is_shown_and_a_bad_one_refused(begin: Begin) -> None:
    write("x.jsonl", {"prompt": "q", "answer": "a"})
    Path("guide.txt").write_text("\ufeffBe kind.\n", encoding="utf-8")
    Path("long.txt").write_text("x" * 20_001, encoding="utf-8")
    Path("bytes.txt").write_bytes(b"\xff\xfe\x00")
    for name in ("long.txt", "bytes.txt", "none.txt"):
        with pytest.raises(DataError, match=r"--guide|UTF-8"):
            begin("x.jsonl", guide=Path(name))
    assert begin("x.jsonl", guide=Path("guide.txt")).store.terms.guide == "Be kind."


LABELS = ("bad", "good")


def made_run(folder: Path, says: list[int], *, texts: int = 6, task: str = "text-classification", **more: Any) -> Path:
    """A run as far as a rating looks at it: rows, answers, and a plan that names the task."""
    rows = [{"text": f"text {at}", "label": LABELS[at % 2], "source": 0, "line": at + 1} for at in range(texts)]
    if task == "token-classification":
        rows = [{"tokens": ["New", "York", str(at)], "tags": ["B-loc", "I-loc", "O"]} for at in range(texts)]
    if task == "audio-classification":
        rows = [{"path": f"/data/{LABELS[at % 2]}/{at}.wav", "label": LABELS[at % 2]} for at in range(texts)]
    table = pa.Table.from_pylist(rows)
    folder.mkdir(parents=True)
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    places = list(range(len(says)))
    size = len(more.get("labels", LABELS))
    answers = [np.eye(size, dtype=np.float32)[one] for one in says] if "answers" not in more else more["answers"]
    Outcomes(
        task=task,
        split=more.get("split", "test"),
        labels=more.get("labels", LABELS),
        rows=more.get("rows", places),
        paths=["/home/somebody/data/rows.tsv"] * len(says),
        lines=[at + 1 for at in places],
        keys=[key_of(rows[at]) for at in places],
        truths=more.get("truths", [at % 2 for at in places]),
        answers=answers,
        written=[None] * len(says),
    ).write(folder / "outcomes.arrow")
    return folder


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of ``made_run`` count as finished runs."""

    def finished(folder: Path) -> tuple[Run, Any]:
        return Run(folder), SimpleNamespace(task=Outcomes.load(folder / "outcomes.arrow").task)

    def kept_data(run: Run) -> Any:
        return SimpleNamespace(raw={"test": SimpleNamespace(path=str(run.folder / "rows.arrow"))})

    monkeypatch.setattr(rated_runs, "finished", finished)
    monkeypatch.setattr(rated_runs, "kept_data", kept_data)


@pytest.mark.usefixtures("runs")
def test_labels_of_two_runs_are_judged_and_what_both_say_but_once(begin: Begin) -> None:
    made_run(Path("runs/one"), [0, 1, 0, 1, 0, 1])
    made_run(Path("runs/two"), [0, 0, 0, 0, 0, 1])
    store = begin("runs/one", "runs/two").store
    assert (store.terms.kind, store.terms.systems, store.terms.task) == ("right", ("one", "two"), "text-classification")
    asked = {
        (item.prompt, one.text): (one.system, one.also)
        for item in store.items()
        if not item.is_gold
        for one in item.answers
    }
    assert asked[("text 0", "bad")] == ("one", ("two",))
    assert asked[("text 1", "good")] == ("one", ()) and asked[("text 1", "bad")] == ("two", ())
    assert len(asked) == 8
    item = next(item for item in store.items() if item.prompt == "text 0")
    assert (item.labels, item.reference, item.place) == (LABELS, "bad", "rows.tsv:1")


@pytest.mark.usefixtures("runs")
def test_tags_of_a_run_are_put_right_in_bio(begin: Begin) -> None:
    labels = ("O", "B-loc", "I-loc", "S-loc", "E-loc")
    answers = [np.eye(5, dtype=np.float32)[[1, 4, 0]], np.eye(5, dtype=np.float32)[[2, 3, 0]]]
    made_run(
        Path("runs/ner"), [0, 0], task="token-classification", labels=labels, answers=answers, truths=[[1, 2, 0]] * 2
    )
    store = begin("runs/ner").store
    assert store.terms.kind == "tags"
    assert {item.tags for item in store.items()} == {("B-loc", "I-loc", "O"), ("B-loc", "B-loc", "O")}
    assert {item.labels for item in store.items()} == {("loc",)}


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("split", ["cross-validation", "test"])
def test_an_answer_finds_its_row_also_where_folds_counted_them(split: str, begin: Begin) -> None:
    made_run(Path("runs/folds"), [0, 0, 1, 1, 0, 1], split=split, rows=[0, 1, 2, 0, 1, 2])
    shown = {item.prompt: item.answers[0].text for item in begin("runs/folds").store.items() if not item.is_gold}
    assert shown == {f"text {at}": LABELS[one] for at, one in enumerate([0, 0, 1, 1, 0, 1])}


@pytest.mark.usefixtures("runs")
def test_several_labels_are_judged_together_and_none_is_a_dash(begin: Begin) -> None:
    answers = [np.asarray(one, np.float32) for one in ([0.9, 0.6], [0.1, 0.2])]
    made_run(Path("runs/many"), [0, 0], task="multi-label-classification", answers=answers, truths=[[1, 1], [0, 1]])
    items = begin("runs/many").store.items()
    assert {(item.prompt, item.answers[0].text) for item in items} == {("text 0", "bad, good"), ("text 1", "–")}
    assert {(item.labels, item.reference) for item in items} == {((), "")}


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("kind", [None, "scale", "ab"])
def test_labels_of_sounds_are_judged_by_ear(kind: Any, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rated_media, "there", lambda questions, tell: questions)
    said = [at // 2 % 2 for at in range(80)]
    made_run(Path("runs/one"), said, texts=80, task="audio-classification")
    made_run(Path("runs/two"), [at % 2 for at in range(80)], texts=80, task="audio-classification")
    store = begin("runs/one", "runs/two", kind=kind, items=20).store
    known = [item for item in store.items() if item.is_gold]
    asked = [item for item in store.items() if not item.is_gold]
    assert store.terms.kind == (kind or "right") and asked and known
    for item in store.items():
        label, at = Path(item.sound).parent.name, int(Path(item.sound).stem)
        assert (item.prompt, item.image, item.place) == ("", "", f"{at}.wav")
        if item.is_gold:
            is_right = label == item.answers[0].text
            assert item.accepted == {None: (is_right,), "ab": ("a",), "scale": (1, 2)}[kind]
            assert kind is None or is_right == (kind == "ab")
        else:
            says = {name: one.text for one in item.answers for name in (one.system, *one.also)}
            assert all(text == LABELS[said[at] if name == "one" else at % 2] for name, text in says.items())


@pytest.mark.usefixtures("runs")
def test_runs_that_share_no_rows_or_no_task_are_refused(begin: Begin) -> None:
    made_run(Path("runs/one"), [0, 1])
    made_run(Path("runs/ner"), [0], task="token-classification", answers=[np.eye(2, dtype=np.float32)[[1, 0, 0]]])
    with pytest.raises(RunError, match="token-classification, with 0 rows in common"):
        begin("runs/one", "runs/ner")
    with pytest.raises(RunError, match="gives labels"):
        begin("runs/one", against="base")


def test_a_folder_that_is_no_run_says_so(begin: Begin) -> None:
    Path("empty").mkdir()
    with pytest.raises(RunError, match=r"plan\.yaml"):
        begin("empty")


def test_the_command_serves_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write("x.jsonl", *({"prompt": f"q{at}", "answer": "a"} for at in range(3)))
    asked: list[str] = []
    serving = Served.run

    def visited(served: Served) -> None:
        def visit() -> None:
            with urllib.request.urlopen(served.raters["anna"], timeout=20) as answer:
                asked.append(answer.read().decode())
            served.stop_is_wanted = True

        visitor = threading.Thread(target=visit)
        visitor.start()
        serving(served)
        visitor.join()

    monkeypatch.setattr(Served, "run", visited)
    began = time.monotonic()
    assert command(["rate", "x.jsonl", "--raters", "anna，bo", "--port", "0", "--json"]) == 0
    assert time.monotonic() - began < 20
    assert "/r/1/" in asked[0]
    first, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert set(first["raters"]) == {"anna", "bo"} and first["owner"].startswith(
        f"http://127.0.0.1:{first['port']}/owner/enter/"
    )
    assert last["raters"]["anna"] == {"items": 3, "done": 0}
    assert command(["rate", "x.jsonl", "--port", "0"]) == 0
    told = capsys.readouterr().out
    assert "Going on with the rating: x" in told and "0 answers in ratings" in told


def test_a_taken_port_is_refused_and_another_found_where_none_is_named(begin: Begin) -> None:
    write("x.jsonl", {"prompt": "q", "answer": "a"})
    rating = begin("x.jsonl")
    first = rating.serve(port=0)
    with pytest.raises(SettingsError, match="free port"):
        rating.serve(port=first.port)
    with pytest.raises(SettingsError, match="an address of this machine"):
        rating.serve(host="203.0.113.7", port=0)
    other = rating.serve(port=0)
    assert not first.is_public and other.port != first.port
    other.close()
    first.close()
    again = rating.serve()
    assert again.port == other.port, "links stay what they were"
    again.close()
