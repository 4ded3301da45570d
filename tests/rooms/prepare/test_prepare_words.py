"""Words cut apart and left out: Chinese by the dictionary, others by rules; nothing else is lost."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.artifacts import Cleaning
from tunesmith.rooms.prepare.cleaning.choose import _stopwords
from tunesmith.rooms.prepare.cleaning.cleaner import Cleaner
from tunesmith.rooms.prepare.cleaning.segment import pieces, segmented, without
from tunesmith.rooms.prepare.cleaning.stopwords import BUILT_IN
from tunesmith.rooms.prepare.cleaning.tally import Tally

mixed = st.text(st.sampled_from("\u6211\u7231\u5317\u4eac\u5929\u5b89\u95e8ab1'- .,\uff0c\n\u3042\u0e01\U00020000"))


@given(text=st.one_of(st.text(), mixed))
@settings(max_examples=150, deadline=None)
def test_pieces_make_up_the_text_and_only_white_space_is_lost(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert "".join(segmented(text).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "\u6211\u6765\u5230\u5317\u4eac\u6e05\u534e\u5927\u5b66",
            "\u6211 \u6765\u5230 \u5317\u4eac \u6e05\u534e\u5927\u5b66",
        ),
        ("don't stop-me, now(3.5)!", "don't stop-me , now ( 3 . 5 ) !"),
        ("iPhone\u624b\u673a\uff0c\u5f88\u597d", "iPhone \u624b\u673a \uff0c \u5f88 \u597d"),
    ],
)
def test_words_by_dictionary_and_by_rule(text: str, words: str) -> None:
    assert segmented(text) == words


def test_stopwords_go_whole_words_only_and_leave_no_gap() -> None:
    assert without("The theme of the day", set(BUILT_IN["en"])) == "theme day"
    assert without("\u6211\u7684\u76ee\u7684\u5730", set(BUILT_IN["zh"])) == "\u76ee\u7684\u5730"


def test_words_that_turn_a_meaning_round_are_no_stopwords() -> None:
    kept = {
        "not",
        "no",
        "never",
        "but",
        "without",
        "\u4e0d",
        "\u6ca1",
        "\u6ca1\u6709",
        "\u522b",
        "\u4f46",
        "\u4f46\u662f",
    }
    for words in BUILT_IN.values():
        assert 60 <= len(set(words)) == len(words) <= 120
        assert not kept.intersection(words)


def test_a_list_of_ones_own_is_read_and_joined(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("\ufeff# mine\nFoo\n\nbar\n", encoding="utf-8")
    found = _stopwords(("en", str(path)))
    assert found == tuple(sorted({*BUILT_IN["en"], "foo", "bar"}))


def test_rows_are_cut_and_counted_and_none_becomes_empty() -> None:
    tally = Tally()
    both = Cleaner(Cleaning(steps=("html",), segment=True, stopwords=("of", "the")))
    rows = pa.RecordBatch.from_pydict({"text": ["of the", "the<br>day", None, "day"]})
    assert both.rows(rows, tally).column("text").to_pylist() == ["of the", "day", None, "day"]
    assert tally.kept == 1
    assert tally.rows == {"html": 1, "stopwords": 1}
    assert [one.step for one in tally.cleaned(both.names)] == ["html", "stopwords", "words"]
