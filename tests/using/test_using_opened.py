"""What may still be wished of a finished run."""

import pytest

from tunesmith.artifacts import Plan
from tunesmith.errors import UserError
from tunesmith.settings import Settings
from tunesmith.using.opened import writing_as

PLAN = Plan.model_construct(settings=Settings())


def test_of_a_shared_name_a_finished_run_has_a_choice_in_one() -> None:
    found = writing_as(PLAN, {"seed": 3, "temperature": 0.5}).settings
    assert (found.generate.seed, found.generate.temperature) == (3, 0.5)
    assert (found.train.seed, found.prepare.seed) == (17, 17)


def test_what_is_settled_stays() -> None:
    with pytest.raises(UserError, match=r"train\.seed"):
        writing_as(PLAN, {"train.seed": 3})
