"""One pass over the bytes: hash, size, encoding, and a sample from all over the file."""

import hashlib

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read import survey as module
from tunesmith.rooms.read.sources import members
from tunesmith.rooms.read.survey import Surveyed, survey


@pytest.fixture
def look(put):
    def call(data: str | bytes, name: str = "a.txt", encoding: str | None = None) -> Surveyed:
        return survey(members([put(name, data)])[0], encoding)

    return call


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks so small that a test's file is a large one."""
    monkeypatch.setattr(module, "CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(module, "HEAD_BYTES", 1 << 12)


@pytest.mark.parametrize("data", [b"", b"one\n", "一\n".encode("gb18030"), b"\0\1\2" * 99])
def test_hash_and_size_are_those_of_the_bytes(look, data: bytes) -> None:
    found = look(data)
    assert (found.size, found.sha256, found.is_whole) == (len(data), hashlib.sha256(data).hexdigest(), True)


def test_lines_end_where_lines_end(look) -> None:
    assert look("a\r\nb\rc\n \n\u2028d\x0be").lines == ["a", "b", "c", "\u2028d\x0be"]


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_a_mark_is_no_text(look, mark: str) -> None:
    assert look(mark + "你好\n").lines == ["你好"]


@pytest.mark.usefixtures("small")
def test_a_large_file_is_seen_from_start_to_end_and_not_whole(look) -> None:
    found = look("".join(f"line {i:06}\n" for i in range(20_000)))
    numbers = [int(line[5:]) for line in found.lines]
    assert not found.is_whole
    assert len(found.windows) <= module.MOST_WINDOWS
    assert numbers == sorted(set(numbers))
    assert numbers[:3] == [0, 1, 2]
    assert max(numbers) > 17_000
    assert len(numbers) < 2_500


@pytest.mark.usefixtures("small")
def test_lines_of_windows_are_whole_in_two_byte_encodings(look) -> None:
    found = look("".join(f"第{i:06}行\n" for i in range(5_000)).encode("utf-16"))
    assert found.encoding.codec == "utf-16"
    assert {(line[0], line[-1], len(line)) for line in found.lines} == {("第", "行", 8)}


@pytest.mark.usefixtures("small")
def test_a_character_cut_by_the_heads_end_is_not_shown(look) -> None:
    found = look("a" + "好" * 3000)
    assert set(found.head) == {"a", "好"}


def test_text_is_opened_as_it_was_decoded(look) -> None:
    found = look("名\r\n次\n".encode("gb18030"), encoding="gb18030")
    with found.open_text() as text, found.open_text("") as raw:
        assert (text.read(), raw.read()) == ("名\n次\n", "名\r\n次\n")


def test_chunks_hold_all_lines_with_their_ends(look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_CHARACTERS", 10)
    chunks = list(look("one\ntwo\nthree\n\nfour").line_chunks())
    assert len(chunks) > 1
    assert [line for chunk in chunks for line in chunk] == ["one\n", "two\n", "three\n", "\n", "four"]


@pytest.mark.parametrize(
    ("data", "is_binary"), [(b"PAR1" + b"a" * 500, True), (b"\0\1\2\3" * 99, True), (b"PAR for 1", False)]
)
def test_what_holds_no_text(look, data: bytes, is_binary: bool) -> None:
    found = look(data)
    assert (found.is_binary, found.head == "") == (is_binary, is_binary)


@pytest.mark.parametrize(
    ("name", "claims"), [("a.json", True), ("a.JSONL", True), ("json.txt", False), ("a.json.txt", False)]
)
def test_what_is_json_by_its_name(look, name: str, claims: bool) -> None:
    assert look("x", name).claims_json is claims


def test_an_encoding_that_is_none_is_refused(look) -> None:
    with pytest.raises(DataError, match="Expected the name of a text encoding"):
        look("x", encoding="base64")
