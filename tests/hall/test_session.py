"""Nothing stops a run: killed, full, damaged, not finite, taken twice; and the weights come out the same."""

import errno
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from made import write_reviews
from tunesmith import flow, rooms
from tunesmith.artifacts import Artifact, Trained
from tunesmith.errors import RunError
from tunesmith.hall.closing import Ready
from tunesmith.hall.session import Session
from tunesmith.models import saving
from tunesmith.rooms.train import NotFiniteError
from tunesmith.runs import Journal, Run
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 2,
    "train.threads": 1,
    "train.checkpoint_seconds": 0,
    "evaluate.bootstrap_samples": 100,
}


PARTS = import_module("tunesmith.rooms.train.assemble")
"""Where a training is put together; the package's own ``train`` is its function."""


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """A plan over 120 rows in 2 epochs, which every test begins a run of its own with."""
    folder = tmp_path_factory.mktemp("planned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        yield flow.plan([write_reviews(folder / "reviews.tsv", 120)], changed(Settings(), QUICK))


@pytest.fixture(scope="module")
def calm(ready: Ready, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of an undisturbed run."""
    folder = tmp_path_factory.mktemp("calm")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        session = flow.begin(ready, name="calm")
        session.finish()
        return weights(session.run)


@pytest.fixture
def session(ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A run at its first step, in a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    return flow.begin(ready, name="storm")


def weights(run: Run) -> bytes:
    return (run.model / "model.safetensors").read_bytes()


def taken(session: Session, steps: int) -> None:
    for _ in zip(range(steps), session, strict=False):
        pass


def numbers(run: Run) -> list[int]:
    return [json.loads(line)["step"] for line in run.steps.read_text(encoding="utf-8").splitlines()]


def killed(call: Callable[[], object]) -> None:
    with pytest.raises(Killed):
        call()


# ---------------------------------------------------------------- killed


DYING: list[tuple[Any, str, Callable[[Any], bool]]] = [
    (saving, "_save_tokenizer", lambda given: True),
    (saving, "_put", lambda given: True),
    (rooms.evaluate, "subject", lambda given: True),
    (rooms.evaluate, "evaluate", lambda given: True),
    (rooms.report, "report", lambda given: True),
    (Artifact, "write", lambda given: given.name == "evaluation.json"),
    (Artifact, "write", lambda given: given.name == "trained.json"),
]


@pytest.mark.parametrize("at", range(len(DYING)), ids=[f"{name}-{at}" for at, (_, name, _) in enumerate(DYING)])
def test_killed_while_it_finishes_twice_in_a_row(
    session: Session, calm: bytes, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name, is_meant = DYING[at]
    whole = getattr(owner, name)

    def dying(*given: Any, **options: Any) -> Any:
        if is_meant(given[-1]):
            raise Killed
        return whole(*given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying)
        killed(session.finish)
        again = flow.resume(session.run.folder)
        killed(again.finish)
    assert not session.run.trained.exists()
    last = flow.resume(session.run.folder)
    result = last.finish()
    assert weights(session.run) == calm
    assert numbers(session.run) == list(range(1, last.training.steps + 1))
    assert Trained.load(session.run.trained) == result.trained
    assert not session.run.checkpoints.exists()
    assert not list(session.run.folder.glob(".model*"))


def test_killed_before_the_first_checkpoint_it_begins_again(session: Session, calm: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rooms.train, "save", lambda *given: (_ for _ in ()).throw(Killed))
        killed(lambda: taken(session, 3))
    session.close()
    assert numbers(session.run) == [1]
    again = flow.resume(session.run.folder)
    assert (again.first_step, again.notes, numbers(session.run)) == (0, (), [])
    again.finish()
    assert weights(session.run) == calm


@pytest.mark.parametrize("damaged", [1, 2])
def test_damaged_checkpoints_are_passed_over_and_told(session: Session, calm: bytes, damaged: int) -> None:
    taken(session, 5)
    session.close()
    kept = sorted(session.run.checkpoints.iterdir())
    for folder in kept[-damaged:]:
        (folder / "progress.json").write_text("{", encoding="utf-8")
    again = flow.resume(session.run.folder)
    assert again.first_step == (4 if damaged == 1 else 0)
    assert [note.split(":")[0] for note in again.notes] == [
        *(f"checkpoint {folder.name} was passed over" for folder in kept[::-1][:damaged]),
        "checkpoint 00000004 is used" if damaged == 1 else "no checkpoint is usable",
    ]
    result = again.finish()
    assert weights(session.run) == calm
    assert result.trained.notes == again.notes


def test_what_is_shown_of_a_finished_run_says_what_it_took(session: Session) -> None:
    trained = session.finish().trained
    assert trained.notes == ()
    # A process with torch in it holds more than 100 MB and, with this model, less than 8 GB.
    assert 100 << 20 < trained.peak_bytes < 8 << 30


# ---------------------------------------------------------------- taken twice


def test_a_folder_is_held_until_its_session_ends(session: Session) -> None:
    with pytest.raises(RunError, match="a run that no other process works on"):
        flow.resume(session.run.folder)
    session.stop_is_wanted = True
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        taken(session, 2)
    again = flow.resume(session.run.folder)
    assert again.first_step == 1
    with pytest.raises(RunError, match="a run that no other process works on"):
        session.finish()
    again.finish()
    with pytest.raises(RunError, match="got a finished one"):
        flow.resume(session.run.folder)


def test_an_iteration_that_was_left_goes_on(session: Session, calm: bytes) -> None:
    for step in session:
        if step.step == 3:
            break
    session.finish()
    assert weights(session.run) == calm
    assert numbers(session.run) == list(range(1, session.training.steps + 1))


# ---------------------------------------------------------------- disk and data


def full(*given: Any, **options: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Journal, "note"),
        (Journal, "beat"),
        (rooms.train.checkpoints, "save_file"),
        (saving, "_save_tokenizer"),
        (rooms.report, "report"),
        (Artifact, "write"),
    ],
)
def test_a_full_disk_is_said_and_what_was_kept_is_good(
    session: Session, calm: bytes, owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(session, 3)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, full)
        with pytest.raises(
            RunError, match=r"got No space left on device(.|\n)*free some disk, then go on with"
        ) as told:
            session.finish()
    assert f"tunesmith resume {session.run.folder}" in told.value.do
    again = flow.resume(session.run.folder)
    assert again.first_step >= 2
    again.finish()
    assert weights(session.run) == calm


def test_room_for_the_model_is_asked_for_before_it_is_saved(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(session, 99)
    asked: list[int] = []

    def none_left(folder: Path, size: int, *, then: str) -> None:
        asked.append(size)
        raise RunError(expected="room", got="none", do=then)

    monkeypatch.setattr("tunesmith.hall.session.need_room", none_left)
    with pytest.raises(RunError, match="Expected room"):
        session.finish()
    assert asked[0] > 100_000
    assert not session.run.model.exists()


@pytest.mark.parametrize(
    ("change", "got"), [(Path.unlink, "a deleted file"), (lambda path: path.write_bytes(b""), "a changed file")]
)
def test_data_that_dies_stops_the_run_before_it_is_read(
    session: Session, calm: bytes, change: Callable[[Path], object], got: str
) -> None:
    path = session.run.data / "train.arrow"
    # A copy of its own: what the run's folder shares with the cache is not to be changed here.
    whole = path.read_bytes()
    taken(session, 2)
    path.rename(path.with_name("aside"))
    path.write_bytes(whole)
    change(path)
    with pytest.raises(RunError, match=rf"got {got}(.|\n)*train\.arrow(.|\n)*put the file back"):
        taken(session, 2)
    with pytest.raises(RunError, match=r"the run's data as it was(.|\n)*train\.arrow"):
        flow.resume(session.run.folder)
    path.with_name("aside").replace(path)
    again = flow.resume(session.run.folder)
    assert again.first_step == 2
    again.finish()
    assert weights(session.run) == calm


def test_a_place_that_cannot_be_written_to_is_said_and_nothing_is_left(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tunesmith.flow.write_plan", full)
    with pytest.raises(RunError, match=r"No space left(.|\n)*then train again"):
        flow.begin(ready, name="storm")
    assert list((tmp_path / "runs").iterdir()) == []


# ---------------------------------------------------------------- not finite


class Breaking:
    """An objective that at its ``at``-th passes gives a loss, or only a gradient, that is not finite."""

    def __init__(self, whole: Any, at: set[int], how: str) -> None:
        self.passes, self._whole, self._at, self._how = 0, whole, at, how

    def __call__(self, model: nn.Module, batch: Any) -> Iterator[Tensor]:
        self.passes += 1
        for loss in self._whole(model, batch):
            if self.passes not in self._at:
                yield loss
            elif self._how == "gradient":
                # The root's slope at zero is infinite, its value is not.
                yield loss + torch.sqrt(loss * 0)
            else:
                yield loss * float(self._how)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``breaking(4, how="nan")``: let runs that begin from now on break at these passes, counted over all of them."""

    def break_at(*at: int, how: str) -> None:
        broken: list[Breaking] = []
        whole = PARTS.objective_for

        def objective_for(*given: Any, **options: Any) -> Any:
            made = whole(*given, **options)
            if not broken:
                broken.append(Breaking(made, set(at), how))
            broken[0]._whole = made
            return broken[0]

        monkeypatch.setattr(PARTS, "objective_for", objective_for)

    return break_at


@pytest.mark.parametrize("how", ["nan", "inf", "gradient"])
def test_once_not_finite_it_goes_back_and_on_with_a_third_of_the_rate(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaking: Callable[..., None], how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    breaking(4, how=how)
    session = flow.begin(ready, name="storm")
    steps = list(session)
    assert [step.step for step in steps] == numbers(session.run) == list(range(1, session.training.steps + 1))
    assert all(bool(torch.isfinite(value).all()) for value in session.training.model.state_dict().values())
    note = steps[3].note
    assert note.startswith("not finite: loss ")
    assert "in step 4, at a rate of" in note
    assert note.endswith("back to step 3, from there on with a third of the rate")
    assert [step.note for step in steps if step.step != 4] == [""] * (len(steps) - 1)
    assert session.training.progress.rate_scale == pytest.approx(1 / 3)
    assert session.finish().trained.notes == (note,)


def test_without_a_checkpoint_it_goes_back_to_the_start(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaking: Callable[..., None]
) -> None:
    monkeypatch.chdir(tmp_path)
    breaking(4, how="nan")
    session = flow.begin(ready, name="storm")
    monkeypatch.setattr(rooms.train, "save", lambda *given: None)
    steps = list(session)
    assert [step.step for step in steps[:5]] == [1, 2, 3, 1, 2]
    assert numbers(session.run) == list(range(1, session.training.steps + 1))
    assert "back to step 0" in steps[3].note
    assert steps[3].learning_rate == pytest.approx(steps[0].learning_rate / 3)
    # The same weights, rows and dropout as the first time.
    assert steps[3].loss == steps[0].loss


def test_a_damaged_checkpoint_is_no_place_to_go_back_to(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaking: Callable[..., None]
) -> None:
    monkeypatch.chdir(tmp_path)
    breaking(4, how="nan")
    session = flow.begin(ready, name="storm")
    steps = []
    for step in session:
        steps.append(step)
        if len(steps) == 3:
            (session.run.checkpoints / "00000003" / "model.safetensors").write_bytes(b"")
    assert [step.step for step in steps[:4]] == [1, 2, 3, 3]
    assert "checkpoint 00000003 was passed over" in steps[3].note
    assert "back to step 2" in steps[3].note


def test_the_second_time_it_explains_itself(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaking: Callable[..., None]
) -> None:
    monkeypatch.chdir(tmp_path)
    breaking(4, 6, how="nan")
    session = flow.begin(ready, name="storm")
    rate = session.ready.plan.settings.train.learning_rate or 0.0
    with pytest.raises(NotFiniteError, match=r"a finite loss and gradient; got loss nan and gradient norm") as told:
        session.finish()
    assert f"in step 5, at a rate of {rate / 3:.1e}" in told.value.got
    assert f"train.learning_rate={rate / 9:.1e}" in told.value.do
    assert numbers(session.run) == [1, 2, 3, 4]
    # The folder is free, and its last checkpoint good.
    assert flow.resume(session.run.folder).first_step == 4


def test_at_the_end_of_a_time_budget_no_checkpoint_is_begun(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved: list[int] = []
    monkeypatch.setattr(rooms.train, "save", lambda training, folder: saved.append(training.progress.step))
    train = ready.plan.settings.train.model_copy(update={"time_seconds": 1000.0})
    for closing, expected in ((1.0, 1), (2000.0, 0)):
        saved.clear()
        plan = ready.plan.model_copy(
            update={
                "settings": ready.plan.settings.model_copy(update={"train": train}),
                "forecast": ready.plan.forecast.model_copy(update={"closing_seconds": closing, "dev_seconds": 0.0}),
            }
        )
        session = flow.begin(replace(ready, plan=plan, began=time.monotonic()))
        next(iter(session))
        session.close()
        assert len(saved) == expected
