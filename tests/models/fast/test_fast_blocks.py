"""Models of pictures and sounds made fast, against plain transformers: the same losses and the same gradients."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tunesmith.device import machine
from tunesmith.models.fast.blocks import Hastening
from tunesmith.models.fast.dropout import ByteDropout, with_byte_dropout
from tunesmith.rooms.train.assemble import _hastened
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS

CLOSE = 1e-5

LAYERS: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
STAGES: dict[str, Any] = {"hidden_sizes": [8, 12], "depths": [1, 2], "num_stages": 2, "patch_size": 2}

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "convnextv2": ("Image", STAGES),
    "convnext": ("Image", STAGES),
    "vit": ("Image", {**LAYERS, "patch_size": 4}),
    "swin": ("Image", {"embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2], "window_size": 2, "patch_size": 2}),
    "whisper": (
        "Audio",
        {
            "num_mel_bins": 8, "max_source_positions": 10, "d_model": 16, "encoder_layers": 2,
            "encoder_attention_heads": 2, "encoder_ffn_dim": 24, "classifier_proj_size": 8, "vocab_size": 8,
            "decoder_layers": 1, "decoder_attention_heads": 1, "decoder_ffn_dim": 8, "pad_token_id": 0,
        },
    ),
    "audio-spectrogram-transformer": ("Audio", {**LAYERS, "num_mel_bins": 16, "max_length": 24, "patch_size": 8}),
}  # fmt: skip
"""Kinds of model by the modality of their task; small, and as transformers makes them but for their sizes."""


def model_of(kind: str, **more: Any) -> nn.Module:
    import transformers

    modality, given = KINDS[kind]
    config = transformers.AutoConfig.for_model(kind, num_labels=3, **{"image_size": 16, **given, **more})
    torch.manual_seed(3)
    model: nn.Module = getattr(transformers, f"AutoModelFor{modality}Classification").from_config(config)
    # What begins as zeros or ones, and the small numbers of new layers, would hide what is wrong.
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.3)
    return model.train()


def batch_of(kind: str, side: int = 16) -> dict[str, Tensor]:
    torch.manual_seed(5)
    shape = {"whisper": (4, 8, 20), "audio-spectrogram-transformer": (4, 24, 16)}.get(kind, (4, 3, side, side))
    name = {"whisper": "input_features", "audio-spectrogram-transformer": "input_values"}.get(kind, "pixel_values")
    return {name: torch.randn(shape), "labels": torch.tensor([0, 1, 2, 0])}


def learned(model: nn.Module, batch: dict[str, Tensor]) -> tuple[float, dict[str, Tensor]]:
    model.zero_grad()
    loss = model(**batch).loss
    loss.backward()
    return loss.item(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def difference(plain: nn.Module, fast: nn.Module, batch: dict[str, Tensor]) -> float:
    """The largest of loss and gradients; of these as a share of each weight's largest, where that is above 1."""
    (loss, gradients), (other, others) = learned(plain, batch), learned(fast, batch)
    assert gradients.keys() == others.keys()
    shares = [
        ((value - others[name]).abs().max() / max(1.0, float(value.abs().max()))).item()
        for name, value in gradients.items()
    ]
    return max(abs(loss - other), *shares)


@pytest.mark.parametrize("kind", KINDS)
def test_losses_and_gradients_are_those_of_plain_transformers(kind: str) -> None:
    more = {"dropout": 0.0} if kind == "whisper" else {}
    plain, fast = model_of(kind, **more), model_of(kind, **more)
    Hastening(fast)
    assert difference(plain, fast, batch_of(kind)) < CLOSE


@pytest.mark.parametrize("side", [4, 24, 48])
def test_maps_of_every_size(side: int) -> None:
    """Products of places, products of rows, and the library's own way; maps that are smaller than the kernel."""
    plain, fast = (model_of("convnextv2", image_size=side) for _ in range(2))
    Hastening(fast)
    assert difference(plain, fast, batch_of("convnextv2", side)) < CLOSE


