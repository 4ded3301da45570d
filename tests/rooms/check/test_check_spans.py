"""Borders of entities, tokens that are none, sentences without tags."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Finding, Reading
from tunesmith.rooms.check.positions import positions

Find = Callable[..., dict[str, Finding]]


def sentence(marked: str) -> dict[str, Any]:
    """``in [LOC New York] today`` as tokens and tags."""
    tokens, tags, kind, inside = [], [], "", False
    for word in marked.split():
        if word.startswith("["):
            kind, inside = word[1:], False
            continue
        tokens.append(word.rstrip("]") or "]")
        tags.append(f"{'I' if inside else 'B'}-{kind}" if kind else "O")
        inside = bool(kind)
        kind = "" if word.endswith("]") else kind
    return {"tokens": tokens, "tags": tags}


OFTEN = [sentence(f"the [LOC New York City] of {i}") for i in range(12)]


def test_the_notation_of_these_tests() -> None:
    assert sentence("a [LOC New York] b") == {"tokens": ["a", "New", "York", "b"], "tags": ["O", "B-LOC", "I-LOC", "O"]}


@pytest.mark.parametrize(
    "odd", ["in the [LOC New York] City today", "a New [LOC York City] again", "see [LOC the New York City] now"]
)
def test_one_token_off_is_found(make_reading: Callable[..., Reading], find: Find, odd: str) -> None:
    rows = [*OFTEN[:5], sentence(odd), *OFTEN[5:]]
    found = find("token-classification", {"train": rows})["cut-spans"]
    assert (found.count, [row.line for row in found.rows]) == (1, [6])
    named = positions(make_reading("token-classification", {"train": OFTEN, "test": [sentence(odd)]}), "cut-spans")
    assert {split: where.tolist() for split, where in named.items()} == {"test": [0]}


@pytest.mark.parametrize(
    "odd",
    [
        "in [LOC New York] today",
        "a [ORG New York] City paper",
        "the [LOC New York City] [LOC Hall]",
        "the [LOC York] of old",
    ],
)
def test_other_borders_are_left_in_peace(find: Find, odd: str) -> None:
    assert "cut-spans" not in find("token-classification", {"train": [*OFTEN, sentence(odd)]})


def test_what_differs_often_is_meant(find: Find) -> None:
    rows = [*OFTEN, *(sentence(f"in [LOC New York] City {i}") for i in range(3))]
    assert "cut-spans" not in find("token-classification", {"train": rows})


@pytest.mark.parametrize(
    ("marked", "is_loose"),
    [
        ("saw [PER Ann ,] there", True),
        ("saw [PER , Ann] there", True),
        ("saw [PER Ann] , there", False),
        ("of [ORG Acme Inc .] today", False),
        ("the [ORG !] team", False),
    ],
)
def test_signs_of_the_sentence_are_no_part_of_a_name(find: Find, marked: str, is_loose: bool) -> None:
    found = find("token-classification", {"train": [sentence("in [LOC Rome] now"), sentence(marked)]})
    assert ("loose-spans" in found) is is_loose


def test_tokens_hold_no_white_space(find: Find) -> None:
    rows = [sentence("in [LOC Rome] now"), {"tokens": ["a b", "\u3000", "c"], "tags": ["O", "O", "B-X"]}]
    assert find("token-classification", {"train": rows})["spaced-tokens"].count == 2


def test_a_sentence_without_entities_is_odd_only_among_tagged_ones(find: Find) -> None:
    tagged = [sentence(f"in [LOC Rome{i}] now") for i in range(60)]
    bare, unknown = sentence("nothing here"), {"tokens": ["who", "knows"], "tags": None}
    found = find("token-classification", {"train": [*tagged, bare, unknown]})["bare-sentences"]
    assert [row.line for row in found.rows] == [61]
    assert "bare-sentences" not in find("token-classification", {"train": [*tagged[:9], bare]})
