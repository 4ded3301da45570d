"""Which encoding bytes are in, and which characters end a line."""

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read.encodings import Tally, detect, is_binary, named

CHINESE = "酒店的房间很大,服务也不错,下次还会来。\n早餐太差了,我们都不喜欢。\n" * 5
TRADITIONAL = "這家酒店的房間很大,服務也不錯,下次還會來。\n我們都喜歡這個地方,開門見山。\n" * 5
FRENCH = "the café was très chic , naïve and déjà vu\na crème brûlée for my fiancée\n" * 20


def found(data: bytes) -> tuple[str, str]:
    tally = Tally()
    tally.add(data)
    tally.add(b"", final=True)
    encoding = detect(data, tally)
    return encoding.codec, data.decode(encoding.codec, errors=encoding.errors)


@pytest.mark.parametrize(
    ("text", "written", "codec"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gbk", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH, "utf-8", "utf-8"),
        ("plain ascii\n", "ascii", "utf-8"),
    ],
)
def test_encoding_is_found_from_the_bytes(text: str, written: str, codec: str) -> None:
    assert found(text.encode(written)) == (codec, text)


def test_one_bad_byte_in_ascii_is_a_latin_letter() -> None:
    data = b"How did serfdom develop ?\n" * 200 + b"the \xf0 letter\n"
    codec, text = found(data)
    assert codec == "utf-8"
    assert text.endswith("the ð letter\n")


def test_one_bad_byte_in_chinese_is_shown_as_lost() -> None:
    codec, text = found(CHINESE.encode() * 20 + b"\xff\n")
    assert codec == "utf-8"
    assert text.endswith("\ufffd\n")


def test_the_flaw_and_its_line_are_noted() -> None:
    tally = Tally()
    tally.add(b"fine\n" * 3 + b"b\xe9d\n" + b"fine\n" * 1000)
    assert "line 4" in detect(b"", tally).note


def test_a_character_cut_by_a_chunk_is_no_bad_byte() -> None:
    tally = Tally()
    data = "字".encode()
    tally.add(data[:1])
    tally.add(data[1:])
    tally.add(b"", final=True)
    assert (tally.bad, tally.multibyte) == (0, 2)


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"\x7fELF\x01\x01\x00\x00\x00\x01" * 20])
def test_binary_is_told_from_text(data: bytes) -> None:
    assert is_binary(data)
    assert not is_binary(CHINESE.encode("utf-16-le"))
    assert not is_binary(CHINESE.encode("gbk"))


@pytest.mark.parametrize("name", ["no-such-codec", "base64"])
def test_a_codec_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=f"got '{name}'"):
        named(name)


def test_only_lf_crlf_and_cr_end_a_line(read_as, rows) -> None:
    data = "a\u2028b\r\nc\x85d\re\x0bf\x0cg\nh\u2029i"
    assert [r["text"] for r in rows(read_as("a.txt", data))] == ["a\u2028b", "c\x85d", "e\x0bf\x0cg", "h\u2029i"]


def test_the_named_encoding_is_used(read_as, rows) -> None:
    reading = read_as("a.txt", "grün\n".encode("cp850"), encoding="cp850")
    assert (reading.encoding, rows(reading)) == ("cp850", [{"text": "grün"}])
