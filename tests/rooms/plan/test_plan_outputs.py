"""Wishes that only texts can meet, or only pictures and sounds."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tunesmith.errors import SettingsError
from tunesmith.rooms.plan import Facts, plan
from tunesmith.rooms.plan.outputs import misfits

Maker = Callable[..., Facts]


def of_pictures(facts: Facts) -> Facts:
    prepared = facts.prepared.model_copy(update={"task": "image-classification"})
    return replace(facts, prepared=prepared, modality="image")


def test_texts_cannot_be_cut_together(facts: Maker) -> None:
    with pytest.raises(SettingsError, match=r"regularise\.cutmix: expected 0"):
        plan(facts(regularise__cutmix=1.0))


def test_pictures_are_cut_and_mixed_but_have_no_words_to_step_among(facts: Maker) -> None:
    wished = of_pictures(facts(regularise__cutmix=1.0, regularise__mixup=0.2))
    assert misfits(wished, wished.wanted) == []
    wished = of_pictures(facts(regularise__adversarial=1.0))
    assert [one.path for one in misfits(wished, wished.wanted)] == ["regularise.adversarial"]
