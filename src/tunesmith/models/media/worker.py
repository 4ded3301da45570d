"""A process that puts files through a model's processor for another one: paths come in, numbers go out, as Arrow.

    python -m tunesmith.models.media.worker MODALITY FOLDER

It is asked through its input and answers through its output, so it needs nothing of the program that began it. It ends
when its input ends, and that ends, too, when the one who asked is killed.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from tunesmith.models.media.decode import Undecodable
from tunesmith.models.media.processor import ToNumbers, shown_by

ASKED = pa.schema([("path", pa.string())])
TOLD = pa.schema([("seen", pa.binary()), ("flaw", pa.string())])
"""Of each path what the model is shown, or why there is nothing to show."""


def answered(paths: Sequence[str], to_numbers: ToNumbers) -> pa.RecordBatch:
    """``TOLD`` for paths (n,)."""
    seen: list[bytes | None] = []
    flaws: list[str] = []
    for path in paths:
        flaw, numbers = "", None
        try:
            numbers = to_numbers(Path(path))
        except Undecodable as error:
            flaw = str(error)
        seen.append(numbers)
        flaws.append(flaw)
    return pa.record_batch([pa.array(seen, pa.binary()), pa.array(flaws, pa.string())], schema=TOLD)


def main(modality: str, folder: str) -> None:
    """Answer until nobody asks any more."""
    # Ctrl-C reaches the whole group of processes; who asks decides when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library might print must not stand between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    to_numbers, _ = shown_by(modality, Path(folder))
    with pa.ipc.open_stream(sys.stdin.buffer) as questions, pa.ipc.new_stream(told, TOLD) as answers:
        for batch in questions:
            answers.write_batch(answered(batch.column("path").to_pylist(), to_numbers))
            told.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
