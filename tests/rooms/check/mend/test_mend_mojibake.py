"""Wrong decodings are undone exactly, and sound text is never touched."""

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.rooms.check.decoding import CANDIDATES, stretches
from tunesmith.rooms.check.mend.mojibake import mended
from tunesmith.rooms.check.mojibake import garbled

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


RUSSIAN = "Забава была большая, баба и дед пели"
FOOD = "\u5f88\u5feb\uff0c\u597d\u5403\uff0c\u5473\u9053\u8db3\uff0c\u91cf\u5927"


def test_chinese_in_gbk_and_russian_in_utf8_share_bytes_and_are_told_apart() -> None:
    # One letter alone proves nothing; that all others are right does.
    assert mended(RUSSIAN.encode().decode("latin-1")) == RUSSIAN
    # These bytes hold some of UTF-8 by chance: they once came out as letters of other scripts.
    assert mended(FOOD.encode("gbk").decode("latin-1")) == FOOD
    assert mended(f"OK, {FOOD}, 10!".encode("gbk").decode("cp1252")) == f"OK, {FOOD}, 10!"
    traditional = FOOD + "\u614b\u5ea6"
    assert mended(traditional.encode("gbk").decode("latin-1")) == traditional


def test_where_the_bytes_say_two_things_nothing_is_done() -> None:
    short = '"\u597d\u5403,\u5473\u7f8e,\u597d\u5403"'
    wrong = short.encode("gbk").decode("latin-1")
    assert garbled(wrong) > 0
    assert mended(wrong) == wrong


LETTERS = st.sampled_from("abc ,.?\u00e9\u00fc\u00df\u0431\u0430\u0437\u03b1\u2019\u201c\u2026\u00ab\u00a0" + FOOD)


@settings(max_examples=200, deadline=None)
@given(
    st.text(LETTERS, max_size=14),
    st.sampled_from(
        [("utf-8", "latin-1"), ("utf-8", "cp1252"), ("utf-8", "gbk"), ("gbk", "latin-1"), ("utf-8", "utf-8")]
    ),
)
def test_what_is_undone_is_found_and_what_is_found_is_a_candidate(text: str, codecs: tuple[str, str]) -> None:
    written, read = codecs
    wrong = text.encode(written, errors="ignore").decode(read, errors="replace")
    found = stretches(wrong)
    assert bool(found) == bool(garbled(wrong))
    assert (mended(wrong) != wrong) == any(one.meant is not None for one in found)
    assert all(a.end <= b.start for a, b in pairwise(found)) and all(one.start < one.end for one in found)
    if found:
        assert pc.match_substring_regex(pa.array([wrong]), CANDIDATES)[0].as_py()


def test_no_line_of_real_data_is_touched(shared_data: Path) -> None:
    for name in (
        "zh_cls_waimai_10k/waimai_10k.csv",
        "zh_cls_thucnews_titles/dev.txt",
        "zh_title_songci/ci.song.0.json",
    ):
        for line in (shared_data / name).read_text(encoding="utf-8").split("\n"):
            assert mended(line) == line
