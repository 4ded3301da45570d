"""The runs that a report is made of, each made once."""

import made_depth
import made_runs
import pytest

from tunesmith.rooms.report import Facts

RUNS = ("english", "chinese", "tagging", "many", "perfect", "hostile", "wrong")


@pytest.fixture(scope="session")
def runs() -> dict[str, Facts]:
    """All made-up runs by name."""
    return {name: getattr(made_runs, name)() for name in RUNS} | {"deep": made_depth.deep()}


@pytest.fixture(scope="session")
def english(runs: dict[str, Facts]) -> Facts:
    """Six classes, English."""
    return runs["english"]


@pytest.fixture(scope="session")
def deep(runs: dict[str, Facts]) -> Facts:
    """The same, judged in every way there is."""
    return runs["deep"]


@pytest.fixture(params=(*RUNS, "deep"))
def each(request: pytest.FixtureRequest, runs: dict[str, Facts]) -> Facts:
    """Every made-up run in turn."""
    return runs[request.param]
