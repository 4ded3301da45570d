"""Limits are read off the facts: each appears with its fact and goes with it."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import Interval
from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.limits import limits


def text_facts(facts: Facts, **changes: Any) -> Facts:
    inner = facts.health.facts.model_copy(update=changes)
    return facts.model_copy(update={"health": facts.health.model_copy(update={"facts": inner})})


def settled(facts: Facts, max_length: int | None) -> Facts:
    part = facts.plan.settings.prepare.model_copy(update={"max_length": max_length})
    settings = facts.plan.settings.model_copy(update={"prepare": part})
    return facts.model_copy(update={"plan": facts.plan.model_copy(update={"settings": settings})})


def prepared(facts: Facts, **changes: Any) -> Facts:
    return facts.model_copy(update={"prepared": facts.prepared.model_copy(update=changes)})


def evaluated(facts: Facts, **changes: Any) -> Facts:
    return facts.model_copy(update={"evaluations": (facts.evaluation.model_copy(update=changes),)})


def main(facts: Facts, low: float, high: float) -> Facts:
    return evaluated(
        facts, metrics=facts.evaluation.metrics | {"f1_macro": Interval(value=(low + high) / 2, low=low, high=high)}
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f, "gives one of them to all texts, even where none fits: ENTY, DESC, HUM, NUM, LOC, ABBR"),
        (lambda f: f, "Latin letters (99.0%"),
        (lambda f: text_facts(f, latin_share=0.01, cjk_share=0.9), "Chinese characters (90.0%"),
        (lambda f: f, "more than 196 characters (95%: at most 92)"),
        (lambda f: f, "It reads the first 64 tokens of a text."),
        (lambda f: settled(f, 34), "about 50.0% of the training rows are longer"),
        (lambda f: f, "fewer than 30 true cases, so little is known of how well it does there: ABBR (9)"),
        (lambda f: main(f, 0.6, 0.9), "may be off by 15 points: 500 rows"),
        (lambda f: f, "5 of the 5 worst errors had 90% or more"),
        (lambda f: prepared(f, unknown_share=0.07), "7.0% of the pieces are unknown"),
        (lambda f: f, "2 of 5,954 rows could not be read"),
    ],
)
def test_a_fact_makes_its_limit(english: Facts, change: Callable[[Facts], Facts], words: str) -> None:
    assert any(words in limit for limit in limits(change(english)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: text_facts(f, latin_share=0.5, cjk_share=0.4), "untested"),
        (lambda f: settled(f, None), "tokens"),
        (lambda f: main(f, 0.86, 0.9), "may be off"),
        (lambda f: evaluated(f, mistakes=()), "confidence"),
        (lambda f: f, "unknown to the tokenizer"),
        (lambda f: f, "misses these more often"),
        (lambda f: f, "suffers"),
        (lambda f: f, "worse on some rows"),
        (lambda f: f, "confidence misleads"),
    ],
)
def test_without_its_fact_a_limit_is_silent(english: Facts, change: Callable[[Facts], Facts], words: str) -> None:
    assert not any(words in limit for limit in limits(change(english)))


def test_classes_never_right_are_named(english: Facts) -> None:
    scores = english.evaluation.per_class
    lost = scores["ABBR"].model_copy(update={"recall": Interval(value=0, low=0, high=0)})
    facts = evaluated(english, per_class=scores | {"ABBR": lost})
    assert "It misses these more often than it finds them: ABBR (finds 0% of 9)." in limits(facts)


def test_a_model_from_scratch_knows_only_its_data(runs: dict[str, Facts]) -> None:
    assert any("from this data alone" in limit for limit in limits(runs["chinese"]))


def test_tagged_text_is_windowed_so_no_length_is_claimed(runs: dict[str, Facts]) -> None:
    found = limits(runs["tagging"])
    assert any("marks only these types" in limit for limit in found) and not any(
        "It reads the first" in limit for limit in found
    )
