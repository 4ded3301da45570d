"""Memory that runs out: less in a pass, the same step; injected at every pass, and for real."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from apart import SECONDS
from made import TEMPLATE
from tunesmith.errors import UserError
from tunesmith.models.inference import Batching
from tunesmith.rooms.train import checkpoints
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.probe import measure
from tunesmith.tasks import TASKS

Maker = Callable[..., Training]

ERRORS: list[Exception] = [
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried 9 bytes."
    ),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
]


class Tight:
    """An objective in whose passes no more than ``rows`` examples fit; what is larger fails after its backward pass."""

    def __init__(self, whole: Any, rows: int, error: Exception) -> None:
        self.sizes: list[int] = []
        self._whole, self._rows, self._error = whole, rows, error

    def __call__(self, model: nn.Module, batch: Any) -> Iterator[Tensor]:
        self.sizes.append(len(batch["labels"]))
        yield from self._whole(model, batch)
        if len(batch["labels"]) > self._rows:
            raise self._error


def tightened(run: Training, rows: int, error: Exception | None = None) -> Tight:
    tight = Tight(run._learner._objective, rows, error or MemoryError())
    run._learner._objective = tight
    return tight


@pytest.mark.parametrize("error", ERRORS, ids=[str(at) for at in range(len(ERRORS))])
def test_less_in_a_pass_is_the_same_step(training: Maker, error: Exception) -> None:
    options = {"batch_size": 8, "micro_batch_size": 8}
    easy, hard = training(**options), training(**options)
    tight = tightened(hard, 2, error)
    calm, steps = list(easy), list(hard)
    assert [step.loss for step in steps] == pytest.approx([step.loss for step in calm], abs=1e-5)
    assert [step.gradient_norm for step in steps] == pytest.approx([step.gradient_norm for step in calm], abs=1e-5)
    assert [(step.examples, step.tokens, step.learning_rate) for step in steps] == [
        (step.examples, step.tokens, step.learning_rate) for step in calm
    ]
    assert hard.progress.micro_batch_size == 2
    assert tight.sizes[:6] == [8, 4, 2, 2, 2, 2]
    assert max(tight.sizes[2:]) == 2
    assert steps[0].note == "out of memory: from here on 2 examples per forward pass; the batch stays at 8"
    assert {step.note for step in steps[1:]} == {""}


def test_it_is_said_in_chinese_too(training: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    run = training()
    tightened(run, 2)
    assert next(iter(run)).note == "内存不足：此后每次前向计算 2 条；批大小仍为 4"


def test_a_failed_pass_leaves_no_trace_in_the_dropout(training: Maker) -> None:
    small, hard = training(dropout=0.3, micro_batch_size=2), training(dropout=0.3)
    tightened(hard, 2)
    assert [step.loss for step in hard] == [step.loss for step in small]
    for name, value in small.model.state_dict().items():
        assert torch.equal(value, hard.model.state_dict()[name]), name


def test_a_window_smaller_than_a_pass_is_halved_from_its_own_size(training: Maker) -> None:
    run = training(batch_size=20, micro_batch_size=16)
    # 21 rows: the second window of the epoch holds one.
    tight = tightened(run, 1)
    next(iter(run))
    assert tight.sizes[:5] == [16, 8, 4, 2, 1]
    other = training(batch_size=5, micro_batch_size=64)
    tight = tightened(other, 4)
    next(iter(other))
    assert tight.sizes == [5, 3, 2]


def test_the_smaller_size_outlives_a_crash(training: Maker, tmp_path: Path) -> None:
    run = training()
    tightened(run, 2)
    next(iter(run))
    checkpoints.save(run, tmp_path / "kept")
    again = training()
    checkpoints.restore(again, tmp_path / "kept")
    tight = tightened(again, 2)
    again.finish()
    assert max(tight.sizes) == 2


def test_one_example_that_does_not_fit_is_explained(training: Maker) -> None:
    run = training()
    tightened(run, 0)
    with pytest.raises(UserError, match=r"memory for one example at a time; got too little for \d+ tokens"):
        run.finish()


def test_other_errors_are_not_taken_for_it(training: Maker) -> None:
    run = training()
    tightened(run, 0, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        run.finish()
    assert run.progress.step == 0


def test_the_probe_before_the_run_survives_it_too(training: Maker) -> None:
    run = training(batch_size=8, micro_batch_size=8)
    parts, whole, shapes = run._parts, run.model.forward, []

    def narrow(input_ids: Tensor, **others: Tensor) -> Any:
        shapes.append(len(input_ids))
        if len(input_ids) > 2:
            raise MemoryError
        return whole(input_ids=input_ids, **others)

    run.model.forward = narrow  # type: ignore[method-assign]
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    batching = Batching(task=TASKS.get("text-classification"), template=TEMPLATE, max_length=32, tokens=10_000)
    found = measure(parts, {"dev": parts.source._encoded}, batching=batching)
    assert max(shapes) > 8
    assert found.train and found.score
    # All rows in one pass were foretold, and timed in as many as it took.
    assert found.score[0].tokens == int(parts.source.items.length.sum())
    assert all(torch.equal(value, before[name]) for name, value in run.model.state_dict().items())


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited as on Linux")
def test_memory_that_really_runs_out() -> None:
    # One arena, because each further one takes 64 MB of address space, whatever it holds; and large blocks go back
    # to the system at once: else what a failed pass leaves is in pieces, into which nothing large fits.
    malloc = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("starved.py"))],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, **malloc, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["micro_batch_size"] < 96
    assert found["notes"][0].startswith("out of memory: from here on")
    assert found["starved"] == pytest.approx(found["calm"], abs=1e-5)
    assert found["scores"][0] == pytest.approx(found["scores"][1], abs=1e-5)
