"""The sentences that a search ends with say what its figures say, in both languages."""

import pytest

from made_searches import made_search, trial
from tunesmith import telling
from tunesmith.artifacts import Interval
from tunesmith.artifacts.trials import Gain, Search


def test_the_whole_story() -> None:
    verdict, noise, gap, importances, cost = telling.sentences(made_search())
    assert verdict == "Trial 2 is the best: dev f1_macro 0.8600, the plan's own choice 0.8000 (+6.0 points)."
    assert noise == (
        "With 2 other seeds each: 0.8450 against 0.8050, +4.0 points (+1.0 to +7.0, 95%): the gain is more"
        " than noise. One choice differs by 0.7 points from seed to seed (standard deviation); the score it was chosen"
        " for flatters the best by 1.5 points."
    )
    assert gap == (
        "On test, which no trial saw: 0.8200 (0.7500 – 0.8800); that is -4.0 points against the dev score it was"
        " chosen for."
    )
    assert importances == "What made scores differ (fANOVA over 5 trials): learning_rate 70%, batch_size 30%."
    assert cost == (
        "6 trials: 3 to their end, 2 ended early as too weak, 1 failed; together as many examples as 3.5 trainings of"
        " the plan's own."
    )


def gain(low: float, high: float, metric: str = "f1_macro") -> Gain:
    difference = Interval(value=(low + high) / 2, low=low, high=high)
    return Gain(metric=metric, best=(0.8, 0.8), plan=(0.8, 0.8), difference=difference, noise=0, found=0.8, flattered=0)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (made_search(gain=gain(-0.01, 0.02)), "it may be noise"),
        (made_search(gain=gain(-0.03, -0.02)), "the plan's own choice is the better one"),
        (made_search(gain=gain(-3, -2, "perplexity"), monitor="perplexity"), "the gain is more than noise"),
        (made_search(gain=None, repeats=()), "was not measured"),
        (made_search(gain=None, repeats=(), best=0), "no gain to tell from noise"),
    ],
)
def test_a_gain_is_called_what_it_is(found: Search, said: str) -> None:
    assert said in telling.noise(found)


def test_what_is_missing_is_not_made_up() -> None:
    assert telling.verdict(made_search(best=0)) == "Nothing beat the plan's own choice: dev f1_macro 0.8000."
    alone = made_search(trials=(trial(2, 0.86),), importance={})
    assert telling.verdict(alone) == "Trial 2 is the best: dev f1_macro 0.8600."
    assert telling.cost(alone) == "1 trial: 1 to their end, 0 ended early as too weak."
    assert telling.importances(alone) == "1 scored trials are too few to tell which settings matter."
    alike = made_search(trials=(trial(0, 0.86), trial(2, 0.86)), importance={})
    assert telling.importances(alike) == "All trials scored alike: no setting mattered."
    assert telling.gap(made_search(evaluation=None)) == ""
    evaluation = made_search().evaluation
    assert evaluation is not None
    on_dev = made_search(evaluation=evaluation.model_copy(update={"split": "dev"}))
    assert "There is no test split" in telling.gap(on_dev)


def test_the_best_stand_first_and_failed_ones_last() -> None:
    assert [one.number for one in telling.ranked(made_search())] == [2, 3, 0, 1, 5, 4]
    lower = made_search(monitor="perplexity")
    assert [one.number for one in telling.ranked(lower)][:3] == [0, 3, 2]


def test_settings_are_shown_as_a_user_would_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert telling.values(trial(1, 0.5)) == "learning_rate=0.0002, batch_size=8, dropout=own, weight_decay=0.01"
    spans = [telling.span(one) for one in made_search().dimensions]
    assert spans == ["0.1 to 10 times the plan's own", "powers of two from 4 to 64", "own, 0", "0 to 0.1"]
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    story = " ".join(telling.sentences(made_search()))
    assert "第 2 次试验最好" in story and "提升超出噪声" in story and "2 次因太弱提前结束" in story
