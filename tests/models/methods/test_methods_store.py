"""The store by itself: order, left-overs of dead processes, and reading many texts at once."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tunesmith.models.methods import store
from tunesmith.models.methods.texts import Text

WIDTH = 3


def text(*ids: int) -> Text:
    return Text(ids=np.asarray(ids, np.int32), types=None)


def compute(texts: Sequence[Text]) -> list[Tensor]:
    """Each token's id, ``WIDTH`` times."""
    return [torch.from_numpy(one.ids).float()[:, None].repeat(1, WIDTH) for one in texts]


TEXTS = store.in_order([text(5, 6), text(7), text(1, 2, 3, 4), text(5, 6), text(8, 9)])


def test_each_text_once_longest_first_the_same_whatever_the_order() -> None:
    assert [len(one) for one in TEXTS] == [4, 2, 2, 1]
    assert store.in_order(reversed(TEXTS)) == TEXTS


def test_texts_are_read_by_content_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    found = store.made(tmp_path / "frozen" / "key", TEXTS, compute, hidden=WIDTH, first=False)
    outputs, counts = found.read([text(7).digest, text(1, 2, 3, 4).digest, text(7).digest])
    assert counts.tolist() == [1, 4, 1]
    assert outputs[:, 0].tolist() == [7, 1, 2, 3, 4, 7]
    assert (outputs.dtype, found.hidden) == (torch.float32, WIDTH)
    assert text(8, 9).digest in found
    assert text(9, 8).digest not in found


def test_many_texts_are_computed_in_several_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FILL_TOKENS", 4)
    passes: list[list[int]] = []

    def noted(texts: Sequence[Text]) -> list[Tensor]:
        passes.append([len(one) for one in texts])
        return compute(texts)

    store.made(tmp_path / "key", TEXTS, noted, hidden=WIDTH, first=False)
    assert passes == [[4], [2, 2], [1]]


def test_a_key_is_made_of_weights_shape_and_texts() -> None:
    weights = [torch.ones(2, 2), torch.zeros(3)]
    base = store.key(weights, "s", TEXTS)
    assert base == store.key([part.clone() for part in weights], "s", TEXTS)
    others = (
        store.key([torch.ones(2, 2), torch.full((3,), 1e-7)], "s", TEXTS),
        store.key(weights, "t", TEXTS),
        store.key(weights, "s", TEXTS[1:]),
    )
    assert len({base, *others}) == 4


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def broken(texts: Sequence[Text]) -> list[Tensor]:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        store.made(tmp_path / "key", TEXTS, broken, hidden=WIDTH, first=False)
    assert not list(tmp_path.iterdir())
    assert store.opened(tmp_path / "key") is None


def test_what_a_dead_process_left_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    dead, living, other = (tmp_path / name for name in (".key-dead", ".key-living", ".other-dead"))
    old = time.time() - 2 * store.STALE_SECONDS
    for folder in (dead, living, other):
        folder.mkdir()
        (folder / store.OUTPUTS).write_bytes(b"half")
    for folder in (dead, other):
        os.utime(folder / store.OUTPUTS, (old, old))
        os.utime(folder, (old, old))
    store.made(tmp_path / "key", TEXTS, compute, hidden=WIDTH, first=False)
    assert {path.name for path in tmp_path.iterdir()} == {"key", ".key-living", ".other-dead"}


def test_what_another_process_made_meanwhile_is_kept(tmp_path: Path) -> None:
    def overtaken(texts: Sequence[Text]) -> list[Tensor]:
        if not (tmp_path / "key").exists():
            store.made(tmp_path / "key", TEXTS, compute, hidden=WIDTH, first=False)
        return compute(texts)

    found = store.made(tmp_path / "key", TEXTS, overtaken, hidden=WIDTH, first=False)
    assert found.read([text(7).digest])[0].tolist() == [[7.0] * WIDTH]
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
