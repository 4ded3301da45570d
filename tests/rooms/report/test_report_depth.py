"""Parts of the rows, changed texts, free rules and next steps: in words and pictures, each from its facts."""

import re
from typing import Any

import pytest
from made_depth import baseline, between, changes, doubts, part, slices, with_evaluation
from made_facts import interval
from test_report_page import Page

from tunesmith.artifacts import Curve, CurvePoint, Evaluation, Robustness
from tunesmith.rooms.report import Facts, baselines, robustness
from tunesmith.rooms.report import slices as parts
from tunesmith.rooms.report.costs import costs
from tunesmith.rooms.report.next_steps import MOST_STEPS, next_steps
from tunesmith.rooms.report.page import render


def judged(facts: Facts, **changed: Any) -> Evaluation:
    return with_evaluation(facts, **changed).evaluation


def test_only_parts_that_are_worse_beyond_chance_are_named(english: Facts) -> None:
    told = parts.told(judged(english, slices=slices()))
    assert told.startswith(
        "Of 5 parts of the rows looked at, 2 are worse than the rest beyond chance: “length: 18 to 41"
    )
    assert "rare words" not in told
    calm = judged(english, slices=slices()[2:])
    assert parts.told(calm).startswith("3 parts of the rows looked at, and none is worse") and parts.limit(calm) == ""


def test_a_class_has_scores_of_its_own_and_is_no_part_besides(runs: dict[str, Facts]) -> None:
    label = part("label", "ABBR", 0.2, 30, is_worse=True)
    assert parts.limit(judged(runs["english"], slices=(label,))) == ""
    assert "label: ABBR" in parts.limit(judged(runs["english"], slices=(label,), per_class={}))


def test_bars_of_a_forest_share_one_scale_and_the_upright_is_the_rest(english: Facts) -> None:
    rows = parts.forest(judged(english, slices=slices()))
    dots = [float(re.findall(r'cx="([\d.]+)"', row.bar)[0]) for row in rows]
    assert dots == sorted(dots) and len(set(dots)) == len(dots)
    assert len({re.findall(r'class="reference" x1="([\d.]+)"', row.bar)[0] for row in rows}) == 1
    assert [row.is_worse for row in rows] == [True, True, False, False, False] and rows[0].behind == "18.0 points"


def test_parts_are_told_by_the_metric_that_they_were_compared_by(english: Facts) -> None:
    found = tuple(one.model_copy(update={"metric": "accuracy"}) for one in slices())
    assert parts.metric_of(judged(english, slices=found)) == "accuracy"
    assert parts.metric_of(english.evaluation) == "f1_macro"


def test_personal_data_in_a_column_is_hidden_and_long_values_are_cut(english: Facts) -> None:
    mail = part("customer", "ann.miller@firma.de " * 9, 0.5, 90, is_worse=True)
    told = parts.told(judged(english, slices=(mail,)))
    assert "ann.miller@" not in told and "…" in told


def test_a_change_that_costs_little_is_none(english: Facts) -> None:
    found = judged(english, robustness=changes())
    assert robustness.limit(found) == (
        "It suffers when texts are written otherwise (macro F1): typing errors (12.5 points lost, 14.0% of the answers"
        " change)."
    )
    assert robustness.limit(judged(english, robustness=changes()[1:])) == ""
    assert robustness.told(judged(english, robustness=changes()[1:])).startswith("No small change")


def test_a_loss_that_rises_is_suffering_too(english: Facts) -> None:
    rises = Robustness(
        change="typos",
        rows=90,
        value=between(3.2, 3.6),
        difference=between(0.3, 0.5),
        answers_changed=0.4,
        metric="loss",
    )
    assert "typing errors (0.400 lost" in robustness.limit(judged(english, robustness=(rises,)))


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        ((0.028, 0.074), "It is 5.1 points of macro F1 better than a linear model on word counts (2.8 to 7.4), which"),
        (
            (-0.004, 0.03),
            "not shown to be better than a linear model on word counts, which costs nothing: the difference",
        ),
        ((-0.06, -0.02), "It is 4.0 points of macro F1 worse than a linear model on word counts (2.0 to 6.0)"),
    ],
)
def test_a_free_rule_is_told_by_its_interval(english: Facts, ahead: tuple[float, float], words: str) -> None:
    assert words in baselines.told(judged(english, baselines=(baseline("tfidf", 0.8, ahead),)))


