"""liger-kernel is optional, for GPUs, and never put where it does not belong."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import nn

from tunesmith.models import fused


class Decoder(nn.Module):
    """A model of a kind, whose weight says that it lies on a device."""

    def __init__(self, kind: str, device: str) -> None:
        super().__init__()
        self.config = SimpleNamespace(model_type=kind)
        self.device = device

    def parameters(self, recurse: bool = True):  # type: ignore[no-untyped-def, override]
        yield SimpleNamespace(device=torch.device(self.device))


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """The models that the package was asked to patch, as if it were installed."""
    found: list[nn.Module] = []
    package = ModuleType("liger_kernel.transformers")
    package._apply_liger_kernel_to_instance = lambda model: found.extend([model])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "liger_kernel", ModuleType("liger_kernel"))
    monkeypatch.setitem(sys.modules, "liger_kernel.transformers", package)
    monkeypatch.setattr(fused, "is_installed", lambda: True)
    return found


def test_a_known_decoder_on_a_gpu_gets_the_kernels(patched: list[nn.Module]) -> None:
    model = Decoder("qwen2", "cuda")
    assert fused.fuse(model)
    assert patched == [model]


@pytest.mark.parametrize(("kind", "device"), [("qwen2", "cpu"), ("bert", "cuda"), ("", "cuda")])
def test_others_stay_as_they_are(patched: list[nn.Module], kind: str, device: str) -> None:
    assert not fused.fuse(Decoder(kind, device))
    assert not patched


def test_without_the_package_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "find_spec", lambda name: None)
    assert not fused.is_installed()
    assert not fused.fuse(Decoder("llama", "cuda"))
