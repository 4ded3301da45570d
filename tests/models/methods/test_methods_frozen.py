"""Frozen layers: the same answers, computed once; found again by content, made again when damaged."""

import json
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from encoders import AUTO, CONFIGS, SEQUENCE, answers, batch, made
from transformers import AutoConfig, AutoModelForSequenceClassification

from tunesmith.errors import ModelError
from tunesmith.models.fast.packed import Packing
from tunesmith.models.inputs import tensors
from tunesmith.models.methods.frozen import FOLDER, Frozen
from tunesmith.models.methods.store import OUTPUTS, TEXTS
from tunesmith.models.methods.texts import texts_of

HALF = 1e-3
"""Outputs are kept in half precision: about three digits."""


def forwards(model: Any, layer: int = 0) -> list[int]:
    """A list that grows by the texts of a pass whenever the lowest layer computes."""
    seen: list[int] = []
    layers = next(part for part in model.base_model.modules() if isinstance(part, torch.nn.ModuleList))
    layers[layer].register_forward_hook(lambda part, args, output: seen.append(len(args[0])))
    return seen


@pytest.mark.parametrize("auto_class", AUTO)
@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("learning", [0, 1, 3])
def test_answers_stay_and_the_whole_model_comes_back(kind: str, auto_class: str, learning: int, tmp_path: Path) -> None:
    model, rows = made(kind, auto_class), batch(kind)
    before, names = answers(model, rows), list(model.state_dict())
    layers = model.config.num_hidden_layers
    anew, kept = Frozen(model, learning, auto_class=auto_class, cache=None), None
    assert torch.allclose(answers(anew.model, rows), before, atol=1e-6)
    whole = anew.whole(None)
    assert torch.equal(answers(whole, rows), before)
    assert list(whole.state_dict()) == names
    assert whole.config.num_hidden_layers == layers
    kept = Frozen(whole, learning, auto_class=auto_class, cache=tmp_path)
    kept.begin([rows])
    assert torch.allclose(answers(kept.model, rows), before, atol=HALF)
    assert torch.equal(answers(kept.whole(None), rows), before)


@pytest.mark.parametrize("kind", CONFIGS)
def test_only_what_learns_is_in_the_model_meanwhile(kind: str) -> None:
    model = made(kind)
    everything = sum(p.numel() for p in model.parameters())
    counts = []
    for learning in (0, 1, 2):
        frozen = Frozen(made(kind), learning, auto_class=SEQUENCE, cache=None)
        counts.append(sum(p.numel() for p in frozen.model.parameters()))
        assert all(p.requires_grad for p in frozen.model.parameters())
        assert set(frozen.model.state_dict()) == {name for name, _ in frozen.model.named_parameters()}
    assert counts == sorted(counts)
    assert 0 < counts[0] < counts[2] < everything
    assert all(p.requires_grad for p in frozen.whole(None).parameters())


@pytest.mark.parametrize("learning", [0, 1])
def test_gradients_are_those_of_the_plain_frozen_model(learning: int, tmp_path: Path) -> None:
    rows = batch()
    plain = made()
    for name, parameter in plain.named_parameters():
        parameter.requires_grad_(
            "embeddings" not in name and not any(f"layer.{at}." in name for at in range(3 - learning))
        )
    plain(**tensors(rows, torch.device("cpu"))).logits.square().sum().backward()
    wanted = {name: p.grad for name, p in plain.named_parameters() if p.grad is not None}
    for cache, close in ((None, 1e-5), (tmp_path, HALF)):
        frozen = Frozen(made(), learning, auto_class=SEQUENCE, cache=cache)
        frozen.begin([rows])
        frozen.model(**tensors(rows, torch.device("cpu"))).logits.square().sum().backward()
        whole = frozen.whole(None)
        found = {name: p.grad for name, p in whole.named_parameters() if p.grad is not None}
        assert found.keys() == wanted.keys()
        assert all(torch.allclose(found[name], wanted[name], atol=close) for name in wanted)


def test_no_dropout_falls_on_frozen_layers() -> None:
    rows = batch()
    frozen = Frozen(made(hidden_dropout_prob=0.5), 0, auto_class=SEQUENCE, cache=None)
    frozen.model.train()
    given = [torch.from_numpy(part) for part in rows.values()]
    assert torch.equal(*(frozen._trunk.computed(*given) for _ in range(2)))


