"""The room's door: a run's papers and what was found anew in, a Verification out."""

import time

from tunesmith.artifacts import Verification
from tunesmith.rooms.verify.facts import Again, Kept
from tunesmith.rooms.verify.files import files, model_and_data
from tunesmith.rooms.verify.scores import scores


def is_whole(kept: Kept) -> bool:
    """Whether model and rows are what they were: only then is it worth while to ask the model again."""
    return all(claim.holds is not False for claim in model_and_data(kept))


def verify(kept: Kept, again: Again, *, began: float) -> Verification:
    """Every claim of a run; ``began`` by ``time.perf_counter``."""
    claims = (*files(kept), *scores(kept, again))
    return Verification(run=str(kept.folder), claims=claims, seconds=time.perf_counter() - began)
