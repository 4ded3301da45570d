"""What a check gives beside its findings: a page for people, and a mended copy with the list of what was done."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tunesmith import flow, private, rooms
from tunesmith.artifacts import Health, Mended, Reading
from tunesmith.disk import writing
from tunesmith.errors import DataError, UserError
from tunesmith.settings import ReadSettings
from tunesmith.words import say


def check_page(reading: Reading, health: Health, path: Path) -> Path:
    """Write what a check found as one page for people that needs no network and no other file.

    Raises:
        UserError: something that is no page, or that was read, would be lost.
        RunError: the disk takes no more.
    """
    taken = {Path(file).resolve() for file in (*reading.files, *(source.path for source in reading.sources))}
    if path.resolve() in taken or path.is_dir():
        raise UserError(
            expected=say("a place for a page, such as check.html", "网页的位置，例如 check.html"),
            got=say("a folder", "文件夹") if path.is_dir() else say("a file of the data", "数据文件"),
            where=str(path),
            do=say("name another file", "请另选文件"),
        )
    with writing(path.parent, then=say("check again", "重新检查")):
        return rooms.report.check_page(*hidden(reading, health), path)


def hidden(reading: Reading, health: Health) -> tuple[Reading, Health]:
    """The same for other eyes: personal data is hidden in labels, too, as it is wherever rows are shown."""
    suspects = tuple(
        one.model_copy(update={name: private.masked(getattr(one, name)) for name in ("given", "likely", "span")})
        for one in health.suspects
    )
    splits = {
        name: facts.model_copy(update={"labels": private.hidden_counts(facts.labels)})
        for name, facts in health.splits.items()
    }
    seen = health.model_copy(update={"suspects": suspects, "splits": splits})
    return reading.model_copy(update={"labels": private.hidden_counts(reading.labels)}), seen


def cures(reading: Reading, health: Health) -> list[str]:
    """The kinds of mending that would help here and need no human."""
    if "path" in reading.columns:
        return []
    return rooms.check.cures([finding.code for finding in health.findings], reading.task)


def left_to_humans(reading: Reading) -> dict[str, str]:
    """The kinds of mending that "all" leaves out, each with the reason."""
    return rooms.check.for_humans(reading.task)


def mend(
    reading: Reading,
    kinds: Sequence[str],
    target: Path,
    *,
    settings: ReadSettings | None = None,
    overwrite: bool = False,
) -> Mended:
    """Write a mended copy of the data, and a list of what was done to which row; the originals stay as they are.

    Args:
        kinds: duplicates, labels, html, ..., or all: those that need no human.
        target: a file for one file, a folder for several.
        settings: as for ``read``: the copy is read again to prove it.
        overwrite: what lies at ``target`` may be replaced; the files of ``reading`` never are.

    Raises:
        UserError: no such kind, or the target is taken.
        RunError: the disk takes no more.
    """
    settings = (settings or ReadSettings()).model_copy(update={"allow_rejects": True})
    stated = settings.model_copy(update={"task": reading.task, "columns": reading.columns})
    beside = [Path(aside.path) for aside in reading.set_aside if rooms.read.is_class_file(Path(aside.path).name)]
    with writing(target.parent, then=say("mend again", "重新修正")):
        return rooms.check.mend(
            reading,
            kinds,
            target,
            reread=lambda files, is_stated: _reread(files, stated if is_stated else settings),
            companions=[file for file in beside if file.is_file()],
            overwrite=overwrite,
        )


@contextmanager
def _reread(files: flow.Files, settings: ReadSettings) -> Iterator[Reading | None]:
    """A reading for a moment; None of files that cannot be read."""
    try:
        found = flow.read(files, settings)
    except DataError:
        yield None
        return
    try:
        yield found
    finally:
        shutil.rmtree(Path(found.rejects).parent, ignore_errors=True)
