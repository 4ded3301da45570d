"""Broken tags become legal, and no entity begins, ends or changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.metrics.tags import Scheme, entities, illegal_positions
from tunesmith.rooms.check.mend.tags import legal

SCHEMES = (Scheme.BIO, Scheme.IOB1, Scheme.BIOES, Scheme.BMES, Scheme.BMEWO, Scheme.BILOU)
LETTERS = {Scheme.BIO: "BI", Scheme.IOB1: "BI", Scheme.BIOES: "BIES", Scheme.BMES: "BMES", Scheme.BMEWO: "BMEW"}


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_legal_and_the_same_entities(scheme: Scheme, data: st.DataObject) -> None:
    letters = LETTERS.get(scheme, "BILU")
    tag = st.one_of(st.just("O"), st.builds(lambda a, b: f"{a}-{b}", st.sampled_from(letters), st.sampled_from("XY")))
    tags = data.draw(st.lists(tag, max_size=8))
    mended = legal(tags, scheme)
    assert illegal_positions(mended, scheme) == []
    assert entities(mended) == entities(tags)
    if not illegal_positions(tags, scheme):
        assert mended == tags


def test_the_way_of_writing_stays() -> None:
    assert legal(["O", "I_PER", "I_PER", "B-LOC"], Scheme.BIO) == ["O", "B_PER", "I_PER", "B-LOC"]
