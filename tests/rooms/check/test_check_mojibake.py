"""Text decoded with the wrong encoding is told from text that only looks odd."""

from collections.abc import Callable

import pytest

from tunesmith.artifacts import Finding
from tunesmith.rooms.check.mend.mojibake import mended
from tunesmith.rooms.check.mojibake import garbled

Find = Callable[..., dict[str, Finding]]

WESTERN = [
    "déjà vu",
    "it’s “quoted” – so",
    "£5 or 20 °C",
    "São Paulo não é",
    "Привет, как дела?",
    "Καλημέρα σας",
    "日本語です",
]
CHINESE = ["你好，“世界”，再见。", "送餐很快，味道也不错", "他说：“好的。”，然后走了。", "股价大跌，成交额创新低"]
SOUND = [
    *WESTERN,
    *CHINESE,
    "“AMANHÔ – “MAÇÃ…”",
    "voilà « bonjour » à\u00a0l’été…",
    "Å, Ãö, ÀÁÂÃÄÅÆÇÈÉ, äöüÄÖÜß",
    "銆 alone, 鐵達尼號與銀行",
    "雪月风花",
    "þæð ðæþ",
    "烫烫烫的火锅",
]


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_left_in_peace(find: Find, text: str) -> None:
    assert garbled(text) == 0
    assert mended(text) == text
    rows = [{"text": t, "label": str(i)} for i, t in enumerate(("a clean text", text))]
    assert "mojibake" not in find("text-classification", {"train": rows})


@pytest.mark.parametrize(
    ("text", "written", "read"),
    [
        *((text, "utf-8", codec) for text in WESTERN for codec in ("latin-1", "cp1252")),
        *((text, "utf-8", codec) for text in CHINESE for codec in ("latin-1", "gbk", "gb18030")),
        *((text, "gbk", codec) for text in CHINESE for codec in ("latin-1", "cp1252")),
    ],
)
def test_each_wrong_decoding_is_found(find: Find, text: str, written: str, read: str) -> None:
    wrong = text.encode(written).decode(read, errors="replace")
    rows = [{"text": t, "label": str(i)} for i, t in enumerate(("a clean text", wrong, "another"))]
    found = find("text-classification", {"train": rows})["mojibake"]
    assert [row.line for row in found.rows] == [2]


@pytest.mark.parametrize("text", WESTERN)
def test_two_layers_are_found_too(text: str) -> None:
    twice = text.encode("utf-8").decode("latin-1").encode("utf-8").decode("latin-1")
    assert garbled(twice) > 0


def test_a_byte_order_mark_read_as_letters_is_found() -> None:
    assert garbled("ï»¿start") == 1
