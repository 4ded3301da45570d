"""Texts read by their mean: one layer computes it, whatever the padding, and plain transformers loads it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from encoders import SEQUENCE, answers, batch, made
from torch.nn import functional
from transformers import AutoModelForSequenceClassification

from tunesmith.models.inputs import tensors
from tunesmith.models.methods.frozen import Frozen
from tunesmith.models.methods.mean import MEAN_SHARE, read_by_mean

DEEPER = ("bert", "electra", "roberta", "distilbert")


def states(model: Any, rows: dict[str, np.ndarray]) -> torch.Tensor:
    """Outputs of the last layer (b, t, h)."""
    with torch.no_grad():
        found: torch.Tensor = model.base_model(**tensors(rows, torch.device("cpu"))).last_hidden_state
    return found


@pytest.mark.parametrize("kind", DEEPER)
def test_the_first_place_holds_the_normed_mean_of_the_real_tokens(kind: str) -> None:
    model, rows = made(kind), batch(kind)
    below, mask = states(model, rows), torch.from_numpy(rows["attention_mask"])[..., None]
    assert read_by_mean(model)
    mean = (below * mask).sum(1) / mask.sum(1)
    wanted = functional.layer_norm(MEAN_SHARE * mean + below[:, 0], mean.shape[-1:])
    assert torch.allclose(states(model, rows)[:, 0], wanted, atol=1e-4)
    assert model.config.num_hidden_layers == 4


@pytest.mark.parametrize("kind", [*DEEPER, "modernbert"])
def test_it_loads_as_any_other_model_and_answers_the_same(kind: str, tmp_path: Path) -> None:
    model, rows = made(kind), batch(kind)
    assert read_by_mean(model)
    again = Frozen(model, 0, auto_class=SEQUENCE, cache=None).whole(None)
    again.save_pretrained(tmp_path)
    assert torch.equal(
        answers(AutoModelForSequenceClassification.from_pretrained(tmp_path), rows), answers(model, rows)
    )


def test_of_many_layers_the_last_one_gives_way() -> None:
    model, rows = made(num_hidden_layers=5), batch()
    with torch.no_grad():
        found = model.base_model(**tensors(rows, torch.device("cpu")), output_hidden_states=True)
    below, mask = found.hidden_states[4], torch.from_numpy(rows["attention_mask"])[..., None]
    assert read_by_mean(model)
    mean = (below * mask).sum(1) / mask.sum(1)
    wanted = functional.layer_norm(MEAN_SHARE * mean + below[:, 0], mean.shape[-1:])
    assert torch.allclose(states(model, rows)[:, 0], wanted, atol=1e-4)
    assert model.config.num_hidden_layers == len(model.bert.encoder.layer) == 5


def test_a_model_that_reads_means_gets_no_further_layer() -> None:
    model = made()
    read_by_mean(model)
    read_by_mean(model)
    assert model.config.num_hidden_layers == len(model.bert.encoder.layer) == 4


def test_a_kind_that_offers_no_way_stays_as_it_is() -> None:
    model = made()
    model.config.model_type = "another"
    assert not read_by_mean(model) and model.config.num_hidden_layers == 3
