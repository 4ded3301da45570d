"""What scores alone do not say: may its confidence be believed, where is it worse, which rows are to be looked at."""

from tunesmith.artifacts import Evaluation
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.evaluate.calibration import calibrated, sureness, thresholds
from tunesmith.rooms.evaluate.costs import costs
from tunesmith.rooms.evaluate.doubts import doubtful, suspects
from tunesmith.rooms.evaluate.given import Given
from tunesmith.rooms.evaluate.own_thresholds import own_thresholds
from tunesmith.rooms.evaluate.slices import slices
from tunesmith.settings import EvaluateSettings


def deepened(found: Evaluation, given: Given, settings: EvaluateSettings, *, are_fitted_on: bool) -> Evaluation:
    """``found`` with calibration, thresholds (of sureness, and of labels), costs, slices and doubts.

    Args:
        given: the rows and answers that ``found`` is of.
        are_fitted_on: the temperature was fitted on these very rows.
    """
    judged, decisions = given.judged, given.decisions
    resampling = Resampling(samples=settings.bootstrap_samples, seed=settings.seed)
    more: dict[str, object] = {"slices": slices(given), "label_thresholds": own_thresholds(given, resampling)}
    if decisions is not None:
        more["calibration"] = calibrated(
            given.judging,
            given.truths,
            given.answers,
            judged.temperature,
            resampling=resampling,
            are_fitted_on=are_fitted_on,
        )
        more["thresholds"] = thresholds(sureness(decisions, len(given)))
        more["doubtful"], more["suspects"] = doubtful(given, decisions), suspects(given, decisions)
        priced, notes = costs(decisions, judged.labels, settings.costs, rows=len(given))
        more["costs"], more["notes"] = priced, (*found.notes, *notes)
    return found.model_copy(update=more)
