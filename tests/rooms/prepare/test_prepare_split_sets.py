"""How rows with several labels, and rows with scores, are dealt out."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa

from tunesmith.rooms.prepare.split import label_counts
from tunesmith.rooms.prepare.split_deal import assign
from tunesmith.rooms.prepare.split_keys import keys

RANDOM = np.random.default_rng(2)


def written(folder: Path, column: str, values: list[object], kind: pa.DataType) -> Path:
    path = folder / "rows.arrow"
    texts = [f"text number {at}" for at in range(len(values))]
    batch = pa.record_batch({"text": texts, column: pa.array(values, kind)})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        # Two batches: what a row is filed under must not depend on how a file is cut.
        writer.write_batch(batch.slice(0, len(values) // 3))
        writer.write_batch(batch.slice(len(values) // 3))
    return path


def test_a_row_is_filed_under_its_rarest_label(tmp_path: Path) -> None:
    sets: list[object] = [["a"], ["a", "b"], ["b", "a"], [], ["c", "a"], None, ["a"]]
    _, labels = keys(written(tmp_path, "labels", sets, pa.list_(pa.string())), "labels")
    assert labels[1] == labels[2] and labels[3] == labels[5] and labels[0] == labels[6]
    assert len(set(labels.tolist())) == 4


def test_every_label_has_its_share_in_every_split(tmp_path: Path) -> None:
    shares = {"common": 0.5, "some": 0.2, "rare": 0.03}
    sets: list[object] = [[name for name, share in shares.items() if RANDOM.random() < share] for _ in range(3000)]
    texts, labels = keys(written(tmp_path, "labels", sets, pa.list_(pa.string())), "labels")
    side = assign(texts, labels, {"dev": 300, "test": 300}, seed=17)
    whole = Counter(name for one in sets for name in one)  # type: ignore[attr-defined]
    for place in (1, 2):
        held = Counter(name for one, at in zip(sets, side, strict=True) if at == place for name in one)  # type: ignore[attr-defined]
        # The rarest label's share is exact; that of one beside it varies by chance, less than in a plain draw.
        assert abs(held["rare"] - whole["rare"] / 10) <= 1
        assert all(abs(held[name] - whole[name] / 10) <= 0.15 * whole[name] / 10 + 3 for name in shares)


def test_scores_are_dealt_out_by_tenths(tmp_path: Path) -> None:
    scores = RANDOM.lognormal(3, 2, 1000)
    texts, labels = keys(written(tmp_path, "score", scores.tolist(), pa.float64()), "score")
    assert np.bincount(labels).tolist() == [100] * 10
    assert (np.diff(labels[np.argsort(scores)]) >= 0).all()
    side = assign(texts, labels, {"test": 100}, seed=17)
    assert np.bincount(labels[side == 1]).tolist() == [10] * 10


def test_scores_of_few_values_and_unknown_ones_have_their_places(tmp_path: Path) -> None:
    scores: list[object] = [1.0] * 50 + [2.0] * 50 + [None] * 3
    path = written(tmp_path, "score", scores, pa.float64())
    _, labels = keys(path, "score")
    assert len(set(labels[:50])) == len(set(labels[50:100])) == 1 and labels[0] != labels[99]
    assert label_counts(path, "score") == {"score": 100}