@pytest.mark.parametrize("learning", [1, 2])
def test_layers_that_learn_can_be_packed(learning: int, tmp_path: Path) -> None:
    rows = batch()
    before = answers(made(), rows)
    for cache in (None, tmp_path):
        frozen = Frozen(made(), learning, auto_class=SEQUENCE, cache=cache)
        packing = Packing(frozen.model, auto_class=SEQUENCE)
        frozen.begin([rows])
        assert torch.allclose(answers(frozen.model, rows), before, atol=HALF)
        new = batch(seed=9)
        assert torch.allclose(answers(frozen.model, new), answers(made(), new), atol=1e-5)
        packing.remove()
        assert torch.allclose(answers(frozen.whole(None), rows), before, atol=1e-6)


# ---------------------------------------------------------------- computed once


def begun(
    cache: Path, *rows: dict[str, np.ndarray], learning: int = 1, model: Any = None
) -> tuple[Frozen, list[int], str]:
    """A frozen model that began, the texts its lowest layer computed, and what it said."""
    model = model or made()
    seen = forwards(model)
    frozen = Frozen(model, learning, auto_class=SEQUENCE, cache=cache)
    note = frozen.begin(rows)
    return frozen, seen, note


def test_a_second_run_finds_the_outputs_and_computes_none(tmp_path: Path) -> None:
    rows = batch()
    frozen, seen, note = begun(tmp_path, rows)
    assert sum(seen) == 4
    assert note.startswith("outputs of the 2 frozen layers for 4 texts: computed once in ")
    first = answers(frozen.model, rows)
    again, seen, note = begun(tmp_path, rows)
    assert note == "outputs of the 2 frozen layers for 4 texts: found"
    assert torch.equal(answers(again.model, rows), first)
    assert seen == []


def test_other_labels_orders_and_splits_find_them_too(tmp_path: Path) -> None:
    rows = batch()
    begun(tmp_path, rows | {"labels": np.asarray([0, 1, 0, 1])})
    turned = {name: part[::-1].copy() for name, part in rows.items()}
    halves = [{name: part[:2] for name, part in turned.items()}, {name: part[2:] for name, part in turned.items()}]
    labels = made(id2label={0: "x", 1: "y"}, label2id={"x": 0, "y": 1}, hidden_dropout_prob=0.3)
    _, seen, note = begun(tmp_path, *halves, model=labels)
    assert (seen, note.endswith("found")) == ([], True)


def other_texts(model: Any, rows: dict[str, np.ndarray]) -> None:
    rows["input_ids"][0, 0] += 1


def other_types(model: Any, rows: dict[str, np.ndarray]) -> None:
    rows["token_type_ids"][0, 0] = 1


def other_weights(model: Any, rows: dict[str, np.ndarray]) -> None:
    with torch.no_grad():
        model.bert.encoder.layer[0].output.dense.bias[0] += 1


@pytest.mark.parametrize("change", [other_texts, other_types, other_weights])
def test_other_texts_or_weights_do_not(tmp_path: Path, change: Any) -> None:
    begun(tmp_path, batch())
    model, rows = made(), batch()
    change(model, rows)
    _, seen, _ = begun(tmp_path, rows, model=model)
    assert sum(seen) == 4


def test_another_depth_does_not(tmp_path: Path) -> None:
    begun(tmp_path, batch(), learning=1)
    _, seen, _ = begun(tmp_path, batch(), learning=2)
    assert sum(seen) == 4


def test_new_texts_are_computed_beside_known_ones(tmp_path: Path) -> None:
    known, new = batch(), batch(seed=7)
    mixed = {name: np.concatenate([part[:2], new[name][:2]]) for name, part in known.items()}
    for learning in (0, 1):
        frozen, seen, _ = begun(tmp_path, known, learning=learning)
        seen.clear()
        assert torch.allclose(answers(frozen.model, mixed), answers(made(), mixed), atol=HALF)
        assert seen == [2]


def test_repeated_texts_are_kept_once(tmp_path: Path) -> None:
    rows = batch()
    twice = {name: np.concatenate([part, part]) for name, part in rows.items()}
    _, seen, note = begun(tmp_path, twice, rows)
    assert sum(seen) == 4
    assert "for 4 texts" in note


def test_a_head_that_reads_the_first_place_keeps_that_alone(tmp_path: Path) -> None:
    rows, shapes = batch(), []
    for auto_class in AUTO:
        frozen = Frozen(made(auto_class=auto_class), 0, auto_class=auto_class, cache=tmp_path / auto_class)
        frozen.begin([rows])
        (folder,) = (tmp_path / auto_class / FOLDER).iterdir()
        shapes.append(np.load(folder / OUTPUTS).shape)
        assert np.load(folder / OUTPUTS).dtype == np.float16
    assert shapes == [(4, 16), (24, 16)]


