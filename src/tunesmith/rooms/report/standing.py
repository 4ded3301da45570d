"""How the model stands to whatever costs nothing: rules, no skill at all, and itself before training."""

from tunesmith.rooms.report import baselines, writers
from tunesmith.rooms.report.baselines import Standing
from tunesmith.rooms.report.expectations import main_score, no_skill
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.texts import short
from tunesmith.words import say

ORDER: tuple[Standing, ...] = ("worse", "unclear", "better")
"""What decides first: one rule that is better makes the model useless, however many it beats."""


def standing(facts: Facts) -> tuple[Standing, str]:
    """The worst standing that it has, and what it has that to, for a sentence."""
    found = (_to_rules(facts), _to_itself(facts), _to_no_skill(facts))
    return next((one for wanted in ORDER for one in found if one[0] == wanted), ("unknown", ""))


def _to_rules(facts: Facts) -> tuple[Standing, str]:
    rival = baselines.strongest(facts.evaluation)
    if rival is None:
        return "unknown", ""
    return baselines.standing(facts.evaluation), say(baselines.name(rival), f"“{baselines.name(rival)}”")


def _to_itself(facts: Facts) -> tuple[Standing, str]:
    return writers.standing(facts.evaluation), say("the model before training", "训练前的模型")


def _to_no_skill(facts: Facts) -> tuple[Standing, str]:
    """By the interval of the model alone: where rules were tried, pairs of answers to the same rows tell more."""
    none = None if facts.evaluation.baselines else no_skill(facts)
    trivial = none.scores.get(facts.evaluation.main) if none else None
    if none is None or trivial is None:
        return "unknown", ""
    main = main_score(facts.evaluation)
    words = (
        say("marking nothing at all", "什么都不标")
        if facts.is_tagging
        else say(f"always answering “{short(none.answer)}”", f"永远回答“{short(none.answer)}”")
    )
    return "better" if main.low > trivial else "worse" if main.high < trivial else "unclear", words
