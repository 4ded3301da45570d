"""The disk: what it refuses becomes a message, damage is found, and changed data is noticed."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.disk import MANIFEST, Witness, damage, is_full, need_room, refusal, seal, writing
from tunesmith.errors import RunError


@pytest.mark.parametrize(
    ("number", "do"),
    [
        (errno.ENOSPC, "free some disk, then try again"),
        (errno.EDQUOT, "free some disk, then try again"),
        (errno.EFBIG, "free some disk, then try again"),
        (errno.EROFS, "make the folder writable, then try again"),
        (errno.EACCES, "make the folder writable, then try again"),
        (errno.EIO, "see that the folder is there and the disk is well, then try again"),
        (errno.ENOENT, "see that the folder is there and the disk is well, then try again"),
    ],
)
def test_every_refusal_says_what_where_and_what_to_do(number: int, do: str) -> None:
    taking = pytest.raises(RunError, match="a disk that takes and gives files")
    with taking as told, writing(Path("runs/x"), then="try again"):
        raise OSError(number, os.strerror(number), "runs/x/steps.jsonl")
    assert (told.value.got, told.value.where, told.value.do) == (os.strerror(number), "runs/x/steps.jsonl", do)


def test_a_refusal_that_names_no_file_names_the_folder() -> None:
    told = refusal(OSError(errno.ENOSPC, "No space left on device"), Path("runs/x"), then="try again")
    assert told is not None
    assert told.where == "runs/x"


def test_libraries_with_errors_of_their_own_are_understood() -> None:
    rust = RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
    told = refusal(rust, Path("runs/x"), then="try again")
    assert told is not None
    assert told.got == "No space left on device"
    assert is_full(rust)
    assert not is_full(RuntimeError("Permission denied (os error 13)"))
    assert refusal(RuntimeError("mat1 and mat2 shapes cannot be multiplied"), Path("x"), then="") is None


def test_what_is_no_refusal_passes_through() -> None:
    with pytest.raises(KeyError, match="a bug"), writing(Path("x"), then=""):
        raise KeyError("a bug")


def test_it_is_said_in_chinese_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    told = refusal(OSError(errno.ENOSPC, "x"), Path("runs/x"), then="再试一次")
    assert told is not None
    assert told.do == "请清理磁盘，然后再试一次"


def test_room_is_asked_for_before_it_is_needed(tmp_path: Path) -> None:
    need_room(tmp_path, 1, then="try again")
    with pytest.raises(RunError, match=r"Expected 1200000000\.00 GB of free disk(.|\n)*free some disk, then try again"):
        need_room(tmp_path, 10**18, then="try again")


# ---------------------------------------------------------------- seals


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A sealed folder of two files, one of them deeper down."""
    (tmp_path / "in").mkdir()
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    (tmp_path / "in" / "b.txt").write_text("文本", encoding="utf-8")
    seal(tmp_path)
    return tmp_path


def test_what_was_sealed_is_sound_until_it_is_touched(sealed: Path) -> None:
    assert damage(sealed) == ""
    assert set(json.loads((sealed / MANIFEST).read_text(encoding="utf-8"))) == {"a.bin", "in/b.txt"}
    seal(sealed)
    assert damage(sealed) == ""
    (sealed / "later.txt").write_text("what comes later is no damage", encoding="utf-8")
    assert damage(sealed) == ""


@pytest.mark.parametrize("at", range(10))
@pytest.mark.parametrize("bit", [0, 7])
def test_any_flipped_bit_is_found(sealed: Path, at: int, bit: int) -> None:
    data = bytearray(b"0123456789")
    data[at] ^= 1 << bit
    (sealed / "a.bin").write_bytes(bytes(data))
    assert damage(sealed) == "a.bin has another checksum"


@pytest.mark.parametrize("size", range(10))
def test_any_torn_length_is_found(sealed: Path, size: int) -> None:
    (sealed / "a.bin").write_bytes(b"0123456789"[:size])
    assert damage(sealed) == f"a.bin has {size} bytes instead of 10"


def test_a_torn_manifest_is_damage_wherever_it_is_torn(sealed: Path) -> None:
    whole = (sealed / MANIFEST).read_bytes()
    for size in range(len(whole)):
        (sealed / MANIFEST).write_bytes(whole[:size])
        assert damage(sealed) == "manifest.json is damaged"
    (sealed / MANIFEST).unlink()
    assert damage(sealed) == "manifest.json is missing"


@pytest.mark.parametrize("text", ["[]", "3", '{"a.bin": 3}', '{"a.bin": [1]}', '{"a.bin": ["x", 2]}', "\xff", "null"])
def test_a_manifest_of_something_else_is_damage(sealed: Path, text: str) -> None:
    (sealed / MANIFEST).write_bytes(text.encode("latin-1"))
    assert damage(sealed) == "manifest.json is damaged"


def test_a_missing_file_is_named(sealed: Path) -> None:
    (sealed / "in" / "b.txt").unlink()
    assert damage(sealed) == "in/b.txt is missing"


# ---------------------------------------------------------------- witness


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(3)


def rewritten(path: Path) -> None:
    path.write_bytes(b"9876543210")


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


@pytest.mark.parametrize(
    ("change", "got"),
    [(cut, "a changed file"), (rewritten, "a changed file"), (replaced, "a changed file"), (Path.unlink, "a deleted")],
)
def test_a_witness_notices_what_happens_to_its_files(sealed: Path, change: Callable[[Path], None], got: str) -> None:
    path = sealed / "a.bin"
    os.utime(path, ns=(1, 1))
    witness = Witness([path], then="resume")
    witness.check()
    change(path)
    with pytest.raises(RunError, match=rf"got {got}(.|\n)*put the file back as it was, then resume") as told:
        witness.check()
    assert told.value.where == str(path)


def test_to_be_read_and_linked_is_no_change(sealed: Path) -> None:
    witness = Witness([sealed / "a.bin"], then="resume")
    (sealed / "a.bin").read_bytes()
    os.link(sealed / "a.bin", sealed / "linked")
    witness.check()
