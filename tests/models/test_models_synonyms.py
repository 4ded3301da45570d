"""Synonyms of a model: whole words of the same script and case, and none that turns a sentence round."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

from tunesmith.models.synonyms import _Masked, _Near, _Words, synonyms
from tunesmith.settings import ModelSettings

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "good",
    "fine",
    "not",
    "##ing",
    "film",
    "movie",
    "\u597d",
    "\u68d2",
    "\u4e0d",
]


@pytest.fixture
def tokenizer(tmp_path: Path) -> Any:
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    return BertTokenizerFast(vocab=str(tmp_path / "vocab.txt"))


def near(tokenizer: Any) -> _Near:
    """Input embeddings in which good, fine, not and a Chinese word lie together, and film with movie."""
    table = np.eye(len(WORDS), dtype=np.float32)
    for name in ("fine", "not", "\u597d", "\u68d2", "\u4e0d", "##ing"):
        table[tokenizer.get_vocab()[name]] = table[tokenizer.get_vocab()["good"]]
    table[tokenizer.get_vocab()["movie"]] = table[tokenizer.get_vocab()["film"]]
    return _Near(table, tokenizer)


def test_neighbours_are_whole_words_of_the_same_script_and_no_negation(tokenizer: Any) -> None:
    found = near(tokenizer)(["Good", " ", "film", " ", "not", " ", "FILM", "\u597d", "unheard"], [0, 2, 4, 6, 7, 8])
    assert found == [["Fine"], ["movie"], [], ["MOVIE"], ["\u68d2"], []]


def test_masked_predictions_come_from_the_place_in_its_sentence(tokenizer: Any) -> None:
    torch.manual_seed(0)
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
        )
    ).eval()
    with torch.no_grad():
        model.cls.predictions.bias[tokenizer.get_vocab()["movie"]] = 9.0
    found = _Masked(model, tokenizer)(["good", " ", "film"], [0, 2])
    assert found[1] == ["movie"] and "good" not in found[0] and "not" not in found[0]


def test_a_model_with_its_masked_head_is_asked_by_it_and_another_by_its_embeddings(
    tokenizer: Any, tmp_path: Path
) -> None:
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    model = BertForMaskedLM(config)
    for folder, part in (("whole", model), ("trunk", model.bert)):
        part.save_pretrained(tmp_path / folder)
        tokenizer.save_pretrained(tmp_path / folder)
    assert isinstance(synonyms(tmp_path / "whole", ModelSettings()), _Masked)
    assert isinstance(synonyms(tmp_path / "trunk", ModelSettings()), _Near)


def test_marked_vocabularies_hold_their_words_with_the_mark() -> None:
    class Marked:
        def get_vocab(self) -> dict[str, int]:
            return {"\u2581good": 0, "ing": 1, "\u2581Film": 2, "\u597d": 3}

    words = _Words(Marked())
    assert set(words.ids) == {"good", "Film", "\u597d"}
    assert words.own("good") == "good" and words.own("ing") is None and words.own("not") is None
