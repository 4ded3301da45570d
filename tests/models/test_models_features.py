"""Frozen features: what they are made of, the same in any company, kept and made anew."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tunesmith.models import features as features_module
from tunesmith.models.features import FOLDER, frozen
from tunesmith.settings import ModelSettings

TEXTS = ["good film", "bad film the film", "a", "", "the good the bad " * 40]


def told(share: float) -> None:
    """Nobody listens."""


def test_a_text_has_the_same_features_in_any_company(tiny: Callable[..., Path], own_cache: Path) -> None:
    compute = frozen(tiny(), ModelSettings())
    together = compute(TEXTS, told)
    # Three states (embeddings and two layers), a mean and a maximum each, 16 wide.
    assert (together.shape, together.dtype) == ((5, 3 * 2 * 16), np.float32)
    for at, text in enumerate(TEXTS):
        assert compute([text], told)[0] == pytest.approx(together[at], abs=2e-3)
    assert np.isfinite(together).all()


def test_means_are_those_of_the_model_itself(tiny: Callable[..., Path], own_cache: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = tiny()
    model = AutoModel.from_pretrained(folder).eval()
    ids = AutoTokenizer.from_pretrained(folder)("good film", truncation=False, padding=False)["input_ids"]
    with torch.inference_mode():
        last = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    found = frozen(folder, ModelSettings())(["good film"], told)[0]
    assert found[-32:-16] == pytest.approx(last.mean(0).numpy(), abs=2e-3)
    assert found[-16:] == pytest.approx(last.max(0).values.numpy(), abs=2e-3)


def test_they_are_kept_by_content_and_a_damaged_file_is_made_anew(
    tiny: Callable[..., Path], own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    computed = features_module._computed
    monkeypatch.setattr(features_module, "_computed", lambda *a: (calls.append(1), computed(*a))[1])
    compute = frozen(tiny(), ModelSettings())
    first = compute(TEXTS, told)
    assert (compute(TEXTS, told) == first).all() and len(calls) == 1
    compute(TEXTS[:2], told)
    assert len(calls) == 2
    for path in (own_cache / FOLDER).iterdir():
        path.write_bytes(path.read_bytes()[:60])
    assert (compute(TEXTS, told) == first).all() and len(calls) == 3


def test_a_disk_that_refuses_costs_nothing_but_time(tiny: Callable[..., Path], own_cache: Path) -> None:
    (own_cache / FOLDER).write_text("in the way", encoding="utf-8")
    assert frozen(tiny(), ModelSettings())(TEXTS, told).shape[0] == 5


def test_progress_rises_to_the_end(tiny: Callable[..., Path], own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features_module, "PASS_TOKENS", 8)
    shares: list[float] = []
    frozen(tiny(), ModelSettings())(TEXTS, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 2
