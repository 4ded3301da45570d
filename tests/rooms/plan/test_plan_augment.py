"""Made rows in the plan: how many of what, and what such ways were measured to bring."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tunesmith.rooms.plan import Facts
from tunesmith.rooms.plan.advice import table
from tunesmith.rooms.plan.augment import made

Maker = Callable[..., Facts]


def told(facts: Facts, **augmented: int) -> str:
    (choice,) = made(replace(facts, prepared=facts.prepared.model_copy(update={"augmented": augmented})))
    return choice.because


def test_where_nothing_was_asked_for_nothing_is_said(facts: Maker) -> None:
    assert made(facts()) == ()


def test_rows_are_counted_and_what_was_measured_is_cited(facts: Maker) -> None:
    found = told(facts(rows=100, prepare__augment=("swap", "delete")), swap=30, delete=6)
    assert "36 rows made of 64 training rows, of small classes alone" in found
    swap, delete = (table()["augment_effect"][way][0]["value"] for way in ("swap", "delete"))
    assert f"points beside as many steps without them: swap {swap:+.1f}, delete {delete:+.1f}; few seeds" in found
    assert "not measured" not in found


@pytest.mark.parametrize(("way", "rows"), [("entities", 100), ("swap", 6000)])
def test_what_was_not_measured_is_said_to_be_so(facts: Maker, way: str, rows: int) -> None:
    found = told(facts(rows=rows, prepare__augment=(way,), prepare__augment_all=True), **{way: 10})
    assert f"of all classes, never of dev or test rows: {way} 10; not measured on so many rows: {way}" in found
