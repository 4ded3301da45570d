"""One text: what is taken out, and that nothing else is."""

import pytest

from tunesmith.rooms.check.mend import texts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("good<br>food<br />here", "good food here"),
        ("<p>Hello</p><p>you</p>", "Hello you"),
        ("a <b>bold</b> word", "a bold word"),
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("it #39;s and it&#39;s", "it 's and it's"),
        ("twice &amp;lt;br&amp;gt; packed", "twice packed"),
        ("a&nbsp;b", "a b"),
        ("one&#10;line", "one line"),
        ("a < b and <unk> stay, ticket #12345; too", "a < b and <unk> stay, ticket #12345; too"),
    ],
)
def test_html(before: str, after: str) -> None:
    assert texts.without_html(before) == after


def test_controls_and_what_parts_words() -> None:
    assert texts.without_controls("a\x00b\x07c\x0bd\te\nf") == "abc d\te\nf"


def test_invisible_characters_but_joiners() -> None:
    assert texts.without_invisible("a\u200bb\ufeffc\xadd") == "abcd"
    assert texts.without_invisible("👨\u200d👩") == "👨\u200d👩"


def test_width_of_letters_and_digits_alone() -> None:
    assert texts.half_width("ＡＢｃ１２，（好）") == "ABc12，（好）"


def test_personal_data_becomes_what_it_is() -> None:
    text = "write to jane.doe@uni.edu or call 13812345678, id 11010519491231002X"
    assert texts.without_personal(text) == "write to [MAIL] or call [PHONE], id [ID]"
