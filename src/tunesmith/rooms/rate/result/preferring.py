"""Which system people prefer: each pair of systems, and all of them together."""

from collections.abc import Sequence

import numpy as np

from tunesmith.artifacts import Preferred, Standing
from tunesmith.artifacts.comparison import Finding
from tunesmith.artifacts.ratings import Basis
from tunesmith.metrics.clustered import Mean, clustered_mean
from tunesmith.metrics.correction import holm
from tunesmith.metrics.sheet import Resampling
from tunesmith.metrics.strength import SIGNIFICANCE, bradley_terry, items_to_tell, sign_test, tellable
from tunesmith.rooms.rate.result.ballots import Ballots, Said, choices, codes, grades, versus

FEWEST_ITEMS = 6
"""With fewer even the same preference on every item has a chance above 5% (sign test: 2 / 2⁵ is 6%)."""

FEWEST_SYSTEMS = 3
"""Two systems are told by their share; from three up, one scale for all of them says more."""


def compared(ballots: Ballots, criterion: str) -> tuple[Basis, list[Said]]:
    """All preferences by one criterion, and what they were told from."""
    kind = ballots.terms.kind
    if kind == "ab":
        return "choices", choices(ballots, criterion)
    return "grades" if kind == "scale" else "right", versus(grades(ballots, criterion), ballots.terms.systems)


def preferred(ballots: Ballots) -> tuple[Preferred, ...]:
    """Every pair of systems by every criterion; p is corrected for their number."""
    found = []
    for criterion in ballots.terms.asked:
        basis, said = compared(ballots, criterion)
        pairs = dict.fromkeys((one.first, one.second) for one in said)
        for first, second in pairs:
            between = [one for one in said if (one.first, one.second) == (first, second)]
            found.append(_pair(between, criterion, basis))
    corrected = holm([one.p for one in found])
    return tuple(_ruled(one, p) for one, p in zip(found, corrected, strict=True))


def standings(ballots: Ballots, resampling: Resampling) -> tuple[Standing, ...]:
    """All systems on one scale by every criterion, the strongest first; nothing where there are only two."""
    found: list[Standing] = []
    if len(ballots.terms.systems) < FEWEST_SYSTEMS:
        return ()
    for criterion in ballots.terms.asked:
        _, said = compared(ballots, criterion)
        met = {name for one in said for name in (one.first, one.second)}
        systems = [name for name in ballots.terms.systems if name in met]
        if len(systems) >= FEWEST_SYSTEMS:
            found += sorted(_ranked(said, systems, criterion, resampling), key=lambda one: -one.chance.value)
    return tuple(found)


def _pair(said: Sequence[Said], criterion: str, basis: Basis) -> Preferred:
    worths = np.array([one.worth for one in said])
    questions = codes([one.question for one in said])
    found = clustered_mean(worths, questions, codes([one.rater for one in said]), step=0.5)
    return Preferred(
        first=said[0].first,
        second=said[0].second,
        criterion=criterion,
        basis=basis,
        share=found.interval,
        wins=int((worths > 0.5).sum()),
        ties=int((worths == 0.5).sum()),
        losses=int((worths < 0.5).sum()),
        items=found.items,
        p=found.p_of_half,
        sign=sign_test(worths, questions),
        finding="unclear",
        items_needed=_needed(found),
        tellable=tellable(found),
    )


def _needed(found: Mean) -> int | None:
    needed = items_to_tell(found)
    # What a guess from few items says must at least be more than there are, where they do not tell.
    return None if needed is None else max(needed, found.items + 1)


def _ruled(one: Preferred, p: float) -> Preferred:
    """With the corrected p, and what it means."""
    finding: Finding = "unclear"
    if p < SIGNIFICANCE and one.items >= FEWEST_ITEMS:
        finding = "better" if one.share.value > 0.5 else "worse"
    needed = one.items_needed if finding == "unclear" else None
    return one.model_copy(update={"p": p, "finding": finding, "items_needed": needed})


def _ranked(said: Sequence[Said], systems: list[str], criterion: str, resampling: Resampling) -> list[Standing]:
    pairs = np.array([(systems.index(one.first), systems.index(one.second)) for one in said], np.int64)
    worths, questions = np.array([one.worth for one in said]), codes([one.question for one in said])
    return [
        Standing(
            system=system,
            criterion=criterion,
            chance=found.chance,
            strength=found.strength,
            rank=found.rank,
            votes=int((pairs == place).any(axis=1).sum()),
        )
        for place, (system, found) in enumerate(
            zip(systems, bradley_terry(pairs, worths, questions, resampling), strict=True)
        )
    ]
