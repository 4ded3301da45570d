"""Schemes, entities and illegal positions, by hand and against seqeval."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from tunesmith.metrics.tags import Scheme, detect_scheme, entities, illegal_positions, to_bio


def spans(tags: str) -> list[tuple[str, int, int]]:
    return [tuple(entity) for entity in entities(tags.split())]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O O O", []),
        ("B-PER I-PER O B-LOC", [("PER", 0, 1), ("LOC", 3, 3)]),
        # conlleval: I- after O, or after another type, starts an entity.
        ("O I-PER I-PER", [("PER", 1, 2)]),
        ("B-PER I-LOC", [("PER", 0, 0), ("LOC", 1, 1)]),
        # IOB1: B- only parts neighbours of one type.
        ("I-PER I-PER B-PER I-PER", [("PER", 0, 1), ("PER", 2, 3)]),
        ("B-PER B-PER", [("PER", 0, 0), ("PER", 1, 1)]),
        ("B-PER I-PER E-PER S-LOC", [("PER", 0, 2), ("LOC", 3, 3)]),
        ("E-PER E-PER I-PER S-PER I-PER", [("PER", 0, 0), ("PER", 1, 1), ("PER", 2, 2), ("PER", 3, 3), ("PER", 4, 4)]),
        ("B-PER M-PER E-PER W-PER", [("PER", 0, 2), ("PER", 3, 3)]),
        ("B-PER L-PER U-PER", [("PER", 0, 1), ("PER", 2, 2)]),
        ("B-GPE.NOM I-GPE.NOM B_PER I_PER", [("GPE.NOM", 0, 1), ("PER", 2, 3)]),
        ("B-creative-work I-creative-work", [("creative-work", 0, 1)]),
        ("B I o _ I", [("_", 0, 1), ("_", 4, 4)]),
        ("PER PER O LOC", [("PER", 0, 1), ("LOC", 3, 3)]),
        # Bare types that begin with a scheme's letter, and a letter with nothing behind its joiner.
        ("Event Building B-", [("Event", 0, 0), ("Building", 1, 1), ("B-", 2, 2)]),
    ],
)
def test_entities(tags: str, expected: list[tuple[str, int, int]]) -> None:
    assert spans(tags) == expected


def test_no_tags_no_entities() -> None:
    assert entities([]) == [] and to_bio([]) == [] and illegal_positions([], Scheme.BIOES) == []


any_tags = st.lists(
    st.sampled_from([f"{r}-{t}" for r in "BIES" for t in ("PER", "LOC")] + ["O", "B", "I"]), max_size=12
)


@given(any_tags)
@settings(max_examples=1500, deadline=None)
def test_entities_agree_with_seqeval_on_any_sequence(tags: list[str]) -> None:
    assert [tuple(entity) for entity in entities(tags)] == get_entities(tags)


@given(any_tags)
@settings(max_examples=300, deadline=None)
def test_to_bio_keeps_the_entities_and_is_legal(tags: list[str]) -> None:
    bio = to_bio(tags)
    assert len(bio) == len(tags)
    assert entities(bio) == entities(tags)
    assert illegal_positions(bio, Scheme.BIO) == []
    assert to_bio(bio) == bio


@pytest.mark.parametrize(
    ("scheme", "tags", "expected"),
    [
        (Scheme.BIO, "B-A I-A O B-A B-A", []),
        (Scheme.BIO, "I-A I-A O I-B", [0, 3]),
        (Scheme.BIO, "B-A I-B I-B", [1]),
        (Scheme.BIO, "B-A E-A S-B A", [1, 2, 3]),
        (Scheme.IOB1, "I-A I-A B-A O I-B", []),
        (Scheme.IOB1, "B-A I-A O B-B I-A B-B", [0, 3, 5]),
        (Scheme.BIOES, "B-A I-A E-A S-B O", []),
        (Scheme.BIOES, "B-A O I-A E-A B-B", [1, 2, 4]),
        (Scheme.BIOES, "B-A E-B S-A", [1]),
        (Scheme.BIOES, "O I-A", [1]),
        (Scheme.BIOES, "B-A M-A E-A", [1]),
        (Scheme.BMES, "B-A M-A E-A S-A", []),
        (Scheme.BMEWO, "B-A M-A E-A W-A O", []),
        (Scheme.BILOU, "B-A I-A L-A U-A O", []),
        (Scheme.IO, "A A O B-C", [3]),
    ],
)
def test_illegal_positions(scheme: Scheme, tags: str, expected: list[int]) -> None:
    assert illegal_positions(tags.split(), scheme) == expected


@pytest.mark.parametrize(
    ("sentences", "scheme"),
    [
        (["B-A I-A O", "O B-A B-B"], Scheme.BIO),
        (["I-A I-A O", "O I-B B-B"], Scheme.IOB1),
        (["B-A E-A O", "O S-B B-B I-B E-B"], Scheme.BIOES),
        (["B-A E-A O", "O S-B B-B M-B E-B"], Scheme.BMES),
        (["B_A E_A O", "O W_B B_B M_B E_B"], Scheme.BMEWO),
        (["B-A L-A O", "O U-B B-B I-B L-B"], Scheme.BILOU),
        (["PER PER o", "o LOC"], Scheme.IO),
        # Real data has a few slips; they do not turn BIO into something else.
        (["B-A I-A O B-B"] * 20 + ["I-A O E-A"], Scheme.BIO),
        # Only one-word entities by B- fit BIO and, each after O, not IOB1.
        (["O B-A O"], Scheme.BIO),
        (["O O"], Scheme.BIO),
        ([""], Scheme.BIO),
    ],
)
def test_detects_the_scheme(sentences: list[str], scheme: Scheme) -> None:
    assert detect_scheme(sentence.split() for sentence in sentences).scheme is scheme


def test_the_evidence_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [["B-A", "I-A", "O"], ["I-B", "O", "B-B"]]
    found = detect_scheme(sentences)
    assert found.evidence == "letters B I; 1 of 4 entity tags break BIO, 2 would break IOB1"
    assert detect_scheme([["O"]]).evidence == "no tag marks an entity"
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert detect_scheme(sentences).evidence == "字母 B I;4 个实体标签中有 1 个不合 BIO,而 2 个不合 IOB1"
