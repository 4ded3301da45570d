"""The main function: a Reading and the kinds of fault in, a mended copy and the list of what was done out."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tunesmith.artifacts import Mended, Reading
from tunesmith.errors import DataError
from tunesmith.metrics.tags import Scheme
from tunesmith.rooms.check.index import Entries, Index
from tunesmith.rooms.check.mend import canonical, listing, places
from tunesmith.rooms.check.mend.catalogue import wanted
from tunesmith.rooms.check.mend.fixes import Fixes
from tunesmith.rooms.check.mend.menders import Mender, RowDropper, Whole
from tunesmith.rooms.check.mend.rewrite.catalogue import WRITERS
from tunesmith.rooms.check.mend.stage import Change, Staged, stage
from tunesmith.rooms.check.mend.works import Placed, UnfaithfulError, Work, works
from tunesmith.rooms.check.rows import UNLABELLED, Rows, batches
from tunesmith.words import say

# Reads files as the user did, or (True) with task and columns stated; the reading is gone when the context ends.
Reread = Callable[[Sequence[Path], bool], AbstractContextManager[Reading | None]]


def mend(
    reading: Reading,
    kinds: Sequence[str],
    target: Path,
    *,
    reread: Reread,
    companions: Sequence[Path] = (),
    overwrite: bool = False,
) -> Mended:
    """Write a mended copy to ``target`` and what was done to ``target`` + ``.changes.tsv``; the originals stay.

    The copy is in the sources' own format, with all bytes but those of the mended records as they were, wherever
    that reads again as the very rows that it should; else an object a line in UTF-8.

    Args:
        kinds: names of menders, or "all" for those that need no human.
        reread: how the copy is read again, to prove it.
        companions: files beside the data that it is read with, such as the names of the classes.

    Raises:
        UserError: there is no such kind, the place is not free, or the data is no text.
        OSError: the place cannot be written to.
    """
    menders = wanted(list(kinds), reading.task)
    if "path" in reading.columns:
        raise _no_texts(reading)
    target = target.expanduser().absolute()
    places.see_that_it_is_free(reading, target, overwrite=overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside its target, so that what is finished moves there in one step.
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as name:
        folder = Path(name)
        (folder / "rows").mkdir()
        staged = _staged(reading, menders, folder / "rows")
        placed = Placed(staged.reading)
        copy = _Copy(staged, works(staged, placed), target, folder, companions)
        is_own_format = copy.in_own_format(reread)
        if not is_own_format:
            copy.as_rows(reread, overwrite=overwrite)
        listing.write(staged.changes, reading, placed, folder / "changes")
        files = copy.moved()
        listed = target.with_name(target.name + places.CHANGES)
        (folder / "changes").replace(listed)
    dropped = len(staged.dropped)
    return Mended(
        files=tuple(str(file) for file in files),
        changes=str(listed),
        rows_in=reading.rows.used,
        rows_out=reading.rows.used - dropped,
        dropped=dropped,
        changed=len(staged.changed.keys() - staged.dropped),
        rejected=reading.rows.rejected if is_own_format else 0,
        kinds={kind: _count(staged.changes, kind) for kind in menders},
        is_own_format=is_own_format,
        notes=tuple(copy.notes),
    )


def _no_texts(reading: Reading) -> DataError:
    return DataError(
        expected=say("texts", "文本"),
        got=say("pictures or sounds, in which there is nothing to mend", "图像或声音，其中没有可修正的内容"),
        where=", ".join(source.path for source in reading.sources[:3]),
        do=say("leave out --fix", "请去掉 --fix"),
    )


def _count(changes: list[Change], kind: str) -> int:
    """Rows that one kind of mending changed or dropped."""
    return len({(change.split, change.position) for change in changes if change.kind == kind})


def _staged(reading: Reading, menders: dict[str, Mender], folder: Path) -> Staged:
    known = {scheme.value for scheme in Scheme}
    scheme = Scheme(reading.tag_scheme if reading.tag_scheme in known else Scheme.BIO)
    counts = reading.labels if "label" in reading.columns else {}
    staged = stage(reading, Fixes.of(menders, counts, scheme), folder)
    droppers = {name: mender for name, mender in menders.items() if isinstance(mender, RowDropper)}
    if droppers:
        _drop(staged, droppers)
    return staged


def _drop(staged: Staged, droppers: dict[str, RowDropper]) -> None:
    """Take note of the rows that go; of a row that several kinds would drop the first one is told."""
    whole = Whole(reading=staged.reading, entries=_entries(staged.reading))
    rows = Rows(staged.reading)
    for kind, dropper in droppers.items():
        for row, because in dropper.find(whole):
            split, position = _at(whole.entries, row)
            if (split, position) in staged.dropped:
                continue
            staged.dropped.add((split, position))
            other = None if because < 0 else _at(whole.entries, because)
            text = rows.row(split, position).text
            staged.changes.append(Change(split, position, kind, text, None, other))


def _at(entries: Entries, row: int) -> tuple[str, int]:
    first = int(entries.split.searchsorted(entries.split[row]))
    return entries.splits[entries.split[row]], row - first


def _entries(reading: Reading) -> Entries:
    index = Index()
    for split in reading.splits:
        if split != UNLABELLED:
            for batch in batches(reading, split):
                index.add(batch)
    return index.entries()


class _Copy:
    """The files of the copy, made beside the target and moved there when they are proven."""

    def __init__(
        self, staged: Staged, all_works: list[Work], target: Path, folder: Path, companions: Sequence[Path]
    ) -> None:
        self._staged, self._works, self._target = staged, all_works, target
        self._made = folder / "copy"
        self._made.mkdir()
        self._names = places.names(staged.reading, target)
        self._companions = companions
        self.notes: list[str] = []

    def in_own_format(self, reread: Reread) -> bool:
        """Write every file in its source's format; whether it reads again as it should."""
        try:
            for work, name in zip(self._works, self._names, strict=True):
                path = self._made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                self._write(work, path)
        except (UnfaithfulError, UnicodeError, ValueError):
            self.notes.clear()
            return False
        self._take_along()
        return self._is_proven(reread)

    def as_rows(self, reread: Reread, *, overwrite: bool) -> None:
        """Write every file as objects a line."""
        shutil.rmtree(self._made)
        names = [self._row_name(at, name) for at, name in enumerate(self._names)]
        for name in names:
            if not places.is_several(self._staged.reading):
                # Another ending than the user's may be another file of theirs.
                places.see_that_it_is_free(self._staged.reading, self._target.parent / name, overwrite=overwrite)
            (self._made / name).parent.mkdir(parents=True, exist_ok=True)
        canonical.write(self._staged, [self._made / name for name in names])
        self.notes.append(
            say(
                f"not written as {self._staged.reading.format}, which could not be done without loss,"
                " but as JSON, an object a line, in UTF-8, with the columns that were read and no others",
                f"无法无损地写成 {self._staged.reading.format}，因此写成每行一个 JSON 对象，UTF-8 编码，只含所读取的列",
            )
        )
        if rejected := self._staged.reading.rows.rejected:
            self.notes.append(say(f"the {rejected:,} rejected rows are not in it", f"其中不含被拒绝的 {rejected:,} 行"))
        self._is_proven(reread)

    def moved(self) -> list[Path]:
        """Put the finished files in their places, each in one step."""
        made = sorted(path for path in self._made.rglob("*") if path.is_file())
        if not places.is_several(self._staged.reading):
            targets = [self._target.parent / path.relative_to(self._made) for path in made]
        elif not self._target.exists():
            self._made.replace(self._target)
            return [self._target / path.relative_to(self._made) for path in made]
        else:
            targets = [self._target / path.relative_to(self._made) for path in made]
        known = {file.name for file in self._companions}
        moved = []
        for path, target in zip(made, targets, strict=True):
            # What names the classes may lie there already, beside other data.
            if not (path.name in known and target.exists()):
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
                moved.append(target)
        return moved

    def _write(self, work: Work, path: Path) -> None:
        source = Path(work.source.path)
        if not source.is_file() or _is_packed(source):
            raise UnfaithfulError(str(source))
        if not work.is_touched:
            shutil.copyfile(source, path)
            return
        if work.source.format not in WRITERS:
            raise UnfaithfulError(work.source.format)
        encoding = WRITERS.get(work.source.format)(work, path)
        if encoding != work.source.encoding:
            self.notes.append(
                say(
                    f"{path.name} is in {encoding} now: {work.source.encoding} lacks characters of the mended texts",
                    f"{path.name} 现为 {encoding}：{work.source.encoding} 缺少修正后文本中的字符",
                )
            )

    def _take_along(self) -> None:
        """Copy the files that the data is read with, unless they lie there already."""
        for file in self._companions:
            if not (self._made / file.name).exists():
                shutil.copyfile(file, self._made / file.name)

    def _row_name(self, at: int, name: Path) -> Path:
        pointer = self._staged.reading.sources[at].path.partition("#")[2]
        return name.with_name(name.stem + (f"-{pointer}" if pointer else "") + canonical.SUFFIX)

    def _is_proven(self, reread: Reread) -> bool:
        is_several = places.is_several(self._staged.reading)
        files = [self._made] if is_several else [self._made / name for name in self._first_names()]
        for is_stated in (False, True):
            with reread(files, is_stated) as again:
                if again is not None and canonical.reads_as(self._staged, again):
                    if is_stated:
                        self.notes.append(_needs_flags(self._staged.reading))
                    return True
        return False

    def _first_names(self) -> Iterator[str]:
        made = {path.name for path in self._made.iterdir()} - {file.name for file in self._companions}
        yield from sorted(made)


def _needs_flags(reading: Reading) -> str:
    columns = ",".join(f"{role}={column}" for role, column in reading.columns.items())
    flags = f"--task {reading.task} --columns {columns}"
    return say(
        f"by itself the copy would be taken for something else: read it with {flags}",
        f"单凭内容会被误认：读取时请加 {flags}",
    )


def _is_packed(path: Path) -> bool:
    """The file is an archive, of which a member was read as if it were a file."""
    with path.open("rb") as file:
        return file.read(4)[:2] in {b"PK", b"\x1f\x8b"}
