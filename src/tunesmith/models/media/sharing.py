"""Files decoded by this process alone or by several: whichever is over sooner, judged by what the first files take.

The numbers are the same either way. A process costs seconds before its first file, most of them for importing
transformers, so a few thousand small pictures are decoded before it could begin.
"""

import time
from pathlib import Path
from threading import Lock

import pyarrow as pa

from tunesmith.artifacts import Decoding
from tunesmith.models.media.crew import Crew
from tunesmith.models.media.processor import changed_since, shown_by
from tunesmith.tasks.task import FileEncoder, Task

FIRST = 16
"""Files by whose processor seconds all others are judged, and one before them that pays for what is imported."""

START_SECONDS = 3.5
"""Of a core, from the start of a process to its first answer: 3.2 and 3.8 measured (dev/log.md)."""

WORTH = 0.8
"""Several processes decode where that takes this share of the time of one at most."""

MOST = 16
"""More processes than this wait for the disk."""


class Shared:
    """A ``FileEncoder`` that has other processes help it where that pays, until ``end``.

    Args:
        alone: the encoder of this process.
        files: how many are to come in all.
        cores: that may be used.
        wished: how many processes the user wants; None: that is found out.
    """

    def __init__(
        self, alone: FileEncoder, task: Task, folder: Path, *, files: int, cores: int, wished: int | None
    ) -> None:
        self._alone, self._task, self._folder = alone, task, folder
        self._files, self._cores, self._wished = files, cores, wished
        self._deciding = Lock()
        self._crew: Crew | None = None
        self.decoding: Decoding | None = None

    def __call__(self, paths: pa.StringArray) -> pa.BinaryArray:
        """What the model is shown of each path, binary (n,)."""
        done = [paths[:0]]
        with self._deciding:
            if self.decoding is None and len(paths) > 1:
                done = self._begun(paths[: FIRST + 1])
        rest = paths[sum(map(len, done)) :]
        done.append(self._alone(rest) if self._crew is None else self._of_several(self._crew, rest))
        return pa.concat_arrays(done[1:] if not len(done[0]) else done)

    def end(self) -> None:
        """End the other processes, if there are any."""
        if self._crew is not None:
            self._crew.end()

    def _begun(self, paths: pa.StringArray) -> list[pa.BinaryArray]:
        """The first files, and with that how the others are decoded."""
        warm = self._alone(paths[:1])
        # Of this thread's processor: other work on the machine would slow down both ways alike.
        began = time.thread_time()
        timed = self._alone(paths[1:])
        each = (time.thread_time() - began) / len(timed)
        workers = self._wished or workers_for(self._files - len(paths), each, self._cores)
        if workers > 1:
            alone, _ = shown_by(self._task.modality, self._folder)
            self._crew = Crew(self._task.modality, self._folder, workers, alone)
        self.decoding = Decoding(files=self._files, seconds=each, workers=workers, cores=self._cores)
        return [warm, timed]

    def _of_several(self, crew: Crew, paths: pa.StringArray) -> pa.BinaryArray:
        names = paths.to_pylist()
        told = pa.Table.from_batches(crew.told(names))
        for name, flaw in zip(names, told.column("flaw").to_pylist(), strict=True):
            if flaw:
                raise changed_since(Path(name), flaw)
        return told.column("seen").combine_chunks()


def workers_for(files: int, seconds: float, cores: int) -> int:
    """Processes for so many files of so many seconds each; 1: this one alone."""
    count, alone = min(cores, MOST, files), files * seconds
    if count < 2 or START_SECONDS + alone / count > WORTH * alone:
        return 1
    return count
