"""Run folders: names that are never taken twice, plans that come back equal, data that moves along, torn journals."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tunesmith.artifacts import Choice, Forecast, ModelFacts, Plan, Prepared, SplitFile, Step, Template
from tunesmith.errors import RunError
from tunesmith.runs import (
    HEARTBEAT_SECONDS,
    Journal,
    Run,
    cache_folder,
    keep_data,
    kept_data,
    new_run,
    open_run,
    read_plan,
    read_steps,
    write_plan,
)
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed


def made_plan() -> Plan:
    """A plan with values of every kind, Chinese text among them."""
    return Plan(
        task="text-classification",
        files=("/data/评论 1.tsv",),
        settings=changed(Settings(), {"train.epochs": 3, "train.learning_rate": 3e-5, "read.columns": {"text": 2}}),
        choices=(
            Choice(name="epochs", value=3, because="您的设定：3 轮"),
            Choice(name="learning_rate", value=3e-5, because="yes: no, 'quoted'"),
        ),
        forecast=Forecast(seconds=12.5, closing_seconds=4.0, peak_bytes=1 << 30),
        model=ModelFacts(
            name="minilm",
            path="/models/minilm",
            kind="bert",
            parameters=22_713_216,
            hidden=384,
            layers=6,
            max_length=512,
            vocabulary=30522,
            sha256="0" * 64,
            is_pretrained=True,
            because="English",
        ),
        data_key="1e5",
        versions={"torch": "2.13", "python": "3.12"},
    )


def made_step(number: int) -> Step:
    return Step(
        step=number,
        steps=9,
        epoch=number / 3,
        loss=1 / number,
        learning_rate=1e-4,
        gradient_norm=0.5,
        examples=4,
        tokens=40,
        seconds=0.1,
        scores={"accuracy": 0.75} if number == 3 else None,
    )


@pytest.fixture
def cached(tmp_path: Path) -> Prepared:
    """Prepared data in a cache folder, with a tokenizer beside weights."""
    folder = tmp_path / "cache"
    (folder / "tokenizer").mkdir(parents=True)
    for name in ("train", "test"):
        (folder / f"{name}.arrow").write_bytes(f"ids of {name}".encode())
        (folder / f"raw-{name}.arrow").write_bytes(f"rows of {name}".encode())
    for name in ("tokenizer.json", "config.json", "vocab.txt", "model.safetensors"):
        (folder / "tokenizer" / name).write_text(name, encoding="utf-8")
    return Prepared(
        task="text-classification",
        labels=("a", "b"),
        splits={n: SplitFile(path=str(folder / f"{n}.arrow"), rows=at) for at, n in enumerate(("train", "test"), 7)},
        raw={n: SplitFile(path=str(folder / f"raw-{n}.arrow"), rows=at) for at, n in enumerate(("train", "test"), 7)},
        tokenizer=str(folder / "tokenizer"),
        template=Template(prefix=(1,), middle=(2,), suffix=(2,), pad=0, unknown=3, has_types=True),
        token_lengths=(1, 2, 3),
        train_tokens=14,
        unknown_share=0.0,
        split_because="given",
        key="k",
    )


# ---------------------------------------------------------------- folders


def test_a_taken_name_gets_a_number_and_gaps_are_filled(tmp_path: Path) -> None:
    names = [new_run("reviews", tmp_path).name for _ in range(3)]
    assert names == ["reviews", "reviews-2", "reviews-3"]
    (tmp_path / "reviews-2").rmdir()
    assert new_run("reviews", tmp_path).folder == tmp_path / "reviews-2"
    assert (tmp_path / "reviews-2").is_dir()


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "reviews").write_text("mine", encoding="utf-8")
    assert new_run("reviews", tmp_path).name == "reviews-2"
    assert (tmp_path / "reviews").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("my data (v2)", "my-data-v2"),
        ("../../etc/passwd", "etc-passwd"),
        ("评论-minilm", "评论-minilm"),
        ("a:b*c?", "a-b-c"),
        ("v1.5_x", "v1.5_x"),
        ("", "run"),
        ("...", "run"),
        ("-/-", "run"),
    ],
)
def test_odd_names_become_one_plain_folder_below_the_root(name: str, folder: str, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    run = new_run(name, root)
    assert run.name == folder
    assert list(root.iterdir()) == [run.folder]


def test_without_a_root_runs_are_made_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    new_run("reviews")
    assert (tmp_path / "runs" / "reviews").is_dir()


def test_opening_nothing_names_the_runs_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match=r"got nothing(.|\n)*train a model first"):
        open_run(Path("runs/reviews"))
    for name in ("b", "a"):
        write_plan(made_plan(), new_run(name).plan)
    with pytest.raises(RunError, match=r"Where: runs/reviews\n.*name one of: runs/a, runs/b"):
        open_run(Path("runs/reviews"))


def test_a_folder_without_a_plan_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"plan\.yaml in it; got a folder without one"):
        open_run(tmp_path)
    write_plan(made_plan(), tmp_path / "plan.yaml")
    assert open_run(tmp_path) == Run(tmp_path)


def test_the_cache_lies_where_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("TUNESMITH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "tunesmith"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == Path.home() / ".cache" / "tunesmith"


# ---------------------------------------------------------------- plans


def test_a_plan_comes_back_equal_and_reads_as_text(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    write_plan(made_plan(), path)
    assert read_plan(path) == made_plan()
    assert "您的设定：3 轮" in path.read_text(encoding="utf-8")
    assert [one.name for one in tmp_path.iterdir()] == ["plan.yaml"]


def test_a_plan_that_a_person_edited_is_taken_as_edited(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    write_plan(made_plan(), path)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["settings"]["train"]["epochs"] = 5
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert read_plan(path).settings.train.epochs == 5


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("", "validation error"),
        ("- a\n- list\n", "validation error"),
        ("task: [unclosed", "while parsing"),
        ("task: text-classification\n", "validation errors for Plan"),
        ("!!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_path(text: str, got: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match=rf"a complete plan.*{got}(.|\n)*plan\.yaml(.|\n)*tunesmith plan FILE"):
        read_plan(path)


def test_a_plan_with_an_unknown_or_impossible_setting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    for name, value in (("epcohs", 3), ("epochs", 0)):
        content = made_plan().model_dump(mode="json")
        content["settings"]["train"][name] = value
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        with pytest.raises(RunError, match="1 validation error for Plan"):
            read_plan(path)


def test_a_missing_plan_is_a_run_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="No such file"):
        read_plan(tmp_path / "plan.yaml")


# ---------------------------------------------------------------- data


def test_a_run_keeps_its_data_when_the_cache_is_emptied(cached: Prepared, tmp_path: Path) -> None:
    run = new_run("reviews", tmp_path)
    rejects = tmp_path / "cache" / "rejects.tsv"
    rejects.write_text("r.tsv\t3\tno label\n", encoding="utf-8")
    kept = keep_data(run, cached, rejects)
    shutil.rmtree(tmp_path / "cache")
    assert Path(kept.splits["train"].path).read_bytes() == b"ids of train"
    assert Path(kept.raw["test"].path).read_bytes() == b"rows of test"
    assert kept.splits["test"].rows == cached.splits["test"].rows
    assert (run.folder / "rejects.tsv").read_text(encoding="utf-8") == "r.tsv\t3\tno label\n"
    assert {path.name for path in Path(kept.tokenizer).iterdir()} == {"tokenizer.json", "config.json", "vocab.txt"}


def test_without_rejects_no_file_of_them_is_made(cached: Prepared, tmp_path: Path) -> None:
    run = new_run("reviews", tmp_path)
    keep_data(run, cached, tmp_path / "none.tsv")
    assert not (run.folder / "rejects.tsv").exists()


def test_data_is_found_again_after_the_run_was_moved(cached: Prepared, tmp_path: Path) -> None:
    run = new_run("reviews", tmp_path)
    keep_data(run, cached, tmp_path / "none.tsv").write(run.prepared)
    moved = Run(tmp_path / "elsewhere" / "renamed")
    moved.folder.parent.mkdir()
    shutil.move(run.folder, moved.folder)
    found = kept_data(moved)
    for files, content in ((found.splits, "ids of"), (found.raw, "rows of")):
        for name, file in files.items():
            assert Path(file.path).parent == moved.data
            assert Path(file.path).read_text(encoding="utf-8") == f"{content} {name}"
    assert (Path(found.tokenizer) / "tokenizer.json").is_file()
    # Nothing but the places changed.
    where = {"splits", "raw", "tokenizer"}
    assert found.model_dump(exclude=where) == cached.model_dump(exclude=where)


def test_files_are_copied_where_links_are_forbidden(
    cached: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(source: object, target: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("tunesmith.runs.os.link", refused)
    kept = keep_data(new_run("reviews", tmp_path), cached, tmp_path / "none.tsv")
    Path(cached.splits["train"].path).write_bytes(b"changed")
    assert Path(kept.splits["train"].path).read_bytes() == b"ids of train"


def test_a_run_without_its_prepared_data_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="a Prepared written by tunesmith"):
        kept_data(new_run("reviews", tmp_path))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flipped(path: Path) -> None:
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


@pytest.mark.parametrize(
    ("change", "got"),
    [(cut, "train.arrow has 11 bytes instead of 12"), (flipped, "another checksum"), (Path.unlink, "is missing")],
)
def test_data_that_is_not_what_it_was_is_refused(
    cached: Prepared, tmp_path: Path, change: Callable[[Path], None], got: str
) -> None:
    run = new_run("reviews", tmp_path)
    keep_data(run, cached, tmp_path / "none.tsv").write(run.prepared)
    change(run.data / "train.arrow")
    with pytest.raises(RunError, match=rf"the run's data as it was(.|\n)*{got}(.|\n)*tunesmith train .*plan\.yaml"):
        kept_data(run)


def test_a_run_killed_before_its_data_was_in_place_explains_itself(cached: Prepared, tmp_path: Path) -> None:
    run = new_run("reviews", tmp_path)
    keep_data(run, cached, tmp_path / "none.tsv")
    with pytest.raises(RunError, match=r"before its data was in place(.|\n)*train again and delete this folder"):
        open_run(run.folder)


# ---------------------------------------------------------------- journal


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return new_run("reviews", tmp_path)


def test_steps_come_back_as_they_were_noted(run: Run) -> None:
    assert list(read_steps(run)) == []
    journal = Journal(run)
    for number in range(1, 5):
        journal.note(made_step(number))
    assert list(read_steps(run)) == [made_step(number) for number in range(1, 5)]


def test_a_resumed_run_takes_later_steps_again(run: Run) -> None:
    journal = Journal(run)
    for number in range(1, 6):
        journal.note(made_step(number))
    Journal(run).keep_until(3)
    assert [step.step for step in read_steps(run)] == [1, 2, 3]
    Journal(run).note(made_step(4))
    assert [step.step for step in read_steps(run)] == [1, 2, 3, 4]


@pytest.mark.parametrize("torn", ['{"step": 3, "ste', '{"steps": 9}', "\x00\x00"])
def test_a_line_torn_by_a_crash_is_dropped_on_resuming(torn: str, run: Run) -> None:
    journal = Journal(run)
    for number in (1, 2):
        journal.note(made_step(number))
    with run.steps.open("a", encoding="utf-8") as lines:
        lines.write(torn)
    Journal(run).keep_until(9)
    assert list(read_steps(run)) == [made_step(1), made_step(2)]


def test_keeping_steps_of_a_run_that_took_none_makes_no_file(run: Run) -> None:
    Journal(run).keep_until(3)
    assert not run.steps.exists()


class Clocks:
    """The calendar and the clock that never goes back, apart from each other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calendar, self.passed = 1.7e9, 5.0
        monkeypatch.setattr("tunesmith.runs.time.time", lambda: self.calendar)
        monkeypatch.setattr("tunesmith.runs.time.monotonic", lambda: self.passed)


def test_the_heart_beats_at_most_so_often(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    journal = Journal(run)
    journal.beat("train", 1)
    clocks.passed += HEARTBEAT_SECONDS / 2
    journal.beat("train", 2)
    assert json.loads(run.heartbeat.read_text(encoding="utf-8"))["step"] == 1
    clocks.passed += HEARTBEAT_SECONDS
    journal.beat("save")
    found = json.loads(run.heartbeat.read_text(encoding="utf-8"))
    assert (found["phase"], found["step"], found["time"]) == ("save", 0, clocks.calendar)


@pytest.mark.parametrize("jump", [-1e9, -3600.0, 3600.0, 1e9])
def test_the_heart_beats_on_when_the_calendar_jumps(run: Run, jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    journal = Journal(run)
    journal.beat("train", 1)
    clocks.calendar += jump
    journal.beat("train", 2)
    assert json.loads(run.heartbeat.read_text(encoding="utf-8"))["step"] == 1
    clocks.passed += HEARTBEAT_SECONDS
    journal.beat("train", 3)
    found = json.loads(run.heartbeat.read_text(encoding="utf-8"))
    assert (found["step"], found["time"]) == (3, clocks.calendar)
