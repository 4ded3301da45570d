"""Memory by hand, and the order in which it is saved."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tunesmith.artifacts import ModelFacts, Plan, Probe
from tunesmith.errors import SettingsError
from tunesmith.models.fast.kinds import PIECE_BYTES
from tunesmith.rooms.plan import Facts, computes_alike, plan
from tunesmith.rooms.plan.memory import (
    BUDGET_SHARE,
    LAUNCH_BYTES,
    LESS,
    LORA_SHARE,
    MEMORY_SHARE,
    REPORT_BYTES,
    Way,
    activation_bytes,
    fitting,
    head_bytes,
    learning_bytes,
    learning_weights,
    needed_bytes,
    pass_bytes,
    way_of,
    ways,
)
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]

WHOLE = Way(method="full", is_checkpointed=False, items=32)
GIB = 1 << 30


def asked(**given: object) -> Settings:
    return changed(Settings(), {name.replace("__", "."): value for name, value in given.items()})


def model(facts: Maker, **changes: object) -> ModelFacts:
    return facts().model.model_copy(update={"hidden": 64, "layers": 2, "parameters": 1_000_000} | changes)


def value(found: Plan, name: str) -> object:
    return next(choice.value for choice in found.choices if choice.name == name)


def because(found: Plan, name: str) -> str:
    return next(choice.because for choice in found.choices if choice.name == name)


def test_a_decoder_keeps_no_square_of_the_length(facts: Maker) -> None:
    llama = model(facts, kind="llama")
    assert activation_bytes(llama, asked(), WHOLE, 10, 20) == activation_bytes(llama, asked(), WHOLE, 10, 2000)
    assert activation_bytes(llama, asked(), WHOLE, 10, 20) == 2 * 2 * 10 * 34 * 64


def test_a_vocabulary_costs_pieces_of_its_logits_or_all_of_them(facts: Maker) -> None:
    known, other = (model(facts, kind=kind, vocabulary=8000) for kind in ("llama", "bloom"))
    table = 4 * 8000 * 64
    assert head_bytes(known, 4096) == head_bytes(known, 9) == 2 * PIECE_BYTES + table
    assert head_bytes(other, 4096) == 3 * 4 * 4096 * 8000 + table
    for writes in (False, True):
        held = pass_bytes(replace(facts(), model=known, writes=writes), asked(), WHOLE, 10, 20)
        assert held == activation_bytes(known, asked(), WHOLE, 10, 20) + writes * head_bytes(known, 10)


def test_activations_are_the_published_formula(facts: Maker) -> None:
    # 2 layers x 10 tokens x (34 x 64 + 5 x 2 heads x 20), doubled for float32.
    layer = 2 * 10 * (34 * 64 + 5 * 2 * 20)
    assert activation_bytes(model(facts), asked(), WHOLE, 10, 20) == 2 * layer
    # Computed twice: each layer's input, and one layer in full.
    twice = replace(WHOLE, is_checkpointed=True)
    assert activation_bytes(model(facts), asked(), twice, 10, 20) == layer + 2 * 10 * 64 * 4
    # A model narrower than a head has one.
    assert activation_bytes(model(facts, hidden=16, layers=1), asked(), WHOLE, 1, 7) == 2 * (34 * 16 + 5 * 7)


def test_attention_grows_with_the_square_of_the_length(facts: Maker) -> None:
    def attention(length: int) -> int:
        known = model(facts)
        return activation_bytes(known, asked(), WHOLE, length, length) - activation_bytes(
            known, asked(), WHOLE, length, 0
        )

    assert attention(400) == 16 * attention(100)


def test_what_learns_has_a_gradient_and_two_averages(facts: Maker) -> None:
    known = model(facts)
    assert learning_bytes(asked(), 1_000_000) == 12_000_000
    assert learning_bytes(asked(train__optimiser="sgd"), 1_000_000) == 8_000_000
    assert learning_weights(known, asked(), "full") == 1_000_000
    assert learning_weights(known, asked(), "head") == 0
    assert learning_weights(known, asked(), "lora") == 1_000_000 * LORA_SHARE
    # One layer of width 64: 12 x 64 x 64 weights.
    assert learning_weights(known, asked(train__top_layers=1), "top") == 12 * 64 * 64


def test_methods_are_tried_from_the_hungriest_down(facts: Maker) -> None:
    known, complete = facts(longest=512), asked(train__batch_size=32, prepare__max_length=512)
    needs = [needed_bytes(known, complete, Way(method=name, is_checkpointed=False, items=1)) for name in LESS]
    assert needs == sorted(needs, reverse=True)
    assert len(set(needs)) == len(LESS)


def test_a_run_needs_the_sum_of_what_it_takes_one_after_the_other(facts: Maker) -> None:
    known, complete = facts(), asked(train__batch_size=32, prepare__max_length=512)
    weights = 4 * known.model.parameters
    passes = activation_bytes(known.model, complete, WHOLE, 32 * 512, 512)
    # Weights, gradients, two averages, the best state, the file of the result: six times four bytes, and a pass.
    assert needed_bytes(known, complete, WHOLE) == LAUNCH_BYTES + 6 * weights + passes + REPORT_BYTES


def test_the_ways_come_in_the_stated_order(facts: Maker) -> None:
    found = list(ways(facts(), asked(train__batch_size=4)))
    sizes = [4, 2, 1]
    # A head has no layers to compute twice.
    assert [way.items for way in found] == sizes * (2 * len(LESS) - 1)
    assert [way.is_checkpointed for way in found[:6]] == [False] * 3 + [True] * 3
    assert [way.method for way in found[::6]] == list(LESS)


def test_wishes_close_ways(facts: Maker) -> None:
    wish = asked(train__batch_size=4, train__method="head", train__micro_batch_size=2)
    assert [(way.method, way.items, way.is_checkpointed) for way in ways(facts(), wish)] == [("head", 2, False)]
    assert {way.is_checkpointed for way in ways(facts(), asked(train__gradient_checkpointing=False))} == {False}


def test_methods_that_do_not_go_with_the_model_or_the_wishes_are_not_tried(facts: Maker) -> None:
    def tried(known: Facts) -> set[str]:
        return {way.method for way in ways(known, known.wanted)}

    # A model from random weights has nothing to stand on but all of its weights.
    assert tried(facts(pretrained=False)) == {"full"}
    assert tried(facts(regularise__mixup=0.2)) == {"full", "lora"}


def test_a_model_from_scratch_is_refused_rather_than_frozen(facts: Maker, probe: Probed) -> None:
    known = facts(pretrained=False, train__memory_bytes=300 << 20)
    draft = plan(known)
    assert draft.settings.train.method == "full"
    with pytest.raises(SettingsError, match=r"train.memory_bytes: expected at least"):
        plan(known.with_probe(probe(), probed=draft.settings, elapsed_seconds=0.0))


def test_with_plenty_of_room_nothing_is_given_up(facts: Maker) -> None:
    found = plan(facts())
    assert way_of(found.settings) == WHOLE
    assert because(found, "gradient_checkpointing") == "activations fit into memory"


def test_less_and_less_memory_costs_micro_batch_then_time_then_the_method(facts: Maker) -> None:
    seen = []
    for megabytes in range(3000, 500, -20):
        train = plan(facts(longest=512, train__memory_bytes=megabytes << 20)).settings.train
        seen.append((LESS.index(train.method or "full"), train.gradient_checkpointing, -(train.micro_batch_size or 0)))
    assert seen == sorted(seen)
    assert {method for method, _, _ in seen} >= {0, 1}
    assert (0, True, -1) in seen or any(method == 0 and twice for method, twice, _ in seen)


def test_every_loss_has_its_reason(facts: Maker) -> None:
    halved = plan(facts(longest=512, train__memory_bytes=2 * GIB))
    assert value(halved, "micro_batch_size") in {8, 4, 2, 1}
    assert "1.98 GB may be used" in because(halved, "micro_batch_size")
    tight = plan(facts(longest=512, train__memory_bytes=700 << 20))
    assert tight.settings.train.method != "full"
    assert "with every weight learning, one text at a time and activations computed twice" in because(tight, "method")


def test_the_batch_that_decides_the_result_stays(facts: Maker) -> None:
    rich, poor = plan(facts(longest=512)), plan(facts(longest=512, memory=3 << 30))
    assert value(rich, "batch_size") == value(poor, "batch_size") == 32
    assert int(str(value(poor, "micro_batch_size"))) < int(str(value(rich, "micro_batch_size"))) == 32


def test_free_memory_is_a_budget_but_not_to_its_last_byte(facts: Maker) -> None:
    known = facts(memory=GIB)
    assert fitting(known, asked(train__batch_size=32)).room == int(GIB * MEMORY_SHARE)
    given = fitting(known, asked(train__batch_size=32, train__memory_bytes=GIB))
    assert given.room == int(GIB * BUDGET_SHARE)


def test_the_measured_peak_takes_the_place_of_the_formula(facts: Maker, probe: Probed) -> None:
    known = facts()
    draft = plan(known)
    measured = known.with_probe(probe(), probed=draft.settings, elapsed_seconds=0.0)
    # The pass that was measured needs what was measured; best state, file of the result and report come later.
    later = 4 * measured.measured.learning + 4 * known.model.parameters + REPORT_BYTES
    assert needed_bytes(measured, draft.settings, way_of(draft.settings)) == pytest.approx((1100 << 20) + later, abs=2)


def test_half_the_items_need_half_the_measured_activations(facts: Maker, probe: Probed) -> None:
    known = facts()
    draft = plan(known)
    measured = known.with_probe(probe(), probed=draft.settings, elapsed_seconds=0.0)
    needs = [needed_bytes(measured, draft.settings, replace(WHOLE, items=items)) for items in (32, 16)]
    activations = (1100 << 20) - (600 << 20) - 16 * measured.measured.learning
    assert needs[0] - needs[1] == pytest.approx(activations / 2, abs=2)


def test_a_probe_above_the_budget_leads_to_another_plan(facts: Maker, probe: Probed) -> None:
    known = facts(train__memory_bytes=1500 << 20)
    draft = plan(known)
    assert draft.settings.train.micro_batch_size == 32
    final = plan(known.with_probe(probe(peak_bytes=1600 << 20), probed=draft.settings, elapsed_seconds=0.0))
    assert not computes_alike(draft.settings, final.settings)
    # Of 1,600 MiB 600 were there before and 168 learn, so 832 are the pass; with best state, file and report
    # 929 are needed beside it: 451 are left of what may be used, room for half of the batch.
    assert final.settings.train.micro_batch_size == 16
    assert final.forecast.peak_bytes <= 1500 << 20


def test_what_fits_in_no_way_is_refused_with_what_it_needs(facts: Maker, probe: Probed) -> None:
    known = facts(train__memory_bytes=300 << 20)
    draft = plan(known)
    with pytest.raises(SettingsError, match=r"train.memory_bytes: expected at least [\d,]+M; got 300M") as caught:
        plan(known.with_probe(probe(), probed=draft.settings, elapsed_seconds=0.0))
    assert "--memory" in str(caught.value)


def test_without_a_wish_too_little_memory_is_no_refusal(facts: Maker, probe: Probed) -> None:
    known = facts(memory=1 << 20)
    draft = plan(known)
    final = plan(known.with_probe(probe(), probed=draft.settings, elapsed_seconds=0.0))
    assert final.settings.train.micro_batch_size == 1


def test_an_accelerator_keeps_the_best_state_elsewhere(facts: Maker) -> None:
    known = facts()
    complete = asked(train__batch_size=32, prepare__max_length=512)
    cuda = replace(known, machine=replace(known.machine, accelerator="cuda", accelerator_memory=80 * GIB))
    saved = needed_bytes(known, complete, WHOLE) - needed_bytes(cuda, complete, WHOLE)
    assert saved == LAUNCH_BYTES + REPORT_BYTES + 2 * 4 * known.model.parameters


def test_outputs_computed_ahead_are_memory_of_the_process(facts: Maker, probe: Probed) -> None:
    complete = asked(train__epochs=1, train__batch_size=32, train__micro_batch_size=32, train__method="head")
    without, with_outputs = (
        facts().with_probe(probe(ahead_bytes=each), probed=complete, elapsed_seconds=0.0) for each in (0.0, 768.0)
    )
    more = needed_bytes(with_outputs, complete, way_of(complete)) - needed_bytes(without, complete, way_of(complete))
    # 100,000 tokens to train on, 80,000 of dev and 160,000 of test.
    assert more == 340_000 * 768
