"""Processes that decode: the same numbers in the same order, the same refusals, and none of them stays behind."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from made_media import write_pictures, write_sounds
from tunesmith.errors import DataError
from tunesmith.models.media import crew, scratch, worker
from tunesmith.models.media.crew import CHUNK
from tunesmith.models.media.processor import encoding, shown_by
from tunesmith.models.media.sharing import FIRST, MOST, START_SECONDS, Shared, workers_for
from tunesmith.tasks import TASKS

PICTURES = TASKS.get("image-classification")

SCRIPT = """
import json, sys, time
from hashlib import sha256
from pathlib import Path
from tunesmith.models.media.crew import Crew
from tunesmith.models.media.processor import shown_by
print("begun", flush=True)
folder, paths = Path(sys.argv[1]), sys.argv[2:]
crew = Crew("image", folder, 2, shown_by("image", folder)[0])
found = [row for part in crew.told(paths) for row in part.column("seen").to_pylist()]
print(sha256(b"".join(found)).hexdigest(), flush=True)
print(json.dumps([crew._free.get()._process.pid for _ in range(2)]), flush=True)
time.sleep(120)
"""
"""Without a guard against being imported, as scripts of users are."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """Files for more questions than there are processes, and a model's folder."""
    root = tmp_path_factory.mktemp("crew")
    paths = sorted(str(path) for path in write_pictures(root / "files", 5 * CHUNK).rglob("*.png"))
    return paths, scratch.make(iter(paths), root / "model", is_picture=True)


def test_processes_tell_what_one_tells_and_die_with_the_one_that_began_them(pictures: tuple[list[str], Path]) -> None:
    paths, folder = pictures
    alone, _ = shown_by("image", folder)
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), *paths], stdout=subprocess.PIPE) as begun:
        assert begun.stdout is not None
        lines = [begun.stdout.readline().decode().strip() for _ in range(3)]
        begun.kill()
    assert lines[:2] == ["begun", sha256(b"".join(alone(Path(path)) for path in paths)).hexdigest()]
    until = time.monotonic() + 120
    for pid in json.loads(lines[2]):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until, "a process outlived the one that began it"
            time.sleep(0.02)


class Hand:
    """Answers as a process would, in this one; the second that is made is killed at its second question."""

    made: "list[Hand]" = []  # noqa: RUF012 - emptied by each test

    def __init__(self, modality: str, folder: Path) -> None:
        self.alone, _ = shown_by(modality, folder)
        self.asked, self.is_ended, self.number = 0, False, len(self.made)
        self.made.append(self)

    def ask(self, paths: Sequence[str]) -> pa.RecordBatch:
        self.asked += 1
        if (self.number, self.asked) == (1, 2):
            raise OSError
        return worker.answered(paths, self.alone)

    def end(self) -> None:
        self.is_ended = True


def test_files_are_shared_out_in_order_also_when_a_process_is_killed(
    pictures: tuple[list[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, folder = pictures
    monkeypatch.setattr(crew, "Worker", Hand)
    Hand.made.clear()
    alone, _ = encoding(PICTURES, folder)
    shared = Shared(alone, PICTURES, folder, files=len(paths), cores=2, wished=2)
    given = pa.array(paths)
    for _ in range(3):
        found = pa.concat_arrays([shared(given[:40]), shared(given[40:])])
        assert found.equals(alone(given))
    assert len(Hand.made) == 2
    broken = Path(paths[-1])
    kept = broken.read_bytes()
    broken.write_bytes(kept[:40])
    try:
        with pytest.raises(DataError, match="the picture is broken") as told:
            shared(given)
        with pytest.raises(DataError, match="the picture is broken") as of_one:
            alone(given)
    finally:
        broken.write_bytes(kept)
    assert str(told.value) == str(of_one.value)
    assert not any(one.is_ended for one in Hand.made)
    shared.end()
    assert all(one.is_ended for one in Hand.made)


@pytest.mark.parametrize(
    ("files", "seconds", "cores", "count"),
    [
        (3600, 0.0005, 16, 1),  # small pictures are decoded before a process could begin
        (3000, 0.0023, 2, 1),
        (2000, 0.1, 2, 2),  # photographs
        (2000, 0.1, 1, 1),
        (200_000, 0.1, 64, MOST),
        (3, 1000.0, 16, 3),
        (0, 0.1, 16, 1),
    ],
)
def test_as_many_processes_as_pay(files: int, seconds: float, cores: int, count: int) -> None:
    assert workers_for(files, seconds, cores) == count


def test_where_it_does_not_pay_nobody_is_asked_for_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "Worker", Hand)
    Hand.made.clear()
    paths = sorted(str(path) for path in write_sounds(tmp_path / "files", FIRST + 8).glob("*.wav"))
    folder, task = scratch.make(iter(paths), tmp_path / "model", is_picture=False), TASKS.get("audio-classification")
    alone, _ = encoding(task, folder)
    shared = Shared(alone, task, folder, files=len(paths), cores=8, wished=None)
    given = pa.array(paths)
    parts = [shared(given[:0]), shared(given[:1]), shared(given[1:9]), shared(given[9:])]
    assert pa.concat_arrays(parts).equals(alone(given))
    assert not Hand.made
    assert shared.decoding is not None
    assert (shared.decoding.workers, shared.decoding.files, shared.decoding.cores) == (1, FIRST + 8, 8)
    assert 0 < shared.decoding.seconds < START_SECONDS
    shared.end()