def test_the_parts_of_a_response_are_really_computed_otherwise() -> None:
    model = model_of("convnextv2")
    before = [type(part).__name__ for part in model.modules()]
    Hastening(model)
    asked: list[str] = []

    def note(part: nn.Module, args: tuple[Tensor], out: Tensor) -> None:
        asked.append(type(part).__name__ if out is args[0] else "computed")

    for name, part in model.named_modules():
        if name.endswith(("grn", "pwconv2")):
            part.register_forward_hook(note)
    model(**batch_of("convnextv2"))
    assert asked == ["ConvNextV2GRN", "Linear"] * sum(STAGES["depths"])
    assert [type(part).__name__ for part in model.modules()] == before


def test_a_channel_without_any_response_has_finite_gradients() -> None:
    """Far below zero GELU gives exactly 0 everywhere: a length of 0, by which nothing may be divided."""
    plain, fast = model_of("convnextv2"), model_of("convnextv2")
    for model in (plain, fast):
        with torch.no_grad():
            model.get_parameter("convnextv2.encoder.stages.0.layers.0.pwconv1.bias")[0] = -1e4
    Hastening(fast)
    assert difference(plain, fast, batch_of("convnextv2")) < CLOSE
    assert all(p.grad.isfinite().all() for p in fast.parameters() if p.grad is not None)


def test_weights_keep_their_names_and_a_removed_hastening_leaves_a_plain_model() -> None:
    for kind in ("convnextv2", "whisper"):
        model, batch = model_of(kind).eval(), batch_of(kind)
        names, before = list(model.state_dict()), model(**batch).logits
        hastening = Hastening(model)
        assert list(model.state_dict()) == names
        assert (model(**batch).logits - before).abs().max() < CLOSE
        hastening.remove()
        assert torch.equal(model(**batch).logits, before)
        assert not any("forward" in vars(part) or part._forward_hooks for part in model.modules())


def test_dropout_by_number_falls_where_it_fell_before() -> None:
    """With a share so near to 1 that nothing is kept, both give the same; with none drawn, the answers differ."""
    plain, fast = (model_of("whisper", dropout=1.0, activation_dropout=0.0) for _ in range(2))
    Hastening(fast)
    assert fast.get_submodule("encoder.layers.0").dropout == 0.0
    batch = batch_of("whisper")
    # 255 of 256 values of a byte mean dropped, so what is left is little, and it is seen.
    fast_logits = [fast(**batch).logits for _ in range(2)]
    assert not torch.equal(*fast_logits)
    assert torch.equal(*(plain(**batch).logits for _ in range(2)))


def test_an_adapter_is_left_as_it_is() -> None:
    class Adapted(nn.Linear):
        """Stands for a product with something beside it."""

    model = model_of("convnextv2")
    layer = model.get_submodule("convnextv2.encoder.stages.0.layers.0")
    layer.pwconv2 = Adapted(32, 8)
    Hastening(model)
    assert "forward" not in vars(layer.pwconv1)
    assert "forward" not in vars(layer.grn)


@pytest.mark.parametrize("kind", ["convnextv2", "whisper"])
def test_half_precision_keeps_losses_and_gradients_near(kind: str) -> None:
    more = {"dropout": 0.0} if kind == "whisper" else {}
    plain, fast, batch = model_of(kind, **more), model_of(kind, **more), batch_of(kind)
    Hastening(fast)
    loss, gradients = learned(plain, batch)
    with torch.autocast("cpu", torch.bfloat16):
        other, others = learned(fast, batch)
    assert abs(loss - other) < 0.05 * max(1.0, loss)
    for name, right in gradients.items():
        assert (right - others[name]).norm() < 0.08 * right.norm() + 1e-6, name


def test_modules_of_dropout_are_replaced_beside_it() -> None:
    model = model_of("vit", hidden_dropout_prob=0.1)
    assert with_byte_dropout(model) == sum(isinstance(part, ByteDropout) for part in model.modules()) > 0


@pytest.mark.parametrize(
    ("task", "accelerator", "count"), [("image", "cpu", 1), ("text", "cpu", 0), ("image", "cuda", 0)]
)
def test_a_training_of_pictures_on_a_cpu_is_made_fast(task: str, accelerator: str, count: int) -> None:
    hastened = _hastened(
        model_of("convnextv2"),
        Settings(),
        replace(machine(), accelerator=accelerator),
        TASKS.get(f"{task}-classification"),
    )
    assert [type(one) for one in hastened] == [Hastening] * count
