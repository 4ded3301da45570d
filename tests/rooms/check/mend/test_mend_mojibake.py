"""Wrong decodings are undone exactly, and sound text is never touched."""

from pathlib import Path

import pytest

from tunesmith.rooms.check.mend.mojibake import mended

CHINESE = "这家店的菜很好吃，服务也热情，下次还会再来！"


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
@pytest.mark.parametrize(
    "text", ["déjà vu", "don’t – “quite”", "naïve café", "20°C ± 1", "Straße", "привет, мир", "¿qué?"]
)
def test_utf8_read_as_latin_comes_back(text: str, codec: str) -> None:
    wrong = text.encode("utf-8").decode(codec, errors="strict" if codec == "latin-1" else "replace")
    if "\ufffd" in wrong:
        wrong = text.encode("utf-8").decode("latin-1")
    assert wrong != text
    assert mended(wrong) == text


def test_two_layers_come_back() -> None:
    wrong = "é".encode().decode("latin-1").encode().decode("latin-1")
    assert mended(f"caf{wrong}") == "café"


def test_chinese_read_as_gbk_or_latin_comes_back() -> None:
    even = "面竟然没有tuo，有点微辣，好吃"
    assert mended(even.encode().decode("gbk")) == even
    assert mended(CHINESE.encode().decode("latin-1")) == CHINESE


@pytest.mark.parametrize(
    "text",
    [
        CHINESE,
        "“café…” – voilà\xa0« bonjour »",
        "“AMANHÔ",
        "É… à · ç’est",
        "联通 移动",
        "繁體中文測試，臺灣",
        "naïve Ångström Ærø",
        "烫烫烫屯屯屯",
        "\ufffd\ufffd lost",
        "plain ascii",
        "😀 ❤️ 🇨🇳",
    ],
)
def test_sound_text_stays(text: str) -> None:
    assert mended(text) == text


def test_what_is_lost_is_not_invented() -> None:
    # The last byte of the quote is gone: nothing says which quote it was.
    assert mended("â€ he said") == "â€ he said"


def test_no_line_of_real_data_is_touched(shared_data: Path) -> None:
    for name in (
        "zh_cls_waimai_10k/waimai_10k.csv",
        "zh_cls_thucnews_titles/dev.txt",
        "zh_title_songci/ci.song.0.json",
    ):
        for line in (shared_data / name).read_text(encoding="utf-8").split("\n"):
            assert mended(line) == line
