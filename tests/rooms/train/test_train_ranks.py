"""Processes that train together: dealt by a pure function, equal to one process, and never waiting in silence."""

import json
import os
import random
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from apart import SECONDS, running
from rooms.train.conftest import Maker
from rooms.train.ranked import SETTINGS, WAYS, answers
from tunesmith.place import Place
from tunesmith.rooms.train.ceiling import Ceiling
from tunesmith.rooms.train.checkpoints import restore
from tunesmith.rooms.train.exchange import gathered
from tunesmith.rooms.train.heartbeats import Heartbeat, blamed, path_of
from tunesmith.rooms.train.keeping import copied
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.rooms.train.source import Source

HERE = Path(__file__).parent
TESTS = HERE.parents[1]


def free_port() -> int:
    """One that nobody listens on, below those that the system deals out by itself: it is still free when it is used."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports are taken")


def launched(folder: Path, scenario: str, *, wait_for: int) -> None:
    """Two gloo processes as a launcher starts them; returns when so many of them have ended."""
    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    common |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)}
    command = [sys.executable, str(HERE / "ranked.py"), str(folder), scenario]
    with ExitStack() as stack:
        started = []
        for rank in range(2):
            # A file, because a pipe that nobody reads yet may fill up.
            said = stack.enter_context((folder / f"said-{rank}.txt").open("w+", encoding="utf-8", errors="replace"))
            environment = {**os.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank)}
            started.append((stack.enter_context(running(command, env=environment, stderr=said)), said))
        for process, said in started[:wait_for]:
            code = process.wait(timeout=SECONDS)
            said.seek(0)
            assert code == 0, said.read()


@given(st.integers(1, 70), st.integers(1, 9), st.integers(1, 8))
def test_every_item_is_dealt_once_and_no_rank_takes_more_passes(items: int, world: int, size: int) -> None:
    chosen = np.random.default_rng(items).permutation(items)
    ranks = [Ranks(Place(rank=rank, world=world)) for rank in range(world)]
    shares = [one.share(chosen) for one in ranks]
    assert sorted(np.concatenate(shares).tolist()) == list(range(items))
    needed = [-(-len(share) // size) for share in shares]
    assert {one.passes(items, size) for one in ranks} == {max(needed)}
    # A rank that was dealt less lacks one pass at most, so the first item fills it up.
    assert max(needed) - min(needed) <= 1


def test_one_process_alone_starts_nothing(training: Maker) -> None:
    ranks = Ranks()
    model = training().model
    assert ranks.spread(model, is_sharded=True) is model
    assert ranks.total(2, 0.5) == [2, 0.5] == ranks.largest(2, 0.5)
    assert ranks.from_main({"f1": 0.3}) == {"f1": 0.3}
    assert ranks.mark == ()
    with pytest.raises(RuntimeError, match="timed out"), ranks.together("step", 3):
        raise RuntimeError("timed out")
    ranks.leave()
    assert not torch.distributed.is_initialized()


def test_only_other_ranks_random_numbers_are_marked() -> None:
    marks = [Ranks(Place(rank=rank, world=3)).mark for rank in range(3)]
    assert marks == [(), (1,), (2,)]


def beat(folder: Path, rank: int, *, step: int, phase: str, since: float, written: float) -> None:
    sign = Heartbeat(rank=rank, pid=1, step=step, phase=phase, since=since, time=written)
    path_of(folder, rank).write_text(sign.model_dump_json(), encoding="utf-8")


def test_who_is_furthest_behind_is_named(tmp_path: Path) -> None:
    beat(tmp_path, 0, step=7, phase="step", since=100.0, written=190.0)
    beat(tmp_path, 1, step=6, phase="score", since=70.0, written=190.0)
    beat(tmp_path, 2, step=7, phase="step", since=101.0, written=190.0)
    assert blamed(tmp_path, [0, 1, 2], now=190.5) == "rank 1 has been in step 6, phase score for 120 s"


def test_a_dead_rank_is_named_before_a_slow_one(tmp_path: Path) -> None:
    beat(tmp_path, 0, step=6, phase="step", since=70.0, written=190.0)
    beat(tmp_path, 1, step=9, phase="save", since=100.0, written=130.0)
    assert blamed(tmp_path, [0, 1], now=190.0) == "rank 1 is gone; its last sign, 60 s ago, was in step 9, phase save"


def test_a_rank_that_never_came_is_named(tmp_path: Path) -> None:
    beat(tmp_path, 0, step=0, phase="join", since=1.0, written=2.0)
    path_of(tmp_path, 1).write_text("{torn", encoding="utf-8")
    assert blamed(tmp_path, [0, 1], now=2.0) == "rank 1 never showed a sign of life"


def test_two_processes_train_as_one_does(tmp_path: Path, training: Maker) -> None:
    launched(tmp_path, "alike", wait_for=2)
    for way, regularise in WAYS.items():
        scores = iter([0.5, 0.4, 0.3])
        one = training(
            epochs=3,
            patience=1,
            score=lambda model, scores=scores: {"accuracy": next(scores)},
            regularise=regularise,
            **SETTINGS,
        )
        steps = list(one)
        alone, best = copied(one.model), copied(one.best_model())
        told = [json.loads((tmp_path / f"rank-{rank}" / f"{way}.json").read_text("utf-8")) for rank in range(2)]
        # The first one's scores and clock decide for both: the second one would have gone on.
        assert told[0] == told[1]
        assert len(told[0]["steps"]) == len(steps) == 10
        for step, theirs in zip(steps, told[0]["steps"], strict=True):
            assert theirs["loss"] == pytest.approx(step.loss, abs=1e-5)
            assert theirs["gradient_norm"] == pytest.approx(step.gradient_norm, abs=1e-4)
            assert (theirs["examples"], theirs["tokens"]) == (step.examples, step.tokens)
        for rank in range(2):
            for name, expected in ((way, alone), (f"{way}-best", best)):
                found = load_file(tmp_path / f"rank-{rank}" / f"{name}.safetensors")
                torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
        # What ran short on one was halved on both, and the steps above are the same for all that.
        assert {one["micro_batch_size"] for one in told} == {1 if way == "short" else 2}
        # What two wrote, one goes on from: weights and the optimiser's averages are whole.
        again = training(epochs=3, patience=1, **SETTINGS)
        assert restore(again, tmp_path / f"checkpoints-{way}").used is not None
        assert again.progress.step == 10
        torch.testing.assert_close(copied(again.model), alone, atol=1e-5, rtol=0)
    # Each has run half of the passes, and both have all answers, to the last bit those of one process.
    shared = [json.loads((tmp_path / f"rank-{rank}" / "answers.json").read_text("utf-8")) for rank in range(2)]
    whole = answers(training())
    assert shared[0]["answers"] == shared[1]["answers"] == whole["answers"]
    assert shared[0]["passes"] + shared[1]["passes"] == whole["passes"]
    assert 0 <= shared[0]["passes"] - shared[1]["passes"] <= 1


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {3: np.array([0.5, 1e-9], np.float32), 0: np.array([2.0, 3.0], np.float32)},
        {1: np.arange(6, dtype=np.float16).reshape(2, 3), 2: np.zeros((0, 3), np.float16)},
        {7: np.array(4, np.int64)},
        {5: np.ones((2, 1, 2)), 9: np.full((1, 3, 1), np.nan)},
    ],
)
def test_arrays_come_out_of_the_exchange_as_they_went_in(parts: dict[int, np.ndarray]) -> None:
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    try:
        found = gathered(parts, None)
    finally:
        torch.distributed.destroy_process_group()
    assert found.keys() == parts.keys()
    for key, part in parts.items():
        assert found[key].dtype == part.dtype
        np.testing.assert_array_equal(found[key], part, strict=True)


@given(st.integers(1, 40), st.integers(2, 5), st.integers(1, 8))
def test_a_pass_below_the_ceiling_was_computed_by_every_process(items: int, world: int, size: int) -> None:
    random = np.random.default_rng(items)
    lengths = random.integers(1, 50, items)
    ceiling = Ceiling(cast(Source, SimpleNamespace(items=SimpleNamespace(length=lengths))), world=world)
    chosen = random.permutation(items)
    assert ceiling.is_above(chosen, size)
    ceiling.raise_to(chosen, size)
    parts = [np.sort(lengths[chosen[rank::world]]) for rank in range(world)]
    most = [max((int(part[at : at + size].sum()) for at in range(0, len(part), size)), default=0) for part in parts]
    # Only where all got through passes of one size is that size proven.
    assert ceiling.is_above(chosen, size) or len(set(most)) == 1
    assert not Ceiling(cast(Source, None), world=1).is_above(chosen, size), "a process alone needs nobody's word"


@pytest.mark.slow
def test_a_stall_names_rank_step_and_phase(tmp_path: Path) -> None:
    launched(tmp_path, "stall", wait_for=1)
    told = (tmp_path / "rank-0" / "told.txt").read_text("utf-8")
    assert "Expected all 2 processes in step 2, phase step; got rank 1 has been in step 2, phase score for " in told
    assert "tunesmith resume RUN" in told


def test_heartbeats_are_written_by_a_thread_of_their_own(tmp_path: Path) -> None:
    from tunesmith.rooms.train.heartbeats import Pulse, read

    pulse = Pulse(tmp_path, 3)
    pulse.at("score", 12)
    pulse.stop()
    (found,) = read(tmp_path, [3, 4])
    assert (found.rank, found.step, found.phase, found.pid) == (3, 12, "score", os.getpid())
    assert found.since <= time.time()
