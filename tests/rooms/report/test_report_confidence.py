"""What is said of confidences follows their calibration, and of thresholds what they bring."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from made_depth import between, calibration, thresholds, with_evaluation
from made_facts import interval

from tunesmith.artifacts import Costs, Evaluation, Threshold
from tunesmith.rooms.report import Facts, confidence


def judged(facts: Facts, **changed: Any) -> Evaluation:
    return with_evaluation(facts, **changed).evaluation


@pytest.mark.parametrize(
    ("too_sure", "words"),
    [(0.08, "it is too sure of itself"), (-0.09, "it is too modest"), (0.01, "taken at its word")],
)
def test_the_side_to_which_it_errs_is_named(too_sure: float, words: str) -> None:
    found = calibration(too_sure, error=between(abs(too_sure) - 0.005, abs(too_sure) + 0.005))
    assert any(words in one for one in confidence.told(found))
    assert confidence.leaning(found) == pytest.approx(too_sure)


def test_an_error_that_chance_shows_is_no_fault(english: Facts) -> None:
    by_chance = calibration(0.08, p=0.4, error_after=None)
    assert any("no more than chance shows" in one for one in confidence.told(by_chance))
    assert confidence.limit(judged(english, calibration=by_chance)) == ""
    assert confidence.limit(judged(english, calibration=calibration(0.08, error_after=None))) != ""


def test_a_temperature_that_mends_it_ends_the_limit(english: Facts) -> None:
    mended = calibration(0.08)
    assert confidence.limit(judged(english, calibration=mended)) == ""
    told = confidence.told(mended)[-1]
    assert "temperature of 1.42, fitted on dev, is saved" in told and "2.0 points" in told


def test_the_confidence_that_is_spoken_of_has_enough_answers() -> None:
    bins = calibration().bins
    lone = bins[3].model_copy(update={"rows": confidence.FEW - 1})
    found = calibration(bins=(*bins[:3], lone, bins[4]))
    assert confidence.spoken(calibration()).startswith("When it says 90%, it is right 82 times in 100 (")
    assert confidence.spoken(found).startswith("When it says 97%")
    assert confidence.spoken(calibration(bins=())) == ""
    mended = calibration(bins_after=calibration(0.01).bins)
    assert confidence.spoken(mended).startswith("When it says 90%, it is right 89 times in 100 (")


def test_a_threshold_is_advised_where_it_halves_the_errors(english: Facts) -> None:
    assert confidence.advised(judged(english, thresholds=thresholds())).startswith(
        "Answered only when at least 80% sure"
    )
    useless = tuple(one.model_copy(update={"right": interval(0.88, 500)}) for one in thresholds())
    assert confidence.advised(judged(english, thresholds=useless)) == ""
    rarely = [one.model_copy(update={"answered": one.answered if one.at_least < 0.8 else 0.3}) for one in thresholds()]
    assert confidence.advised(judged(english, thresholds=tuple(rarely))) == ""
    right = tuple(one.model_copy(update={"right": interval(1.0, 500)}) for one in thresholds())
    assert confidence.advised(judged(english, thresholds=right)) == ""
    assert confidence.advised(english.evaluation) == ""


def test_every_bin_is_a_dot_with_its_interval_and_agreement_a_diagonal() -> None:
    picture = ET.fromstring(confidence.reliability(calibration()))
    assert len(picture.findall(".//circle")) == len(picture.findall(".//line[@class='whisker']")) == 5
    ideal = picture.find("line[@class='mark']")
    assert ideal is not None and float(ideal.attrib["x1"]) < float(ideal.attrib["x2"])
    # Each of these is right less often than it says, so that every dot lies below the diagonal.
    x, y = (
        float(ideal.attrib["x2"]) - float(ideal.attrib["x1"]),
        float(ideal.attrib["y1"]) - float(ideal.attrib["y2"]),
    )
    for dot in picture.findall(".//circle"):
        across, up = (
            float(dot.attrib["cx"]) - float(ideal.attrib["x1"]),
            float(ideal.attrib["y1"]) - float(dot.attrib["cy"]),
        )
        assert up / y < across / x


def test_coverage_is_drawn_from_thresholds_that_answer_enough_rows(english: Facts) -> None:
    few = Threshold(at_least=0.99, answered=0.01, right=interval(1.0, 5))
    drawn = confidence.coverage(judged(english, thresholds=(*thresholds(), few)))
    assert drawn is not None and len(ET.fromstring(drawn).findall(".//circle")) == len(thresholds())
    assert confidence.coverage(judged(english, thresholds=(thresholds()[0],))) is None


def test_named_prices_are_told(english: Facts) -> None:
    prices = Costs(plain=between(0.2, 0.3), least=between(0.15, 0.25), saved=between(0.02, 0.08), changed=0.031)
    assert "would change 3.1% of the answers and cost 0.200: 0.050" in confidence.priced(judged(english, costs=prices))
    assert confidence.priced(english.evaluation) == ""
