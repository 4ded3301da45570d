"""Several processes that decode files at once, for where one would take long.

Each is begun as a program of its own (``worker``), on every system alike, so that the script of whoever uses this as a
library is not run a second time. They hear only through a pipe: it closes when this process ends, however it ends, and
so do they.
"""

import os
import subprocess
import sys
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pyarrow as pa

import tunesmith
from tunesmith.models.media import worker
from tunesmith.models.media.processor import ToNumbers

CHUNK = 16
"""Files of one question: a hundred milliseconds or more where several processes are worth their while."""

PATIENCE_SECONDS = 10.0
"""A process that has been told to end has so long for the files that it is at."""

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""There is a process for every core already."""


class Worker:
    """One process, which answers one question at a time."""

    def __init__(self, modality: str, folder: Path) -> None:
        # Where this program itself was found, it finds the same one.
        places = [str(Path(tunesmith.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", worker.__name__, modality, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        )
        self._questions = pa.ipc.new_stream(self._process.stdin, worker.ASKED)
        self._answers: pa.RecordBatchStreamReader | None = None

    def ask(self, paths: Sequence[str]) -> pa.RecordBatch:
        """``worker.TOLD`` for paths (n,).

        Raises:
            OSError: the process is gone.
        """
        self._questions.write_batch(pa.record_batch([pa.array(paths, pa.string())], schema=worker.ASKED))
        assert self._process.stdin is not None, "opened as a pipe"
        self._process.stdin.flush()
        try:
            self._answers = self._answers or pa.ipc.open_stream(self._process.stdout)
            return self._answers.read_next_batch()
        except (pa.ArrowInvalid, StopIteration) as error:
            raise OSError from error

    def end(self) -> None:
        """Close its input, which ends it."""
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass  # it is gone already
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Crew:
    """``count`` processes for one model's files. They end with this object, and at the latest with this program.

    Args:
        alone: the same work in this process, for what a process left that was killed.
    """

    def __init__(self, modality: str, folder: Path, count: int, alone: ToNumbers) -> None:
        self._alone = alone
        hands = [Worker(modality, folder) for _ in range(count)]
        self._free: SimpleQueue[Worker | None] = SimpleQueue()
        for one in hands:
            self._free.put(one)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="decode")
        self.end = weakref.finalize(self, _end, self._threads, hands)

    def told(self, paths: Sequence[str]) -> list[pa.RecordBatch]:
        """``worker.TOLD`` for paths (n,), in their order; the same numbers as from one process."""
        chunks = [paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK)]
        return list(self._threads.map(self._asked, chunks))

    def _asked(self, paths: Sequence[str]) -> pa.RecordBatch:
        one = self._free.get()
        try:
            return worker.answered(paths, self._alone) if one is None else one.ask(paths)
        except OSError:
            # Killed, for want of memory most likely: its place stays empty, its files are decoded here.
            one = None
            return worker.answered(paths, self._alone)
        finally:
            self._free.put(one)


def _end(threads: ThreadPoolExecutor, hands: Sequence[Worker]) -> None:
    threads.shutdown(wait=True, cancel_futures=True)
    for one in hands:
        one.end()
