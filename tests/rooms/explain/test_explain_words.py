"""Pieces become words, in scripts with spaces and without, and nothing is lost."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from tunesmith.models.inside.pieces import spans
from tunesmith.rooms.explain.given import beside, cut_off
from tunesmith.rooms.explain.words import APART, NONE, Words, folded
from tunesmith.rooms.prepare import pieces


def tokenizer_of(model: Any, before: Any) -> PreTrainedTokenizerFast:
    backend = Tokenizer(model)
    backend.pre_tokenizer = before
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]")


@pytest.fixture
def wordpiece() -> PreTrainedTokenizerFast:
    entries = ["[UNK]", "play", "##ing", "the", "a", ".", "菜", "凉", "了"]
    model = models.WordPiece({entry: at for at, entry in enumerate(entries)}, unk_token="[UNK]")
    return tokenizer_of(model, pre_tokenizers.BertPreTokenizer())


def test_pieces_of_a_word_are_one(wordpiece: PreTrainedTokenizerFast) -> None:
    text = "the playing."
    shown, found = spans(wordpiece, text, [3, 1, 2, 5])
    assert (shown, found) == (text, [(0, 3), (4, 8), (8, 11), (11, 12)])
    assert folded(shown, found, pieces(shown)) == (["the", "playing", "."], [0, 1, 1, 2])


def test_chinese_is_cut_into_words() -> None:
    text = "菜都凉了"
    words, owner = folded(text, [(at, at + 1) for at in range(4)], pieces(text))
    assert "".join(words) == text and owner == sorted(owner) and set(owner) == set(range(len(words)))


def test_a_token_over_several_words_makes_one_of_them() -> None:
    assert folded("New York now", [(0, 8), (9, 12)], pieces("New York now")) == (["New York", "now"], [0, 1])


def test_what_nobody_cut_is_cut_at_tokens() -> None:
    text = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพ"
    words, owner = folded(text, [(at, at + 3) for at in range(0, 27, 3)], [text])
    assert len(words) == 9 and owner == list(range(9)) and "".join(words) == text


def test_cut_off_words_are_shown_and_own_nothing(wordpiece: PreTrainedTokenizerFast) -> None:
    text = "the a play."
    shown, found = spans(wordpiece, text, [3, 4])
    words, owner = folded(shown, found, pieces(shown))
    assert words == ["the", "a", "play", "."] and owner == [0, 1]


def test_ids_of_another_text_are_spelled_out(wordpiece: PreTrainedTokenizerFast) -> None:
    shown, found = spans(wordpiece, "something else", [3, 1, 4])
    assert shown.split() == ["the", "play", "a"]
    assert [shown[start:stop].strip() for start, stop in found] == ["the", "play", "a"]


def test_bytes_of_a_character_stand_where_it_does() -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    model = models.BPE({sign: at for at, sign in enumerate(alphabet)}, [])
    byte_level = tokenizer_of(model, pre_tokenizers.ByteLevel(add_prefix_space=False))
    from tokenizers import decoders

    byte_level.backend_tokenizer.decoder = decoders.ByteLevel()
    ids = byte_level.backend_tokenizer.encode("a菜").ids
    assert len(ids) == 4
    for text in ("a菜", "not this"):
        shown, found = spans(byte_level, text, ids)
        assert shown == "a菜" and found == [(0, 1), (1, 2), (1, 2), (1, 2)]


@given(st.text(max_size=40))
def test_every_sign_is_in_a_word_and_every_token_finds_one(text: str) -> None:
    found = [(at, at + 1) for at in range(len(text))]
    words, owner = folded(text, found, pieces(text))
    assert "".join(words).split() == "".join(text.split()).split() or "".join("".join(words).split()) == "".join(
        text.split()
    )
    for (start, stop), word in zip(found, owner, strict=True):
        assert (word == NONE) == (not text[start:stop].strip())
        assert word == NONE or text[start:stop] in words[word]


def test_tokens_go_with_their_words_and_bring_what_they_bring() -> None:
    words = Words(texts=("a", "b", "c"), owner=np.asarray([NONE, 0, 0, 2, NONE]))
    assert words.read.tolist() == [0, 2]
    kept = words.tokens(np.asarray([[True, False], [False, True]]))
    assert kept.tolist() == [[True, True, True, False, True], [True, False, False, True, True]]
    assert words.summed(np.asarray([9.0, 1.0, 2.0, 4.0, 9.0])).tolist() == [3.0, 0.0, 4.0]


def test_two_texts_stand_side_by_side_and_each_token_finds_its_own() -> None:
    first = Words(texts=("a", "b"), owner=np.asarray([NONE, 0, 1, NONE, NONE, NONE, NONE]))
    second = Words(texts=("a", "d", "e"), owner=np.asarray([NONE, NONE, NONE, NONE, 0, 1, NONE]))
    both = beside(first, second)
    assert both.texts == ("a", "b", APART, "a", "d", "e")
    assert both.owner.tolist() == [NONE, 0, 1, NONE, 3, 4, NONE]
    assert [both.texts[word] for word in both.read] == ["a", "b", "a", "d"]
    assert cut_off(both)[0].startswith("The text is longer than the model reads: its last 1 word had")
    assert cut_off(first) == ()
