"""How deep parameters lie in models of pictures: of one with stages, each stage is a depth."""

from pathlib import Path

import pytest
import torch

from made_models import write_model
from tunesmith.rooms.train.layers import depths


@pytest.mark.parametrize(("kind", "layers"), [("convnext", 2), ("swin", 2), ("vit", 2)])
def test_depth_rises_from_the_first_weight_to_the_head(tmp_path: Path, kind: str, layers: int) -> None:
    from transformers import AutoModelForImageClassification

    torch.manual_seed(0)
    model = AutoModelForImageClassification.from_pretrained(write_model(kind, tmp_path))
    found = depths(model)
    assert set(found) == {name for name, _ in model.named_parameters()}
    assert set(found.values()) == set(range(layers + 2))
    assert list(found.values()) == sorted(found.values()), "deeper weights come later"
    assert {depth for name, depth in found.items() if "embeddings" in name} == {0}
    assert {depth for name, depth in found.items() if "classifier" in name} == {layers + 1}
