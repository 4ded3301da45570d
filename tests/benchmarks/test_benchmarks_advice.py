"""The study of the plan's advice: who is called best is never judged by the run that called it so."""

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module; it finds its neighbour as when it is run."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("counted", "strategies", "advice"):
        spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module: ModuleType = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
    return sys.modules["advice"]


def runs(study: Any, **scores: list[tuple[float, float]]) -> dict[str, list[Any]]:
    """Point → (dev, test) by seed."""
    return {
        study.PLAN if point == "plan" else point: [study.Outcome(dev, test, 1.0, 1.0) for dev, test in found]
        for point, found in scores.items()
    }


def test_a_lucky_seed_is_no_regret(study: Any) -> None:
    # ``lucky`` has the best dev score of all in the first seed, and is bad in the second, where it is judged.
    found = study.regret(runs(study, plan=[(0.8, 0.8), (0.8, 0.8)], lucky=[(0.9, 0.9), (0.6, 0.5)]))
    assert found.best == (study.PLAN, "lucky")
    assert found.test == pytest.approx(-15.0), "the plan in the first seed, 30 points below it in the second"


def test_what_is_better_with_every_seed_is_regretted(study: Any) -> None:
    found = study.regret(runs(study, plan=[(0.8, 0.7), (0.8, 0.72)], better=[(0.85, 0.75), (0.86, 0.75)]))
    assert found.best == ("better",)
    assert (found.dev, found.test) == (pytest.approx(5.5), pytest.approx(4.0))
    assert found.spread == pytest.approx(1.0)


def test_only_points_that_ran_with_all_seeds_count(study: Any) -> None:
    (name, *_), outcome = study.SETS, study.Outcome(0.5, 0.5, 1.0, 1.0)
    found = {(name, study.PLAN, seed): outcome for seed in (17, 18)} | {(name, "rate 3e-4", 17): outcome}
    assert list(study.complete(found, name, range(17, 19))) == [study.PLAN]


def test_rows_of_each_kind_are_told_apart(study: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_bytes(b"1 caf\xe9\n\n2 two\n")
    assert study.units(path, "lines") == ["1 caf\udce9\n", "2 two\n"]
    path.write_text("A\tO\nB\tO\n\n\t\nC\tO\n", encoding="utf-8")
    assert study.units(path, "blocks") == ["A\tO\nB\tO\n\n", "C\tO\n\n"]
    path.write_text('{\n "a": 1\n}\n{"a": "二"}\n', encoding="utf-8")
    assert study.units(path, "json") == ['{"a": 1}\n', '{"a": "二"}\n']


def test_the_clock_counts_products_and_nothing_else(study: Any) -> None:
    layer, x = torch.nn.Linear(4, 5), torch.ones(3, 4)
    forwards, kept = 2 * 3 * 4 * 5, (time.monotonic, torch.mm, torch.nn.functional.linear)
    with sys.modules["counted"].counted(1.0) as work:
        with torch.no_grad():
            layer(x)
        assert work.seconds == forwards
        layer(x)
        assert work.seconds == 3 * forwards, "and back to the weights"
        layer(x.requires_grad_())
        assert work.seconds == 6 * forwards, "and to what it was given"
        torch.mm(x.detach(), torch.ones(4, 5))
        began = time.monotonic()
        assert began == pytest.approx(7 * forwards) and time.monotonic() > began
    assert (time.monotonic, torch.mm, torch.nn.functional.linear) == kept
