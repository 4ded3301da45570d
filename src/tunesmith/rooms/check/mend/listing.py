"""The list of what was done: a table for people and programs, one change a row."""

from collections.abc import Iterable
from pathlib import Path

from tunesmith.artifacts import Reading
from tunesmith.private import masked
from tunesmith.rooms.check.mend.places import file_of
from tunesmith.rooms.check.mend.stage import Change
from tunesmith.rooms.check.mend.works import Placed
from tunesmith.rooms.check.rows import visible

HEAD = ("file", "line", "kind", "before", "after", "because")
DROPPED = "dropped"
PERSONAL = "personal"

# Texts stand there whole, unless they are books.
MOST_CHARACTERS = 20_000


def write(changes: Iterable[Change], reading: Reading, placed: Placed, path: Path) -> None:
    """Write ``changes`` in the order of the files, tabs and line ends as ``\\t`` and ``\\n``.

    ``after`` is "dropped" where a row is gone; ``because`` then names file and line of the row that it repeats.
    """
    rows = sorted((placed.place(change.split, change.position), at, change) for at, change in enumerate(changes))
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write("\t".join(HEAD) + "\n")
        for (source, line), _, change in rows:
            after = DROPPED if change.after is None else _cell(change.after)
            because = "" if change.because is None else _place(reading, placed, *change.because)
            file = file_of(reading.sources[source].path)
            # What is to be hidden is not written out beside the copy.
            before = masked(change.before) if change.kind == PERSONAL else change.before
            out.write("\t".join([str(file), str(line), change.kind, _cell(before), after, because]) + "\n")


def _place(reading: Reading, placed: Placed, split: str, position: int) -> str:
    source, line = placed.place(split, position)
    return f"{file_of(reading.sources[source].path)}:{line}"


def _cell(text: str) -> str:
    """The text on one line and unambiguous; what cannot be seen is an escape."""
    return visible(text.replace("\\", "\\\\"), MOST_CHARACTERS)
