"""Frequent words that a model has in pieces: named with what a token each would bring, and only where it would."""

from collections.abc import Callable

import pyarrow as pa

from tunesmith.artifacts import Reading
from tunesmith.rooms.check import Lens
from tunesmith.rooms.check.pieces import words_in_pieces

MakeReading = Callable[..., Reading]
KNOWN = {"the": 1, "film": 2}


def letters(texts: pa.Array) -> pa.Array:
    """A token for each word that is known, else one a letter; 0 for a sign beyond ASCII."""

    def ids(text: str) -> list[int]:
        words = [
            [KNOWN[word]] if word in KNOWN else [ord(c) if c < "\x80" else 0 for c in word] for word in text.split()
        ]
        return [at for word in words for at in word]

    return pa.array([ids(text) for text in texts.to_pylist()], pa.list_(pa.int32()))


TOY = Lens(name="toy", key="toy", tokenize=letters, unknown=0, window=99, vocabulary=99, scripts={"Latin": 99})


def rows(*texts: str) -> list[dict[str, str]]:
    return [{"text": text, "label": str(at % 2)} for at in range(10) for text in texts]


def test_words_in_many_pieces_are_named_by_what_they_cost(make_reading: MakeReading) -> None:
    found = words_in_pieces(
        make_reading("text-classification", {"train": rows("the tariff film", "the art film")}), TOY
    )
    assert found is not None and (found.severity, found.count) == ("note", 1)
    # 10 × 6 letters of 10 × (1 + 6 + 1 + 1 + 3 + 1) tokens: five of every six go.
    assert "tariff (6 pieces, 10 times)" in found.message and "38.5% shorter" in found.message
    assert "art" not in found.message.replace("tariff", ""), "three pieces are nothing to speak of"
    assert "model.add_tokens=tariff (" in found.do


def test_signs_that_it_does_not_know_are_named_one_by_one(make_reading: MakeReading) -> None:
    found = words_in_pieces(make_reading("text-classification", {"train": rows("the film 关税", "the film 关")}), TOY)
    assert found is not None and found.count == 2
    assert "关 (unknown, 20 times), 税 (unknown, 10 times)" in found.message
    assert "with a token for each 42.9% of the tokens would no longer be unknown" in found.message
    assert "model.add_tokens=关,税 (" in found.do


def test_rare_words_and_models_from_scratch_are_left_alone(make_reading: MakeReading) -> None:
    once = [*rows("the film"), {"text": "tariff", "label": "1"}]
    assert words_in_pieces(make_reading("text-classification", {"train": once}), TOY) is None
    fresh = Lens(name="s", key="s", tokenize=letters, unknown=0, window=9, vocabulary=9, is_pretrained=False)
    assert words_in_pieces(make_reading("text-classification", {"train": rows("the tariff film")}), fresh) is None
