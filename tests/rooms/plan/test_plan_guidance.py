"""The plan in words: said where there is something to say, and not otherwise."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tunesmith.artifacts import Health, Match, Probe, SplitFacts
from tunesmith.rooms.plan import Facts, plan

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]


def advice(facts: Facts, probe: Probe, **health: object) -> str:
    """All of it, for facts with timed batches and with this health."""
    told: Health = facts.health.model_copy(update={"band": "ample", **health})
    timed = replace(facts, health=told).with_probe(probe, probed=plan(facts).settings, elapsed_seconds=2.0)
    return " | ".join(plan(timed).advice)


def test_without_timed_batches_nothing_is_said(facts: Maker) -> None:
    assert plan(facts()).advice == ()


def test_of_the_head_alone_is_told_what_was_measured(facts: Maker, probe: Probed) -> None:
    few, many = advice(facts(rows=600), probe()), advice(facts(), probe())
    assert few.startswith("the head alone (train.method=head) would take about ")
    assert "points beside full training on 500 questions with minilm: a first look; LoRA" in few
    assert "what it would lose was not measured on so many rows" in many
    assert "head alone" not in advice(facts(train__method="head"), probe())
    assert "head alone" not in advice(facts(pretrained=False), probe())


def test_where_no_epoch_fits_the_head_does(facts: Maker, probe: Probed) -> None:
    # 100 steps of a second, but all texts are computed once in some 10 s.
    found = advice(facts(train__time_seconds=60.0, evaluate__most_rows=200), probe(step=1.0, score=0.02))
    assert "not one epoch of minilm fits into the time" in found
    assert "train.method=head gets through in about " in found
    # Nor does the head, where a forward pass is as slow.
    found = advice(facts(train__time_seconds=60.0, evaluate__most_rows=200), probe(step=10.0, score=8.0))
    assert "train.method=head gets through" not in found


def test_a_model_from_random_weights_knows_these_rows_alone(facts: Maker, probe: Probed) -> None:
    assert "knows nothing but your 6,000 rows" in advice(facts(pretrained=False), probe())


@pytest.mark.parametrize(("grade", "is_said"), [("poor", True), ("fair", False), ("good", False)])
def test_a_model_that_does_not_know_the_texts_is_doubted(
    facts: Maker, probe: Probed, grade: str, is_said: bool
) -> None:
    match = Match.model_construct(model="minilm", grade=grade, because="most of it is unknown to it")
    found = advice(facts(), probe(), match=match)
    assert ("minilm does not know these texts (most of it is unknown to it)" in found) is is_said


def test_cleaning_that_would_help_the_model_is_named_before_another_model(facts: Maker, probe: Probed) -> None:
    step = {"remedy": "traditional-to-simplified", "remedied_share": 0.069}
    match = Match.model_construct(model="minilm", grade="poor", because="30.0% of the tokens are unknown to it", **step)
    found = advice(facts(), probe(), match=match)
    assert "unknown to it); with prepare.clean=traditional-to-simplified 6.9% of them are unknown" in found
    assert "--what-if model=scratch" not in found


def test_few_rows_or_a_rare_class_call_for_labels(facts: Maker, probe: Probed) -> None:
    def split(**labels: int) -> dict[str, SplitFacts]:
        return {"train": SplitFacts(rows=sum(labels.values()), labels=labels)}

    found = advice(facts(), probe(), splits=split(a=5990, b=10))
    assert "6,000 training rows, 'b' only 10 times: more labels would do more than any setting" in found
    assert "--what-if rows=2x --deep" in found
    assert "more labels" not in advice(facts(), probe(), splits=split(a=3000, b=3000))
    assert "more labels" in advice(facts(), probe(), band="little")
    tagged = facts()
    tagged = replace(tagged, prepared=tagged.prepared.model_copy(update={"task": "token-classification"}))
    assert "--deep" not in advice(tagged, probe(), band="little"), "tags have no learning curve"
