"""What choices hang on besides quality: the side an answer stood on, and its length."""

import numpy as np

from tunesmith.artifacts import Bias
from tunesmith.metrics.clustered import clustered_mean
from tunesmith.rooms.rate.result.ballots import Ballots, codes
from tunesmith.rooms.rate.votes import Vote

FEWEST_VOTES = 10
"""Of fewer choices nothing is said."""

LONGER = 1.1
"""An answer is longer if it has a tenth more characters: less, nobody sees."""


def biases(ballots: Ballots) -> tuple[Bias, ...]:
    """Of choices between two answers, ties left out; nothing of other kinds of votes."""
    decided = [vote for vote in ballots.votes if vote.value in ("a", "b")] if ballots.terms.kind == "ab" else []
    by_side = [(vote, float(vote.value == vote.first)) for vote in decided if vote.first]
    by_length = [(vote, took) for vote in decided if (took := _took_longer(ballots, vote)) is not None]
    found = (_bias(ballots, "position", by_side), _bias(ballots, "length", by_length))
    return tuple(one for one in found if one is not None)


def _bias(ballots: Ballots, name: str, votes: list[tuple[Vote, float]]) -> Bias | None:
    if len(votes) < FEWEST_VOTES:
        return None
    questions, raters = (codes([key(vote) for vote, _ in votes]) for key in (ballots.question, lambda one: one.rater))
    mean = clustered_mean(np.array([took for _, took in votes]), questions, raters)
    return Bias.model_validate(
        {"name": name, "share": mean.interval, "votes": mean.votes, "is_told": mean.p_of_half < 0.05}
    )


def _took_longer(ballots: Ballots, vote: Vote) -> float | None:
    """1 where the longer answer was chosen, 0 where the shorter was; None: about as long."""
    a, b = (len(answer.text) for answer in ballots.items[vote.item].answers)
    if max(a, b) <= LONGER * min(a, b):
        return None
    return float((a > b) == (vote.value == "a"))
