"""How the model is computed: by what the machine has, with reasons."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tunesmith.artifacts import Choice, Plan, Probe, Sense
from tunesmith.rooms.plan import Facts, plan
from tunesmith.rooms.plan.costs import epoch_seconds
from tunesmith.rooms.plan.speed import (
    COMPILE_GAIN,
    COMPILE_SECONDS,
    HALF_WIDTH,
    HALF_WIDTH_OF_FILES,
    MANY_PLACES,
    precision,
)
from tunesmith.settings import Settings

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]


def on(facts: Facts, **machine: Any) -> Facts:
    return replace(facts, machine=replace(facts.machine, **machine))


def choice(found: Plan, name: str) -> Choice:
    return next(choice for choice in found.choices if choice.name == name)


def test_half_precision_is_never_chosen_where_it_is_emulated(facts: Maker) -> None:
    slow, fast = (choice(plan(on(facts(), has_fast_half=has)), "precision") for has in (False, True))
    assert (slow.value, fast.value) == ("float32", "bfloat16")
    assert "10-15 times slower" in slow.because


@pytest.mark.parametrize(("hidden", "accelerator"), [(HALF_WIDTH - 1, "cpu"), (HALF_WIDTH, "cpu"), (64, "cuda")])
def test_half_precision_is_left_where_casting_costs_more_than_it_saves(
    facts: Maker, hidden: int, accelerator: str
) -> None:
    found = choice(plan(on(facts(hidden=hidden), has_fast_half=True, accelerator=accelerator)), "precision")
    is_narrow = hidden < HALF_WIDTH and accelerator == "cpu"
    assert found.value == ("float32" if is_narrow else "bfloat16")
    assert (f"at a width of {hidden} the casting costs more than it saves" in found.because) == is_narrow


SOUND = Sense(input="input_features", shape=(64, 100), kept="float16", time=1, tokens=50)
PICTURE = Sense(input="pixel_values", shape=(3, 32, 32), kept="uint8", tokens=MANY_PLACES)
SMALL = PICTURE.model_copy(update={"tokens": MANY_PLACES - 1})


@pytest.mark.parametrize(
    ("sense", "hidden", "value"),
    [
        (SOUND, HALF_WIDTH_OF_FILES, "bfloat16"),
        (SOUND, HALF_WIDTH_OF_FILES - 1, "float32"),
        (PICTURE, HALF_WIDTH_OF_FILES, "bfloat16"),
        (SMALL, HALF_WIDTH_OF_FILES, "float32"),
        (SMALL, HALF_WIDTH, "bfloat16"),
    ],
)
def test_sounds_and_pictures_of_many_places_gain_from_half_precision_sooner(
    facts: Maker, sense: Sense, hidden: int, value: str
) -> None:
    known = facts(hidden=hidden)
    template = known.prepared.template.model_copy(update={"sense": sense})
    of_files = replace(known, prepared=known.prepared.model_copy(update={"template": template}))
    assert precision(on(of_files, has_fast_half=True, accelerator="cpu"), Settings())[0] == value


@pytest.mark.parametrize("kind", ["llama", "gpt2", "bert"])
def test_known_kinds_are_packed(facts: Maker, kind: str) -> None:
    known = facts()
    known = replace(known, model=known.model.model_copy(update={"kind": kind}))
    assert choice(plan(known), "packed").value is True
    other = replace(known, model=known.model.model_copy(update={"kind": "mamba"}))
    assert "models of kind mamba are computed the plain way, padded" in choice(plan(other), "packed").because


def test_a_wish_for_emulated_half_precision_is_obeyed_with_a_warning(facts: Maker) -> None:
    wanted = facts(train__precision="bfloat16")
    slow, fast = (choice(plan(on(wanted, has_fast_half=has)), "precision") for has in (False, True))
    assert slow.value == fast.value == "bfloat16"
    assert slow.because == "you set it; this machine emulates bfloat16, which makes it 10-15 times slower"
    assert fast.because == "you set it"


@pytest.mark.parametrize("step", [0.01, 10.0])
def test_compiling_must_pay_back_within_the_run(facts: Maker, probe: Probed, step: float) -> None:
    known = on(replace(facts(train__epochs=2), probe=probe(step=step)), accelerator="cuda", accelerator_memory=80 << 30)
    found = choice(plan(known), "compile")
    assert found.value == (2 * epoch_seconds(known) * COMPILE_GAIN > COMPILE_SECONDS) == (step > 1)
    assert f"compiling may save {2 * epoch_seconds(known) * COMPILE_GAIN:.0f} s" in found.because


def test_nothing_is_compiled_on_a_cpu_or_before_a_batch_is_timed(facts: Maker, probe: Probed) -> None:
    cpu = choice(plan(replace(facts(), probe=probe(step=100.0))), "compile")
    untimed = choice(plan(on(facts(), accelerator="cuda", accelerator_memory=80 << 30)), "compile")
    assert cpu.value is untimed.value is False
    assert "C++ compiler" in cpu.because and "no batch was timed" in untimed.because


def test_shards_are_for_several_processes_whose_launcher_asks(facts: Maker) -> None:
    ways = {(1, True): False, (2, False): False, (2, True): True}
    for (processes, asks), expected in ways.items():
        found = choice(plan(on(facts(), processes=processes, asks_for_shards=asks)), "sharded")
        assert found.value is expected
    assert found.because == "accelerate is configured for FSDP: each of 2 processes holds a part of the weights"


def test_each_process_passes_and_takes_its_share(facts: Maker, probe: Probed) -> None:
    one, three = (plan(on(facts(train__batch_size=32), processes=count)) for count in (1, 3))
    assert one.settings.train.batch_size == three.settings.train.batch_size == 32
    assert (one.settings.train.micro_batch_size, three.settings.train.micro_batch_size) == (32, 11)
    alone, together = (on(replace(facts(), probe=probe()), processes=count) for count in (1, 4))
    assert epoch_seconds(together) == pytest.approx(epoch_seconds(alone) / 4)
