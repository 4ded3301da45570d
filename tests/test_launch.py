"""Processes of one launch find each other by a file, and notice when the first one is gone."""

import json
import threading
from pathlib import Path

import pytest

from apart import SECONDS, until
from tunesmith import launch
from tunesmith.errors import RunError
from tunesmith.launch import announced, awaited
from tunesmith.place import Place, place


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> Path:
    """The environment of the second of two processes; gives where notices lie."""
    for name, value in {"WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1", "MASTER_PORT": "29411"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(launch, "BEAT_SECONDS", 0.02)
    return own_cache / "launches"


def left_behind(notices: Path, **content: object) -> Path:
    """A notice as an earlier launch on the same port may have left it."""
    known = set(notices.glob("*.json"))
    with announced():
        until(lambda: set(notices.glob("*.json")) != known)
        (path,) = set(notices.glob("*.json")) - known
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_without_a_launcher_a_process_is_alone(own_cache: Path) -> None:
    assert place() == Place(rank=0, world=1, local_rank=0, local_world=1)
    assert place().is_main
    with announced() as announcement:
        announcement.ready(own_cache, began=0.0)
    assert not (own_cache / "launches").exists()


def test_the_launcher_states_the_place(two: Path) -> None:
    assert place() == Place(rank=1, world=2, local_rank=1, local_world=2)
    assert not place().is_main


def test_the_others_learn_the_folder_and_rank_0s_clock(two: Path, tmp_path: Path) -> None:
    found = []
    waiting = threading.Thread(target=lambda: found.append(awaited()))
    with announced() as announcement:
        waiting.start()
        waiting.join(timeout=0.1)
        assert not found
        announcement.ready(tmp_path, began=12.5, is_resumed=True)
        waiting.join(timeout=SECONDS)
    assert found == [launch.Notice(folder=tmp_path.resolve(), is_resumed=True, began=12.5)]
    assert not list(two.glob("*"))


def test_what_an_earlier_launch_left_is_not_believed(two: Path, tmp_path: Path) -> None:
    left_behind(two, folder=str(tmp_path / "old"), is_resumed=False, began=0.0)
    with pytest.raises(RunError, match=r"(?s)Expected rank 0 to prepare the run; got no sign of it.*TUNESMITH_CACHE"):
        awaited(start_seconds=0.2)


def test_another_launch_has_another_notice(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = left_behind(two)
    monkeypatch.setenv("MASTER_PORT", "29412")
    assert left_behind(two) != first


def test_the_death_of_rank_0_is_noticed(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, look = left_behind(two, beat=1), launch._content

    def dying(notice: Path) -> str:
        """What is seen before its last sign, once; from then on that sign."""
        seen = look(notice)
        path.write_text(json.dumps({"beat": 2}), encoding="utf-8")
        return seen

    monkeypatch.setattr(launch, "_content", dying)
    with pytest.raises(RunError, match=r"(?s)no sign of it for .*see its own message above: it has ended"):
        awaited(lost_seconds=0.1, start_seconds=SECONDS)


def test_a_failure_of_rank_0_takes_its_notice_away(two: Path) -> None:
    with pytest.raises(ValueError, match="unreadable"), announced():
        raise ValueError("unreadable")
    assert not list(two.glob("*.json"))
