"""Pictures and sounds that are mixed: what comes out, by which share labels count, and that a seed decides all."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tunesmith.models.losses import summed_cross_entropy
from tunesmith.rooms.train.mixing import Mixing, blended, cut

CRITERION = partial(summed_cross_entropy, smoothing=0.0)


class Looked(nn.Module):
    """Answers with fixed logits and keeps what it was shown."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)
        self.seen: dict[str, Tensor] = {}

    def forward(self, **inputs: Tensor) -> "Looked":
        self.seen = inputs
        return self


def batch(shape: tuple[int, ...] = (4, 3, 8, 8)) -> dict[str, np.ndarray]:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return {"pixel_values": values, "labels": np.arange(4) % 2}


@pytest.mark.parametrize("shape", [(4, 3, 16, 16), (4, 20, 12), (4, 100)])
def test_a_cut_takes_a_rectangle_and_says_how_much_is_left(shape: tuple[int, ...]) -> None:
    items = np.zeros(shape, np.float32) + np.arange(4, dtype=np.float32).reshape(-1, *[1] * (len(shape) - 1))
    partner = np.asarray([1, 2, 3, 0])
    for seed in range(20):
        random = np.random.default_rng(seed)
        mixed, share = cut(items, partner, float(random.beta(1, 1)), random)
        for at in range(4):
            assert set(np.unique(mixed[at])) <= {float(at), float(partner[at])}
            assert (mixed[at] == at).mean() == pytest.approx(share, abs=1e-6)


def test_a_blend_is_between_both() -> None:
    items = np.asarray([[0.0, 1.0], [4.0, 3.0]], np.float32)
    mixed, share = blended(items, np.asarray([1, 0]), 0.75, np.random.default_rng(0))
    np.testing.assert_allclose(mixed, [[1.0, 1.5], [3.0, 2.5]])
    assert share == 0.75


@pytest.mark.parametrize("ways", [{"mixup": 0.4, "cutmix": 0.0}, {"mixup": 0.0, "cutmix": 1.0}])
def test_the_loss_counts_both_labels_by_their_share(ways: dict[str, float]) -> None:
    model, given = Looked(torch.randn(4, 2, generator=torch.Generator().manual_seed(1))), batch()
    labels = torch.from_numpy(given["labels"])
    own, other = (
        torch.nn.functional.cross_entropy(model.logits, one, reduction="none") for one in (labels, 1 - labels)
    )
    low, high = torch.minimum(own, other).sum(), torch.maximum(own, other).sum()
    shown, losses = set(), []
    for seed in (*range(6), 0):
        torch.manual_seed(seed)
        losses.append(Mixing(CRITERION, **ways)(model, given).loss.item())
        shown.add(model.seen["pixel_values"].numpy().tobytes())
        assert low - 1e-4 <= losses[-1] <= high + 1e-4
    assert losses[0] == losses[-1], "the step's seed decides all"
    assert len(set(losses)) > 3, "shares differ"
    assert len(shown - {given["pixel_values"].tobytes()}) >= 4, "pictures are mixed"


def test_a_mixture_of_waves_is_as_long_as_the_longer_one() -> None:
    mask = np.asarray([[1, 1, 1, 0], [1, 0, 0, 0]])
    given = {"input_values": np.ones((2, 4), np.float32), "attention_mask": mask, "labels": np.asarray([0, 1])}
    for seed in range(6):
        torch.manual_seed(seed)
        model = Looked(torch.zeros(2, 2))
        Mixing(CRITERION, mixup=1.0, cutmix=0.0)(model, given)
        seen = model.seen["attention_mask"].numpy()
        assert (seen >= mask).all()
        assert seen.shape == mask.shape
