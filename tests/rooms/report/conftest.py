"""The runs that a report is made of, each made once."""

import made_runs
import pytest

from tunesmith.rooms.report import Facts

RUNS = ("english", "chinese", "tagging", "many", "perfect", "hostile")


@pytest.fixture(scope="session")
def runs() -> dict[str, Facts]:
    """All made-up runs by name."""
    return {name: getattr(made_runs, name)() for name in RUNS}


@pytest.fixture(scope="session")
def english(runs: dict[str, Facts]) -> Facts:
    """Six classes, English."""
    return runs["english"]


@pytest.fixture(params=RUNS)
def each(request: pytest.FixtureRequest, runs: dict[str, Facts]) -> Facts:
    """Every made-up run in turn."""
    return runs[request.param]
