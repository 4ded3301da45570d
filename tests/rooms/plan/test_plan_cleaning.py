"""What a plan says about cleaning: which steps and why, what they changed, and a warning about words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunesmith.artifacts import Choice, Cleaned, Cleaning, Finding, Plan
from tunesmith.rooms.plan import Facts, plan
from tunesmith.runs import read_plan, write_plan

Maker = Callable[..., Facts]


def cleaned(known: Facts, *steps: str, kept: int = 0, codes: tuple[str, ...] = (), **changes: Any) -> Facts:
    """The same facts with these steps done: the first of them changed 1,200 rows, the others none."""
    counts = tuple(Cleaned(step=step, rows=1200 * (at == 0), characters=1) for at, step in enumerate(steps))
    stops = changes.pop("stopwords", ())
    findings = tuple(Finding(code=code, severity="note", count=1, message="m", do="d") for code in codes)
    prepared = known.prepared.model_copy(
        update={"cleaning": Cleaning(steps=steps, stopwords=stops), "cleaned": counts, "kept_rows": kept}
    )
    return replace(known, prepared=prepared, health=known.health.model_copy(update={"findings": findings}))


def choice(found: Plan, name: str) -> Choice | None:
    return next((one for one in found.choices if one.name == name), None)


def test_steps_of_the_data_are_shown_with_their_reason_and_what_they_changed(facts: Maker) -> None:
    found = plan(cleaned(facts(), "html", "spaces", codes=("html-remnants",)))
    shown = choice(found, "clean")
    assert shown is not None
    assert shown.value == "html, spaces"
    assert shown.because.startswith("html since the check found html-remnants; the others")
    assert shown.because.endswith("; changed: html 1,200 rows")
    # The plan's file repeats what was done, whatever a later check finds.
    assert found.settings.prepare.clean == ("html", "spaces")


def test_harmless_steps_say_so_and_rows_that_would_vanish_are_told(facts: Maker) -> None:
    shown = choice(plan(cleaned(facts(), "control", "spaces", kept=2)), "clean")
    assert shown is not None
    assert shown.because.startswith("they change nothing that a reader sees; changed: control 1,200 rows")
    assert shown.because.endswith("2 rows would have become empty and kept a text as it was")


@pytest.mark.parametrize(
    ("wish", "value", "because"),
    [("none", "none", "you set it"), ("html", "html", "you set it; changed: html 1,200 rows")],
)
def test_a_wish_is_obeyed(facts: Maker, wish: str, value: str, because: str) -> None:
    steps = () if wish == "none" else (wish,)
    shown = choice(plan(cleaned(facts(prepare__clean=wish), *steps)), "clean")
    assert shown is not None
    assert (shown.value, shown.because) == (value, because)


def test_a_plan_with_steps_comes_back_equal_from_its_file(facts: Maker, tmp_path: Path) -> None:
    made = plan(cleaned(facts(prepare__stopwords="en"), "html"))
    write_plan(made, tmp_path / "plan.yaml")
    assert read_plan(tmp_path / "plan.yaml") == made


def test_words_are_told_of_where_asked_for_with_a_warning_for_pretrained_models(facts: Maker) -> None:
    assert choice(plan(facts()), "segment") is None
    asked = {"prepare__segment": True, "prepare__stopwords": "en"}
    for is_pretrained in (True, False):
        found = plan(cleaned(facts(pretrained=is_pretrained, **asked), "stopwords", stopwords=("the", "of")))
        segment, stopwords = choice(found, "segment"), choice(found, "stopwords")
        assert segment is not None and stopwords is not None
        assert ("usually loses" in segment.because) == ("usually loses" in stopwords.because) == is_pretrained
        assert stopwords.because.startswith("you set it: a list of 2 words; 1,200 rows lost some")
