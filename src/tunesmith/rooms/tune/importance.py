"""Which settings made scores differ: functional analysis of variance over a forest of trees (Hutter et al. 2014)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.artifacts.trials import Dimension, Trial
from tunesmith.metrics.direction import worth
from tunesmith.rooms.tune.storage import quiet

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

METHOD = "fANOVA"

FEWEST = 6
"""Trials below which a forest has too little to tell settings apart."""

TREES = 64


def importance(
    trials: Sequence[Trial], dimensions: Sequence[Dimension], *, monitor: str, seed: int
) -> dict[str, float]:
    """Share of the scores' variance that each setting alone explains; the most important first, empty for few trials.

    A trial counts with the best score that it had when it ended: one that was ended early had a weak one.
    """
    import optuna
    from optuna.importance import FanovaImportanceEvaluator
    from optuna.trial import create_trial

    quiet()
    scored = [one for one in trials if one.score is not None and one.state in {"finished", "pruned"}]
    varied = [one for one in dimensions if len({trial.values.get(one.path) for trial in scored}) > 1]
    if len(scored) < FEWEST or not varied or len({trial.score for trial in scored}) < 2:
        return {}
    study = optuna.create_study(direction="maximize")
    distributions = {one.path: _distribution(one, scored) for one in varied}
    for trial in scored:
        # As text: what was chosen may be no value at all.
        params = {one.path: _param(one, trial) for one in varied}
        score = worth(monitor, trial.score or 0.0)
        study.add_trial(create_trial(params=params, distributions=distributions, value=score))
    evaluator = FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {path: float(share) for path, share in found.items()}


def _distribution(dimension: Dimension, trials: Sequence[Trial]) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    seen = [_param(dimension, trial) for trial in trials]
    if dimension.choices:
        return CategoricalDistribution(sorted({str(value) for value in seen}))
    numbers = [float(value) for value in seen]
    return FloatDistribution(min(numbers), max(numbers), log=dimension.is_log or dimension.is_power)


def _param(dimension: Dimension, trial: Trial) -> str | float:
    value = trial.values[dimension.path]
    if dimension.choices:
        return str(value)
    assert isinstance(value, int | float), dimension.path
    return float(value)