def test_stores_made_anew_hold_the_same_bytes(tmp_path: Path) -> None:
    rows = batch()
    found = []
    for name in ("one", "two"):
        begun(tmp_path / name, rows if name == "one" else {key: part[::-1].copy() for key, part in rows.items()})
        (folder,) = (tmp_path / name / FOLDER).iterdir()
        found.append([(folder / file).read_bytes() for file in (OUTPUTS, TEXTS)])
    assert found[0] == found[1]


# ---------------------------------------------------------------- what can go wrong


def torn(folder: Path) -> None:
    path = folder / OUTPUTS
    path.write_bytes(path.read_bytes()[:-10])


def flipped(folder: Path) -> None:
    data = bytearray((folder / OUTPUTS).read_bytes())
    data[-3] ^= 4
    (folder / OUTPUTS).write_bytes(bytes(data))


def without_texts(folder: Path) -> None:
    (folder / TEXTS).unlink()


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize("damage", [torn, flipped, without_texts, without_manifest])
def test_a_damaged_store_is_made_again(tmp_path: Path, damage: Any) -> None:
    rows = batch()
    frozen, _, _ = begun(tmp_path, rows)
    first = answers(frozen.model, rows)
    (folder,) = (tmp_path / FOLDER).iterdir()
    damage(folder)
    again, seen, note = begun(tmp_path, rows)
    assert sum(seen) == 4
    assert "computed once" in note
    assert torch.equal(answers(again.model, rows), first)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [folder.name]


def test_without_room_the_layers_run_each_time_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1000, 100, 900))
    rows = batch()
    frozen, _, note = begun(tmp_path, rows)
    assert note.startswith(
        "outputs of the frozen layers cannot be kept on disk (0 MB needed, 0 MB free): computed anew"
    )
    assert torch.allclose(answers(frozen.model, rows), answers(made(), rows), atol=1e-6)
    assert not list((tmp_path / FOLDER).iterdir())


def test_a_folder_that_refuses_is_no_end_of_the_run(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file stands where the folder should", encoding="utf-8")
    frozen, _, note = begun(tmp_path, batch())
    assert "cannot be kept on disk" in note
    assert torch.allclose(answers(frozen.model, batch()), answers(made(), batch()), atol=1e-6)


def test_outputs_too_large_for_half_precision_are_not_cut(tmp_path: Path) -> None:
    model = made()
    with torch.no_grad():
        model.bert.encoder.layer[1].output.LayerNorm.bias.fill_(1e5)
    before = answers(model, batch())
    frozen, _, note = begun(tmp_path, batch(), model=model)
    assert "cannot be kept on disk (too large for half precision)" in note
    assert not list((tmp_path / FOLDER).iterdir())
    assert torch.allclose(answers(frozen.model, batch()), before, atol=1e-4)


def test_a_kind_that_is_not_known_is_refused(tmp_path: Path) -> None:
    config = AutoConfig.for_model("gpt2", n_embd=16, n_layer=2, n_head=2, vocab_size=40, pad_token_id=0)
    config.bos_token_id = config.eos_token_id = 1
    model = AutoModelForSequenceClassification.from_config(config)
    with pytest.raises(ModelError, match=r"layers can be frozen: bert, (.|\n)*got gpt2(.|\n)*train.method=lora"):
        Frozen(model, 0, auto_class=SEQUENCE, cache=tmp_path)


def test_texts_are_told_apart_by_ids_and_types_alone() -> None:
    rows = batch()
    wide = {name: np.pad(part, ((0, 0), (0, 4))) for name, part in rows.items()}
    assert [text.digest for text in texts_of(rows)] == [text.digest for text in texts_of(wide)]
    assert len({text.digest for text in texts_of(rows)}) == 4
    plain = {name: rows[name] for name in ("input_ids", "attention_mask")}
    assert not {text.digest for text in texts_of(plain)} & {text.digest for text in texts_of(rows)}


def test_the_manifest_names_every_file(tmp_path: Path) -> None:
    begun(tmp_path, batch())
    (folder,) = (tmp_path / FOLDER).iterdir()
    sealed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(sealed) == {path.name for path in folder.iterdir()} - {"manifest.json"}
