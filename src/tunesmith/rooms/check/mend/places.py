"""Where the mended copy goes: never over what was read, never into what is there already, whole or not at all."""

import os
from pathlib import Path

from tunesmith.artifacts import Reading
from tunesmith.errors import UserError
from tunesmith.words import say

CHANGES = ".changes.tsv"


def is_several(reading: Reading) -> bool:
    """The copy is a folder: there were several files, or a folder was asked for."""
    return len({file_of(source.path) for source in reading.sources}) > 1 or any(Path(f).is_dir() for f in reading.files)


def file_of(path: str) -> Path:
    """The file of a source; one object of lists gives several sources of one file."""
    file, _, pointer = path.rpartition("#")
    return Path(file) if pointer and file and not Path(path).exists() else Path(path)


def names(reading: Reading, target: Path) -> list[Path]:
    """Of each source its name below the folder in which the copy is made."""
    files = [file_of(source.path) for source in reading.sources]
    if not is_several(reading):
        return [Path(target.name)] * len(files)
    root = Path(os.path.commonpath([file.parent for file in files]))
    asked = [Path(file) for file in reading.files if Path(file).is_dir()]
    # Below the folder that was asked for: the names of folders within it may tell splits and classes.
    if len(asked) == 1 and all(asked[0] in file.parents for file in files):
        root = asked[0]
    return [file.relative_to(root) for file in files]


def see_that_it_is_free(reading: Reading, target: Path, *, overwrite: bool) -> None:
    """Refuse a place where something would be lost or mixed up.

    Raises:
        UserError: the place is an input, lies within one, or holds something and ``overwrite`` is off.
    """
    place = target.resolve()
    read = [Path(file) for file in reading.files] + [file_of(source.path) for source in reading.sources]
    inputs = [file.resolve() for file in read]
    listed = place.with_name(place.name + CHANGES)
    for one in inputs:
        if one in {place, listed} or (one.is_dir() and (one in place.parents or place in one.parents)):
            raise UserError(
                expected=say("a place outside the data that was read", "所读数据之外的位置"),
                got=str(target),
                where="-o",
                do=say(
                    "name another file or folder: what was read is never changed",
                    "请另选文件或文件夹；原数据不会被改动",
                ),
            )
    is_taken = (any(place.iterdir()) if place.is_dir() else place.exists()) or listed.exists()
    if is_taken and not overwrite:
        raise UserError(
            expected=say("a new file, or an empty folder", "新文件或空文件夹"),
            got=say("something that is there already", "已有内容"),
            where=str(target),
            do=say("name another place, or pass --overwrite", "请另选位置，或加 --overwrite"),
        )
    if place.exists() and place.is_dir() != is_several(reading):
        raise UserError(
            expected=say("a folder for several files, a file for one", "多个文件用文件夹，单个文件用文件"),
            got=say("a folder", "文件夹") if place.is_dir() else say("a file", "文件"),
            where=str(target),
            do=say("name another place", "请另选位置"),
        )
