"""The study of domain adaptation: nothing that scores a model was read, and a set's rows are always the same."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "domain.py"


@pytest.fixture
def study(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    spec = importlib.util.spec_from_file_location("domain", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "DATA", shared_data)
    return module


@pytest.mark.parametrize("name", ["waimai", "hotels"])
def test_no_row_that_scores_is_read_or_learned(study: Any, name: str) -> None:
    found, again = study.labelled(name), study.labelled(name)
    assert found == again
    assert [len(found[split]) for split in ("train", "dev", "test")] == [160, 160, 600]
    read = list(study.unlabelled("reviews"))
    rows = study.table(name)
    assert [row["text"] for split in ("train", "dev", "test") for row in found[split]] == [
        row["text"] for row in rows[:920]
    ]
    held = {row["text"] for row in found["test"]}
    assert not held & set(read)
    assert {row["text"] for row in rows[920:]} - held <= set(read)


def test_the_source_s_own_overlap_is_left_out(study: Any) -> None:
    found = study.labelled("eprstmt")
    assert [len(found[split]) for split in ("train", "dev", "test")] == [160, 160, 610]
    held = {row["text"] for row in found["test"]}
    assert len(held & set(study._all("reviews"))) == 45
    assert not held & set(study.unlabelled("reviews"))
