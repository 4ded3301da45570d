"""The benchmark for GPUs runs on a CPU at toy size, and refuses more than that."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, encoding="utf-8", timeout=900
    )


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_it_says_so() -> None:
    done = run()
    assert done.returncode == 1
    assert done.stderr.startswith("No GPU here.") and "--toy" in done.stderr


@pytest.mark.slow
def test_toy_shapes_run_every_side_and_print_ratios() -> None:
    done = run("--toy", "--steps", "2", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    for name in ("encoder", "lm-0.5b", "lm-7b"):
        for side in ("ours", "Trainer"):
            assert re.search(rf"^{name} +{side} +[\d,]+ tokens/s  MFU +[\d.]+%  peak +[\d.]+ GB$", done.stdout, re.M)
        assert re.search(rf"^{name} +ours ÷ Trainer: throughput [\d.]+×  peak memory [\d.]+×$", done.stdout, re.M)


@pytest.mark.slow
def test_a_packed_step_learns_what_padded_texts_teach() -> None:
    """The loss of packed texts, each attending to itself alone, against each text by itself in plain transformers."""
    code = """
import json, sys, torch
sys.path.insert(0, sys.argv[1])
from gpu import NO_TARGET, attending_apart, built, packed_row, summed_loss
from gpu_shapes import TOYS, Work
shape = TOYS["lm-0.5b"]
model = built(shape).eval()
texts = Work(shape, 1).texts()[:4]
plain = sum(float(model(input_ids=torch.tensor([t]), labels=torch.tensor([t])).loss) * (len(t) - 1) for t in texts)
lengths = attending_apart()
model.set_attn_implementation("packed_texts")
lengths[:] = [len(text) for text in texts]
ids, places, targets = packed_row(texts, model.device)
hidden = model.model(input_ids=ids, position_ids=places).last_hidden_state[0]
packed = float(summed_loss(hidden, model.lm_head.weight, targets).detach())
print(json.dumps([plain, packed, int((targets != NO_TARGET).sum()), sum(map(len, texts)) - len(texts)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(SCRIPT.parent)], capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    plain, packed, targets, expected = json.loads(done.stdout.splitlines()[-1])
    assert packed == pytest.approx(plain, rel=1e-5)
    assert targets == expected