def test_the_strongest_rule_is_spoken_of_and_rules_stand_in_their_order(english: Facts) -> None:
    found = judged(english, baselines=(baseline("majority", 0.07, (0.7, 0.8)), baseline("tfidf", 0.8, (0.02, 0.06))))
    assert "linear model" in baselines.told(found)
    assert [row.name for row in baselines.rows(found)] == [
        "this model",
        "a linear model on word counts",
        "always giving the most frequent answer",
    ]


def test_a_rule_with_a_metric_of_its_own_is_compared_by_that(english: Facts) -> None:
    letters = baseline("letters", 9.0, (-4.0, -2.0), main="perplexity_character").model_copy(
        update={"metric": "perplexity_character"}
    )
    found = judged(
        english,
        main="loss",
        metrics={"loss": interval(0.5, 9), "perplexity_character": between(5, 7)},
        baselines=(letters,),
    )
    # Lower is better: a difference below 0 is an advantage.
    assert baselines.standing(found) == "better"
    assert "It is 3.000 of perplexity per character better than guessing each character" in baselines.told(found)
    assert [row.value for row in baselines.rows(found)] == ["6.000", "9.000"]
    page = Page(render(english.model_copy(update={"evaluations": (found,)}))).text()
    assert "best free rule · perplexity per character 9.000" in page and "; this model: 6.000" in page


def test_an_unknown_rule_keeps_its_name(english: Facts) -> None:
    assert "better than <new>" in baselines.told(judged(english, baselines=(baseline("<new>", 0.1, (0.3, 0.4)),)))


def curve(low: float) -> Curve:
    points = tuple(CurvePoint(rows=n, score=0.8, low=0.7, high=0.9) for n in (10, 20, 40))
    return Curve(
        metric="accuracy",
        model="minilm",
        scored_on=90,
        points=points[:1],
        fit=(0.1, 1.0, 0.5),
        full=points[1],
        twice=points[2],
        gain=(0.03, low, 0.05),
        is_rising=low > 0,
    )


def test_each_step_has_its_fact(english: Facts) -> None:
    plain = " ".join(next_steps(english))
    assert "71 texts appear more than once" in plain and "labels of" not in plain and "Train longer" not in plain
    assert any("labels of 3 rows" in one for one in next_steps(with_evaluation(english, suspects=doubts(3, 0.99))))
    wide = with_evaluation(english, metrics=english.evaluation.metrics | {"f1_macro": between(0.7, 0.9)})
    # Half the interval is 10 points; 5 take four times the 500 rows.
    assert any("about 2,000 rows to score on" in one for one in next_steps(wide))


def test_a_run_whose_last_state_was_the_best_is_trained_longer(english: Facts) -> None:
    settings = english.plan.settings
    train = settings.train.model_copy(update={"epochs": 6})
    plan = english.plan.model_copy(update={"settings": settings.model_copy(update={"train": train})})
    last = english.trained.model_copy(update={"best_epoch": 6.0})
    facts = english.model_copy(update={"plan": plan, "trained": last})
    assert any(one.startswith("Train longer (epochs=12)") for one in next_steps(facts))
    early = facts.model_copy(update={"trained": english.trained})
    assert not any("Train longer" in one for one in next_steps(early))


@pytest.mark.parametrize(("low", "words"), [(0.01, "would bring about 3.0 points"), (-0.01, "not shown to help")])
def test_more_rows_are_advised_where_they_would_help(english: Facts, low: float, words: str) -> None:
    health = english.health.model_copy(update={"curve": curve(low)})
    assert any(words in one for one in next_steps(english.model_copy(update={"health": health})))


def test_nobody_is_given_more_steps_than_he_does(each: Facts) -> None:
    assert len(next_steps(each)) <= MOST_STEPS


def test_costs_are_those_that_were_measured(deep: Facts) -> None:
    known = {cost.name: cost.text for cost in costs(deep)}
    assert known["training"] == "3 min 12 s taken, at most 6 min 52 s foretold (46.7% of it)"
    assert known["free rules"] == "0.8 s" and "machine" not in known
    there = deep.trained.model_copy(update={"machine": "x86_64 AVX2, 2 cores"})
    assert costs(deep.model_copy(update={"trained": there}))[-1].text == "x86_64 AVX2, 2 cores"


def test_every_sentence_has_a_chinese_twin(deep: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    found = deep.evaluation
    told = (
        parts.told(found),
        robustness.told(found),
        baselines.told(found),
        parts.limit(found),
        robustness.limit(found),
    )
    for sentence in told:
        assert sentence.endswith("。") and " the " not in sentence
    assert [cost.name for cost in costs(deep)] == ["训练", "内存", "速度", "评分", "免费规则"]
