"""What places bring to an answer, held against models whose answer is known to come from one place."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from made_models import write_model
from tunesmith.artifacts import Sense
from tunesmith.models.inside.looking import traced
from tunesmith.models.inside.shown import NOWHERE, Shown, integrated, read_by_head, without


class Corner(nn.Module):
    """Two classes; the second one by how bright the upper left quarter of a picture of 8 x 8 is."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(num_labels=2)
        self.head = nn.Linear(1, 2)
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor([[-2.0], [2.0]]))
            self.head.bias.zero_()

    def forward(self, pixel_values: Tensor) -> SimpleNamespace:
        return SimpleNamespace(logits=self.head(pixel_values[:, :, :4, :4].mean((1, 2, 3))[:, None]))


def shown(*, owner: np.ndarray | None = None, seed: int = 0) -> Shown:
    own = torch.rand((3, 8, 8), generator=torch.Generator().manual_seed(seed)) + 0.5
    quarters = np.arange(8) // 4
    return Shown(
        name="pixel_values",
        own=own,
        nothing=torch.zeros_like(own),
        more={},
        owner=quarters[:, None] * 2 + quarters if owner is None else owner,
        outputs=(1, 0),
        heat=1.5,
        tokens=4,
    )


def test_all_comes_from_the_place_that_the_model_looks_at() -> None:
    found = integrated(Corner(), shown())
    assert found.is_complete
    np.testing.assert_allclose(found.each.sum(1), found.whole - found.empty, atol=0.01)
    np.testing.assert_allclose(found.each[:, 1:], 0, atol=1e-12)
    assert found.each[0, 0] > 0.2
    assert found.each[1, 0] == pytest.approx(-found.each[0, 0], abs=1e-6), "two classes share one whole"


def test_covering_that_place_leaves_what_an_empty_picture_gives() -> None:
    asked = shown()
    values = without(Corner(), asked, ~np.eye(4, dtype=bool))
    ends = integrated(Corner(), asked)
    np.testing.assert_allclose(values[0], ends.empty, atol=1e-6)
    np.testing.assert_allclose(values[1:], np.tile(ends.whole, (3, 1)), atol=1e-6)


def test_what_belongs_to_no_place_is_never_covered() -> None:
    owner = np.full((8, 8), NOWHERE)
    owner[4:, 4:] = 0
    asked = shown(owner=owner)
    variants = asked.with_places(np.asarray([[True], [False]]))
    torch.testing.assert_close(variants[0], asked.own)
    torch.testing.assert_close(variants[1][:, :4], asked.own[:, :4])
    assert (variants[1][:, 4:, 4:] == 0).all()


def test_sums_over_places_leave_out_what_belongs_to_none() -> None:
    owner = np.asarray([[0, 1], [NOWHERE, 1]])
    each = np.asarray([[[1.0, 2.0], [4.0, 8.0]], [[10.0, 20.0], [40.0, 80.0]]])
    asked = shown(owner=owner)
    np.testing.assert_allclose(asked.summed(each), [11.0, 110.0])


def test_the_head_reads_what_it_reads() -> None:
    batch = {"pixel_values": torch.rand((5, 3, 8, 8), generator=torch.Generator().manual_seed(2))}
    found = read_by_head(Corner(), [batch, batch])
    assert found is not None
    own = batch["pixel_values"][:, :, :4, :4].mean((1, 2, 3)).numpy()
    np.testing.assert_allclose(found[:, 0], [*own, *own], atol=1e-6)


# ---------------------------------------------------------------- attention

PIXELS = Sense(input="pixel_values", shape=(3, 32, 32), kept="uint8", tokens=16)
TONES = Sense(input="input_features", shape=(16, 100), kept="float16", time=1, rate=16000, window=16000, tokens=50)
FRAMES = Sense(input="input_values", shape=(64, 32), kept="float16", time=0, rate=16000, window=10240, tokens=8)


def opened(kind: str, folder: object, auto: str) -> nn.Module:
    import transformers

    write_model(kind, folder)  # type: ignore[arg-type]
    return getattr(transformers, auto).from_pretrained(folder, attn_implementation="eager").eval()


@pytest.mark.parametrize(
    ("kind", "sense", "special", "first"),
    [("vit", PIXELS, 1, (0,)), ("deit", PIXELS, 2, (0,)), ("whisper", TONES, 0, None), ("ast", FRAMES, 2, (0, 1))],
)
def test_rollout_over_places_is_the_product_of_the_models_own_attentions(
    tmp_path: object, kind: str, sense: Sense, special: int, first: tuple[int, ...] | None
) -> None:
    auto = "AutoModelForImageClassification" if sense is PIXELS else "AutoModelForAudioClassification"
    model = opened(kind, tmp_path, auto)
    values = torch.randn((1, *sense.shape), generator=torch.Generator().manual_seed(3))
    found = traced(model, {sense.input: values}, sense)
    assert found is not None
    with torch.no_grad():
        each = model(**{sense.input: values}, output_attentions=True).attentions
    flow = torch.eye(each[0].shape[-1])
    for weights in each:
        flow = (0.5 * weights[0].mean(0) + 0.5 * torch.eye(len(flow))) @ flow
    row = flow.mean(0) if first is None else flow[list(first)].mean(0)
    assert found.shape == (sense.shape[1:] if sense.time is None else sense.shape)
    assert found.sum() == pytest.approx(float(row[special:].sum()), abs=1e-5)
    if kind == "vit":
        # Patches of 8 x 8, from left to right and down.
        np.testing.assert_allclose(found[0:8, 8:16].sum(), float(row[special + 1]), atol=1e-5)
    if kind == "whisper":
        np.testing.assert_allclose(found[:, 0:2].sum(), float(row[0]), atol=1e-5)
    if kind == "ast":
        # Four patches along time lie behind each other for the lowest tones; the first hears the first frames.
        assert found[0, 0] > 0


@pytest.mark.parametrize("kind", ["convnext", "swin"])
def test_where_no_attention_is_over_the_whole_none_is_traced(tmp_path: object, kind: str) -> None:
    model = opened(kind, tmp_path, "AutoModelForImageClassification")
    assert traced(model, {"pixel_values": torch.randn(1, 3, 32, 32)}, PIXELS) is None
