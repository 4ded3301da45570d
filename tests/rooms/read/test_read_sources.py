"""From what is handed over to members: names, order, archives inside folders."""

import gzip
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read.sources import magic, members


def test_a_folder_is_walked_in_order_and_names_lie_below_it(put) -> None:
    for name in ("b/two.txt", "a.txt", "b/.hidden/x.txt", "__pycache__/y.txt", ".git"):
        put(name, "x")
    found = members([put("b/one.txt", "x").parent.parent])
    assert [str(m.name) for m in found] == ["a.txt", "b/one.txt", "b/two.txt"]
    assert [m.is_packed for m in found] == [False] * 3


def test_a_hidden_folder_above_hides_nothing(put) -> None:
    assert [str(m.name) for m in members([put(".data/a.txt", "x").parent])] == ["a.txt"]


def test_a_file_alone_is_called_by_its_own_name(put) -> None:
    (found,) = members([put("train/a.txt", "x")])
    assert found.name == PurePosixPath("a.txt")


def test_archives_are_known_by_content_and_opened_in_place(put, tmp_path: Path) -> None:
    packed = put("reviews.tsv.gz", gzip.compress(b"one\n"))
    odd = put("no-ending", gzip.compress(b"two\n"))
    with zipfile.ZipFile(tmp_path / "data.bin", "w") as archive:
        archive.writestr("train/a.txt", "three\n")
        archive.writestr(".b.txt", "hidden\n")
    found = members([packed, odd, tmp_path / "data.bin"])
    assert [str(m.name) for m in found] == ["reviews.tsv", "no-ending", "train/a.txt"]
    assert found[2].path == f"{tmp_path / 'data.bin'}/train/a.txt"
    texts = []
    for member in found:
        with member.open() as stream:
            texts.append(stream.read())
    assert texts == [b"one\n", b"two\n", b"three\n"]


def test_each_member_opens_its_own_file(put) -> None:
    found = members([put("a.txt", "first"), put("b.txt", "second")])
    texts = []
    for member in found:
        with member.open() as stream:
            texts.append(stream.read())
    assert texts == [b"first", b"second"]


def test_the_start_of_a_file(put) -> None:
    assert magic(put("a", bytes(range(40)))) == bytes(range(16))
    assert magic(put("b", b"")) == b""


def test_what_lies_beside_a_missing_file_is_named(put) -> None:
    near = put("reviews.tsv", "x")
    with pytest.raises(DataError, match=r"nothing at this path; beside it: reviews\.tsv"):
        members([near.with_name("review.tsv")])
    with pytest.raises(DataError, match="got nothing at this path\\."):
        members([near.parent / "no" / "such.tsv"])
